"""Ratios, not seconds: ours and the peer take turns in one process, and the median of several rounds is reported.

A loaded machine slows both alike, so the ratio of two neighbours in time says more than any absolute figure.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Work = Callable[[], float]
"""Does one round of the work and answers the seconds it took, without what is not to be timed."""


@dataclass(frozen=True)
class Aim:
    """What was promised: a ratio of at least, or of at most, this."""

    bound: float
    at_least: bool

    def met_by(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.bound:g}"


@dataclass(frozen=True)
class Comparison:
    """One line of the table. `ratios` has one entry a round; `ours` and `theirs` are the median figures in `unit`."""

    what: str
    peer: str
    unit: str
    ours: float
    theirs: float
    ratios: tuple[float, ...]
    aim: Aim | None = None

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def met(self) -> bool | None:
        return None if self.aim is None else self.aim.met_by(self.ratio)


def timed(work: Callable[[], object]) -> Work:
    """The whole of the work, timed."""

    def once() -> float:
        start = perf_counter()
        work()
        return perf_counter() - start

    return once


def take_turns(ours: Work, theirs: Work, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each, round by round: ours, theirs, ours, theirs. A first round of each warms up and is left out."""
    ours()
    theirs()
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, kept in zip((ours, theirs), seconds, strict=True):
            gc.collect()
            kept.append(work())
    return seconds


def compare_rates(
    what: str, peer: str, unit: str, amount: int, ours: Work, theirs: Work, rounds: int, aim: Aim | None = None
) -> Comparison:
    """How much of `amount` each gets done in a second; the ratio is ours to theirs, so more is better."""
    mine, other = take_turns(ours, theirs, rounds)
    ratios = tuple(b / a for a, b in zip(mine, other, strict=True))
    return Comparison(what, peer, f"{unit}/s", amount / median(mine), amount / median(other), ratios, aim)


def compare_costs(
    what: str, peer: str, amount: int, ours: Work, theirs: Work, rounds: int, aim: Aim | None = None
) -> Comparison:
    """Milliseconds for one of `amount`; the ratio is ours to theirs, so less is better."""
    mine, other = take_turns(ours, theirs, rounds)
    ratios = tuple(a / b for a, b in zip(mine, other, strict=True))
    return Comparison(what, peer, "ms", 1e3 * median(mine) / amount, 1e3 * median(other) / amount, ratios, aim)
