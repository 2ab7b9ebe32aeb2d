"""The columns of a gradebook, each found or made once however many scores wait for it, and in the order of the run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.scores import LineItem
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
    """For the threads of one lane: the first that needs a column sets up those of its run, the others wait for it.

    An LMS shows columns in the order in which they were made. So all that a run still lacks are found or made before
    the first score goes to one of them, in the order of the run, whichever score that is. A column that the LMS
    refuses holds up no other; an LMS that is down, or another process at work, holds up those behind.
    """

    def __init__(self, sessions: Sessions, gradebook: Gradebook, clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._gradebook = gradebook
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._found: dict[Key, str | Exception] = {}

    def url(self, due: DueScore, gone: str | None = None) -> str:
        """The column's address; `gone` is one that the LMS does not know any more.

        Raises NotYet, Unavailable, Refused: for every score of the column what it raised for the first.
        """
        known = self._known(due)
        if known is None or known == gone:
            with self._lock(due.row.run_id):
                known = self._known(due)
                if known is None or known == gone:
                    known = self._set_up(due, gone)
        if isinstance(known, Exception):
            raise known
        return known

    def _known(self, due: DueScore) -> str | Exception | None:
        return self._found.get((due.row.run_id, due.row.indicator), due.line_item_url)

    def _lock(self, run_id: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(run_id, threading.Lock())

    def _set_up(self, due: DueScore, gone: str | None) -> str | Exception:
        own = due.item
        for item in self._wanted(due):
            found = self._found_or_made(due, item, gone if item.tag == own.tag else None)
            self._found[item.resource_id, item.tag] = found
            if item.tag != own.tag and _holds_up(found):
                self._found[own.resource_id, own.tag] = found
                break
        return self._found[own.resource_id, own.tag]

    def _wanted(self, due: DueScore) -> list[LineItem]:
        """What the run lacks, in its order; the column in question, where the run does not say, at the end."""
        row, own = due.row, due.item
        with self._sessions.read() as session:
            missing = scores.missing_line_items(session, row.tenant_id, row.run_id)
        items = [LineItem(row.run_id, one.indicator, one.label or one.indicator, one.maximum or 0.0) for one in missing]
        tried = [item for item in items if not isinstance(self._found.get((row.run_id, item.tag)), Exception)]
        return tried if any(item.tag == own.tag for item in tried) else [*tried, own]

    def _found_or_made(self, due: DueScore, item: LineItem, gone: str | None) -> str | Exception:
        try:
            return self._one(due, item, gone)
        except (NotYet, Unavailable, Refused) as problem:
            return problem

    def _one(self, due: DueScore, item: LineItem, gone: str | None) -> str:
        """One worker at a time, or the LMS gets it twice."""
        if due.lineitems_url is None:
            raise NotYet("No launch has offered this course's gradebook yet.", _NO_GRADEBOOK)
        row = due.row
        with self._sessions.write() as session:
            known = scores.line_items(session, row.tenant_id, row.run_id).get(item.tag)
            if known is not None and known.url not in (None, gone):
                return str(known.url)
            if not scores.claim_line_item(session, row.tenant_id, row.run_id, item.tag, self._clock(), LEASE):
                raise NotYet("The column is being set up.", _BEING_SET_UP)
        try:
            url = self._gradebook.line_item(due.platform_id, due.lineitems_url, item)
        except Exception:
            self._remember(due, item, None)
            raise
        self._remember(due, item, url)
        return url

    def _remember(self, due: DueScore, item: LineItem, url: str | None) -> None:
        row = due.row
        with self._sessions.write() as session:
            scores.set_line_item(session, row.tenant_id, row.run_id, item.tag, url)


def _holds_up(found: str | Exception) -> bool:
    """Whether the columns behind wait, or they would stand before it one day."""
    return isinstance(found, NotYet) or (isinstance(found, Unavailable) and not found.alone)
