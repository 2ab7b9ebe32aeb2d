"""From record stores into facts: by cursor, each statement once, voids in any order; and all of it once more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import Refused, StatementPage, Unavailable
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.position import Order, Position
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.flows.ports import RecordStore
from lrs_bridge.flows.taking_in import put_aside, read_page, take_page, wanted_here
from lrs_bridge.store import cursors, journeys
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.cursors import Lap
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.faults import is_about_content
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.xapi.reading import moment

log = logging.getLogger("lrs_bridge.ingest")

LEASE = timedelta(minutes=2)
PAGES_AT_ONCE = {Lap.NEW: 20, Lap.AGAIN: 5}
"""Pages of each lap in one round: a lap through everything must not hold up what is new."""
_GIVE_UP_MORE = 3


@dataclass(frozen=True)
class Source:
    """A record store that is read, and how.

    `name`: under which it is remembered how far it was read; another address is another record. `every`: how long
    to wait at its end. `overlap`: how far back to read again each time: some stores give several statements one
    `stored`, or show them out of order. `again`: how often to read all of it once more; None: when somebody asks.
    """

    name: str
    store: RecordStore
    every: timedelta = timedelta(0)
    overlap: timedelta = timedelta(0)
    order: Order = Order.STORED
    again: timedelta | None = None


@dataclass(frozen=True)
class Ingested:
    """What one round did; `goes_on` when there is more to read at once."""

    arrived: Arrived = field(default_factory=Arrived)
    goes_on: bool = False

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(self.arrived + other.arrived, self.goes_on or other.goes_on)


def ingest(
    sessions: Sessions, tenant: Tenant, source: Source, clock: Callable[[], datetime], chance: float
) -> Ingested:
    """Take in what the store got since the cursor, and a part of the lap through everything where one is due.

    Each page is a transaction of its own with its cursor, so a stop in between repeats at most one page, and
    repeating a page changes nothing.
    """
    reader = _Reader(sessions, tenant, source, clock, chance)
    return reader.run(Lap.NEW) + reader.run(Lap.AGAIN)


@dataclass(frozen=True)
class _Reader:
    sessions: Sessions
    tenant: Tenant
    source: Source
    clock: Callable[[], datetime]
    chance: float

    def run(self, lap: Lap) -> Ingested:
        position = self._claim(lap)
        done = Ingested()
        if position is None:
            return done
        since = position.since(self.source.overlap)
        for left in reversed(range(PAGES_AT_ONCE[lap])):
            asked = position.more
            try:
                page = self.source.store.read(since, asked)
            except (Unavailable, Refused) as problem:
                self._put_off(lap, problem)
                return done
            position, arrived = self._keep(lap, position, page, rest=left == 0)
            done += Ingested(arrived, position.more is not None)
            if position.more is None:
                return replace(done, goes_on=False)
        return done

    def _claim(self, lap: Lap) -> Position | None:
        """Where to read on, if it is time to; nobody else reads meanwhile."""
        now, tenant_id, name = self.clock(), self.tenant.id, self.source.name
        again = self.source.again
        first = now if lap is Lap.NEW else now + again if again else None
        with self.sessions.read() as session:
            if not cursors.is_due(session, tenant_id, name, lap, now, first):
                return None
        with self.sessions.jot() as session:
            return cursors.claim(session, tenant_id, name, lap, now, LEASE, first)

    def _keep(self, lap: Lap, position: Position, page: StatementPage, rest: bool) -> tuple[Position, Arrived]:
        """A page and its cursor in one transaction; `rest` when this round ends with it."""
        now = self.clock()
        after = self._after(position, page, now)
        if not page.statements and after == position:  # nothing to lose: the disk need not be waited for
            with self.sessions.jot() as session:
                self._move(session, lap, position, after, now, rest)
            return after, Arrived()
        try:
            with self.sessions.write() as session:
                arrived = self._take(session, lap, page.statements, position, now)
                self._move(session, lap, position, after, now, rest)
        except Exception as problem:
            if not is_about_content(problem):
                raise
            # Not what it says: a database quotes what was to be written, and that may name people.
            log.error("ingest: a page of %s could not be kept whole (%s)", self.source.name, type(problem).__name__)
            with self.sessions.write() as session:
                arrived = self._take_one_by_one(session, lap, page.statements, position, now)
                self._move(session, lap, position, after, now, rest)
        if arrived.taken or arrived.unreadable:
            log.info("ingest: %s: %s", self.source.name, in_words(arrived))
        return after, arrived

    def _after(self, position: Position, page: StatementPage, now: datetime) -> Position:
        """An empty page is the last, whatever the store says; so is one that leads to itself."""
        order = self.source.order
        stamps = (moment(one.get(order.value)) for one in page.statements if isinstance(one, dict))
        more = page.more if page.statements and page.more != position.more else None
        if page.more and not more and page.statements:
            log.warning("ingest: %s continues a page with itself; taken as its end", self.source.name)
        through = page.consistent_through if order is Order.STORED else None
        return position.after((stamp for stamp in stamps if stamp is not None), more, through, now)

    def _take(
        self, session: Session, lap: Lap, statements: Sequence[Any], position: Position, now: datetime
    ) -> Arrived:
        def is_new(fact: Fact) -> bool:
            place = fact.stored if self.source.order is Order.STORED else fact.at
            return lap is Lap.NEW and (position.place is None or place is None or place > position.place)

        cursors.lock(session, self.tenant.id)
        page = read_page(statements, self.tenant.iri_base)
        return take_page(session, self.tenant, self.source.name, page, now, is_new)

    def _take_one_by_one(
        self, session: Session, lap: Lap, statements: Sequence[Any], position: Position, now: datetime
    ) -> Arrived:
        """The statement that cannot be kept is listed, and all others are taken."""
        arrived = Arrived()
        for statement in statements:
            try:
                with session.begin_nested():
                    arrived += self._take(session, lap, [statement], position, now)
            except Exception as problem:
                if not is_about_content(problem):
                    raise
                arrived += put_aside(session, self.tenant.id, self.source.name, statement, problem, now)
        return arrived

    def _move(self, session: Session, lap: Lap, before: Position, after: Position, now: datetime, rest: bool) -> None:
        """Go on at once, or wait: at the end of the record, or for whoever asks for the next lap.

        Whoever moved the cursor while we read knows better: somebody asked for a new lap, or our lease ran out.
        """
        cursor = cursors.get_cursor(session, self.tenant.id, self.source.name, lap)
        if cursor.position != before:
            return
        cursor.position, cursor.failures, cursor.reason = after, 0, None
        if after.more is not None:
            cursor.next_at = now if rest else now + LEASE
            return
        cursor.caught_up = now
        if lap is Lap.NEW:
            cursor.next_at = now + self.source.every
            self._look_for_more(session, cursor, now)
        else:
            log.info("ingest: %s was read again from the beginning", self.source.name)
            cursor.position = Position()
            cursor.next_at = now + self.source.again if self.source.again else None

    def _look_for_more(self, session: Session, cursor: cursors.Cursor, now: datetime) -> None:
        """A new journey may look for what was skipped before it came: then everything is read once more."""
        installed = _mark(journeys.ids(session, self.tenant.id))
        before = cursor.looked_for or ""
        if before.startswith(installed):
            return
        wanted = wanted_here(session, self.tenant.id)
        cursor.looked_for = installed + _mark(wanted)
        if before and wanted and not before.endswith(_mark(wanted)):
            log.info("ingest: journeys look for other statements than before; %s is read again", self.source.name)
            cursors.read_again(session, self.tenant.id, now, self.source.name)

    def _put_off(self, lap: Lap, problem: Unavailable | Refused) -> None:
        """Ask again later. Where the store no longer knows the rest of a pass, begin a new one at the cursor."""
        now = self.clock()
        with self.sessions.write() as session:
            cursor = cursors.get_cursor(session, self.tenant.id, self.source.name, lap)
            cursor.failures += 1
            cursor.reason = problem.reason[:500]
            if cursor.more is not None and (isinstance(problem, Refused) or cursor.failures >= _GIVE_UP_MORE):
                cursor.more = None
            wait = getattr(problem, "retry_after", None)
            cursor.next_at = next_attempt(now, cursor.failures, self.chance, wait)
            log.warning("ingest: %s; next attempt at %s", problem.reason, cursor.next_at.isoformat())


def _mark(of: Iterable[Any]) -> str:
    """32 characters that tell one set from another."""
    return sha256(repr(sorted(of)).encode()).hexdigest()[:32]


def in_words(arrived: Arrived) -> str:
    """For the log and the command line."""
    return (
        f"{arrived.taken} taken, {arrived.confirmed} of ours confirmed, {arrived.skipped} skipped, "
        f"{arrived.unreadable} unreadable"
    )
