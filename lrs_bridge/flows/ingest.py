"""From the record store into facts: by cursor, each statement once, voids in any order."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.flows.ports import RecordStore
from lrs_bridge.store import cursors, enrolments, facts, people, results
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.xapi.reading import Unreadable, read

log = logging.getLogger("lrs_bridge.ingest")

PAGES_AT_ONCE = 20


@dataclass(frozen=True)
class Ingested:
    """`taken` facts were new; `skipped` statements are about nobody here; `unreadable` ones are listed."""

    taken: int = 0
    skipped: int = 0
    unreadable: int = 0

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(self.taken + other.taken, self.skipped + other.skipped, self.unreadable + other.unreadable)


def ingest(
    sessions: Sessions,
    store: RecordStore,
    tenant: Tenant,
    now: datetime,
    every: timedelta,
    overlap: timedelta,
    chance: float,
) -> Ingested:
    """Take in what the store got since the cursor, at most `PAGES_AT_ONCE` pages; asks again after `every`.

    `overlap` is read again each time: some stores give several statements one `stored`, or show them out of order.

    Each page is a transaction of its own with its cursor, so a stop in between repeats at most one page, and
    repeating a page changes nothing.
    """
    with sessions.write() as session:
        cursor = cursors.cursor_of(session, tenant.id)
        if cursor.next_at is not None and cursor.next_at > now:
            return Ingested()
        since = cursor.stored - overlap if cursor.stored else None
    done, more = Ingested(), None
    for _ in range(PAGES_AT_ONCE):
        try:
            page = store.read(since, more)
        except (Unavailable, Refused) as problem:
            _put_off(sessions, tenant, problem, now, chance)
            return done
        with sessions.write() as session:
            done += _take_page(session, tenant, page.statements, now)
            _advance(session, tenant.id, page.statements, page.consistent_through, now, every)
        more = page.more
        if more is None or not page.statements:
            break
    return done


def _take_page(session: Session, tenant: Tenant, statements: Sequence[Mapping[str, Any]], now: datetime) -> Ingested:
    taken = skipped = unreadable = 0
    for statement in statements:
        try:
            fact = read(statement, tenant.iri_base)
        except Unreadable as problem:
            cursors.put_unreadable(session, tenant.id, str(statement.get("id")), str(problem), dict(statement), now)
            log.warning("ingest: statement %s cannot be read: %s", statement.get("id"), problem)
            unreadable += 1
            continue
        subjects = subjects_of(session, tenant.id, fact)
        if not subjects and fact.kind is not Kind.VOIDED:
            skipped += 1
        elif facts.take_in(session, tenant.id, fact, confirmed=now):
            taken += 1
            for run_id, subject in subjects:
                results.mark_due(session, tenant.id, run_id, subject, now)
    return Ingested(taken, skipped, unreadable)


def subjects_of(session: Session, tenant_id: str, fact: Fact) -> list[tuple[str, str]]:
    """Whose evaluation a fact touches, as (run id, enrolment id): one person, as a rule."""
    registration = fact.registration
    if fact.kind is Kind.VOIDED and fact.target:
        registration = facts.registration_of(session, tenant_id, fact.target)
    if registration is not None:
        enrolment = enrolments.get_enrolment(session, tenant_id, registration)
        return [(enrolment.run_id, enrolment.id)] if enrolment else []
    person = people.person_by_agent(session, tenant_id, fact.actor)
    if person is None:
        return []
    return [(row.run_id, row.id) for row in enrolments.enrolments_of_person(session, tenant_id, person.id)]


def _advance(
    session: Session,
    tenant_id: str,
    statements: Sequence[Mapping[str, Any]],
    consistent_through: datetime | None,
    now: datetime,
    every: timedelta,
) -> None:
    """Move the cursor to the last `stored`, but never past what the store calls consistent."""
    cursor = cursors.cursor_of(session, tenant_id)
    cursor.read, cursor.next_at, cursor.failures, cursor.reason = now, now + every, 0, None
    stamps = [datetime.fromisoformat(s["stored"]) for s in statements if s.get("stored")]
    if not stamps:
        return
    last = max(stamps)
    if consistent_through is not None:
        last = min(last, consistent_through)
    if cursor.stored is None or last > cursor.stored:
        cursor.stored = last


def _put_off(sessions: Sessions, tenant: Tenant, problem: Unavailable | Refused, now: datetime, chance: float) -> None:
    wait = getattr(problem, "retry_after", None)
    with sessions.write() as session:
        cursor = cursors.cursor_of(session, tenant.id)
        cursor.failures += 1
        cursor.reason = problem.reason[:500]
        cursor.next_at = next_attempt(now, cursor.failures, chance, wait)
        log.warning("ingest: %s; next attempt at %s", problem.reason, cursor.next_at.isoformat())
