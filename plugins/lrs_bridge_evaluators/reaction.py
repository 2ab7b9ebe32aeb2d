"""Whether participants would recommend the course, with the interval that a small number of answers leaves.

The Net Promoter Score of Reichheld, The One Number You Need to Grow, Harvard Business Review 81 (2003); its standard
error is that of a difference of two shares of one sample. Kirkpatrick's first level: shown, and never weighed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import sqrt
from typing import Any

from marshmallow import fields, validate

from lrs_bridge.hooks import (
    Evaluator,
    EvaluatorSettings,
    Evidence,
    Journey,
    Level,
    Outcome,
    Part,
    Role,
    Seen,
    Status,
    Words,
    declares,
    ids_in_order,
    mean,
    surveys,
)

KIND = "reaction"
Z = 1.959964  # two-sided 95 %


class Settings(EvaluatorSettings):
    min_n = fields.Integer(
        load_default=5,
        validate=validate.Range(min=1),
        metadata={"help": "Answers that it takes for a value."},
    )


def applies(journey: Journey) -> bool:
    """A step asks a reaction survey that has the question whether one would recommend it."""
    return any(item.scale == "nps" for survey in surveys.asked(journey, KIND) for item in survey.items)


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`NPS = %(9-10) - %(0-6)`, -100 to 100."""
    people = len(evidence.members)
    answers = surveys.latest(journey, evidence.answers)
    found = [(answer, _recommend(answer)) for answer in answers]
    points = [point for _, point in found if point is not None]
    coverage = min(1.0, len(points) / people) if people else None
    if not applies(journey):
        return Outcome(None, Status.NOT_APPLICABLE, coverage=coverage)
    if len(points) < settings["min_n"]:
        status = Status.INSUFFICIENT_DATA if answers else Status.NOT_STARTED
        return Outcome(None, status, n=len(points), coverage=coverage)
    nps, se = net_promoters(points)
    return Outcome(
        nps,
        n=len(points),
        coverage=coverage,
        components={**_means(answers), "nps": nps, "se": se, "low": nps - Z * se, "high": nps + Z * se},
        evidence=ids_in_order(answer.fact for answer, point in found if point is not None),
    )


def net_promoters(points: Sequence[float]) -> tuple[float, float]:
    """The score and its standard error, `sqrt((p + d - (p - d)^2) / n)`, both in points of the score."""
    n = len(points)
    p, d = sum(one >= 9 for one in points) / n, sum(one <= 6 for one in points) / n
    return 100.0 * (p - d), 100.0 * sqrt(max(0.0, p + d - (p - d) ** 2) / n)


def _recommend(answer: surveys.Answer) -> float | None:
    """What was answered to the survey's first question on the scale 0 to 10."""
    item = next((item for item in answer.survey.items if item.scale == "nps"), None)
    return answer.points(item) if item else None


def _means(answers: Sequence[surveys.Answer]) -> dict[str, Any]:
    """The mean, 1 to 5, of each other question: `usefulness` and `intent`, or one's own; and how many answered each."""
    found: dict[str, list[float]] = {}
    for answer in answers:
        for item in answer.survey.items:
            point = answer.points(item) if item.scale == "likert" else None
            if point is not None:
                found.setdefault(item.id, []).append(point)
    means: dict[str, Any] = {item: mean(points) for item, points in sorted(found.items())}
    return means | {"answered": {item: len(points) for item, points in sorted(found.items())}}


EVALUATOR = Evaluator(
    key="reaction",
    title="Reaction",
    version="1.0.0",
    functions={Level.COHORT: cohort},
    schema=Settings,
    applies=applies,
    surveys=(KIND,),
    bounds=(-100.0, 100.0),
    audience={
        Role.PARTICIPANT: "aggregate",
        Role.MANAGER: "aggregate",
        Role.FACILITATOR: "aggregate",
        Role.COACH: "aggregate",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "aggregate",
    },
    words=Words(
        says="Whether people would recommend it.",
        group="the share who answered 9 or 10 − the share who answered 0 to 6, in points",
        parts={
            "low": Part("It lies at least at", "points", Seen.ALL),
            "high": Part("It lies at most at", "points", Seen.ALL),
            "se": Part("Standard error", "points", Seen.NOBODY),
            "nps": Part("Value", "points", Seen.NOBODY),
        },
        missing={
            Status.NOT_STARTED: "It comes with answers to the survey.",
            Status.INSUFFICIENT_DATA: "There are answers, and too few for a value.",
            Status.NOT_APPLICABLE: "The journey does not ask whether people would recommend it.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
