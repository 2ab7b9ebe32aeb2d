"""What became of the training for each person, by Brinkerhoff's Success Case Method.

Brinkerhoff, The Success Case Method (2003): a short survey sorts people by what they used and what came of it, and
interviews with the best and the worst find out why. Thresholds are this project's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from lrs_bridge.hooks import (
    Evaluator,
    EvaluatorSettings,
    Evidence,
    Fact,
    Journey,
    Kind,
    Level,
    Outcome,
    Part,
    Posting,
    Role,
    Seen,
    Status,
    Survey,
    Words,
    declares,
    mean_of,
    once_per_journey,
    record,
)
from lrs_bridge_evaluators import success_case_study

POINTS = range(4)  # 3 clear and concrete result, 2 no clear result yet, 1 used a little, 0 not used
_SHARE = validate.Range(min=0, max=1)
_COUNT = validate.Range(min=0)


class Sample(Schema):
    high = fields.Integer(load_default=6, validate=_COUNT, metadata={"help": "People asked from the High bucket."})
    low = fields.Integer(load_default=6, validate=_COUNT, metadata={"help": "People asked from the Low bucket."})
    middle = fields.Integer(load_default=2, validate=_COUNT, metadata={"help": "People asked from the Middle."})


class Interview(Schema):
    account = fields.String(required=True, metadata={"help": "Who was interviewed."})
    verified = fields.Boolean(load_default=False, metadata={"help": "A second source agrees."})
    value = fields.Float(load_default=None, allow_none=True, metadata={"help": "What the case was worth, in money."})
    attribution = fields.Float(
        load_default=1.0, validate=_SHARE, metadata={"help": "Share of the value due to the training, 0 to 1."}
    )
    confidence = fields.Float(load_default=1.0, validate=_SHARE, metadata={"help": "How sure the estimate is, 0 to 1."})


class Settings(EvaluatorSettings):
    high_items = fields.Integer(
        load_default=2,
        validate=validate.Range(min=1),
        metadata={"help": "Items with a clear result that make a case High; 1 where a survey has three or fewer."},
    )
    min_answered = fields.Float(
        load_default=0.6667, validate=_SHARE, metadata={"help": "Share of the items that must be answered, 0 to 1."}
    )
    sample = fields.Nested(
        Sample,
        load_default=lambda: {"high": 6, "low": 6, "middle": 2},
        metadata={"help": "How many of each bucket are drawn for interviews."},
    )
    seed = fields.Integer(load_default=1, metadata={"help": "The draw of the interview sample is repeatable by it."})
    post = fields.Boolean(load_default=True, metadata={"help": "Whether anything reaches the gradebook."})
    interviews = fields.List(
        fields.Nested(Interview), load_default=list, metadata={"help": "Interviews held, for offline evaluation."}
    )
    cost = fields.Float(
        load_default=None, allow_none=True, validate=_COUNT, metadata={"help": "What the training cost, in money."}
    )
    target_share = fields.Float(
        load_default=None,
        allow_none=True,
        validate=_SHARE,
        metadata={"help": "Share of people who should succeed, 0 to 1; else the journey's `impact_share`."},
    )


@dataclass(frozen=True, slots=True)
class _Answered:
    """A person's latest answer: points by item, of the survey's items only."""

    fact: Fact
    survey: Survey
    items: tuple[str, ...]
    points: tuple[int, ...]


def applies(journey: Journey) -> bool:
    """The journey has a success case survey."""
    return bool(journey.surveys_of_kind("success_case"))


@once_per_journey
def _answerable(journey: Journey) -> bool:
    """A step asks for it, with items, and answers are kept by person."""
    return any(_items(journey, survey) for survey in _surveys(journey).values())


@once_per_journey
def _surveys(journey: Journey) -> dict[str, Survey]:
    """By step. An anonymous survey says nothing about a person."""
    kept = {s.name: s for s in journey.surveys_of_kind("success_case") if s.confidentiality != "anonymous"}
    return {step.id: kept[step.survey] for step in journey.steps if step.survey in kept}


def _items(journey: Journey, survey: Survey) -> tuple[str, ...]:
    """The items of use, 0-3: the survey's own, else one per moment."""
    own = tuple(item.id for item in survey.items if item.scale == "use")
    return own or tuple(moment.id for moment in journey.moments)


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`value = 100 x sum(points) / (3 x answered)`, and the bucket."""
    if not _answerable(journey):
        return Outcome.none(Status.NOT_APPLICABLE)
    answer = _latest_answer(journey, evidence, as_of)
    if answer is None:
        return Outcome.none(Status.NOT_STARTED)
    answered, asked = len(answer.points), len(answer.items)
    # The setting has four decimals: two of three, .66666..., is enough for .6667.
    if not answered or round(answered / asked, 4) < settings["min_answered"]:
        return Outcome.none(Status.INSUFFICIENT_DATA, answered=answered)
    value = 100.0 * sum(answer.points) / (3 * answered)
    return Outcome(
        value,
        n=answered,
        components={
            "answered": answered,
            "bucket": _bucket(answer, settings),
            "factors": _factors(answer.fact),
            "posted": _posted(value, answer.survey, settings),
        },
        evidence=(answer.fact.id,),
    )


def _latest_answer(journey: Journey, evidence: Evidence, as_of: datetime) -> _Answered | None:
    """The latest answer of the person counts, and it alone."""
    seen = record.of(journey, evidence, as_of)
    given = [
        (fact, survey)
        for step, survey in _surveys(journey).items()
        for fact in seen.by_step.get(step, ())
        if fact.kind is Kind.ANSWERED and fact.actor == seen.person.account and fact.completion is not False
    ]
    if not given:
        return None
    fact, survey = max(given, key=lambda pair: (pair[0].at, pair[0].id))
    items = _items(journey, survey)
    answers = fact.data.get("answers")
    given_points = [_point(answers.get(item)) for item in items] if isinstance(answers, Mapping) else []
    return _Answered(fact, survey, items, tuple(point for point in given_points if point is not None))


def _point(answer: object) -> int | None:
    """An answer that is one of the four; anything else is none."""
    return next((point for point in POINTS if not isinstance(answer, bool) and answer == point), None)


def _bucket(answer: _Answered, settings: Mapping[str, Any]) -> str:
    needed = 1 if len(answer.items) <= 3 else settings["high_items"]
    if answer.points.count(3) >= needed:
        return "high"
    return "low" if max(answer.points) <= 1 else "middle"


def _factors(fact: Fact) -> dict[str, str]:
    """Factors of the closed list that helped or hindered."""
    said = fact.data.get("factors")
    if not isinstance(said, Mapping):
        return {}
    return {code: said[code] for code in success_case_study.FACTORS if said.get(code) in ("helped", "hindered")}


def _posted(value: float, survey: Survey, settings: Mapping[str, Any]) -> float | None:
    """A named survey posts the value, a confidential one only that it was answered."""
    if not settings["post"]:
        return None
    return value if survey.confidentiality == "named" else 100.0


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The mean over respondents, with the study's figures."""
    target = settings["target_share"] if settings["target_share"] is not None else journey.targets.impact_share
    answered = any(member.outcome.value is not None for member in evidence.members)
    components = success_case_study.study(evidence.members, target, settings) if answered else {}
    return mean_of(evidence.members, _answerable(journey), **components)


EVALUATOR = Evaluator(
    key="success_case",
    title="Success case",
    version="1.0.0",
    functions={Level.PERSON: person, Level.COHORT: cohort},
    schema=Settings,
    applies=applies,
    posting=Posting.DEFAULT,
    audience={
        Role.PARTICIPANT: "own",
        Role.FACILITATOR: "posted",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "named",
    },
    words=Words(
        says="What became of the training, from the success case survey.",
        formula="100 × your points ÷ the points that could be had in the questions you answered = {value}",
        parts={
            "answered": Part("Questions answered"),
            "posted": Part("What the gradebook is told", "of 100", Seen.ALL),
            "factors": Part("What helped or hindered"),
            "bucket": Part("For choosing interviews", seen=Seen.NOBODY),
        },
        missing={
            Status.NOT_STARTED: "It comes with an answer to the survey.",
            Status.INSUFFICIENT_DATA: "It takes an answer to at least two thirds of the questions. "
            "Answering again replaces the earlier answer.",
            Status.NOT_APPLICABLE: "The journey has no success case survey whose answers are kept by person.",
        },
        kept=("high_items", "sample", "seed", "interviews", "cost", "target_share"),
    ),
)
register_evaluators = declares(EVALUATOR)
