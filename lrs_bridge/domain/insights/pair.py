"""What it is worth for the person and for the business, side by side: it takes both, or it does not last. Pure.

Two questions of a reaction survey, from 1 to 5. They are told of the last total only, since a mean moves with every
answer while `publications` looks at whether people would recommend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrs_bridge.domain import small_groups
from lrs_bridge.domain.insights.shares import Why
from lrs_bridge.domain.publications import Publication

PERSON, BUSINESS = "value_person", "value_business"
"""Ids of the two questions."""
INSTEAD = "usefulness"
"""The built-in question that stands in for the first."""
SCALE = (1.0, 5.0)


@dataclass(frozen=True)
class Mean:
    """`low` and `high` are the same where the mean itself is told; None where nothing is, and `why`.

    `kept_back`: how many people were too few; for the list of what is held back and for no page.
    """

    item: str
    low: float | None = None
    high: float | None = None
    people: int | None = None
    why: Why | None = None
    kept_back: int = 0


@dataclass(frozen=True)
class Pair:
    """A side is None where the journey does not ask."""

    person: Mean | None = None
    business: Mean | None = None


def pair(published: Publication | None, asked: frozenset[str], k: int) -> Pair:
    """`published`: the last total of the reaction, or None while it is not out. `asked`: questions of the journey."""
    person = PERSON if PERSON in asked else INSTEAD if INSTEAD in asked else None
    business = BUSINESS if BUSINESS in asked else None
    return Pair(_mean(published, person, k), _mean(published, business, k))


def _mean(published: Publication | None, item: str | None, k: int) -> Mean | None:
    if item is None:
        return None
    figure = published.whole if published is not None and published.last else None
    parts: Mapping[str, Any] = figure.body["components"] if figure is not None else {}
    value, counts = parts.get(item), parts.get("answered")
    if figure is None or value is None or not isinstance(counts, Mapping):
        return Mean(item, why=Why.LATER)
    people = int(counts.get(item, 0))
    if people < k:
        return Mean(item, why=Why.FEW, kept_back=people)
    low, high = small_groups.range_of(float(value), SCALE, figure.alike)
    return Mean(item, low, high, people, Why.BAND if low != high else None)
