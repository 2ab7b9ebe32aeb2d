"""The design check: what a designer may want to know of a journey that is not wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lrs_bridge.domain.journey import Choice, Journey, Phase, Step
from lrs_bridge.domain.people import Role

LONGEST_GAP = 21
"""Days without a step after which people lose the thread (three weeks)."""
HEAVIEST_WEEK = 3
"""Required steps of one role that open in one week before it is called heavy."""


@dataclass(frozen=True)
class Remark:
    """`topic` is a short word to sort by; `text` one or two sentences. `steps`: the ids it is about."""

    topic: str
    text: str
    steps: tuple[str, ...] = ()


def design_check(journey: Journey) -> list[Remark]:
    """All remarks on a valid journey, none of which keeps it from running."""
    checks = (_managers, _after, _gaps, _load, _moments, _success_case, _routes, _surveys)
    return [remark for check in checks for remark in check(journey)]


def _managers(journey: Journey) -> Iterator[Remark]:
    with_manager = {step.phase for step in journey.owned_by(Role.MANAGER)}
    for phase in Phase:
        if phase not in with_manager:
            yield Remark(
                "manager", f"No manager step {_when(phase)}: what managers do there decides whether learning is used."
            )


def _when(phase: Phase) -> str:
    return f"{phase.value} the course"


def _after(journey: Journey) -> Iterator[Remark]:
    if not any(step.phase is Phase.AFTER for step in journey.steps):
        yield Remark("after", "No step after the course: nothing carries the learning into the job.")


def _gaps(journey: Journey) -> Iterator[Remark]:
    """Stretches in which no window of a participant is open."""
    steps = sorted((s for s in journey.owned_by(Role.PARTICIPANT) if s.required), key=lambda s: s.opens_day)
    reached: Step | None = None
    for step in steps:
        if reached is not None and step.opens_day - reached.due_day > LONGEST_GAP:
            days = step.opens_day - reached.due_day
            text = f"{days} days without a step between {reached.id} (due day {reached.due_day}) and {step.id}."
            yield Remark("gap", text, (reached.id, step.id))
        if reached is None or step.due_day > reached.due_day:
            reached = step


def _load(journey: Journey) -> Iterator[Remark]:
    weeks: dict[tuple[Role, int], list[str]] = defaultdict(list)
    for step in journey.steps:
        if step.required:
            weeks[step.owner, step.due_day // 7].append(step.id)
    for (role, week), ids in sorted(weeks.items()):
        number = len(ids) - sum(_spare(choice, ids) for choice in journey.choices)
        if number > HEAVIEST_WEEK:
            days = f"days {week * 7} to {week * 7 + 6}"
            yield Remark("load", f"{number} steps of the {role} fall due in one week ({days}).", tuple(ids))


def _spare(choice: Choice, ids: Collection[str]) -> int:
    """How many of these steps nobody has to do, since others of the menu count."""
    return max(0, len(set(choice.steps).intersection(ids)) - choice.choose)


def _moments(journey: Journey) -> Iterator[Remark]:
    """Applications and practice may be about any moment, surveys about those among their items."""
    if journey.of_type("mtm_application", "practice"):
        return
    asked = {item.id for step in journey.steps if step.survey for item in journey.surveys[step.survey].items}
    for moment in journey.moments:
        if moment.id not in asked:
            yield Remark("moment", f"No step uses the moment {moment.id} ({moment.title}).")


def _success_case(journey: Journey) -> Iterator[Remark]:
    asked = {step.survey for step in journey.steps}
    if not any(survey.name in asked for survey in journey.surveys_of_kind("success_case")):
        yield Remark("success_case", "No step asks the success case survey: nobody will know what was used, and how.")


def _routes(journey: Journey) -> Iterator[Remark]:
    weights: dict[str, float] = defaultdict(float)
    if journey.routes:
        weights.update({rule.route: 0.0 for rule in journey.routes.rules})
    for step in journey.owned_by(Role.PARTICIPANT):
        if step.route and step.required:
            weights[step.route] += step.weight
    if len(set(weights.values())) > 1:
        shares = ", ".join(f"{route} {weight:g}" for route, weight in sorted(weights.items()))
        yield Remark("routes", f"The routes weigh differently ({shares}): one is worth more than the other.")


def _surveys(journey: Journey) -> Iterator[Remark]:
    for step in journey.of_type("survey"):
        if step.survey is None:
            yield Remark(
                "survey", f"The survey step {step.id} names no survey: there is nothing to answer.", (step.id,)
            )
    for step in journey.of_type("assessment"):
        if step.assessment is None:
            yield Remark("survey", f"The assessment step {step.id} names no assessment: nothing to score.", (step.id,))
