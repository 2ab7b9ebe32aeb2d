"""How often, how widely and how steadily a participant applies the new behaviour in moments that matter.

A project measure: frequency F, coverage of moments C and spread over time S, each application weighed by who
stands behind it. The outcome O stays out of the posted value, so that nobody is paid in marks for rating their own
results high. The recency half-life is this project's choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import Any

from marshmallow import Schema, fields, validate

from lrs_bridge.hooks import (
    Evaluator,
    EvaluatorSettings,
    Evidence,
    Fact,
    Journey,
    Level,
    Outcome,
    Part,
    Posting,
    Role,
    Seen,
    Status,
    Weights,
    Words,
    applications,
    declares,
    ids_in_order,
    mean_of,
    once_per_journey,
)

_SHARE = validate.Range(min=0, max=1)


class Factors(Schema):
    self = fields.Float(load_default=0.6, validate=_SHARE, metadata={"help": "One's own word."})
    peer = fields.Float(load_default=0.8, validate=_SHARE, metadata={"help": "Verified by a peer."})
    verified = fields.Float(
        load_default=1.0,
        validate=_SHARE,
        metadata={"help": "Verified by manager, coach, mentor, sponsor or assessor."},
    )


class ValueWeights(Weights):
    F = fields.Float(load_default=0.5, validate=_SHARE, metadata={"help": "Frequency."})
    C = fields.Float(load_default=0.25, validate=_SHARE, metadata={"help": "Coverage of the moments."})
    S = fields.Float(load_default=0.25, validate=_SHARE, metadata={"help": "Spread over periods."})


class IndexWeights(Weights):
    F = fields.Float(load_default=0.4, validate=_SHARE, metadata={"help": "Frequency."})
    C = fields.Float(load_default=0.2, validate=_SHARE, metadata={"help": "Coverage of the moments."})
    S = fields.Float(load_default=0.2, validate=_SHARE, metadata={"help": "Spread over periods."})
    O = fields.Float(load_default=0.2, validate=_SHARE, metadata={"help": "Outcome."})  # noqa: E741


class Settings(EvaluatorSettings):
    factors = fields.Nested(
        Factors,
        load_default=lambda: dict(applications.FACTORS),
        metadata={"help": "How far an application counts, by who stands behind it."},
    )
    value_weights = fields.Nested(
        ValueWeights,
        load_default=lambda: {"F": 0.5, "C": 0.25, "S": 0.25},
        metadata={"help": "What the value, which is posted, is made of; the weights make 1."},
    )
    index_weights = fields.Nested(
        IndexWeights,
        load_default=lambda: {"F": 0.4, "C": 0.2, "S": 0.2, "O": 0.2},
        metadata={"help": "What the index, which is never posted, is made of; the weights make 1."},
    )
    backdate_days = fields.Integer(
        load_default=applications.BACKDATE_DAYS,
        validate=validate.Range(min=0),
        metadata={"help": "Entered more than so many days after the act, it counts as one's own word at most."},
    )
    half_life_days = fields.Float(
        load_default=21.0,
        validate=validate.Range(min=0, min_inclusive=False),
        metadata={"help": "Days after which recency has halved."},
    )
    impact_outcome = fields.Integer(
        load_default=3,
        validate=validate.Range(min=0, max=4),
        metadata={"help": "Lowest outcome, 0 to 4, that counts as impact when verified."},
    )


def applies(journey: Journey) -> bool:
    """The journey has an application step."""
    return bool(journey.of_type(applications.STEP_TYPE))


@once_per_journey
def _measurable(journey: Journey) -> bool:
    """Without all four targets there is nothing to measure against."""
    targets = journey.targets
    return applies(journey) and all((targets.applications, targets.moments, targets.periods, targets.period_days))


@dataclass(frozen=True, slots=True)
class _Counted:
    """An application that stands, with its factor under these settings."""

    application: applications.Application
    v: float


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`value = 100 x (0.50 F + 0.25 C + 0.25 S)`; 0 once the window is open and nothing was applied."""
    if not _measurable(journey):
        return Outcome.none(Status.NOT_APPLICABLE)
    seen = applications.of(journey, evidence, as_of)
    if not seen.open:
        return Outcome.none(Status.NOT_STARTED)
    counted = [_Counted(one, one.v(settings["factors"], settings["backdate_days"])) for one in seen.standing]
    parts = _parts(journey, evidence, seen, counted)
    o = parts["O"]
    facts = ids_in_order(_facts(seen))
    return Outcome(
        _weighted(settings["value_weights"], parts),
        n=len(counted),
        components={
            **parts,
            "index": None if o is None else _weighted(settings["index_weights"], parts),
            "recency": _recency(seen, settings["half_life_days"]),
            "impact": any(_impact(one, settings) for one in counted),
        },
        evidence=facts,
    )


def _parts(
    journey: Journey, evidence: Evidence, seen: applications.Applications, counted: list[_Counted]
) -> dict[str, Any]:
    targets = journey.targets
    n_eff = fsum(one.v for one in counted)
    target = max(1, (targets.applications or 1) - len(seen.confirmed_no_opportunities))
    moments = {one.application.moment for one in counted if not one.application.personal}
    day_zero = evidence.person.starts(evidence.run) if evidence.person else evidence.run.day_zero
    periods = {(one.application.day - day_zero).days // (targets.period_days or 1) for one in counted}
    earned = fsum(one.v * one.application.outcome / 4 for one in counted)
    return {
        "N_eff": n_eff,
        "N": target,
        "F": min(1.0, n_eff / target),
        "C": min(1.0, len(moments) / (targets.moments or 1)),
        "S": min(1.0, len(periods) / (targets.periods or 1)),
        "O": earned / n_eff if n_eff else None,
    }


def _weighted(weights: Mapping[str, float], parts: Mapping[str, Any]) -> float:
    return min(100.0, 100.0 * fsum(weight * parts[name] for name, weight in weights.items()))


def _recency(seen: applications.Applications, half_life_days: float) -> float | None:
    """`0.5 ^ (days since the last / half-life)`, 0-1."""
    if not seen.standing:
        return None
    days = (seen.today - max(one.day for one in seen.standing)).days
    return float(0.5 ** (days / half_life_days))


def _impact(one: _Counted, settings: Mapping[str, Any]) -> bool:
    """Fully verified, not entered too late, with a clear result."""
    return bool(one.v >= settings["factors"]["verified"]) and one.application.outcome >= int(settings["impact_outcome"])


def _facts(seen: applications.Applications) -> Iterator[Fact]:
    """Every application with what others said of it, and the no-opportunity records that lowered the target."""
    for one in seen.applications:
        yield one.fact
        yield from one.words
    for none in seen.confirmed_no_opportunities:
        yield none.fact
        if none.confirmed_by is not None:
            yield none.confirmed_by


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The mean over participants; `impact_rate` over everybody enrolled, 0-1."""
    impact = sum(bool(member.outcome.components.get("impact")) for member in evidence.members)
    rate = impact / len(evidence.members) if evidence.members else None
    return mean_of(evidence.members, _measurable(journey), impact_rate=rate)


EVALUATOR = Evaluator(
    key="mtm_application",
    title="Application on the job",
    version="1.0.0",
    functions={Level.PERSON: person, Level.COHORT: cohort},
    schema=Settings,
    applies=applies,
    posting=Posting.DEFAULT,
    audience={
        Role.PARTICIPANT: "own",
        Role.MANAGER: "process",
        Role.FACILITATOR: "named",
        Role.COACH: "named",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "named",
    },
    words=Words(
        says="How often, how widely and how steadily the new behaviour was used in moments that matter.",
        formula="100 × ({value_weights.F} × {F} + {value_weights.C} × {C} + {value_weights.S} × {S}) = {value}",
        parts={
            "F": Part("How often", "of 1", Seen.ALL),
            "C": Part("Different moments", "of 1", Seen.ALL),
            "S": Part("Spread over time", "of 1", Seen.ALL),
            "N_eff": Part("Applications, confirmed ones in full", seen=Seen.ALL),
            "N": Part("Applications asked for", seen=Seen.ALL),
            "recency": Part("How recent, halved with time", "of 1", Seen.ALL),
            "O": Part("How good you said the result was", "of 1"),
            "index": Part("With the result counted in, never posted", "of 100"),
            "impact": Part("One was confirmed with a clear result"),
        },
        missing={
            Status.NOT_STARTED: "It begins on the day from which moments can be logged.",
            Status.NOT_APPLICABLE: "The journey asks for no applications, or does not say how many.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
