"""Asking people to rate a participant's capabilities: whom, and the letter with their link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain import reminders
from lrs_bridge.domain.mailing import is_address
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.rating import Source
from lrs_bridge.domain.reminders import LetterKind
from lrs_bridge.flows.links import is_led
from lrs_bridge.flows.rounds import Round, is_asked
from lrs_bridge.store import enrolments, message_links, messages, people, raters, relations
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.messages import NewMessage
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.raters import Rater, RaterState
from lrs_bridge.store.runs import RunRow

MOST_RATERS = 12
RATING = "rating"


class CannotAsk(ValueError):
    """This person cannot be asked; the message says why. `field`: of the form."""

    def __init__(self, message: str, field: str = "email") -> None:
        super().__init__(message)
        self.field = field


def ask(session: Session, secret_key: str, round_: Round, email: str, name: str, source: Source) -> Rater:
    """Ask somebody by e-mail, and have a link sent to them. Raises CannotAsk."""
    if not is_address(email):
        raise CannotAsk("Give one whole e-mail address, for example kim@example.org.")
    found = relations.people_by_email(session, round_.run.tenant_id, [email]).get(email.lower(), [])
    if len(found) > 1:
        raise CannotAsk("Several people are known by this e-mail. Ask your course teacher.")
    person = found[0] if found else people.add_person(session, round_.run.tenant_id, round_.now, name or None, email)
    return ask_person(session, secret_key, round_, person, source)


def ask_person(session: Session, secret_key: str, round_: Round, person: PersonRow, source: Source) -> Rater:
    """Ask somebody who is known. Raises CannotAsk."""
    run, enrolment = round_.run, round_.enrolment
    if person.id == enrolment.person_id:
        raise CannotAsk("That is you. Your own view is the form above.")
    if is_led(session, run, person.id, enrolment.id, round_.now):
        raise CannotAsk("That is your manager, who is asked anyway.")
    if len(round_.asked) >= MOST_RATERS:
        raise CannotAsk(f"More than {MOST_RATERS} people cannot be asked in one round.")
    row, new = raters.ask(session, run, enrolment.id, round_.step.id, person.id, source, run.run.local_day(round_.now))
    if new:
        send_link(session, secret_key, run, row, round_.now)
    return row


def take_back(row: Rater) -> None:
    """Ask somebody no more. An answer that came stays: nobody can tell which one it is."""
    row.state = RaterState.LEFT if row.state in (RaterState.ANSWERED, RaterState.LEFT) else RaterState.WITHDRAWN


def send_link(session: Session, secret_key: str, run: RunRow, row: Rater, now: datetime) -> bool:
    """Have a link to the form sent, once a day at most; False where that was done, or nothing is asked any more."""
    key = f"{RATING}:{row.id}:{run.run.local_day(now)}"
    if row.state != RaterState.ASKED:
        return False
    return _send(session, secret_key, run, row.person_id, row.enrolment_id, row.step, key, now)


def tell_managers(session: Session, secret_key: str, round_: Round) -> None:
    """Have a link sent to whoever manages the participant today, once a round: many have no other way in."""
    run, enrolment = round_.run, round_.enrolment
    today = run.run.local_day(round_.now)
    related = enrolments.relations_of(session, run.tenant_id, run.id, [enrolment.person_id])
    for one in related.get(enrolment.person_id, ()):
        if one.kind == Role.MANAGER and one.span.holds_on(today):
            key = f"{RATING}:{enrolment.id}:{round_.step.id[:36]}:{one.other_id}"
            _send(session, secret_key, run, one.other_id, enrolment.id, round_.step.id, key, round_.now)


def _send(
    session: Session,
    secret_key: str,
    run: RunRow,
    person_id: str,
    enrolment_id: str,
    step_id: str,
    key: str,
    now: datetime,
) -> bool:
    if messages.known_keys(session, run.tenant_id, [key]):
        return False
    link = message_links.make_link(
        session, secret_key, run.tenant_id, run.id, person_id, enrolment_id, TaskKind.RATING, step_id, now
    )
    item = {
        "about": RATING,
        "enrolment": enrolment_id,
        "ref": step_id,
        "day": run.journey.step_by_id[step_id].window(run.day_zero, None).due.isoformat(),
        "late": False,
        "named": True,
        "link": link,
    }
    part = {"run": run.id, "role": str(Role.PEER), "more": 0, "opens": None, "people": None, "items": [item]}
    zone = run.run.zone
    until = reminders.good_until(LetterKind.RATING, now, zone)
    message = NewMessage(person_id, key, LetterKind.RATING, {"parts": [part]}, reminders.awake(now, zone), until)
    return messages.put(session, run.tenant_id, message, now)


def send_again(session: Session, secret_key: str, run: RunRow, link: MessageLink, now: datetime) -> bool:
    """A fresh link in the place of one that is too old, once a day."""
    enrolment_id = link.enrolment_id or ""
    if not is_asked(session, run, link.person_id, enrolment_id, link.ref, now):
        return False
    key = f"{RATING}:{enrolment_id}:{link.person_id}:{run.run.local_day(now)}"
    return _send(session, secret_key, run, link.person_id, enrolment_id, link.ref, key, now)
