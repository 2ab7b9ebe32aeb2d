"""A statement, whoever sent it, read for what it says about a journey.

Works on plain JSON as `loads` gives it and never through tincan, which would change or refuse what others send.

Strict where a mistake would put evidence in the wrong place: who, what, when, about which enrolment. There a wrong
value raises `Unreadable`. Lenient everywhere else: a value of the wrong type is as good as absent (a raw score that
is a string, behaviours that are no list, a registered extension with a text in it), and of a list or map only the
elements that fit are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from types import MappingProxyType
from typing import Any

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.xapi.names import CMI5, KINDS, Place, extension, place
from lrs_bridge.xapi.values import RESULT_EXTENSIONS, boolean, number, text

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NOWHERE = Place()
_ABSENT: dict[str, Any] = {}


class Unreadable(Exception):
    """A statement that cannot be read: `where` is the path of the property, `why` one sentence."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


def read(statement: Mapping[str, Any], home_page: str) -> Fact:
    """The fact a statement states.

    `home_page` is the run's: its accounts become bare account names, all other agents keys (`agent_key`).
    A verb outside the profile gives `Kind.OTHER`. A missing timestamp is the time of storing; times without a zone
    are UTC. The registration of a cmi5 statement is that of the LMS which launched the content (cmi5 8.1.4, 9.6.1),
    so here it is as good as none. Raises Unreadable, and nothing else, for anything a JSON decoder can return.
    """
    if not isinstance(statement, dict):
        raise Unreadable("statement", "is not an object")
    statement_id = _text(statement.get("id"), "id")
    actor = agent_key(statement.get("actor"), home_page)
    verb = _text(_needed(statement, "verb").get("id"), "verb.id")
    stored = _time(statement, "stored")
    at = _time(statement, "timestamp") or stored
    if at is None:
        raise Unreadable("timestamp", "is missing, and so is stored")
    activity, target, where = _object(_needed(statement, "object"))
    context = _part(statement.get("context"), "context")
    extensions = _part(context.get("extensions"), "context.extensions")
    result = _part(statement.get("result"), "result")
    activities = context.get("contextActivities")
    registration = context.get("registration")
    if registration is not None:
        registration = _text(registration, "context.registration").lower()
    if CMI5 in _ids(activities, "category"):
        registration = None
    return Fact(
        id=statement_id.lower(),
        kind=KINDS.get(verb, Kind.OTHER),
        at=at,
        actor=actor,
        verb=verb,
        activity=activity,
        registration=registration,
        step=text(extensions.get(_STEP)) or where.step,
        moment=where.moment,
        personal_moment=where.personal_moment,
        capability=where.capability,
        role=text(extensions.get(_ROLE)),
        counterpart=text(extensions.get(_WITH)),
        target=target,
        completion=boolean(result.get("completion")),
        score=_score(result.get("score")),
        stored=stored,
        recorded=moment(extensions.get(_RECORDED)) or stored,
        run=where.run or _run(activities),
        data=data_of(result.get("extensions")),
    )


def agent_key(agent: Any, home_page: str) -> str:
    """An agent or group as one text, spelled as the people file's identities are.

    The account name for an account under `home_page`, else `account|<home>|<name>`, `mbox|mailto:...`,
    `mbox_sha1sum|...` or `openid|...`; a group without identifier is `group|` and its members' keys, sorted, by
    comma. Addresses come out in lower case, since one system writes Petra@ and the next one petra@. Raises Unreadable.
    """
    if not isinstance(agent, dict):
        raise Unreadable("actor", "is missing or not an object")
    account = agent.get("account")
    if account is not None:
        account = _part(account, "actor.account")
        home = _text(account.get("homePage"), "actor.account.homePage")
        name = _text(account.get("name"), "actor.account.name")
        return name if home == home_page else f"account|{home}|{name}"
    for way in ("mbox", "mbox_sha1sum", "openid"):
        if way in agent:
            name = _text(agent[way], "actor")
            return f"{way}|{name.lower() if way == 'mbox' else name}"
    members = agent.get("member")
    if agent.get("objectType") != "Group" or not isinstance(members, list) or not members:
        raise Unreadable("actor", "has none of account, mbox, mbox_sha1sum, openid, and is no group with members")
    if any(isinstance(member, dict) and "member" in member for member in members):
        raise Unreadable("actor.member", "is a group inside a group")  # xAPI 1.0.3, 4.2.2.2 rules it out
    return "group|" + ",".join(sorted(agent_key(member, home_page) for member in members))


def _needed(statement: Mapping[str, Any], key: str) -> dict[str, Any]:
    if statement.get(key) is None:
        raise Unreadable(key, "is missing")
    return _part(statement[key], key)


def _part(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if value is None:
        return _ABSENT
    raise Unreadable(where, "is not an object")


def _text(value: Any, where: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise Unreadable(where, "is missing" if value is None else "is not a text with something in it")


def _time(statement: Mapping[str, Any], key: str) -> datetime | None:
    value = statement.get(key)
    if value is None:
        return None
    found = moment(value)
    if found is None:
        raise Unreadable(key, f"{value[:40]!r} is not a time" if isinstance(value, str) else "is not a text")
    return found


def moment(value: Any) -> datetime | None:
    """A time as xAPI writes it, in UTC; None for what is none, and for years 1 and 9999, where no zone has a day."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not MINYEAR < found.year < MAXYEAR:
        return None
    if found.tzinfo is UTC:
        return found
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _object(thing: Mapping[str, Any]) -> tuple[str | None, str | None, Place]:
    """Its activity, the statement it refers to, and what the activity is; all empty for people and sub-statements."""
    sort = thing.get("objectType", "Activity")
    if sort == "Activity":
        iri = _text(thing.get("id"), "object.id")
        return iri, None, place(iri)
    if sort == "StatementRef":
        return None, _text(thing.get("id"), "object.id").lower(), _NOWHERE
    if sort in ("Agent", "Group", "SubStatement"):
        return None, None, _NOWHERE
    raise Unreadable("object.objectType", "is none of the specification's")


def _run(activities: Any) -> str | None:
    """The run among the groupings."""
    return next((run for iri in _ids(activities, "grouping") if (run := place(iri).run) is not None), None)


def _ids(activities: Any, sort: str) -> list[str]:
    """IRIs of the context activities of one sort, an array or (from others, before xAPI 1.0.3) a lone activity."""
    found = activities.get(sort) if isinstance(activities, dict) else None
    ids = (one.get("id") for one in (found if isinstance(found, list) else (found,)) if isinstance(one, dict))
    return [iri for iri in ids if isinstance(iri, str)]


def _score(value: Any) -> Score | None:
    if not isinstance(value, dict):
        return None
    raw = number(value.get("raw"))
    return None if raw is None else Score(raw, number(value.get("min")), number(value.get("max")))


_STEP, _ROLE, _WITH, _RECORDED = (extension(name) for name in ("step", "role", "with", "recorded"))


def data_of(extensions: Any) -> Mapping[str, Any]:
    """The result extensions of the profile by their short names, of each what fits."""
    if not isinstance(extensions, dict):
        return _NOTHING
    data = {}
    for iri, value in extensions.items():
        known = RESULT_EXTENSIONS.get(iri)
        if known is not None:
            kept = known[1](value)
            if kept is not None:
                data[known[0]] = kept
    return data
