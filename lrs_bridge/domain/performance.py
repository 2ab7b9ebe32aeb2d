"""The performance outcome of a run: where it began, where it is to go, and where it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class EntryKind(StrEnum):
    """What a value is: before the journey, what is wanted, what was measured."""

    BASELINE = "baseline"
    TARGET = "target"
    ACTUAL = "actual"


class Entry(NamedTuple):
    """One value: `day` is the day of which it is true, or for a target by which it is wanted."""

    id: str
    kind: EntryKind
    value: float
    day: date
    source: str
    entered: datetime
    by: str
    instead_of: str | None = None


@dataclass(frozen=True)
class Performance:
    """`actuals` by day, oldest first. `replaced`: ids of entries that were corrected; they stay in `entries`."""

    measure: str
    unit: str
    entries: Sequence[Entry]
    baseline: Entry | None
    target: Entry | None
    actuals: Sequence[Entry]
    replaced: frozenset[str]

    @property
    def way(self) -> float | None:
        """How far of the way from baseline to target the latest actual is; 1 is there, under 0 is further away."""
        if self.baseline is None or self.target is None or not self.actuals:
            return None
        whole = self.target.value - self.baseline.value
        return (self.actuals[-1].value - self.baseline.value) / whole if whole else None


def performance(measure: str, unit: str, entries: Iterable[Entry]) -> Performance:
    """What stands today: of baseline and target the latest that was entered, of actuals one for each day."""
    known = sorted(entries, key=lambda one: (one.entered, one.id))
    replaced = frozenset(one.instead_of for one in known if one.instead_of)
    standing = [one for one in known if one.id not in replaced]
    days = {one.day: one for one in standing if one.kind is EntryKind.ACTUAL}

    def latest(kind: EntryKind) -> Entry | None:
        return next((one for one in reversed(standing) if one.kind is kind), None)

    return Performance(
        measure,
        unit,
        known,
        latest(EntryKind.BASELINE),
        latest(EntryKind.TARGET),
        [days[day] for day in sorted(days)],
        replaced,
    )
