"""The columns of a run stand in the LMS in the order of the run, whichever score is sent first, each of them once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.journey import LineItemPlan
from lrs_bridge.domain.scores import ActivityProgress
from lrs_bridge.flows.columns import LEASE
from lrs_bridge.flows.evaluate import active_evaluators, evaluate_due
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import runs, scores
from lrs_bridge.store.scores import ScoreRow, ScoreState
from tests.fakes.gradebook import FakeGradebook
from tests.flows.world import LINEITEMS, World
from tests.plugins import installed

REGISTRY = installed()
ORDER = ["journey_completion", "manager_engagement", "mtm_application", "success_case"]


@pytest.fixture
def planned(world: World) -> World:
    """The run has been evaluated once, and no score waits."""
    evaluate_due(world.sessions, REGISTRY, world.clock())
    with world.sessions.write() as session:
        for row in scores.scores_of_run(session, world.tenant.id, world.run.id):
            session.delete(row)
    return world


def want(world: World, *indicators: str) -> None:
    """In this order, one a second."""
    for indicator in indicators:
        with world.sessions.write() as session:
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
        world.clock.on(seconds=1)


def send(world: World, book: FakeGradebook, at_once: int = 1) -> None:
    send_due(Sending(world.sessions, book, world.clock, lambda: 0.5, at_once))


def tags(book: FakeGradebook) -> list[str]:
    """As the LMS shows them."""
    return [item.tag for item in book.columns.values()]


def state(world: World, indicator: str) -> str:
    with world.sessions.read() as session:
        return session.get_one(ScoreRow, (world.enrolment.id, indicator)).state


def test_the_first_evaluation_plans_the_columns_of_the_run(planned: World) -> None:
    """Nothing has been asked of the LMS by then."""
    with planned.sessions.read() as session:
        missing = scores.missing_line_items(session, planned.tenant.id, planned.run.id)
    assert [row.indicator for row in missing] == ORDER
    assert [row.label for row in missing][2] == "Application on the job"


@pytest.mark.parametrize("first", list(permutations(ORDER, 2)))
def test_the_order_does_not_depend_on_which_score_is_first(planned: World, first: tuple[str, str]) -> None:
    """All columns are there before the first score goes to one."""
    book = FakeGradebook()
    want(planned, *first)
    send(planned, book)
    assert tags(book) == ORDER
    assert book.calls[: len(ORDER)] == [f"line item {tag}" for tag in ORDER]
    assert [book.shows(tag, "petra") for tag in first] == [50.0, 50.0]


def test_scores_sent_at_the_same_time_make_each_column_once(planned: World) -> None:
    """The first thread sets up all, the others wait for it."""
    book = FakeGradebook()
    want(planned, *reversed(ORDER))
    send(planned, book, at_once=4)
    assert tags(book) == ORDER
    assert sorted(book.calls[len(ORDER) :]) == ["score petra 50.0"] * len(ORDER)


def test_a_column_that_came_with_the_launch_is_not_made_again(planned: World) -> None:
    """The others follow in their order."""
    book, given = FakeGradebook(), f"{LINEITEMS}/own"
    with planned.sessions.write() as session:
        scores.set_line_item(session, planned.tenant.id, planned.run.id, ORDER[0], given, given=True)
    want(planned, "success_case")
    send(planned, book)
    assert tags(book) == ORDER[1:]


def test_a_column_that_the_lms_refuses_holds_up_no_other(planned: World) -> None:
    """Its score is parked; once the LMS takes the column, the score goes there."""
    book = FakeGradebook(troubles=[None, Refused("No such column.")])
    want(planned, "success_case", "manager_engagement")
    send(planned, book)
    assert tags(book) == [tag for tag in ORDER if tag != "manager_engagement"]
    assert (state(planned, "success_case"), state(planned, "manager_engagement")) == (
        ScoreState.POSTED,
        ScoreState.REFUSED,
    )
    with planned.sessions.write() as session:
        scores.try_again(session, planned.tenant.id, planned.run.id, planned.clock())
    send(planned, book)
    assert book.shows("manager_engagement", "petra") == 50.0


def test_a_fault_of_one_column_holds_up_no_other(planned: World) -> None:
    """A 500 may last for ever; rather out of order than never."""
    book = FakeGradebook(troubles=[Unavailable("Its server failed.", alone=True)])
    want(planned, "success_case")
    send(planned, book)
    assert tags(book) == ORDER[1:]
    assert book.shows("success_case", "petra") == 50.0


def test_an_lms_that_is_down_is_asked_once_and_the_order_stays(planned: World) -> None:
    """What waited goes on where it stopped."""
    book = FakeGradebook(troubles=[None, Unavailable("It does not answer.", retry_after=60)])
    want(planned, "success_case", "mtm_application")
    send(planned, book)
    assert book.calls == ["line item journey_completion", "line item manager_engagement"]
    planned.clock.on(minutes=5)
    send(planned, book)
    assert tags(book) == ORDER
    assert (state(planned, "success_case"), state(planned, "mtm_application")) == (ScoreState.POSTED,) * 2


def test_another_process_that_sets_up_a_column_is_waited_for(planned: World) -> None:
    """Those behind would stand before it otherwise; when it died, its lease ends."""
    book = FakeGradebook()
    with planned.sessions.write() as session:
        scores.claim_line_item(session, planned.tenant.id, planned.run.id, ORDER[1], planned.clock(), LEASE)
    want(planned, "success_case")
    send(planned, book)
    assert tags(book) == ORDER[:1]
    assert state(planned, "success_case") == ScoreState.WAITING
    planned.clock.on(seconds=(LEASE + timedelta(seconds=5)).total_seconds())
    send(planned, book)
    assert tags(book) == ORDER
    assert state(planned, "success_case") == ScoreState.POSTED


def test_a_trouble_that_nobody_foresaw_leaves_no_lease_behind(planned: World) -> None:
    """A fault of ours is mended by the next try, not five minutes later."""
    book = FakeGradebook(troubles=[RuntimeError("out of order")])
    want(planned, "success_case")
    send(planned, book)
    planned.clock.on(seconds=3)
    send(planned, book)
    assert tags(book) == ORDER


def test_a_run_that_wants_a_column_no_more_makes_none(planned: World) -> None:
    """What the LMS has stays where it is."""
    book = FakeGradebook()
    with planned.sessions.write() as session:
        fewer = [(key, key, 100.0) for key in ("success_case", "journey_completion")]
        scores.plan_line_items(session, planned.tenant.id, planned.run.id, fewer)
    want(planned, "journey_completion")
    send(planned, book)
    assert tags(book) == ["success_case", "journey_completion"]


@pytest.mark.parametrize(
    ("gradebook", "evaluators", "expected"),
    [
        (("success_case", "journey_completion"), None, ["success_case", "journey_completion"]),
        (None, ("success_case", "journey_completion"), ["success_case", "journey_completion"]),
        (None, None, ORDER),
    ],
)
def test_the_journey_says_in_which_order(
    world: World, gradebook: tuple[str, ...] | None, evaluators: tuple[str, ...] | None, expected: list[str]
) -> None:
    """Its gradebook, else its evaluators, else their keys."""
    with world.sessions.read() as session:
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        active = active_evaluators(session, REGISTRY, run)
        journey = replace(
            run.journey,
            gradebook=dict.fromkeys(gradebook, LineItemPlan()) if gradebook else None,
            evaluators={key: {} for key in evaluators} if evaluators else None,
        )
    found = list(posted_indicators(journey, active))
    assert [key for key in found if key in expected] == expected
    assert gradebook is None or found == expected
