"""The worker loop: inside the web process by default, or on its own with `lrs-bridge worker`."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from lrs_bridge.flows.roster import lanes as roster_lanes
from lrs_bridge.flows.send import Lanes
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.deliveries import Deliveries
from lrs_bridge.worker.tick import SWEEP_EVERY, sweep, tick

log = logging.getLogger("lrs_bridge.worker")

REST_SECONDS = 1.0


class Loop:
    """Runs rounds until stopped; rests when a round found nothing, and wakes at once when poked.

    Scores, rosters and statements go their own way meanwhile: a round waits for no LMS, and no statement for a round.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._swept: datetime | None = None
        self._lanes = Lanes(bridge.sending)
        self._deliveries = Deliveries(bridge)
        self._rosters = roster_lanes(bridge.sessions, bridge.roster, bridge.clock, bridge.chance)

    def start(self) -> None:
        """Run in a thread of this process and listen to its pokes."""
        self._bridge.bell.ring = self.poke
        self._thread = threading.Thread(target=self.run, name="lrs-bridge-worker", daemon=True)
        self._thread.start()

    def poke(self) -> None:
        """There is something to do."""
        self._deliveries.poke()
        self._wake.set()

    def stop(self) -> None:
        """Finish the round under way and end."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def ask_to_stop(self) -> None:
        """End after the round under way; safe to call from a signal handler."""
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Rounds until `stop`, in the calling thread."""
        log.info("worker started")
        self._deliveries.start()
        while not self._stop.is_set():
            self._wake.clear()
            if self._round() == 0:
                self._wake.wait(REST_SECONDS)
        self._deliveries.stop()
        self._rosters.stop()
        self._lanes.stop()
        log.info("worker stopped")

    def _round(self) -> int:
        try:
            now = self._bridge.clock()
            if self._swept is None or now - self._swept > SWEEP_EVERY:
                sweep(self._bridge)
                self._swept = now
            return tick(self._bridge, self._lanes.look, self._rosters.look, _nothing)
        except Exception:  # a database that is away for a while must not end the loop
            log.exception("the round failed, the next one tries again")
            return 0


def _nothing() -> int:
    """Statements are seen to by `Deliveries`."""
    return 0
