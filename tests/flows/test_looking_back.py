"""What a run's indicators were, day by day: kept from today on, and worked out again for the days before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.looking_back import fill_history
from lrs_bridge.store import result_history, results, runs
from lrs_bridge.store.result_history import Point
from tests.flows.world import World
from tests.plugins import installed

KEY = "journey_completion"
REGISTRY = installed()


def evaluate(world: World) -> None:
    for _ in range(2):
        while evaluate_due(world.sessions, REGISTRY, world.clock()):
            pass
        world.clock.on(seconds=5)


def kept(world: World) -> list[Point]:
    with world.sessions.read() as session:
        return result_history.of_run(session, world.tenant.id, world.run.id, KEY).get(KEY, [])


def now_is(world: World) -> float | None:
    with world.sessions.read() as session:
        found = results.results_of_run(session, world.tenant.id, world.run.id, "cohort")
    return next(row.value for row in found if row.indicator == KEY and not row.subject)


def test_each_day_keeps_its_last_value(world: World) -> None:
    """However often it changed, and whoever looks."""
    world.act(Kind.COMPLETED, world.petra, step="S08")
    evaluate(world)
    first = now_is(world)
    world.act(Kind.PLANNED, world.petra, step="S04", data={"map": {"moments": True}})
    evaluate(world)
    second = now_is(world)
    assert (first or 0) < (second or 0)
    assert [(point.day, point.value) for point in kept(world)] == [(date(2026, 3, 26), second)]
    world.clock.on(days=1)
    world.act(Kind.ATTENDED, world.petra, step="S09")
    evaluate(world)
    assert [(point.day, point.value) for point in kept(world)] == [
        (date(2026, 3, 26), second),
        (date(2026, 3, 27), now_is(world)),
    ]


def test_a_day_is_that_of_the_run_s_time_zone(world: World) -> None:
    """Half past eleven at night in London is tomorrow in Berlin."""
    world.clock.now = world.clock.now.replace(hour=23, minute=30)
    evaluate(world)
    assert [point.day for point in kept(world)] == [date(2026, 3, 27)]


def test_what_was_before_is_worked_out_from_the_record(world: World) -> None:
    """As it was at the end of each day; the present is as it was computed, to the last digit."""
    world.act(Kind.COMPLETED, world.petra, step="S08", at=world.clock() - timedelta(days=10))
    world.act(Kind.ATTENDED, world.petra, step="S09", at=world.clock() - timedelta(days=3))
    evaluate(world)
    today = date(2026, 3, 26)
    days = [today - timedelta(days=back) for back in (11, 10, 3, 0)]
    with world.sessions.write() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        fill_history(session, REGISTRY, run, days, world.clock())
    before, then, later, present = (point.value for point in kept(world))
    assert before == 0
    assert 0 < (then or 0) < (later or 0) == present
    assert present == now_is(world)


@pytest.mark.parametrize("named", [(), ("nothing",)])
def test_of_a_run_that_nobody_evaluated_nothing_is_known(world: World, named: tuple[str, ...]) -> None:
    with world.sessions.read() as session:
        assert result_history.of_run(session, world.tenant.id, world.run.id, *named) == {}
    evaluate(world)
    with world.sessions.read() as session:
        assert result_history.of_run(session, "another tenant", world.run.id) == {}
