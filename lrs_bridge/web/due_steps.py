"""Steps due so far in a run: how many people did each in time, late or not, and the same by phase. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain.headway import Headway, How, Over
from lrs_bridge.domain.journey import Journey, Phase
from lrs_bridge.web.paths import PHASE_NAMES
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


def steps_due(journey: Journey, headways: Iterable[Headway]) -> list[StepLine]:
    """Required steps whose window is over, in order of their day, with how many did them."""
    found: dict[str, dict[How, int]] = {}
    whose: dict[str, str] = {}
    days: dict[str, date] = {}
    for one in headways:
        for name, steps in (("Participant", one.own), ("Manager", one.led)):
            _count(steps, name, found, whose, days)
    lines = []
    for id_, counts in found.items():
        step = journey.step_by_id.get(id_)
        if step is not None:  # of the version before, where the run has just got another
            of_each = [counts.get(how, 0) for how in (How.IN_TIME, How.LATE, How.OPEN)]
            lines.append((days[id_], StepLine(brief(step.title), whose[id_], step.phase, *of_each)))
    return [line for _, line in sorted(lines, key=lambda pair: (pair[0], pair[1].title))]


def _count(
    steps: Mapping[str, Over],
    name: str,
    found: dict[str, dict[How, int]],
    whose: dict[str, str],
    days: dict[str, date],
) -> None:
    for id_, (due, how) in steps.items():
        counts = found.setdefault(id_, {})
        counts[how] = counts.get(how, 0) + 1
        whose[id_], days[id_] = name, due


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


def with_manager(headways: Iterable[Headway]) -> int:
    return sum(one.has_manager for one in headways)
