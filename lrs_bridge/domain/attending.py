"""Who was at an event: which steps one event stands for, who is expected, and what a ticked list changes.

An event of a course is often several steps: the participants' own, and their leaders' at the same time. Leaders
without a step of their own count as present on the participants'.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Step, once_per_journey
from lrs_bridge.domain.people import Role

EVENT_TYPES = frozenset({"live_event", "coaching_group"})
IN_THE_ROOM = (Role.PARTICIPANT, Role.MANAGER, Role.SPONSOR)
"""Who is ticked off, in the order of the list."""


@dataclass(frozen=True)
class Meeting:
    """One event. `step` names it; `own` are the steps by the role that owns them."""

    step: Step
    own: Mapping[Role, Step] = field(default_factory=dict)

    def step_of(self, role: Role) -> Step:
        """The step on which somebody of this role counts as present."""
        return self.own.get(role, self.step)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(dict.fromkeys([self.step, *self.own.values()]))


@once_per_journey
def meetings(journey: Journey) -> tuple[Meeting, ...]:
    """The events of a journey in its order. A leader's step belongs to the participants' event of the same days."""
    found: dict[str, Meeting] = {}
    leaders: list[Step] = []
    for step in journey.steps:
        if step.type not in EVENT_TYPES:
            continue
        if step.owner is Role.PARTICIPANT:
            found[step.id] = Meeting(step, {Role.PARTICIPANT: step})
        elif step.owner in IN_THE_ROOM:
            leaders.append(step)
    for step in leaders:
        held = next((one for one in found.values() if _together(one, step)), None)
        meeting = held or Meeting(step)
        found[meeting.step.id] = Meeting(meeting.step, {**meeting.own, step.owner: step})
    order = {step.id: place for place, step in enumerate(journey.steps)}
    return tuple(sorted(found.values(), key=lambda one: order[one.step.id]))


def _together(meeting: Meeting, step: Step) -> bool:
    other = meeting.step
    same_days = (other.opens_day, other.due_day, other.from_enrolment) == (
        step.opens_day,
        step.due_day,
        step.from_enrolment,
    )
    return same_days and other.type == step.type and step.owner not in meeting.own


def meeting_of(journey: Journey, step_id: str) -> Meeting | None:
    return next((one for one in meetings(journey) if one.step.id == step_id), None)


@dataclass(frozen=True)
class Seat:
    """Somebody on the list of an event, for one day.

    `registrations`: the enrolments their presence is about: a participant's own; a leader's people. `said`: what
    stands of that day, by registration. `elsewhere`: another system says that they were there. `other_days`: on which
    they were there, too.
    """

    account: str
    name: str
    role: Role
    registrations: tuple[str, ...]
    email: str | None = None
    said: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    elsewhere: bool = False
    other_days: tuple[date, ...] = ()

    @property
    def present(self) -> bool:
        return self.elsewhere or bool(self.said)


@dataclass(frozen=True)
class Coming:
    """One statement to be made: who was there, on which step, about which enrolment."""

    seat: Seat
    registration: str


@dataclass(frozen=True)
class Change:
    """What a ticked list changes: who has come, and what is taken back."""

    come: tuple[Coming, ...]
    gone: tuple[Fact, ...]


def changes(seats: Iterable[Seat], ticked: Collection[str], seen: Collection[str]) -> Change:
    """From a list that was shown with `seen` ticked to one with `ticked`, both accounts.

    Who was unticked without having been shown as there said so meanwhile, and stays. What another system says stays.
    """
    come, gone = [], []
    for seat in seats:
        if seat.account in ticked:
            lacking = [one for one in seat.registrations if one not in seat.said]
            come += [] if seat.elsewhere else [Coming(seat, one) for one in lacking]
        elif seat.account in seen:
            gone += [fact for facts in seat.said.values() for fact in facts]
    return Change(tuple(come), tuple(gone))


def on_day(day: date, now: datetime, zone: ZoneInfo) -> datetime:
    """When an act of a day given by hand counts: local noon, and never in the future."""
    return min(now, datetime.combine(day, time(12), zone))
