"""The roster of a course into a run: who comes in, who has left, and what a part of a roster does: nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.roster import Member
from lrs_bridge.flows.launch import enter
from lrs_bridge.flows.roster import EVERY, NO_LEARNER, NO_ROSTER, OUR_FAULT, sync_due
from lrs_bridge.store import enrolments, facts, people, relations, rosters, runs, scores
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.rosters import RosterSync, SyncState
from lrs_bridge.store.scores import ScoreState
from tests.fakes.roster import LEARNER, TEACHER, FakeRoster, learner
from tests.flows.world import ISSUER, World

MEMBERS_URL = f"{ISSUER}/courses/1/members"


@pytest.fixture
def course(world: World) -> World:
    """The world, with a launch behind it that told where the list is."""
    with world.sessions.write() as session:
        row = runs.get_course(session, world.tenant.id, world.course.id)
        assert row is not None
        row.memberships_url = MEMBERS_URL
    return world


def sync(world: World, roster: FakeRoster, ask: bool = True) -> RosterSync:
    if ask:
        with world.sessions.write() as session:
            rosters.ask_for(session, world.tenant.id, world.run.id, world.clock())
    sync_due(world.sessions, roster, world.clock, lambda: 0.5)
    with world.sessions.read() as session:
        row = rosters.sync_of(session, world.tenant.id, world.run.id)
    assert row is not None
    return row


def enrolled(world: World) -> dict[str, Enrolment]:
    """Everybody ever enrolled, by what the LMS calls them."""
    with world.sessions.read() as session:
        rows = enrolments.enrolments(session, world.tenant.id, world.run.id)
        subs = {row.person_id: people.sub_at(session, world.tenant.id, row.person_id, ISSUER) for row in rows}
    return {subs[row.person_id] or "": row for row in rows}


def inside(world: World) -> set[str]:
    return {sub for sub, row in enrolled(world).items() if row.withdrawn is None}


def kinds(world: World, sub: str) -> list[Kind]:
    with world.sessions.read() as session:
        return [fact.kind for fact in facts.facts_of(session, world.tenant.id, enrolled(world)[sub].id)]


def test_learners_come_in_and_nobody_else(course: World) -> None:
    """Teachers, mentors, test students and people without a role take no part by standing on a list."""
    roster = FakeRoster(
        [
            learner("petra"),
            learner("jonas"),
            Member("dario", TEACHER),
            Member("both", TEACHER | LEARNER),
            Member("mia", frozenset({CourseRole.MENTOR}) | LEARNER),
            Member("guest", frozenset({CourseRole.NONE})),
            learner("test", test=True),
            learner("over", active=False),
        ]
    )
    done = sync(course, roster)
    assert inside(course) == {"petra", "jonas"}
    assert kinds(course, "jonas") == [Kind.REGISTERED]
    assert (done.state, done.pages, done.members, done.joined, done.left_run) == (SyncState.DONE, 4, 8, 1, 0)
    assert roster.asked == [(course.platform_id, MEMBERS_URL)]


def test_names_and_e_mails_follow_the_lms(course: World) -> None:
    """Also a known teacher's; what the LMS keeps to itself stays as it is known."""
    with course.sessions.write() as session:
        people.ensure_person(session, course.tenant.id, ISSUER, "dario", course.clock(), name="D.", email="d@x.example")
    sync(
        course, FakeRoster([replace(learner("petra"), name="Petra Now"), Member("dario", TEACHER, name="Dario Conti")])
    )
    with course.sessions.read() as session:
        petra, dario = (people.person_by_identity(session, course.tenant.id, ISSUER, sub) for sub in ("petra", "dario"))
    assert petra is not None
    assert dario is not None
    assert (petra.name, petra.email) == ("Petra Now", "petra@example.org")
    assert (dario.name, dario.email) == ("Dario Conti", "d@x.example")


@pytest.mark.parametrize(
    "gone",
    [
        [],
        [learner("petra", active=False)],
        [Member("petra", TEACHER)],
        [Member("petra", frozenset({CourseRole.NONE}))],
    ],
)
def test_people_who_left_are_marked_and_not_deleted(course: World, gone: list[Member]) -> None:
    """From the local day, with a statement; their facts stay."""
    course.clock.now = datetime(2026, 3, 26, 23, 30, tzinfo=UTC)
    done = sync(course, FakeRoster([learner("jonas"), *gone]))
    row = enrolled(course)["petra"]
    assert (row.id, row.withdrawn) == (course.enrolment.id, date(2026, 3, 27))
    assert kinds(course, "petra") == [Kind.REGISTERED, Kind.WITHDREW]
    assert (done.joined, done.left_run) == (1, 1)


def test_who_comes_back_goes_on_in_the_same_enrolment(course: World) -> None:
    """By the roster or by launch, as often as it happens; each time there is a statement."""
    others = [learner("jonas")]
    sync(course, FakeRoster(others))
    course.clock.on(days=1)
    back = sync(course, FakeRoster([*others, learner("petra")]))
    assert (back.joined, inside(course)) == (1, {"petra", "jonas"})
    course.clock.on(days=1)
    sync(course, FakeRoster(others))
    course.clock.on(days=1)
    with course.sessions.write() as session:
        assert enter(session, course.launch("petra", CourseRole.LEARNER), course.clock()).enrolled
    assert enrolled(course)["petra"].id == course.enrolment.id
    assert kinds(course, "petra") == [
        Kind.REGISTERED,
        Kind.WITHDREW,
        Kind.REGISTERED,
        Kind.WITHDREW,
        Kind.REGISTERED,
    ]


def test_the_same_roster_twice_changes_nothing(course: World) -> None:
    """No statement, nobody joined, nobody left."""
    roster = FakeRoster([learner("petra"), learner("jonas")])
    sync(course, roster)
    course.clock.on(hours=1)
    again = sync(course, roster)
    assert (again.joined, again.left_run) == (0, 0)
    assert kinds(course, "jonas") == [Kind.REGISTERED]


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize(
    ("trouble", "state"),
    [(Unavailable("It is down.", 600.0), SyncState.WAITING), (Refused("Not you."), SyncState.FAILED)],
)
def test_a_part_of_a_roster_does_nothing(course: World, after: int, trouble: Exception, state: SyncState) -> None:
    """Nobody comes in, nobody has left, wherever it broke off; the reason stands there."""
    roster = FakeRoster([learner("jonas"), learner("nina"), learner("omar")], trouble=trouble, after=after)
    row = sync(course, roster)
    assert inside(course) == {"petra"}
    assert (row.state, row.reason, row.pages) == (state, str(trouble), after)
    assert row.whole_at is None
    wait = timedelta(seconds=600) if state is SyncState.WAITING else EVERY
    assert row.next_at == course.clock() + wait


def test_a_roster_without_a_learner_is_not_believed(course: World) -> None:
    """Everybody gone at once is a setting of the LMS, not a course."""
    row = sync(course, FakeRoster([Member("dario", TEACHER)]))
    assert (row.state, row.reason) == (SyncState.FAILED, NO_LEARNER)
    assert inside(course) == {"petra"}


def test_a_course_whose_list_nobody_offered_says_so(world: World) -> None:
    """Until a launch brings the address."""
    row = sync(world, FakeRoster([learner("jonas")]))
    assert (row.state, row.reason) == (SyncState.FAILED, NO_ROSTER)


def test_people_without_a_name_at_this_lms_are_left_alone(course: World) -> None:
    """Whoever came otherwise cannot stand on its list."""
    with course.sessions.write() as session:
        other = people.ensure_person(session, course.tenant.id, "https://other.example", "petra", course.clock())
        enrolments.enrol(session, course.tenant.id, course.run.id, other.id, date(2026, 3, 1))
    done = sync(course, FakeRoster([learner("petra")]))
    assert (done.joined, done.left_run) == (0, 0)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COACH, Role.MENTOR, Role.SPONSOR, Role.EVALUATOR])
def test_leaders_of_the_run_are_not_enrolled(course: World, role: Role) -> None:
    """Moodle lists a mentor as a learner."""
    with course.sessions.write() as session:
        person = people.ensure_person(session, course.tenant.id, ISSUER, "carl", course.clock())
        enrolments.give_role(session, course.tenant.id, course.run.id, person.id, role, course.clock())
    assert sync(course, FakeRoster([learner("petra"), learner("carl"), learner("mark")])).joined == 0
    assert inside(course) == {"petra"}


def test_a_leader_enrolled_before_it_was_known_leaves_unless_they_took_part(course: World) -> None:
    """A manager may be a participant too, if they act as one."""
    everybody = FakeRoster([learner("petra"), learner("carl"), learner("nina")])
    sync(course, everybody)
    rows = enrolled(course)
    with course.sessions.write() as session:
        for sub in ("carl", "nina"):
            enrolments.give_role(
                session, course.tenant.id, course.run.id, rows[sub].person_id, Role.COACH, course.clock()
            )
    course.act(Kind.COMPLETED, rows["nina"].person, step="S08", registration=rows["nina"].id)
    course.clock.on(hours=1)
    done = sync(course, everybody)
    assert (inside(course), done.left_run) == ({"petra", "nina"}, 1)
    course.clock.on(hours=1)
    assert (sync(course, everybody).joined, inside(course)) == (0, {"petra", "nina"})


def test_a_manager_named_by_e_mail_is_recognised_on_the_list(course: World) -> None:
    """And so not made a participant."""
    with course.sessions.write() as session:
        waiting = people.add_person(session, course.tenant.id, course.clock(), email="nina@example.org")
        enrolments.relate(session, course.tenant.id, course.run.id, course.petra.id, waiting.id, Role.MANAGER, "import")
    sync(course, FakeRoster([learner("petra"), learner("nina")]))
    with course.sessions.read() as session:
        nina = people.person_by_identity(session, course.tenant.id, ISSUER, "nina")
    assert nina is not None
    assert nina.id == waiting.id
    assert inside(course) == {"petra"}


def test_one_group_is_an_area_and_several_are_none(course: World) -> None:
    """An area that is there already stays."""
    with course.sessions.write() as session:
        row = runs.get_course(session, course.tenant.id, course.course.id)
        assert row is not None
        row.groups_url = f"{ISSUER}/groups"
        known = enrolments.get_enrolment(session, course.tenant.id, course.enrolment.id)
        assert known is not None
        known.area = "west"
    roster = FakeRoster(
        [
            learner("petra", groups=("n",)),
            learner("jonas", groups=("n", "gone")),
            learner("nina", groups=("n", "s")),
            learner("omar"),
        ],
        named={"n": "North", "s": "South"},
    )
    sync(course, roster)
    assert {sub: row.area for sub, row in enrolled(course).items()} == {
        "petra": "west",
        "jonas": "North",
        "nina": None,
        "omar": None,
    }
    assert roster.asked[-1] == (course.platform_id, f"{ISSUER}/groups")


@pytest.mark.parametrize("trouble", [Unavailable("The groups are down."), Refused("No groups for you.")])
def test_people_come_in_without_groups_where_the_lms_does_not_tell_them(course: World, trouble: Exception) -> None:
    """They have their area with the next roster; nothing waits for it, and nobody is marked as gone."""
    with course.sessions.write() as session:
        row = runs.get_course(session, course.tenant.id, course.course.id)
        assert row is not None
        row.groups_url = f"{ISSUER}/groups"
    roster = FakeRoster([learner("petra"), learner("jonas", groups=("n",))], named={"n": "North"}, no_groups=trouble)
    assert sync(course, roster).state == SyncState.DONE
    assert (inside(course), enrolled(course)["jonas"].area) == ({"petra", "jonas"}, None)
    roster.no_groups = None
    course.clock.on(days=1)
    sync(course, roster)
    assert enrolled(course)["jonas"].area == "North"


def test_a_fault_of_ours_is_said_and_tried_again(course: World) -> None:
    """Not every five minutes without a word, as a lease that runs out would have it."""
    row = sync(course, FakeRoster([learner("jonas")], trouble=RuntimeError("out of order")))
    assert (row.state, row.reason) == (SyncState.WAITING, OUR_FAULT)
    course.clock.on(hours=2)
    assert sync(course, FakeRoster([learner("petra"), learner("jonas")]), ask=False).state == SyncState.DONE


def test_it_is_due_once_a_day_while_the_run_is_open(course: World) -> None:
    """Not before somebody asked, and not after the run was closed."""
    roster = FakeRoster([learner("petra")])
    assert sync_due(course.sessions, roster, course.clock, lambda: 0.5) == 0
    sync(course, roster)
    course.clock.on(hours=23)
    assert sync_due(course.sessions, roster, course.clock, lambda: 0.5) == 0
    course.clock.on(hours=2)
    assert sync_due(course.sessions, roster, course.clock, lambda: 0.5) == 1
    with course.sessions.write() as session:
        run = runs.get_run(session, course.tenant.id, course.run.id)
        assert run is not None
        run.closed = course.clock()
    course.clock.on(days=2)
    assert sync_due(course.sessions, roster, course.clock, lambda: 0.5) == 0


def test_two_workers_do_not_fetch_the_same_people(course: World) -> None:
    """A lease holds it; when its holder died, the next one goes on."""
    now = course.clock()
    with course.sessions.write() as session:
        rosters.ask_for(session, course.tenant.id, course.run.id, now)
        assert rosters.claim(session, now, timedelta(minutes=5)) is not None
    with course.sessions.write() as session:
        assert rosters.claim(session, now, timedelta(minutes=5)) is None
        assert rosters.ask_for(session, course.tenant.id, course.run.id, now).state == SyncState.RUNNING
    course.clock.on(minutes=6)
    assert sync(course, FakeRoster([learner("petra")]), ask=False).state == SyncState.DONE


def test_scores_refused_for_people_on_the_list_go_out_again(course: World) -> None:
    """The LMS knows them now; those of people who left stay parked."""
    with course.sessions.write() as session:
        scores.want(
            session,
            course.tenant.id,
            course.run.id,
            course.enrolment.id,
            "journey_completion",
            "Completion",
            10.0,
            100.0,
            "InProgress",
            course.clock(),
        )
        row = scores.scores_of_enrolment(session, course.tenant.id, course.enrolment.id)["journey_completion"]
        row.state, row.reason = ScoreState.REFUSED, "Unknown user."

    def state() -> str:
        with course.sessions.read() as session:
            own = scores.scores_of_enrolment(session, course.tenant.id, course.enrolment.id)
        return own["journey_completion"].state

    sync(course, FakeRoster([learner("jonas")]))
    assert state() == ScoreState.REFUSED
    sync(course, FakeRoster([learner("jonas"), learner("petra")]))
    assert state() == ScoreState.WAITING


def test_a_large_course_is_taken_in_some_at_a_time(course: World) -> None:
    """Three hundred people, and then the same again without one."""
    everybody = [learner(f"user{number}") for number in range(300)]
    assert sync(course, FakeRoster([*everybody, learner("petra")], size=50)).joined == 300
    course.clock.on(days=1)
    done = sync(course, FakeRoster([*everybody[1:], learner("petra")], size=50))
    assert (done.joined, done.left_run, done.pages) == (0, 1, 6)
    with course.sessions.read() as session:
        run = runs.get_run(session, course.tenant.id, course.run.id)
        assert run is not None
        assert len(relations.enrolled_users(session, run, ISSUER)) == 300
