"""The cohort's half of the Success Case Method: how many succeeded, what made the difference, what it was worth.

Brinkerhoff, Telling Training's Story (2006). The interval of a share is Wilson's (1927).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import fmean, median
from typing import Any

from lrs_bridge.hooks import Member

FACTORS = tuple(
    """leader_need preparation_line_of_sight timing manager_support managers_manager incentives opportunity_to_use
    peer_norms tools_resources skill_not_learned personal other""".split()
)
BUCKETS = ("high", "middle", "low")
Z = 1.959964  # two-sided 95 %
FEWEST_FOR_SHARES = 10
FEWEST_CASES = 3
LOW_RESPONSE = 0.4


def study(members: Sequence[Member], target: float | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Components of a cohort of which somebody answered. Shares and rates are 0-1, money in the unit given.

    `target` is p*, the share of people who should succeed. Shares need ten respondents; money needs three
    verified cases with a value, and the figures about cost need a cost.
    """
    respondents = [member for member in members if member.outcome.value is not None]
    by_bucket = {name: [m for m in respondents if m.outcome.components["bucket"] == name] for name in BUCKETS}
    counts = {name: len(found) for name, found in by_bucket.items()}
    rate = len(respondents) / len(members)
    components: dict[str, Any] = {
        "counts": counts,
        "response_rate": rate,
        "respondents_only": rate < LOW_RESPONSE,
        "factor_counts": _named(respondents),
    }
    if len(respondents) >= FEWEST_FOR_SHARES:
        components |= {
            "share_of_respondents": {name: count / len(respondents) for name, count in counts.items()},
            "share_of_enrolled": {name: count / len(members) for name, count in counts.items()},
            "wilson_high": list(wilson(counts["high"], len(respondents))),
            "gap": _gap(by_bucket["high"], by_bucket["low"]),
        }
    return components | _worth(by_bucket["high"], len(members), target, settings)


def _named(respondents: Sequence[Member]) -> dict[str, dict[str, int]]:
    """By factor: with how many people it helped, and with how many it hindered."""
    said = [list(member.outcome.components["factors"].items()) for member in respondents]
    return {
        factor: {word: sum((factor, word) in one for one in said) for word in ("helped", "hindered")}
        for factor in FACTORS
    }


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 %, 0-1."""
    p, z2 = successes / n, Z * Z
    middle = p + z2 / (2 * n)
    half = Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (max(0.0, (middle - half) / (1 + z2 / n)), min(1.0, (middle + half) / (1 + z2 / n)))


def _gap(high: Sequence[Member], low: Sequence[Member]) -> dict[str, float]:
    """By factor: the share of High with it in place less the share of Low; the widest first is the ranking."""
    if not high or not low:
        return {}
    gaps = {factor: _in_place(high, factor) - _in_place(low, factor) for factor in FACTORS}
    return dict(sorted(gaps.items(), key=lambda pair: -pair[1]))


def _in_place(members: Sequence[Member], factor: str) -> float:
    return [member.outcome.components["factors"].get(factor) for member in members].count("helped") / len(members)


def _worth(high: Sequence[Member], enrolled: int, target: float | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    accounts = {member.person.account for member in high}
    held = [one for one in settings["interviews"] if one["account"] in accounts]
    verified = [one for one in held if one["verified"]]
    adjusted = [one["value"] * one["attribution"] * one["confidence"] for one in verified if one["value"] is not None]
    if len(adjusted) < FEWEST_CASES:
        return {}
    each = fmean(adjusted)
    cases = len(high) * len(verified) / len(held)
    worth: dict[str, Any] = {
        "cases": cases,
        "V": each * cases,
        "V_median": median(adjusted) * cases,
        "p": cases / enrolled,
    }
    if target is not None:
        worth["U"] = each * max(0.0, target * enrolled - cases)
    return worth | _against_cost(each, cases, enrolled, target, settings["cost"])


def _against_cost(
    each: float, cases: float, enrolled: int, target: float | None, cost: float | None
) -> dict[str, float]:
    if not cost:
        return {}
    against = {"ROI": (each * cases - cost) / cost, "cost_of_non_use": cost * (1 - cases / enrolled)}
    if each > 0:
        against["break_even"] = cost / (each * enrolled)
    if target is not None:
        against["ROI_at_target"] = (each * target * enrolled - cost) / cost
    return against
