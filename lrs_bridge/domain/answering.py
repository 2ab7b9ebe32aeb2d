"""How long people wait for an answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median


def usual_wait(answered: Iterable[tuple[datetime, datetime]]) -> timedelta | None:
    """The median time from question to answer, of (asked, answered); None of nothing.

    The median, because one question that lay over a holiday says nothing about the others.
    """
    waits = [(end - start).total_seconds() for start, end in answered]
    return timedelta(seconds=median(waits)) if waits else None


def in_words(wait: timedelta) -> str:
    """20 minutes; 3 hours; 2 days: rounded up, so that it promises nothing."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    if minutes < 60:
        return "a minute" if minutes == 1 else f"{minutes} minutes"
    hours = -(-minutes // 60)
    if hours < 36:
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{-(-hours // 24)} days"
