"""How far a sponsor does their part: their own steps, and how well their managers do theirs.

A project measure. That the chain has to hold above the manager as well follows Brinkerhoff, Telling Training's Story
(2006), where the manager's manager is one of the reasons why learning comes to nothing; the weights are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    Part,
    Role,
    Seen,
    Status,
    Words,
    declares,
    ids_in_order,
    mean,
    mean_of,
    sponsoring,
)

MANAGERS = "manager_engagement"


class Settings(EvaluatorSettings):
    own_share = fields.Float(
        load_default=0.5,
        validate=validate.Range(min=0, max=1),
        metadata={"help": "How much the sponsor's own steps count, 0 to 1; the rest is for their managers."},
    )


def applies(journey: Journey) -> bool:
    """The journey has a step of the sponsor's."""
    return bool(journey.owned_by(Role.SPONSOR))


def sponsor(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`100 x (0.5 x mean credit of own steps + 0.5 x mean(manager_engagement) / 100)`."""
    if not applies(journey):
        return Outcome.none(Status.NOT_APPLICABLE)
    entered = [row for row in sponsoring.of(journey, evidence, as_of) if row.entered]
    own = mean([row.credit for row in entered])
    if own is None:
        return Outcome.none(Status.NOT_STARTED)
    values = _managers(evidence, as_of)
    managers = mean(values)
    share = settings["own_share"] if managers is not None else 1.0
    credited = [event for row in entered for event in row.events[: row.expected]]
    facts = ids_in_order([event.fact for event in credited] + [event.answer for event in credited if event.answer])
    return Outcome(
        100.0 * (share * own + (1.0 - share) * (managers or 0.0) / 100.0),
        n=len(facts),
        components={
            "own": own,
            "steps": {row.step.id: row.credit for row in entered},
            "managers": managers,
            "manager_count": len(values),
        },
        evidence=facts,
    )


def _managers(evidence: Evidence, as_of: datetime) -> list[float]:
    """What the sponsor's managers are worth as managers, of those with a value."""
    known = evidence.needed.get(MANAGERS, {})
    managers = sponsoring.managers_of(evidence, evidence.run.local_day(as_of))
    outcomes = [known[manager.account] for manager in managers if manager.account in known]
    return [outcome.value for outcome in outcomes if outcome.value is not None]


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The mean over sponsors; `n` and `coverage` count sponsors."""
    return mean_of(evidence.members, applies(journey))


EVALUATOR = Evaluator(
    key="sponsor_engagement",
    title="Sponsor engagement",
    version="1.0.0",
    functions={Level.SPONSOR: sponsor, Level.COHORT: cohort},
    schema=Settings,
    applies=applies,
    needs=(MANAGERS,),
    audience={Role.SPONSOR: "own", Role.EVALUATOR: "aggregate"},
    words=Words(
        says="How far the sponsor does their part, and how far their managers do theirs.",
        formula="the mean of the sponsor’s own steps and of what their managers do, of 100; the own steps weigh "
        "{own_share}",
        group="The mean over the sponsors.",
        parts={
            "own": Part("Own steps", "of 1"),
            "steps": Part("Credit of the step", "of 1"),
            "managers": Part("What the managers do", "of 100", Seen.NOBODY),
            "manager_count": Part("Managers with a value", seen=Seen.NOBODY),
        },
        missing={
            Status.NOT_STARTED: "It begins when a step of the sponsor is done, or its last day is over.",
            Status.NOT_APPLICABLE: "The journey has no step of a sponsor.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
