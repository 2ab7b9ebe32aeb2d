"""Lines of sight between two people: the latest version, the latest answer, and whether it is out of date."""

from __future__ import annotations

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.web.situations import Situation


def latest_plan(situation: Situation) -> Fact | None:
    """The participant's latest version."""
    return next(reversed(_plans(situation)), None)


def latest_answer(situation: Situation) -> Fact | None:
    """What somebody said last to any version of it."""
    ids = {plan.id for plan in _plans(situation)}
    return next((fact for fact in reversed(situation.of_kind(Kind.APPROVED)) if fact.target in ids), None)


def changed_since(situation: Situation) -> bool:
    """Whether there is a version newer than the one that was answered."""
    plan, answer = latest_plan(situation), latest_answer(situation)
    return plan is not None and answer is not None and answer.target != plan.id


def _plans(situation: Situation) -> list[Fact]:
    return [fact for fact in situation.of_kind(Kind.PLANNED) if fact.actor == situation.person.account]
