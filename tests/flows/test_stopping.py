"""Stopping at any line and starting again loses nothing and repeats nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.scores import points
from lrs_bridge.flows.deliver import deliver
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.ingest import Source, ingest
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import outbox, results
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.facts import FactRow
from tests.fakes.gradebook import FakeGradebook
from tests.fakes.record_store import FakeRecordStore
from tests.flows.world import World
from tests.plugins import installed

REGISTRY = installed()
STEPS = [("S08", Kind.COMPLETED), ("S09", Kind.ATTENDED), ("S28", Kind.REFLECTED), ("S04", Kind.COMPLETED)]


class Stopped(BaseException):
    """The process is gone: nothing after this line runs, and no handler sees it."""


@dataclass
class Fuse:
    """Blows at the n-th place where a stop can show: before and after each commit and each network call."""

    places: int

    def pass_by(self) -> None:
        self.places -= 1
        if self.places == 0:
            raise Stopped


class StoppingSessions(Sessions):
    """Sessions whose process may be stopped just before or just after a commit."""

    def __init__(self, engine, fuse: Fuse) -> None:
        super().__init__(engine)
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


def stopping(fuse: Fuse, method):
    def call(*args):
        fuse.pass_by()
        answer = method(*args)
        fuse.pass_by()
        return answer

    return call


def _round(world: World, sessions: Sessions, store, book) -> int:
    clock = world.clock
    done = deliver(sessions, store, world.tenant.id, clock(), 0.5, limit=3).claimed
    done += ingest(sessions, world.tenant, Source("the record", store), clock, 0.5).arrived.taken
    done += evaluate_due(sessions, REGISTRY, clock())
    return done + send_due(Sending(sessions, book, clock, lambda: 0.5, at_once=1))


def _until_quiet(world: World, sessions: Sessions, store, book) -> None:
    quiet = 0
    while quiet < 3:
        quiet = 0 if _round(world, sessions, store, book) else quiet + 1
        world.clock.on(seconds=2)


def _stop_at(world: World, places: int, store: FakeRecordStore, book: FakeGradebook) -> bool:
    fuse = Fuse(places)
    write, read, line_item, send = store.write, store.read, book.line_item, book.send
    store.write, store.read = stopping(fuse, write), stopping(fuse, read)
    book.line_item, book.send = stopping(fuse, line_item), stopping(fuse, send)
    try:
        _until_quiet(world, StoppingSessions(world.sessions.engine, fuse), store, book)
    except Stopped:
        return True
    finally:
        store.write, store.read, book.line_item, book.send = write, read, line_item, send
    return False


def _check(world: World, acts: list[str], store: FakeRecordStore, book: FakeGradebook) -> None:
    with world.sessions.read() as session:
        waiting = outbox.summary(session, world.tenant.id)
        facts = session.scalar(select(func.count()).select_from(FactRow))
        computed = results.person_results(session, world.tenant.id, world.run.id, world.petra.account)
    assert (waiting.waiting, waiting.dead) == (0, 0)
    assert set(acts) < set(store.statements)
    assert facts == len(store.statements) == len(acts) + 1  # and `registered`
    for indicator in ("journey_completion", "manager_engagement"):
        assert book.shows(indicator, "petra") == points(computed[indicator].value, 100.0)
    assert len({item.tag for item in book.columns.values()}) == len(book.columns)


def test_stopping_at_any_place_and_starting_again_ends_the_same(world: World):
    store, book = FakeRecordStore(), FakeGradebook()
    acts: list[str] = []
    stopped = True
    places = 0
    while stopped:
        places += 1
        step, kind = STEPS[places % len(STEPS)]
        acts.append(world.act(kind, world.petra, step=step).statement_id)
        acts.append(world.act(Kind.ATTENDED, world.mark, step="S10").statement_id)
        stopped = _stop_at(world, places, store, book)
        world.clock.on(minutes=6)  # longer than any lease
        _until_quiet(world, world.sessions, store, book)
        _check(world, acts, store, book)
    assert places > 15, "a stop can show in more places than that"
