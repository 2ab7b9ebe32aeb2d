"""What others said about a participant's moments, and recognition, for the participant's own messages. Pure.

Each is told once: in a morning's news the day after, and in the digest of the calendar week after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from lrs_bridge.domain import applications
from lrs_bridge.domain.applications import Standing
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import About, Item

MOST_A_WEEK = 3
_ONE_DAY = timedelta(days=1)


def items(journey: Journey, evidence: Evidence, as_of: datetime, registration: str) -> list[Item]:
    """All that others said so far, the latest word of each, oldest first. `since`: the day on which it was said."""
    account = evidence.subject.account

    def said(about: About, word: Fact, day: date) -> Item:
        since = evidence.run.local_day(word.recorded or word.at)
        return Item(about, registration, word.id, day, since, by=word.actor)

    found = applications.of(journey, evidence, as_of)
    told = []
    for one in found.applications:
        if one.words and one.standing is not Standing.SELF:
            about = About.DISPUTED if one.standing is Standing.DISPUTED else About.CONFIRMED
            told.append(said(about, one.words[-1], one.day))
    told += [said(About.CONFIRMED, none.confirmed_by, none.day) for none in found.no_opportunities if none.confirmed_by]
    for fact in evidence.of_kind(Kind.RECOGNISED):
        step = journey.step_by_id.get(fact.step or "")
        with_them = step is None or step.counterpart in (Role.PARTICIPANT, "cohort")
        if with_them and fact.actor != account:
            told.append(said(About.RECOGNISED, fact, evidence.run.local_day(fact.at)))
    return sorted(told, key=lambda item: (item.since, item.ref))


def of_week(found: Iterable[Item], today: date) -> tuple[Item, ...]:
    """Those of the calendar week before this one (ISO 8601), so that no digest says one twice; the latest first."""
    monday = today - timedelta(days=today.weekday())
    before = [item for item in found if monday - timedelta(days=7) <= item.since < monday]
    return tuple(before[::-1][:MOST_A_WEEK])


def of_morning(found: Iterable[Item], today: date) -> tuple[Item, ...]:
    """Those of yesterday."""
    return tuple(item for item in found if item.since == today - _ONE_DAY)
