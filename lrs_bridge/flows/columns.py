"""The columns of a gradebook, each found or made once however many scores wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.flows.ports import Gradebook
from lrs_bridge.store import scores
from lrs_bridge.store.due_scores import DueScore
from lrs_bridge.store.engine import Sessions

LEASE = timedelta(minutes=5)
_NO_GRADEBOOK = timedelta(hours=6)
_BEING_SET_UP = timedelta(seconds=2)

Key = tuple[str, str]
"""Run and indicator."""


class NotYet(Exception):
    """Nothing is wrong; the score waits for something else than the LMS."""

    def __init__(self, reason: str, wait: timedelta) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class Columns:
    """For the threads of one lane: the first that needs a column sets it up, the others wait for what it finds."""

    def __init__(self, sessions: Sessions, gradebook: Gradebook, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._gradebook = gradebook
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: dict[Key, threading.Lock] = {}
        self._found: dict[Key, str | Exception] = {}

    def url(self, due: DueScore, gone: str | None = None) -> str:
        """The column's address; `gone` is one that the LMS does not know any more.

        Raises NotYet, Unavailable, Refused: for every score of the column what it raised for the first.
        """
        key = due.row.run_id, due.row.indicator
        with self._lock(key):
            known = self._found.get(key, due.line_item_url)
            if known is None or known == gone:
                known = self._found[key] = self._tried(due, gone)
        if isinstance(known, Exception):
            raise known
        return known

    def _lock(self, key: Key) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def _tried(self, due: DueScore, gone: str | None) -> str | Exception:
        try:
            return self._set_up(due, gone)
        except (NotYet, Unavailable, Refused) as problem:
            return problem

    def _set_up(self, due: DueScore, gone: str | None) -> str:
        """Look for the column or make it, one worker at a time, or the LMS gets it twice."""
        if due.lineitems_url is None:
            raise NotYet("No launch has offered this course's gradebook yet.", _NO_GRADEBOOK)
        row = due.row
        with self._sessions.write() as session:
            known = scores.line_items(session, row.tenant_id, row.run_id).get(row.indicator)
            if known is not None and known.url not in (None, gone):
                return str(known.url)
            if not scores.claim_line_item(session, row.tenant_id, row.run_id, row.indicator, self._clock(), LEASE):
                raise NotYet("The column is being set up.", _BEING_SET_UP)
        try:
            url = self._gradebook.line_item(due.platform_id, due.lineitems_url, due.item)
        except (Unavailable, Refused):
            self._remember(due, None)
            raise
        self._remember(due, url)
        return url

    def _remember(self, due: DueScore, url: str | None) -> None:
        row = due.row
        with self._sessions.write() as session:
            scores.set_line_item(session, row.tenant_id, row.run_id, row.indicator, url)
