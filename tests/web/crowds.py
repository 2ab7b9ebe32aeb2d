"""A run with a crowd in it: people in areas who apply, are confirmed and answer, in a few words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

from openpyxl import load_workbook

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.flows.publishing import publish_ended
from lrs_bridge.store import enrolments, facts, people, results, runs
from lrs_bridge.store.enrolments import Enrolment
from tests.flows.world import ISSUER
from tests.personas import House, Page, Tab

Line = tuple[str, str, str, str]
DEMO = {"north": 11, "south": 9, "west": 4}
"""The areas of the demonstration, the personas aside."""
_VERB = "http://adlnet.gov/expapi/verbs/answered"


def crowd(house: House, **areas: int) -> list[Enrolment]:
    """So many people in each area. The personas leave the run, so that there is nobody else in it."""
    world = house.world
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        for row in enrolments.enrolments(session, world.tenant.id, run.id):
            row.withdrawn = datetime(2026, 2, 20, tzinfo=UTC).date()
        found = []
        for area, size in areas.items():
            for number in range(size):
                key = f"{area}-{number}"
                person = people.ensure_person(session, world.tenant.id, ISSUER, key, world.clock(), name=f"Name {key}")
                row, _ = enrol(session, run, person, datetime(2026, 2, 25, 9, tzinfo=UTC))
                row.area = area
                found.append(row)
    keep(house, [])
    return found


def keep(house: House, new: Sequence[Fact]) -> None:
    """Facts as they are read, with whom they are about to be computed anew."""
    world = house.world
    with house.bridge.sessions.write() as session:
        facts.add(session, world.tenant.id, list(new))
        rows = enrolments.enrolments(session, world.tenant.id, world.run.id)
        for subject in {fact.registration or world.run.id for fact in new} | {row.id for row in rows if not new}:
            results.mark_due(session, world.tenant.id, world.run.id, subject, world.clock())


def confirmed(house: House, row: Enrolment, result: int, moments: int = 1) -> list[Fact]:
    """So many different moments of theirs with this result, each confirmed by a manager."""
    return [fact for number in range(1, moments + 1) for fact in _one(house, row, result, f"M{number}")]


def _one(house: House, row: Enrolment, result: int, moment_id: str) -> list[Fact]:
    at = house.bridge.clock() - timedelta(hours=2)
    moment = Fact(
        str(uuid4()),
        Kind.APPLIED,
        at,
        row.person.account,
        "https://w3id.org/xapi/x/applied",
        registration=row.id,
        step="S13",
        moment=moment_id,
        role="participant",
        score=Score(result, 0, 4),
        stored=at,
        data={"behaviours": ["B1"]},
    )
    word = Fact(
        str(uuid4()),
        Kind.VERIFIED,
        at + timedelta(hours=1),
        house.people["mark"].account,
        "https://w3id.org/xapi/x/verified",
        registration=row.id,
        target=moment.id,
        role="manager",
    )
    return [moment, word]


def surveyed(
    house: House, row: Enrolment, points: int, helped: Iterable[str] = (), hindered: Iterable[str] = ()
) -> Fact:
    """An answer to the success case survey."""
    said = {**dict.fromkeys(helped, "helped"), **dict.fromkeys(hindered, "hindered")}
    moments = [moment.id for moment in house.world.run.journey.moments]
    data: Mapping[str, Any] = {"answers": dict.fromkeys(moments, points), "factors": said}
    at = house.bridge.clock() - timedelta(minutes=1)
    return Fact(str(uuid4()), Kind.ANSWERED, at, row.person.account, _VERB, registration=row.id, step="S24", data=data)


def reacted(house: House, recommend: int, **points: int) -> Fact:
    """An answer to the anonymous survey of the kick-off, which nobody stands behind."""
    at = house.bridge.clock() - timedelta(minutes=1)
    data = {"answers": {"recommend": recommend, **points}}
    return Fact(str(uuid4()), Kind.ANSWERED, at, str(uuid4()), _VERB, run=house.world.run.id, step="S11", data=data)


def end(house: House) -> None:
    """The run is over, and its last totals are out."""
    house.world.clock.on(days=200)
    publish_ended(house.bridge.sessions, house.world.tenant.id, house.bridge.clock())
    house.evaluate()
    house.evaluate()


def csv_of(tab: Tab) -> list[Line]:
    page = tab.open("results.csv")
    assert page.status == 200
    head, *lines = csv.reader(StringIO(page.answer.get_data().decode("utf-8-sig")))
    assert head == ["table", "row", "column", "value"]
    return [(table, row, column, value) for table, row, column, value in lines]


def excel_of(tab: Tab) -> dict[str, list[list[Any]]]:
    """By the name of the sheet, its rows."""
    page = tab.open("results.xlsx")
    assert page.status == 200
    book = load_workbook(BytesIO(page.answer.get_data()))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def told(lines: Iterable[Line], table: str) -> dict[tuple[str, str], str]:
    """Of one table: by row and column what is in the cell."""
    return {(row, column): value for one, row, column, value in lines if one == table}


def cells_of(page: Page) -> list[tuple[str, str]]:
    """Column and text of every cell of every table on the page but the first, which names the row."""
    found = []
    for part in page.html.split("<td ")[1:]:
        head, _, rest = part.partition(">")
        if 'data-label="' in head:
            label = head.split('data-label="')[1].split('"')[0]
            found.append((unescape(label), " ".join(unescape(re.sub(r"<[^>]+>", " ", rest.split("</td>")[0])).split())))
    return found
