"""All background work of one process, each part to be looked at on its own.

Whoever calls it decides when: the loop of this process (`loop`), or Celery (`celery_app`). Each look finds what is due
in the database, so that one look too many does nothing, and one that is lost is made up for by the next.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from lrs_bridge import __version__
from lrs_bridge.flows.lanes import Lanes, Turn
from lrs_bridge.flows.roster import lanes as roster_lanes
from lrs_bridge.flows.send import Lanes as ScoreLanes
from lrs_bridge.flows.tell import lanes as listener_lanes
from lrs_bridge.store import tenants, worker_signs
from lrs_bridge.store.base import new_id
from lrs_bridge.store.worker_signs import SIGN_EVERY, Me
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.deliveries import delivery_lanes
from lrs_bridge.worker.letters import LetterRound
from lrs_bridge.worker.tick import SWEEP_EVERY, begin, read_of, sweep, tick

log = logging.getLogger("lrs_bridge.worker")

READERS = 4


class Work:
    """`ring` is called where there is more to do at once. Every look may be called from several threads."""

    def __init__(self, bridge: Bridge, called_by: str, ring: Callable[[], None]) -> None:
        self.bridge = bridge
        self._ring = ring
        self._me = Me(new_id(), socket.gethostname(), called_by, __version__, bridge.clock())
        self._signed: datetime | None = None
        self._swept: datetime | None = None
        self._under_way: dict[str, threading.Lock] = {}
        self._scores = ScoreLanes(bridge.sending)
        self._deliveries = delivery_lanes(bridge, ring)
        self._readers = Lanes("ingest", READERS, self._all_tenants, self._read)
        self._listeners = listener_lanes(bridge.telling)
        self._rosters = roster_lanes(bridge.sessions, bridge.roster, bridge.clock, bridge.chance)
        self._letters = LetterRound(bridge)

    def deliver(self) -> int:
        """Open a lane for each tenant with statements that are due; answers how many."""
        return self._alone("deliver", self._deliveries.look)

    def round(self) -> int:
        """Everything but delivering and letters: evaluate, and open lanes for what waits for networks.

        Answers how much was done, 0 where there was nothing, or another thread was at it.
        """
        return self._alone("round", self._round)

    def letters(self) -> int:
        """Plan and send letters; answers how many were dealt with."""
        return self._alone("letters", self._letters.look)

    def stop(self) -> None:
        """Finish what is in hand, and end."""
        self._letters.stop.set()
        for lanes in (self._readers, self._deliveries, self._rosters, self._listeners, self._scores):
            lanes.stop()
        self.bridge.tally.add()
        try:
            with self.bridge.sessions.jot() as session:
                worker_signs.leave(session, self._me.id)
        except SQLAlchemyError:
            log.warning("the sign of life of this worker stays, the database being away")

    def _round(self) -> int:
        now = self.bridge.clock()
        if self._swept is None:
            begin(self.bridge)
        if self._swept is None or now - self._swept > SWEEP_EVERY:
            sweep(self.bridge)
            self._swept = now
        self._sign(now)
        return tick(self.bridge, self._scores.look, self._rosters.look, _nothing, self._listeners.look, self._take_in)

    def _sign(self, now: datetime) -> None:
        if self._signed is None or not now - self._signed < SIGN_EVERY:
            with self.bridge.sessions.jot() as session:
                worker_signs.sign(session, self._me, now)
            self._signed = now

    def _take_in(self) -> int:
        """A store that is slow to answer holds up no other tenant's, and no evaluation."""
        self._readers.look()
        return 0

    def _all_tenants(self) -> Sequence[str]:
        with self.bridge.sessions.read() as session:
            return [tenant.id for tenant in tenants.all_tenants(session)]

    def _read(self, tenant_id: str, turn: Turn) -> int:
        with self.bridge.sessions.read() as session:
            tenant = tenants.get_tenant(session, tenant_id)
        done = 0
        while not turn.over and (some := read_of(self.bridge, tenant)):
            done += some
            self.bridge.tally.count("taken_in", number=some)
            self._ring()
        return done

    def _alone(self, name: str, look: Callable[[], int]) -> int:
        with self._first(name) as first:
            return look() if first else 0

    @contextmanager
    def _first(self, name: str) -> Iterator[bool]:
        """Whether nobody else of this process is at it."""
        lock = self._under_way.setdefault(name, threading.Lock())
        first = lock.acquire(blocking=False)
        try:
            yield first
        finally:
            if first:
                lock.release()


def _nothing() -> int:
    """Statements are delivered beside the rounds."""
    return 0
