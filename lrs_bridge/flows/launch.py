"""From a verified launch to a person in a run (`docs/decisions`: from launch to run)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.launch import CourseRole, Launch, MessageType
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.placing import COMPLETION, Dashboard
from lrs_bridge.flows.enrol import enrol, kept_out
from lrs_bridge.flows.mentors import follow_claim, proven_email, recognise
from lrs_bridge.store import enrolments, launches, people, relations, runs, scores, sessions
from lrs_bridge.store.launches import Found, KnownCourse, KnownPerson, KnownRun
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


class Lasting(Exception):
    """The launch brings something that has to outlast a power cut, and its transaction would not."""


def enter(
    session: Session, launch: Launch, now: datetime, browser: str | None = None, *, lasts: bool = True
) -> Entered:
    """Open a visit for whoever was launched, in the run the launch leads to, or in none.

    A learner is enrolled on the first launch; people whom the run knows as manager, coach, evaluator or the like
    are not, since an LMS may call them learners too. `lasts`: whether the transaction outlasts a power cut. One that
    does not is enough for a visit, whose owner would launch again; anything else raises Lasting then.
    """
    person, found = _acquainted(session, launch, now, lasts)
    run = run_of(launch, found.runs)
    enrolled = False
    if run is not None:
        if not lasts and _is_lasting(launch, run):
            raise Lasting
        _remember_line_item(session, launch, run, now)
        run = _mentored(session, launch, run, now)
        enrolled = _enrol(session, launch, run, person, now)
    token = sessions.open_visit(
        session,
        launch.tenant_id,
        person.id,
        launch.platform_id,
        roles_in_course(launch),
        now,
        course_id=found.course.id if found.course else None,
        run_id=run.id if run else None,
        browser=browser,
        return_url=launch.return_url,
    )
    log.info("launch: person=%s run=%s enrolled=%s", person.account, run.id if run else None, enrolled)
    page = _page(session, launch, run, person, run.inside or enrolled) if run else ""
    return Entered(f"/s/{token}/{page}", run.id if run else None, enrolled)


def _is_lasting(launch: Launch, run: KnownRun) -> bool:
    """Whether somebody known may change how they or the course stand in the run."""
    return (
        _is_new_line_item(launch, run)
        or CourseRole.MENTOR in launch.roles
        or (launch.learns and (run.refused or not run.inside))
    )


def _acquainted(session: Session, launch: Launch, now: datetime, lasts: bool) -> tuple[KnownPerson, Found]:
    """Who came, and all that is known, once what is new about person and course is written down."""
    found = launches.find(session, launch, launch.custom.get("run"))
    if _is_news(launch, found):
        if not lasts:
            raise Lasting
        _person(session, launch, now)
        course_of(session, launch)
        found = launches.find(session, launch, launch.custom.get("run"))
    if found.person is None:
        raise LookupError(f"{launch.sub} of {launch.issuer} was made known and is not")
    return found.person, found


def _is_news(launch: Launch, found: Found) -> bool:
    """Whether the launch tells anything of the person or the course that was not known, or was otherwise."""
    told = {"name": launch.name, "email": launch.email and launch.email.lower(), "locale": launch.locale}
    if found.person is None or _differs(found.person, told):
        return True
    if launch.context_id is None:
        return False
    return found.course is None or _differs(found.course, _told_of_course(launch))


def _differs(known: KnownPerson | KnownCourse, told: Mapping[str, str | None]) -> bool:
    """What an LMS leaves out stays as it was."""
    return any(value and value != getattr(known, name) for name, value in told.items())


def _person(session: Session, launch: Launch, now: datetime) -> PersonRow:
    """Whoever this LMS calls by this sub: known, recognised by the e-mail they were named by, or new."""
    known = people.person_by_identity(session, launch.tenant_id, launch.issuer, launch.sub)
    if known is None:
        recognise(session, launch.tenant_id, launch.issuer, launch.sub, proven_email(launch))
        known = people.ensure_person(session, launch.tenant_id, launch.issuer, launch.sub, now)
    people.keep_contact(known, launch.name, launch.email)
    known.locale = launch.locale or known.locale
    session.flush()
    return known


def run_of(launch: Launch, runs_: Sequence[KnownRun]) -> KnownRun | None:
    """Custom `run`, else the course's open run of custom `journey`, else the course's only open run.

    A link that names a run of another course came along when that course was copied: its `journey` holds.
    """
    wanted, slug = launch.custom.get("run"), launch.custom.get("journey")
    if wanted:
        named = [run for run in runs_ if run.id == wanted]
        if named:
            return named[0]
        log.warning("launch: custom run %s is not a run of this course", wanted)
        if not slug:
            return None
    found = [run for run in runs_ if run.is_open and (slug is None or run.slug == slug)]
    return found[0] if len(found) == 1 or (found and slug) else None


def course_of(session: Session, launch: Launch) -> Course | None:
    """The launch's course with the services it offers now; None outside of a course."""
    if launch.context_id is None:
        return None
    course = runs.ensure_course(session, launch.tenant_id, launch.platform_id, launch.deployment_id, launch.context_id)
    for name, value in _told_of_course(launch).items():
        setattr(course, name, value or getattr(course, name))
    return course


def _told_of_course(launch: Launch) -> Mapping[str, str | None]:
    services = launch.services
    return {
        "title": launch.context_title,
        "lineitems_url": services.lineitems,
        "memberships_url": services.memberships,
        "groups_url": services.groups,
    }


def _remember_line_item(session: Session, launch: Launch, run: KnownRun, now: datetime) -> None:
    url = launch.services.lineitem
    if url and _is_new_line_item(launch, run):
        scores.set_line_item(session, launch.tenant_id, run.id, COMPLETION, url, given=True)
        scores.wake(session, launch.tenant_id, run.id, now)


def _is_new_line_item(launch: Launch, run: KnownRun) -> bool:
    """The launch's own line item serves journey completion; a link to a step or a dashboard carries none of ours."""
    if not launch.services.lineitem or run.column is not None:
        return False
    return not launch.custom.get("step") and not launch.custom.get("dashboard")


def _mentored(session: Session, launch: Launch, run: KnownRun, now: datetime) -> KnownRun:
    """The run after the mentor claim was followed, which may take a mentor out of the participants."""
    if CourseRole.MENTOR not in launch.roles:
        return run
    person = people.person_by_identity(session, launch.tenant_id, launch.issuer, launch.sub)
    if person is not None:
        follow_claim(session, launch, _row(session, launch, run), person, now)
    return next(one for one in launches.find(session, launch, run.id).runs if one.id == run.id)


def _enrol(session: Session, launch: Launch, run: KnownRun, person: KnownPerson, now: datetime) -> bool:
    if not launch.learns:
        return False
    if run.inside:
        if run.refused:  # the LMS may know by now whom it refused
            scores.try_again_for(session, launch.tenant_id, [str(run.enrolment_id)], now)
        return False
    if kept_out(enrolments.roles_in_run(session, launch.tenant_id, run.id, person.id)):
        return False
    return enrol(session, _row(session, launch, run), session.get_one(PersonRow, person.id), now)[1]


def _row(session: Session, launch: Launch, run: KnownRun) -> RunRow:
    row = runs.get_run(session, launch.tenant_id, run.id)
    if row is None:
        raise LookupError(f"The run {run.id} was removed while somebody launched into it.")
    return row


def roles_in_course(launch: Launch) -> list[Role]:
    """What the roles of the launch make of somebody in every run of the course."""
    return [role for course_role in launch.roles for role in _COURSE_ROLES.get(course_role, ())]


def _page(session: Session, launch: Launch, run: KnownRun, person: KnownPerson, inside: bool) -> str:
    """Where a placed link leads: a step, a first page, or for those who have no such page that of their own role.

    A submission review leads to the person it is about; somebody who looks at their own goes to their journey.
    """
    if launch.message_type is MessageType.SUBMISSION_REVIEW and launch.for_user not in (None, launch.sub):
        known = relations.enrolments_by_sub(session, _row(session, launch, run), launch.issuer, [launch.for_user or ""])
        found = known.get(launch.for_user or "")
        return f"people/{found.id if found else 'unknown'}"
    step, dashboard = launch.custom.get("step"), launch.custom.get("dashboard")
    if step and step in launches.journey_of(session, launch.tenant_id, run.journey_id).step_by_id:
        return f"steps/{step}"
    role = _DASHBOARDS.get(dashboard or "")
    if role is Role.PARTICIPANT:
        return str(dashboard) if inside else ""
    known_as = enrolments.roles_in_run(session, launch.tenant_id, run.id, person.id) if role else frozenset()
    return str(dashboard) if role in {*roles_in_course(launch), *known_as} else ""
