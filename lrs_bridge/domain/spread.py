"""How the values of a group are spread: counts of people in bands, coarse enough that nobody stands out.

For whoever sees each person's value anyway, bands of equal width. For everybody else the rule for small groups of
`docs/privacy.md`: each band holds at least k people and at least 5 % of them, so that no band, and nothing that is left
when bands are taken away from the total, is about fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BANDS = 5
LEAST_SHARE = 0.05


@dataclass(frozen=True)
class Band:
    """People whose value is at least `low` and below `high`; the last band has its upper end in it."""

    low: float
    high: float
    people: int


def bands(values: Sequence[float], bounds: tuple[float, float] = (0.0, 100.0), count: int = BANDS) -> list[Band]:
    """Bands of equal width over the bounds; what lies outside counts in the nearest."""
    low, high = bounds
    width = (high - low) / count
    found = [0] * count
    for value in values:
        found[max(0, min(count - 1, int((value - low) // width)))] += 1
    return [Band(low + number * width, low + (number + 1) * width, people) for number, people in enumerate(found)]


def coarse(values: Sequence[float], k: int, bounds: tuple[float, float] = (0.0, 100.0)) -> list[Band]:
    """Neighbouring bands put together until each holds enough people; nothing where fewer than two are left."""
    least = max(float(k), LEAST_SHARE * len(values))
    found: list[Band] = []
    for band in bands(values, bounds):
        found.append(_joined(found.pop(), band) if found and found[-1].people < least else band)
    if len(found) > 1 and found[-1].people < least:
        last = found.pop()
        found.append(_joined(found.pop(), last))
    return found if len(found) > 1 else []


def _joined(lower: Band, upper: Band) -> Band:
    return Band(lower.low, upper.high, lower.people + upper.people)
