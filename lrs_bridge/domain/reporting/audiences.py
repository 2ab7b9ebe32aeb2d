"""For whom a report is, and what each of them may see (`docs/success-cases.md`). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from lrs_bridge.domain.people import Role


class Audience(StrEnum):
    SPONSOR = "sponsor"
    MANAGERS = "managers"
    PARTICIPANTS = "participants"
    LEARNING = "learning"
    EVALUATOR = "evaluator"


TITLES: Mapping[Audience, str] = MappingProxyType(
    {
        Audience.SPONSOR: "For the sponsor",
        Audience.MANAGERS: "For managers",
        Audience.PARTICIPANTS: "For participants",
        Audience.LEARNING: "For learning and development",
        Audience.EVALUATOR: "For the evaluator",
    }
)
READERS: Mapping[Audience, frozenset[Role]] = MappingProxyType(
    {
        Audience.SPONSOR: frozenset({Role.SPONSOR}),
        Audience.MANAGERS: frozenset({Role.MANAGER}),
        Audience.PARTICIPANTS: frozenset({Role.PARTICIPANT}),
        Audience.LEARNING: frozenset({Role.DESIGNER, Role.FACILITATOR}),
        Audience.EVALUATOR: frozenset({Role.EVALUATOR}),
    }
)


@dataclass(frozen=True)
class Sees:
    """`money`: sums. `areas`: how many answered in each area. `results`: tables of the page of results, by key, as far
    as those who read this version see them there. `cases`: each case under its code, and what follows for it alone."""

    money: bool = False
    areas: bool = False
    results: tuple[str, ...] = ()
    cases: bool = False


SEES: Mapping[Audience, Sees] = MappingProxyType(
    {
        Audience.SPONSOR: Sees(True, True, ("questions", "impact", "funnel", "areas", "matrix", "pair", "goal")),
        Audience.MANAGERS: Sees(),
        Audience.PARTICIPANTS: Sees(),
        Audience.LEARNING: Sees(False, True, ("questions", "impact", "funnel", "areas", "matrix", "chain", "pair")),
        Audience.EVALUATOR: Sees(
            True, True, ("questions", "impact", "funnel", "areas", "matrix", "chain", "pair", "goal", "runs"), True
        ),
    }
)


def audiences_of(roles: frozenset[Role]) -> list[Audience]:
    """The versions that somebody with these roles reads."""
    return [audience for audience, readers in READERS.items() if roles & readers]
