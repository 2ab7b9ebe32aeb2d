"""From a verified launch to a person in a run."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.launch import CourseRole, Services
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.launch import enter
from lrs_bridge.store import enrolments, facts, outbox, people, runs, scores
from lrs_bridge.store.sessions import find_visit
from tests.flows.world import ISSUER, World


def _enter(world: World, sub: str, *roles: CourseRole, **more):
    with world.sessions.write() as session:
        return enter(session, world.launch(sub, *roles, **more), world.clock())


def _enrolled(world: World, sub: str) -> bool:
    with world.sessions.read() as session:
        person = people.person_by_identity(session, world.tenant.id, ISSUER, sub)
        assert person is not None
        return enrolments.enrolment_of(session, world.tenant.id, world.run.id, person.id) is not None


def test_a_learners_first_launch_enrols_and_writes_registered(world: World):
    entered = _enter(world, "jonas", CourseRole.LEARNER)
    assert entered.enrolled
    assert entered.run_id == world.run.id
    with world.sessions.read() as session:
        person = people.person_by_identity(session, world.tenant.id, ISSUER, "jonas")
        enrolment = enrolments.enrolment_of(session, world.tenant.id, world.run.id, person.id)
        [fact] = facts.facts_of(session, world.tenant.id, enrolment.id)
    assert (fact.kind, fact.actor) == ("registered", person.account)


def test_a_second_launch_enrols_nobody_again(world: World):
    _enter(world, "jonas", CourseRole.LEARNER)
    with world.sessions.read() as session:
        before = outbox.summary(session, world.tenant.id).waiting
    assert not _enter(world, "jonas", CourseRole.LEARNER).enrolled
    with world.sessions.read() as session:
        assert outbox.summary(session, world.tenant.id).waiting == before


def test_a_manager_whom_the_lms_calls_learner_is_not_enrolled(world: World):
    assert not _enter(world, "mark", CourseRole.LEARNER).enrolled
    assert not _enrolled(world, "mark")


@pytest.mark.parametrize("role", [Role.COACH, Role.SPONSOR, Role.EVALUATOR, Role.ASSESSOR, Role.GOAL_OWNER])
def test_people_given_a_role_in_the_run_are_not_enrolled(world: World, role: Role):
    with world.sessions.write() as session:
        person = people.ensure_person(session, world.tenant.id, ISSUER, "carl", world.clock())
        enrolments.give_role(session, world.tenant.id, world.run.id, person.id, role, world.clock())
    assert not _enter(world, "carl", CourseRole.LEARNER).enrolled


@pytest.mark.parametrize(
    "roles",
    [
        (),
        (CourseRole.NONE,),
        (CourseRole.INSTRUCTOR,),
        (CourseRole.INSTRUCTOR, CourseRole.LEARNER),
        (CourseRole.MENTOR,),
    ],
)
def test_only_learners_are_enrolled(world: World, roles: tuple[CourseRole, ...]):
    assert not _enter(world, "dario", *roles).enrolled


def test_a_teacher_gets_the_roles_of_facilitator_and_designer(world: World):
    entered = _enter(world, "dario", CourseRole.INSTRUCTOR)
    token = entered.path.split("/")[2]
    with world.sessions.read() as session:
        visit = find_visit(session, token, world.clock())
    assert set(visit.course_roles) == {"facilitator", "designer"}


def test_a_launch_outside_any_course_leads_to_no_run(world: World):
    assert _enter(world, "jonas", CourseRole.LEARNER, context_id=None).run_id is None


def test_a_course_without_a_run_leads_to_no_run_and_enrols_nobody(world: World):
    entered = _enter(world, "jonas", CourseRole.LEARNER, context_id="course-2")
    assert (entered.run_id, entered.enrolled) == (None, False)


def test_of_two_open_runs_the_custom_journey_or_run_decides(world: World):
    with world.sessions.write() as session:
        journey = world.run.journey_row
        course = runs.get_course(session, world.tenant.id, world.course.id)
        second = runs.add_run(
            session, course, session.merge(journey), world.run.day_zero, "UTC", world.clock.on(days=1)
        )
    assert _enter(world, "jonas", CourseRole.LEARNER).run_id is None
    by_journey = _enter(world, "jonas", CourseRole.LEARNER, custom={"journey": "field-coaching-90"})
    assert by_journey.run_id == second.id
    by_run = _enter(world, "jonas", CourseRole.LEARNER, custom={"run": world.run.id})
    assert by_run.run_id == world.run.id


def test_a_custom_run_of_another_course_leads_nowhere(world: World):
    entered = _enter(world, "jonas", CourseRole.LEARNER, context_id="course-2", custom={"run": world.run.id})
    assert entered.run_id is None


def test_the_launchs_own_line_item_serves_journey_completion(world: World):
    _enter(world, "jonas", CourseRole.LEARNER, services=Services(lineitem=f"{ISSUER}/items/7"))
    with world.sessions.read() as session:
        [(indicator, row)] = scores.line_items(session, world.tenant.id, world.run.id).items()
    assert (indicator, row.url, row.given) == ("journey_completion", f"{ISSUER}/items/7", True)


def test_the_line_item_of_a_link_to_one_step_is_left_alone(world: World):
    _enter(world, "jonas", CourseRole.LEARNER, services=Services(lineitem=f"{ISSUER}/items/7"), custom={"step": "S08"})
    with world.sessions.read() as session:
        assert scores.line_items(session, world.tenant.id, world.run.id) == {}


def test_a_link_to_a_step_leads_to_that_step(world: World):
    assert _enter(world, "jonas", CourseRole.LEARNER, custom={"step": "S08"}).path.endswith("/steps/S08")
    assert _enter(world, "jonas", CourseRole.LEARNER, custom={"step": "S99"}).path.count("/") == 3


def test_a_launch_without_a_name_keeps_the_name_known_before(world: World):
    _enter(world, "jonas", CourseRole.LEARNER)
    launch = world.launch("jonas", CourseRole.LEARNER)
    with world.sessions.write() as session:
        enter(session, type(launch)(**{**launch.__dict__, "name": None}), world.clock())
        assert people.person_by_identity(session, world.tenant.id, ISSUER, "jonas").name == "Jonas"


def test_a_name_or_title_without_end_is_cut_and_the_launch_goes_on(world: World):
    launch = world.launch("jonas", CourseRole.LEARNER, context_title="c" * 5000)
    with world.sessions.write() as session:
        enter(session, type(launch)(**{**launch.__dict__, "name": "n" * 5000}), world.clock())
    with world.sessions.read() as session:
        assert people.person_by_identity(session, world.tenant.id, ISSUER, "jonas").name == "n" * 200
        assert runs.get_course(session, world.tenant.id, world.course.id).title == "c" * 300
