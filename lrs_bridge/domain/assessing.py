"""Work scored on a rubric by several people who know neither whose it is nor what the others say. Pure.

An artefact is known by a code. Its scores are shown, to whoever made them and to its author, when everybody who was
asked has scored; from then on they stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import fsum

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.groups import mean
from lrs_bridge.domain.journey import Assessment
from lrs_bridge.domain.routing import percent_of

ASSESSORS = 2
"""How many people score one artefact, where there are so many."""
APART = 20.0
"""From how many points of percent between two assessors on, somebody should look."""
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Score:
    """One assessor's latest word on an artefact: percent of the maximum, and points by criterion."""

    assessor: str
    percent: float
    points: Mapping[str, float]
    fact: Fact


def scores_of(facts: Iterable[Fact], assessment: Assessment) -> dict[str, Score]:
    """The latest score of each assessor, by account; `facts` are `assessed` ones about one step, in order."""
    found: dict[str, Score] = {}
    for fact in facts:
        percent = percent_of(fact, assessment)
        given = fact.data.get("criteria")
        points = given if isinstance(given, Mapping) else {}
        if percent is not None:
            kept = {str(key): float(value) for key, value in points.items() if isinstance(value, int | float)}
            found[fact.actor] = Score(fact.actor, percent, kept, fact)
    return found


def is_closed(asked: Collection[str], scores: Mapping[str, Score]) -> bool:
    """Whether everybody who was asked has scored; scores of others (from elsewhere) count when nobody was asked."""
    return bool(scores) and all(account in scores for account in asked)


@dataclass(frozen=True)
class Result:
    """What an author is told: the means over the assessors, in percent and by criterion, and how many they were."""

    percent: float
    points: Mapping[str, float]
    assessors: int


def result_of(scores: Iterable[Score]) -> Result | None:
    found = list(scores)
    percent = mean([score.percent for score in found])
    if percent is None:
        return None
    named = dict.fromkeys(key for score in found for key in score.points)
    points = {key: mean([score.points[key] for score in found if key in score.points]) or 0.0 for key in named}
    return Result(percent, points, len(found))


@dataclass(frozen=True)
class Artefact:
    """Work to be shared out. `barred`: who may not score it; `asked`: who scores it already, or said no."""

    id: str
    barred: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    scoring: int = 0


def share_out(
    artefacts: Iterable[Artefact], assessors: Collection[str], load: Mapping[str, int], wanted: int = ASSESSORS
) -> list[tuple[str, str]]:
    """Pairs of artefact and assessor, so that each artefact has `wanted` and nobody has more than they must.

    The artefact with the fewest possible assessors goes first, and to whoever has the least to do.
    """
    loads = {assessor: load.get(assessor, 0) for assessor in sorted(assessors)}
    free = {one: [a for a in loads if a not in one.barred and a not in one.asked] for one in artefacts}
    found: list[tuple[str, str]] = []
    for one in sorted(free, key=lambda one: (len(free[one]), one.id)):
        for _ in range(max(0, wanted - one.scoring)):
            left = [a for a in free[one] if (one.id, a) not in found]
            if not left:
                break
            assessor = min(left, key=lambda a: (loads[a], a))
            loads[assessor] += 1
            found.append((one.id, assessor))
    return found


@dataclass(frozen=True)
class Disagreement:
    """One artefact with two scores or more. `apart`: points of percent between the highest and the lowest;
    `criteria`: ids on which two assessors are more than half of the maximum apart."""

    code: str
    percents: tuple[float, ...]
    apart: float
    criteria: tuple[str, ...]

    @property
    def is_wide(self) -> bool:
        return self.apart > APART or bool(self.criteria)


@dataclass(frozen=True)
class Agreement:
    """How far assessors agree on one step. `usual`: the mean distance of two of them in points of percent; by
    `criteria` as share of its maximum, 0-1. Widest first."""

    usual: float | None = None
    criteria: Mapping[str, float] = field(default_factory=dict)
    artefacts: tuple[Disagreement, ...] = ()


def agreement(scored: Mapping[str, Sequence[Score]], assessment: Assessment) -> Agreement:
    """From the scores by code; what one person scored alone says nothing of agreement."""
    shared = {code: scores for code, scores in scored.items() if len(scores) > 1}
    pairs = [pair for scores in shared.values() for pair in combinations(scores, 2)]
    criteria: dict[str, float] = {}
    for criterion in assessment.criteria:
        gaps = [gap for pair in pairs if (gap := _gap(pair, criterion.id)) is not None]
        if gaps and criterion.max:
            criteria[criterion.id] = fsum(gaps) / len(gaps) / criterion.max
    found = [_disagreement(code, scores, assessment) for code, scores in shared.items()]
    return Agreement(
        mean([abs(one.percent - other.percent) for one, other in pairs]),
        criteria,
        tuple(sorted(found, key=lambda one: (-one.apart, one.code))),
    )


def _gap(pair: tuple[Score, Score], criterion: str) -> float | None:
    one, other = pair
    if criterion not in one.points or criterion not in other.points:
        return None
    return abs(one.points[criterion] - other.points[criterion])


def _disagreement(code: str, scores: Sequence[Score], assessment: Assessment) -> Disagreement:
    percents = sorted(score.percent for score in scores)
    wide = [
        criterion.id
        for criterion in assessment.criteria
        if any((_gap(pair, criterion.id) or 0.0) > criterion.max / 2 for pair in combinations(scores, 2))
    ]
    return Disagreement(code, tuple(percents), percents[-1] - percents[0], tuple(wide))


def masked(text: str, names: Iterable[str]) -> str:
    """The text with these people's names and e-mails hidden, each part of a name as a word of its own."""
    words = {part for name in names for part in re.split(r"[\s@.]+", name) if len(part) >= _SHORTEST_NAME}
    words |= {name for name in names if "@" in name}
    if not words:
        return text
    either = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", "▮▮▮", text, flags=re.IGNORECASE)
