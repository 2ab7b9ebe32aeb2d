"""Which stores are read, and how; and what the background work looks after of what came in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from lrs_bridge.config import ConfigError, Settings, from_environment
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.position import Order
from lrs_bridge.domain.probing import Probed, Traits
from lrs_bridge.flows.administer import state_of
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import cursors, people, record_probes, unreadable
from lrs_bridge.wiring import EMBEDDED, Bridge
from lrs_bridge.worker.tick import sweep, tick
from tests.fakes.gradebook import FakeGradebook
from tests.flows.elsewhere import look_for_it, ours, passed
from tests.flows.reading import Reading
from tests.flows.world import ISSUER, World
from tests.plugins import installed

URL = "https://lrs.example/xapi/"
REMOTE = {"LRS_BRIDGE_LRS_URL": URL, "LRS_BRIDGE_LRS_KEY": "k", "LRS_BRIDGE_LRS_SECRET": "s"}


def settings(folder: Path, **more: str) -> Settings:
    return from_environment({"LRS_BRIDGE_DATA_DIR": str(folder), "LRS_BRIDGE_SECRET_KEY": "of this test", **more})


@pytest.fixture
def bridge(world: World, tmp_path: Path) -> Bridge:
    return Bridge(
        settings=settings(tmp_path),
        engine=world.sessions.engine,
        sessions=world.sessions,
        registry=installed(),
        http=requests.Session(),
        gradebook=FakeGradebook(),
        clock=world.clock,
        chance=lambda: 0.5,
    )


def with_remote(bridge: Bridge, folder: Path, **more: str) -> Bridge:
    return replace(bridge, settings=settings(folder, **REMOTE, **more), remotes={})


def written(bridge: Bridge, world: World, *statements: dict[str, Any]) -> None:
    """Straight into the built-in store, by another system."""
    answers = EmbeddedRecordStore(world.sessions, world.tenant.id, world.clock).write(statements)
    assert all(answer.arrived for answer in answers)


def found_by_a_test(world: World, traits: Traits) -> None:
    with world.sessions.write() as session:
        record_probes.keep(session, world.tenant.id, Probed(URL, world.clock(), (), traits))


def test_the_built_in_store_is_read_exactly(bridge: Bridge, world: World) -> None:
    (source,) = bridge.sources(world.tenant.id)
    assert (source.name, source.order, source.overlap, source.again) == (EMBEDDED, Order.STORED, timedelta(0), None)


def test_a_store_of_ones_own_is_read_beside_it(bridge: Bridge, world: World, tmp_path: Path) -> None:
    remote, home = with_remote(bridge, tmp_path).sources(world.tenant.id)
    assert (remote.name, home.name) == (URL, EMBEDDED)
    assert (remote.order, remote.again) == (Order.STORED, None)
    assert remote.overlap > timedelta(0)


def test_a_store_that_goes_by_timestamp_is_read_again_as_its_test_found(
    bridge: Bridge, world: World, tmp_path: Path
) -> None:
    found_by_a_test(world, Traits(by_stored=False))
    remote, _ = with_remote(bridge, tmp_path).sources(world.tenant.id)
    assert (remote.order, remote.again) == (Order.TIMESTAMP, timedelta(hours=6))


def test_settings_go_before_what_a_test_found(bridge: Bridge, world: World, tmp_path: Path) -> None:
    found_by_a_test(world, Traits(by_stored=False))
    more = {"LRS_BRIDGE_LRS_ORDER": "stored", "LRS_BRIDGE_LRS_AGAIN_HOURS": "24"}
    remote, _ = with_remote(bridge, tmp_path, **more).sources(world.tenant.id)
    assert (remote.order, remote.again) == (Order.STORED, timedelta(hours=24))


@pytest.mark.parametrize(("name", "value"), [("LRS_ORDER", "id"), ("LRS_AGAIN_HOURS", "0"), ("LRS_AGAIN_HOURS", "x")])
def test_a_setting_that_cannot_be_meant_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"LRS_BRIDGE_{name}"):
        settings(tmp_path, **{f"LRS_BRIDGE_{name}": value})


def test_what_others_write_straight_into_the_built_in_store_comes_in(bridge: Bridge, world: World) -> None:
    """By a round of the background work, in the middle of our own."""
    look_for_it(world)
    written(bridge, world, passed(), ours(world, Kind.COMMENTED, step="S19"), passed())
    world.act(Kind.REFLECTED, world.petra, step="S28")
    for _ in range(3):
        tick(bridge)
        world.clock.on(seconds=2)
    reading = Reading(world)
    assert reading.kinds.count(Kind.COMPLETED) == 2
    assert Kind.COMMENTED in reading.kinds
    assert reading.counted.taken == 3


def test_a_store_that_is_read_no_more_is_forgotten(bridge: Bridge, world: World) -> None:
    """So that nobody waits for it to be caught up with."""
    reading = Reading(world)
    reading.round()
    tick(bridge)
    sweep(bridge)
    with world.sessions.read() as session:
        assert {row.source for row in cursors.cursors_of(session, world.tenant.id)} == {EMBEDDED}


def test_people_who_have_come_since_are_found(bridge: Bridge, world: World) -> None:
    look_for_it(world)
    reading = Reading(world)
    reading.come(passed({"mbox": "mailto:ben@example.org"}))
    with world.sessions.write() as session:
        ben = people.ensure_person(session, world.tenant.id, ISSUER, "ben", world.clock(), email="ben@example.org")
        enrolment, _ = enrol(session, world.run, ben, world.clock())
    reading.nobody_is_due()
    sweep(bridge)
    assert set(reading.due) == {enrolment.id}


def test_what_an_earlier_version_could_not_read_is_read(
    bridge: Bridge, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ours(world)
    with world.sessions.write() as session, monkeypatch.context() as patch:
        patch.setattr(unreadable, "__version__", "0.0.1")
        unreadable.put(session, world.tenant.id, EMBEDDED, done, "it was not understood", world.clock())
    sweep(bridge)
    reading = Reading(world)
    assert Kind.COMPLETED in reading.kinds
    assert reading.unreadable == {}


def test_a_record_that_was_not_read_for_an_hour_is_an_alarm(bridge: Bridge, world: World) -> None:
    tick(bridge)
    with world.sessions.read() as session:
        state = state_of(session, world.tenant.id, world.clock.on(minutes=59))
        assert (state.lag, state.alarms()) == (timedelta(minutes=59), [])
        late = state_of(session, world.tenant.id, world.clock.on(minutes=2))
    assert late.alarms() == ["the record was last read to its end 61 minutes ago"]
    assert late.stuck


def test_a_record_that_was_never_read_says_so(world: World) -> None:
    with world.sessions.read() as session:
        state = state_of(session, world.tenant.id, datetime(2026, 3, 26, tzinfo=UTC))
    assert ("record read to its end", "not yet") in state.lines()
