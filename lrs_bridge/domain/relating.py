"""Who may be what to whom, from which day to which: spans of days, and chains of leaders that must not close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lrs_bridge.domain.people import Role

RELATED = (Role.MANAGER, Role.COACH, Role.MENTOR, Role.PEER, Role.SPONSOR)
"""What somebody is to one other person. A sponsor is a manager's; all others are a participant's."""

GIVEN = (Role.EVALUATOR, Role.COACH, Role.ASSESSOR, Role.SPONSOR, Role.GOAL_OWNER)
"""What somebody is to the whole run, because it was given to them."""

ONE_AT_A_TIME = frozenset({Role.MANAGER})
"""Of whom a person has one; naming another by hand ends the one before."""

LEADING = frozenset({Role.MANAGER, Role.SPONSOR})
"""Relations that go up. Nobody leads, over whatever many others, whoever leads them."""


@dataclass(frozen=True)
class Span:
    """Days, both included; None is open."""

    start: date | None = None
    end: date | None = None

    def overlaps(self, other: Span) -> bool:
        return (self.start or date.min) <= (other.end or date.max) and (other.start or date.min) <= (
            self.end or date.max
        )

    def meets(self, other: Span) -> Span:
        """The days that both have; only where they overlap."""
        starts = [day for day in (self.start, other.start) if day]
        ends = [day for day in (self.end, other.end) if day]
        return Span(max(starts, default=None), min(ends, default=None))

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Leads:
    """`leader` leads `person` on these days. Both are any ids that are the same for the same person."""

    person: str
    leader: str
    span: Span


def closes_a_loop(known: Iterable[Leads], new: Leads) -> bool:
    """Whether, on some day, the new leader would be led by the person themselves, directly or over others."""
    if new.person == new.leader:
        return True
    up: dict[str, list[Leads]] = {}
    for one in known:
        up.setdefault(one.person, []).append(one)
    return _reaches(up, new.leader, new.person, new.span, frozenset())


def _reaches(up: Mapping[str, list[Leads]], start: str, goal: str, span: Span, passed: frozenset[str]) -> bool:
    for one in up.get(start, ()):
        if one.leader in passed or not one.span.overlaps(span):
            continue
        if one.leader == goal or _reaches(up, one.leader, goal, one.span.meets(span), passed | {start}):
            return True
    return False
