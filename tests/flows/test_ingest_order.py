"""Any order and any repetition of pages, with voids among them, gives the same facts and the same counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from lrs_bridge.domain.delivery import StatementPage
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import settle
from lrs_bridge.flows.ingest import Source, ingest
from lrs_bridge.store.arrivals import ArrivalCount
from lrs_bridge.store.cursors import Cursor
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.unreadable import UnreadableStatement
from lrs_bridge.xapi.reading import Unreadable, read
from tests.flows.elsewhere import PETRA, look_for_it, ours, passed, void
from tests.flows.reading import Reading
from tests.flows.world import World

NUMBERS = st.integers(0, 7)
SHAPES = st.sampled_from(["ours", "void", "elsewhere", "void", "stranger", "nothing", "unreadable"])


@dataclass
class Pages:
    """A store that shows these pages one after the other, some in one pass and some in the next."""

    pages: list[list[Any]]

    def read(self, since: Any, more: str | None = None) -> StatementPage:
        page = self.pages.pop(0)
        return StatementPage(page, str(len(self.pages)) if len(self.pages) % 3 else None, None)


def statement(world: World, number: int, shape: str, target: int) -> dict[str, Any]:
    """One of a few statements; the number is its id, so that voids meet their targets, and its own."""
    id_ = str(UUID(int=number + 1))
    more = {"id": id_, "stored": f"2026-03-26T09:00:0{number}Z"}
    if shape == "ours":
        return {**ours(world, Kind.COMMENTED, step="S19"), **more}
    if shape == "void":
        return {**void(str(UUID(int=target + 1))), **more}
    if shape == "unreadable":
        return {**more, "verb": "none"}
    activity = {"object": {"id": "https://content.example/else"}} if shape == "nothing" else {}
    return passed(PETRA if shape != "stranger" else {"mbox": "mailto:x@example.org"}, **more, **activity)


@pytest.fixture
def reading(world: World) -> Reading:
    look_for_it(world)
    return Reading(world)


@given(
    shapes=st.lists(st.tuples(SHAPES, NUMBERS), min_size=1, max_size=8),
    order=st.permutations(range(8)),
    pages=st.lists(st.lists(NUMBERS, max_size=4), max_size=8),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_facts_are_those_that_stand_in_the_end(
    world: World, reading: Reading, shapes: list[tuple[str, int]], order: list[int], pages: list[list[int]]
) -> None:
    """As `settle` has it of all of them at once: each once, nothing voided."""
    made = [statement(world, number, *shape) for number, shape in enumerate(shapes)]
    pages = [*pages, *([number] for number in order)]
    shown = [[made[number] for number in page if number < len(made)] for page in pages]
    _forget(world)
    _read(world, [page for page in shown if page])
    expected = settle((fact for one in made if (fact := _fact(world, one)) is not None), world.clock())
    found = {fact.id for fact in _standing(world)}
    assert found == {fact.id for fact in expected if fact.registration or fact.activity == passed()["object"]["id"]}
    first = reading.counted
    _read(world, [made, made])
    assert reading.counted == first
    assert first.taken == _kept(world)
    assert first.unreadable == sum(shape == "unreadable" for shape, _ in shapes)


def _read(world: World, pages: list[list[Any]]) -> None:
    store = Pages(pages)
    while store.pages:
        world.clock.on(seconds=1)
        ingest(world.sessions, world.tenant, Source("shuffled", store), world.clock, 0.5)


def _fact(world: World, one: dict[str, Any]) -> Any:
    try:
        return read(one, world.tenant.iri_base)
    except Unreadable:
        return None


def _standing(world: World) -> list[FactRow]:
    with world.sessions.read() as session:
        rows = session.query(FactRow).filter_by(voided=False).filter(FactRow.kind != str(Kind.VOIDED))
        return [row for row in rows if row.kind != str(Kind.REGISTERED)]


def _kept(world: World) -> int:
    with world.sessions.read() as session:
        return session.query(FactRow).filter(FactRow.kind != str(Kind.REGISTERED)).count()


def _forget(world: World) -> None:
    with world.sessions.write() as session:
        for table in (FactRow, Cursor, ArrivalCount, UnreadableStatement):
            session.execute(delete(table))
