"""What could not be read is read again: by a newer version, or when somebody asks; and it can be set aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.flows import taking_in
from lrs_bridge.flows.read_again import ReadAgain, read_again
from lrs_bridge.flows.receive import receive
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import cursors, ingest_keys, unreadable
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.outbox import OutboxStatement
from lrs_bridge.store.unreadable import UnreadableStatement
from lrs_bridge.xapi import reading as xapi_reading
from lrs_bridge.xapi.reading import Unreadable
from tests.flows.elsewhere import look_for_it, ours, passed
from tests.flows.reading import Reading
from tests.flows.world import World

Mend = Callable[[], None]


@pytest.fixture
def reading(world: World) -> Reading:
    look_for_it(world)
    return Reading(world)


@pytest.fixture
def mend(monkeypatch: pytest.MonkeyPatch) -> Mend:
    """Until it is called, this version cannot read anything that was done in 2026."""

    def cannot(statement: Any, home_page: str) -> Any:
        raise Unreadable("timestamp", "is of a year we do not know")

    monkeypatch.setattr(taking_in, "read", cannot)
    return lambda: monkeypatch.setattr(taking_in, "read", xapi_reading.read)


def again(world: World, failed_before: bool = False) -> ReadAgain:
    return read_again(world.sessions, world.tenant, why_refused, world.clock(), failed_before)


def older(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on the list was put there by a version before this one."""
    monkeypatch.setattr(unreadable, "__version__", "99.0")


def test_what_a_newer_version_can_read_becomes_a_fact_and_leaves_the_list(world: World, reading: Reading, mend: Mend):
    reading.come(ours(world), ours(world))
    mend()
    reading.nobody_is_due()
    assert again(world) == ReadAgain(read=2)
    assert reading.unreadable == {}
    assert reading.kinds.count(Kind.COMPLETED) == 2
    assert set(reading.due) == {world.enrolment.id}
    assert reading.counted == Arrived(taken=2, unreadable=2)


def test_what_still_cannot_be_read_stays_with_its_reason(world: World, reading: Reading, mend: Mend):
    bad = {**ours(world), "timestamp": "yesterday"}
    reading.come(ours(world), bad)
    mend()
    assert again(world) == ReadAgain(read=1, left=1)
    assert reading.unreadable == {bad["id"]: "timestamp: 'yesterday' is not a time"}


def test_after_an_update_what_failed_before_is_tried_once(
    world: World, reading: Reading, mend: Mend, monkeypatch: pytest.MonkeyPatch
):
    reading.come(ours(world), {**ours(world), "verb": 7})
    assert again(world, failed_before=True) == ReadAgain()
    older(world, monkeypatch)
    mend()
    assert again(world, failed_before=True) == ReadAgain(read=1, left=1)
    assert again(world, failed_before=True) == ReadAgain()


def test_what_was_set_aside_is_forgotten_but_for_its_id(world: World, reading: Reading, mend: Mend):
    done = ours(world)
    reading.come(done)
    with world.sessions.write() as session:
        assert unreadable.set_aside(session, world.tenant.id, world.clock()) == 1
    mend()
    assert reading.unreadable == {}
    assert again(world) == ReadAgain()
    with world.sessions.read() as session:
        assert session.get_one(UnreadableStatement, (world.tenant.id, done["id"])).body == {}


def test_what_was_set_aside_still_counts_where_the_record_gives_it_back(world: World, reading: Reading, mend: Mend):
    reading.come(ours(world))
    with world.sessions.write() as session:
        unreadable.set_aside(session, world.tenant.id, world.clock())
        cursors.read_again(session, world.tenant.id, world.clock())
    mend()
    assert reading.round() == Arrived(taken=1)


def test_what_was_set_aside_does_not_come_back_when_it_is_read_again(world: World, reading: Reading):
    bad = {**ours(world), "verb": 7}
    reading.come(bad)
    with world.sessions.write() as session:
        unreadable.set_aside(session, world.tenant.id, world.clock(), bad["id"])
    reading.come(bad)
    assert reading.unreadable == {}


def test_what_was_forwarded_goes_by_the_forwarders_door_again(world: World, reading: Reading, mend: Mend):
    """It reaches the record, and it can do no more than the first time."""
    with world.sessions.write() as session:
        key, _ = ingest_keys.add_key(session, world.tenant.id, "Content", "secret", world.clock())
    good, forged = passed(), ours(world)
    receive(world.sessions, world.tenant, key, [good, forged], why_refused, world.clock())
    mend()
    assert again(world) == ReadAgain(read=1, left=1)
    assert list(reading.unreadable) == [forged["id"]]
    assert reading.kinds.count(Kind.COMPLETED) == 1
    with world.sessions.read() as session:
        assert session.get_one(OutboxStatement, good["id"]).body["authority"]["name"] == "Content"


def test_a_long_list_is_read_again_to_its_end(world: World, reading: Reading, mend: Mend):
    reading.store.page_size = 500
    reading.come(*(passed() for _ in range(120)))
    mend()
    assert again(world) == ReadAgain(read=120)
