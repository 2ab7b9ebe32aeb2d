"""How soon a participant used on the job what was learned.

Skill that is not used decays with the time that it is not used (Arthur, Bennett, Stanush & McNelly 1998, Factors that
influence skill decay and retention, Human Performance 11, 57-101), and bad timing is one of the reasons for which
training fails. The days are choices of this plugin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from statistics import median
from typing import Any

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
    applications,
    declares,
    ids_in_order,
    mean_of,
)
from marshmallow import ValidationError, fields, validate, validates_schema


class Settings(EvaluatorSettings):
    """From when to when the value falls."""

    fast_days = fields.Integer(
        load_default=7,
        validate=validate.Range(min=0, max=90),
        metadata={"help": "Days from the opening of the application step within which a first use is worth 100."},
    )
    slow_days = fields.Integer(
        load_default=30,
        validate=validate.Range(min=1, max=365),
        metadata={"help": "Days after which a first use is worth nothing any more."},
    )

    @validates_schema
    def fast_before_slow(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["slow_days"] <= data["fast_days"]:
            raise ValidationError("Must be more than fast_days.", "slow_days")


def applies(journey: Journey) -> bool:
    """The journey asks for applications."""
    return bool(journey.of_type(applications.STEP_TYPE))


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """100 within `fast_days`, 0 after `slow_days`, in a straight line between."""
    seen = applications.of(journey, evidence, as_of)
    if seen.opens is None:
        return Outcome.none(Status.NOT_APPLICABLE)
    if not seen.open:
        return Outcome.none(Status.NOT_STARTED)
    first = min(seen.standing, key=lambda one: (one.day, one.fact.id), default=None)
    if first is None:
        if seen.confirmed_no_opportunities:
            return Outcome.none(Status.INSUFFICIENT_DATA)
        waited = (seen.today - seen.opens).days
        if waited <= settings["slow_days"]:
            return Outcome.none(Status.NOT_STARTED, waited=waited)
        return Outcome(0.0, components={"waited": waited})
    days = (first.day - seen.opens).days
    return Outcome(
        _worth(days, settings["fast_days"], settings["slow_days"]),
        n=1,
        components={"days": days, "moment": None if first.personal else first.moment},
        evidence=ids_in_order([first.fact]),
    )


def _worth(days: int, fast: int, slow: int) -> float:
    return 100.0 * min(1.0, max(0.0, (slow - days) / (slow - fast)))


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The mean; beside it the median of days, and the share in time of those who used it at all."""
    plain = mean_of(evidence.members, applies(journey))
    days = sorted(
        member.outcome.components["days"] for member in evidence.members if "days" in member.outcome.components
    )
    if plain.value is None or not days:
        return plain
    fast = sum(one <= settings["fast_days"] for one in days)
    known = {"median_days": float(median(days)), "users": len(days), "in_time": fast / len(days)}
    return replace(plain, components={**plain.components, **known})


EVALUATOR = Evaluator(
    key="early_application",
    title="Early application",
    version="1.2.0",
    functions={Level.PERSON: person, Level.COHORT: cohort},
    schema=Settings,
    applies=applies,
    audience={
        Role.PARTICIPANT: "own",
        Role.FACILITATOR: "aggregate",
        Role.COACH: "named",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "named",
    },
    words=Words(
        says="How soon you used on the job what you learned.",
        formula="100 x ({slow_days} - {days}) / ({slow_days} - {fast_days})",
        parts={
            "days": Part("Days to the first use", unit="days", seen=Seen.ALL),
            "moment": Part("The moment it was used in"),
            "waited": Part("Days without a use so far", unit="days", seen=Seen.ALL),
        },
        missing={
            Status.NOT_STARTED: "Nothing was used yet, and there is time left.",
            Status.INSUFFICIENT_DATA: "Somebody confirmed that there was no opportunity.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
