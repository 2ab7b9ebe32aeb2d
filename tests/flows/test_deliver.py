"""Delivery: from the outbox into the record, once each, whatever breaks and wherever the process stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import Delivered, Refused, StatementPage, Unavailable
from lrs_bridge.flows.deliver import LEASE, Delivery, deliver
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import outbox
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.outbox import Waiting
from lrs_bridge.store.tenants import ensure_tenant
from tests.fakes.clock import FakeClock
from tests.fakes.lrs_server import Answer, FakeLrsServer
from tests.fakes.record_store import FakeRecordStore
from tests.fakes.statements import statement, uuid


class Desk:
    """A tenant with an outbox and an embedded record."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.clock = FakeClock()
        with sessions.write() as session:
            self.tenant = ensure_tenant(session, "main", "https://tool.example.org", self.clock()).id
        self.record = EmbeddedRecordStore(sessions, self.tenant, self.clock)

    def put(self, *statements: dict[str, Any]) -> None:
        with self.sessions.write() as session:
            for one in statements:
                outbox.put(session, self.tenant, one, self.clock())

    def deliver(self, store: Any = None, limit: int = 100) -> Delivery:
        return deliver(self.sessions, store or self.record, self.tenant, self.clock(), 0.5, limit)

    def recorded(self) -> list[str]:
        return [one["id"] for one in self.record.read(None).statements]

    def summary(self) -> Waiting:
        with self.sessions.read() as session:
            return outbox.summary(session, self.tenant)


@pytest.fixture
def desk(sessions: Sessions) -> Desk:
    return Desk(sessions)


def test_what_waits_is_delivered_once(desk: Desk) -> None:
    """A second round finds nothing to do."""
    desk.put(statement(1), statement(2))
    assert desk.deliver() == Delivery(claimed=2, arrived=2)
    assert desk.deliver() == Delivery()
    assert sorted(desk.recorded()) == [uuid(1), uuid(2)]
    assert desk.summary() == Waiting()


def test_a_statement_the_store_refuses_is_given_up_with_the_reason_and_the_others_arrive(desk: Desk) -> None:
    """It stays in sight."""
    desk.put(statement(1), {**statement(2), "verb": {}}, statement(3))
    assert desk.deliver() == Delivery(claimed=3, arrived=2, dead=1)
    with desk.sessions.read() as session:
        (row,) = outbox.undelivered(session, desk.tenant, troubled=True)
    assert (row.statement_id, row.state) == (uuid(2), "dead")
    assert "verb.id" in str(row.reason)


@pytest.mark.parametrize("trouble", [Unavailable("down"), Refused("wrong key")])
def test_a_store_that_is_away_keeps_everything_waiting(desk: Desk, trouble: Exception) -> None:
    """Longer after each failure, and at least as long as the store asks."""
    store = FakeRecordStore(troubles=[trouble, Unavailable("busy", retry_after=600)])
    desk.put(statement(1), statement(2))
    assert desk.deliver(store) == Delivery(claimed=2, postponed=2)
    assert desk.deliver(store) == Delivery()
    desk.clock.forward(seconds=2)
    assert desk.deliver(store) == Delivery(claimed=2, postponed=2)
    desk.clock.forward(seconds=599)
    assert desk.deliver(store) == Delivery()
    desk.clock.forward(seconds=1)
    assert desk.deliver(store) == Delivery(claimed=2, arrived=2)
    assert set(store.statements) == {uuid(1), uuid(2)}


def test_a_remote_store_with_every_trouble_at_once_ends_with_every_good_statement_in_it(desk: Desk) -> None:
    """It breaks off, conflicts, and finds one statement bad; the rest is there, and the bad one in sight."""
    server = FakeLrsServer()
    server.bad = {uuid(4)}
    server.statements = {uuid(2): statement(2)}
    server.troubles = [requests.ConnectionError("reset"), Answer(503)]
    store = server.store()
    desk.put(*(statement(number) for number in range(1, 7)))
    for _ in range(3):
        desk.deliver(store)
        desk.clock.forward(minutes=5)
    assert set(server.statements) == {uuid(number) for number in (1, 2, 3, 5, 6)}
    assert desk.summary().dead == 1
    assert desk.summary().waiting == 0


class Stopped(BaseException):
    """The process is gone."""


class Fuse:
    """Blows when it has been passed `places` times."""

    def __init__(self, places: int) -> None:
        self.places = places

    def pass_by(self) -> None:
        self.places -= 1
        if self.places == 0:
            raise Stopped


class StoppingSessions(Sessions):
    """The process may stop before a commit and after it."""

    def __init__(self, sessions: Sessions, fuse: Fuse) -> None:
        super().__init__(sessions.engine)
        self._fuse = fuse

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            self._fuse.pass_by()
        self._fuse.pass_by()

    @contextmanager
    def jot(self) -> Iterator[Session]:
        with super().jot() as session:
            yield session
            self._fuse.pass_by()
        self._fuse.pass_by()


class StoppingStore:
    """The process may stop before the store is asked and after it answered."""

    def __init__(self, store: EmbeddedRecordStore, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    def write(self, statements: Sequence[Any]) -> Sequence[Delivered]:
        self._fuse.pass_by()
        answers = self._store.write(statements)
        self._fuse.pass_by()
        return answers

    def read(self, since: Any, more: str | None = None) -> StatementPage:
        return self._store.read(since, more)


def test_stopped_at_any_place_and_started_again_nothing_is_lost_and_nothing_is_twice(desk: Desk) -> None:
    """Every place of a round where a stop can show, in the database and around the store, one after the other."""
    numbers = iter(range(1, 10_000))
    expected = []
    for places in range(1, 40):
        batch = [next(numbers) for _ in range(3)]
        expected += [uuid(number) for number in batch]
        desk.put(*(statement(number) for number in batch))
        fuse = Fuse(places)
        stopping = StoppingSessions(desk.sessions, fuse)
        store = StoppingStore(EmbeddedRecordStore(stopping, desk.tenant, desk.clock), fuse)
        stopped = False
        try:
            deliver(stopping, store, desk.tenant, desk.clock(), 0.5)
        except Stopped:
            stopped = True
        desk.clock.forward(seconds=(LEASE + timedelta(seconds=1)).total_seconds())
        desk.deliver()
        assert sorted(desk.recorded()) == sorted(expected)
        assert desk.summary() == Waiting()
        if not stopped:
            break
    assert not stopped
    assert places > 6
