"""Delivery beside the worker's rounds: a thread that looks when poked, and a lane for each tenant's record store.

A statement that was just made does not wait for what else a round does, nor for another tenant's store.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from lrs_bridge.flows.deliver import deliver_due
from lrs_bridge.flows.lanes import Lanes, Turn
from lrs_bridge.store import outbox
from lrs_bridge.wiring import Bridge

log = logging.getLogger("lrs_bridge.worker")

LANES = 8
REST_SECONDS = 0.5
"""How often to look without a poke: other processes act, too, and a statement is to arrive within a second."""


class Deliveries:
    """Looks until stopped, at once when poked."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look = look
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lrs-bridge-deliveries", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def poke(self) -> None:
        """There may be something to deliver."""
        self._wake.set()

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._look()
            except Exception:  # a database that is away for a while must not end the loop
                log.exception("looking for statements to deliver failed, the next look tries again")
            self._wake.wait(REST_SECONDS)


def delivery_lanes(bridge: Bridge, ring: Callable[[], None]) -> Lanes:
    """A lane for each tenant with something to deliver. `ring` says to look again, where one gave up its lane."""

    def due() -> Sequence[str]:
        with bridge.sessions.read() as session:
            return outbox.tenants_due(session, bridge.clock())

    def serve(tenant_id: str, turn: Turn) -> int:
        done, store = 0, bridge.record_store(tenant_id)
        while not turn.over:
            some = deliver_due(bridge.sessions, store, tenant_id, bridge.clock, bridge.chance)
            done += some.claimed
            bridge.tally.count("delivered", number=some.arrived)
            if not some.arrived:
                return done
        if not turn.stop.is_set():
            ring()
        return done

    return Lanes("deliver", LANES, due, serve)
