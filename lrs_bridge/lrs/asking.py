"""The parameters of GET statements: read, checked, and written again as the link to the next page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlencode

from lrs_bridge.lrs.actors import check_actor
from lrs_bridge.lrs.parameters import once_each, read_iri, read_json, read_time, read_uuid
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
    given = once_each(parameters, _KNOWN)
    _check_single(given)
    return Question(
        statement_id=read_uuid(given, "statementId") or read_uuid(given, "voidedStatementId"),
        voided="voidedStatementId" in given,
        filter=StatementFilter(
            terms=_terms(given),
            since=read_time(given, "since"),
            until=read_time(given, "until"),
            ascending=_flag(given, "ascending"),
            cursor=_number(given, CURSOR) if CURSOR in given else None,
        ),
        limit=min(_number(given, "limit") or LARGEST_PAGE, LARGEST_PAGE),
        format=_format(given),
        attachments=_flag(given, "attachments"),
    )


def read_statement_id(parameters: Mapping[str, Sequence[str]]) -> str:
    """The one parameter of PUT."""
    given = once_each(parameters, frozenset({"statementId"}))
    found = read_uuid(given, "statementId")
    if found is None:
        raise Invalid("statementId", "is missing")
    return found


def no_parameters(parameters: Mapping[str, Sequence[str]]) -> None:
    once_each(parameters, frozenset())


def next_page(path: str, parameters: Mapping[str, Sequence[str]], last: int) -> str:
    """A relative IRL that continues after the statement at `last`."""
    same = {name: values[0] for name, values in parameters.items() if name != CURSOR}
    return f"{path}?{urlencode({**same, CURSOR: last})}"


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
    registration = read_uuid(given, "registration")
    if registration is not None:
        terms.append(("registration", registration))
    if "agent" in given:
        terms.append(("related_agent" if broad_agents else "agent", _agent(given)))
    if "activity" in given:
        terms.append(("related_activity" if broad_activities else "activity", read_iri(given, "activity")))
    if "verb" in given:
        terms.append(("verb", read_iri(given, "verb")))
    return terms


def _agent(given: Mapping[str, str]) -> str:
    agent = read_json(given, "agent")
    check_actor(agent, "agent")
    value = agent_value(agent)
    if value is None:
        raise Invalid("agent", "an anonymous group cannot be searched for")
    return value


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
