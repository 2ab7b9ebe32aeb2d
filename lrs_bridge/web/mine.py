"""A manager's own people of today, and one of them."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments
from lrs_bridge.web import doors, situations
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import Visit, current, needs


def my_people(session: Session, visit: Visit) -> list[str]:
    """Their ids."""
    run = visit.run_row
    if run is None:
        return []
    return enrolments.people_of(session, visit.tenant_id, run.id, visit.person_id, Role.MANAGER, visit.today)


def one_of_mine(session: Session, enrolment_id: str) -> Situation:
    """The situation of one of the manager's own people. Raises Door for anybody else's."""
    visit = current()
    needs(visit, Role.MANAGER)
    if visit.run_row is None:
        abort(404)
    enrolment = enrolments.get_enrolment(session, visit.tenant_id, enrolment_id)
    mine = my_people(session, visit)
    if enrolment is None or enrolment.run_id != visit.run_row.id or enrolment.person_id not in mine:
        raise doors.not_yours("You see the people who work with you, and nobody else.", "not this manager's person")
    return situations.of_one(session, visit.run_row, enrolment, visit.now)
