"""Lanes: background work that waits for networks, a thread for each server, beside the worker's rounds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic

log = logging.getLogger("lrs_bridge.worker")

TURN_SECONDS = 10.0


class Turn:
    """How long one lane may go on: until it is to stop, or has had its time while others wait for a lane.

    Without an end to it, a few with more to do than can ever be done would leave the others nothing.
    """

    def __init__(self, stop: threading.Event, crowded: Callable[[], bool], seconds: float = TURN_SECONDS) -> None:
        self.stop = stop
        self._crowded = crowded
        self._until = monotonic() + seconds

    @property
    def over(self) -> bool:
        return self.stop.is_set() or (monotonic() > self._until and self._crowded())


Serve = Callable[[str, Turn], int]
"""Do what is due for this server, until nothing is or the turn is over; answers how much was done."""


class Lanes:
    """One lane for each server with something due, so that a slow one holds up nobody else; `most` side by side."""

    def __init__(
        self, name: str, most: int, due: Callable[[], Sequence[str]], serve: Serve, turn_seconds: float = TURN_SECONDS
    ) -> None:
        self._name = name
        self._most = most
        self._turn_seconds = turn_seconds
        self._due = due
        self._serve = serve
        self._pool = ThreadPoolExecutor(most, f"lrs-bridge-{name}")
        self._running: dict[str, Future[int]] = {}
        self._stop = threading.Event()

    def look(self) -> int:
        """Open a lane for each server that has none; answers how many were opened. Does not wait for them."""
        for key in [one for one, lane in self._running.items() if lane.done()]:
            problem = self._running.pop(key).exception()
            if problem is not None:
                log.error("%s of %s failed, the next round tries again", self._name, key, exc_info=problem)
        opened = [key for key in self._due() if key not in self._running]
        for key in opened:
            self._running[key] = self._pool.submit(self._take_turn, key)
        return len(opened)

    def _take_turn(self, key: str) -> int:
        return self._serve(key, Turn(self._stop, self._crowded, self._turn_seconds))

    def _crowded(self) -> bool:
        """Whether somebody waits for a lane. Who gives theirs up comes after those who wait."""
        return len(self._running) > self._most

    def finish(self) -> int:
        """Wait for the lanes that are open; answers how much they did. Raises what stopped them."""
        self._pool.shutdown()
        return sum(lane.result() for lane in self._running.values())

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Have every lane end at the next place where nothing is lost, and wait for it."""
        self._stop.set()
        self._pool.shutdown()
