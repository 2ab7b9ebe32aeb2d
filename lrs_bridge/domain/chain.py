"""Whether the chain of leaders works: how often each of the managers' steps took place, and what to ask about it. Pure.

Counts over all managers of a sponsor; no manager and no participant is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lrs_bridge.domain.journey import Journey, Step
from lrs_bridge.domain.people import Role

DONE, LATE, MISSING = "done", "late", "missing"
"""What manager_engagement says of a step in `help_hinder`."""
_ASKING: Mapping[str, str] = {
    "approval": "Whose line of sight have you read, and what did you change in it?",
    "live_event": "What did you hear at the event that your people should use this week?",
    "observation": "When did you last watch one of your people use it, and what did you see?",
    "recognition": "Whose moment will you name in your next team meeting?",
}
_BY_LEVEL: Mapping[int, str] = {
    1: "What did your people say about it on the day after?",
    2: "What did you and your people agree, and which hour did you protect for it?",
    3: "What will each of your people try this week, and what is in their way?",
    4: "What did your people apply, and what came of it?",
}
ALWAYS = "What did your people apply, and what got in the way?"


class ChainStep(NamedTuple):
    """One step of the managers, over everybody for whom it has been due: how often in time, late, not at all."""

    step: Step
    done: int
    late: int
    missing: int

    @property
    def of(self) -> int:
        return self.done + self.late + self.missing

    @property
    def took_place(self) -> int:
        return self.done + self.late


class Question(NamedTuple):
    """`because`: the step on which it rests; None where it is the sponsor's own guide, or nothing has been due yet."""

    text: str
    because: ChainStep | None = None


def chain(journey: Journey, signs: Iterable[Mapping[str, Any]]) -> list[ChainStep]:
    """Counts of each manager's step that has been due for anybody, in the journey's order. `signs`: by participant,
    step id to done, late or missing."""
    counts: dict[str, dict[str, int]] = {}
    for one in signs:
        for step, sign in one.items():
            of_step = counts.setdefault(step, {DONE: 0, LATE: 0, MISSING: 0})
            if sign in of_step:
                of_step[sign] += 1
    return [
        ChainStep(step, counts[step.id][DONE], counts[step.id][LATE], counts[step.id][MISSING])
        for step in journey.owned_by(Role.MANAGER)
        if step.id in counts
    ]


def weakest(links: Sequence[ChainStep]) -> ChainStep | None:
    """The step that took place for the smallest share; of equals the heavier one, then the later one."""
    broken = [
        (link.took_place / link.of, -link.step.weight, -place, link) for place, link in enumerate(links) if link.missing
    ]
    return min(broken, key=lambda one: one[:3])[3] if broken else None


def question(own: Sequence[Step], links: Sequence[ChainStep], week: int) -> Question:
    """The one thing to ask the managers in this week of the run.

    From the guide of the sponsor's talk that is open (`own`: open steps), a line a week; else about the weakest link.
    """
    for step in own:
        if step.type == "conversation" and step.guide:
            return Question(step.guide[week % len(step.guide)])
    broken = weakest(links)
    if broken is not None:
        return Question(_about(broken.step), broken)
    talk = next((step for step in own if step.type == "conversation" and step.level), None)
    return Question(_BY_LEVEL.get(talk.level or 0, ALWAYS) if talk else ALWAYS)


def _about(step: Step) -> str:
    if step.type == "conversation" and step.level:
        return _BY_LEVEL.get(step.level, ALWAYS)
    return _ASKING.get(step.type, ALWAYS)
