"""From the record store into facts: each statement once, voids in any order, nothing stops the cursor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.ingest import Ingested, ingest
from lrs_bridge.store import cursors, facts
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.results import Due
from lrs_bridge.xapi import writing
from tests.fakes.record_store import FakeRecordStore
from tests.flows.world import World


@pytest.fixture
def store() -> FakeRecordStore:
    return FakeRecordStore()


def _ingest(world: World, store: FakeRecordStore, overlap: int = 0) -> Ingested:
    return ingest(
        world.sessions,
        store,
        world.tenant,
        world.clock.on(seconds=1),
        every=timedelta(0),
        overlap=timedelta(seconds=overlap),
        chance=0.5,
    )


def _statement(world: World, kind: Kind, **more: Any) -> dict[str, Any]:
    return writing.statement(world.event(kind, world.petra, **more), world.tenant.iri_base)


def _kinds(world: World) -> list[str]:
    with world.sessions.read() as session:
        return [fact.kind for fact in facts.facts_of(session, world.tenant.id, world.enrolment.id)]


def test_a_statement_that_another_system_stored_becomes_a_fact_and_its_person_is_due(world: World, store):
    with world.sessions.write() as session:
        session.get_one(Due, world.enrolment.id).at = None
    store.write([_statement(world, Kind.COMPLETED, step="S08")])
    assert _ingest(world, store).taken == 1
    assert "completed" in _kinds(world)
    with world.sessions.read() as session:
        assert session.get_one(Due, world.enrolment.id).at == world.clock()


def test_what_was_done_here_is_confirmed_and_not_taken_twice(world: World, store):
    event = world.act(Kind.COMPLETED, world.petra, step="S08")
    store.write([writing.statement(event, world.tenant.iri_base)])
    assert _ingest(world, store).taken == 0
    assert _kinds(world).count("completed") == 1
    with world.sessions.read() as session:
        assert session.get_one(FactRow, (world.tenant.id, event.statement_id)).confirmed == world.clock()


def test_reading_again_takes_nothing_twice(world: World, store):
    store.write([_statement(world, Kind.COMPLETED, step="S08")])
    _ingest(world, store)
    assert _ingest(world, store, overlap=60) == Ingested(0, 0, 0)


def test_all_pages_are_read(world: World, store):
    store.write([_statement(world, Kind.COMMENTED, step="S19") for _ in range(25)])
    assert _ingest(world, store).taken == 25


def _void(world: World, target: str) -> dict[str, Any]:
    return _statement(world, Kind.VOIDED, refers_to=target)


def test_a_void_takes_the_fact_away(world: World, store):
    done = _statement(world, Kind.COMPLETED, step="S08")
    store.write([done])
    _ingest(world, store)
    store.write([_void(world, done["id"])])
    assert _ingest(world, store).taken == 1
    assert "completed" not in _kinds(world)


def test_a_void_that_comes_first_takes_the_fact_away_too(world: World, store):
    done = _statement(world, Kind.COMPLETED, step="S08")
    store.write([_void(world, done["id"]), done])
    _ingest(world, store)
    assert "completed" not in _kinds(world)


def test_a_void_without_a_registration_makes_the_person_of_its_target_due(world: World, store):
    done = _statement(world, Kind.COMPLETED, step="S08")
    store.write([done])
    _ingest(world, store)
    with world.sessions.write() as session:
        session.get_one(Due, world.enrolment.id).at = None
    void = _void(world, done["id"])
    void.pop("context")
    store.write([void])
    _ingest(world, store)
    with world.sessions.read() as session:
        assert session.get_one(Due, world.enrolment.id).at == world.clock()


def test_an_unreadable_statement_is_listed_and_stops_nothing(world: World, store):
    bad = {**_statement(world, Kind.COMPLETED, step="S08"), "timestamp": "yesterday"}
    store.write([bad, _statement(world, Kind.COMPLETED, step="S08")])
    assert _ingest(world, store) == Ingested(taken=1, unreadable=1)
    with world.sessions.read() as session:
        assert cursors.count_unreadable(session, world.tenant.id) == 1


def test_statements_about_nobody_here_are_skipped_and_counted(world: World, store):
    stranger = _statement(world, Kind.COMPLETED, step="S08", registration=str(uuid4()))
    store.write([stranger])
    assert _ingest(world, store) == Ingested(skipped=1)


def test_a_store_that_is_down_is_asked_again_later_with_the_reason_kept(world: World, store):
    store.troubles = [Unavailable("The record store does not answer.", retry_after=120)]
    assert _ingest(world, store) == Ingested()
    with world.sessions.read() as session:
        cursor = cursors.cursor_of(session, world.tenant.id)
    assert cursor.reason == "The record store does not answer."
    assert cursor.next_at >= world.clock() + timedelta(seconds=120)
    calls = store.calls
    _ingest(world, store)
    assert store.calls == calls
    world.clock.on(minutes=5)
    store.write([_statement(world, Kind.COMPLETED, step="S08")])
    assert _ingest(world, store).taken == 1
