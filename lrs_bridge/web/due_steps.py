"""Steps due so far in a run: how many people did each in time, late or not, and the same by phase. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from lrs_bridge.domain import completion, support
from lrs_bridge.domain.journey import Phase, Step
from lrs_bridge.web.paths import PHASE_NAMES
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import brief


@dataclass(frozen=True)
class StepLine:
    """Counts of people; `whole` is how many the step is for."""

    title: str
    whose: str
    phase: Phase
    in_time: int
    late: int
    open: int

    @property
    def whole(self) -> int:
        return self.in_time + self.late + self.open


def steps_due(situations: Sequence[Situation]) -> list[StepLine]:
    """Required steps whose window is over, in order of their day, with how many did them."""
    found: dict[str, tuple[date, StepLine]] = {}
    for one in situations:
        progress = completion.of(one.journey, one.evidence, one.now)
        for row in progress.counting:
            if row.window.is_over(progress.today):
                _count(found, row.step, "Participant", row.window.due, row.done, row.late)
        seen = support.of(one.journey, one.evidence, one.now)
        for step in seen.steps if seen.managers else ():
            if step.step.required and step.window.is_over(seen.today):
                _count(found, step.step, "Manager", step.window.due, step.done, step.late)
    return [line for _, line in sorted(found.values(), key=lambda pair: (pair[0], pair[1].title))]


def _count(found: dict[str, tuple[date, StepLine]], step: Step, whose: str, due: date, done: bool, late: bool) -> None:
    fresh = due, StepLine(brief(step.title), whose, step.phase, 0, 0, 0)
    _, known = found.get(step.id, fresh)
    line = replace(
        known,
        in_time=known.in_time + (done and not late),
        late=known.late + (done and late),
        open=known.open + (not done),
    )
    found[step.id] = (due, line)


def by_phase(lines: Sequence[StepLine], whose: str) -> list[tuple[str, list[int]]]:
    """Of the steps due so far, how many times one was done in time, late, and not, before, during and after."""
    return [
        (
            PHASE_NAMES[phase],
            [sum(column) for column in zip(*((one.in_time, one.late, one.open) for one in own), strict=True)],
        )
        for phase in Phase
        if (own := [line for line in lines if line.phase is phase and line.whose == whose])
    ]


def with_manager(situations: Sequence[Situation]) -> int:
    return sum(bool(support.of(one.journey, one.evidence, one.now).managers) for one in situations)
