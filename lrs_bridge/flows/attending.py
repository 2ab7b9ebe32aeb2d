"""An event's list: who is expected, who was there on a day, and what somebody who ticks it puts on record.

The attendee is the actor of each statement, whoever ticks the list its instructor; a leader's presence is one
statement for each of their people. Unticking voids what stands, so that a change of mind can be followed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import and_, or_
from sqlalchemy.orm import Session

from lrs_bridge.domain import attending, record, routing
from lrs_bridge.domain.attending import Change, Meeting, Seat
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.people import Cohort, Person, Role
from lrs_bridge.domain.scope import share_out
from lrs_bridge.flows.record import record as put_on_record
from lrs_bridge.store import cohorts, people, tenants
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.people import Called
from lrs_bridge.store.runs import RunRow


@dataclass(frozen=True)
class Room:
    """The list of one event on one day. `aside`: participants on whose path the event is not, or from whom it was
    taken away."""

    meeting: Meeting
    day: date
    seats: tuple[Seat, ...]
    aside: int

    def of(self, role: Role) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.role is role)


def read_room(session: Session, run: RunRow, meeting: Meeting, day: date, now: datetime) -> Room:
    """Everybody expected, sorted by name; a fixed number of queries whatever the run's size."""
    cohort = cohorts.cohort_of(session, run)
    inside = [one for one in cohort.in_scope(day) if one.registration]
    known = people.called(session, run.tenant_id, cohort.by_account)
    shares = _shares(session, run, cohort, inside, meeting, now)
    expected = [person for person in inside if _is_expected(run, cohort, person, meeting, shares[person.account], now)]
    seats: list[Seat] = []
    if Role.PARTICIPANT in meeting.own:
        seats += [_own_seat(run, meeting, day, known, one, shares[one.account]) for one in expected]
    said: dict[str, list[Fact]] = {}
    for person in expected:
        for fact in shares[person.account]:
            said.setdefault(fact.actor, []).append(fact)
    for role, led in _leaders(cohort, expected, day).items():
        seats += [
            _leader_seat(run, meeting, day, known, role, who, about, said.get(who, ())) for who, about in led.items()
        ]
    aside = len(inside) - len(expected)
    return Room(meeting, day, tuple(sorted(seats, key=lambda seat: (seat.name.casefold(), seat.account))), aside)


def _shares(
    session: Session, run: RunRow, cohort: Cohort, inside: Iterable[Person], meeting: Meeting, now: datetime
) -> Mapping[str, tuple[Fact, ...]]:
    """Of each participant the facts that say something about the event, their route, and what was taken away."""
    journey = run.journey
    steps = {step.id for step in meeting.steps}
    if journey.routes:
        steps |= {journey.routes.step, journey.routes.source}
    mine = FactRow.tenant_id == run.tenant_id
    own = and_(mine, FactRow.registration.in_([p.registration for p in inside if p.registration]))
    wanted = and_(own, or_(FactRow.step.in_(steps), FactRow.kind == str(Kind.ROUTED)))
    if any(step.matches for step in meeting.steps):
        keys = [key for person in inside for key in (person.account, *person.identities)]
        wanted = or_(and_(own, FactRow.kind == str(Kind.OTHER)), wanted)
        wanted = or_(wanted, and_(mine, FactRow.registration.is_(None), FactRow.actor.in_(keys)))
    return share_out(cohort, journey, settle(facts_where(session, wanted), now))


def _is_expected(
    run: RunRow, cohort: Cohort, person: Person, meeting: Meeting, facts: tuple[Fact, ...], now: datetime
) -> bool:
    seen = _record(run, cohort, person, facts, now)
    return routing.decide(run.journey, seen).takes_in(meeting.step) and seen.waiver(meeting.step) is None


def _record(run: RunRow, cohort: Cohort, person: Person, facts: tuple[Fact, ...], now: datetime) -> record.Record:
    evidence = Evidence(run.run, cohort, Subject.person(person.account), person, facts)
    return record.of(run.journey, evidence, now)


def _own_seat(
    run: RunRow, meeting: Meeting, day: date, known: Mapping[str, Called], person: Person, facts: Iterable[Fact]
) -> Seat:
    names = {person.account, *person.identities}
    said: list[Fact] = []
    other_days: set[date] = set()
    elsewhere = False
    for fact in facts:
        ours = fact.kind is Kind.ATTENDED and fact.step == meeting.step.id and fact.actor == person.account
        matched = _matches(meeting, fact) and fact.actor in names and not ours
        if not (ours or matched):
            continue
        if run.run.local_day(fact.at) != day:
            other_days.add(run.run.local_day(fact.at))
        elif matched:
            elsewhere = True
        else:
            said.append(fact)
    registration = person.registration or ""
    return Seat(
        person.account,
        known[person.account].name,
        Role.PARTICIPANT,
        (registration,),
        known[person.account].email,
        {registration: tuple(said)} if said else {},
        elsewhere,
        tuple(sorted(other_days)),
    )


def _matches(meeting: Meeting, fact: Fact) -> bool:
    wanted = meeting.step.matches
    return wanted is not None and (fact.verb, fact.activity) == (wanted.verb, wanted.activity)


def _leaders(cohort: Cohort, expected: Iterable[Person], day: date) -> dict[Role, dict[str, list[str]]]:
    """Managers and sponsors of that day, each with the enrolments of whoever they lead."""
    found: dict[Role, dict[str, list[str]]] = {Role.MANAGER: {}, Role.SPONSOR: {}}
    for person in expected:
        for account in person.managers_on(day):
            found[Role.MANAGER].setdefault(account, []).append(person.registration or "")
            manager = cohort.by_account.get(account)
            for relation in manager.sponsors if manager else ():
                if relation.holds_on(day):
                    about = found[Role.SPONSOR].setdefault(relation.account, [])
                    about += [person.registration or ""] if person.registration not in about else []
    for account in found[Role.MANAGER].keys() & found[Role.SPONSOR].keys():
        del found[Role.SPONSOR][account]  # nobody sits in the room twice
    return found


def _leader_seat(
    run: RunRow,
    meeting: Meeting,
    day: date,
    known: Mapping[str, Called],
    role: Role,
    account: str,
    about: Iterable[str],
    facts: Iterable[Fact],
) -> Seat:
    """`facts` are those of which the leader is the actor."""
    step = meeting.step_of(role).id
    said: dict[str, tuple[Fact, ...]] = {}
    other_days: set[date] = set()
    for fact in facts:
        if fact.kind is not Kind.ATTENDED or fact.step != step:
            continue
        if run.run.local_day(fact.at) == day:
            said[fact.registration or ""] = (*said.get(fact.registration or "", ()), fact)
        else:
            other_days.add(run.run.local_day(fact.at))
    person = known[account]
    return Seat(account, person.name, role, tuple(about), person.email, said, other_days=tuple(sorted(other_days)))


@dataclass(frozen=True)
class Tick:
    """A list as somebody sent it: `account` is who ticked it, `act` the form's id, `minutes` how long it was."""

    account: str
    ticked: Collection[str]
    seen: Collection[str]
    act: UUID
    minutes: int | None = None


def mark(session: Session, run: RunRow, room: Room, tick: Tick, now: datetime) -> Change:
    """Put on record what the list changes; the same form twice is the same as once."""
    change = attending.changes(room.seats, tick.ticked, tick.seen)
    tenant = tenants.get_tenant(session, run.tenant_id)
    at = attending.on_day(room.day, now, run.run.zone)
    for one in change.come:
        step = room.meeting.step_of(one.seat.role)
        put_on_record(
            session,
            tenant,
            Event(
                id=uuid5(tick.act, f"{one.seat.account}/{one.registration}"),
                kind=Kind.ATTENDED,
                at=at,
                actor=one.seat.account,
                role=one.seat.role,
                run=run.id,
                journey=run.journey.slug,
                version=run.journey.version,
                registration=one.registration,
                step=step.id,
                step_type=step.type,
                instructor=tick.account,
                recorded=now,
                duration_seconds=tick.minutes * 60 if tick.minutes else None,
            ),
            now,
        )
    for fact in change.gone:
        put_on_record(
            session,
            tenant,
            Event(
                id=uuid5(tick.act, f"back/{fact.id}"),
                kind=Kind.VOIDED,
                at=now,
                actor=tick.account,
                role=Role.FACILITATOR,
                run=run.id,
                journey=run.journey.slug,
                version=run.journey.version,
                registration=fact.registration,
                refers_to=fact.id,
                recorded=now,
            ),
            now,
        )
    return change
