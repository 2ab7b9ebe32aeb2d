"""The worker loop: inside the web process by default, or on its own with `lrs-bridge worker`."""

from __future__ import annotations

import logging
import threading

from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.deliveries import Deliveries
from lrs_bridge.worker.letters import Letters
from lrs_bridge.worker.work import Work

log = logging.getLogger("lrs_bridge.worker")

REST_SECONDS = 1.0


class Loop:
    """Runs rounds until stopped; rests when a round found nothing, and wakes at once when poked.

    Scores, rosters, statements and listeners go their own way meanwhile: a round waits for no other side of a network,
    and no statement for a round.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._work = Work(bridge, "loop", self.poke)
        self._deliveries = Deliveries(self._work.deliver)
        self._letters = Letters(self._work.letters)

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
        self._letters.start()
        while not self._stop.is_set():
            self._wake.clear()
            if self._round() == 0:
                self._wake.wait(REST_SECONDS)
        self._deliveries.stop()
        self._letters.stop()
        self._work.stop()
        log.info("worker stopped")

    def _round(self) -> int:
        try:
            return self._work.round()
        except Exception:  # a database that is away for a while must not end the loop
            log.exception("the round failed, the next one tries again")
            return 0
