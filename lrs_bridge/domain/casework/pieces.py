"""The parts of a study that follow from its acts: model, rules, moves, draw, money, rankings, and who counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lrs_bridge.domain.casework import acts as doing
from lrs_bridge.domain.casework import factors as coding
from lrs_bridge.domain.casework.acts import Act, Action, Interview, Verdict, Verification
from lrs_bridge.domain.casework.factors import Coded, Ranking, Source
from lrs_bridge.domain.casework.sampling import Draw, Sizes
from lrs_bridge.domain.casework.sorting import Bucket, Moved, Rule, Sorted
from lrs_bridge.domain.casework.sources import MODEL, Sources
from lrs_bridge.domain.casework.worth import Counts, Money, Valued

FEWEST_CODED = 3
"""Interviews in High and in Low from which the ranking is made of what was coded there, and not of the survey."""


@dataclass(frozen=True)
class ModelPart:
    """One part of the impact model; `changed`: it is not what the journey says any more."""

    key: str
    title: str
    text: str
    changed: bool


@dataclass(frozen=True)
class RuleSet:
    """A rule that was kept: the first is the journey's (`by` and `at` None). `late`: set after answers had come."""

    rule: Rule
    by: str | None
    at: datetime | None
    late: bool


def rules_of(sources: Sources, done: tuple[Act, ...]) -> tuple[RuleSet, ...]:
    first = min((one.at for one in sources.answers if one.at), default=None)
    found = [RuleSet(sources.start.rule, None, None, late=False)]
    for act in done:
        if act.action is Action.RULE:
            found.append(RuleSet(Rule(**act.data), act.by, act.at, late=first is not None and act.at > first))
    return tuple(found)


def moves_of(done: tuple[Act, ...]) -> dict[str, Moved]:
    return {
        one: Moved(Bucket(act.data["to"]), act.text("reason"), act.by, act.at, act.id)
        for one, act in doing.by_subject(done, Action.MOVE).items()
    }


def draw_of(done: tuple[Act, ...]) -> Draw | None:
    act = doing.latest(done, Action.DRAW)
    if act is None:
        return None
    order = {Bucket(name): tuple(people) for name, people in act.data["order"].items()}
    return Draw(act.data["seed"], Sizes(**act.data["sizes"]), order)


def model_of(sources: Sources, done: tuple[Act, ...]) -> tuple[ModelPart, ...]:
    act = doing.latest(done, Action.MODEL)
    own = act.data if act else {}
    return tuple(
        ModelPart(
            key,
            title,
            own.get(key, sources.path.get(key, "")),
            own.get(key, sources.path.get(key, "")) != sources.path.get(key, ""),
        )
        for key, title in MODEL.items()
    )


def money_of(sources: Sources, done: tuple[Act, ...]) -> Money:
    act = doing.latest(done, Action.MONEY)
    return Money(**act.data) if act else sources.start.money


def rankings_of(board: Sorted, held: Mapping[str, Interview]) -> dict[Source, Ranking]:
    by_survey = [Coded(case.bucket, case.answer.factors) for case in board.cases]
    coded = [Coded(case.bucket, held[case.registration].factors) for case in board.cases if case.registration in held]
    return {
        Source.SURVEY: coding.ranking(Source.SURVEY, by_survey),
        Source.INTERVIEWS: coding.ranking(Source.INTERVIEWS, coded),
    }


def to_tell(rankings: Mapping[Source, Ranking]) -> Ranking:
    coded = rankings[Source.INTERVIEWS]
    enough = min(coded.high, coded.low) >= FEWEST_CODED
    return coded if enough else rankings[Source.SURVEY]


def counted(
    board: Sorted,
    held: Mapping[str, Interview],
    verifications: Mapping[str, Verification],
    known: Mapping[str, str],
    enrolled: int,
) -> tuple[list[Valued], Counts]:
    high = [case.registration for case in board.of(Bucket.HIGH)]
    interviewed = [one for one in high if one in held]
    verified = [one for one in interviewed if one in verifications and verifications[one].verdict is Verdict.VERIFIED]
    valued = []
    for one in verified:
        told = held[one]
        if told.value is not None:
            low = told.low if told.low is not None else told.value
            high_end = told.high if told.high is not None else told.value
            valued.append(Valued(known[one], told.value, low, high_end, told.attribution, told.confidence))
    return valued, Counts(enrolled, len(high), len(interviewed), len(verified))
