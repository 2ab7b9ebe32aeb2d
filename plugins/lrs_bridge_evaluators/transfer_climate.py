"""What at work helps or hinders people to use what they learned.

The 16 factors are those of the Learning Transfer System Inventory: Holton, Bates and Ruona, Development of a
generalized learning transfer system inventory, Human Resource Development Quarterly 11 (2000). That instrument is
copyrighted and not used: the questions are the journey's own, each tagged with its factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from lrs_bridge.hooks import (
    Evaluator,
    EvaluatorSettings,
    Evidence,
    Journey,
    Level,
    Outcome,
    Role,
    Status,
    SurveyItem,
    Words,
    declares,
    ids_in_order,
    mean,
    surveys,
)

KIND = "climate"


class Settings(EvaluatorSettings):
    min_n = fields.Integer(
        load_default=5,
        validate=validate.Range(min=1),
        metadata={"help": "Answers that it takes for a value."},
    )


def applies(journey: Journey) -> bool:
    """A step asks a climate survey with a question that is tagged with a factor."""
    return any(_is_tagged(item) for survey in surveys.asked(journey, KIND) for item in survey.items)


def _is_tagged(item: SurveyItem) -> bool:
    return item.scale == "likert" and item.factor is not None


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`100 x mean over factors of (factor mean - 1) / 4`; questions in the negative are turned round."""
    people = len(evidence.members)
    answers = ((answer.fact, _points(answer)) for answer in surveys.latest(journey, evidence.answers))
    given = [(fact, points) for fact, points in answers if points]
    coverage = min(1.0, len(given) / people) if people else None
    if not applies(journey):
        return Outcome(None, Status.NOT_APPLICABLE, coverage=coverage)
    points = _by_factor([said for _, said in given])
    factors = {factor: mean(own) or 0.0 for factor, own in points.items()}
    value = mean([(one - 1.0) / 4.0 for one in factors.values()])
    if value is None or len(given) < settings["min_n"]:
        status = Status.INSUFFICIENT_DATA if given else Status.NOT_STARTED
        return Outcome(None, status, n=len(given), coverage=coverage)
    return Outcome(
        100.0 * value,
        n=len(given),
        coverage=coverage,
        components={"factors": factors, "answers": {factor: len(own) for factor, own in points.items()}},
        evidence=ids_in_order(fact for fact, _ in given),
    )


def _by_factor(answers: Sequence[Sequence[tuple[str, float]]]) -> dict[str, list[float]]:
    """All points given to a factor's questions, by factor in order of its name."""
    found: dict[str, list[float]] = {}
    for points in answers:
        for factor, point in points:
            found.setdefault(factor, []).append(point)
    return dict(sorted(found.items()))


def _points(answer: surveys.Answer) -> list[tuple[str, float]]:
    """What was answered to questions that are tagged with a factor."""
    points = [(item.factor or "", answer.points(item)) for item in answer.survey.items if _is_tagged(item)]
    return [(factor, point) for factor, point in points if point is not None]


EVALUATOR = Evaluator(
    key="transfer_climate",
    title="Transfer climate",
    version="1.0.0",
    functions={Level.COHORT: cohort},
    schema=Settings,
    applies=applies,
    surveys=(KIND,),
    audience={
        Role.PARTICIPANT: "aggregate",
        Role.MANAGER: "aggregate",
        Role.FACILITATOR: "aggregate",
        Role.COACH: "aggregate",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "aggregate",
    },
    words=Words(
        says="What at work helps or hinders people to use what they learned.",
        group="100 × the mean over the factors of (mean of the factor − 1) ÷ 4",
        missing={
            Status.NOT_STARTED: "It comes with answers to the survey.",
            Status.INSUFFICIENT_DATA: "There are answers, and too few for a value.",
            Status.NOT_APPLICABLE: "The journey has no survey with questions about the climate.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
