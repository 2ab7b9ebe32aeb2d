"""From a verified launch to a person in a run (`docs/decisions`: from launch to run)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.launch import CourseRole, Launch, MessageType
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.placing import COMPLETION, Dashboard
from lrs_bridge.flows.enrol import NEVER_ENROLLED, enrol
from lrs_bridge.flows.mentors import follow_claim, proven_email, recognise
from lrs_bridge.store import enrolments, people, relations, runs, scores, sessions
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import Course, RunRow

log = logging.getLogger("lrs_bridge.launch")

_COURSE_ROLES = {
    CourseRole.INSTRUCTOR: (Role.FACILITATOR, Role.DESIGNER),
    CourseRole.CONTENT_DEVELOPER: (Role.DESIGNER,),
}
_DASHBOARDS: Mapping[str, Role] = {
    Dashboard.OVERVIEW: Role.FACILITATOR,
    Dashboard.PEOPLE: Role.MANAGER,
    Dashboard.JOURNEY: Role.PARTICIPANT,
}


@dataclass(frozen=True)
class Entered:
    """Where the browser goes next: a path of this tool with the visit's token in it."""

    path: str
    run_id: str | None
    enrolled: bool


def enter(session: Session, launch: Launch, now: datetime, browser: str | None = None) -> Entered:
    """Open a visit for whoever was launched, in the run the launch leads to, or in none.

    A learner is enrolled on the first launch; people whom the run knows as manager, coach, mentor or sponsor
    are not, since an LMS may call them learners too.
    """
    person = _person(session, launch, now)
    course = course_of(session, launch)
    run = find_run(session, launch, course) if course is not None else None
    enrolled = False
    if run is not None:
        _remember_line_item(session, launch, run, now)
        follow_claim(session, launch, run, person, now)
        enrolled = _enrol(session, launch, run, person, now)
    token = sessions.open_visit(
        session,
        launch.tenant_id,
        person.id,
        launch.platform_id,
        roles_in_course(launch),
        now,
        course_id=course.id if course else None,
        run_id=run.id if run else None,
        browser=browser,
        return_url=launch.return_url,
    )
    log.info("launch: person=%s run=%s enrolled=%s", person.account, run.id if run else None, enrolled)
    page = _page(session, launch, run, person) if run else ""
    return Entered(f"/s/{token}/{page}", run.id if run else None, enrolled)


def _person(session: Session, launch: Launch, now: datetime) -> PersonRow:
    """Whoever this LMS calls by this sub: known, recognised by the e-mail they were named by, or new."""
    known = people.person_by_identity(session, launch.tenant_id, launch.issuer, launch.sub)
    if known is not None:
        people.keep_contact(known, launch.name, launch.email)
        return known
    recognise(session, launch.tenant_id, launch.issuer, launch.sub, proven_email(launch))
    return people.ensure_person(
        session, launch.tenant_id, launch.issuer, launch.sub, now, name=launch.name, email=launch.email
    )


def find_run(session: Session, launch: Launch, course: Course) -> RunRow | None:
    """Custom `run`, else the course's open run of custom `journey`, else the course's only open run.

    A link that names a run of another course came along when that course was copied: its `journey` holds.
    """
    wanted = launch.custom.get("run")
    if wanted:
        run = runs.get_run(session, launch.tenant_id, wanted)
        if run is not None and run.course_id == course.id:
            return run
        log.warning("launch: custom run %s is not a run of this course", wanted)
    slug = launch.custom.get("journey")
    if wanted and not slug:
        return None
    found = runs.open_runs(session, launch.tenant_id, course.id, slug)
    return found[0] if len(found) == 1 or (found and slug) else None


def course_of(session: Session, launch: Launch) -> Course | None:
    """The launch's course with the services it offers now; None outside of a course."""
    if launch.context_id is None:
        return None
    course = runs.ensure_course(session, launch.tenant_id, launch.platform_id, launch.deployment_id, launch.context_id)
    course.title = launch.context_title or course.title
    course.lineitems_url = launch.services.lineitems or course.lineitems_url
    course.memberships_url = launch.services.memberships or course.memberships_url
    course.groups_url = launch.services.groups or course.groups_url
    return course


def _remember_line_item(session: Session, launch: Launch, run: RunRow, now: datetime) -> None:
    """The launch's own line item serves journey completion; a link to a step or a dashboard carries none of ours."""
    url = launch.services.lineitem
    if not url or launch.custom.get("step") or launch.custom.get("dashboard"):
        return
    known = scores.line_items(session, run.tenant_id, run.id).get(COMPLETION)
    if known is None or known.url is None:
        scores.set_line_item(session, run.tenant_id, run.id, COMPLETION, url, given=True)
        scores.wake(session, run.tenant_id, run.id, now)


def _enrol(session: Session, launch: Launch, run: RunRow, person: PersonRow, now: datetime) -> bool:
    if not launch.learns:
        return False
    known = enrolments.enrolment_of(session, run.tenant_id, run.id, person.id)
    if known is not None and known.withdrawn is None:
        scores.try_again_for(session, run.tenant_id, [known.id], now)  # the LMS may know by now whom it refused
        return False
    if enrolments.roles_in_run(session, run.tenant_id, run.id, person.id) & NEVER_ENROLLED:
        return False
    return enrol(session, run, person, now)[1]


def roles_in_course(launch: Launch) -> list[Role]:
    """What the roles of the launch make of somebody in every run of the course."""
    return [role for course_role in launch.roles for role in _COURSE_ROLES.get(course_role, ())]


def _page(session: Session, launch: Launch, run: RunRow, person: PersonRow) -> str:
    """Where a placed link leads: a step, a first page, or for those who have no such page that of their own role.

    A submission review leads to the person it is about; somebody who looks at their own goes to their journey.
    """
    if launch.message_type is MessageType.SUBMISSION_REVIEW and launch.for_user not in (None, launch.sub):
        known = relations.enrolments_by_sub(session, run, launch.issuer, [launch.for_user or ""])
        found = known.get(launch.for_user or "")
        return f"people/{found.id if found else 'unknown'}"
    step, dashboard = launch.custom.get("step"), launch.custom.get("dashboard")
    if step and step in run.journey.step_by_id:
        return f"steps/{step}"
    role = _DASHBOARDS.get(dashboard or "")
    if role is Role.PARTICIPANT:
        enrolment = enrolments.enrolment_of(session, run.tenant_id, run.id, person.id)
        return str(dashboard) if enrolment is not None and enrolment.withdrawn is None else ""
    known_as = enrolments.roles_in_run(session, run.tenant_id, run.id, person.id) if role else frozenset()
    return str(dashboard) if role in {*roles_in_course(launch), *known_as} else ""
