"""Links to one task: what each is for, whether it still is, and a fresh one by message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain import reminders
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import Item, LetterKind
from lrs_bridge.flows.places import evidence_of, kept_of
from lrs_bridge.store import cohorts, enrolments, message_links, messages
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.messages import NewMessage
from lrs_bridge.store.runs import RunRow


def kept_item(item: Item, link: str | None) -> dict[str, Any]:
    """An item as it is kept in the outbox."""
    return {
        "about": str(item.about),
        "enrolment": item.enrolment,
        "ref": item.ref,
        "day": item.day.isoformat(),
        "late": item.late,
        "named": item.name is not None,
        "link": link,
        "by": item.by,
    }


@dataclass(frozen=True)
class Task:
    """What one link is for: somebody's task in a run, about one participant or, as a look at all, about none."""

    person_id: str
    enrolment_id: str | None
    kind: TaskKind
    ref: str


def task_of(link: MessageLink) -> Task:
    return Task(link.person_id, link.enrolment_id, TaskKind(link.task), link.ref)


def send_link(session: Session, secret_key: str, run: RunRow, task: Task, now: datetime) -> bool:
    """Have a fresh link for a task sent to whoever it is for; False where that was done today, or nothing is to do."""
    today = run.run.local_day(now)
    key = f"link:{run.id}:{task.person_id}:{task.kind}:{task.enrolment_id or ''}:{task.ref[:36]}:{today}"
    if messages.known_keys(session, run.tenant_id, [key]) or not holds(session, run, task, now):
        return False
    item = _item_for(session, run, task, now)
    if item is None and task.kind in _OF_ONE:
        return False
    link = message_links.make_link(
        session, secret_key, run.tenant_id, run.id, task.person_id, task.enrolment_id, task.kind, task.ref, now
    )
    part = {
        "run": run.id,
        "role": str(role_of(task)),
        "more": 0,
        "opens": None,
        "people": link if task.kind in (TaskKind.PEOPLE, TaskKind.CHAIN) else None,
        "read": link if task.kind is TaskKind.NOTICE else None,
        "items": [kept_item(item, link)] if item else [],
    }
    until = reminders.good_until(LetterKind.LINK, now, run.run.zone)
    message = NewMessage(task.person_id, key, LetterKind.LINK, {"parts": [part]}, now, until)
    return messages.put(session, run.tenant_id, message, now)


_OF_ONE = (TaskKind.MOMENT, TaskKind.STEP)


def role_of(task: Task) -> Role:
    """As what somebody acts by a link to this task."""
    if task.kind is TaskKind.NOTICE:
        return Role(task.ref)
    return Role.SPONSOR if task.kind is TaskKind.CHAIN else Role.MANAGER


def holds(session: Session, run: RunRow, task: Task, now: datetime) -> bool:
    """Whether a task is still somebody's: of a manager about one of their people, of whoever has the role today."""
    role = role_of(task)
    if role is Role.MANAGER:
        return is_led(session, run, task.person_id, task.enrolment_id, now)
    return role in enrolments.roles_on(session, run.tenant_id, run.id, task.person_id, run.run.local_day(now))


def _item_for(session: Session, run: RunRow, task: Task, now: datetime) -> Item | None:
    """The thing that a task is about, if it is still to do."""
    enrolment = enrolments.get_enrolment(session, run.tenant_id, task.enrolment_id or "")
    if enrolment is None:
        return None
    cohort = cohorts.cohort_of_one(session, run, enrolment)
    members = [person for person in cohort.participants if person.registration == enrolment.id]
    evidence = evidence_of(session, run, cohort, members, now)[members[0].account]
    kept = kept_of(session, run, members)
    found = reminders.led_items(run.journey, evidence, now, enrolment.id, enrolment.person.shown_name, kept)
    return next((item for item in found if item.ref == task.ref), None)


def is_led(session: Session, run: RunRow, person_id: str, enrolment_id: str | None, now: datetime) -> bool:
    """Whether somebody is the manager of this participant today; of anybody in the run, where none is named."""
    led = enrolments.people_of(session, run.tenant_id, run.id, person_id, Role.MANAGER, run.run.local_day(now))
    if enrolment_id is None:
        return bool(led)
    enrolment = enrolments.get_enrolment(session, run.tenant_id, enrolment_id)
    return enrolment is not None and enrolment.run_id == run.id and enrolment.person_id in led
