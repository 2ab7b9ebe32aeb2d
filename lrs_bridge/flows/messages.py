"""What is to be said to whom: each morning the runs of a tenant are looked at, and letters are put in the outbox.

A letter is a list of references (runs, enrolments, steps, links), put into words when it is sent (`flows.letters`).
Looking twice says nothing twice: each letter has a key of what it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.domain import reminders, tidings
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import Item, LetterKind, Part, Wishes
from lrs_bridge.flows import reviews
from lrs_bridge.flows.links import kept_item
from lrs_bridge.flows.places import Place, Told, everybody
from lrs_bridge.store import message_links, message_wishes, messages, runs, tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.message_links import TaskKind
from lrs_bridge.store.messages import NewMessage

_UTC = ZoneInfo("UTC")
NOTICED = (Role.COACH, Role.MENTOR, Role.SPONSOR)
"""Whose invitation leads to the notice itself: what they would open from the letter otherwise does not say it."""


def plan_due(sessions: Sessions, secret_key: str, now: datetime) -> int:
    """Put into the outbox what is due to be said, in every tenant whose morning it is; answers how many letters."""
    with sessions.read() as session:
        due = messages.rounds_due(session, [tenant.id for tenant in tenants.all_tenants(session)], now)
    return sum(plan(sessions, secret_key, tenant_id, now) for tenant_id in due)


def plan(sessions: Sessions, secret_key: str, tenant_id: str, now: datetime) -> int:
    """Look at all open runs of a tenant; answers how many letters are new."""
    with sessions.read() as session:
        open_ = runs.all_open(session, tenant_id)
        told = everybody(session, open_, now)
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
        put += sum(reviews.remind(session, run, now) for run in open_ if reminders.awake(now, run.run.zone) == now)
        following = [reminders.next_round(now, run.run.zone) for run in open_]
        messages.round_done(session, tenant_id, min(following, default=reminders.next_round(now, _UTC)))
    return put


@dataclass(frozen=True)
class _Planned:
    key: str
    kind: LetterKind
    person_id: str
    parts: Sequence[tuple[Place, Part]]
    next_at: datetime
    good_until: datetime


def _letters(told: Told, wishes: Wishes, now: datetime) -> list[_Planned]:
    """At most a digest, a morning's news and the invitations; nothing for whoever stopped it all."""
    if wishes.stopped:
        return []
    zone = told.places[0].run.run.zone
    today = now.astimezone(zone).date()

    def planned(key: str, kind: LetterKind, parts: Sequence[tuple[Place, Part]]) -> _Planned:
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
    weekly = [(place, _week(place, now)) for place in told.places]
    if wishes.weekly and any(part.items or part.news for _, part in weekly):
        parts = [(place, part) for place, part in weekly if part.items or part.opens or part.news]
        found.append(planned(reminders.week_key(told.person_id, today), LetterKind.WEEK, parts))
    news = [(place, part) for place in told.places if (part := _morning(place, now)).items or part.news]
    if wishes.morning and news:
        found.append(planned(reminders.morning_key(told.person_id, today), LetterKind.MORNING, news))
    return found


def _week(place: Place, now: datetime) -> Part:
    part = reminders.week_of(place.role, place.run.id, place.items, place.opens)
    return replace(part, news=tidings.of_week(place.news, place.run.run.local_day(now)))


def _morning(place: Place, now: datetime) -> Part:
    today = place.run.run.local_day(now)
    part = reminders.morning_of(place.role, place.run.id, place.items, today)
    return replace(part, news=tidings.of_morning(place.news, today))


def _put(session: Session, secret_key: str, tenant_id: str, letter: _Planned, now: datetime) -> bool:
    parts = [_part(session, secret_key, tenant_id, letter, place, part, now) for place, part in letter.parts]
    message = NewMessage(letter.person_id, letter.key, letter.kind, {"parts": parts}, letter.next_at, letter.good_until)
    return messages.put(session, tenant_id, message, now)


def _part(
    session: Session, secret_key: str, tenant_id: str, letter: _Planned, place: Place, part: Part, now: datetime
) -> dict[str, Any]:
    """A part as it is kept: references and days, no name and no title. What managers and sponsors do has links of its
    own; coaches and participants find theirs in the course."""
    invites = letter.kind is LetterKind.INVITATION

    def link(enrolment: str | None, task: TaskKind, ref: str) -> str:
        return message_links.make_link(
            session, secret_key, tenant_id, place.run.id, letter.person_id, enrolment, task, ref, now
        )

    def link_of(item: Item) -> str | None:
        if place.role is Role.SPONSOR:
            return link(None, TaskKind.CHAIN, item.ref)
        if place.role is not Role.MANAGER:
            return None
        return link(item.enrolment, TaskKind.MOMENT if item.is_question else TaskKind.STEP, item.ref)

    look = {Role.MANAGER: TaskKind.PEOPLE, Role.SPONSOR: TaskKind.CHAIN}.get(place.role)
    return {
        "run": place.run.id,
        "role": str(place.role),
        "notice": invites,
        "more": part.more,
        "opens": part.opens.isoformat() if part.opens else None,
        "people": link(None, look, "") if look else None,
        "read": link(None, TaskKind.NOTICE, str(place.role)) if invites and place.role in NOTICED else None,
        "items": [kept_item(item, link_of(item)) for item in part.items],
        "news": [kept_item(item, None) for item in part.news],
    }
