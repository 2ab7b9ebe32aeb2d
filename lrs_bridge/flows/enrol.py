"""Coming into a run as a participant, and leaving it: the enrolment, and the statement that says so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, facts, tenants
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

NEVER_ENROLLED = frozenset(
    {
        Role.MANAGER,
        Role.COACH,
        Role.MENTOR,
        Role.SPONSOR,
        Role.ASSESSOR,
        Role.EVALUATOR,
        Role.GOAL_OWNER,
        Role.FACILITATOR,
        Role.DESIGNER,
    }
)
"""Whom a run knows as one of these is not made a participant, since an LMS may call them learners too. Peers take
part."""


def kept_out(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles in a run is not enrolled by a launch or a list: unless a person said that they
    take part as well."""
    return bool(NEVER_ENROLLED & set(roles)) and Role.PARTICIPANT not in roles


def enrol(
    session: Session,
    run: RunRow,
    person: PersonRow,
    now: datetime,
    area: str | None = None,
    enrolment_id: str | None = None,
) -> tuple[Enrolment, bool]:
    """Enrol and write `registered`; answers the enrolment and whether somebody came in who was not in before.

    Whoever has left and comes again goes on in the same enrolment, so nothing of theirs is lost.
    """
    day = now.astimezone(ZoneInfo(run.time_zone)).date()
    enrolment, new = enrolments.enrol(session, run.tenant_id, run.id, person.id, day, area, enrolment_id)
    if new:
        _write(session, run, enrolment, Kind.REGISTERED, "registered", now)
        return enrolment, True
    if enrolment.withdrawn is None:
        return enrolment, False
    enrolment.withdrawn = None
    _write(session, run, enrolment, Kind.REGISTERED, f"registered {now.isoformat()}", now)
    return enrolment, True


def withdraw(session: Session, run: RunRow, enrolment: Enrolment, now: datetime) -> bool:
    """Mark that a participant has left from today on, and write `withdrew`; nothing is deleted. False if they had."""
    today = now.astimezone(ZoneInfo(run.time_zone)).date()
    if enrolment.withdrawn is not None and enrolment.withdrawn <= today:
        return False
    enrolment.withdrawn = today
    _write(session, run, enrolment, Kind.WITHDREW, f"withdrew {now.isoformat()}", now)
    return True


def withdraw_idle_leader(session: Session, run: RunRow, person_id: str, now: datetime) -> bool:
    """A manager whom the LMS lists as a learner may have been enrolled before anybody said what they are.

    Then they leave again, unless they have taken part: a manager may be a participant too.
    """
    enrolment = enrolments.enrolment_of(session, run.tenant_id, run.id, person_id)
    if enrolment is None or not kept_out(enrolments.roles_in_run(session, run.tenant_id, run.id, person_id)):
        return False
    return not took_part(session, run, enrolment) and withdraw(session, run, enrolment, now)


def took_part(session: Session, run: RunRow, enrolment: Enrolment) -> bool:
    """Whether a participant has done anything but come and go."""
    account = enrolment.person.account
    acts = {Kind.REGISTERED, Kind.WITHDREW}
    known = facts.facts_of(session, run.tenant_id, enrolment.id)
    return any(fact.actor == account and fact.kind not in acts for fact in known)


def _write(session: Session, run: RunRow, enrolment: Enrolment, kind: Kind, act: str, now: datetime) -> None:
    event = Event(
        id=uuid5(UUID(enrolment.id), act),
        kind=kind,
        at=now,
        actor=enrolment.person.account,
        role=Role.PARTICIPANT,
        run=run.id,
        journey=run.journey_row.slug,
        version=run.journey_row.version,
        registration=enrolment.id,
    )
    record(session, tenants.get_tenant(session, run.tenant_id), event, now)
