"""What parts of a report say in the same words. Pure."""

from __future__ import annotations

from lrs_bridge.domain.casework.response import Group
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.reporting.telling import Told
from lrs_bridge.web.evaluator.wording import percent
from lrs_bridge.web.words import plain

BUCKETS = {Bucket.HIGH: "High", Bucket.MIDDLE: "Middle", Bucket.LOW: "Low"}
MEANING = {
    Bucket.HIGH: "used it, with a clear result",
    Bucket.MIDDLE: "used it, with no clear result yet",
    Bucket.LOW: "hardly used it, or not at all",
}


def signed(number: float) -> str:
    return plain(number).replace("-", "−")


def how_many(told: Told, bucket: Bucket) -> str | None:
    """18 of 90; the word where the number is not told; None where nothing is."""
    if told.groups is None:
        return None
    word = told.bands.get(str(bucket))
    if word is not None:
        return word
    n = sum(group.count for group in told.groups)
    group = told.group(bucket)
    return f"{group.count} of {n}" if group else None


def shares(group: Group) -> tuple[str, str, str]:
    """Of those who answered, the range of that, of everybody; a dash where too few answered for percentages."""
    if group.of_respondents is None or group.interval is None:
        return "–", "–", "–"
    between = f"{percent(group.interval.low)} to {percent(group.interval.high)}"
    return percent(group.of_respondents), between, percent(group.of_enrolled) if group.of_enrolled is not None else "–"
