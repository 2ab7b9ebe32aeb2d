"""Who may open which indicator, and how much of it: the audience that its evaluator declares, for one visit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.people import Role
from lrs_bridge.web.explanations import Reader

_BY_NAME = (Role.FACILITATOR, Role.EVALUATOR)
"""Who sees everybody in the run. A coach sees by name only those they coach."""


class Sight(Enum):
    """How somebody sees an indicator of the whole run."""

    NAMED = "named"
    POSTED = "posted"
    TOTAL = "aggregate"


def of_run(evaluator: Evaluator, roles: frozenset[Role]) -> Sight | None:
    """The most that one of the roles is told; None where they are told nothing of the run."""
    told = {evaluator.audience.get(role) for role in _BY_NAME if role in roles}
    for sight in (Sight.NAMED, Sight.POSTED):
        if sight.value in told:
            return sight
    return Sight.TOTAL if any(evaluator.audience.get(role) == Sight.TOTAL.value for role in roles) else None


def of_person(evaluator: Evaluator, roles: frozenset[Role], coached: bool) -> Reader | None:
    """How somebody else than the participant sees one participant's; None where they do not."""
    mine = [role for role in _BY_NAME if role in roles] + ([Role.COACH] if coached else [])
    told = {evaluator.audience.get(role) for role in mine}
    if "named" in told:
        return Reader.NAMED
    return Reader.POSTED if "posted" in told else None


def of_self(evaluator: Evaluator, posted: Mapping[str, object]) -> bool:
    """Whether the participant sees their own: as declared, and whatever reaches the gradebook in their name."""
    return evaluator.audience.get(Role.PARTICIPANT) == "own" or evaluator.key in posted
