"""Tallies: how often something happened since the database was made, over all processes.

Each process counts in memory and adds to the table now and then, so that any of them can tell the whole number and no
request waits for a count. What a process that is killed had not added yet, a few seconds' worth, is missing for ever.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import Counter

from sqlalchemy import BigInteger, String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, insert_for
from lrs_bridge.store.engine import Sessions

log = logging.getLogger(__name__)

SECONDS = 5.0


class TallyRow(Base):
    """`name` is of a metric, `label` of one of its kinds, from a fixed list; empty where it has none."""

    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    label: Mapped[str] = mapped_column(String(50), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


def add(session: Session, name: str, label: str, number: int) -> None:
    insert = insert_for(session)(TallyRow).values(name=name, label=label, number=number)
    more = {"number": TallyRow.number + insert.excluded.number}
    session.execute(insert.on_conflict_do_update(index_elements=["name", "label"], set_=more))


def totals(session: Session) -> dict[tuple[str, str], int]:
    """(name, label) -> number."""
    return {(row.name, row.label): row.number for row in session.scalars(select(TallyRow))}


class Tally:
    """What this process counted and has not added to the table yet."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._counted: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._every: float | None = None

    def keep_adding(self, seconds: float = SECONDS) -> None:
        """From now on, and in processes that are forked from this one: add so many seconds after each first count."""
        self._every = seconds
        atexit.register(self.add)

    def count(self, name: str, label: str = "", number: int = 1) -> None:
        """One more, or several. Costs no query."""
        if not number:
            return
        with self._lock:
            self._counted[name, label] += number
            if self._every is not None and (self._timer is None or not self._timer.is_alive()):
                self._timer = threading.Timer(self._every, self.add)
                self._timer.daemon = True
                self._timer.start()

    def add(self) -> None:
        """Add to the table what was counted. A database that is away gets it the next time."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
            self._timer = None
        if not counted:
            return
        try:
            with self._sessions.jot() as session:
                for (name, label), number in sorted(counted.items()):  # processes lock rows in the same order
                    add(session, name, label, number)
        except SQLAlchemyError:
            log.warning("what was counted could not be added to the table; it will be tried again")
            with self._lock:
                self._counted.update(counted)
