"""How much better a participant does the same thing after the course than before it.

For a person the normalised change of Marx and Cummings, Normalized change, American Journal of Physics 75 (2007); for
a cohort also the gain of Hake, Interactive-engagement versus traditional methods, American Journal of Physics 66
(1998), and standardised mean differences (`skill_gain_figures`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    Level,
    Outcome,
    Part,
    Role,
    Status,
    Step,
    Words,
    completion,
    declares,
    ids_in_order,
    mean,
    once_per_journey,
    record,
    routing,
)
from lrs_bridge_evaluators import skill_gain_figures

OTHER_RUBRIC = "assessed on different versions of the rubric"


class Settings(EvaluatorSettings):
    min_pairs = fields.Integer(
        load_default=5,
        validate=validate.Range(min=2),
        metadata={"help": "People with both assessments that it takes for a value of a run or an area."},
    )


@dataclass(frozen=True, slots=True)
class _Scores:
    """Percent before and after, None where not assessed; `comparable`: on one version of the rubric."""

    pre: float | None
    post: float | None
    comparable: bool
    facts: tuple[Fact, ...]


def applies(journey: Journey) -> bool:
    """Some assessment is asked for twice."""
    return any(len(steps) > 1 for steps in _steps(journey).values())


@once_per_journey
def _steps(journey: Journey) -> dict[str, list[Step]]:
    """The steps of each assessment, in the journey's order."""
    found: dict[str, list[Step]] = {}
    for step in journey.steps:
        if step.assessment in journey.assessments:
            found.setdefault(step.assessment or "", []).append(step)
    return found


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`value = 100 x change`, -100 to 100; of several assessments the mean percents of those with both."""
    if not applies(journey):
        return Outcome.none(Status.NOT_APPLICABLE)
    scores = _scores(journey, evidence, as_of)
    pairs = [one for one in scores if one.pre is not None and one.post is not None]
    kept = [one for one in pairs if one.comparable]
    if pairs and not kept:
        return Outcome.none(Status.NOT_APPLICABLE, reason=OTHER_RUBRIC)
    if not kept:
        begun = any(one.pre is not None or one.post is not None for one in scores)
        pre = mean([one.pre for one in scores if one.pre is not None])
        return Outcome.none(Status.INSUFFICIENT_DATA, pre=pre) if begun else Outcome.none(Status.NOT_STARTED)
    pre, post = (mean([p for p in percents if p is not None]) or 0.0 for percents in _columns(kept))
    change = normalised_change(pre, post)
    if change is None:
        return Outcome.none(Status.NOT_APPLICABLE, pre=pre, post=post, change=None)
    facts = ids_in_order(fact for one in kept for fact in one.facts)
    components = {"pre": pre, "post": post, "change": change, "points": post - pre}
    return Outcome(100.0 * change, n=len(facts), components=components, evidence=facts)


def _columns(pairs: Sequence[_Scores]) -> tuple[list[float | None], list[float | None]]:
    return [one.pre for one in pairs], [one.post for one in pairs]


def _scores(journey: Journey, evidence: Evidence, as_of: datetime) -> list[_Scores]:
    """One for each assessment that the person's path asks for twice: the step that opens first, and last."""
    seen = record.of(journey, evidence, as_of)
    route = completion.of(journey, evidence, as_of).route
    found = []
    for name, steps in _steps(journey).items():
        own = [step for step in steps if route.takes_in(step)]
        own.sort(key=lambda step: seen.windows[step.id].opens)
        if len(own) > 1:
            marks = [routing.latest_marks(journey, seen, step.id) for step in (own[0], own[-1])]
            versions = {_rubric(mark.fact, journey.assessments[name].rubric_version) for m in marks for mark in m}
            facts = tuple(mark.fact for m in marks for mark in m)
            found.append(_Scores(_percent(marks[0]), _percent(marks[1]), len(versions) < 2, facts))
    return found


def _percent(marks: Sequence[routing.Mark]) -> float | None:
    """The mean over assessors; points outside the scale are its ends."""
    return mean([max(0.0, min(100.0, mark.percent)) for mark in marks])


def _rubric(fact: Fact, version: int) -> str:
    """The version it was assessed on; a statement that says none used the journey's."""
    return str(fact.data.get("rubric-version", version))


def normalised_change(pre: float, post: float) -> float | None:
    """-1 to 1: of what could be gained, or lost, how much was; None (dropped) where both are 0 or both 100."""
    if pre == post:
        return None if pre in (0.0, 100.0) else 0.0
    return (post - pre) / (100.0 - pre) if post > pre else (post - pre) / pre


def cohort(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """The mean change x 100, with the other figures beside it; too few pairs: insufficient_data."""
    known = [member.outcome for member in evidence.members]
    coverage = 0.0 if known else None
    if not applies(journey):
        return Outcome(None, Status.NOT_APPLICABLE, coverage=coverage)
    assessed = [outcome.components for outcome in known if outcome.components.get("pre") is not None]
    pairs = [(one["pre"], one["post"]) for one in assessed if one.get("post") is not None]
    changes = [outcome.value / 100.0 for outcome in known if outcome.value is not None]
    begun = pairs or any(outcome.status is Status.INSUFFICIENT_DATA for outcome in known)
    if not begun:
        return Outcome(None, Status.NOT_STARTED, coverage=coverage)
    components = skill_gain_figures.figures(pairs, changes, len(assessed))
    change = mean(changes)
    if len(pairs) < settings["min_pairs"]:
        return Outcome(None, Status.INSUFFICIENT_DATA, n=len(changes), coverage=coverage, components=components)
    if change is None:
        return Outcome(None, Status.NOT_APPLICABLE, coverage=coverage, components=components)
    return Outcome(100.0 * change, n=len(changes), coverage=len(changes) / len(known), components=components)


EVALUATOR = Evaluator(
    key="skill_gain",
    title="Skill gain",
    version="1.0.0",
    functions={Level.PERSON: person, Level.COHORT: cohort},
    schema=Settings,
    applies=applies,
    bounds=(-100.0, 100.0),
    audience={
        Role.PARTICIPANT: "own",
        Role.FACILITATOR: "aggregate",
        Role.COACH: "named",
        Role.SPONSOR: "aggregate",
        Role.EVALUATOR: "named",
    },
    words=Words(
        says="How much of what there was to gain between two assessments was gained.",
        formula="100 × (second assessment − first) ÷ what was left to gain, or, where it fell, to lose",
        parts={
            "pre": Part("First assessment", "%"),
            "post": Part("Second assessment", "%"),
            "points": Part("Difference", "points"),
            "change": Part("Share of what could be gained", "of 1"),
            "reason": Part("Why there is none"),
        },
        missing={
            Status.NOT_STARTED: "It takes two assessments. Neither has taken place.",
            Status.INSUFFICIENT_DATA: "It takes two assessments of the same kind, and for a group several such pairs.",
            Status.NOT_APPLICABLE: "Nothing can be compared: the journey does not assess twice, the rubric was "
            "changed in between, or both results stand at the end of the scale.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
