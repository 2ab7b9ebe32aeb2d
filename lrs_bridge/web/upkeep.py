"""Works that are to be looked at again: an artefact is kept up after it was handed in, and has a next review day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role
from lrs_bridge.web.situations import Situation


@dataclass(frozen=True)
class Upkeep:
    """`day`: when it was to be looked at; `guardian` looks after it, where somebody is named."""

    step: str
    title: str
    day: date
    guardian: str | None


def due(situation: Situation) -> list[Upkeep]:
    """Of the participant's works, those whose review day has come, the oldest day first."""
    found = []
    for step in situation.journey.of_type("artefact"):
        latest = _latest(situation, step.id) if step.owner is Role.PARTICIPANT else None
        note = situation.notes.get(latest.id) if latest else None
        day = _day(note.texts.get("review", "")) if note else None
        if note is not None and day is not None and day <= situation.today:
            title = note.texts.get("title") or step.title
            found.append(Upkeep(step.id, title, day, note.texts.get("guardian")))
    return sorted(found, key=lambda one: one.day)


def _latest(situation: Situation, step_id: str) -> Fact | None:
    own = [fact for fact in situation.facts if fact.step == step_id and fact.actor == situation.person.account]
    return own[-1] if own else None


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None
