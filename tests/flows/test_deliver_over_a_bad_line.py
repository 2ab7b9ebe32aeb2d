"""Delivery to a record store on a real socket that fails in every way: in the end it holds each statement once."""

from __future__ import annotations

import pytest

from lrs_bridge.flows.deliver import Delivery
from lrs_bridge.store import record_pauses
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.outbox import Waiting
from tests.fakes.scripted_lrs import (
    Request,
    ScriptedLrs,
    Trouble,
    babble,
    break_off,
    do_as_told,
    hang,
    reset,
    say,
    scripted_lrs,
    store_and_say,
)
from tests.fakes.statements import statement, uuid
from tests.flows.test_deliver import Desk

BATCH = [statement(number) for number in range(1, 8)]
IDS = [one["id"] for one in BATCH]
PAGE = b"<html><head><title>Bad gateway</title></head><body>nginx</body></html>"


@pytest.fixture
def desk(sessions: Sessions) -> Desk:
    desk = Desk(sessions)
    desk.put(*BATCH)
    return desk


def deliver_all(desk: Desk, lrs: ScriptedLrs, seconds: float = 30.0) -> list[Delivery]:
    """Rounds, each after the pause that the one before asked for, until nothing waits."""
    store, rounds = lrs.store(seconds), []
    while desk.summary().waiting and len(rounds) < 20:
        rounds.append(desk.deliver(store))
        desk.clock.forward(minutes=10)
    return rounds


STORED_AND_LOST: dict[str, Trouble] = {
    "500": store_and_say(500),
    "502 with a page": store_and_say(502, PAGE),
    "a page with 200": store_and_say(200, PAGE),
    "200 without ids": store_and_say(200, {}),
    "202": store_and_say(202),
    "an empty 204": store_and_say(204),
    "a reset": reset(store=True),
    "half an answer": break_off,
    "a conflict": store_and_say(409, {"error": "conflict"}),
}
NOT_STORED: dict[str, Trouble] = {
    "500": say(500),
    "413": say(413, PAGE),
    "429": say(429, {"error": "slow down"}, Retry_After="60"),
    "503": say(503, PAGE, Retry_After="1"),
    "a page with 200": say(200, PAGE),
    "a reset": reset(store=False),
    "no HTTP": babble,
    "404": say(404, PAGE),
    "401": say(401),
    "a conflict that is none": say(409),
    "a redirect": say(307, Location="http://127.0.0.1:9/xapi/statements"),
}


@pytest.mark.parametrize("name", STORED_AND_LOST)
def test_what_was_stored_though_the_answer_said_otherwise_is_there_once(desk: Desk, name: str) -> None:
    """The same ids again, and the store knows them."""
    with scripted_lrs(STORED_AND_LOST[name]) as lrs:
        deliver_all(desk, lrs)
    assert lrs.arrivals == dict.fromkeys(IDS, 1)
    assert desk.summary() == Waiting()


@pytest.mark.parametrize("name", NOT_STORED)
def test_what_was_not_stored_arrives_with_a_later_try(desk: Desk, name: str) -> None:
    """Nothing is given up for trouble that says nothing about a statement."""
    with scripted_lrs(NOT_STORED[name]) as lrs:
        deliver_all(desk, lrs)
    assert lrs.arrivals == dict.fromkeys(IDS, 1)
    assert desk.summary() == Waiting()


def test_a_store_that_hangs_is_not_waited_for_for_long(desk: Desk) -> None:
    """It had stored them; the next round finds out."""
    with scripted_lrs(hang) as lrs:
        rounds = deliver_all(desk, lrs, seconds=0.2)
    assert rounds[0].postponed == len(IDS)
    assert lrs.arrivals == dict.fromkeys(IDS, 1)


def test_every_trouble_in_a_row_leaves_each_statement_once(desk: Desk) -> None:
    """One after the other, on the same connections."""
    with scripted_lrs(*STORED_AND_LOST.values(), *NOT_STORED.values()) as lrs:
        deliver_all(desk, lrs)
    assert lrs.arrivals == dict.fromkeys(IDS, 1)


def test_a_redirect_takes_our_key_nowhere(desk: Desk) -> None:
    """Where it leads nobody is asked, and the reason names it."""
    with scripted_lrs() as elsewhere, scripted_lrs() as lrs:
        lrs.script = [say(308, Location=f"{elsewhere.url}/statements")]
        assert desk.deliver(lrs.store()).postponed == len(IDS)
        assert elsewhere.posts == 0
        with desk.sessions.read() as session:
            pause = record_pauses.pause_of(session, desk.tenant)
        assert pause is not None
        assert f"{elsewhere.url}/statements" in pause.reason


def test_a_store_that_is_down_is_asked_by_one_batch_and_then_left_alone(desk: Desk) -> None:
    """However much waits, and what comes meanwhile waits too; Retry-After is obeyed by all."""
    desk.put(*(statement(number) for number in range(100, 110)))
    with scripted_lrs(say(503, PAGE, Retry_After="120")) as lrs:
        store = lrs.store()
        assert desk.deliver(store, limit=5) == Delivery(claimed=5, postponed=5)
        desk.put(statement(200))
        desk.clock.forward(seconds=119)
        assert desk.deliver(store) == Delivery()
        assert lrs.posts == 1
        desk.clock.forward(seconds=1)
        assert desk.deliver(store, limit=40) == Delivery(claimed=18, arrived=18)


def test_a_store_that_comes_back_gets_little_at_first_and_then_all(desk: Desk) -> None:
    """Half as much after each failure, twice as much after each success."""
    with scripted_lrs(*[say(503)] * 3) as lrs:
        store = lrs.store()
        sizes = []
        while desk.summary().waiting:
            sizes.append(desk.deliver(store, limit=8).claimed)
            desk.clock.forward(minutes=10)
    assert sizes == [7, 4, 2, 1, 2, 4]
    assert lrs.arrivals == dict.fromkeys(IDS, 1)


def test_one_that_the_store_stumbles_over_holds_up_no_other(desk: Desk) -> None:
    """It waits by itself, longer each time; the others and those that come later go at once."""

    def stumble(request: Request) -> None:
        (say(500) if IDS[2] in [one["id"] for one in request.batch] else do_as_told)(request)

    with scripted_lrs(*[stumble] * 60) as lrs:
        store = lrs.store()
        first = desk.deliver(store)
        assert (first.arrived, first.postponed) == (len(IDS) - 1, 1)
        desk.put(statement(50))
        assert desk.deliver(store) == Delivery(claimed=1, arrived=1)
        desk.clock.forward(minutes=5)
        assert desk.deliver(store) == Delivery(claimed=1, postponed=1)
        lrs.script.clear()
        desk.clock.forward(hours=1)
        assert desk.deliver(store) == Delivery(claimed=1, arrived=1)
    assert lrs.arrivals == dict.fromkeys([*IDS, uuid(50)], 1)
