"""The impact rate: people with a confirmed application that had a clear result, out of everybody in the run. Pure.

It is made of what people said came of their moments, so it is told from publications only. The marks are Brinkerhoff's
(Telling Training's Story, 2006): 20 % of people at best after usual training, 80 % where the whole chain works.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lrs_bridge.domain import small_groups
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.publications import Figure, Publication

USUAL, NEEDED = 20, 80
"""Percent: what comes of most training at best, and what it takes. Between them the run's own target."""


class Why(StrEnum):
    """Why a figure is not told as a number."""

    UNKNOWN = "unknown"
    """Nothing has happened yet of which it could be made."""
    FEW = "few"
    COMPLEMENT = "complement"
    LATER = "later"
    """It would tell what those said who were new."""
    BAND = "band"


@dataclass(frozen=True)
class Share:
    """`count` of `of` people, both None where they are not told; then `why` says it, and `band` where it lies."""

    count: int | None
    of: int | None
    why: Why | None = None
    band: str | None = None

    @property
    def rate(self) -> float | None:
        """0-1."""
        return self.count / self.of if self.count is not None and self.of else None


@dataclass(frozen=True)
class AreaShare:
    area: str
    people: int
    share: Share


def hidden(why: Why) -> Share:
    return Share(None, None, why)


def impact(figure: Figure | None, present: Outcome, k: int) -> Share:
    """The rate of a publication of mtm_application. Of the `present` result only whether there is any, and of how many
    people, is told."""
    rate, enrolled = _rate_of(figure)
    if rate is None and present.components.get("impact_rate") is None:
        return hidden(Why.UNKNOWN)
    if (enrolled if rate is not None else present.n) < k:
        return hidden(Why.FEW)
    if rate is None:
        return hidden(Why.LATER)
    count = round(rate * enrolled)
    band = small_groups.band(count, enrolled)
    return Share(None, None, Why.BAND, band) if band else Share(count, enrolled)


def _rate_of(figure: Figure | None) -> tuple[float | None, int]:
    """The rate, 0-1, and over how many people."""
    if figure is None:
        return None, 0
    body: Mapping[str, Any] = figure.body
    return body["components"].get("impact_rate"), enrolled_of(body)


def enrolled_of(body: Mapping[str, Any]) -> int:
    """How many people were in scope of a group's result."""
    return round(body["n"] / body["coverage"]) if body["coverage"] else 0


def by_area(published: Publication | None, sizes: Mapping[str, int], k: int) -> list[AreaShare]:
    """Each area of the run with its share, the largest first. They come out with the last total and only then; what is
    left out there is hidden here. `sizes`: people by area."""
    if published is None or not any(published.figures.get(area) for area in sizes):
        return []
    found = []
    for area in _largest_first(sizes):
        figure = published.figures.get(area)
        rate, enrolled = _rate_of(figure)
        if figure is None or rate is None or enrolled < k:
            why = Why.FEW if sizes[area] < k else Why.COMPLEMENT
            found.append(AreaShare(area, sizes[area], hidden(why)))
            continue
        count = round(rate * enrolled)
        band = small_groups.band(count, enrolled)
        share = Share(None, None, Why.BAND, band) if band else Share(count, enrolled)
        found.append(AreaShare(area, sizes[area], share))
    return found


def _largest_first(sizes: Mapping[str, int]) -> Iterable[str]:
    return sorted((area for area in sizes if area), key=lambda area: (-sizes[area], area))
