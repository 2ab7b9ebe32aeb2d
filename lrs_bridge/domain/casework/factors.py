"""What made the difference: which factors helped and hindered in High and in Low, the widest gap first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.small_groups import K, band

FACTORS: Mapping[str, str] = MappingProxyType(
    {
        "leader_need": "Somebody above needed it",
        "preparation_line_of_sight": "Knowing what it was for",
        "timing": "The timing",
        "manager_support": "The manager",
        "managers_manager": "The manager’s manager",
        "incentives": "What is rewarded",
        "opportunity_to_use": "Chances to use it",
        "peer_norms": "How colleagues do it",
        "tools_resources": "Tools, time and money",
        "skill_not_learned": "How well it was learned",
        "personal": "Something personal",
        "other": "Something else",
    }
)
"""The one closed list, by code, in the words of pages and reports. Surveys ask with the same codes."""

PERCENT_FROM = 10
"""People of whom a percentage is said; below it, counts."""


class Source(StrEnum):
    """Where the codes come from: what people ticked in the survey, or what was coded in interviews."""

    SURVEY = "survey"
    INTERVIEWS = "interviews"


@dataclass(frozen=True)
class Coded:
    """One person's factors, `helped` or `hindered` by code, and the bucket they are in."""

    bucket: Bucket
    factors: Mapping[str, str]


@dataclass(frozen=True)
class Side:
    """One factor in one group: how many of `of` people it helped, and how many it hindered."""

    helped: int
    hindered: int
    of: int

    @property
    def in_place(self) -> float | None:
        """The share with the factor in place, 0-1; None of nobody."""
        return self.helped / self.of if self.of else None

    @property
    def band(self) -> str | None:
        """What is said instead of the count where it would tell of each: nearly all, hardly any."""
        return band(self.helped, self.of) if self.of else None


@dataclass(frozen=True)
class Gap:
    """`gap`: points between High and Low, 100 x the difference of shares; None where one of them has nobody."""

    factor: str
    high: Side
    low: Side

    @property
    def title(self) -> str:
        return FACTORS[self.factor]

    @property
    def gap(self) -> float | None:
        high, low = self.high.in_place, self.low.in_place
        return None if high is None or low is None else 100.0 * (high - low)


@dataclass(frozen=True)
class Ranking:
    """Gaps from one source, the widest first, ties in the order of the list. `high`, `low`: people behind them."""

    source: Source
    gaps: tuple[Gap, ...]
    high: int
    low: int

    @property
    def comparable(self) -> bool:
        return bool(self.high and self.low)

    @property
    def outside(self) -> bool:
        """Whether it may stand in a report for others: at least five people in each of the two groups."""
        return min(self.high, self.low) >= K


def ranking(source: Source, people: Iterable[Coded]) -> Ranking:
    """`gap = % of High with the factor in place - % of Low`. Factors that nobody named are left out."""
    by_bucket: dict[Bucket, list[Coded]] = {Bucket.HIGH: [], Bucket.LOW: [], Bucket.MIDDLE: []}
    for one in people:
        by_bucket[one.bucket].append(one)
    high, low = by_bucket[Bucket.HIGH], by_bucket[Bucket.LOW]
    gaps = [Gap(code, _side(high, code), _side(low, code)) for code in FACTORS]
    named = [gap for gap in gaps if gap.high.helped + gap.high.hindered + gap.low.helped + gap.low.hindered]
    named.sort(key=lambda one: -(one.gap if one.gap is not None else -101.0))
    return Ranking(source, tuple(named), len(high), len(low))


def _side(people: Sequence[Coded], code: str) -> Side:
    said = [one.factors.get(code) for one in people]
    return Side(said.count("helped"), said.count("hindered"), len(people))
