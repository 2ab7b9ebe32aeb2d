"""The outbox: each statement waits, is leased by one worker at a time, and arrives, waits longer or is given up."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from lrs_bridge.store import outbox, record_pauses
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.outbox import OutboxState, Waiting
from lrs_bridge.store.tenants import ensure_tenant
from tests.fakes.clock import FakeClock
from tests.fakes.statements import statement, uuid

LEASE = timedelta(minutes=2)


class Outbox:
    """One tenant's outbox, as a test speaks to it."""

    def __init__(self, sessions: Sessions, name: str = "main") -> None:
        self.sessions = sessions
        self.clock = FakeClock()
        with sessions.write() as session:
            self.tenant = ensure_tenant(session, name, "https://tool.example.org", self.clock()).id

    def put(self, *numbers: int, person: str = "alice") -> None:
        with self.sessions.write() as session:
            for number in numbers:
                outbox.put(session, self.tenant, statement(number, person), self.clock())

    def claim(self, limit: int = 100) -> list[str]:
        with self.sessions.write() as session:
            return [row.statement_id for row in outbox.claim(session, self.tenant, self.clock(), limit, LEASE)]

    def summary(self) -> Waiting:
        with self.sessions.read() as session:
            return outbox.summary(session, self.tenant)


@pytest.fixture
def box(sessions: Sessions) -> Outbox:
    return Outbox(sessions)


def test_a_statement_put_twice_waits_once_as_it_was_put_first(box: Outbox) -> None:
    """Acting again with the same id is nothing new."""
    box.put(1)
    box.put(1, person="mallory")
    with box.sessions.write() as session:
        (row,) = outbox.claim(session, box.tenant, box.clock(), 9, LEASE)
        assert row.body == statement(1)


def test_a_leased_statement_is_nobody_elses_until_the_lease_runs_out(box: Outbox) -> None:
    """Then it is due again, under the same id."""
    box.put(1)
    assert box.claim() == [uuid(1)]
    assert box.claim() == []
    box.clock.forward(seconds=LEASE.total_seconds())
    assert box.claim() == [uuid(1)]


def test_those_that_waited_longest_go_first_and_no_more_than_asked(box: Outbox) -> None:
    """And another tenant's are not among them."""
    box.put(3)
    Outbox(box.sessions, "other").put(9)
    box.clock.forward(seconds=1)
    box.put(1, 2)
    assert box.claim(limit=2) == [uuid(3), uuid(1)]
    assert box.claim(limit=2) == [uuid(2)]


def test_a_delivered_statement_never_goes_again(box: Outbox) -> None:
    """Not when put again, not when the lease has run out."""
    box.put(1)
    box.claim()
    with box.sessions.write() as session:
        outbox.delivered(session, [uuid(1)], box.clock())
    box.put(1)
    box.clock.forward(days=1)
    assert box.claim() == []
    assert box.summary() == Waiting()


def test_a_postponed_statement_waits_until_its_time_and_says_why(box: Outbox) -> None:
    """Its attempts are counted."""
    box.put(1)
    box.claim()
    with box.sessions.write() as session:
        outbox.postpone(session, [uuid(1)], "the store is asleep", box.clock() + timedelta(minutes=5))
    box.clock.forward(minutes=4)
    assert box.claim() == []
    with box.sessions.read() as session:
        (row,) = outbox.undelivered(session, box.tenant, troubled=True)
    assert (row.reason, row.attempts, row.state) == ("the store is asleep", 1, "waiting")
    box.clock.forward(minutes=1)
    assert box.claim() == [uuid(1)]


def test_a_dead_letter_stays_until_a_person_replays_it(box: Outbox) -> None:
    """With its reason, in sight."""
    made = box.clock()
    box.put(1, 2)
    box.claim()
    with box.sessions.write() as session:
        outbox.bury(session, uuid(1), "the verb is wrong")
        outbox.delivered(session, [uuid(2)], box.clock())
    box.clock.forward(days=9)
    assert box.claim() == []
    assert box.summary() == Waiting(dead=1, oldest_dead=made)
    with box.sessions.write() as session:
        assert outbox.replay(session, box.tenant, box.clock()) == 1
    assert box.claim() == [uuid(1)]


def test_many_workers_share_the_work_and_never_the_same_statement(box: Outbox) -> None:
    """Each statement is claimed once, whoever asks."""
    box.put(*range(1, 41))
    claimed: list[str] = []

    def work() -> None:
        while mine := box.claim(limit=3):
            claimed.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while rest := box.claim():
        claimed.extend(rest)
    assert sorted(claimed) == sorted(uuid(number) for number in range(1, 41))


def test_only_tenants_with_something_due_and_a_store_that_is_up_have_work(sessions: Sessions) -> None:
    """Not those whose statements are on their way, wait for their time, or wait for their store."""
    due, leased, later, paused, _idle = (Outbox(sessions, name) for name in ("a", "b", "c", "d", "e"))
    for number, box in enumerate((due, leased, later, paused), 1):
        box.put(number)
    leased.claim()
    now = due.clock()
    with sessions.write() as session:
        outbox.postpone(session, [uuid(3)], "busy", now + timedelta(seconds=9))
        record_pauses.pause(session, paused.tenant, "down", now, now + timedelta(seconds=9))
    with sessions.read() as session:
        assert outbox.tenants_due(session, now) == [due.tenant]
        soon = now + timedelta(seconds=9)
        assert set(outbox.tenants_due(session, soon)) == {due.tenant, later.tenant, paused.tenant}


def test_what_has_not_arrived_is_listed_page_by_page_the_oldest_first(box: Outbox) -> None:
    """By state, where one is asked for; never another tenant's, never what has arrived."""
    for number in (4, 2, 3, 1):
        box.put(number)
        box.clock.forward(seconds=1)
    Outbox(box.sessions, "other").put(9)
    with box.sessions.write() as session:
        outbox.bury(session, uuid(3), "the verb is wrong")
        outbox.delivered(session, [uuid(1)], box.clock())
    with box.sessions.read() as session:
        first, second = outbox.undelivered(session, box.tenant, limit=2)
        assert (first.statement_id, second.statement_id) == (uuid(4), uuid(2))
        rest = outbox.undelivered(session, box.tenant, after=(second.created, second.statement_id))
        assert [row.statement_id for row in rest] == [uuid(3)]
        dead = outbox.undelivered(session, box.tenant, OutboxState.DEAD)
        assert [row.statement_id for row in dead] == [uuid(3)]
        assert outbox.find(session, box.tenant, uuid(9)) is None


def test_one_statement_is_replayed_and_what_is_on_its_way_is_left_alone(box: Outbox) -> None:
    """Sending it twice at once would do no harm, and no good."""
    box.put(1, 2)
    with box.sessions.write() as session:
        outbox.bury(session, uuid(1), "the verb is wrong")
        outbox.bury(session, uuid(2), "the verb is wrong")
        assert outbox.replay(session, box.tenant, box.clock(), [uuid(2)]) == 1
    assert box.claim() == [uuid(2)]
    with box.sessions.write() as session:
        assert outbox.replay(session, box.tenant, box.clock(), [uuid(2)]) == 0
