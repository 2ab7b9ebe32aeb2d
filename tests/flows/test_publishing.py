"""What comes out of a run's answers, when, and that pages and exports of one moment tell the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.publications import Publication, Rule
from lrs_bridge.flows.evaluate import GROUPS_WAIT, evaluate_due
from lrs_bridge.flows.launch import enrol
from lrs_bridge.flows.publishing import publish_ended
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import facts, people, publications, results, runs
from lrs_bridge.store.enrolments import Enrolment
from tests.flows.world import ISSUER, World
from tests.plugins import installed

ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
AFTER = timedelta(days=200)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return installed()


def _join(world: World, **areas: int) -> list[Enrolment]:
    """So many people in each area."""
    with world.sessions.write() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        found = []
        for area, size in areas.items():
            for number in range(size):
                person = people.ensure_person(session, world.tenant.id, ISSUER, f"{area}-{number}", world.clock())
                row, _ = enrol(session, run, person, datetime(2026, 2, 10, 9, tzinfo=UTC))
                row.area = area
                found.append(row)
    return found


def _keep(world: World, *new: Fact) -> None:
    with world.sessions.write() as session:
        facts.add(session, world.tenant.id, new)
        for fact in new:
            results.mark_due(session, world.tenant.id, world.run.id, fact.registration or world.run.id, world.clock())


def _answer(world: World, row: Enrolment, points: int) -> Fact:
    """An answer to the success case survey."""
    moments = [moment.id for moment in world.run.journey.moments]
    data = {"answers": dict.fromkeys(moments, points)}
    at = world.clock() - timedelta(minutes=1)
    return Fact(
        str(uuid4()), Kind.ANSWERED, at, row.person.account, ANSWERED, registration=row.id, step="S24", data=data
    )


def _answered(world: World, rows: Iterable[Enrolment]) -> None:
    _keep(world, *[_answer(world, row, number % 4) for number, row in enumerate(rows)])


def _settle(world: World, registry: Registry) -> None:
    for _ in range(2):
        while evaluate_due(world.sessions, registry, world.clock()):
            pass
        world.clock.on(seconds=GROUPS_WAIT.total_seconds())


def _out(world: World, indicator: str = "success_case") -> Publication | None:
    with world.sessions.read() as session:
        return publications.shown(session, world.tenant.id, world.run.id).get(indicator)


def _n(world: World) -> int:
    found = _out(world)
    return 0 if found is None or found.whole is None else found.whole.body["n"]


def _held(world: World) -> set[tuple[str, Rule, int]]:
    with world.sessions.read() as session:
        rows = publications.held_back(session, world.tenant.id, world.run.id, still=True)
    return {(row.area, Rule(row.rule), row.n) for row in rows if row.indicator == "success_case"}


def _end(world: World, registry: Registry) -> None:
    world.clock.on(days=AFTER.days)
    publish_ended(world.sessions, world.tenant.id, world.clock())
    _settle(world, registry)


def test_a_total_comes_out_when_as_many_again_have_answered_and_is_complete_at_the_end(
    world: World, registry: Registry
):
    rows = _join(world, north=14)
    told = []
    for since, until in ((0, 5), (5, 9), (9, 10), (10, 12)):
        _answered(world, rows[since:until])
        _settle(world, registry)
        told.append(_n(world))
    assert told == [0, 0, 5, 5]
    _end(world, registry)
    assert _n(world) == 12
    found = _out(world)
    assert found is not None
    assert found.last


def test_the_figure_that_is_out_does_not_follow_an_answer_that_changes(world: World, registry: Registry):
    rows = _join(world, north=14)
    _answered(world, rows[:5])
    _settle(world, registry)
    _answered(world, rows[5:10])
    _settle(world, registry)
    before = _out(world)
    _keep(world, _answer(world, rows[0], 3))
    _settle(world, registry)
    assert _out(world) == before


def test_areas_come_out_with_the_last_by_the_rule_of_four(world: World, registry: Registry):
    """Areas of 11, 9 and 4, as in the demonstration: the four are hidden, and with them the next smallest."""
    rows = _join(world, north=11, south=9, west=4)
    _answered(world, rows)
    _settle(world, registry)
    _end(world, registry)
    found = _out(world)
    assert found is not None
    assert found.figures.keys() == {"", "north"}
    assert {area: one.body["n"] for area, one in found.figures.items()} == {"": 24, "north": 11}
    assert _held(world) == {("south", Rule.COMPLEMENT, 9), ("west", Rule.FEW, 4)}


def test_what_was_held_back_is_kept_with_its_time_when_it_is_over(world: World, registry: Registry):
    rows = _join(world, north=10)
    _answered(world, rows[:4])
    _settle(world, registry)
    assert _held(world) == {("", Rule.FEW, 4)}
    _answered(world, rows[4:])
    _settle(world, registry)
    with world.sessions.read() as session:
        rows_ = publications.held_back(session, world.tenant.id, world.run.id)
    few = [row for row in rows_ if row.rule == Rule.FEW and row.indicator == "success_case"]
    assert [row.n for row in few] == [4]
    assert few[0].ended is not None


def test_evaluating_again_without_anything_new_changes_nothing(world: World, registry: Registry):
    """Computed again for another reason, answers are not new ones."""
    rows = _join(world, north=11)
    _answered(world, rows)
    _settle(world, registry)
    before, held = _out(world), _held(world)
    for _ in range(3):
        with world.sessions.write() as session:
            for row in rows:
                results.mark_due(session, world.tenant.id, world.run.id, row.id, world.clock())
        _settle(world, registry)
    assert (_out(world), _held(world)) == (before, held)


def test_whose_answers_are_in_it_is_forgotten_of_all_but_the_latest(world: World, registry: Registry):
    rows = _join(world, north=16)
    for until in (5, 10, 16):
        _answered(world, rows[until - 5 : until])
        _settle(world, registry)
    with world.sessions.read() as session:
        found = publications.of_run(session, world.tenant.id, world.run.id)["success_case"]
    assert [row.out is not None for row in found] == [True, True, False]
    assert [row.cut is None for row in found] == [True, False, False]
    assert all(not one["body"]["evidence"] for row in found for one in row.figures.values())


def test_when_nobody_has_answered_for_two_weeks_nobody_is_waited_for(world: World, registry: Registry):
    """And whoever answers after that comes with others, or not at all."""
    rows = _join(world, north=14)
    _answered(world, rows[:8])
    _settle(world, registry)
    assert _n(world) == 0
    world.clock.on(days=15)
    assert publish_ended(world.sessions, world.tenant.id, world.clock()) == 1
    _settle(world, registry)
    assert _n(world) == 8
    _answered(world, rows[8:11])
    _settle(world, registry)
    _end(world, registry)
    assert _n(world) == 8
    assert ("", Rule.TIME, 3) in _held(world)
