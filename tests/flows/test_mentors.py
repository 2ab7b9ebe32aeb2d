"""The mentor claim into relations, and people recognised by the e-mail that a file named them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.launch import Entered, enter
from lrs_bridge.flows.mentors import MENTOR_CLAIM
from lrs_bridge.flows.roster import sync_due
from lrs_bridge.store import enrolments, people, platforms, relations, rosters, runs, tenants
from lrs_bridge.store.enrolments import RelationRow
from lrs_bridge.store.people import PersonRow
from tests.fakes.roster import FakeRoster, learner
from tests.flows.world import ISSUER, World

MENTOR = (CourseRole.MENTOR,)


def launched(world: World, sub: str, *roles: CourseRole, **more: Any) -> Entered:
    """`changes`: fields of the launch that are not its custom values."""
    with world.sessions.write() as session:
        return enter(session, replace(world.launch(sub, *roles), **more), world.clock())


def person(world: World, sub: str, issuer: str = ISSUER) -> PersonRow:
    with world.sessions.read() as session:
        found = people.person_by_identity(session, world.tenant.id, issuer, sub)
    assert found is not None
    return found


def led_by(world: World, sub: str) -> list[RelationRow]:
    with world.sessions.read() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        return relations.holding(session, run, person(world, sub).id, run.run.local_day(world.clock()))


def is_enrolled(world: World, sub: str) -> bool:
    with world.sessions.read() as session:
        row = enrolments.enrolment_of(session, world.tenant.id, world.run.id, person(world, sub).id)
    return row is not None and row.withdrawn is None


def test_mentees_who_take_part_get_a_mentor_from_today(world: World) -> None:
    """Others of the claim, and the mentor, are passed over; nobody is managed by it."""
    launched(world, "jonas", CourseRole.LEARNER)
    launched(world, "mia", *MENTOR, mentees=("petra", "stranger", "mia"))
    (row,) = led_by(world, "mia")
    assert (row.person_id, row.kind, row.source) == (world.petra.id, Role.MENTOR, MENTOR_CLAIM)
    assert row.start == world.run.run.local_day(world.clock())
    assert not is_enrolled(world, "mia")


def test_the_link_may_say_that_mentors_are_managers(world: World) -> None:
    """By a custom parameter, and only by this one."""
    launched(world, "mia", *MENTOR, mentees=("petra",), custom={"mentors": "managers"})
    assert [row.kind for row in led_by(world, "mia")] == [Role.MANAGER]
    launched(world, "mia", *MENTOR, mentees=("petra",), custom={"mentors": "yes"})
    assert [row.kind for row in led_by(world, "mia")] == [Role.MENTOR]


def test_launching_again_makes_no_second_relation(world: World) -> None:
    """Nor where somebody else said the same."""
    for _ in range(2):
        launched(world, "mia", *MENTOR, mentees=("petra",))
        launched(world, "mark", *MENTOR, mentees=("petra",), custom={"mentors": "managers"})
    assert len(led_by(world, "mia")) == 1
    assert [row.source for row in led_by(world, "mark")] == ["test"]


def test_a_mentee_no_longer_named_ends_and_relations_of_others_do_not(world: World) -> None:
    """With the day before, so that what was stays as it was."""
    launched(world, "jonas", CourseRole.LEARNER)
    launched(world, "mark", *MENTOR, mentees=("jonas", "petra"), custom={"mentors": "managers"})
    assert len(led_by(world, "mark")) == 2
    world.clock.on(days=3)
    launched(world, "mark", *MENTOR, mentees=(), custom={"mentors": "managers"})
    assert [(row.person_id, row.source) for row in led_by(world, "mark")] == [(world.petra.id, "test")]
    with world.sessions.read() as session:
        jonas = person(world, "jonas").id
        (ended,) = enrolments.relations_of(session, world.tenant.id, world.run.id, [jonas])[jonas]
    today = world.run.run.local_day(world.clock())
    assert (ended.start, ended.end) == (today - timedelta(days=3), today - timedelta(days=1))


def test_a_launch_without_the_role_says_nothing_of_mentees(world: World) -> None:
    """A mentor who comes as a teacher for once stays a mentor."""
    launched(world, "mia", *MENTOR, mentees=("petra",))
    world.clock.on(days=1)
    launched(world, "mia", CourseRole.INSTRUCTOR)
    assert len(led_by(world, "mia")) == 1


def test_people_who_left_are_nobodys_mentees(world: World) -> None:
    """The relation ends with the next launch of the mentor."""
    launched(world, "mia", *MENTOR, mentees=("petra",))
    world.clock.on(days=1)
    with world.sessions.write() as session:
        row = enrolments.get_enrolment(session, world.tenant.id, world.enrolment.id)
        assert row is not None
        row.withdrawn = world.run.run.local_day(world.clock())
    launched(world, "mia", *MENTOR, mentees=("petra",))
    assert led_by(world, "mia") == []


def test_a_mentor_whom_the_lms_lists_as_a_learner_is_not_enrolled(world: World) -> None:
    """Neither by the list nor by a launch, also without a mentee here; one enrolled before leaves again."""
    with world.sessions.write() as session:
        course = runs.get_course(session, world.tenant.id, world.course.id)
        assert course is not None
        course.memberships_url = f"{ISSUER}/members"
        rosters.ask_for(session, world.tenant.id, world.run.id, world.clock())
    roster = FakeRoster([learner("petra"), learner("mia")])
    sync_due(world.sessions, roster, world.clock, lambda: 0.5)
    assert is_enrolled(world, "mia")
    launched(world, "mia", *MENTOR, mentees=())
    assert not is_enrolled(world, "mia")
    world.clock.on(days=2)
    sync_due(world.sessions, roster, world.clock, lambda: 0.5)
    assert not launched(world, "mia", CourseRole.LEARNER).enrolled
    assert not is_enrolled(world, "mia")


def test_a_learner_who_mentors_elsewhere_takes_part(world: World) -> None:
    """Both roles, and nobody of this run in the claim."""
    assert launched(world, "omar", CourseRole.LEARNER, *MENTOR, mentees=("stranger",)).enrolled
    assert not launched(world, "mia", CourseRole.LEARNER, *MENTOR, mentees=("petra",)).enrolled


# E-mail


@pytest.fixture
def awaited(world: World) -> PersonRow:
    """Somebody whom a file named as Petra's manager, by e-mail."""
    return named(world, "nina@example.org")


def named(world: World, email: str) -> PersonRow:
    with world.sessions.write() as session:
        row = people.add_person(session, world.tenant.id, world.clock(), email=email)
        enrolments.relate(session, world.tenant.id, world.run.id, world.petra.id, row.id, Role.MANAGER, "import")
    return row


def test_a_manager_is_recognised_by_the_e_mail_the_lms_sends(world: World, awaited: PersonRow) -> None:
    """In any casing, once; afterwards by issuer and sub, whatever the e-mail."""
    assert not launched(world, "nina", CourseRole.LEARNER, email="Nina@Example.org").enrolled
    assert person(world, "nina").id == awaited.id
    launched(world, "nina", CourseRole.LEARNER, email="other@example.org")
    assert person(world, "nina").id == awaited.id


def test_the_second_who_brings_the_e_mail_is_somebody_else(world: World, awaited: PersonRow) -> None:
    """It is good once."""
    launched(world, "nina", CourseRole.LEARNER, email="nina@example.org")
    launched(world, "imposter", CourseRole.LEARNER, email="nina@example.org")
    assert person(world, "imposter").id != awaited.id
    assert is_enrolled(world, "imposter")


@pytest.mark.parametrize(
    "changes",
    [
        {"email": None},
        {"email": "nina@example.com"},
        {"email": "nina@example.org", "claims": {"email_verified": False}},
        {"email": "nina@example.org", "claims": {"email_verified": "false"}},
    ],
)
def test_nobody_is_recognised_by_less(world: World, awaited: PersonRow, changes: Mapping[str, Any]) -> None:
    """No e-mail, another one, or one that the LMS itself does not vouch for."""
    launched(world, "nina", CourseRole.LEARNER, **changes)
    assert person(world, "nina").id != awaited.id


def test_somebody_known_is_never_joined_by_e_mail(world: World) -> None:
    """An e-mail that comes later, or is changed in a profile, makes nobody a manager."""
    launched(world, "jonas", CourseRole.LEARNER)
    waiting = named(world, "nina@example.org")
    launched(world, "jonas", CourseRole.LEARNER, email="nina@example.org")
    assert person(world, "jonas").id != waiting.id
    assert led_by(world, "jonas") == []


def test_two_who_wait_for_one_e_mail_are_for_a_person_to_sort_out(world: World, awaited: PersonRow) -> None:
    """Nobody is guessed."""
    second = named(world, "nina@example.org")
    launched(world, "nina", CourseRole.LEARNER, email="nina@example.org")
    assert person(world, "nina").id not in {awaited.id, second.id}


@pytest.mark.parametrize("tenant", ["main", "other"])
def test_another_lms_cannot_send_them(world: World, awaited: PersonRow, tenant: str) -> None:
    """Neither of another tenant nor of the same one: the file was about a run of this LMS."""
    elsewhere = "https://elsewhere.example"
    with world.sessions.write() as session:
        owner = tenants.ensure_tenant(session, tenant, "https://bridge.example", world.clock())
        platform = platforms.add_platform(
            session,
            tenant_id=owner.id,
            name="Elsewhere",
            issuer=elsewhere,
            client_id="tool",
            auth_url=f"{elsewhere}/auth",
            token_url=f"{elsewhere}/token",
            jwks_url=f"{elsewhere}/jwks",
            deployment_ids=["1"],
            now=world.clock(),
        )
    launched(
        world,
        "nina",
        CourseRole.LEARNER,
        email="nina@example.org",
        issuer=elsewhere,
        platform_id=platform.id,
        tenant_id=owner.id,
    )
    with world.sessions.read() as session:
        came = people.person_by_identity(session, owner.id, elsewhere, "nina")
    assert came is not None
    assert came.id != awaited.id
