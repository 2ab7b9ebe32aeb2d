"""The path of a journey as a drawing: own steps evenly spaced in three banks, with a flag for today.

Positions are numbers for SVG attributes, in a box 760 wide (wider where there are many steps).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain.completion import Progress, StepProgress, StepState
from lrs_bridge.domain.journey import Journey, Phase
from lrs_bridge.web.deeds import is_anonymous, short_name
from lrs_bridge.web.words import number, plural, sentence, short_day

WIDTH = 760.0
_MARGIN, _GAP, _NARROWEST = 3.75, 14.0, 50.0
PHASE_NAMES = {Phase.BEFORE: "Before", Phase.DURING: "During", Phase.AFTER: "After"}
_DONE = (StepState.DONE, StepState.DONE_LATE)
_HIDDEN = (StepState.OFF_ROUTE, StepState.WAIVED)


@dataclass(frozen=True)
class Stop:
    """`state`: done, now, open, later or optional."""

    x: float
    state: str
    name: str
    day: str


@dataclass(frozen=True)
class Bank:
    """One phase: its place in the drawing, and its count for narrow screens, where there is no drawing."""

    name: str
    x: float
    width: float
    now: bool
    done: int
    total: int

    @property
    def css(self) -> str:
        if self.now:
            return "is-now"
        return "is-done" if self.total and self.done == self.total else "is-later"


@dataclass(frozen=True)
class Path:
    """`walked` ends where today is; None before the first day."""

    width: float
    label: str
    banks: Sequence[Bank]
    stops: Sequence[Stop]
    start: float
    end: float
    walked: float | None
    today: float | None


def shown(progress: Progress) -> list[StepProgress]:
    """The steps a participant sees, in order of their day: none of another route (no route is ever shown)."""
    rows = [row for row in progress.steps if row.state(progress.today) not in _HIDDEN]
    return sorted(rows, key=lambda row: (list(Phase).index(row.step.phase), row.window.due))


def draw(
    journey: Journey, progress: Progress, next_step: StepProgress | None, answered: frozenset[str] = frozenset()
) -> Path | None:
    """The drawing, or None for a participant without a single step. `answered`: steps done without a trace."""
    rows = shown(progress)
    if not rows:
        return None
    phases = [phase for phase in Phase if any(row.step.phase is phase for row in rows)]
    frame = 2 * _MARGIN + _GAP * (len(phases) - 1)
    pitch = max(_NARROWEST, (WIDTH - frame) / len(rows))
    places = _places(rows, phases, pitch)
    xs = [places[row.step.id] for row in rows]
    here = _today_x(rows, xs, progress.today, pitch)
    current = next_step.step.phase if next_step else _phase_of(rows, progress.today)
    return Path(
        width=round(frame + pitch * len(rows), 2),
        label=_label(rows, progress.today, next_step),
        banks=[_bank(phase, phases, rows, pitch, progress.today, phase is current) for phase in phases],
        stops=[_stop(journey, row, places[row.step.id], progress.today, next_step, answered) for row in rows],
        start=xs[0],
        end=xs[-1],
        walked=here if here is not None and here > xs[0] else None,
        today=here,
    )


def _places(rows: Sequence[StepProgress], phases: Sequence[Phase], pitch: float) -> Mapping[str, float]:
    return {
        row.step.id: round(_MARGIN + pitch * (index + 0.5) + _GAP * phases.index(row.step.phase), 2)
        for index, row in enumerate(rows)
    }


def _bank(
    phase: Phase, phases: Sequence[Phase], rows: Sequence[StepProgress], pitch: float, today: date, now: bool
) -> Bank:
    before = sum(phases.index(row.step.phase) < phases.index(phase) for row in rows)
    own = [row for row in rows if row.step.phase is phase]
    counting = [row for row in own if row.counts]
    return Bank(
        name=PHASE_NAMES[phase],
        x=round(_MARGIN + before * pitch + _GAP * phases.index(phase), 2),
        width=round(pitch * len(own), 2),
        now=now,
        done=sum(row.done for row in counting),
        total=len(counting),
    )


def _stop(
    journey: Journey,
    row: StepProgress,
    x: float,
    today: date,
    next_step: StepProgress | None,
    answered: frozenset[str],
) -> Stop:
    done = row.state(today) in _DONE
    day = row.credited[-1].day if done else row.window.due
    state = "done" if row.step.id in answered else _stop_state(journey, row, today, next_step)
    return Stop(x, state, short_name(journey, row.step), short_day(day))


def _stop_state(journey: Journey, row: StepProgress, today: date, next_step: StepProgress | None) -> str:
    state = row.state(today)
    if state in _DONE:
        return "done"
    if next_step is not None and row.step.id == next_step.step.id:
        return "now"
    if not row.step.required or is_anonymous(journey, row.step):
        return "optional"
    return "later" if state is StepState.UPCOMING else "open"


def _today_x(rows: Sequence[StepProgress], xs: Sequence[float], today: date, pitch: float) -> float | None:
    """Between the last day that is over and the next one, as far along as the days are."""
    days = [row.window.due for row in rows]
    if today < days[0]:
        return round(max(xs[0] - pitch / 2, _MARGIN + 25), 2) if today >= rows[0].window.opens else None
    for index in range(len(days) - 1):
        if days[index] <= today < days[index + 1]:
            part = (today - days[index]).days / (days[index + 1] - days[index]).days
            return round(xs[index] + part * (xs[index + 1] - xs[index]), 2)
    return xs[-1]


def _phase_of(rows: Sequence[StepProgress], today: date) -> Phase:
    return next((row.step.phase for row in rows if today <= row.window.last), rows[-1].step.phase)


def _label(rows: Sequence[StepProgress], today: date, next_step: StepProgress | None) -> str:
    done = sum(row.state(today) in _DONE for row in rows)
    parts = [f"Path of {plural(len(rows), 'step')}. {sentence(number(done))} done"]
    if next_step is not None:
        parts.append(f"{next_step.step.title} is next")
    later = sum(row.state(today) is StepState.UPCOMING for row in rows)
    if later:
        parts.append(f"{number(later)} still to open")
    return ", ".join(parts) + "."
