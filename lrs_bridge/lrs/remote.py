"""A record store on the other side of a network (xAPI 1.0.3 or 2.0.0), behind the port the flows speak to.

One delivery is decided here, trying again is not: what is ambiguous is answered as `later`, and the same ids are sent
again then. How a batch is taken apart stands in `lrs.batches`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from lrs_bridge.domain.delivery import Delivered, Posted, Refused, StatementPage, Unavailable
from lrs_bridge.lrs.batches import Batch
from lrs_bridge.lrs.endpoint import Answer, Endpoint
from lrs_bridge.lrs.formats import read_timestamp, write_timestamp
from lrs_bridge.lrs.waiting import retry_after

THROUGH_HEADER = "X-Experience-API-Consistent-Through"
DEFAULT_VERSION = "1.0.3"
NEWEST_VERSION = "2.0.0"
_ONLY_2_0 = ("contextAgents", "contextGroups")
_NOT_LET_IN = frozenset({401, 407})
_CANNOT_READ = frozenset({400, 415, 500})
_WAIT = frozenset({408, 425, 429})

Statement = Mapping[str, Any]


class RemoteRecordStore:
    """The store at an endpoint. `compress` sends gzip, for stores that were found to read it; `through`: whether its
    X-Experience-API-Consistent-Through can be relied on."""

    def __init__(self, endpoint: Endpoint, compress: bool = False, through: bool = True) -> None:
        self.endpoint = endpoint
        self._compress = compress
        self._through = through
        self._version: str | None = None

    def write(self, statements: Sequence[Statement]) -> Sequence[Delivered]:
        """See `flows.ports.RecordStore.write`."""
        if not statements:
            return []
        allowed, outcomes = self._speakable(statements)
        if allowed:
            outcomes |= Batch(self).deliver(allowed)
        return [outcomes[str(statement["id"])] for statement in statements]

    def read(self, since: datetime | None, more: str | None = None) -> StatementPage:
        """See `flows.ports.RecordStore.read`."""
        if more:
            answer = self.get(self.endpoint.same_origin(more))
        else:
            parameters = {"ascending": "true", "format": "exact"}
            if since is not None:
                parameters["since"] = write_timestamp(since)
            answer = self.get("statements", parameters)
        if answer.status != 200:
            raise Refused(self.endpoint.said("reading statements", answer))
        page = self._decoded(answer)
        if not isinstance(page, dict) or not isinstance(page.get("statements"), list):
            raise Unavailable(f"{self.endpoint.name} answered a page that is not a StatementResult.")
        return StatementPage(
            statements=page["statements"],
            more=page.get("more") or None,
            consistent_through=read_timestamp(answer.headers.get(THROUGH_HEADER)) if self._through else None,
        )

    def version(self) -> str:
        """The newest version that the store's /about names and we speak; 1.0.3 where it says nothing. Asked once."""
        if self._version is None:
            answer = self._able(self.endpoint.ask("GET", "about"), "saying which versions it speaks", or_broken=True)
            self._version = newest_of(versions_in(answer))
        return self._version

    def get(self, url: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """Read something. Raises Unavailable where the store cannot answer now, or does not know us."""
        answer = self.endpoint.ask("GET", url, self.version(), parameters)
        return self._able(answer, "reading", or_broken=True)

    def post(self, statements: Sequence[Statement]) -> Answer:
        """Send a batch. Raises Unavailable where all of the store is not to be had; a 500 may be about the batch."""
        body = orjson.dumps(statements, default=_as_kept)
        answer = self._post(body)
        if self._compress and answer.status in _CANNOT_READ:  # it was found to unpack bodies; it may have changed
            self._compress = False
            answer = self._post(body)
        return self._able(answer, "writing statements")

    def _post(self, body: bytes) -> Answer:
        return self.endpoint.ask("POST", "statements", self.version(), body=body, compress=self._compress)

    def kept(self, id_: str, by: str = "statementId") -> Statement | None:
        """What the store has under this id; `by` voidedStatementId where it is voided."""
        answer = self.get("statements", {by: id_, "format": "exact"})
        return statement_in(self._decoded(answer), id_) if answer.status == 200 else None

    def _speakable(self, statements: Sequence[Statement]) -> tuple[list[Statement], dict[str, Delivered]]:
        """A 1.0.3 store is never sent what only 2.0 knows: it would refuse it, or worse, drop it."""
        allowed: list[Statement] = []
        outcomes: dict[str, Delivered] = {}
        for statement in statements:
            too_new = _only_in_2_0(statement) if _may_be_new(statement) else []
            if too_new and self.version() != NEWEST_VERSION:
                reason = f"{self.endpoint.name} speaks xAPI 1.0.3, which does not know {' and '.join(too_new)}."
                outcomes[str(statement["id"])] = Delivered(str(statement["id"]), reason)
            else:
                allowed.append(statement)
        return allowed, outcomes

    def _able(self, answer: Answer, doing: str, or_broken: bool = False) -> Answer:
        """The answer of a store that can answer. Raises Unavailable where it says to wait, or does not let us in."""
        if answer.status > 500 or answer.status in _WAIT | _NOT_LET_IN or (or_broken and answer.status == 500):
            raise Unavailable(self.endpoint.said(doing, answer), retry_after(answer.headers))
        return answer

    def _decoded(self, answer: Answer) -> Any:
        """Python's own reader is let try what the strict one refuses: one statement with half a character or a number
        that no float holds must not keep a whole page from us."""
        try:
            return answer.json()
        except ValueError:
            pass
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Unavailable(f"{self.endpoint.name} answered something that is not JSON.") from error


def statement_in(found: Any, id_: str) -> Statement | None:
    """The statement with this id in what a store answered to being asked for it: Ralph answers with a page of one, or
    of none."""
    page = found.get("statements") if isinstance(found, dict) else None
    shown = page if isinstance(page, list) else [found]
    named = (one for one in shown if isinstance(one, dict) and str(one.get("id")).lower() == id_.lower())
    return next(named, None)


def versions_in(about: Answer) -> list[str]:
    """The versions that an answer of /about names; none where it is none."""
    try:
        found = about.json() if about.status == 200 else {}
    except ValueError:
        return []
    named = found.get("version") if isinstance(found, dict) else None
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def newest_of(versions: Sequence[str]) -> str:
    """The version we speak to a store that names these."""
    return NEWEST_VERSION if any(name.startswith("2.0") for name in versions) else DEFAULT_VERSION


def _as_kept(statement: Any) -> orjson.Fragment:
    """A statement of the outbox goes out as its text is kept."""
    if not isinstance(statement, Posted):
        raise TypeError(f"{type(statement)} is no JSON")
    return orjson.Fragment(statement.text)


def _may_be_new(statement: Statement) -> bool:
    """Whether it is worth looking inside."""
    return not isinstance(statement, Posted) or any(word in statement.text for word in (*_ONLY_2_0, '"version"'))


def _only_in_2_0(statement: Statement) -> list[str]:
    """What of a statement, or of the one inside it, 1.0.3 has no place for."""
    inner = statement.get("object")
    found = [name for name in _ONLY_2_0 if name in (statement.get("context") or ())]
    if str(statement.get("version", "")).startswith("2."):
        found.append(f"version {statement['version']}")
    if isinstance(inner, dict) and inner.get("objectType") == "SubStatement":
        found += [name for name in _only_in_2_0(inner) if name not in found]
    return found
