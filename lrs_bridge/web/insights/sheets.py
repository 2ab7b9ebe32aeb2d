"""The figures of a run as tables in words: the page shows them, and the files hold the same ones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lrs_bridge.domain.insights.figures import Figures
from lrs_bridge.domain.insights.funnel import Stage
from lrs_bridge.domain.insights.questions import questions
from lrs_bridge.domain.insights.shares import NEEDED, USUAL, Share, Why
from lrs_bridge.domain.small_groups import K
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.insights import about, beside, groups, pictures, worth
from lrs_bridge.web.insights.cells import BLANK, HIDDEN_BY, Sheet, count, number, of_count, percent, word
from lrs_bridge.web.sponsor.impact import why_not
from lrs_bridge.web.step_forms import FACTORS
from lrs_bridge.web.words import full_day, listed, plain, plural

_STAGES = {
    Stage.ENROLLED: ("Enrolled", "In the run today."),
    Stage.PREPARED: ("Prepared", "Did all that was theirs before day zero."),
    Stage.TRAINED: ("Trained", "Did all that was theirs in the training itself."),
    Stage.APPLIED: ("Applied", "Logged a moment on the job."),
    Stage.VERIFIED: ("Confirmed", "Somebody whose word counts fully confirmed one."),
    Stage.RESULT: ("With a clear result", "One of those had a clear result. That is the impact rate."),
}


def sheets(figures: Figures, run: RunRow, reader: str) -> list[Sheet]:
    """One run's results for one reader, in the order in which they are read. `reader`: their role in words."""
    made = [sheet for make in _MAKERS for sheet in make(figures)]
    missing = [(sheet.title, note) for sheet in made for note in sheet.held]
    return [*made, about.held(missing), about.about(figures, run, reader)]


def _asks(figures: Figures) -> Iterator[Sheet]:
    rows = [
        [word(one.about.format(factor=_factor(one.factor))), word(one.ask.format(factor=_factor(one.factor)))]
        for one in questions(figures)
    ]
    yield Sheet(
        "questions",
        "To decide",
        "The figures ask; people decide. What is hidden asks nothing.",
        ["What the figures say", "To decide"],
        rows,
        empty=("Nothing to decide yet", "When the figures show where something gets lost, the question stands here."),
    )


def _impact(figures: Figures) -> Iterator[Sheet]:
    share = figures.impact
    if share is None:
        return
    marks = [("Usual, at best", float(USUAL)), ("This run’s target", figures.target), ("Needed", float(NEEDED))]
    rows = [[word("This run"), percent(share), of_count(share)]]
    rows += [[word(name), number(plain(mark), " %"), BLANK] for name, mark in marks if mark is not None]
    told = [] if share.rate is not None else [why_not(share, figures.k)]
    yield Sheet(
        "impact",
        "Impact rate",
        "People with a confirmed moment that had a clear result, out of everybody in the run.",
        ["", "Percent", "People"],
        rows,
        held=told,
        notes=_as_of(figures),
        chart=pictures.against_marks(share, marks),
    )


def _as_of(figures: Figures) -> list[str]:
    if figures.frozen_at is None or figures.impact is None or figures.impact.why in (Why.UNKNOWN, Why.LATER, Why.FEW):
        return []
    return [f"As it stood on {full_day(figures.frozen_at.date())}; it stands still until enough people are new in it."]


def _areas(figures: Figures) -> Iterator[Sheet]:
    if not figures.areas or figures.impact is None:
        return
    rows = [[word(one.area), count(one.people), percent(one.share)] for one in figures.areas]
    rows.append([word("All areas"), count(figures.people), percent(figures.impact)])
    few = [one.area for one in figures.areas if one.share.why is Why.FEW]
    with_them = [one.area for one in figures.areas if one.share.why is Why.COMPLEMENT]
    told = [f"{listed(few)}: {HIDDEN_BY[Why.FEW].format(k=figures.k)}"] if few else []
    told += [f"{listed(with_them)}: {HIDDEN_BY[Why.COMPLEMENT]}"] if with_them else []
    told += [f"{one.area}: {why_not(one.share, figures.k)}" for one in figures.areas if one.share.why is Why.BAND]
    yield Sheet(
        "areas",
        "Impact rate by area",
        "Areas come out once, at the end of the run.",
        ["Area", "People", "Impact rate"],
        rows,
        held=told,
    )


def _funnel(figures: Figures) -> Iterator[Sheet]:
    if not figures.people:
        yield Sheet("funnel", "Where it gets lost", "", [], [], empty=_NOBODY)
        return
    rows, told = [], []
    for row in figures.funnel:
        name, what = _STAGES[row.stage]
        if row.people is None:
            share = Share(None, None, row.why, row.band)
            rows.append([word(name, what), percent(share), percent(share)])
            told.append(f"{name}: {why_not(share, figures.k if row.stage is Stage.RESULT else K)}")
            continue
        rate = row.people / figures.people
        if row.stage is Stage.RESULT and figures.impact and figures.impact.rate is not None:
            rate = figures.impact.rate
        rows.append([word(name, what), count(row.people), number(plain(100 * rate, 1), " %")])
    yield Sheet(
        "funnel",
        "Where it gets lost",
        "Each row counts everybody of whom it is true: some apply something without having prepared.",
        ["", "People", "Of everybody"],
        rows,
        held=told,
        notes=_unknown(figures),
        chart=pictures.funnel(
            [(_STAGES[row.stage][0], row.people) for row in figures.funnel if row.people is not None], figures.people
        ),
    )


def _unknown(figures: Figures) -> list[str]:
    if not figures.unknown:
        return []
    return [f"Of {plural(figures.unknown, 'person', 'people')} no more is known than that they are enrolled."]


_NOBODY = ("Nobody takes part yet", "When people are enrolled, it stands here how far they come.")


def _chain(figures: Figures) -> Iterator[Sheet]:
    if not figures.chain_told:
        return
    links = figures.chain
    yield Sheet(
        "chain",
        "Whether the chain of managers works",
        "How often each step of your managers took place."
        if figures.own_chain
        else "How often each step of the managers took place, over all of them.",
        ["Step", "In time", "Late", "Not"],
        [[word(link.step.title), count(link.done), count(link.late), count(link.missing)] for link in links],
        chart=pictures.chain(links),
        empty=("Nothing was due yet", "When the first talks of the managers were due, it stands here."),
    )


def _factor(code: str | None) -> str:
    return f"“{FACTORS[code].lower()}”" if code else ""


_MAKERS: tuple[Callable[[Figures], Iterator[Sheet]], ...] = (
    _asks,
    _impact,
    _funnel,
    _areas,
    groups.matrix,
    _chain,
    worth.pair,
    worth.goal,
    beside.runs,
)
