"""How far a participant has come on the way up a capability's levels.

A project measure on behaviourally anchored levels (Smith and Kendall, Journal of Applied Psychology 47, 1963): the
latest rating weighs most, the earlier ones steady it. Sources are kept apart and never averaged with one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from lrs_bridge.hooks import (
    Capability,
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
    Status,
    Words,
    declares,
    ids_in_order,
    mean,
)

SOURCES: Mapping[object, str] = {"self": "self", "manager": "manager", "peer": "peers", "report": "reports"}
FEWEST_RATERS = {"peers": 3, "reports": 3}
FORMULAS = ("mean_of_earlier", "recursive")


class Settings(EvaluatorSettings):
    formula = fields.String(
        load_default=FORMULAS[0],
        validate=validate.OneOf(FORMULAS),
        metadata={"help": "The latest rating against the mean of all earlier ones, or against the level before it."},
    )
    latest_weight = fields.Float(
        load_default=0.65,
        validate=validate.Range(min=0, max=1),
        metadata={"help": "How much the latest rating weighs, 0 to 1."},
    )
    source = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(tuple(SOURCES.values())),
        metadata={"help": "Whose ratings count; else the manager's, and one's own where there are none."},
    )
    targets = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        load_default=dict,
        metadata={"help": "The level to reach by capability; else its top level."},
    )


@dataclass(frozen=True, slots=True)
class _Rating:
    """One rating, or the mean of a group's in one round, with the statements behind it."""

    points: float
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """One capability by the source that counts. `progress` 0-1, None where the target is not above the start."""

    level: float
    start: float
    target: float
    source: str
    ratings: Sequence[_Rating]

    @property
    def progress(self) -> float | None:
        if self.target <= self.start:
            return None
        return max(0.0, min(1.0, (self.level - self.start) / (self.target - self.start)))


def applies(journey: Journey) -> bool:
    """The journey names capabilities."""
    return bool(journey.capabilities)


def person(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """`100 x mean progress` over the capabilities that were rated."""
    if not applies(journey):
        return Outcome.none(Status.NOT_APPLICABLE)
    rated = {one: _by_source(evidence, one) for one in journey.capabilities}
    ways = {one.id: way for one, sources in rated.items() if (way := _way(one, sources, settings)) is not None}
    if not ways:
        said = any(fact.capability for fact in evidence.of_kind(Kind.RATED))
        return Outcome.none(Status.INSUFFICIENT_DATA if said else Status.NOT_STARTED)
    components = {
        "level": {id_: way.level for id_, way in ways.items()},
        "start": {id_: way.start for id_, way in ways.items()},
        "target": {id_: way.target for id_, way in ways.items()},
        "progress": {id_: way.progress for id_, way in ways.items()},
        "source": {id_: way.source for id_, way in ways.items()},
        "sources": {one.id: _levels(sources, settings) for one, sources in rated.items() if sources},
    }
    value = mean([way.progress for way in ways.values() if way.progress is not None])
    if value is None:
        return Outcome.none(Status.NOT_APPLICABLE, **components)
    facts = ids_in_order(fact for way in ways.values() for rating in way.ratings for fact in rating.facts)
    return Outcome(100.0 * value, n=len(facts), components=components, evidence=facts)


def _by_source(evidence: Evidence, capability: Capability) -> dict[str, list[_Rating]]:
    """The ratings of one capability in order, by source; a group too small to stay unnamed has none."""
    found: dict[str, list[Fact]] = {}
    for fact in evidence.of_kind(Kind.RATED):
        source = _source(fact, evidence) if fact.capability == capability.id else None
        if source is not None:
            found.setdefault(source, []).append(fact)
    ratings = {
        source: _rounds(facts, FEWEST_RATERS[source])
        if source in FEWEST_RATERS
        else [_Rating(fact.score.raw, (fact,)) for fact in facts if fact.score]
        for source, facts in found.items()
    }
    return {source: own for source, own in ratings.items() if own}


def _source(fact: Fact, evidence: Evidence) -> str | None:
    """Who speaks, of a rating of this participant with points; nobody speaks for another."""
    person = evidence.person
    if person is None or fact.score is None or fact.completion is False:
        return None
    said = fact.data.get("source")
    source = SOURCES.get(said) if isinstance(said, str) else None
    own = fact.actor == person.account
    return source if fact.registration == person.registration and own == (source == "self") else None


def _rounds(facts: Iterable[Fact], fewest: int) -> list[_Rating]:
    """Ratings of a group by the step they were asked for in, in order of the last; each rater's latest counts."""
    rounds: dict[str | None, dict[str, Fact]] = {}
    for fact in facts:
        rounds.setdefault(fact.step, {})[fact.actor] = fact
    full = [list(raters.values()) for raters in rounds.values() if len(raters) >= fewest]
    full.sort(key=lambda raters: max((fact.at, fact.id) for fact in raters))
    return [_Rating(mean([f.score.raw for f in raters if f.score]) or 0.0, tuple(raters)) for raters in full]


def _way(capability: Capability, sources: Mapping[str, list[_Rating]], settings: Mapping[str, Any]) -> _Way | None:
    wanted = (settings["source"],) if settings["source"] else ("manager", "self")
    source = next((one for one in wanted if one in sources), None)
    if source is None:
        return None
    ratings = sources[source]
    top = settings["targets"].get(capability.id, float(len(capability.levels)))
    return _Way(_level(ratings, settings), ratings[0].points, float(top), source, ratings)


def _levels(sources: Mapping[str, list[_Rating]], settings: Mapping[str, Any]) -> dict[str, float]:
    return {source: _level(ratings, settings) for source, ratings in sorted(sources.items())}


def _level(ratings: Sequence[_Rating], settings: Mapping[str, Any]) -> float:
    """`0.65 x latest + 0.35 x mean(earlier)`, or `D_n = 0.65 x_n + 0.35 D_(n-1)`; one rating is the level."""
    points = [rating.points for rating in ratings]
    weight = float(settings["latest_weight"])
    if settings["formula"] == "recursive":
        level = points[0]
        for one in points[1:]:
            level = weight * one + (1.0 - weight) * level
        return level
    earlier = mean(points[:-1])
    return points[-1] if earlier is None else weight * points[-1] + (1.0 - weight) * earlier


EVALUATOR = Evaluator(
    key="capability_progress",
    title="Capability progress",
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
        says="How far the way from the first rating of each capability to its target has been gone.",
        formula="100 × the mean over the capabilities of (level now − first level) ÷ (target − first level)",
        parts={
            "level": Part("Level now"),
            "start": Part("First level"),
            "target": Part("Target"),
            "progress": Part("Share of the way", "of 1"),
            "source": Part("Whose rating counts"),
            "sources": Part("Level by source"),
        },
        missing={
            Status.NOT_STARTED: "It comes with the first rating of a capability.",
            Status.INSUFFICIENT_DATA: "There are ratings, and none of them by somebody whose rating counts. "
            "Peers and reports count from three on.",
            Status.NOT_APPLICABLE: "The journey names no capabilities, or the target was reached from the start.",
        },
    ),
)
register_evaluators = declares(EVALUATOR)
