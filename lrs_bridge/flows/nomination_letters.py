"""The letter to somebody whom a participant names: with a link by which they say, once, whether it is so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain import reminders
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import LetterKind
from lrs_bridge.flows import giving, nominate
from lrs_bridge.flows.relating import CannotChange, Hand
from lrs_bridge.store import enrolments, message_links, messages, nominations, people
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.messages import NewMessage
from lrs_bridge.store.nominations import Nomination
from lrs_bridge.store.runs import RunRow


def tell(session: Session, secret_key: str, run: RunRow, nomination: Nomination, now: datetime) -> bool:
    """Have a link sent to the one named, once; False where that was done. Raises CannotChange where nobody can say who
    that is."""
    who = giving.by_email(session, run, nomination.email, nomination.name or "")
    person = who.person or people.add_person(session, run.tenant_id, now, nomination.name, nomination.email)
    return _send(session, secret_key, run, nomination, person.id, f"nomination:{nomination.id}", now)


def tell_again(session: Session, secret_key: str, run: RunRow, link: MessageLink, now: datetime) -> bool:
    """A fresh link in the place of one that is too old, once a day."""
    nomination = nomination_of(session, run, link)
    if nomination is None or not nomination.waits:
        return False
    key = f"nomination:{nomination.id}:{run.run.local_day(now)}"
    return _send(session, secret_key, run, nomination, link.person_id, key, now)


def nomination_of(session: Session, run: RunRow, link: MessageLink) -> Nomination | None:
    """What a link asks its reader to confirm; None for links to other tasks, and where it is gone."""
    if link.task != TaskKind.NOMINATION:
        return None
    return nominations.get(session, run.tenant_id, run.id, link.ref)


def answer(session: Session, run: RunRow, link: MessageLink, yes: bool, now: datetime) -> None:
    """The word of the one named. Raises CannotChange where it was decided meanwhile, or cannot be."""
    nomination = nomination_of(session, run, link)
    if nomination is None:
        raise CannotChange("This was taken out meanwhile.")
    hand = Hand(run, now, nominate.BY_LINK, link.person_id)
    if yes:
        nominate.confirm(session, hand, nomination)
    else:
        nominate.refuse(session, hand, nomination)


def _send(
    session: Session, secret_key: str, run: RunRow, nomination: Nomination, person_id: str, key: str, now: datetime
) -> bool:
    about = enrolments.enrolment_of(session, run.tenant_id, run.id, nomination.person_id)
    if about is None or messages.known_keys(session, run.tenant_id, [key]):
        return False
    link = message_links.make_link(
        session, secret_key, run.tenant_id, run.id, person_id, about.id, TaskKind.NOMINATION, nomination.id, now
    )
    item = {
        "about": TaskKind.NOMINATION,
        "enrolment": about.id,
        "ref": nomination.id,
        "day": run.run.local_day(now).isoformat(),
        "late": False,
        "named": True,
        "link": link,
        "as": nomination.role,
    }
    part = {"run": run.id, "role": str(Role.PEER), "more": 0, "opens": None, "people": None, "items": [item]}
    zone = run.run.zone
    until = reminders.good_until(LetterKind.NOMINATION, now, zone)
    message = NewMessage(person_id, key, LetterKind.NOMINATION, {"parts": [part]}, reminders.awake(now, zone), until)
    return messages.put(session, run.tenant_id, message, now)
