"""The three document resources: which document a request speaks of, on what conditions, and what becomes of it.

xAPI 1.0.3, Communication 2.2, 2.3, 2.6, 2.7 and 3.1; xAPI 2.0.0 (IEEE 9274.1.1), 4.1.4, 4.1.6.2, 4.1.6.5 and 4.1.6.6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from lrs_bridge.lrs.actors import check_actor, check_agent, identifier
from lrs_bridge.lrs.formats import is_media_type
from lrs_bridge.lrs.parameters import once_each, read_iri, read_json, read_text, read_time, read_uuid
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.store import documents as table
from lrs_bridge.store.engine import Sessions

JSON = "application/json"
_UNNAMED = "application/octet-stream"
ANY = frozenset({"*"})
OTHER_STATE = "If-Match names another state of the document than the one that is here"


class PreconditionFailed(Exception):
    """If-Match or If-None-Match does not hold of the document as it is."""


class Unguarded(Exception):
    """A PUT would replace a document without saying which state of it."""


@dataclass(frozen=True)
class Resource:
    """`id` is the parameter that names a single document. `about`: what a document belongs to."""

    kind: table.Kind
    id: str
    about: tuple[str, ...]
    registered: bool = False

    @property
    def shared(self) -> bool:
        """Profiles are written by many, so 1.0.3 wants every PUT to say what it expects to find; states are not."""
        return not self.registered


STATE = Resource("activities/state", "stateId", ("activityId", "agent"), registered=True)
ACTIVITY_PROFILE = Resource("activities/profile", "profileId", ("activityId",))
AGENT_PROFILE = Resource("agents/profile", "profileId", ("agent",))
RESOURCES = (STATE, ACTIVITY_PROFILE, AGENT_PROFILE)


@dataclass(frozen=True)
class Address:
    """What a request speaks of: one document, or with `id` None those on the shelf."""

    shelf: table.Shelf
    registration: str | None
    id: str | None
    since: datetime | None = None


@dataclass(frozen=True)
class Conditions:
    """The ETags of If-Match and If-None-Match, `ANY` for an asterisk; None where the header is absent."""

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return self.match is not None or self.none_match is not None


def read_address(
    resource: Resource,
    tenant_id: str,
    parameters: Mapping[str, Sequence[str]],
    version: str,
    *,
    single: bool = False,
    listing: bool = False,
) -> Address:
    """`single`: the id has to be there. `listing`: the request reads, so `since` is allowed where no id is.

    Raises Invalid. In 1.0.3 `agent` is an agent, in 2.0.0 it may be an identified group (4.1.6.2, 4.1.6.5).
    """
    known = {*resource.about, resource.id} | ({"registration"} if resource.registered else set())
    if listing and resource.id not in parameters:
        known.add("since")
    given = once_each(parameters, frozenset(known))
    for name in (*resource.about, resource.id) if single else resource.about:
        if name not in given:
            raise Invalid(name, "is missing")
    shelf = table.Shelf(
        tenant_id,
        resource.kind,
        read_iri(given, "activityId") if "activityId" in given else None,
        _read_agent(given, groups=not version.startswith("1.")) if "agent" in given else None,
    )
    id_ = read_text(given, resource.id) if resource.id in given else None
    return Address(shelf, read_uuid(given, "registration"), id_, read_time(given, "since"))


def _read_agent(given: Mapping[str, str], groups: bool) -> str:
    """What identifies the agent, in one spelling."""
    agent = read_json(given, "agent")
    (check_actor if groups else check_agent)(agent, "agent")
    identity = identifier(agent)
    if identity is None:
        raise Invalid("agent", "an anonymous group has no documents")
    return orjson.dumps(identity, option=orjson.OPT_SORT_KEYS).decode()


def check_type(content_type: str) -> str:
    """The content type to keep: it becomes a header again, so it has to be able to. Raises Invalid."""
    if not content_type:
        return _UNNAMED
    if not (is_media_type(content_type) and content_type.isascii() and content_type.isprintable()):
        raise Invalid("Content-Type", "must be a media type such as application/json")
    return content_type


def get(sessions: Sessions, address: Address) -> table.Document | None:
    with sessions.read() as session:
        return table.find(session, address.shelf, address.registration, _named(address))


def ids(sessions: Sessions, address: Address) -> tuple[Sequence[str], datetime | None]:
    """The ids, and when the newest of their documents was changed."""
    with sessions.read() as session:
        return table.ids(session, address.shelf, address.registration, address.since)


def put(
    sessions: Sessions,
    resource: Resource,
    address: Address,
    sent: tuple[str, bytes],
    conditions: Conditions,
    version: str,
    clock: Callable[[], datetime],
) -> None:
    """Store or replace by content type and content. Raises Invalid, PreconditionFailed, Unguarded: nothing changes."""
    if _is_json(sent[0]):
        _parse(sent[1])
    with sessions.write() as session:
        table.lock(session, address.shelf)
        kept = table.find(session, address.shelf, address.registration, _named(address))
        _check(conditions, kept)
        if not conditions:
            _check_unguarded(resource, kept, version)
        table.put(session, address.shelf, address.registration, _named(address), *sent, clock())


def post(
    sessions: Sessions, address: Address, sent: tuple[str, bytes], conditions: Conditions, clock: Callable[[], datetime]
) -> None:
    """Store, or merge into what is there. Raises Invalid or PreconditionFailed: nothing changes."""
    if _is_json(sent[0]):
        _parse_object(sent[1])
    with sessions.write() as session:
        table.lock(session, address.shelf)
        kept = table.find(session, address.shelf, address.registration, _named(address))
        _check(conditions, kept)
        type_, content = sent if kept is None else _merge(kept, *sent)
        table.put(session, address.shelf, address.registration, _named(address), type_, content, clock())


def delete(sessions: Sessions, address: Address, conditions: Conditions) -> None:
    """One document, or those of the registration or shelf. One that is not there is as good as deleted."""
    if address.id is None and conditions:
        raise Invalid("If-Match", "speaks of one document: name it")
    with sessions.write() as session:
        table.lock(session, address.shelf)
        if address.id is None:
            table.remove_all(session, address.shelf, address.registration)
            return
        if conditions:
            _check(conditions, table.find(session, address.shelf, address.registration, address.id))
        table.remove(session, address.shelf, address.registration, address.id)


def _named(address: Address) -> str:
    if address.id is None:
        raise ValueError("this address is that of a shelf")
    return address.id


def _check(conditions: Conditions, kept: table.Document | None) -> None:
    """RFC 2616, 14.24 and 14.26."""
    if conditions.match is not None and not _is_among(kept, conditions.match):
        raise PreconditionFailed(OTHER_STATE)
    if conditions.none_match is not None and _is_among(kept, conditions.none_match):
        raise PreconditionFailed("If-None-Match names the state of the document that is here")


def _is_among(kept: table.Document | None, etags: frozenset[str]) -> bool:
    return kept is not None and (etags == ANY or kept.etag in etags)


def _check_unguarded(resource: Resource, kept: table.Document | None, version: str) -> None:
    """A PUT without conditions. 1.0.3 (3.1) refuses it to profiles alone, and the ADL suite wants it refused where
    there is none yet; 2.0.0 (4.1.4) refuses it to all three, but only where it would replace one.
    """
    first_version = version.startswith("1.")
    if first_version and not resource.shared:
        return
    if kept is not None:
        raise Unguarded("there is a document already: get it, and send If-Match with its ETag to replace it")
    if first_version:
        raise Invalid("If-None-Match", "is missing: send * to store a document that is not here yet")


def _merge(kept: table.Document, content_type: str, content: bytes) -> tuple[str, bytes]:
    """Top-level properties are replaced as wholes (Communication 2.2)."""
    if not (_is_json(content_type) and _is_json(kept.content_type)):
        raise Invalid("Content-Type", f"both documents have to be {JSON} to be merged")
    try:
        return kept.content_type, orjson.dumps({**_parse_object(kept.content), **_parse_object(content)})
    except orjson.JSONEncodeError:  # it reads a thousand levels and writes a quarter of that
        raise Invalid("document", "is nested too deeply to be merged") from None


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == JSON


def _parse(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as problem:
        raise Invalid("document", f"is not JSON: {problem}") from None


def _parse_object(content: bytes) -> dict[str, Any]:
    value = _parse(content)
    if not isinstance(value, dict):
        raise Invalid("document", "must be a JSON object to be merged")
    return value
