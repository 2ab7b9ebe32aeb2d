"""Retention: what is forgotten how long after a run is over. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain.data_map import Holding, Kept


@dataclass(frozen=True)
class Terms:
    """In months: texts and process facts after a run, notes of who looked at the record, and statements of people who
    never came."""

    words: int = 12
    process: int = 24
    access: int = 24
    waiting: int = 12

    def said(self, kept: Kept) -> str:
        """How long, in words."""
        return {
            Kept.WORDS: f"{self.words} months after the run",
            Kept.PROCESS: f"{self.process} months after the run",
            Kept.ACCESS: f"{self.access} months",
        }.get(kept, str(kept))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_due(ended: date | None, months: int, today: date) -> bool:
    """Whether what ended on that day has been over for so many months; never what has not ended."""
    return ended is not None and months_after(ended, months) <= today


def tables_kept(held: Mapping[str, Holding], words: bool) -> frozenset[str]:
    """Tables of which something goes with the texts of a run, or with its process facts."""
    return frozenset(name for name, one in held.items() if one.over and (one.kept is Kept.WORDS) is words)
