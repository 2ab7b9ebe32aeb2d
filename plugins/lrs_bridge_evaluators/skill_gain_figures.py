"""A cohort's gain between two assessments, in each of the ways that are in use; always named, never one for another.

`hake_g` is Hake's (1998) gain of means. `d_z` and `d_av` are the standardised mean differences of Lakens, Calculating
and reporting effect sizes, Frontiers in Psychology 4 (2013); J is Hedges' correction for small samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

from lrs_bridge.hooks import mean


def figures(pairs: Sequence[tuple[float, float]], changes: Sequence[float], before: int) -> dict[str, Any]:
    """Components from the percents before and after of everybody with both, in any order.

    `changes`: the normalised ones of the pairs that have one. `before`: how many were assessed before. Percents and
    `points` are 0-100, all else are ratios; null where a figure would divide by nothing.
    """
    ordered = sorted(pairs)
    found: dict[str, Any] = {
        "pairs": len(ordered),
        "mean_change": mean(changes),
        "attrition": (before - len(ordered)) / before if before else None,
    }
    if not ordered:
        return found
    pre, post = fmean([pair[0] for pair in ordered]), fmean([pair[1] for pair in ordered])
    found |= {
        "pre": pre,
        "post": post,
        "points": post - pre,
        "relative": (post - pre) / pre if pre else None,
        "hake_g": (post - pre) / (100.0 - pre) if pre < 100 else None,
    }
    return found | (_effect_sizes(ordered, post - pre) if len(ordered) > 1 else {})


def _effect_sizes(pairs: Sequence[tuple[float, float]], points: float) -> dict[str, float | None]:
    """d over the mean standard deviation, and over that of the differences; J x both."""
    s_av = (stdev([pair[0] for pair in pairs]) + stdev([pair[1] for pair in pairs])) / 2
    s_z = stdev([post - pre for pre, post in pairs])
    j = 1 - 3 / (4 * (len(pairs) - 1) - 1)
    d_av, d_z = (points / s if s else None for s in (s_av, s_z))
    return {
        "d_av": d_av,
        "d_z": d_z,
        "J": j,
        "g_av": None if d_av is None else j * d_av,
        "g_z": None if d_z is None else j * d_z,
    }
