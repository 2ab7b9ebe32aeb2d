"""From a row of the message outbox to a letter: names, titles and addresses as they are at this moment.

So a person who was erased or left, a relation that ended and an address that changed are what they are now, whenever
the letter was put in the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.mailing import DATED, Calendar, Entry, Letter, Mailbox, entry_of, is_address
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import LEADING
from lrs_bridge.domain.reminders import About, LetterKind, Wishes, awake
from lrs_bridge.flows.asking_raters import RATING
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.flows.links import is_led
from lrs_bridge.flows.ports import Mailing
from lrs_bridge.flows.rounds import is_asked
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import enrolments, message_links, message_wishes, nominations, people, relations, runs
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.message_links import TaskKind
from lrs_bridge.store.message_wishes import MessageWishes
from lrs_bridge.store.messages import MessageRow
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

_TEMPLATES = {LetterKind.INVITATION: "invitation"}
_THINGS = "things"
_COACHING = (Role.COACH, Role.MENTOR)
_OF_STEPS = (About.OWN, About.LED, About.SESSION, About.SPONSOR, About.REVIEW, RATING)
_OF_MANAGERS = "manager_engagement"
CALENDAR_NAME = "dates.ics"


class NoLetter(Exception):
    """There is nobody to write to, or nothing left to say; the message says which, for an admin."""


@dataclass(frozen=True)
class Desk:
    """What writing letters needs. `sender`: of the settings, where a tenant has none; None where there are none."""

    mailing: Mailing
    registry: Registry
    base_url: str
    secret_key: str
    sender: Mailbox | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or "localhost"

    def sender_of(self, session: Session, tenant_id: str) -> Mailbox:
        return message_wishes.sender_of(session, tenant_id) or self.sender or Mailbox(f"journeys@{self.host}")

    def link_url(self, link_id: str) -> str:
        return f"{self.base_url}/m/{message_links.token_of(self.secret_key, link_id)}"

    def stop_url(self, person_id: str) -> str:
        return f"{self.base_url}/mail/{message_wishes.stop_token(self.secret_key, person_id)}"


def not_before(session: Session, row: MessageRow, now: datetime) -> datetime:
    """`now`, or the next morning where the letter's first run has night; what somebody asked for does not wait."""
    parts = (row.content or {}).get("parts") or ()
    run = runs.get_run(session, row.tenant_id, parts[0]["run"]) if parts else None
    return now if run is None or row.kind == LetterKind.LINK else awake(now, run.run.zone)


def compose(session: Session, desk: Desk, row: MessageRow, now: datetime) -> Letter:
    """The letter of a row in the language of its reader. Raises NoLetter."""
    person = people.get_person(session, row.tenant_id, row.person_id)
    if person is None or row.content is None:
        raise NoLetter("The person is not there any more.")
    if not person.email or not is_address(person.email):
        raise NoLetter("The LMS gave no e-mail address that can be written to.")
    wishes = message_wishes.wishes_of(session, row.tenant_id, [person.id]).get(person.id)
    kind = LetterKind(row.kind)
    if not _is_wanted(kind, wishes.wishes if wishes else Wishes()):
        raise NoLetter("They have chosen not to get this.")
    entries: list[Entry] = []
    parts = [part for kept in row.content["parts"] if (part := _part(session, desk, person, kept, entries, now))]
    if not parts or not (kind is LetterKind.INVITATION or any(_says(part) for part in parts)):
        raise NoLetter("There is nothing left to say.")
    context = {
        "kind": str(kind),
        "name": person.name.split()[0] if person.name and person.name.split() else None,
        "leads": any(part["role"] in LEADING for part in parts),
        "holds": all(part["role"] in _COACHING for part in parts),
        "has_links": any(map(_has_link, parts)),
        "has_news": any(part["news"] for part in parts),
        "count": sum(len(part["items"]) for part in parts),
        "parts": parts,
        "stop_url": desk.stop_url(person.id),
    }
    words = desk.mailing.words(_TEMPLATES.get(kind, _THINGS), _language(desk, person, wishes), context)
    return Letter(
        id=row.id,
        to=person.email,
        sender=desk.sender_of(session, row.tenant_id),
        subject=words.subject,
        text=words.text,
        html=words.html,
        stop_url=desk.stop_url(person.id),
        calendar=Calendar(CALENDAR_NAME, desk.mailing.calendar(entries, now)) if entries else None,
    )


def _says(part: Mapping[str, Any]) -> bool:
    return bool(part["items"] or part["news"] or part["people_url"] or part["notice_url"])


def _has_link(part: Mapping[str, Any]) -> bool:
    return bool(part["people_url"] or part["notice_url"] or any(item["url"] for item in part["items"]))


def _is_wanted(kind: LetterKind, wishes: Wishes) -> bool:
    if kind is LetterKind.LINK:
        return True
    if kind is LetterKind.WEEK:
        return wishes.weekly
    return wishes.morning if kind is LetterKind.MORNING else not wishes.stopped


def _language(desk: Desk, person: PersonRow, wishes: MessageWishes | None) -> str:
    return desk.mailing.language(wishes.language if wishes and wishes.language else person.locale)


def _part(
    session: Session, desk: Desk, person: PersonRow, kept: Mapping[str, Any], entries: list[Entry], now: datetime
) -> dict[str, Any] | None:
    """A part in names and titles; None where the run is over or the person has no part in it any more."""
    run = runs.get_run(session, person.tenant_id, kept["run"])
    role = Role(kept["role"])
    if run is None or run.closed is not None or not _has_part(session, run, person, role, now):
        return None
    items = [item for one in kept["items"] if (item := _item(session, desk, run, person, one, entries, now))]
    news = [item for one in kept.get("news", ()) if (item := _said(session, desk, run, one))]
    return {
        "role": str(role),
        "journey": _one_line(run.journey.title),
        "course": _one_line(run.course.title or "") or None,
        "day_zero": run.day_zero.isoformat(),
        "posted": _posted(session, desk, run, role) if kept.get("notice") else [],
        "more": kept["more"],
        "opens": kept["opens"],
        "people_url": desk.link_url(kept["people"]) if kept["people"] else None,
        "notice_url": desk.link_url(kept["read"]) if kept.get("read") else None,
        "items": items,
        "news": news,
    }


def _has_part(session: Session, run: RunRow, person: PersonRow, role: Role, now: datetime) -> bool:
    if role is Role.PARTICIPANT:
        own = enrolments.enrolment_of(session, run.tenant_id, run.id, person.id)
        return own is not None and (own.withdrawn is None or own.withdrawn > run.run.local_day(now))
    if role is Role.MANAGER:
        return is_led(session, run, person.id, None, now)
    if role is Role.PEER:
        return True
    return role in enrolments.roles_on(session, run.tenant_id, run.id, person.id, run.run.local_day(now))


def _item(
    session: Session,
    desk: Desk,
    run: RunRow,
    reader: PersonRow,
    kept: Mapping[str, Any],
    entries: list[Entry],
    now: datetime,
) -> dict[str, Any] | None:
    """An item in names and titles, with its dates for a calendar; None where it is not the reader's any more."""
    step = run.journey.step_by_id.get(kept["ref"])
    if step is None and kept["about"] in _OF_STEPS:
        return None
    if kept["about"] == About.SPONSOR:
        return _worded(desk, kept, step, None)
    enrolment = enrolments.get_enrolment(session, run.tenant_id, kept["enrolment"])
    if enrolment is None or not _is_readers(session, run, reader, kept, enrolment, now):
        return None
    name = _one_line(enrolment.person.shown_name).split(" ")[0] if kept["named"] else None
    if step is not None and not kept["late"] and step.type in DATED:
        entries.append(_entry(step, run, enrolment, desk.host, name))
    survey = run.journey.surveys.get(step.survey or "") if step is not None else None
    return _worded(desk, kept, step, name, survey is not None and survey.confidentiality == "anonymous")


def _said(session: Session, desk: Desk, run: RunRow, kept: Mapping[str, Any]) -> dict[str, Any] | None:
    """What somebody said, with their first name; None where it was taken back since, or nobody knows who they are."""
    who = people.people_by_account(session, run.tenant_id, [kept["by"]]).get(kept["by"])
    stands = facts_where(session, FactRow.tenant_id == run.tenant_id, FactRow.id == kept["ref"])
    if who is None or not who.name or not stands:
        return None
    return _worded(desk, kept, None, _one_line(who.name).split(" ")[0])


def _is_readers(
    session: Session, run: RunRow, reader: PersonRow, kept: Mapping[str, Any], enrolment: Enrolment, now: datetime
) -> bool:
    """Whether this is still the reader's to do."""
    if kept["about"] == RATING:
        return is_asked(session, run, reader.id, enrolment.id, kept["ref"], now)
    if kept["about"] in (About.OWN, About.REVIEW):
        return True
    if kept["about"] == TaskKind.NOMINATION:
        named = nominations.get(session, run.tenant_id, run.id, kept["ref"])
        return named is not None and named.waits
    if kept["about"] == About.SESSION:
        today = run.run.local_day(now)
        mine = relations.holding(session, run, reader.id, today)
        return any(row.person_id == enrolment.person_id and row.kind in _COACHING for row in mine)
    return is_led(session, run, reader.id, enrolment.id, now)


def _worded(
    desk: Desk, kept: Mapping[str, Any], step: Step | None, name: str | None, anonymous: bool = False
) -> dict[str, Any]:
    return {
        "about": kept["about"],
        "day": kept["day"],
        "late": kept["late"],
        "title": _one_line(step.title) if step else None,
        "name": name,
        "role": kept.get("as"),
        "anonymous": anonymous,
        "url": desk.link_url(kept["link"]) if kept["link"] else None,
    }


def _entry(step: Step, run: RunRow, enrolment: Enrolment, host: str, name: str | None) -> Entry:
    window = step.window(enrolment.day_zero or run.day_zero, enrolment.enrolled)
    return entry_of(step, window, enrolment.id, host, name)


def _posted(session: Session, desk: Desk, run: RunRow, role: Role) -> list[str]:
    """What reaches the gradebook of what this role has to do with, by the names of the columns."""
    plans = posted_indicators(run.journey, active_evaluators(session, desk.registry, run))
    return [plan.label or key for key, plan in plans.items() if role is not Role.MANAGER or key == _OF_MANAGERS]


def _one_line(text: str) -> str:
    """What people wrote, in a letter: one line, whatever it held."""
    return " ".join(text.split())
