"""How clearly a participant sees what the learning is for, and whether the manager sees the same.

A project measure after the impact map of Brinkerhoff and Apking, High Impact Learning (2001): learning outcome,
moments, performance outcome, business rationale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

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
    Role,
    Seen,
    Status,
    SurveyItem,
    Weights,
    Words,
    declares,
    ids_in_order,
    mean,
    once_per_journey,
    record,
    surveys,
)

MAP = ("learning_outcome", "moments", "performance_outcome", "business_rationale")
ITEMS = tuple(SurveyItem(item, item, "likert") for item in ("goal", "moments", "behaviour", "manager_agrees"))
_SHARE = validate.Range(min=0, max=1)


class Parts(Weights):
    self = fields.Float(load_default=0.4, validate=_SHARE, metadata={"help": "What the participant answers."})
    map = fields.Float(load_default=0.4, validate=_SHARE, metadata={"help": "How much of the map is filled."})
    agreement = fields.Float(load_default=0.2, validate=_SHARE, metadata={"help": "The manager agrees with the goal."})


class Settings(EvaluatorSettings):
    weights = fields.Nested(
        Parts,
        load_default=lambda: {"self": 0.4, "map": 0.4, "agreement": 0.2},
        metadata={"help": "What the value is made of; the weights make 1. Without a manager, agreement is left out."},
    )
    unapproved = fields.Float(
        load_default=0.75,
        validate=_SHARE,
        metadata={"help": "What a map counts, 0 to 1, that the manager has not approved."},
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """The latest plan, the latest answers with their mean 0-100, and the approval of that plan; None where missing."""

    plan: Fact | None
    answered: Fact | None
    clarity: float | None
    approval: Fact | None
    has_manager: bool


@once_per_journey
def applies(journey: Journey) -> bool:
    """The participant writes a map, or is asked about it."""
    own = journey.owned_by(Role.PARTICIPANT)
    return any(step.type == "impact_map" for step in own) or bool(surveys.asked(journey, "line_of_sight"))


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`0.4 self + 0.4 map + 0.2 agreement`, each 0-100; without a manager half self, half map."""
    if not applies(journey):
        return Outcome.none(Status.NOT_APPLICABLE)
    seen = _look(journey, evidence, as_of)
    filled = _filled(seen.plan)
    if seen.clarity is None or filled is None:
        nothing = seen.plan is None and seen.answered is None
        return Outcome.none(Status.NOT_STARTED if nothing else Status.INSUFFICIENT_DATA)
    agreed = seen.approval is not None and seen.approval.data.get("goal-agreed") is True
    reduced = filled * (1.0 if seen.approval or not seen.has_manager else settings["unapproved"])
    parts = {"self": seen.clarity, "map": reduced}
    if seen.has_manager:
        parts["agreement"] = 100.0 if agreed else 0.0
    value = _weighted(parts, settings["weights"])
    if value is None:
        return Outcome.none(Status.INSUFFICIENT_DATA)
    facts = ids_in_order(fact for fact in (seen.plan, seen.answered, seen.approval) if fact is not None)
    components = {**parts, "approved": seen.approval is not None} if seen.has_manager else parts
    return Outcome(value, n=len(facts), components=components, evidence=facts)


def _weighted(parts: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """The weighted mean of the parts there are; None where they weigh nothing."""
    total = sum(weights[name] for name in parts)
    return sum(weights[name] * part for name, part in parts.items()) / total if total else None


def _look(journey: Journey, evidence: Evidence, as_of: datetime) -> _Seen:
    seen = record.of(journey, evidence, as_of)
    who = seen.person
    plan = answered = None
    clarity = None
    for fact in evidence.of_kind(Kind.PLANNED, Kind.ANSWERED):
        if fact.actor != who.account or fact.registration != who.registration or fact.completion is False:
            continue
        if fact.kind is Kind.PLANNED:
            plan = fact
        said = _clarity(journey, fact)
        if said is not None:
            answered, clarity = fact, said
    since = seen.days[plan.id] if plan else seen.today
    has_manager = any(relation.overlaps(since, seen.today) for relation in who.managers)
    return _Seen(plan, answered, clarity, _approval(plan, seen), has_manager)


def _clarity(journey: Journey, fact: Fact) -> float | None:
    """The mean of `(x - 1) / 4` over the questions answered, 0-100; None where the statement answers none of them."""
    step = journey.step_by_id.get(fact.step or "")
    survey = journey.surveys.get(step.survey or "") if step else None
    own = survey is not None and survey.kind == "line_of_sight"
    if fact.kind is not Kind.PLANNED and not (fact.kind is Kind.ANSWERED and own):
        return None
    given = fact.data.get("answers")
    if not isinstance(given, Mapping):
        return None
    asked = survey.items if survey is not None and own else ITEMS
    found = [surveys.points(given.get(item.id), item) for item in asked if item.scale == "likert"]
    points = mean([point for point in found if point is not None])
    return None if points is None else 100.0 * (points - 1.0) / 4.0


def _filled(plan: Fact | None) -> float | None:
    """Filled parts of four, 0-100; None where a plan says nothing of its map."""
    filled = plan.data.get("map") if plan else None
    return 100.0 * sum(filled.get(part) is True for part in MAP) / len(MAP) if isinstance(filled, Mapping) else None


def _approval(plan: Fact | None, seen: record.Record) -> Fact | None:
    """The latest approval of this plan by whoever was manager on that day; a new plan needs a new one."""
    about = seen.about.get(plan.id, ()) if plan else ()
    good = [f for f in about if f.kind is Kind.APPROVED and f.actor in seen.person.managers_on(seen.days[f.id])]
    return good[-1] if good else None


EVALUATOR = Evaluator(
    key="line_of_sight",
    title="Line of sight",
    version="1.0.0",
    functions={Level.PERSON: person},
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
        says="How clear the aim is, how full the map, and whether the manager agrees.",
        formula="the mean of clarity, map and agreement, weighted {weights.self} : {weights.map} : "
        "{weights.agreement}; without a manager, of clarity and map",
        parts={
            "self": Part("How clear it is to you", "of 100"),
            "map": Part("How full the map is, less where it is not approved", "of 100"),
            "agreement": Part("The manager agrees on the goal", "of 100"),
            "approved": Part("The map is approved", seen=Seen.ALL),
        },
        missing={
            Status.NOT_STARTED: "It comes with the line of sight: its map and the four questions.",
            Status.INSUFFICIENT_DATA: "It takes both the map and the questions about it; one of them is there.",
            Status.NOT_APPLICABLE: "The journey has no line of sight.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
