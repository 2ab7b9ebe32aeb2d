"""How far a record store has been read, and where to go on after a page or a stop. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AHEAD = timedelta(minutes=1)
"""How far the clock of a store may be ahead of ours. Beyond that its times are not believed."""


class Order(StrEnum):
    """What a store's `since` and the order of its pages go by; the value is the property of the statement.

    xAPI says `stored` (Communication 2.1.3). A store that goes by `timestamp` shows a statement that arrives late
    behind us, so what it holds has to be read again from time to time.
    """

    STORED = "stored"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True)
class Position:
    """`place`: the latest time, in the store's order, up to which everything was taken in.

    `more`: the store's own word for the rest of a pass that is under way; None where the next one begins at `place`.
    """

    place: datetime | None = None
    more: str | None = None

    def since(self, overlap: timedelta) -> datetime | None:
        """Where a new pass begins: some of what was read is read again, for statements that show late or share a
        `stored`. None: at the beginning of the record."""
        return None if self.place is None else self.place - overlap

    def after(self, times: Iterable[datetime], more: str | None, through: datetime | None, now: datetime) -> Position:
        """The position after a page with these `times`.

        It never goes back, never past what the store calls consistent (`through`), and never far past our own clock:
        one statement dated into the next century must not hide all others.
        """
        known = [time for time in (through, now + AHEAD) if time is not None]
        places = [min(time, *known) for time in times]
        if self.place is not None:
            places.append(self.place)
        return Position(max(places, default=None), more)
