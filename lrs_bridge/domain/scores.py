"""Scores: what of an indicator reaches a gradebook, and in which words of AGS 2.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class ActivityProgress(StrEnum):
    """AGS 2.0, 3.4.7; only the two we send."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"


@dataclass(frozen=True)
class LineItem:
    """A column of the gradebook. `resource_id` is the run's uuid, `tag` the indicator's key."""

    resource_id: str
    tag: str
    label: str
    maximum: float


@dataclass(frozen=True)
class Score:
    """One score as sent: FullyGraded, since anything else erases the grade in Moodle.

    `given` None withdraws what was sent before: then the score goes without scoreGiven, as NotReady.
    `timestamp` is the time of sending, not of acting (AGS 2.0, 3.4.9).
    """

    user_id: str
    given: float | None
    maximum: float
    progress: ActivityProgress
    timestamp: datetime


def stamp_after(last: datetime | None, now: datetime) -> datetime:
    """The timestamp to send with: now, or a second after the last one the LMS took.

    Moodle compares whole seconds and answers 409 to a score that is not strictly later.
    """
    return now if last is None else max(now, last + timedelta(seconds=1))


def points(value: float, maximum: float) -> float:
    """`maximum x value/100`, clamped to 0..maximum, two decimals, half up."""
    exact = Decimal(str(maximum)) * Decimal(repr(value)) / 100
    clamped = min(max(exact, Decimal(0)), Decimal(str(maximum)))
    return float(clamped.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
