"""How much of the coaching that was planned for a participant took place.

A project measure. The levels are Kirkpatrick's four: reaction, learning, behaviour, results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lrs_bridge.hooks import (
    Evaluator,
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
    Step,
    Words,
    completion,
    declares,
    ids_in_order,
    record,
)

LEVELS = range(1, 5)
_CONVERSATIONS = (Kind.TALKED_WITH, Kind.COACHED, Kind.MENTORED)


@dataclass(frozen=True, slots=True)
class _Sessions:
    """One step of coaching with the sessions that count, at most `expected`."""

    step: Step
    held: tuple[completion.Completion, ...]


def applies(journey: Journey) -> bool:
    """The journey has a coaching or mentor session."""
    return bool(journey.of_type(*completion.SESSION_TYPES))


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`100 x sessions held / expected` over the person's coaching steps that have entered."""
    route = completion.of(journey, evidence, as_of).route
    seen = record.of(journey, evidence, as_of)
    planned = [step for step in journey.of_type(*completion.SESSION_TYPES) if seen.waiver(step) is None]
    own = [step for step in planned if route.takes_in(step)]
    if not own and not (planned and route.pending):
        return Outcome.none(Status.NOT_APPLICABLE)
    entered = [one for one in (_sessions(step, seen) for step in own) if one is not None]
    if not entered:
        return Outcome.none(Status.NOT_STARTED, route_pending=route.pending)
    held = [session for one in entered for session in one.held]
    expected = sum(one.step.expected for one in entered)
    linked = sum(any(fact.data.get("goal-linked") is True for fact in session.facts) for session in held)
    return Outcome(
        100.0 * len(held) / expected,
        n=len(held),
        components={
            "held": len(held),
            "expected": expected,
            "levels": _levels(journey, evidence.of_kind(*_CONVERSATIONS), held),
            "goal_linked": linked / len(held) if held else None,
            "route_pending": route.pending,
        },
        evidence=ids_in_order([*route.decided_by, *(fact for session in held for fact in session.facts)]),
    )


def _sessions(step: Step, seen: record.Record) -> _Sessions | None:
    """None while the step has not entered: all its sessions held, or its window over (an optional one with any)."""
    held = completion.completions_of(step, seen)
    over = seen.windows[step.id].is_over(seen.today) and (step.required or bool(held))
    return _Sessions(step, held[: step.expected]) if over or len(held) >= step.expected else None


def _levels(journey: Journey, talks: Iterable[Fact], held: Sequence[completion.Completion]) -> list[int]:
    """Levels of the conversations that took place: what a statement says, else what its step is for."""
    sessions = [fact for session in held for fact in session.facts]
    found = set()
    for fact in (*sessions, *(talk for talk in talks if talk.completion is not False)):
        step = journey.step_by_id.get(fact.step or "")
        level = fact.data.get("level", step.level if step else None)
        if level in LEVELS:
            found.add(level)
    return sorted(found)


EVALUATOR = Evaluator(
    key="coaching_reach",
    title="Coaching reach",
    version="1.0.0",
    functions={Level.PERSON: person},
    applies=applies,
    audience={
        Role.PARTICIPANT: "own",
        Role.FACILITATOR: "aggregate",
        Role.COACH: "named",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "named",
    },
    words=Words(
        says="How many of the coaching and mentor sessions due so far took place.",
        formula="100 × {held} ÷ {expected} = {value}",
        parts={
            "held": Part("Sessions held", seen=Seen.ALL),
            "expected": Part("Sessions due so far", seen=Seen.ALL),
            "levels": Part("Levels that the conversations reached", seen=Seen.ALL),
            "goal_linked": Part("Linked to a goal", "of 1"),
            "route_pending": Part("The path is still to be decided"),
        },
        missing={
            Status.NOT_STARTED: "It begins when the first session took place, or its last day is over.",
            Status.NOT_APPLICABLE: "This path has no coaching or mentor session.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
