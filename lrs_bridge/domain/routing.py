"""Which route of a journey a participant is on: decided by a person or the rules, or not yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Assessment, Journey, Step
from lrs_bridge.domain.record import Record

ASK_COACH = "ask_coach"


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is None while undecided; `pending` where the journey branches and nobody has decided.
    `decided_by`: the statements the decision rests on."""

    name: str | None = None
    pending: bool = False
    decided_by: tuple[Fact, ...] = ()

    def takes_in(self, step: Step) -> bool:
        """An undecided route leaves the steps of every route out."""
        return step.route is None or step.route == self.name


def decide(journey: Journey, record: Record) -> Route:
    """By the latest `routed` statement; without one by the rules on the assessment; without it by `missing`."""
    if record.routed is not None:
        said = str(record.routed.data["route"])
        name = None if said == ASK_COACH else said
        return Route(name, pending=name is None, decided_by=(record.routed,))
    routes = journey.routes
    if routes is None:
        return Route(pending=any(step.route for step in journey.steps))
    marks = latest_marks(journey, record, routes.source)
    if marks:
        percent = fsum(mark.percent for mark in marks) / len(marks)
        name = next((rule.route for rule in routes.rules if rule.fits(percent)), None)
        return Route(name, pending=name is None, decided_by=tuple(mark.fact for mark in marks))
    name = None if routes.missing == ASK_COACH else routes.missing
    return Route(name, pending=name is None)


@dataclass(frozen=True, slots=True)
class Mark:
    """One assessor's latest word on an assessment step, in percent of the maximum."""

    fact: Fact
    percent: float


def latest_marks(journey: Journey, record: Record, step_id: str) -> tuple[Mark, ...]:
    """One mark per assessor of this assessment step; statements without readable points are passed over."""
    step = journey.step_by_id.get(step_id)
    assessment = journey.assessments.get(step.assessment or "") if step else None
    latest: dict[str, Mark] = {}
    for fact in record.by_step.get(step_id, ()):
        percent = percent_of(fact, assessment) if fact.kind is Kind.ASSESSED else None
        if percent is not None:
            latest[fact.actor] = Mark(fact, percent)
    return tuple(latest.values())


def percent_of(fact: Fact, assessment: Assessment | None) -> float | None:
    """Points x 100 / maximum: from the score, where it lacks either, from the criteria of statement and rubric."""
    points = fact.score.raw if fact.score else _sum_of_criteria(fact.data.get("criteria"))
    maximum = fact.score.max if fact.score else None
    if maximum is None and assessment is not None:
        maximum = fsum(criterion.max for criterion in assessment.criteria)
    if points is None or not maximum:
        return None
    return 100.0 * points / maximum


def _sum_of_criteria(criteria: object) -> float | None:
    if not isinstance(criteria, Mapping) or not criteria:
        return None
    if not all(isinstance(points, int | float) for points in criteria.values()):
        return None
    return fsum(criteria.values())
