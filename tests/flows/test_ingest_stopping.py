"""Stopping anywhere while statements come in, and starting again, loses nothing and repeats nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.ingest import ingest
from lrs_bridge.flows.receive import receive
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import cursors, ingest_keys
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.cursors import Lap
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.outbox import OutboxStatement
from tests.flows.elsewhere import look_for_it, ours, passed, void
from tests.flows.reading import Reading
from tests.flows.test_stopping import Fuse, Stopped, StoppingSessions, stopping
from tests.flows.world import World


@pytest.fixture
def reading(world: World) -> Reading:
    look_for_it(world)
    made = Reading(world)
    made.store.page_size = 2
    return made


def _wave(world: World) -> list[dict[str, Any]]:
    """Some of each: two count, one is taken back, one is nobody's, one cannot be read."""
    taken_back = passed()
    return [
        void(taken_back["id"]),
        ours(world, Kind.COMMENTED, step="S19"),
        passed(),
        ours(world, registration=str(uuid4())),
        {**passed(), "verb": 7},
        taken_back,
    ]


def _stopped(reading: Reading, places: int) -> bool:
    """One round of each lap; whether it was stopped at this place."""
    world, store, fuse = reading.world, reading.store, Fuse(places)
    read = store.read
    store.read = stopping(fuse, read)
    try:
        ingest(StoppingSessions(world.sessions.engine, fuse), world.tenant, reading.source, world.clock, 0.5)
    except Stopped:
        return True
    finally:
        store.read = read
    return False


def _until_quiet(reading: Reading) -> None:
    quiet = 0
    while quiet < 2:
        reading.world.clock.on(minutes=6)  # longer than any lease
        done = ingest(reading.world.sessions, reading.world.tenant, reading.source, reading.world.clock, 0.5)
        quiet = 0 if done.goes_on or done.arrived != Arrived() else quiet + 1


def _behind_the_cursor(reading: Reading, wave: list[dict[str, Any]], waves: int) -> None:
    """The store shows this wave late, so that only a lap through everything finds it; somebody asks for one."""
    for place, statement in enumerate(wave):
        late = reading.store.first - timedelta(days=1) + timedelta(milliseconds=10 * waves + place)
        reading.store.statements[statement["id"]]["stored"] = late.isoformat()
    with reading.world.sessions.write() as session:
        cursors.read_again(session, reading.world.tenant.id, reading.world.clock())


@pytest.mark.parametrize("lap", list(Lap))
def test_reading_a_store(world: World, reading: Reading, lap: Lap):
    reading.come(void(str(uuid4())))
    waves = places = 0
    stopped = True
    while stopped:
        waves += 1
        places += 1
        wave = _wave(world)
        if lap is Lap.AGAIN:  # of the waves before only two are left, or each lap would be longer than the last
            reading.store.statements = dict(list(reading.store.statements.items())[-2 * len(wave) :])
        reading.sent(*wave)
        if lap is Lap.AGAIN:
            _behind_the_cursor(reading, wave, waves)
        stopped = _stopped(reading, places)
        _until_quiet(reading)
    assert places > 12, "a stop can show in more places than that"
    with world.sessions.read() as session:
        kept = session.scalar(select(func.count()).select_from(FactRow))
    assert kept == 4 * waves + 2  # and `registered`, and the first void
    kinds = reading.kinds
    assert (kinds.count(Kind.COMMENTED), kinds.count(Kind.COMPLETED)) == (waves, waves)
    assert len(reading.unreadable) == waves
    assert reading.counted == Arrived(4 * waves + 1, 0, waves if lap is Lap.NEW else 0, waves)


def test_receiving_from_a_forwarder_that_repeats_until_it_is_answered(world: World, reading: Reading):
    with world.sessions.write() as session:
        key, _ = ingest_keys.add_key(session, world.tenant.id, "Content", "secret", world.clock())
    waves = places = 0
    stopped = True
    while stopped:
        waves += 1
        places += 1
        fuse, done = Fuse(places), passed()
        batch = [void(done["id"]), passed(), done]
        try:
            receive(StoppingSessions(world.sessions.engine, fuse), world.tenant, key, batch, why_refused, world.clock())
            stopped = False
        except Stopped:
            receive(world.sessions, world.tenant, key, batch, why_refused, world.clock())
    assert places == 3, "a stop can show before and after the commit, and not at all"
    with world.sessions.read() as session:
        sent = session.scalar(select(func.count()).select_from(OutboxStatement))
    assert sent == 3 * waves + 1  # and `registered`
    assert len([fact for fact in reading.facts if fact.kind is Kind.COMPLETED]) == waves
    assert reading.counted == Arrived(taken=3 * waves)
