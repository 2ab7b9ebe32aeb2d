"""What a launch offers of the gradebook: the link's own column, the list of columns, both, or none."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.launch import CourseRole, Services
from lrs_bridge.domain.scores import ActivityProgress, LineItem
from lrs_bridge.flows.launch import enter
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import runs, scores
from lrs_bridge.store.scores import ScoreRow
from tests.fakes.gradebook import FakeGradebook
from tests.flows.world import ISSUER, LINEITEMS, World

OWN = f"{ISSUER}/courses/1/lineitems/7?type_id=1"
COMPLETION, APPLICATION = "journey_completion", "mtm_application"


@pytest.fixture
def unoffered(world: World) -> World:
    """Nobody has launched yet, and two scores wait."""
    with world.sessions.write() as session:
        course = runs.get_course(session, world.tenant.id, world.course.id)
        assert course is not None
        course.lineitems_url = None
        for indicator in (COMPLETION, APPLICATION):
            scores.want(
                session,
                world.tenant.id,
                world.run.id,
                world.enrolment.id,
                indicator,
                indicator,
                50.0,
                100.0,
                ActivityProgress.IN_PROGRESS,
                world.clock(),
            )
    return world


def launched(world: World, services: Services) -> None:
    with world.sessions.write() as session:
        enter(session, world.launch("petra", CourseRole.LEARNER, services=services), world.clock())


def sent(world: World) -> tuple[float | None, float | None]:
    """What the LMS shows of both after a while."""
    book = FakeGradebook(columns={OWN: LineItem("", "", "The activity", 100.0)})
    for _ in range(3):
        send_due(Sending(world.sessions, book, world.clock, lambda: 0.5, at_once=1))
        world.clock.on(minutes=1)
    own = book.cells.get((OWN, "petra"))
    return (own.given if own else book.shows(COMPLETION, "petra")), book.shows(APPLICATION, "petra")


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (Services(lineitem=OWN), (50.0, None)),
        (Services(lineitems=LINEITEMS), (50.0, 50.0)),
        (Services(lineitem=OWN, lineitems=LINEITEMS), (50.0, 50.0)),
        (Services(), (None, None)),
    ],
    ids=["lineitem", "lineitems", "both", "none"],
)
def test_what_can_be_sent_is_sent_and_the_rest_waits(
    services: Services, expected: tuple[float | None, float | None], unoffered: World
) -> None:
    """With the reason; the next launch may bring what is missing."""
    launched(unoffered, services)
    assert sent(unoffered) == expected
    with unoffered.sessions.read() as session:
        waiting = session.get_one(ScoreRow, (unoffered.enrolment.id, APPLICATION))
    if expected[1] is None:
        assert waiting.reason == "No launch has offered this course's gradebook yet."


def test_a_column_that_later_launches_name_no_more_stays_ours(unoffered: World) -> None:
    """The claim goes away when the link has several columns; and no second one is made for it."""
    launched(unoffered, Services(lineitem=OWN, lineitems=LINEITEMS))
    launched(unoffered, Services(lineitems=LINEITEMS))
    assert sent(unoffered) == (50.0, 50.0)
    with unoffered.sessions.read() as session:
        known = scores.line_items(session, unoffered.tenant.id, unoffered.run.id)
    assert (known[COMPLETION].url, known[COMPLETION].given) == (OWN, True)


def test_deployments_of_one_registration_are_tenants_of_their_lms(world: World) -> None:
    """Blackboard has one issuer and client id for everybody: the same context id is another course in each."""
    with world.sessions.write() as session:
        here, there = (
            runs.ensure_course(session, world.tenant.id, world.platform_id, deployment, "course-1").id
            for deployment in ("1", "2")
        )
        again = runs.ensure_course(session, world.tenant.id, world.platform_id, "1", "course-1").id
    assert (here, again) == (world.course.id, world.course.id)
    assert there != here
