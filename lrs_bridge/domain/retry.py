"""When to try again: jittered exponential back-off that obeys Retry-After. Pure, the chance comes in."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 3600.0
FIRST_LOOK = timedelta(days=1)
LONGEST_LOOK = timedelta(days=8)


def next_attempt(
    now: datetime, attempts: int, chance: float, retry_after: float | None = None, longest: float = LONGEST_SECONDS
) -> datetime:
    """The time of the next attempt after `attempts` failures, `longest` seconds away at the most.

    `chance` in [0, 1) spreads the wait over its upper half (equal jitter), so that a recovering server is not
    met by everybody at once. `retry_after` in seconds (RFC 9110, 10.2.3) is a floor; it may exceed our longest
    wait, up to a day.
    """
    wait = min(longest, FIRST_SECONDS * 2 ** min(attempts, 20))
    wait = wait / 2 + wait / 2 * chance
    if retry_after is not None:
        wait = max(wait, min(retry_after, 86_400.0))
    return now + timedelta(seconds=wait)


def next_look(now: datetime, attempts: int) -> datetime:
    """When to see whether a refusal still stands, after `attempts` others: a day, then twice as long each time."""
    return now + min(LONGEST_LOOK, FIRST_LOOK * (1 << min(attempts, 20)))
