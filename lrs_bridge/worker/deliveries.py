"""Delivery beside the worker's rounds: a thread that looks when poked, and a lane for each tenant's record store.

A statement that was just made does not wait for what else a round does, nor for another tenant's store.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from lrs_bridge.flows.deliver import deliver_due
from lrs_bridge.flows.lanes import Lanes
from lrs_bridge.store import outbox
from lrs_bridge.wiring import Bridge

log = logging.getLogger("lrs_bridge.worker")

LANES = 8
REST_SECONDS = 0.5
"""How often to look without a poke: other processes act, too, and a statement is to arrive within a second."""


class Deliveries:
    """Looks until stopped, at once when poked."""

    def __init__(self, bridge: Bridge) -> None:
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._lanes = _lanes(bridge)
        self._thread = threading.Thread(target=self._run, name="lrs-bridge-deliveries", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def poke(self) -> None:
        """There may be something to deliver."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the batches under way and end."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self._lanes.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._lanes.look()
            except Exception:  # a database that is away for a while must not end the loop
                log.exception("looking for statements to deliver failed, the next look tries again")
            self._wake.wait(REST_SECONDS)


def _lanes(bridge: Bridge) -> Lanes:
    def due() -> Sequence[str]:
        with bridge.sessions.read() as session:
            return outbox.tenants_due(session, bridge.clock())

    def serve(tenant_id: str, stop: threading.Event) -> int:
        done, store = 0, bridge.record_store(tenant_id)
        while not stop.is_set():
            some = deliver_due(bridge.sessions, store, tenant_id, bridge.clock, bridge.chance)
            done += some.claimed
            if not some.arrived:
                break
        return done

    return Lanes("deliver", LANES, due, serve)
