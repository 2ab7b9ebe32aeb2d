"""What it is worth: to the people and to the business, and the performance outcome it is for. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lrs_bridge.domain.insights.figures import Figures
from lrs_bridge.domain.insights.pair import BUSINESS, INSTEAD, PERSON, Mean
from lrs_bridge.domain.insights.shares import Why
from lrs_bridge.web.insights import pictures
from lrs_bridge.web.insights.cells import FEW, HIDDEN_BY, Cell, Sheet, band, count, hidden, number, word
from lrs_bridge.web.words import full_day, plain, rounded

_QUESTIONS = {
    PERSON: "What is it worth to you?",
    BUSINESS: "What is it worth to the business?",
    INSTEAD: "Is it useful in my job?",
}


def pair(figures: Figures) -> Iterator[Sheet]:
    found = figures.pair
    if found is None:
        return
    sides = [("For the person", found.person), ("For the business", found.business)]
    rows = [[word(name), *_mean(side)] for name, side in sides if side is not None]
    notes = [] if found.business is not None else ["This journey asks nothing about what it is worth to the business."]
    yield Sheet(
        "pair",
        "Worth it for the person and for the business",
        "It takes both, or it does not last.",
        ["", "Asked", "Mean, 1 to 5", "People"],
        rows,
        held=[f"{name}: {_why(side)}" for name, side in sides if side is not None and side.low is None],
        notes=notes,
        chart=pictures.pair([(name, side) for name, side in sides if side is not None]),
        empty=("Nobody is asked", " ".join(notes)),
    )


def _why(side: Mean) -> str:
    return FEW if side.why is Why.FEW else HIDDEN_BY[side.why or Why.UNKNOWN]


def _mean(side: Mean) -> list[Cell]:
    asked = word(_QUESTIONS.get(side.item, side.item))
    if side.low is None or side.high is None:
        return [asked, hidden(), hidden()]
    if side.low != side.high:
        return [asked, band(f"{plain(side.low, 1)} to {plain(side.high, 1)}"), count(side.people or 0)]
    return [asked, number(rounded(side.low, 1)), count(side.people or 0)]


def goal(figures: Figures) -> Iterator[Sheet]:
    if not figures.performance_told:
        return
    found = figures.performance
    entries, unit = [], found.unit if found is not None else ""
    if found is not None:
        latest = found.actuals[-1] if found.actuals else None
        entries = [(n, e) for n, e in (("Before", found.baseline), ("Wanted", found.target), ("Now", latest)) if e]
    rows = [
        [word(name), word(f"{plain(one.value)} {unit}"), word(full_day(one.day)), word(one.source)]
        for name, one in entries
    ]
    way = found.way if found is not None else None
    yield Sheet(
        "goal",
        "What it is for",
        found.measure if found is not None else "",
        ["", "Value", "Of", "Where from"],
        rows,
        notes=[f"{rounded(100 * way)} % of the way."] if way is not None and 0 <= way < 1 else [],
        empty=("No values yet", "The goal owner has not entered where it was, where it is to be and where it is now."),
    )
