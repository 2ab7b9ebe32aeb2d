"""What the training was worth and what was left on the table, as points and as ranges, with all that is assumed.

Brinkerhoff, Telling Training's Story (2006). The interval of a share is Wilson's (1927). Money is in one currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median

FEWEST_CASES = 3
"""Verified cases with a value before any sum is said."""
Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Estimate:
    """A figure and the ends between which it lies if the assumptions do."""

    point: float
    low: float
    high: float


@dataclass(frozen=True)
class Valued:
    """One verified case: what it was worth, between which ends, which share of it is due to the training
    (`attribution`) and how sure the estimate is (`confidence`), both 0-1. Values may be negative."""

    code: str
    value: float
    low: float
    high: float
    attribution: float = 1.0
    confidence: float = 1.0

    @property
    def adjusted(self) -> Estimate:
        factor = self.attribution * self.confidence
        return Estimate(self.value * factor, min(self.low, self.high) * factor, max(self.low, self.high) * factor)


@dataclass(frozen=True)
class Money:
    """What the evaluator entered: `cost` of the training, the share `target` (p*, 0-1) of people who should succeed,
    and where both come from."""

    currency: str = ""
    cost: float | None = None
    cost_source: str = ""
    target: float | None = None
    target_source: str = ""


@dataclass(frozen=True)
class Counts:
    """People: enrolled, in High, interviewed of High, and of these verified."""

    enrolled: int
    high: int
    interviewed: int
    verified: int


@dataclass(frozen=True)
class Worth:
    """`cases`: how many of High are real, by the share of interviewed ones that were verified. `share`: p.

    `missing`: why a figure that is None is not there, by its name. `means_loss`: a case cost more than it brought.
    """

    valued: tuple[Valued, ...]
    counts: Counts
    money: Money
    each: Estimate
    each_median: float
    cases: Estimate
    share: Estimate
    value: Estimate
    value_by_median: float
    unrealised: Estimate | None
    roi: Estimate | None
    roi_at_target: Estimate | None
    break_even: Estimate | None
    non_use: Estimate | None
    missing: dict[str, str]

    @property
    def means_loss(self) -> bool:
        return self.each.point <= 0


def too_few(valued: Sequence[Valued]) -> str | None:
    """Why no sum is said, or None."""
    if len(valued) >= FEWEST_CASES:
        return None
    return f"It takes {FEWEST_CASES} verified High cases with a value; there {_are(len(valued))}."


def _are(number: int) -> str:
    return "is one" if number == 1 else f"are {number or 'none'}"


def worth(valued: Sequence[Valued], counts: Counts, money: Money) -> Worth | None:
    """None under three verified cases with a value.

    `adjusted = value x attribution x confidence`; `cases = high x verified / interviewed`; `V = mean x cases`;
    `p = cases / enrolled`; `U = mean x max(0, p* x enrolled - cases)`; `ROI = (V - cost) / cost`.
    Ranges: of a case, the ends that were given with its value; of cases, Wilson's interval of verified among
    interviewed; of a product, the least and the greatest product of ends.
    """
    if too_few(valued) or not counts.enrolled:
        return None
    adjusted = [one.adjusted for one in valued]
    each = Estimate(fmean(a.point for a in adjusted), fmean(a.low for a in adjusted), fmean(a.high for a in adjusted))
    low, high = wilson(counts.verified, counts.interviewed)
    cases = Estimate(counts.high * counts.verified / counts.interviewed, counts.high * low, counts.high * high)
    share = _scaled(cases, 1 / counts.enrolled)
    value = times(each, cases)
    middle = median(a.point for a in adjusted)
    missing: dict[str, str] = {}
    rest = _rest(cases, counts.enrolled, money, missing)
    return Worth(
        tuple(valued), counts, money, each, middle, cases, share, value, middle * cases.point,
        times(each, rest) if rest else None,
        *_against_cost(each, value, share, counts.enrolled, money, missing),
        missing,
    )  # fmt: skip


def _rest(cases: Estimate, enrolled: int, money: Money, missing: dict[str, str]) -> Estimate | None:
    """How many more would have succeeded at the target share."""
    if money.target is None:
        missing["unrealised"] = "No share of people who should succeed is set."
        return None
    wanted = money.target * enrolled
    return Estimate(max(0.0, wanted - cases.point), max(0.0, wanted - cases.high), max(0.0, wanted - cases.low))


def _against_cost(
    each: Estimate, value: Estimate, share: Estimate, enrolled: int, money: Money, missing: dict[str, str]
) -> tuple[Estimate | None, Estimate | None, Estimate | None, Estimate | None]:
    cost = money.cost
    if not cost:
        missing["cost"] = "No cost is entered, so there is no return and no break-even."
        return None, None, None, None

    def against(gain: Estimate) -> Estimate:
        return Estimate((gain.point - cost) / cost, (gain.low - cost) / cost, (gain.high - cost) / cost)

    at_target = against(_scaled(each, money.target * enrolled)) if money.target is not None else None
    even = None
    if each.point > 0:
        worst = cost / (each.low * enrolled) if each.low > 0 else float("inf")
        even = Estimate(cost / (each.point * enrolled), cost / (each.high * enrolled), worst)
    else:
        missing["break_even"] = "A case cost more than it brought on average, so no share of people breaks even."
    non_use = Estimate(cost * (1 - share.point), cost * (1 - min(1.0, share.high)), cost * (1 - share.low))
    return against(value), at_target, even, non_use


def times(one: Estimate, other: Estimate) -> Estimate:
    """The product, with the least and the greatest of what the ends make; signs may differ."""
    ends = [a * b for a in (one.low, one.high) for b in (other.low, other.high)]
    point = one.point * other.point
    return Estimate(point, min(point, *ends), max(point, *ends))


def _scaled(one: Estimate, by: float) -> Estimate:
    return Estimate(one.point * by, one.low * by, one.high * by)


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 %, 0-1."""
    p, z2 = successes / n, Z * Z
    middle = p + z2 / (2 * n)
    half = Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n))
