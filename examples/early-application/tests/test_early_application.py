"""What the indicator is worth on which day, when it is silent, and that it keeps the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lrs_bridge.hooks import Kind, Outcome, Status
from lrs_bridge.hooks.testing import check_plugin, fact, group_outcome, journey, outcome, participant, step

import early_application
from early_application import EVALUATOR

JOURNEY = journey(
    step("apply", type="mtm_application", opens=3, due=60, expected=3), moments=["M1", "M2"], behaviours=["B1"]
)


def applied(day, **parts):
    return fact(Kind.APPLIED, day, "apply", **{"moment": "M1", "score": 3, "data": {"behaviours": ["B1"]}, **parts})


def said(kind, about, day, by="mark"):
    return fact(kind, day, target=about.id, actor=by, role="manager")


def asked(*facts, day=100, **settings):
    return outcome(EVALUATOR, JOURNEY, facts, day=day, settings=settings)


def test_the_plugin_keeps_the_contract():
    check_plugin(early_application, journeys=[JOURNEY])


@pytest.mark.parametrize(("day", "value"), [(3, 100), (10, 100), (14, 82.61), (33, 0), (70, 0)])
def test_the_sooner_the_better(day, value):
    """Seven days are as good as the first; from day 30 of the step on it is worth nothing."""
    assert asked(applied(day)).value == pytest.approx(value, abs=0.01)


def test_the_first_use_counts():
    both = asked(applied(20), applied(5, moment="M2"))
    assert (both.value, both.components) == (100, {"days": 2, "moment": "M2"})


@given(st.integers(3, 60), st.integers(3, 60))
def test_an_earlier_use_is_never_worth_less(one, other):
    early, late = sorted((one, other))
    assert asked(applied(early)).value >= asked(applied(late)).value


def test_no_use_is_null_while_there_is_time_and_zero_after():
    assert asked(day=20) == Outcome.none(Status.NOT_STARTED, waited=17)
    assert asked(day=34).value == 0


def test_before_the_step_opens_nothing_could_have_happened():
    assert asked(applied(2), day=2).status is Status.NOT_STARTED


def test_a_confirmed_lack_of_opportunity_is_nobodys_fault():
    none = fact(Kind.LACKED_OPPORTUNITY, 10, "apply", moment="M1")
    assert asked(none).value == 0
    assert asked(none, said(Kind.CONFIRMED, none, 11)).status is Status.INSUFFICIENT_DATA


def test_what_is_disputed_does_not_count():
    claimed = applied(5)
    assert asked(claimed, said(Kind.DISPUTED, claimed, 6), applied(33)).value == 0


def test_a_private_moment_is_not_named():
    assert asked(applied(5, moment="mine", personal_moment=True)).components["moment"] is None


def test_settings_move_the_days():
    assert asked(applied(8), fast_days=0, slow_days=10).value == 50


def test_slow_has_to_be_later_than_fast():
    with pytest.raises(ValueError, match=r"slow_days: Must be more than fast_days"):
        asked(fast_days=30)


def test_a_journey_without_applications_has_none():
    assert outcome(EVALUATOR, journey(step("S1")), day=5).status is Status.NOT_APPLICABLE


def test_a_group_shows_the_middle_and_who_was_in_time():
    members = [(participant(f"p{day}"), asked(applied(day))) for day in (4, 6, 33)]
    members.append((participant("nobody"), asked(day=20)))
    group = group_outcome(EVALUATOR, JOURNEY, members, day=100)
    assert group.value == pytest.approx(200 / 3)
    assert (group.n, group.components["median_days"], group.components["in_time"]) == (3, 3, 2 / 3)
