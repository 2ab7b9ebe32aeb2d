"""A work that is to be looked at again: whoever looks after it is reminded once, a week before that day.

By the e-mail that the participant gave for them; without one it is the participant who looks after it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain import reminders
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import About, LetterKind
from lrs_bridge.flows import giving
from lrs_bridge.flows.relating import CannotChange
from lrs_bridge.store import enrolments, messages, notes, people
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.messages import NewMessage
from lrs_bridge.store.runs import RunRow

AHEAD = timedelta(days=7)


def remind(session: Session, run: RunRow, now: datetime) -> int:
    """Put the letters that are due into the outbox; answers how many are new. Two queries, and three more for each."""
    latest = _latest_works(session, run)
    if not latest:
        return 0
    written = notes.notes_of_many(session, run.tenant_id, {fact.registration or "" for fact in latest})
    today = run.run.local_day(now)
    put = 0
    for fact in latest:
        note = written.get(fact.registration or "", {}).get(fact.id)
        day = _day(note.texts.get("review", "")) if note else None
        if note is not None and day is not None and today <= day <= today + AHEAD:
            put += _tell(session, run, fact, day, note.texts, now)
    return put


def _latest_works(session: Session, run: RunRow) -> list[Fact]:
    """Of each participant and step the last version."""
    steps = [step.id for step in run.journey.of_type("artefact") if step.owner is Role.PARTICIPANT]
    if not steps:
        return []
    mine = FactRow.tenant_id == run.tenant_id, FactRow.run_id == run.id, FactRow.step.in_(steps)
    found = facts_where(session, *mine, FactRow.kind == str(Kind.COMPLETED))
    return list({(fact.registration, fact.step): fact for fact in found}.values())


def _tell(session: Session, run: RunRow, fact: Fact, day: date, texts: dict[str, str], now: datetime) -> bool:
    key = f"review:{fact.id}:{day}"
    enrolment = enrolments.get_enrolment(session, run.tenant_id, fact.registration or "")
    if enrolment is None or messages.known_keys(session, run.tenant_id, [key]) or _has_left(enrolment, run, now):
        return False
    reader = _guardian(session, run, enrolment, texts, now)
    own = reader == enrolment.person_id
    item = {
        "about": About.REVIEW,
        "enrolment": enrolment.id,
        "ref": fact.step,
        "day": day.isoformat(),
        "late": False,
        "named": not own,
        "link": None,
    }
    role = Role.PARTICIPANT if own else Role.PEER
    part = {"run": run.id, "role": str(role), "more": 0, "opens": None, "people": None, "items": [item]}
    zone = run.run.zone
    until = reminders.good_until(LetterKind.REVIEW, now, zone)
    return messages.put(
        session,
        run.tenant_id,
        NewMessage(reader, key, LetterKind.REVIEW, {"parts": [part]}, reminders.awake(now, zone), until),
        now,
    )


def _has_left(enrolment: Enrolment, run: RunRow, now: datetime) -> bool:
    return enrolment.withdrawn is not None and enrolment.withdrawn <= run.run.local_day(now)


def _guardian(session: Session, run: RunRow, enrolment: Enrolment, texts: dict[str, str], now: datetime) -> str:
    """The id of whoever is to be told: the participant, where no e-mail was given or nobody can say whose it is."""
    email = texts.get("guardian_mail", "")
    if not email:
        return enrolment.person_id
    try:
        who = giving.by_email(session, run, email, "")
    except CannotChange:
        return enrolment.person_id
    person = who.person or people.add_person(session, run.tenant_id, now, None, email.lower())
    return person.id


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None
