"""The manager's steps as seen from one participant: what was done, in time or late, and who vouches for it.

The rules are those of manager_engagement in `docs/indicators.md`; pages show the same values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from lrs_bridge.domain import completion
from lrs_bridge.domain import record as records
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Step, Window
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.record import Record
from lrs_bridge.domain.routing import Route

EVENTS = frozenset(
    {
        Kind.TALKED_WITH,
        Kind.OBSERVED,
        Kind.ATTENDED,
        Kind.APPROVED,
        Kind.RECOGNISED,
        Kind.COMPLETED,
        Kind.VERIFIED,
    }
)
_ANSWERS = frozenset({Kind.CONFIRMED, Kind.DISPUTED})


class Standing(StrEnum):
    """Who vouches for an event of the manager."""

    UNQUESTIONED = "unquestioned"  # the step needs no second word, or the event is itself a verification
    CONFIRMED = "confirmed"
    CLAIMED = "claimed"
    DISPUTED = "disputed"


class SupportState(StrEnum):
    """How a manager's step stands on a day, for pages."""

    UPCOMING = "upcoming"
    OPEN = "open"
    MISSING = "missing"
    PARTIAL = "partial"
    DISPUTED = "disputed"
    CLAIMED = "claimed"
    LATE = "late"
    IN_TIME = "in_time"


class SupportEvent(NamedTuple):
    """One act of the participant's manager of that day. `answer`: the participant's latest word on it."""

    fact: Fact
    day: date
    late: bool
    standing: Standing
    answer: Fact | None = None

    def credit(self, late: float, claimed: float) -> float:
        """Timeliness x corroboration, 0-1; `late` and `claimed` are the factors of the settings."""
        if self.standing is Standing.DISPUTED:
            return 0.0
        return (late if self.late else 1.0) * (claimed if self.standing is Standing.CLAIMED else 1.0)


class ManagerStep(NamedTuple):
    """One manager-owned step on the participant's route, not waived.

    `events`: all that count, in order. `owners`: whoever made the first; of a missing step the manager on the last
    day of its window. `entered`: it makes part of the value by now.
    """

    step: Step
    window: Window
    events: tuple[SupportEvent, ...]
    owners: tuple[str, ...]
    entered: bool

    @property
    def credited(self) -> tuple[SupportEvent, ...]:
        """The first `expected` events."""
        return self.events[: self.step.expected]

    @property
    def done(self) -> bool:
        return len(self.events) >= self.step.expected

    @property
    def late(self) -> bool:
        return any(event.late for event in self.credited)

    def credit(self, late: float, claimed: float) -> float:
        return sum([event.credit(late, claimed) for event in self.credited]) / self.step.expected

    def state(self, today: date) -> SupportState:
        over = self.window.is_over(today)
        standings = {event.standing for event in self.credited}
        if not self.events:
            if over:
                return SupportState.MISSING
            return SupportState.OPEN if self.window.opens <= today else SupportState.UPCOMING
        if Standing.DISPUTED in standings:
            return SupportState.DISPUTED
        if Standing.CLAIMED in standings:
            return SupportState.CLAIMED
        if not self.done:
            return SupportState.PARTIAL if over else SupportState.OPEN
        return SupportState.LATE if self.late else SupportState.IN_TIME


@dataclass(frozen=True)
class Support:
    """The manager's steps of one participant, in the journey's order.

    `managers`: those whose relation overlaps the window of one of the steps; empty where the participant had
    nobody when it mattered.
    """

    today: date
    steps: tuple[ManagerStep, ...]
    managers: tuple[str, ...]

    @cached_property
    def by_id(self) -> Mapping[str, ManagerStep]:
        return {step.step.id: step for step in self.steps}

    @cached_property
    def entered(self) -> tuple[ManagerStep, ...]:
        return tuple(step for step in self.steps if step.entered)


def of(journey: Journey, evidence: Evidence, as_of: datetime) -> Support:
    """The support around the participant, kept in `evidence.cache` for whoever asks next."""
    key = ("support", as_of)
    if key not in evidence.cache:
        route = completion.of(journey, evidence, as_of).route
        record = records.of(journey, evidence, as_of)
        evidence.cache[key] = _support(journey, record, route)
    found: Support = evidence.cache[key]
    return found


def _support(journey: Journey, record: Record, route: Route) -> Support:
    steps = [step for step in journey.owned_by(Role.MANAGER) if route.takes_in(step) and record.waiver(step) is None]
    windows = [record.windows[step.id] for step in steps]
    managers = [
        relation.account
        for relation in record.person.managers
        if any(relation.overlaps(window.opens, window.last) for window in windows)
    ]
    return Support(
        today=record.today,
        steps=tuple([_manager_step(step, record) for step in steps]),
        managers=tuple(dict.fromkeys(managers)),
    )


def _manager_step(step: Step, record: Record) -> ManagerStep:
    window = record.windows[step.id]
    events = _events(step, record, window)
    over = window.is_over(record.today)
    if events:
        owners: tuple[str, ...] = (events[0].fact.actor,)
        entered = over or len(events) >= step.expected
    else:
        owners = tuple(dict.fromkeys(record.person.managers_on(window.last))) if over else ()
        entered = step.required and bool(owners)
    return ManagerStep(step, window, events, owners, entered)


def _events(step: Step, record: Record, window: Window) -> tuple[SupportEvent, ...]:
    found = []
    for fact in record.by_step.get(step.id, ()):
        if fact.kind in EVENTS and fact.completion is not False:
            day = record.days[fact.id]
            if fact.actor in record.person.managers_on(day):
                answer = _latest_answer(fact, record)
                found.append(SupportEvent(fact, day, window.is_over(day), _standing(step, fact, answer), answer))
    return tuple(found)


def _latest_answer(fact: Fact, record: Record) -> Fact | None:
    """The participant's latest `confirmed` or `disputed` about an event of the manager."""
    about: Sequence[Fact] = record.about.get(fact.id, ())
    answers = [said for said in about if said.kind in _ANSWERS and said.actor == record.person.account]
    return answers[-1] if answers else None


def _standing(step: Step, fact: Fact, answer: Fact | None) -> Standing:
    """A dispute weighs whatever the step asks for; else one who needs no second word has none to wait for."""
    if answer is not None and answer.kind is Kind.DISPUTED:
        return Standing.DISPUTED
    if step.corroborated_by in (None, Role.SYSTEM) or fact.kind is Kind.VERIFIED:
        return Standing.UNQUESTIONED
    return Standing.CLAIMED if answer is None else Standing.CONFIRMED
