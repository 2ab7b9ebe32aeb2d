"""A participant says who their manager is; the one named, or whoever looks after the run, confirms it.

Until then it is a word and no relation: nobody sees anything by it, the one named included.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import LEADING, Leads, Span, closes_a_loop
from lrs_bridge.flows import giving
from lrs_bridge.flows.giving import Named
from lrs_bridge.flows.relating import CannotChange, Hand
from lrs_bridge.store import enrolments, nominations, relations
from lrs_bridge.store.nominations import Nomination, NominationState
from lrs_bridge.store.people import PersonRow

NOMINATION = "nomination"
BY_LINK = "nomination by link"
NAMED = (Role.MANAGER, Role.COACH, Role.MENTOR, Role.PEER)
"""Whom a participant may name."""

MOST = 20


def nominate(
    session: Session, hand: Hand, person: PersonRow, role: Role, email: str, name: str, act: UUID
) -> Nomination:
    """Name somebody. Sent twice, it is there once; a manager named before and not confirmed yet is taken back.

    Raises CannotChange.
    """
    run = hand.run
    known = nominations.get(session, run.tenant_id, run.id, str(act))
    if known is not None and known.person_id == person.id:
        return known
    if role not in NAMED:
        raise CannotChange("Choose what they are to you.", "role")
    who = giving.by_email(session, run, email, name)
    mine = nominations.of_person(session, run.tenant_id, run.id, person.id)
    _refuse(session, hand, person, role, email, who.key)
    waiting = [one for one in mine if one.waits and one.role == role]
    for one in waiting:
        if one.email == email.lower():
            return one
        if role is Role.MANAGER:
            withdraw(session, hand, one)
    if sum(one.waits for one in mine) >= MOST:
        raise CannotChange("You named many people who are not confirmed yet. Take one back first.", "email")
    return nominations.add(session, run.tenant_id, run.id, person.id, role, email, name or None, hand.now, str(act))


def _refuse(session: Session, hand: Hand, person: PersonRow, role: Role, email: str, key: str) -> None:
    run = hand.run
    if key == person.id or email.lower() == (person.email or "").lower():
        raise CannotChange("That is your own e-mail. Name somebody else.", "email")
    known = relations.all_of(session, run)
    if any(
        row.person_id == person.id and row.other_id == key and row.kind == role and row.span.holds_on(hand.today)
        for row in known
    ):
        raise CannotChange(f"They are your {role} already.", "email")
    leads = [Leads(row.person_id, row.other_id, row.span) for row in known if row.kind in LEADING]
    if role in LEADING and closes_a_loop(leads, Leads(person.id, key, Span(hand.today, None))):
        raise CannotChange("You lead this person yourself, directly or over others. Name somebody else.", "email")


def withdraw(session: Session, hand: Hand, nomination: Nomination) -> None:
    """Take it back before anybody decided. Raises CannotChange."""
    _decide(session, hand, nomination, NominationState.WITHDRAWN)


def refuse(session: Session, hand: Hand, nomination: Nomination) -> None:
    """It is not so. Raises CannotChange."""
    _decide(session, hand, nomination, NominationState.REFUSED)


def confirm(session: Session, hand: Hand, nomination: Nomination) -> Named:
    """It is so: from today, or since ever where nobody was before. Raises CannotChange, and then nothing is decided."""
    _still_waits(nomination)
    run = hand.run
    enrolment = enrolments.enrolment_of(session, run.tenant_id, run.id, nomination.person_id)
    if enrolment is None or (enrolment.withdrawn is not None and enrolment.withdrawn <= hand.today):
        raise CannotChange("Whoever named them has left the run.")
    who = giving.by_email(session, run, nomination.email, nomination.name or "")
    named = giving.name_leader(session, hand, nomination.person_id, who, Role(nomination.role), None, None)
    _decide(session, hand, nomination, NominationState.CONFIRMED)
    return named


def _decide(session: Session, hand: Hand, nomination: Nomination, state: NominationState) -> None:
    _still_waits(nomination)
    nomination.state, nomination.decided, nomination.by_id = str(state), hand.now, hand.by_id
    session.flush()


def _still_waits(nomination: Nomination) -> None:
    if not nomination.waits:
        raise CannotChange(f"This was {nomination.state} already.")
