"""Pictures of a run's results, drawn from what is told, so that none shows what its table hides."""

from __future__ import annotations

from collections.abc import Sequence

from lrs_bridge.domain.chain import ChainStep
from lrs_bridge.domain.insights.pair import Mean
from lrs_bridge.domain.insights.shares import Share
from lrs_bridge.domain.journey import Phase
from lrs_bridge.web import charts
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.paths import PHASE_NAMES

_ROOM = 1.15
"""Of the longest bar, so that its number has room on a phone."""


def against_marks(share: Share, marks: Sequence[tuple[str, float | None]]) -> Chart | None:
    """The rate between its marks; None where it is not told."""
    if share.rate is None:
        return None
    bars = [("This run", 100 * share.rate), *((name, mark) for name, mark in marks if mark is not None)]
    return charts.levels("Impact rate", "Percent of everybody in the run", bars)


def funnel(rows: Sequence[tuple[str, int]], people: int) -> Chart | None:
    """How far people came; None while there is nothing but how many are enrolled."""
    if len(rows) < 2:
        return None
    return charts.levels("Where it gets lost", "People", rows, high=_ROOM * people)


def chain(links: Sequence[ChainStep]) -> Chart | None:
    """By phase, as on the run's first page: titles of steps have no room beside a bar on a phone."""
    rows = []
    for phase in Phase:
        own = [(link.done, link.late, link.missing) for link in links if link.step.phase is phase]
        if own:
            rows.append((PHASE_NAMES[phase], [sum(column) for column in zip(*own, strict=True)]))
    return charts.shares("Steps of the managers", "How often they took place", rows, ("in time", "late", "not"))


def pair(sides: Sequence[tuple[str, Mean]]) -> Chart | None:
    """Both means; None where one of them is not told as a number."""
    told = [(name, side.low) for name, side in sides if side.low is not None and side.low == side.high]
    if len(told) < 2:
        return None
    return charts.levels("Worth it", "Means of answers from 1 to 5", told, high=5.0)
