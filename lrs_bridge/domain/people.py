"""Who takes part in a run: roles, dated relations, and the people file's contents (`docs/people-file.md`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo


class Role(StrEnum):
    """What a person acts as. A person may hold several in one run."""

    PARTICIPANT = "participant"
    MANAGER = "manager"
    SPONSOR = "sponsor"
    COACH = "coach"
    MENTOR = "mentor"
    PEER = "peer"
    ASSESSOR = "assessor"
    FACILITATOR = "facilitator"
    DESIGNER = "designer"
    EVALUATOR = "evaluator"
    GOAL_OWNER = "goal_owner"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True)
class Relation:
    """Somebody's manager, coach or sponsor from one day to another, both included; None is open."""

    account: str
    start: date | None = None
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def overlaps(self, first: date, last: date) -> bool:
        return (self.start is None or self.start <= last) and (self.end is None or first <= self.end)


@dataclass(frozen=True)
class Person:
    """One account of the people file: the xAPI account name under the run's home page.

    Whoever takes part has the role participant, whatever else they are; other roles of theirs stand in `also`.
    `registration`, `enrolled`, `withdrawn`, `area` belong to participants; `withdrawn` is the first day out.
    `day_zero`: the day this person's days are counted from, where it is not the run's.
    `identities` are agent keys as `xapi.reading` spells them (`mbox|mailto:...`, `account|home|name`).
    """

    account: str
    role: Role
    registration: str | None = None
    enrolled: date | None = None
    withdrawn: date | None = None
    area: str | None = None
    managers: tuple[Relation, ...] = ()
    coaches: tuple[Relation, ...] = ()
    sponsors: tuple[Relation, ...] = ()
    identities: tuple[str, ...] = ()
    also: frozenset[Role] = frozenset()
    day_zero: date | None = None

    def starts(self, run: Run) -> date:
        """The day from which this person's days are counted in the run."""
        return self.day_zero or run.day_zero

    def acts_as(self, role: Role) -> bool:
        return self.role is role or role in self.also

    def in_scope(self, day: date) -> bool:
        """Enrolled and not withdrawn on this local day."""
        if self.role is not Role.PARTICIPANT:
            return False
        return (self.enrolled is None or self.enrolled <= day) and (self.withdrawn is None or day < self.withdrawn)

    def managers_on(self, day: date) -> tuple[str, ...]:
        return tuple(r.account for r in self.managers if r.holds_on(day))


@dataclass(frozen=True)
class Run:
    """One version of a journey in one course. Days are counted from `day_zero`, local to `time_zone`."""

    id: str
    journey: str
    version: int
    day_zero: date
    time_zone: str = "UTC"

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True)
class Cohort:
    """The people file: a run and everybody in it."""

    run: Run
    home_page: str
    people: tuple[Person, ...] = field(default=())

    @cached_property
    def by_account(self) -> dict[str, Person]:
        return {person.account: person for person in self.people}

    @cached_property
    def participants(self) -> tuple[Person, ...]:
        return tuple(p for p in self.people if p.role is Role.PARTICIPANT)

    @cached_property
    def by_registration(self) -> dict[str, Person]:
        """Participants by their enrolment."""
        return {person.registration: person for person in self.participants if person.registration}

    @cached_property
    def sponsors(self) -> frozenset[str]:
        """Accounts of whoever sponsors somebody here, or is called a sponsor."""
        named = {relation.account for person in self.people for relation in person.sponsors}
        return frozenset(named | {person.account for person in self.people if person.acts_as(Role.SPONSOR)})

    def sponsored_by(self, account: str) -> tuple[Person, ...]:
        """Whoever has, had or will have this sponsor."""
        return self._sponsored.get(account, ())

    @cached_property
    def _sponsored(self) -> dict[str, tuple[Person, ...]]:
        found: dict[str, dict[str, Person]] = {}
        for person in self.people:
            for relation in person.sponsors:
                found.setdefault(relation.account, {})[person.account] = person
        return {account: tuple(people.values()) for account, people in found.items()}

    def in_scope(self, day: date) -> tuple[Person, ...]:
        return tuple(p for p in self.participants if p.in_scope(day))

    def areas(self, people: Iterable[Person]) -> tuple[str, ...]:
        return tuple(sorted({p.area for p in people if p.area}))
