"""Rosters are fetched beside the worker's rounds: a slow LMS holds up neither an act, nor another LMS, nor the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pytest
import requests

from lrs_bridge.config import from_environment
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.roster import Member
from lrs_bridge.flows.lanes import Lanes
from lrs_bridge.flows.roster import lanes
from lrs_bridge.store import journeys, platforms, relations, rosters, runs
from lrs_bridge.store.rosters import RosterSync, SyncState
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.tick import tick
from tests.fakes.gradebook import FakeGradebook
from tests.fakes.roster import FakeRoster, learner
from tests.flows.world import ISSUER, World
from tests.plugins import installed

SLOW = "https://slow.example"
PATIENCE = 20  # seconds until a test that would hang fails


@dataclass
class SlowRoster(FakeRoster):
    """Gives the first page of `slow` and then waits until it is let go."""

    slow: str = ISSUER
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def pages(self, platform_id: str, memberships_url: str, with_groups: bool = False) -> Iterator[Sequence[Member]]:
        for number, page in enumerate(super().pages(platform_id, memberships_url, with_groups)):
            if number == 1 and memberships_url.startswith(self.slow):
                self.reached.set()
                assert self.go.wait(PATIENCE), "nobody let it go"
            yield page


PEOPLE = [learner("petra"), learner("jonas"), learner("nina")]


@pytest.fixture
def roster() -> SlowRoster:
    return SlowRoster(list(PEOPLE))


@pytest.fixture
def course(world: World) -> World:
    """Its people are asked for."""
    with world.sessions.write() as session:
        row = runs.get_course(session, world.tenant.id, world.course.id)
        assert row is not None
        row.memberships_url = f"{ISSUER}/members"
        rosters.ask_for(session, world.tenant.id, world.run.id, world.clock())
    return world


def opened(world: World, roster: FakeRoster) -> Lanes:
    return lanes(world.sessions, roster, world.clock, lambda: 0.5)


def until(holds: Callable[[], object]) -> None:
    """For what another thread brings about and nobody rings for."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, "it never came"


def sync_of(world: World, run_id: str | None = None) -> RosterSync:
    with world.sessions.read() as session:
        row = rosters.sync_of(session, world.tenant.id, run_id or world.run.id)
    assert row is not None
    return row


def another_lms(world: World) -> str:
    """A run at a slow LMS, whose people are asked for as well; answers its id."""
    with world.sessions.write() as session:
        platform = platforms.add_platform(
            session,
            tenant_id=world.tenant.id,
            name="A slow LMS",
            issuer=SLOW,
            client_id="tool",
            auth_url=f"{SLOW}/auth",
            token_url=f"{SLOW}/token",
            jwks_url=f"{SLOW}/jwks",
            now=world.clock(),
        )
        course = runs.ensure_course(session, world.tenant.id, platform.id, "1", "course-1")
        course.memberships_url = f"{SLOW}/members"
        journey = journeys.installed(session, world.tenant.id)[0]
        run = runs.add_run(session, course, journey, world.run.day_zero, "Europe/Berlin", world.clock())
        rosters.ask_for(session, world.tenant.id, run.id, world.clock())
        return run.id


def test_a_round_does_not_wait_for_a_roster(course: World, roster: SlowRoster, tmp_path: Path) -> None:
    """What somebody does meanwhile reaches the gradebook, and the page shows how far the roster is."""
    book = FakeGradebook()
    bridge = Bridge(
        settings=from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path), "LRS_BRIDGE_SECRET_KEY": "of this test"}),
        engine=course.sessions.engine,
        sessions=course.sessions,
        registry=installed(),
        http=requests.Session(),
        gradebook=book,
        clock=course.clock,
        chance=lambda: 0.5,
    )
    beside = opened(course, roster)
    tick(bridge, sync=beside.look)
    assert roster.reached.wait(PATIENCE)
    course.act(Kind.COMPLETED, course.petra, step="S08", completion=True)
    for _ in range(5):
        tick(bridge, sync=beside.look)
        course.clock.on(seconds=3)
    assert book.shows("journey_completion", "petra")
    under_way = sync_of(course)
    assert (under_way.state, under_way.pages, under_way.members) == (SyncState.RUNNING, 1, 2)
    roster.go.set()
    assert beside.finish() == 1
    assert (sync_of(course).state, sync_of(course).joined) == (SyncState.DONE, 2)


def test_looking_again_opens_no_second_lane(course: World, roster: SlowRoster) -> None:
    """One LMS is asked for one roster at a time."""
    beside = opened(course, roster)
    assert beside.look() == 1
    assert roster.reached.wait(PATIENCE)
    with course.sessions.write() as session:
        rosters.ask_for(session, course.tenant.id, course.run.id, course.clock())
    assert beside.look() == 0
    roster.go.set()
    beside.finish()
    assert len(roster.asked) == 1


def test_a_slow_lms_holds_up_the_roster_of_no_other(course: World, roster: SlowRoster) -> None:
    """Each LMS has a lane of its own."""
    slow = another_lms(course)
    roster.slow = SLOW
    beside = opened(course, roster)
    assert beside.look() == 2
    assert roster.reached.wait(PATIENCE)
    until(lambda: sync_of(course).state == SyncState.DONE)
    assert sync_of(course, slow).state == SyncState.RUNNING
    roster.go.set()
    beside.finish()
    assert sync_of(course, slow).state == SyncState.DONE


def test_stopping_breaks_off_between_pages_and_leaves_it_due(course: World, roster: SlowRoster) -> None:
    """Nobody is marked as gone by half a roster, and whoever comes next begins anew at once."""
    beside = opened(course, roster)
    beside.look()
    assert roster.reached.wait(PATIENCE)
    stopping = threading.Thread(target=beside.stop)
    stopping.start()
    until(lambda: beside.stopping)
    roster.go.set()
    stopping.join(PATIENCE)
    left = sync_of(course)
    assert (left.state, left.reason, left.lease_until) == (SyncState.WAITING, None, None)
    again = opened(course, FakeRoster(list(PEOPLE)))
    again.look()
    assert again.finish() == 1
    with course.sessions.read() as session:
        inside = relations.enrolled_users(session, course.run, ISSUER)
    assert {sub for sub, _ in inside} == {"petra", "jonas", "nina"}


def test_a_lane_that_breaks_is_logged_and_opened_again(caplog: pytest.LogCaptureFixture) -> None:
    """A database that was away for a moment, for one."""
    served: list[str] = []

    def serve(key: str, _: threading.Event) -> int:
        served.append(key)
        if len(served) == 1:
            raise RuntimeError("the database is away")
        return 1

    beside = Lanes("roster", 1, lambda: ["one"], serve)
    until(lambda: beside.look() + len(served) > 2)
    beside.finish()
    assert "roster of one failed" in caplog.text
