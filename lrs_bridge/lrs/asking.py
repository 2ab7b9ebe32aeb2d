"""The parameters of GET statements: read, checked, and written again as the link to the next page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import urlencode

import orjson

from lrs_bridge.lrs.actors import check_actor
from lrs_bridge.lrs.formats import is_iri, is_uuid, read_timestamp
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.store.statement_queries import StatementFilter
from lrs_bridge.store.statement_terms import Kind, agent_value

Format = Literal["exact", "ids", "canonical"]
LARGEST_PAGE = 500
CURSOR = "cursor"  # ours: it occurs only in the links that `more` gives out

_SINGLE = frozenset({"statementId", "voidedStatementId"})
_SHAPE = frozenset({"format", "attachments"})
_FILTERS = frozenset(
    {
        "agent",
        "verb",
        "activity",
        "registration",
        "related_activities",
        "related_agents",
        "since",
        "until",
        "limit",
        "ascending",
        CURSOR,
    }
)
_KNOWN = _SINGLE | _SHAPE | _FILTERS


@dataclass(frozen=True)
class Question:
    """What a GET asks for: one statement by id, voided or not, or a page."""

    statement_id: str | None
    voided: bool
    filter: StatementFilter
    limit: int
    format: Format
    attachments: bool


def read_question(parameters: Mapping[str, Sequence[str]]) -> Question:
    """Raises Invalid for an unknown, repeated, misplaced or ill-formed parameter (Communication 2.1.3, 3.2)."""
    given = _once_each(parameters, _KNOWN)
    _check_single(given)
    return Question(
        statement_id=_uuid(given, "statementId") or _uuid(given, "voidedStatementId"),
        voided="voidedStatementId" in given,
        filter=StatementFilter(
            terms=_terms(given),
            since=_time(given, "since"),
            until=_time(given, "until"),
            ascending=_flag(given, "ascending"),
            cursor=_number(given, CURSOR) if CURSOR in given else None,
        ),
        limit=min(_number(given, "limit") or LARGEST_PAGE, LARGEST_PAGE),
        format=_format(given),
        attachments=_flag(given, "attachments"),
    )


def read_statement_id(parameters: Mapping[str, Sequence[str]]) -> str:
    """The one parameter of PUT."""
    given = _once_each(parameters, frozenset({"statementId"}))
    found = _uuid(given, "statementId")
    if found is None:
        raise Invalid("statementId", "is missing")
    return found


def no_parameters(parameters: Mapping[str, Sequence[str]]) -> None:
    _once_each(parameters, frozenset())


def next_page(path: str, parameters: Mapping[str, Sequence[str]], last: int) -> str:
    """A relative IRL that continues after the statement at `last`."""
    same = {name: values[0] for name, values in parameters.items() if name != CURSOR}
    return f"{path}?{urlencode({**same, CURSOR: last})}"


def _once_each(parameters: Mapping[str, Sequence[str]], known: frozenset[str]) -> dict[str, str]:
    for name, values in parameters.items():
        if name not in known:
            raise Invalid(name, "is not a parameter of this request")
        if len(values) != 1:
            raise Invalid(name, "is given more than once")
    return {name: values[0] for name, values in parameters.items()}


def _check_single(given: Mapping[str, str]) -> None:
    single = _SINGLE & given.keys()
    if len(single) > 1:
        raise Invalid("statementId", "cannot be combined with voidedStatementId")
    if single and (others := _FILTERS & given.keys()):
        raise Invalid(min(single), f"cannot be combined with {', '.join(sorted(others))}")


def _terms(given: Mapping[str, str]) -> list[tuple[Kind, str]]:
    """The rarest kinds first: the first term's index entries are walked, the others are looked up."""
    terms: list[tuple[Kind, str]] = []
    broad_agents, broad_activities = _flag(given, "related_agents"), _flag(given, "related_activities")
    registration = _uuid(given, "registration")
    if registration is not None:
        terms.append(("registration", registration))
    if "agent" in given:
        terms.append(("related_agent" if broad_agents else "agent", _agent(given["agent"])))
    if "activity" in given:
        terms.append(("related_activity" if broad_activities else "activity", _iri(given, "activity")))
    if "verb" in given:
        terms.append(("verb", _iri(given, "verb")))
    return terms


def _agent(text: str) -> str:
    try:
        agent: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Invalid("agent", "must be an agent or identified group as JSON") from None
    check_actor(agent, "agent")
    value = agent_value(agent)
    if value is None:
        raise Invalid("agent", "an anonymous group cannot be searched for")
    return value


def _iri(given: Mapping[str, str], name: str) -> str:
    if not is_iri(given[name]):
        raise Invalid(name, "must be an absolute IRI")
    return given[name]


def _uuid(given: Mapping[str, str], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not is_uuid(value):
        raise Invalid(name, "must be a UUID")
    return value.lower()


def _time(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    # In a query a plus sign means a space; clients that forget to escape the one of an offset are many.
    moment = read_timestamp(given[name]) or read_timestamp(given[name].replace(" ", "+"))
    if moment is None:
        raise Invalid(name, "must be an ISO 8601 timestamp")
    return moment


def _flag(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "false")
    if value not in {"true", "false"}:
        raise Invalid(name, "must be true or false")
    return value == "true"


def _number(given: Mapping[str, str], name: str) -> int:
    value = given.get(name, "0")
    if not (value.isascii() and value.isdecimal()) or len(value) > 18:
        raise Invalid(name, "must be a whole number, zero or more")
    return int(value)


def _format(given: Mapping[str, str]) -> Format:
    value = given.get("format", "exact")
    if value not in {"exact", "ids", "canonical"}:
        raise Invalid("format", "must be exact, ids or canonical")
    return cast(Format, value)
