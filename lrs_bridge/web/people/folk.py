"""Everybody in a run with what they are and who is what to them today: read in a fixed number of queries, then pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import GIVEN
from lrs_bridge.store import folk, nominations, relations
from lrs_bridge.store.folk import Given, Inside, Known, Related
from lrs_bridge.store.nominations import Nomination
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.words import full_day, sentence

_ORDER = tuple(str(role) for role in Role)


def role_word(role: str) -> str:
    """goal owner"""
    return str(role).replace("_", " ")


def days(start: date | None, end: date | None) -> str:
    """from 1 April 2026 to 31 May 2026; since the beginning"""
    since = f"from {full_day(start)}" if start else "since the beginning"
    return f"{since} to {full_day(end)}" if end else since


@dataclass(frozen=True)
class Member:
    """One person's line. Names are those of today; `roles` in words; `missing` what nobody is to them yet."""

    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    takes_part: bool
    left: bool
    area: str | None
    managers: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    coaches: tuple[str, ...] = ()
    mentors: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    leads: int = 0
    missing: tuple[str, ...] = ()
    not_come: bool = False

    def fits(self, words: str) -> bool:
        return words in self.name.casefold() or words in (self.email or "").casefold()


class Folk:
    """The rows of a run on a day, and what follows from them."""

    def __init__(
        self,
        run: RunRow,
        today: date,
        enrolled: Iterable[Inside],
        related: Iterable[Related],
        given: Iterable[Given],
        persons: Iterable[Known],
        never_came: frozenset[str],
        waiting: Sequence[Nomination],
    ) -> None:
        self.run, self.today, self.waiting = run, today, waiting
        self.persons = {one.id: one for one in persons}
        self._never_came = never_came
        self._enrolled = {one.person_id: one for one in enrolled}
        self._given: dict[str, set[str]] = {}
        for gift in given:
            if gift.role != Role.PARTICIPANT:
                self._given.setdefault(gift.person_id, set()).add(gift.role)
        self._up: dict[tuple[str, str], list[str]] = {}
        self._down: dict[str, list[Related]] = {}
        for row in related:
            self._up.setdefault((row.person_id, row.kind), []).append(row.other_id)
            self._down.setdefault(row.other_id, []).append(row)

    @classmethod
    def read(cls, session: Session, run: RunRow, today: date) -> Folk:
        """Six queries, whatever the size of the run."""
        return cls(
            run,
            today,
            folk.enrolled(session, run),
            folk.related_on(session, run, today),
            folk.given_on(session, run, today),
            folk.everybody(session, run),
            relations.never_came(session, run),
            nominations.waiting(session, run.tenant_id, run.id),
        )

    def name(self, person_id: str) -> str:
        person = self.persons.get(person_id)
        return person.shown_name if person else "Somebody"

    def names(self, person_ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.name(id_) for id_ in person_ids))

    def up(self, person_id: str, role: Role) -> list[str]:
        """Ids of whoever is this to the person today."""
        return self._up.get((person_id, str(role)), [])

    def above(self, manager_ids: Iterable[str]) -> list[str]:
        """The managers' managers, by a sponsor's relation or because the manager takes part too."""
        return [
            id_
            for one in manager_ids
            for id_ in dict.fromkeys((*self.up(one, Role.SPONSOR), *self.up(one, Role.MANAGER)))
        ]

    def takes_part(self, person_id: str) -> bool:
        one = self._enrolled.get(person_id)
        return one is not None and (one.withdrawn is None or one.withdrawn > self.today)

    @cached_property
    def wanted(self) -> tuple[Role, ...]:
        """Who has steps in this journey, so that somebody should be it to each participant."""
        for_all = {role for roles in self._given.values() for role in roles}
        roles = (Role.MANAGER, Role.COACH, Role.MENTOR)
        steps = self.run.journey.steps
        named = {str(step.owner) for step in steps} | {step.counterpart for step in steps}
        return tuple(role for role in roles if role in named and role not in for_all)

    @cached_property
    def members(self) -> list[Member]:
        """Everybody by name; those who take part come first."""
        found = [self._member(id_) for id_ in self.persons]
        return sorted(found, key=lambda one: (not one.takes_part, one.name.casefold(), one.id))

    def _member(self, id_: str) -> Member:
        person, enrolment, inside = self.persons[id_], self._enrolled.get(id_), self.takes_part(id_)
        managers = self.up(id_, Role.MANAGER)
        return Member(
            id=id_,
            name=self.name(id_),
            email=person.email,
            roles=self._roles(id_, inside),
            takes_part=inside,
            left=enrolment is not None and not inside,
            area=enrolment.area if enrolment else None,
            managers=self.names(managers),
            above=self.names(self.above(managers)) if inside else self.names(self.up(id_, Role.SPONSOR)),
            coaches=self.names(self.up(id_, Role.COACH)),
            mentors=self.names(self.up(id_, Role.MENTOR)),
            peers=self.names(self.up(id_, Role.PEER)),
            leads=len({row.person_id for row in self._down.get(id_, ()) if row.kind == Role.MANAGER}),
            missing=self._missing(id_, inside, managers),
            not_come=id_ in self._never_came,
        )

    def _roles(self, id_: str, inside: bool) -> tuple[str, ...]:
        held = self._given.get(id_, set()) | {row.kind for row in self._down.get(id_, ())}
        words = [role_word(role) for role in _ORDER if role in held]
        return ("participant", *words) if inside else tuple(words)

    def _missing(self, id_: str, inside: bool, managers: Sequence[str]) -> tuple[str, ...]:
        if not inside:
            leads = any(row.kind == Role.MANAGER for row in self._down.get(id_, ()))
            needs = leads and bool(self.run.journey.owned_by(Role.SPONSOR)) and not self.up(id_, Role.SPONSOR)
            return ("manager’s manager",) if needs else ()
        return tuple(role_word(role) for role in self.wanted if not self.up(id_, role))

    @cached_property
    def vacant(self) -> list[str]:
        """Roles of the whole run that this journey gives something to do, and nobody has."""
        owners = {step.owner for step in self.run.journey.steps}
        given = {role for roles in self._given.values() for role in roles}
        related = {row.kind for rows in self._down.values() for row in rows}
        wanted = [role for role in GIVEN if role in owners and role not in (Role.COACH, Role.SPONSOR)]
        return [sentence(role_word(role)) for role in wanted if role not in given | related]
