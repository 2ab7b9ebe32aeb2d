"""coaching_reach: every clause of its page."""

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Status
from lrs_bridge.hooks.testing import fact, journey, outcome, step
from tests.unit.evaluators.installed import EVALUATORS

REACH = EVALUATORS["coaching_reach"]
JOURNEY = journey(
    step("pairs", opens=14, due=28, type="coaching_2_1", expected=2, route="low"),
    step("group", opens=25, due=35, type="coaching_group", route="high"),
    step("mentor", "mentor", opens=0, due=40, type="mentor_session", expected=4),
    step("talk", "manager", opens=0, due=10, type="conversation", level=2),
)
LOW = fact(Kind.ROUTED, 1, "routing", actor="carl", data={"route": "low"})


def held(day, of="pairs", kind=Kind.COACHED, **parts):
    return fact(kind, day, of, **{"actor": "carl", "role": "coach", **parts})


def reach(*facts, day=60, design=JOURNEY):
    return outcome(REACH, design, facts, day=day)


def test_sessions_held_over_sessions_expected():
    """One of two pairs and two of four mentor sessions: 3 of 6."""
    result = reach(LOW, held(15), held(3, "mentor"), held(9, "mentor", Kind.MENTORED))
    assert (result.value, result.n) == (50.0, 3)
    assert (result.components["held"], result.components["expected"]) == (3, 6)


def test_more_than_expected_does_not_make_up_for_less_elsewhere():
    assert reach(LOW, *[held(day) for day in (15, 16, 17, 18)]).value == pytest.approx(100 * 2 / 6)


def test_several_peoples_word_on_one_day_is_one_session():
    assert reach(LOW, held(15), fact(Kind.ATTENDED, 15, "pairs")).components["held"] == 1


def test_only_steps_that_have_entered_count():
    """All sessions held, or the window over."""
    assert reach(LOW, held(15), day=20).status is Status.NOT_STARTED
    both = reach(LOW, held(15), held(18), day=20)
    assert (both.value, both.components["expected"]) == (100.0, 2)
    assert reach(LOW, held(15), day=29).value == 50.0


def test_the_other_route_is_not_this_persons():
    assert reach(LOW, held(30, "group"), day=36).value == 0.0


def test_an_open_route_leaves_both_out():
    routed = journey(*[one for one in JOURNEY.steps if one.route])
    result = reach(held(15), design=routed)
    assert (result.status, result.components["route_pending"]) == (Status.NOT_STARTED, True)


def test_an_optional_step_enters_with_a_session_only():
    design = journey(step("pairs", opens=0, due=9, type="coaching_2_1", expected=2, required=False))
    assert reach(design=design).status is Status.NOT_STARTED
    assert reach(held(3), design=design).value == 50.0


def test_a_waived_session_is_nobodys_debt():
    design = journey(step("pairs", opens=0, due=9, type="coaching_2_1"))
    assert reach(fact(Kind.WAIVED, 2, "pairs", actor="carl"), design=design).status is Status.NOT_APPLICABLE


def test_a_journey_without_coaching_has_none():
    assert reach(design=journey(step("S1"))).status is Status.NOT_APPLICABLE


def test_the_share_that_was_linked_to_a_goal():
    said = [held(15, data={"goal-linked": True}), held(18, data={"goal-linked": False}), held(20, "mentor")]
    assert reach(LOW, *said).components["goal_linked"] == pytest.approx(1 / 3)
    assert reach(LOW).components["goal_linked"] is None


def test_levels_of_conversation_that_were_covered():
    """By the statement, else by the step; a level that is none is passed over."""
    facts = [
        held(15, data={"level": 3}),
        fact(Kind.TALKED_WITH, 4, "talk", actor="mark", role="manager"),
        fact(Kind.TALKED_WITH, 5, actor="mark", role="manager", data={"level": 9}),
    ]
    assert reach(LOW, *facts).components["levels"] == [2, 3]
