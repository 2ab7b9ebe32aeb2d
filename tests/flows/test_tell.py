"""Listeners are told at least once, in order; what they do wrong hurts nobody but themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from marshmallow import fields

from lrs_bridge.flows.administer import state_of
from lrs_bridge.flows.tell import KEPT, Telling, look_after, tell_due
from lrs_bridge.hooks import Change, Heard, Listener, Recorded, Refused, Unavailable
from lrs_bridge.store import listeners
from lrs_bridge.store.sealed import Seal
from tests.fakes.statements import statement
from tests.flows.house import SEAL, Ear, House, Settings, raising
from tests.flows.world import World


@pytest.fixture
def house(world: World) -> House:
    return House(world)


def test_news_come_in_order_and_together(house: House) -> None:
    ear = house.listener()
    house.note(1, 2, 3)
    assert tell_due(house.telling()) == 3
    assert len(ear.calls) == 1
    assert [one.id for one in ear.heard] == [statement(number)["id"] for number in (1, 2, 3)]


def test_each_sort_of_news_goes_to_its_own_function(house: House, world: World) -> None:
    ear = house.listener("ear")
    house.evaluate()
    house.note(1)
    house.evaluate()
    tell_due(house.telling())
    assert {type(one) for one in ear.heard} == {Recorded, Change}


def test_a_listener_that_fails_is_called_again_later_with_the_same_ids(house: House, world: World) -> None:
    """Meanwhile its reason stands there; a success takes it away, and one of the failures."""
    ear = house.listener("ear", Ear(first=raising(ZeroDivisionError("no such luck"), Unavailable("busy", 600))))
    house.note(1)
    assert tell_due(house.telling()) == 0
    assert house.row().reason == "ZeroDivisionError: no such luck"
    assert tell_due(house.telling()) == 0  # not yet
    assert len(ear.calls) == 1
    world.clock.on(seconds=5)
    tell_due(house.telling())
    assert (house.row().reason, house.row().failures) == ("busy", 2)
    world.clock.on(seconds=599)
    assert tell_due(house.telling()) == 0
    world.clock.on(seconds=1)
    assert tell_due(house.telling()) == 1
    row = house.row()
    assert (row.reason, row.failures, row.since, row.told_at) == (None, 1, None, world.clock())
    assert row.seconds is not None


def test_a_broken_listener_leaves_the_others_alone(house: House) -> None:
    house.listener("broken", Ear(first=raising(SystemExit(3))))
    well = house.listener("well")
    house.note(1)
    tell_due(house.telling())
    assert len(well.heard) == 1
    assert house.row("broken").reason == "SystemExit: 3"


def test_the_one_that_is_refused_is_found_and_dropped_and_the_others_arrive(house: House) -> None:
    bad = statement(3)["id"]

    def first(news: Sequence[Any]) -> None:
        if bad in [one.id for one in news]:
            raise Refused("not this one")

    ear = house.listener("ear", Ear(first=first))
    house.note(*range(1, 8))
    for _ in range(12):
        tell_due(house.telling())
    assert [one.id for one in ear.heard] == [statement(number)["id"] for number in (1, 2, 4, 5, 6, 7)]
    assert (house.row().dropped, house.waiting()) == (1, 0)


def test_a_listener_that_hangs_is_left_and_not_called_twice_at_once(house: House, world: World) -> None:
    """It holds up one thread, its own."""
    go_on = threading.Event()
    hangs = house.listener("ear", Ear(first=lambda news: go_on.wait(30)))
    well = house.listener("well")
    house.note(1)
    telling = house.telling(seconds=0.05)
    began = time.perf_counter()
    telling.tell(world.tenant.id, "ear")
    telling.tell(world.tenant.id, "well")
    assert time.perf_counter() - began < 15
    assert "took more than 0.05 seconds" in str(house.row().reason)
    world.clock.on(minutes=5)
    telling.tell(world.tenant.id, "ear")
    assert "has not come back yet" in str(house.row().reason)
    assert len(hangs.calls) == 1
    assert len(well.heard) == 1
    go_on.set()


def test_a_stop_after_the_call_tells_the_same_once_more(house: House, world: World) -> None:
    """At least once: the receiver knows it again by its id."""

    class Stopped(BaseException):
        pass

    class Stopping(Telling):
        def _settle(self, *asked: Any) -> int:
            raise Stopped

    ear = house.listener()
    house.note(1)
    whole = house.telling()
    stopping = Stopping(whole.sessions, whole.registry, SEAL, world.clock, lambda: 0.5, whole.http, whole.limit)
    with pytest.raises(Stopped):
        tell_due(stopping)
    assert tell_due(whole) == 0  # the turn is another's until its lease is over
    world.clock.on(minutes=2)
    assert tell_due(whole) == 1
    assert [one.id for one in ear.heard] == [statement(1)["id"]] * 2


def test_a_plugin_that_is_gone_or_wants_other_settings_keeps_its_news(house: House, world: World) -> None:
    """The reason says what to do, and when that was done everything is told."""
    ear = house.listener()
    house.note(1)
    listener = house.installed.pop("ear")
    tell_due(house.telling())
    assert "No installed plugin provides it" in str(house.row().reason)

    class More(Settings):
        more = fields.String(required=True)

    house.installed["ear"] = Listener("ear", "ear", "2.0.0", listener.functions, More)
    world.clock.on(minutes=5)
    tell_due(house.telling())
    assert "Its settings cannot be used: ear.more" in str(house.row().reason)
    assert house.waiting() == 1
    house.installed["ear"] = listener
    world.clock.on(minutes=5)
    assert tell_due(house.telling()) == 1
    assert len(ear.heard) == 1


def test_another_secret_key_is_told_as_such(house: House, world: World) -> None:
    house.listener()
    house.note(1)
    whole = house.telling()
    other = Seal("another", "settings of listeners")
    tell_due(Telling(whole.sessions, whole.registry, other, world.clock, lambda: 0.5, whole.http, whole.limit))
    assert "LRS_BRIDGE_SECRET_KEY" in str(house.row().reason)


def test_what_nobody_takes_in_a_week_is_dropped_and_counted(house: House, world: World) -> None:
    house.listener()
    house.note(1, 2)
    world.clock.on(seconds=(KEPT - timedelta(hours=1)).total_seconds())
    house.note(3)
    world.clock.on(hours=2)
    with world.sessions.write() as session:
        look_after(session, house.registry, world.clock())
    assert (house.row().dropped, house.waiting()) == (2, 1)


def test_an_update_of_a_plugin_that_hears_more_is_noticed(house: House, world: World) -> None:
    house.listener("ear", None, Heard.STATEMENTS)
    ear = house.listener("ear", None, *Heard, on=False)
    with world.sessions.write() as session:
        look_after(session, house.registry, world.clock())
    house.evaluate()
    tell_due(house.telling())
    assert ear.heard


def test_a_listener_that_has_failed_for_an_hour_is_an_alarm(house: House, world: World) -> None:
    """Until it has taken something."""

    def alarms() -> list[str]:
        with world.sessions.read() as session:
            found = state_of(session, world.tenant.id, world.clock()).alarms()
        return [one for one in found if "listener" in one]

    house.listener("ear", Ear(first=raising(Unavailable("busy"))))
    house.note(1)
    tell_due(house.telling())
    assert alarms() == []
    world.clock.on(minutes=61)
    assert alarms() == ["the listener ear fails: busy"]
    tell_due(house.telling())
    assert alarms() == []


def test_switching_off_forgets_settings_and_news(house: House, world: World) -> None:
    ear = house.listener()
    house.note(1)
    with world.sessions.write() as session:
        assert listeners.remove(session, world.tenant.id, "ear")
        assert not listeners.remove(session, world.tenant.id, "ear")
    house.listener("ear", ear)
    assert tell_due(house.telling()) == 0
