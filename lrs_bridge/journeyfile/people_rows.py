"""The people file for administering a run: what it says of relations and roles, row by row, and a run written as one.

`people` reads the same file for evaluators. Here every row keeps its line, so that what does not fit the run can be
named with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from lrs_bridge.domain.people import Cohort, Person, Relation, Role
from lrs_bridge.domain.relating import GIVEN
from lrs_bridge.journeyfile.leaders import LeaderRow, LineProblem
from lrs_bridge.journeyfile.marks import Listing, Node, Scalar, Table, read_tree
from lrs_bridge.journeyfile.people import load_people
from lrs_bridge.journeyfile.problems import JourneyFileError

_RELATIONS = {"managers": Role.MANAGER, "coaches": Role.COACH, "sponsors": Role.SPONSOR}


@dataclass(frozen=True)
class PeopleRows:
    """What a people file says. People are named by account; rows without a participant are roles in the whole run."""

    run_id: str
    home_page: str
    rows: tuple[LeaderRow, ...]


def read_people_rows(text: str) -> tuple[PeopleRows | None, list[LineProblem]]:
    """The rows, or every problem with its line. Never raises."""
    try:
        cohort = load_people(text, "")
    except JourneyFileError as error:
        return None, [
            LineProblem(one.line, f"{one.key}: {one.message}" if one.key else one.message) for one in error.problems
        ]
    tree, _ = read_tree(text, "")
    rows = [row for person in _listed(tree, "people") for row in _rows_of(person)]
    related = {(row.leader, row.role) for row in rows if row.participant}
    kept = [row for row in rows if row.participant or (row.leader, row.role) not in related]
    return PeopleRows(cohort.run.id, cohort.home_page, tuple(dict.fromkeys(kept))), []


def _rows_of(person: Table) -> Iterator[LeaderRow]:
    account, word = _text(person, "account"), _text(person, "role")
    if word in GIVEN:
        yield LeaderRow(person.line, "", account, Role(word), None, None, dated=False)
    for key, role in _RELATIONS.items():
        for one in _listed(person, key):
            leader, start, end = _text(one, "account"), _day(_text(one, "from")), _day(_text(one, "to"))
            yield LeaderRow(one.line, account, leader, role, start, end)


def _listed(table: Node, key: str) -> Iterator[Table]:
    entry = table.entries.get(key) if isinstance(table, Table) else None
    if entry is not None and isinstance(entry.node, Listing):
        yield from (item for item in entry.node.items if isinstance(item, Table))


def _text(table: Table, key: str) -> str:
    entry = table.entries.get(key)
    node = entry.node if entry else None
    return node.text.strip() if isinstance(node, Scalar) and node.value is not None else ""


def _day(word: str) -> date | None:
    return date.fromisoformat(word) if word else None


def write_people(cohort: Cohort) -> str:
    """The people file of a run: read back, it is the same cohort, each person's rows one after another."""
    run = cohort.run
    content = {
        "run": {
            "id": run.id,
            "journey": run.journey,
            "version": run.version,
            "day_zero": run.day_zero,
            "time_zone": run.time_zone,
        },
        "home_page": cohort.home_page,
        "people": [row for person in cohort.people for row in _written(person, cohort.home_page)],
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


def _written(person: Person, home_page: str) -> Iterator[dict[str, Any]]:
    row: dict[str, Any] = {"account": person.account, "role": str(person.role)}
    told = {
        "registration": person.registration,
        "enrolled": person.enrolled,
        "withdrawn": person.withdrawn,
        "day_zero": person.day_zero,
        "area": person.area,
        "managers": [_relation(one) for one in person.managers],
        "coaches": [_relation(one) for one in person.coaches],
        "sponsors": [_relation(one) for one in person.sponsors],
        "identities": [_identity(key, home_page) for key in person.identities],
    }
    yield row | {key: value for key, value in told.items() if value}
    for role in sorted(person.also - {person.role}):
        yield {"account": person.account, "role": str(role)}


def _relation(relation: Relation) -> dict[str, Any]:
    days = {"from": relation.start, "to": relation.end}
    return {"account": relation.account, **{key: value for key, value in days.items() if value}}


def _identity(key: str, home_page: str) -> dict[str, str]:
    """An agent key, as `xapi.reading` spells it, in the file's words."""
    kind, bar, rest = key.partition("|")
    if not bar:
        return {"homePage": home_page, "name": key}
    if kind == "account":
        home, _, name = rest.partition("|")
        return {"homePage": home, "name": name}
    return {kind: rest}
