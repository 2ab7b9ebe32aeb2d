"""What is to be said to whom: each morning the runs of a tenant are looked at, and letters are put in the outbox.

A letter is a list of references (runs, enrolments, steps, links), put into words when it is sent (`flows.letters`).
Looking twice says nothing twice: each letter has a key of what it is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.domain import reminders
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.facts import settle
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.people import Cohort, Person, Relation, Role
from lrs_bridge.domain.reminders import Item, LetterKind, Part, Wishes
from lrs_bridge.domain.scope import share_out
from lrs_bridge.store import (
    cohorts,
    enrolments,
    facts,
    message_links,
    message_wishes,
    messages,
    notes,
    people,
    runs,
    tenants,
)
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.messages import NewMessage
from lrs_bridge.store.runs import RunRow

_KEPT_TO_ONESELF = "no"
_UTC = ZoneInfo("UTC")


@dataclass
class _Place:
    """What one run has for one person in one role."""

    run: RunRow
    role: Role
    since: date | None = None
    opens: date | None = None
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class _Told:
    """A person with all their places, those of runs where it is day first."""

    person_id: str
    places: Sequence[_Place]
    awake: bool


def plan_due(sessions: Sessions, secret_key: str, now: datetime) -> int:
    """Put into the outbox what is due to be said, in every tenant whose morning it is; answers how many letters."""
    with sessions.read() as session:
        due = messages.rounds_due(session, [tenant.id for tenant in tenants.all_tenants(session)], now)
    return sum(plan(sessions, secret_key, tenant_id, now) for tenant_id in due)


def plan(sessions: Sessions, secret_key: str, tenant_id: str, now: datetime) -> int:
    """Look at all open runs of a tenant; answers how many letters are new."""
    with sessions.read() as session:
        open_ = [run for run in runs.all_runs(session, tenant_id) if run.closed is None]
        told = _everybody(session, open_, now)
        wishes = message_wishes.wishes_of(session, tenant_id, [one.person_id for one in told])
        planned = [
            letter
            for one in told
            if one.awake
            for letter in _letters(one, wishes[one.person_id].wishes if one.person_id in wishes else Wishes(), now)
        ]
        known = messages.known_keys(session, tenant_id, [letter.key for letter in planned])
    new = [letter for letter in planned if letter.key not in known]
    with sessions.write() as session:
        put = sum(_put(session, secret_key, tenant_id, letter, now) for letter in new)
        following = [reminders.next_round(now, run.run.zone) for run in open_]
        messages.round_done(session, tenant_id, min(following, default=reminders.next_round(now, _UTC)))
    return put


def _everybody(session: Session, open_: Sequence[RunRow], now: datetime) -> list[_Told]:
    """Who has a part in any of these runs, each person once."""
    places: dict[str, list[_Place]] = defaultdict(list)
    for run in open_:
        for person_id, place in _places_of(session, run, now):
            places[person_id].append(place)

    def is_awake(place: _Place) -> bool:
        return reminders.awake(now, place.run.run.zone) == now

    return [
        _Told(person_id, sorted(found, key=lambda place: not is_awake(place)), any(map(is_awake, found)))
        for person_id, found in sorted(places.items())
    ]


def _places_of(session: Session, run: RunRow, now: datetime) -> list[tuple[str, _Place]]:
    """Participants and whoever leads or accompanies them today; the number of queries does not grow with the run."""
    cohort = cohorts.cohort_of(session, run)
    today = run.run.local_day(now)
    members = cohort.in_scope(today)
    known = people.people_by_account(session, run.tenant_id, cohort.by_account)
    evidence = _evidence(session, run, cohort, members, now)
    kept = _kept(session, run, members)
    found: dict[tuple[str, Role], _Place] = {}
    for person in members:
        own, registration = evidence[person.account], person.registration or ""
        place = _place(found, run, person.account, Role.PARTICIPANT, person.enrolled)
        place.items += reminders.own_items(run.journey, own, now, registration)
        place.opens = reminders.next_opening(run.journey, own, now)
        led = reminders.led_items(run.journey, own, now, registration, known[person.account].shown_name, kept)
        for account in person.managers_on(today):
            _place(found, run, account, Role.MANAGER, _since(person.managers, account)).items += led
            manager = cohort.by_account.get(account)
            _others(found, run, manager.sponsors if manager else (), Role.SPONSOR, today)
        _others(found, run, person.coaches, Role.COACH, today)
    return [(known[account].id, place) for (account, _), place in found.items() if account in known]


def _place(found: dict[tuple[str, Role], _Place], run: RunRow, account: str, role: Role, since: date | None) -> _Place:
    """The place of an account in a role; whoever was there for one person first is not new for the next."""
    known = found.get((account, role))
    if known is None:
        known = found[account, role] = _Place(run, role, since)
    elif since is None or (known.since is not None and since < known.since):
        known.since = since
    return known


def _others(
    found: dict[tuple[str, Role], _Place], run: RunRow, relations: Sequence[Relation], role: Role, today: date
) -> None:
    for relation in relations:
        if relation.holds_on(today):
            _place(found, run, relation.account, role, relation.start)


def _since(relations: Sequence[Relation], account: str) -> date | None:
    starts = [relation.start for relation in relations if relation.account == account]
    return None if None in starts else min((start for start in starts if start), default=None)


def _evidence(
    session: Session, run: RunRow, cohort: Cohort, members: Sequence[Person], now: datetime
) -> Mapping[str, Evidence]:
    identities = [key for person in members for key in (person.account, *person.identities)]
    registrations = [person.registration for person in members if person.registration]
    settled = settle(facts.facts_of_many(session, run.tenant_id, registrations, identities), now)
    shares = share_out(cohort, run.journey, settled)
    return {
        person.account: Evidence(run.run, cohort, Subject.person(person.account), person, shares[person.account])
        for person in members
    }


def _kept(session: Session, run: RunRow, members: Sequence[Person]) -> frozenset[str]:
    """Moments that their authors keep to themselves."""
    registrations = [person.registration for person in members if person.registration]
    found = notes.notes_of_many(session, run.tenant_id, registrations)
    return frozenset(
        id_ for of_one in found.values() for id_, note in of_one.items() if note.texts.get("ask") == _KEPT_TO_ONESELF
    )


@dataclass(frozen=True)
class _Planned:
    key: str
    kind: LetterKind
    person_id: str
    parts: Sequence[tuple[_Place, Part]]
    next_at: datetime
    good_until: datetime


def _letters(told: _Told, wishes: Wishes, now: datetime) -> list[_Planned]:
    """At most a digest, a morning's news and the invitations; nothing for whoever stopped it all."""
    if wishes.stopped:
        return []
    zone = told.places[0].run.run.zone
    today = now.astimezone(zone).date()

    def planned(key: str, kind: LetterKind, parts: Sequence[tuple[_Place, Part]]) -> _Planned:
        until = reminders.good_until(kind, now, zone)
        return _Planned(key, kind, told.person_id, parts, reminders.awake(now, zone), until)

    found = [
        planned(
            reminders.invitation_key(place.run.id, told.person_id, place.role),
            LetterKind.INVITATION,
            [(place, Part(place.run.id, place.role))],
        )
        for place in told.places
        if reminders.is_invited(place.run.day_zero, place.since, place.run.run.local_day(now))
    ]
    weekly = [(place, reminders.week_of(place.role, place.run.id, place.items, place.opens)) for place in told.places]
    if wishes.weekly and any(part.items for _, part in weekly):
        parts = [(place, part) for place, part in weekly if part.items or part.opens]
        found.append(planned(reminders.week_key(told.person_id, today), LetterKind.WEEK, parts))
    news = [
        (place, reminders.morning_of(place.role, place.run.id, place.items, place.run.run.local_day(now)))
        for place in told.places
    ]
    news = [(place, part) for place, part in news if part.items]
    if wishes.morning and news:
        found.append(planned(reminders.morning_key(told.person_id, today), LetterKind.MORNING, news))
    return found


def _put(session: Session, secret_key: str, tenant_id: str, letter: _Planned, now: datetime) -> bool:
    parts = [_part(session, secret_key, tenant_id, letter, place, part, now) for place, part in letter.parts]
    message = NewMessage(letter.person_id, letter.key, letter.kind, {"parts": parts}, letter.next_at, letter.good_until)
    return messages.put(session, tenant_id, message, now)


def _part(
    session: Session, secret_key: str, tenant_id: str, letter: _Planned, place: _Place, part: Part, now: datetime
) -> dict[str, Any]:
    """A part as it is kept: references and days, no name and no title. A manager's things get links of their own."""
    links = place.role is Role.MANAGER

    def link(enrolment: str | None, task: TaskKind, ref: str) -> str | None:
        if not links:
            return None
        return message_links.make_link(
            session, secret_key, tenant_id, place.run.id, letter.person_id, enrolment, task, ref, now
        )

    return {
        "run": place.run.id,
        "role": str(place.role),
        "notice": letter.kind is LetterKind.INVITATION,
        "more": part.more,
        "opens": part.opens.isoformat() if part.opens else None,
        "people": link(None, TaskKind.PEOPLE, ""),
        "items": [
            kept_item(item, link(item.enrolment, TaskKind.MOMENT if item.is_question else TaskKind.STEP, item.ref))
            for item in part.items
        ],
    }


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
    if messages.known_keys(session, run.tenant_id, [key]) or not is_led(
        session, run, task.person_id, task.enrolment_id, now
    ):
        return False
    item = _item_for(session, run, task, now)
    if item is None and task.kind is not TaskKind.PEOPLE:
        return False
    link = message_links.make_link(
        session, secret_key, run.tenant_id, run.id, task.person_id, task.enrolment_id, task.kind, task.ref, now
    )
    part = {
        "run": run.id,
        "role": str(Role.MANAGER),
        "more": 0,
        "opens": None,
        "people": None if item else link,
        "items": [kept_item(item, link)] if item else [],
    }
    until = reminders.good_until(LetterKind.LINK, now, run.run.zone)
    message = NewMessage(task.person_id, key, LetterKind.LINK, {"parts": [part]}, now, until)
    return messages.put(session, run.tenant_id, message, now)


def _item_for(session: Session, run: RunRow, task: Task, now: datetime) -> Item | None:
    """The thing that a task is about, if it is still to do."""
    enrolment = enrolments.get_enrolment(session, run.tenant_id, task.enrolment_id or "")
    if enrolment is None:
        return None
    cohort = cohorts.cohort_of_one(session, run, enrolment)
    members = [person for person in cohort.participants if person.registration == enrolment.id]
    evidence = _evidence(session, run, cohort, members, now)[members[0].account]
    kept = _kept(session, run, members)
    found = reminders.led_items(run.journey, evidence, now, enrolment.id, enrolment.person.shown_name, kept)
    return next((item for item in found if item.ref == task.ref), None)


def is_led(session: Session, run: RunRow, person_id: str, enrolment_id: str | None, now: datetime) -> bool:
    """Whether somebody is the manager of this participant today; of anybody in the run, where none is named."""
    led = enrolments.people_of(session, run.tenant_id, run.id, person_id, Role.MANAGER, run.run.local_day(now))
    if enrolment_id is None:
        return bool(led)
    enrolment = enrolments.get_enrolment(session, run.tenant_id, enrolment_id)
    return enrolment is not None and enrolment.run_id == run.id and enrolment.person_id in led
