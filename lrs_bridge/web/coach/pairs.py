"""Who coaches whom: a coach's people of today and of before, and what of them the coach may open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.mentors import MENTOR_CLAIM
from lrs_bridge.store import enrolments, relations
from lrs_bridge.store.coaching_notes import PURPOSE, Pair
from lrs_bridge.store.enrolments import Enrolment, RelationRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sealed import Seal
from lrs_bridge.web import doors
from lrs_bridge.web.visits import Visit
from lrs_bridge.wiring import Bridge

COACHING = (Role.COACH, Role.MENTOR)


@dataclass(frozen=True)
class Coachee:
    """Somebody whom the visitor coaches (`today`) or coached. `role`: as coach or mentor.

    `prepares`: sees goals, assessments, plan and moments. A mentor whom only the LMS named does not: in some LMSs that
    is a parent or a buddy.
    """

    enrolment: Enrolment
    role: Role
    today: bool
    prepares: bool
    last: date | None = None

    @property
    def name(self) -> str:
        return self.enrolment.person.shown_name


def run_of(visit: Visit) -> RunRow:
    if visit.run_row is None:
        abort(404)
    return visit.run_row


def all_of(session: Session, visit: Visit) -> list[Coachee]:
    """Everybody whom the visitor coaches or coached, by name. Raises Door where there has never been anybody."""
    run = run_of(visit)
    rows = [row for row in relations.led_by(session, run, visit.person_id) if row.kind in COACHING]
    if not rows and not visit.roles & set(COACHING):
        raise doors.not_yours("It is for the coaches and mentors of this run.", "needs coach or mentor")
    by_person: dict[str, list[RelationRow]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row)
    known = enrolments.enrolments_of_people(session, visit.tenant_id, by_person)
    found = [
        _coachee(enrolment, by_person[person_id], visit.today)
        for person_id, several in known.items()
        for enrolment in several
        if enrolment.run_id == run.id
    ]
    return sorted(found, key=lambda one: (one.name, one.enrolment.id))


def _coachee(enrolment: Enrolment, rows: Sequence[RelationRow], today: date) -> Coachee:
    inside = enrolment.withdrawn is None or enrolment.withdrawn > today
    holding = [row for row in rows if row.span.holds_on(today)] if inside else []
    counted = holding or rows
    role = Role.COACH if any(row.kind == Role.COACH for row in counted) else Role.MENTOR
    prepares = any(row.kind == Role.COACH or row.source != MENTOR_CLAIM for row in holding)
    last = max((row.end for row in rows if row.end), default=None)
    return Coachee(enrolment, role, bool(holding), prepares, last)


def one_of(session: Session, visit: Visit, enrolment_id: str) -> Coachee:
    """One of them. Raises Door for anybody else."""
    for one in all_of(session, visit):
        if one.enrolment.id == enrolment_id:
            return one
    raise doors.not_yours("You see the people whom you coach, and nobody else.", "not this coach's person")


def pair(visit: Visit, enrolment_id: str, coach_id: str) -> Pair:
    return Pair(visit.tenant_id, run_of(visit).id, enrolment_id, coach_id)


def seal(bridge: Bridge) -> Seal:
    """The key of notes, made from the secret of the installation, which is not in the database."""
    return Seal(bridge.settings.secret_key, PURPOSE)
