"""Scores on their way to the gradebook: found before created, sent when they differ, parked when refused."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.scores import ActivityProgress, Score
from lrs_bridge.flows.columns import LEASE
from lrs_bridge.flows.launch import enter
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import enrolments, people, platforms, runs, scores
from lrs_bridge.store.scores import ScoreRow, ScoreState
from tests.fakes.gradebook import FakeGradebook
from tests.flows.world import World


@pytest.fixture
def book() -> FakeGradebook:
    return FakeGradebook()


def _want(world: World, given: float | None, indicator: str = "mtm_application") -> None:
    with world.sessions.write() as session:
        scores.want(
            session,
            world.tenant.id,
            world.run.id,
            world.enrolment.id,
            indicator,
            "A label",
            given,
            100.0,
            ActivityProgress.IN_PROGRESS,
            world.clock(),
        )


def _send(world: World, book: FakeGradebook) -> int:
    return send_due(Sending(world.sessions, book, world.clock, lambda: 0.5, at_once=1))


def _row(world: World, indicator: str = "mtm_application") -> ScoreRow:
    with world.sessions.read() as session:
        return session.get_one(ScoreRow, (world.enrolment.id, indicator))


def test_a_value_arrives_in_a_column_of_its_own(world: World, book: FakeGradebook):
    _want(world, 55.83)
    assert _send(world, book) == 1
    assert book.shows("mtm_application", "petra") == 55.83
    assert _row(world).state == ScoreState.POSTED
    [column] = book.columns.values()
    assert (column.resource_id, column.tag, column.maximum) == (world.run.id, "mtm_application", 100.0)


def test_a_value_is_sent_only_when_it_changed(world: World, book: FakeGradebook):
    _want(world, 55.83)
    _send(world, book)
    _want(world, 55.83)
    assert _send(world, book) == 0


def test_no_value_is_nothing_to_send_and_never_zero(world: World, book: FakeGradebook):
    _want(world, None)
    assert _send(world, book) == 0
    assert book.calls == []


def test_a_real_zero_is_sent(world: World, book: FakeGradebook):
    _want(world, 0.0)
    _send(world, book)
    assert book.shows("mtm_application", "petra") == 0.0


def test_a_value_that_becomes_null_withdraws_what_was_sent(world: World, book: FakeGradebook):
    _want(world, 40.0)
    _send(world, book)
    world.clock.on(minutes=1)
    _want(world, None)
    assert _send(world, book) == 1
    assert book.shows("mtm_application", "petra") is None
    assert _row(world).state == ScoreState.NOTHING


def test_a_second_score_within_the_same_second_is_stamped_later(world: World, book: FakeGradebook):
    for given in (10.0, 20.0, 30.0):
        _want(world, given)
        _send(world, book)
    assert book.shows("mtm_application", "petra") == 30.0


def test_the_column_is_found_again_and_not_made_twice(world: World, book: FakeGradebook):
    _want(world, 10.0)
    _send(world, book)
    with world.sessions.write() as session:
        scores.set_line_item(session, world.tenant.id, world.run.id, "mtm_application", None)
    _want(world, 20.0)
    _send(world, book)
    assert len(book.columns) == 1


def test_a_column_that_is_gone_is_made_again_once(world: World, book: FakeGradebook):
    _want(world, 10.0)
    _send(world, book)
    book.columns.clear()
    book.cells.clear()
    _want(world, 20.0)
    _send(world, book)
    assert book.shows("mtm_application", "petra") == 20.0


def test_a_refusal_parks_this_score_with_the_reason_and_the_others_go_on(world: World, book: FakeGradebook):
    _want(world, 10.0, "journey_completion")
    world.clock.on(seconds=1)
    _want(world, 20.0, "mtm_application")
    book.troubles = [None, Refused("The LMS says that petra is no longer in the course.")]
    _send(world, book)
    parked = _row(world, "journey_completion")
    assert (parked.state, parked.reason) == (ScoreState.REFUSED, "The LMS says that petra is no longer in the course.")
    assert book.shows("mtm_application", "petra") == 20.0


def test_a_refused_score_waits_for_a_person_even_when_the_value_changes(world: World, book: FakeGradebook):
    _want(world, 10.0)
    book.troubles = [Refused("No.")]
    _send(world, book)
    _want(world, 11.0)
    assert _send(world, book) == 0
    with world.sessions.write() as session:
        assert scores.try_again(session, world.tenant.id, world.run.id, world.clock()) == 1
    _send(world, book)
    assert book.shows("mtm_application", "petra") == 11.0


def test_an_lms_that_is_down_is_asked_once_in_a_round_and_everything_waits(world: World, book: FakeGradebook):
    _want(world, 10.0, "journey_completion")
    _want(world, 20.0, "mtm_application")
    book.troubles = [Unavailable("The LMS does not answer.", retry_after=90)]
    _send(world, book)
    assert len(book.calls) == 1
    for indicator in ("journey_completion", "mtm_application"):
        row = _row(world, indicator)
        assert (row.state, row.reason) == (ScoreState.WAITING, "The LMS does not answer.")
        assert row.next_at >= world.clock() + timedelta(seconds=90)
    world.clock.on(minutes=5)
    _send(world, book)
    assert book.shows("mtm_application", "petra") == 20.0


def test_trouble_with_one_score_alone_does_not_hold_up_the_others(world: World, book: FakeGradebook):
    _want(world, 10.0, "journey_completion")
    world.clock.on(seconds=1)
    _want(world, 20.0, "mtm_application")
    book.troubles = [None, Unavailable("The grade is locked.", alone=True)]
    _send(world, book)
    assert _row(world, "journey_completion").state == ScoreState.WAITING
    assert book.shows("mtm_application", "petra") == 20.0


def test_without_an_offered_gradebook_scores_wait_and_go_when_a_launch_brings_one(world: World, book: FakeGradebook):
    with world.sessions.write() as session:
        session.merge(world.course).lineitems_url = None
    _want(world, 10.0)
    _send(world, book)
    assert (_row(world).state, book.calls) == (ScoreState.WAITING, [])
    with world.sessions.write() as session:
        session.merge(world.course).lineitems_url = "https://lms.example/items"
        scores.wake(session, world.tenant.id, world.run.id, world.clock())
    _send(world, book)
    assert book.shows("mtm_application", "petra") == 10.0


def test_a_worker_that_dies_after_sending_sends_the_same_score_again(world: World, book: FakeGradebook):
    _want(world, 10.0)
    book.troubles = [None, KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        _send(world, book)
    assert _send(world, book) == 0
    world.clock.on(seconds=LEASE.total_seconds() + 1)
    assert _send(world, book) == 1
    assert book.shows("mtm_application", "petra") == 10.0
    assert len(book.columns) == 1


def test_a_value_that_changes_while_it_is_being_sent_is_sent_again(world: World, book: FakeGradebook):
    _want(world, 10.0)
    send = book.send

    def meanwhile(*args):
        _want(world, 12.0)
        book.send = send
        send(*args)

    book.send = meanwhile
    _send(world, book)
    assert (_row(world).sent, _row(world).state) == (10.0, ScoreState.WAITING)
    world.clock.on(seconds=2)
    _send(world, book)
    assert book.shows("mtm_application", "petra") == 12.0


def test_the_next_launch_of_somebody_refused_tries_again(world: World, book: FakeGradebook):
    """Whom the LMS did not know as a learner, it may know by now."""
    _want(world, 10.0)
    book.troubles = [None, Refused("Unknown user.")]
    _send(world, book)
    with world.sessions.write() as session:
        enter(session, world.launch("petra", CourseRole.LEARNER), world.clock())
    _send(world, book)
    assert book.shows("mtm_application", "petra") == 10.0


def test_who_was_not_asked_of_an_lms_that_is_down_has_no_failure_of_their_own(world: World, book: FakeGradebook):
    """They wait for the LMS and go out with the first that it takes."""
    _want(world, 10.0, "journey_completion")
    _want(world, 20.0, "mtm_application")
    book.troubles = [Unavailable("The LMS does not answer.", retry_after=90)]
    _send(world, book)
    assert sorted(_row(world, one).attempts for one in ("journey_completion", "mtm_application")) == [0, 1]


def test_nothing_new_is_sent_to_an_lms_on_pause(world: World, book: FakeGradebook):
    """Its Retry-After holds for scores that came up meanwhile, and a person may end the wait."""
    _want(world, 10.0)
    book.troubles = [Unavailable("It asks us to wait.", retry_after=90)]
    _send(world, book)
    _want(world, 20.0, "journey_completion")
    assert (_send(world, book), len(book.calls)) == (0, 1)
    with world.sessions.write() as session:
        scores.try_again(session, world.tenant.id, world.run.id, world.clock())
    assert _send(world, book) == 2
    assert book.shows("journey_completion", "petra") == 20.0


def test_a_slow_lms_holds_up_no_other(world: World, book: FakeGradebook):
    """Each LMS has a lane of its own."""
    other = _other_lms(world)
    _want(world, 10.0)
    arrived, send = threading.Event(), book.send

    def slow_or_not(platform_id: str, url: str, score: Score) -> None:
        if platform_id == other:
            send(platform_id, url, score)
            arrived.set()
            return
        assert arrived.wait(20), "the other LMS was held up"
        send(platform_id, url, score)

    book.send = slow_or_not  # type: ignore[method-assign]
    assert _send(world, book) == 2
    assert _row(world).state == ScoreState.POSTED


def _other_lms(world: World) -> str:
    """A second LMS of the tenant with a run of its own, where Petra waits for a score, too."""
    issuer = "https://slow.example"
    with world.sessions.write() as session:
        platform = platforms.add_platform(
            session,
            tenant_id=world.tenant.id,
            name="Another LMS",
            issuer=issuer,
            client_id="tool",
            auth_url=f"{issuer}/auth",
            token_url=f"{issuer}/token",
            jwks_url=f"{issuer}/jwks",
            now=world.clock(),
        )
        course = runs.ensure_course(session, world.tenant.id, platform.id, "1", "course-1")
        course.lineitems_url = f"{issuer}/lineitems"
        journey = session.merge(world.run).journey_row
        run = runs.add_run(session, course, journey, world.run.day_zero, "Europe/Berlin", world.clock())
        person = people.ensure_person(session, world.tenant.id, issuer, "petra", world.clock())
        enrolment, _ = enrolments.enrol(session, world.tenant.id, run.id, person.id, world.run.day_zero)
        scores.want(
            session,
            world.tenant.id,
            run.id,
            enrolment.id,
            "mtm_application",
            "A label",
            30.0,
            100.0,
            ActivityProgress.IN_PROGRESS,
            world.clock(),
        )
        return platform.id
