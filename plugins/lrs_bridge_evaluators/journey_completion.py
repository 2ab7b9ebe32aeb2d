"""How far a participant has come with the steps that are theirs to do.

A project measure, not an instrument from the literature. It holds only what the participant controls: steps of the
manager or coach never lower it. Late work is the journey's to judge (`late` in the journey file).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lrs_bridge.hooks import (
    Evaluator,
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
    Words,
    completion,
    declares,
    ids_in_order,
    mean_of,
)


def applies(journey: Journey) -> bool:
    """The journey has a step of the participant's."""
    return bool(journey.owned_by(Role.PARTICIPANT))


def _countable(journey: Journey) -> bool:
    """Some step can count for some participant."""
    return any(step.required and step.weight for step in journey.owned_by(Role.PARTICIPANT))


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`value = 100 x sum(w x c) / sum(w)` over R, the required steps of this person."""
    progress = completion.of(journey, evidence, as_of)
    counting, pending = progress.counting, progress.route.pending
    if not sum(row.step.weight for row in counting):
        return Outcome.none(Status.NOT_APPLICABLE, route_pending=pending)
    if not progress.begun:
        return Outcome.none(Status.NOT_STARTED, route_pending=pending)
    due = [row for row in counting if row.window.is_over(progress.today)]
    facts = ids_in_order(_facts(progress))
    return Outcome(
        _percent(counting, [row.credit for row in counting]),
        n=len(facts),
        components={
            "to_date": _percent(due, [row.credit for row in due]),
            "on_time": _percent(counting, [row.share_on_time for row in counting]),
            "complete": all(row.done for row in counting),
            "late_steps": [row.step.id for row in counting if row.late],
            "route_pending": pending,
        },
        evidence=facts,
    )


def _percent(rows: Sequence[completion.StepProgress], credits: Sequence[float]) -> float | None:
    """The weighted mean of the credits, 0-100; None where nothing weighs."""
    weight = sum(row.step.weight for row in rows)
    if not weight:
        return None
    return 100.0 * (sum(row.step.weight * credit for row, credit in zip(rows, credits, strict=True)) / weight)


def _facts(progress: completion.Progress) -> Iterator[Fact]:
    """What the value rests on: the credited completions, the route's decision and the waivers."""
    yield from progress.route.decided_by
    for row in progress.steps:
        if row.waiver is not None:
            yield row.waiver
        if row.counts:
            for done in row.credited:
                yield from done.facts


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The mean over participants."""
    return mean_of(evidence.members, _countable(journey))


EVALUATOR = Evaluator(
    key="journey_completion",
    title="Journey completion",
    version="1.0.0",
    functions={Level.PERSON: person, Level.COHORT: cohort},
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
        says="How much of what the participant can do themselves is done.",
        formula="100 × the weight of the steps done ÷ the weight of all required steps of one’s own path = {value}",
        parts={
            "to_date": Part("Of what was due so far", "of 100", Seen.ALL),
            "on_time": Part("Done in time", "of 100", Seen.ALL),
            "complete": Part("Everything is done", seen=Seen.ALL),
            "late_steps": Part("Steps done late", seen=Seen.ALL),
            "route_pending": Part("The path is still to be decided"),
        },
        missing={
            Status.NOT_STARTED: "It begins with the first day of the first step.",
            Status.NOT_APPLICABLE: "None of the steps of this path is required and weighs anything.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
