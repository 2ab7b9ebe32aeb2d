"""Runs of one journey beside one another, pilots apart. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lrs_bridge.domain.insights.figures import Figures, RunLine
from lrs_bridge.domain.insights.shares import Why
from lrs_bridge.web.insights.cells import FEW, Cell, Sheet, count, hidden, number, percent, word
from lrs_bridge.web.words import full_day, listed, rounded


def runs(figures: Figures) -> Iterator[Sheet]:
    head = ["Run", "Version", "People", *figures.titles.values(), *(["Impact rate"] if figures.impact else [])]
    for key, title, pilot in (("runs", "Runs of this journey", False), ("pilots", "Pilots, apart", True)):
        lines = [run for run in figures.runs if run.pilot is pilot]
        if pilot and not lines:
            continue
        few = [_run_name(run) for run in lines if Why.FEW in {one.why for one in run.means.values()}]
        yield Sheet(
            key,
            title,
            "A trial is for learning, so it is compared with nothing."
            if pilot
            else "Means over whole runs of this journey, beside one another.",
            head,
            [_run(run, figures) for run in lines],
            held=[f"{listed(few)}: {FEW}"] if few else [],
            empty=("No run to compare", "Runs that are no pilots stand here beside one another."),
        )


def _run(run: RunLine, figures: Figures) -> list[Cell]:
    cells = [
        word(_run_name(run), "This run" if run.this else "Closed" if run.closed else "Open"),
        count(run.version),
        Cell("–") if run.people is None else count(run.people),
    ]
    for key in figures.titles:
        mean = run.means[key]
        if mean.value is not None:
            cells.append(number(rounded(mean.value)))
        else:
            cells.append(Cell("Not yet") if mean.why is Why.UNKNOWN else hidden())
    if figures.impact:
        cells.append(percent(run.impact) if run.impact else Cell("Not yet"))
    return cells


def _run_name(run: RunLine) -> str:
    return f"{run.course}, {full_day(run.day_zero)}"
