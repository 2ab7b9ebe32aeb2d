"""Taking turns at writing to SQLite, which has one writer at a time.

Whoever finds it busy asks SQLite again at intervals of up to a tenth of a second, in which others come first. Here
writers queue: threads at a lock, processes at a lock on a file beside the database, which the system takes back from a
process that dies. Both are a courtesy: what keeps writers apart is SQLite's own lock.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic, sleep

try:
    import fcntl
except ImportError:  # Windows: its processes ask SQLite again
    fcntl = None  # type: ignore[assignment]

PATIENCE = 5.0  # seconds; who waited for so long asks SQLite itself, which says so in its own words
_GLANCE = 0.0005


class Turns:
    """The queue before one database file; of a database in memory, `path` is None."""

    def __init__(self, path: str | None, patience: float = PATIENCE) -> None:
        self._path = path if fcntl else None
        self._patience = patience
        self._lock = Lock()
        self._file: int | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, have it, and give it to the next."""
        mine = self._lock.acquire(timeout=self._patience)
        alone = mine and self.alone()
        try:
            yield
        finally:
            if alone and self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            if mine:
                self._lock.release()

    def alone(self) -> bool:
        """Lock the file; False where others keep it locked, or the file system knows no locks."""
        if self._path is None:
            return False
        until = monotonic() + self._patience
        try:
            if self._file is None:
                self._file = os.open(f"{self._path}-turn", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            while monotonic() < until:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    sleep(_GLANCE)
                else:
                    return True
        except OSError:
            self._path = None
        return False
