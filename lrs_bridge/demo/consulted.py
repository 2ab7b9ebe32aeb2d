"""A run of the second sample that is over: twelve people of half a year ago, and what they said after the workshop.

Its results tell what it was worth for the person and for the business, as a pair, which comes out when a run is over.
It is closed, so that nobody gets letters about it; its link in the LMS names it, and opens it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.demo import pilot, told
from lrs_bridge.demo.cohort import SEED, TIME_ZONE, fixed_uuid
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.record import record
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import enrolments, people, tenants
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

COURSE, TITLE, LINK = "pc10-before", "Performance consulting, the group before", "consulted"
RUN_ID = str(fixed_uuid(SEED, "consulted"))
WEEKS_BEFORE, CLOSED_DAY = 26, 130
TWELVE = told.NAMES[:12]
SEEN_BY = (("eva", Role.EVALUATOR), ("sofia", Role.SPONSOR))
_REACTIONS = (
    (10, 5, 4, 5, 4), (9, 4, 4, 5, 3), (9, 5, 5, 4, 4), (8, 4, 3, 4, 3), (7, 4, 4, 4, 2), (10, 5, 5, 5, 4),
    (6, 3, 3, 4, 2), (9, 4, 4, 5, 3), (8, 4, 4, 4, 3), (9, 5, 4, 5, 4),
)  # fmt: skip
"""Of ten, in the order of `pilot.ITEMS`: worth more to them than to the business. Two said nothing."""


def write_consulted(session: Session, registry: Registry, main: RunRow, folk: Mapping[str, str], today: date) -> RunRow:
    """`folk`: accounts of the personas by key. The twelve are people of the earlier run where that was written."""
    day_zero = today - timedelta(weeks=WEEKS_BEFORE)
    run = pilot.run_in(session, registry, main, COURSE, TITLE, day_zero, RUN_ID)
    registrations = _twelve(session, run)
    pilot.tell_anonymously(session, run, dict(zip(registrations, _REACTIONS, strict=False)))
    known = people.people_by_account(session, run.tenant_id, [folk[key] for key, _ in SEEN_BY])
    for key, role in SEEN_BY:
        enrolments.give_role(session, run.tenant_id, run.id, known[folk[key]].id, role, _at(run, -28))
    run.closed = _at(run, CLOSED_DAY)
    session.flush()
    return run


def _twelve(session: Session, run: RunRow) -> list[str]:
    """Their registrations."""
    tenant = tenants.get_tenant(session, run.tenant_id)
    accounts = [str(fixed_uuid(SEED, "earlier account", name)) for name in TWELVE]
    known = people.people_by_account(session, run.tenant_id, accounts)
    found = []
    for name, account in zip(TWELVE, accounts, strict=True):
        person = known.get(account) or people.add_person(session, run.tenant_id, _at(run, -28), name, account=account)
        registration = str(fixed_uuid(SEED, "consulted registration", name))
        enrolments.enrol(
            session, run.tenant_id, run.id, person.id, run.day_zero - timedelta(days=28), None, registration
        )
        event = _registered(run, person, registration)
        record(session, tenant, event, event.at)
        found.append(registration)
    return found


def _registered(run: RunRow, person: PersonRow, registration: str) -> Event:
    return Event(
        id=fixed_uuid(SEED, "consulted", registration),
        kind=Kind.REGISTERED,
        at=_at(run, -28),
        actor=person.account,
        role=Role.PARTICIPANT,
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=registration,
    )


def _at(run: RunRow, day: int) -> datetime:
    return datetime.combine(run.day_zero + timedelta(days=day), time(9), ZoneInfo(TIME_ZONE))
