"""The background work as a whole: a round carries an act all the way, a part that fails holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from lrs_bridge.config import from_environment
from lrs_bridge.domain.delivery import Delivered, StatementPage
from lrs_bridge.domain.events import Kind
from lrs_bridge.flows.ports import RecordStore
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.loop import Loop
from lrs_bridge.worker.tick import sweep, tick
from tests.fakes.gradebook import FakeGradebook
from tests.fakes.record_store import FakeRecordStore
from tests.flows.world import World
from tests.plugins import installed

ENOUGH = 10  # rounds after which nothing is left to do


class BrokenStore:
    """A record store of which something unforeseen is wrong."""

    def write(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
        raise RuntimeError("out of order")

    def read(self, since: object, more: str | None = None) -> StatementPage:
        raise RuntimeError("out of order")


@dataclass(frozen=True)
class Trial(Bridge):
    """A bridge whose record store can be put out of order."""

    broken: list[BrokenStore] = field(default_factory=list)

    def record_store(self, tenant_id: str) -> RecordStore:
        return self.broken[0] if self.broken else super().record_store(tenant_id)


@pytest.fixture
def book() -> FakeGradebook:
    return FakeGradebook()


@pytest.fixture
def bridge(world: World, book: FakeGradebook, tmp_path: Path) -> Trial:
    return Trial(
        settings=from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path), "LRS_BRIDGE_SECRET_KEY": "of this test"}),
        engine=world.sessions.engine,
        sessions=world.sessions,
        registry=installed(),
        http=requests.Session(),
        gradebook=book,
        clock=world.clock,
        chance=lambda: 0.5,
    )


def rounds(bridge: Trial, world: World) -> list[int]:
    """Rounds with three seconds between them, as many as are enough."""
    done = []
    for _ in range(ENOUGH):
        done.append(tick(bridge))
        world.clock.on(seconds=3)
    return done


def statements(bridge: Trial, world: World) -> list[str]:
    return [one["id"] for one in bridge.record_store(world.tenant.id).read(None).statements]


def test_an_act_arrives_in_the_record_and_in_the_gradebook(bridge: Trial, world: World, book: FakeGradebook) -> None:
    """Delivered, taken in, evaluated, sent; then there is nothing to do."""
    rounds(bridge, world)
    before = book.shows("journey_completion", "petra")
    act = world.act(Kind.COMPLETED, world.petra, step="S08", completion=True)
    assert sum(rounds(bridge, world)) > 0
    assert act.statement_id in statements(bridge, world)
    assert (book.shows("journey_completion", "petra") or 0) > (before or 0)
    assert tick(bridge) == 0


def test_a_broken_record_store_holds_up_no_score(bridge: Trial, world: World, book: FakeGradebook) -> None:
    """What a person did counts at once; the statement arrives when the store is mended."""
    bridge.broken.append(BrokenStore())
    act = world.act(Kind.COMPLETED, world.petra, step="S08", completion=True)
    rounds(bridge, world)
    assert book.shows("journey_completion", "petra")
    bridge.broken.clear()
    world.clock.on(minutes=10)
    rounds(bridge, world)
    assert act.statement_id in statements(bridge, world)


def test_a_broken_gradebook_holds_up_no_statement(bridge: Trial, world: World, book: FakeGradebook) -> None:
    """Whatever the LMS does, the record is kept; the score follows."""
    book.troubles += [RuntimeError("out of order")] * ENOUGH
    act = world.act(Kind.COMPLETED, world.petra, step="S08", completion=True)
    rounds(bridge, world)
    assert act.statement_id in statements(bridge, world)
    book.troubles.clear()
    world.clock.on(hours=2)
    rounds(bridge, world)
    assert book.shows("journey_completion", "petra")


def test_without_any_evaluator_the_record_is_still_kept(bridge: Trial, world: World, book: FakeGradebook) -> None:
    """Plugins that do not load take nothing else down."""
    act = world.act(Kind.COMPLETED, world.petra, step="S08", completion=True)
    rounds(Trial(**{**vars(bridge), "registry": Registry()}), world)
    assert act.statement_id in statements(bridge, world)
    assert not book.cells


def test_sweeping_takes_nothing_that_is_still_needed(bridge: Trial, world: World) -> None:
    """Logins and visits that are over go; what people did stays."""
    world.act(Kind.COMPLETED, world.petra, step="S08", completion=True)
    rounds(bridge, world)
    before = statements(bridge, world)
    sweep(bridge)
    assert statements(bridge, world) == before != []


def test_the_loop_can_be_poked_and_stopped(bridge: Trial) -> None:
    """It listens to the bridge's bell, and ends after the round under way."""
    loop = Loop(bridge)
    loop.start()
    bridge.poke()
    loop.stop()
    assert loop._thread is not None
    assert not loop._thread.is_alive()


def test_a_statement_does_not_wait_for_the_rest_of_a_round(
    bridge: Trial, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long evaluating takes: it goes out when it is made."""
    arrived, evaluating, enough = threading.Event(), threading.Event(), threading.Event()

    class Store(FakeRecordStore):
        def write(self, statements: Sequence[Mapping[str, Any]]) -> Sequence[Delivered]:
            answers = super().write(statements)
            arrived.set()
            return answers

    def evaluate_slowly(*_: object, **__: object) -> int:
        evaluating.set()
        enough.wait(60)
        return 0

    rounds(bridge, world)
    monkeypatch.setattr("lrs_bridge.worker.tick.evaluate_due", evaluate_slowly)
    monkeypatch.setattr(Trial, "record_store", lambda *_: Store())
    loop = Loop(bridge)
    loop.start()
    try:
        assert evaluating.wait(60)
        world.act(Kind.COMPLETED, world.petra, step="S08", completion=True)
        bridge.poke()
        assert arrived.wait(60)
    finally:
        enough.set()
        loop.stop()


def test_what_has_waited_for_too_long_is_said_in_the_log(
    bridge: Trial, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """With its age and the reason."""
    rounds(bridge, world)
    bridge.broken.append(BrokenStore())
    world.act(Kind.COMPLETED, world.petra, step="S08", completion=True)
    world.clock.on(hours=3)
    tick(bridge)
    sweep(bridge)
    assert "statements wait (1), the oldest for 3 hours: Something went wrong on our side" in caplog.text


def test_the_loop_outlives_a_database_that_is_away(bridge: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that fails as a whole is no reason to end: the next one comes."""
    loop, tried = Loop(bridge), []

    def away(*_: object) -> int:
        tried.append(1)
        if len(tried) == 2:
            loop.ask_to_stop()
        raise RuntimeError("the database is away")

    monkeypatch.setattr("lrs_bridge.worker.work.tick", away)
    monkeypatch.setattr("lrs_bridge.worker.loop.REST_SECONDS", 0)
    loop.run()
    assert len(tried) == 2
