"""How far the participant's manager does their part before, during and after the course.

A project measure. That the manager matters most, before and after more than during, follows Broad & Newstrom,
Transfer of Training (1992); the weights are this project's choice and settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from lrs_bridge.hooks import (
    Evaluator,
    EvaluatorSettings,
    Evidence,
    Journey,
    Level,
    Outcome,
    Part,
    Posting,
    Role,
    Seen,
    Status,
    Words,
    declares,
    ids_in_order,
    mean,
    support,
)


class PhaseWeights(Schema):
    """Phases without an entered step leave the sum, so the weights need not make 100."""

    before = fields.Float(load_default=35.0, validate=validate.Range(min=0), metadata={"help": "Before the course."})
    during = fields.Float(load_default=20.0, validate=validate.Range(min=0), metadata={"help": "During the course."})
    after = fields.Float(load_default=45.0, validate=validate.Range(min=0), metadata={"help": "After the course."})


class Settings(EvaluatorSettings):
    phase_weights = fields.Nested(
        PhaseWeights,
        load_default=lambda: {"before": 35.0, "during": 20.0, "after": 45.0},
        metadata={"help": "How much each phase weighs among the phases that have begun."},
    )
    late = fields.Float(
        load_default=0.5,
        validate=validate.Range(min=0, max=1),
        metadata={"help": "Credit, 0 to 1, for something done after its window."},
    )
    claimed = fields.Float(
        load_default=0.7,
        validate=validate.Range(min=0, max=1),
        metadata={"help": "Credit, 0 to 1, for something the participant has not confirmed yet."},
    )


def applies(journey: Journey) -> bool:
    """The journey has a step of the manager's."""
    return bool(journey.owned_by(Role.MANAGER))


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The manager chain as seen from one participant: `100 x sum(W x P) / sum(W)` over phases that have begun."""
    seen = support.of(journey, evidence, as_of)
    if not seen.managers or not any(row.step.weight for row in seen.steps):
        return Outcome.none(Status.NOT_APPLICABLE)
    credits = {row.step.id: row.credit(settings["late"], settings["claimed"]) for row in seen.entered}
    by_manager = _by_manager(seen, credits, settings)
    phases = _phases(seen.entered, credits)
    value = _value(phases, settings)
    if value is None:
        return Outcome.none(Status.NOT_STARTED, by_manager=by_manager)
    credited = [event for row in seen.entered for event in row.credited]
    facts = ids_in_order([event.fact for event in credited] + [event.answer for event in credited if event.answer])
    return Outcome(
        value,
        n=len(facts),
        components={
            "phases": phases,
            "steps": credits,
            "help_hinder": {row.step.id: _help_or_hinder(row) for row in seen.entered},
            "by_manager": by_manager,
        },
        evidence=facts,
    )


def _phases(rows: Sequence[support.ManagerStep], credits: Mapping[str, float]) -> dict[str, float]:
    """P of each phase that has an entered step of some weight, 0-1."""
    weight: dict[str, float] = {}
    earned: dict[str, float] = {}
    for row in rows:
        phase = str(row.step.phase)
        weight[phase] = weight.get(phase, 0.0) + row.step.weight
        earned[phase] = earned.get(phase, 0.0) + row.step.weight * credits[row.step.id]
    return {phase: earned[phase] / total for phase, total in weight.items() if total}


def _value(phases: Mapping[str, float], settings: Mapping[str, Any]) -> float | None:
    weights: Mapping[str, float] = settings["phase_weights"]
    total = sum(weights[phase] for phase in phases)
    if not total:
        return None
    return 100.0 * (sum(weights[phase] * score for phase, score in phases.items()) / total)


def _help_or_hinder(row: support.ManagerStep) -> str:
    if not row.events:
        return "missing"
    return "late" if row.late else "done"


def _by_manager(
    seen: support.Support, credits: Mapping[str, float], settings: Mapping[str, Any]
) -> dict[str, float | None]:
    """The same value over the steps that are each manager's own; None where none of theirs has entered."""
    owners = [owner for row in seen.entered for owner in row.owners]
    return {
        account: _value(_phases([row for row in seen.entered if account in row.owners], credits), settings)
        for account in sorted({*seen.managers, *owners})
    }


def manager(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The mean over the participants with an entered step of this manager's."""
    account = evidence.subject.account
    chains = [member.outcome.components.get("by_manager", {}) for member in evidence.members]
    theirs = [chain[account] for chain in chains if account in chain]
    values = [value for value in theirs if value is not None]
    value = mean(values)
    if value is None:
        return Outcome.none(Status.NOT_STARTED if theirs else Status.NOT_APPLICABLE)
    return Outcome(value, n=len(values), coverage=len(values) / len(theirs))


EVALUATOR = Evaluator(
    key="manager_engagement",
    title="Manager engagement",
    version="1.0.0",
    functions={Level.PERSON: person, Level.MANAGER: manager},
    schema=Settings,
    applies=applies,
    posting=Posting.DEFAULT,
    audience={
        Role.PARTICIPANT: "process",
        Role.MANAGER: "process",
        Role.FACILITATOR: "named",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "named",
    },
    words=Words(
        says="How far the manager does their part before, during and after the course.",
        formula="the mean of before, during and after, as far as they have begun, weighted "
        "{phase_weights.before} : {phase_weights.during} : {phase_weights.after}, of 100",
        parts={
            "phases": Part("Share earned", "of 1"),
            "steps": Part("Credit of the step", "of 1"),
            "help_hinder": Part("Step", seen=Seen.ALL),
            "by_manager": Part("By manager", seen=Seen.NOBODY),
        },
        missing={
            Status.NOT_STARTED: "It begins when the first step of the manager is done, or its last day is over.",
            Status.NOT_APPLICABLE: "It takes a manager. Teachers name them under Who manages whom.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
