"""Fill an empty installation with the demo: LMS, course, run, people, and their history through our own flows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.demo.cohort import SEED, TIME_ZONE, Cast, Member, day_zero_for
from lrs_bridge.demo.consulted import write_consulted
from lrs_bridge.demo.earlier import write_earlier
from lrs_bridge.demo.expectations import write_expectations
from lrs_bridge.demo.handed_in import write_handed_in
from lrs_bridge.demo.history import history
from lrs_bridge.demo.pilot import write_pilot
from lrs_bridge.demo.platform.course import Course
from lrs_bridge.demo.words import GOAL_OWNER, write_words
from lrs_bridge.domain.looking_back import days_between
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.placing import COMPLETION
from lrs_bridge.domain.reminders import awake
from lrs_bridge.flows.looking_back import fill_history
from lrs_bridge.flows.messages import plan
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, journeys, people, platforms, runs, scores, tenants
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.scores import ScoreState
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.tick import tick

JOURNEY, VERSION = "field-coaching-90", 1
SOURCE = "demo"
GIVEN_ROLES = frozenset({Role.SPONSOR, Role.COACH, Role.ASSESSOR, Role.EVALUATOR, Role.DESIGNER})
EVENTS_A_STEP = 50
ROUNDS_AT_MOST = 500

Progress = Callable[[str, int, int], None]


class OtherPlaceError(RuntimeError):
    """The demo's data belong to other ports; the message says which, and how to start again."""


@dataclass(frozen=True)
class Seeded:
    """`new` is False where the run of an earlier start was found."""

    run_id: str
    day_zero: date
    day: int
    new: bool


def seed(bridge: Bridge, cast: Cast, course: Course, line_item_url: str, progress: Progress) -> Seeded:
    """Write everything in one transaction, so that a stop in between leaves an empty installation.

    `line_item_url` is the column that belongs to the course's link. A second start finds the run as it is.
    Raises OtherPlaceError where the data were made for another address of the LMS.
    """
    now = bridge.clock()
    today = now.astimezone(ZoneInfo(TIME_ZONE)).date()
    with bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
        known = runs.get_run(session, tenant.id, cast.run_id)
        if known is not None:
            _check_place(session, known, course)
            return Seeded(known.id, known.day_zero, (today - known.day_zero).days, new=False)
        run = _run(session, tenant, cast, course, day_zero_for(today), now)
        scores.set_line_item(session, tenant.id, run.id, COMPLETION, line_item_url, given=True)
        _people(session, run, cast, course, now)
        events = history(cast, run.journey, run.day_zero, today, SEED)
        for number, event in enumerate(events, 1):
            record(session, tenant, event, event.recorded or event.at)  # so the record has the order of the history
            if number % EVENTS_A_STEP == 0 or number == len(events):
                progress("Writing the history", number, len(events))
        write_handed_in(session, cast, run, (today - run.day_zero).days)
        write_expectations(session, cast, run)
        write_words(session, cast, run, bridge.settings.secret_key, (today - run.day_zero).days)
        write_pilot(session, bridge.registry, cast, run, bridge.settings.secret_key, today)
        _earlier(session, bridge, cast, run)
        accounts = {member.key: member.account for member in cast.members}
        write_consulted(session, bridge.registry, run, accounts, today)
    return Seeded(run.id, run.day_zero, (today - run.day_zero).days, new=True)


def _earlier(session: Session, bridge: Bridge, cast: Cast, run: RunRow) -> None:
    """The run of half a year ago, with a study that is finished."""
    eva = people.people_by_account(session, run.tenant_id, [cast.by_key["eva"].account]).popitem()[1]
    earlier = write_earlier(session, bridge.registry, bridge.settings.secret_key, run.course.platform_id, run, eva)
    sofia = people.people_by_account(session, run.tenant_id, [cast.by_key["sofia"].account]).popitem()[1]
    enrolments.give_role(session, run.tenant_id, earlier.id, sofia.id, Role.SPONSOR, bridge.clock())


def settle(bridge: Bridge, progress: Progress) -> None:
    """Deliver, evaluate and grade what is due, so that pages and gradebook are full when the first visitor comes.

    The worker loop would do the same a little later; whatever cannot be done now is left to it. Of the days before
    today nobody took note, so they are worked out.
    """
    _look_back(bridge)
    for _ in range(ROUNDS_AT_MOST):
        done = tick(bridge)
        with bridge.sessions.read() as session:
            counts = scores.counts(session, tenants.tenant_named(session, tenants.MAIN).id)
        posted, waiting = counts.get(ScoreState.POSTED, 0), counts.get(ScoreState.WAITING, 0)
        if done == 0:
            progress("Sending scores to the gradebook", posted, posted)
            return
        if waiting:
            progress("Sending scores to the gradebook", posted, posted + waiting)


def write_letters(bridge: Bridge) -> None:
    """This week's letters, whatever the hour: the worker would wait for the morning."""
    with bridge.sessions.read() as session:
        tenant_id = tenants.tenant_named(session, tenants.MAIN).id
        zone = ZoneInfo(TIME_ZONE)
    plan(bridge.sessions, bridge.settings.secret_key, tenant_id, awake(bridge.clock(), zone))


def _look_back(bridge: Bridge) -> None:
    now = bridge.clock()
    with bridge.sessions.write() as session:
        for run in runs.all_runs(session, tenants.tenant_named(session, tenants.MAIN).id):
            if run.closed is not None:
                continue
            first = min(step.window(run.day_zero, None).opens for step in run.journey.steps)
            fill_history(session, bridge.registry, run, days_between(first, run.run.local_day(now))[:-1], now)


def _check_place(session: Session, run: RunRow, course: Course) -> None:
    platform = platforms.get_platform(session, run.course.platform_id)
    if platform is not None and platform.issuer != course.url:
        raise OtherPlaceError(
            f"The demo's data were made with its LMS at {platform.issuer}, now it is at {course.url}. "
            "Use the port of before, or start again from nothing with --fresh."
        )
    if platform is not None:  # the LMS may play another part than before
        platform.audience = course.lms.audience


def _run(session: Session, tenant: Tenant, cast: Cast, course: Course, day_zero: date, now: datetime) -> RunRow:
    platform = platforms.add_platform(
        session,
        tenant_id=tenant.id,
        name="Larkfield Learning (demo LMS)",
        issuer=course.url,
        client_id=course.tool.client_id,
        auth_url=course.auth_url,
        token_url=course.token_url,
        jwks_url=course.jwks_url,
        audience=course.lms.audience,
        now=now,
        deployment_ids=[course.deployment_id],
    )
    context = runs.ensure_course(session, tenant.id, platform.id, course.deployment_id, course.id)
    context.title = course.title
    context.lineitems_url = course.lineitems_url
    context.memberships_url = course.memberships_url
    journey = journeys.find(session, tenant.id, JOURNEY, VERSION)
    if journey is None:
        raise LookupError(f"The journey {JOURNEY} version {VERSION} is not installed.")
    return runs.add_run(session, context, journey, day_zero, TIME_ZONE, now, cast.run_id)


def _people(session: Session, run: RunRow, cast: Cast, course: Course, now: datetime) -> None:
    in_lms = {user.id for user in course.users}
    known = {
        member.key: people.ensure_person(
            session, run.tenant_id, course.url, member.user_id, now, member.name, member.email, member.account
        )
        if member.user_id in in_lms
        else people.add_person(session, run.tenant_id, now, member.name, member.email, member.account)
        for member in cast.members
    }
    enrolment_days = {p.account: p.enrolled for p in cast.people(run.day_zero, VERSION, JOURNEY).participants}
    by_account = {person.account: person for person in known.values()}
    for member in cast.members:
        person = known[member.key]
        if member.role is Role.PARTICIPANT:
            day = enrolment_days[member.account]
            assert day is not None, "every participant of the cast has a day"
            enrolments.enrol(session, run.tenant_id, run.id, person.id, day, member.area, member.registration)
            _relate(session, run, cast, member, person, by_account)
        elif member.sponsor is not None:
            sponsor = known[member.sponsor]
            enrolments.relate(session, run.tenant_id, run.id, person.id, sponsor.id, Role.SPONSOR, SOURCE)
        if member.role in GIVEN_ROLES:
            enrolments.give_role(session, run.tenant_id, run.id, person.id, member.role, now)
        if member.key == GOAL_OWNER:
            enrolments.give_role(session, run.tenant_id, run.id, person.id, Role.GOAL_OWNER, now)


def _relate(
    session: Session, run: RunRow, cast: Cast, member: Member, person: PersonRow, by_account: dict[str, PersonRow]
) -> None:
    for relation in cast.managers_of(member, run.day_zero):
        manager = by_account[relation.account]
        enrolments.relate(
            session,
            run.tenant_id,
            run.id,
            person.id,
            manager.id,
            Role.MANAGER,
            SOURCE,
            start=relation.start,
            end=relation.end,
        )
    for coach in cast.with_role(Role.COACH):
        enrolments.relate(session, run.tenant_id, run.id, person.id, by_account[coach.account].id, Role.COACH, SOURCE)
