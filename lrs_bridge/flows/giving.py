"""Naming by hand: somebody is somebody's manager, coach, mentor, peer or sponsor, or has a role in the whole run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import GIVEN, LEADING, ONE_AT_A_TIME, RELATED, Leads, Span, closes_a_loop
from lrs_bridge.flows import relating
from lrs_bridge.flows.directory import Directory, NotFound, Somebody, is_email
from lrs_bridge.flows.enrol import enrol, kept_out, withdraw
from lrs_bridge.flows.relating import CannotChange, Hand
from lrs_bridge.store import enrolments, people, relations
from lrs_bridge.store.enrolments import Enrolment, RelationRow
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

BY_HAND = "by hand"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Named:
    """What was done. `left`: whether the one named was taken for a participant until now; `new`: nobody knew them."""

    person: PersonRow
    left: bool
    new: bool


def known_person(session: Session, run: RunRow, person_id: str) -> Somebody:
    """Somebody of this tenant, chosen from a list. Raises CannotChange."""
    person = people.get_person(session, run.tenant_id, person_id)
    if person is None:
        raise CannotChange("We do not know this person any more. Look for them again.")
    return Somebody(person.account, person)


def by_email(session: Session, run: RunRow, email: str, name: str) -> Somebody:
    """Whoever has this e-mail, or somebody to be made for it. Raises CannotChange."""
    if not is_email(email):
        raise CannotChange("That is no e-mail. Give it as mark@example.org.", "email")
    near = {one.person_id for one in enrolments.enrolments(session, run.tenant_id, run.id)}
    near |= relations.leader_ids(session, run, (*RELATED, *GIVEN))
    try:
        return Directory.of(session, run, [email], near).somebody(email, name)
    except NotFound:
        raise CannotChange(
            "Several people here have this e-mail. Look for the one you mean by name.", "email"
        ) from None


def name_leader(
    session: Session,
    hand: Hand,
    person_id: str,
    who: Somebody,
    role: Role,
    start: date | None,
    end: date | None,
) -> Named:
    """`who` is the `role` of this person from now on, or on the days given.

    Without a first day it is since ever where nobody was before, else since today. A manager before ends with the day
    before. Raises CannotChange.
    """
    run = hand.run
    person = _led(session, run, person_id, role)
    known = relations.all_of(session, run)
    same_role = [row for row in known if row.person_id == person.id and row.kind == role]
    if start is None and same_role:
        start = hand.today
    span = _span(start, end)
    _refuse_self_and_loops(known, person, who, role, span)
    _refuse_twice(same_role, who, role, span)
    if role in ONE_AT_A_TIME:
        _make_way(session, hand, same_role, span)
    new = who.person is None
    leader = who.person or _made(session, hand, who)
    relating.begin(session, hand, person.id, leader.id, role, start, end)
    return Named(leader, leader.id in relating.settle(session, hand), new)


def give_role(session: Session, hand: Hand, who: Somebody, role: Role, start: date | None, end: date | None) -> Named:
    """Give somebody a role in the whole run. Raises CannotChange."""
    if role not in GIVEN:
        raise CannotChange("This is not a role in the whole run. Choose the person it is for.", "role")
    span = _span(start, end)
    new = who.person is None
    person = who.person or _made(session, hand, who)
    known = enrolments.given_role(session, hand.run.tenant_id, hand.run.id, person.id, role)
    if known is not None and (known.start, known.end) == (span.start, span.end):
        raise CannotChange(f"{person.shown_name} is {_word(role)} of this run already.")
    relating.give(session, hand, person.id, role, start, end)
    return Named(person, person.id in relating.settle(session, hand), new)


def end_relation(session: Session, hand: Hand, relation_id: str, last: date | None) -> RelationRow:
    """Somebody is no longer what they were; `last` is their last day, yesterday where none is given.

    Raises CannotChange.
    """
    row = session.get(RelationRow, relation_id)
    if row is None or (row.tenant_id, row.run_id) != (hand.run.tenant_id, hand.run.id):
        raise CannotChange("This was taken out meanwhile.")
    if last is None:
        relating.end_before(session, hand, row, hand.today)
    elif row.start is not None and last < row.start:
        raise CannotChange("That day is before the first one.", "until")
    else:
        relating.move(session, hand, row, row.start, last)
    relating.settle(session, hand)
    return row


def end_role(session: Session, hand: Hand, person_id: str, role: Role) -> None:
    """Somebody no longer has a role in the whole run, from today. Raises CannotChange."""
    row = enrolments.given_role(session, hand.run.tenant_id, hand.run.id, person_id, role)
    if row is None:
        raise CannotChange("This was taken out meanwhile.")
    relating.take_back(session, hand, row, hand.today)
    relating.settle(session, hand)


def let_take_part(session: Session, hand: Hand, person_id: str) -> Enrolment:
    """Somebody with another role takes part too, because a person says so: lists and launches leave it at that."""
    run = hand.run
    person = people.get_person(session, run.tenant_id, person_id)
    if person is None:
        raise CannotChange("We do not know this person any more.")
    if kept_out(enrolments.roles_in_run(session, run.tenant_id, run.id, person_id)):
        enrolments.give_role(session, run.tenant_id, run.id, person_id, Role.PARTICIPANT, hand.now)
    enrolment, _ = enrol(session, run, person, hand.now)
    hand.touched.add(person_id)
    relating.settle(session, hand)
    return enrolment


def take_out_of_participants(session: Session, hand: Hand, person_id: str) -> None:
    """Somebody with another role was enrolled by mistake. What they did stays. Raises CannotChange."""
    run = hand.run
    row = enrolments.given_role(session, run.tenant_id, run.id, person_id, Role.PARTICIPANT)
    if row is not None:
        session.delete(row)
        session.flush()
    enrolment = enrolments.enrolment_of(session, run.tenant_id, run.id, person_id)
    if enrolment is None or not kept_out(enrolments.roles_in_run(session, run.tenant_id, run.id, person_id)):
        raise CannotChange("Participants without another role come and go with the LMS's course.")
    withdraw(session, run, enrolment, hand.now)
    hand.touched.add(person_id)
    relating.settle(session, hand)


def _led(session: Session, run: RunRow, person_id: str, role: Role) -> PersonRow:
    """The person who gets a leader: a participant, for a sponsor a manager."""
    if role not in RELATED:
        raise CannotChange("This is a role in the whole run, not for one person.", "role")
    person = people.get_person(session, run.tenant_id, person_id)
    if person is None:
        raise CannotChange("We do not know this person any more.")
    if role is Role.SPONSOR:
        if person.id not in relations.leader_ids(session, run, (Role.MANAGER,)):
            raise CannotChange(f"{person.shown_name} manages nobody in this run, so nobody sponsors them.", "role")
    elif enrolments.enrolment_of(session, run.tenant_id, run.id, person.id) is None:
        raise CannotChange(f"{person.shown_name} does not take part in this run.", "role")
    return person


def _of(rows: Sequence[RelationRow], who: Somebody) -> list[RelationRow]:
    return [row for row in rows if row.other_id == who.key]


def _span(start: date | None, end: date | None) -> Span:
    if start is not None and end is not None and end < start:
        raise CannotChange("The last day is before the first one.", "until")
    return Span(start, end)


def _refuse_self_and_loops(
    known: Sequence[RelationRow], person: PersonRow, who: Somebody, role: Role, span: Span
) -> None:
    if who.key == person.id:
        raise CannotChange(f"Nobody is their own {_word(role)}.")
    leads = [Leads(row.person_id, row.other_id, row.span) for row in known if row.kind in LEADING]
    if role in LEADING and closes_a_loop(leads, Leads(person.id, who.key, span)):
        raise CannotChange(f"{who.name} is led by {person.shown_name}, directly or over others. One of them leads.")


def _refuse_twice(same_role: Sequence[RelationRow], who: Somebody, role: Role, span: Span) -> None:
    if any(row.span.overlaps(span) for row in _of(same_role, who)):
        raise CannotChange(f"{who.name} is {_word(role)} on these days already.")


def _make_way(session: Session, hand: Hand, same_role: Sequence[RelationRow], span: Span) -> None:
    for row in same_role:
        if not row.span.overlaps(span):
            continue
        if span.start is None or (row.start is not None and row.start >= span.start):
            since = row.start or "the beginning"
            raise CannotChange(f"Somebody else is {_word(Role(row.kind))} from {since}. Give other days.", "from")
        relating.move(session, hand, row, row.start, span.start - _ONE_DAY)


def _made(session: Session, hand: Hand, who: Somebody) -> PersonRow:
    return people.add_person(session, hand.run.tenant_id, hand.now, email=who.word, name=who.called or None)


def _word(role: Role) -> str:
    return str(role).replace("_", " ")
