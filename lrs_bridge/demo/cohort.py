"""The demo's people: synthetic, the same for the same seed, and nobody anyone has met.

24 participants in areas of 11, 9 and 4 with six managers under two sponsors; one participant has no manager, one
changes manager in week 5, and some never answer. What a person tends to do stands beside the name as a `Habit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from uuid import NAMESPACE_URL, UUID, uuid5

from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run

SEED = 1
ISSUER_DOMAIN = "https://lrs-bridge.example/demo"
MAIL_DOMAIN = "northwind.example"
TIME_ZONE = "Europe/Berlin"
ENROLMENT_OPENS_DAY = -28
MANAGER_CHANGE_DAY = 30


class Habit(StrEnum):
    """How a person takes part; the numbers stand in `history`."""

    LEAD = "lead"  # scripted: has something open today
    KEEN = "keen"
    STEADY = "steady"
    LATE = "late"
    FADING = "fading"  # good start, then less and less
    SILENT = "silent"  # comes to the kick-off at most, answers nothing
    PRESENT = "present"  # managers from here on
    TARDY = "tardy"
    ABSENT = "absent"


@dataclass(frozen=True)
class Member:
    """One person: who the LMS knows as `user_id` and the record as `account`.

    `manager`, `next_manager`, `sponsor` are keys of other members; `registration` and `area` belong to participants.
    """

    key: str
    user_id: str
    name: str
    role: Role
    account: str
    habit: Habit
    registration: str | None = None
    area: str | None = None
    manager: str | None = None
    next_manager: str | None = None
    sponsor: str | None = None

    @property
    def given_name(self) -> str:
        return self.name.split(" ", 1)[0]

    @property
    def family_name(self) -> str:
        return self.name.split(" ", 1)[1]

    @property
    def email(self) -> str:
        return f"{self.key}@{MAIL_DOMAIN}"


_PARTICIPANTS = {
    "north": (
        ("petra", "Petra Novak", "mark", Habit.LEAD),
        ("ben", "Ben Adler", "mark", Habit.LATE),
        ("jonas", "Jonas Weber", "mark", Habit.STEADY),
        ("amira", "Amira Haddad", "mark", Habit.KEEN),
        ("lukas", "Lukas Brandt", "nina", Habit.STEADY),
        ("ewa", "Ewa Kowalska", "nina", Habit.KEEN),
        ("tomas", "Tomas Horak", "nina", Habit.SILENT),
        ("yusuf", "Yusuf Demir", "oskar", Habit.STEADY),
        ("ingrid", "Ingrid Solberg", "oskar", Habit.FADING),
        ("marco", "Marco Bianchi", "oskar", Habit.LATE),
        ("clara", "Clara Hoffmann", None, Habit.KEEN),
    ),
    "centre": (
        ("julia", "Julia Schneider", "grace", Habit.KEEN),
        ("pavel", "Pavel Dvorak", "grace", Habit.STEADY),
        ("leila", "Leila Rahimi", "grace", Habit.STEADY),
        ("felix", "Felix Baumann", "grace", Habit.LATE),
        ("anna", "Anna Lindgren", "grace", Habit.FADING),
        ("david", "David Roth", "victor", Habit.FADING),
        ("elena", "Elena Petrova", "victor", Habit.STEADY),
        ("simon", "Simon Keller", "victor", Habit.SILENT),
        ("maria", "Maria Costa", "victor", Habit.LATE),
    ),
    "south": (
        ("luca", "Luca Moretti", "rosa", Habit.STEADY),
        ("sara", "Sara Fontana", "rosa", Habit.KEEN),
        ("nikolai", "Nikolai Ivanov", "rosa", Habit.SILENT),
        ("helena", "Helena Vidal", "rosa", Habit.FADING),
    ),
}
_NEXT_MANAGER = {"yusuf": "nina"}
_MANAGERS = (
    ("mark", "Mark Jensen", "sofia", Habit.PRESENT),
    ("nina", "Nina Okafor", "sofia", Habit.PRESENT),
    ("oskar", "Oskar Lund", "sofia", Habit.ABSENT),
    ("grace", "Grace Osei", "henrik", Habit.TARDY),
    ("victor", "Victor Stein", "henrik", Habit.ABSENT),
    ("rosa", "Rosa Marin", "henrik", Habit.PRESENT),
)
_OTHERS = (
    ("sofia", "Sofia Lindqvist", Role.SPONSOR, Habit.PRESENT),
    ("henrik", "Henrik Vogel", Role.SPONSOR, Habit.TARDY),
    ("carl", "Carl Brenner", Role.COACH, Habit.PRESENT),
    ("irene", "Irene Walsh", Role.ASSESSOR, Habit.PRESENT),
    ("dario", "Dario Conti", Role.DESIGNER, Habit.PRESENT),
    ("eva", "Eva Lang", Role.EVALUATOR, Habit.PRESENT),
    ("ivan", "Ivan Moreau", Role.ASSESSOR, Habit.PRESENT),
)


@dataclass(frozen=True)
class Cast:
    """Everybody in the demo run, participants first."""

    seed: int
    run_id: str
    members: tuple[Member, ...]

    @cached_property
    def by_key(self) -> dict[str, Member]:
        return {member.key: member for member in self.members}

    @cached_property
    def participants(self) -> tuple[Member, ...]:
        return self.with_role(Role.PARTICIPANT)

    def with_role(self, role: Role) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.role is role)

    def manager_of(self, participant: Member, day: int) -> Member | None:
        """Who manages this participant on a day counted from day zero."""
        changed = participant.next_manager and day >= MANAGER_CHANGE_DAY
        key = participant.next_manager if changed else participant.manager
        return self.by_key[key] if key else None

    def enrolment_day(self, participant: Member) -> int:
        """Counted from day zero: everybody joins within four days."""
        return ENROLMENT_OPENS_DAY + self.participants.index(participant) % 4

    def managers_of(self, participant: Member, day_zero: date) -> tuple[Relation, ...]:
        """The participant's managers with their dates, oldest first."""
        if participant.manager is None:
            return ()
        first = self.by_key[participant.manager].account
        start = day_zero + timedelta(days=ENROLMENT_OPENS_DAY - 30)
        if participant.next_manager is None:
            return (Relation(first, start),)
        change = day_zero + timedelta(days=MANAGER_CHANGE_DAY)
        return (
            Relation(first, start, change - timedelta(days=1)),
            Relation(self.by_key[participant.next_manager].account, change),
        )

    def people(self, day_zero: date, version: int, journey: str, home_page: str = ISSUER_DOMAIN) -> Cohort:
        """The same people as a people file says them."""
        run = Run(self.run_id, journey, version, day_zero, TIME_ZONE)
        return Cohort(run, home_page, tuple(self._person(member, day_zero) for member in self.members))

    def _person(self, member: Member, day_zero: date) -> Person:
        if member.role is Role.PARTICIPANT:
            return Person(
                account=member.account,
                role=member.role,
                registration=member.registration,
                enrolled=day_zero + timedelta(days=self.enrolment_day(member)),
                area=member.area,
                managers=self.managers_of(member, day_zero),
                coaches=tuple(Relation(coach.account) for coach in self.with_role(Role.COACH)),
            )
        sponsors = (Relation(self.by_key[member.sponsor].account),) if member.sponsor else ()
        return Person(account=member.account, role=member.role, sponsors=sponsors)


def cast(seed: int = SEED) -> Cast:
    """The demo's people; accounts, registrations and the run's id follow from the seed alone."""
    rows: list[tuple[str, str, Role, Habit, str | None, str | None, str | None]] = [
        (key, name, Role.PARTICIPANT, habit, area, manager, None)
        for area, people in _PARTICIPANTS.items()
        for key, name, manager, habit in people
    ]
    rows += [(key, name, Role.MANAGER, habit, None, None, sponsor) for key, name, sponsor, habit in _MANAGERS]
    rows += [(key, name, role, habit, None, None, None) for key, name, role, habit in _OTHERS]
    members = tuple(
        Member(
            key=key,
            user_id=str(101 + number),
            name=name,
            role=role,
            account=str(fixed_uuid(seed, "account", key)),
            habit=habit,
            registration=str(fixed_uuid(seed, "registration", key)) if role is Role.PARTICIPANT else None,
            area=area,
            manager=manager,
            next_manager=_NEXT_MANAGER.get(key),
            sponsor=sponsor,
        )
        for number, (key, name, role, habit, area, manager, sponsor) in enumerate(rows)
    )
    return Cast(seed, str(fixed_uuid(seed, "run")), members)


def fixed_uuid(seed: int, *parts: object) -> UUID:
    """An id that is the same on every machine for the same seed and parts."""
    return uuid5(NAMESPACE_URL, "/".join([ISSUER_DOMAIN, str(seed), *map(str, parts)]))


def day_zero_for(today: date) -> date:
    """The Tuesday that makes today one of the days 64 to 70 of the run.

    On these days the last applications (days 45-75) and the success case survey (days 60-70) of the sample journey are
    both open, so there is something left to do for whoever starts the demo.
    """
    latest = today - timedelta(days=64)
    return latest - timedelta(days=(latest.weekday() - 1) % 7)
