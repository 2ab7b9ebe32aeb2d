"""No tenant, and no server, that always has more to do keeps the others waiting."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import inspect

from lrs_bridge.flows.lanes import Lanes, Turn
from lrs_bridge.store import results, tenants
from lrs_bridge.store.base import Base, new_id
from lrs_bridge.store.results import Due
from lrs_bridge.store.runs import Course, RunRow
from tests.flows.world import World


def column_attrs(noun: type[Base]) -> list[str]:
    return [one.key for one in inspect(noun).column_attrs]


def _due(world: World, number: int, tenant_id: str, run_id: str, waits: timedelta) -> None:
    at = world.clock() - waits
    with world.sessions.write() as session:
        session.add_all(
            Due(subject=new_id(), tenant_id=tenant_id, run_id=run_id, at=at, failures=0, tries=0) for _ in range(number)
        )


def _other_tenant(world: World, name: str) -> tuple[str, str]:
    """A tenant, and a run of it."""
    with world.sessions.write() as session:
        tenant = tenants.ensure_tenant(session, name, "https://tool.example", world.clock())
        course = session.get_one(Course, world.course.id)
        run = session.get_one(RunRow, world.run.id)
        own = {key: getattr(course, key) for key in column_attrs(Course)}
        own_course = Course(**{**own, "id": new_id(), "tenant_id": tenant.id, "context_id": name})
        session.add(own_course)
        session.flush()
        own = {key: getattr(run, key) for key in column_attrs(RunRow)}
        own_run = RunRow(**{**own, "id": new_id(), "tenant_id": tenant.id, "course_id": own_course.id})
        session.add(own_run)
        session.flush()
        return tenant.id, own_run.id


def _take(world: World, limit: int) -> list[str]:
    now = world.clock()
    with world.sessions.write() as session:
        return [one.tenant_id for one in results.take_due(session, now, limit, now + timedelta(minutes=1))]


def test_a_tenant_with_thousands_to_evaluate_leaves_room_for_the_others(world: World) -> None:
    """Each that waits gets its share of a batch, and what one does not use goes to the next."""
    mine = world.tenant.id
    few, run = _other_tenant(world, "few")
    more, other = _other_tenant(world, "more")
    _due(world, 100, mine, world.run.id, timedelta(hours=1))
    _due(world, 3, few, run, timedelta(seconds=1))
    _due(world, 50, more, other, timedelta(seconds=2))
    taken = _take(world, 20)
    assert (taken.count(mine), taken.count(more), taken.count(few)) == (6, 7, 3)


def test_where_more_tenants_wait_than_a_batch_holds_all_come_to_their_turn(world: World) -> None:
    """Those who have waited longest come first, so that nobody is passed over for ever."""
    mine = world.tenant.id
    others = [_other_tenant(world, f"tenant {number}") for number in range(3)]
    _due(world, 100, mine, world.run.id, timedelta(minutes=5))
    for place, (tenant_id, run_id) in enumerate(others):
        _due(world, 1, tenant_id, run_id, timedelta(minutes=4 - place))
    seen: set[str] = set()
    for _ in range(60):
        seen |= set(_take(world, 2))
        world.clock.on(seconds=1)
    assert seen == {mine, *(tenant_id for tenant_id, _ in others)}


def test_whoever_always_has_more_gives_up_the_lane_while_others_wait() -> None:
    """Two with no end of work, one lane, and one who comes later and waits for a few turns at most."""
    served: list[str] = []
    third = threading.Event()

    def serve(key: str, turn: Turn) -> int:
        served.append(key)
        if key == "third":
            third.set()
            return 1
        while not turn.over:
            turn.stop.wait(0.001)
        return 1

    due = ["first", "second"]
    lanes = Lanes("test", 1, lambda: due, serve, turn_seconds=0.01)
    lanes.look()
    due.append("third")
    while not third.wait(0.02):
        lanes.look()
    lanes.stop()
    assert served.index("third") <= 3


def test_who_is_alone_keeps_the_lane() -> None:
    """There is nothing to be gained from taking turns with oneself."""
    turn = Turn(threading.Event(), crowded=lambda: False, seconds=0.0)
    assert not turn.over
    assert Turn(threading.Event(), crowded=lambda: True, seconds=-1.0).over
