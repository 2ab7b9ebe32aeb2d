"""What a participant will find behind a link that is about to be placed: titles, days, words. Pure, and read-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrs_bridge.domain.journey import Journey, Phase, Step
from lrs_bridge.domain.people import Run
from lrs_bridge.domain.placing import Dashboard, Placement, own_steps
from lrs_bridge.flows.choose import Source
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.rows import Remark
from lrs_bridge.web.words import full_day, plural, span

_DASHBOARDS = {
    Dashboard.JOURNEY: "Participants come to their own page. Everybody else comes to the first page of their role.",
    Dashboard.PEOPLE: "Managers come to their own people. Everybody else comes to the first page of their role.",
    Dashboard.OVERVIEW: "Teachers come to the run's overview. Everybody else comes to the first page of their role.",
}


@dataclass(frozen=True)
class StepPreview:
    """A step as the list of steps draws it, with nothing to press."""

    id: str
    title: str
    shape: str
    remarks: Sequence[Remark]
    classes: str = "is-later"
    link: None = None
    button: None = None


@dataclass(frozen=True)
class PhasePreview:
    name: str
    days: str
    rows: Sequence[StepPreview]


@dataclass(frozen=True)
class Preview:
    """One link to be: `lines` say where it leads, `phases` show a whole path."""

    key: str
    title: str
    lines: Sequence[str]
    phases: Sequence[PhasePreview] = ()


def of(placement: Placement, source: Source) -> Preview:
    journey, run = source.journey, source.run.run if source.run else None
    if placement.step is not None:
        step = journey.step_by_id[placement.step]
        lines = [f"Participants come to this step of {journey.title}. {_days(step, run)}", *step.guide]
        return Preview(placement.key, placement.title, lines)
    if placement.dashboard is not None:
        return Preview(placement.key, placement.title, [_DASHBOARDS[placement.dashboard]])
    why = journey.purpose.get("why")
    return Preview(placement.key, placement.title, [placement.text, *([why] if why else [])], _phases(journey, run))


def leads_to(source: Source) -> str:
    """Which run the links of a source lead to, in a sentence."""
    if source.run is None:
        return "Nobody has started it in this course yet. The first time you open the link, you choose its first day."
    kick_off = f"with the kick-off on {full_day(source.run.day_zero)}"
    if source.pinned:
        return f"Only the run {kick_off}, and no other."
    return f"Whichever run of it the course has open, now the one {kick_off}. It still fits when the course is copied."


def _phases(journey: Journey, run: Run | None) -> list[PhasePreview]:
    steps = own_steps(journey)
    found = [(phase, [step for step in steps if step.phase is phase]) for phase in Phase]
    return [
        PhasePreview(PHASE_NAMES[phase], plural(len(own), "step"), [_row(step, run) for step in own])
        for phase, own in found
        if own
    ]


def _row(step: Step, run: Run | None) -> StepPreview:
    remarks = [Remark(_days(step, run))] + ([] if step.required else [Remark("Optional")])
    return StepPreview(step.id, step.title, "later" if step.required else "optional", remarks)


def _days(step: Step, run: Run | None) -> str:
    """The days of a step: by the calendar in a run, else counted from the kick-off, or from joining."""
    if run is not None and not step.from_enrolment:
        window = step.window(run.day_zero, None)
        return f"{span(window.opens, window.due)}."
    start = "joining" if step.from_enrolment else "the kick-off"
    return f"By {_from(step.due_day, start)}."


def _from(days: int, start: str) -> str:
    if days == 0:
        return f"the day of {start}"
    return f"{plural(abs(days), 'day')} {'after' if days > 0 else 'before'} {start}"
