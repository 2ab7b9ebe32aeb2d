"""journey_completion: the worked example, and every clause of its page."""

from dataclasses import replace

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Late, RouteRule, Routes
from lrs_bridge.hooks.testing import fact, group_outcome, journey, outcome, participant, step
from tests.unit.evaluators.installed import EVALUATORS

COMPLETION = EVALUATORS["journey_completion"]
DECAY = Late("decay", rate=0.1, floor=0.0)

EXAMPLE = (
    step("S1", weight=1, due=7),
    step("S2", weight=1, due=14),
    step("S3", weight=2, due=21),
    step("S4", weight=3, due=28),
    step("S5", weight=2, due=30, grace_days=2),
)
DONE = [
    fact(Kind.COMPLETED, 7, "S1"),
    fact(Kind.COMPLETED, 1, "S2"),
    fact(Kind.COMPLETED, 21, "S3"),
    fact(Kind.COMPLETED, 34, "S5"),
]


def test_the_worked_example_under_full_credit():
    """Weights 1, 1, 2, 3, 2; the 3 not done, the last two days after its grace: 66.67, on time 44.44."""
    result = outcome(COMPLETION, journey(*EXAMPLE), DONE, day=40)
    assert result.value == pytest.approx(66.67, abs=0.005)
    assert result.components["on_time"] == pytest.approx(44.44, abs=0.005)
    assert result.components["to_date"] == result.value
    assert result.components["complete"] is False
    assert result.components["late_steps"] == ["S5"]
    assert result.components["route_pending"] is False
    assert result.evidence == tuple(done.id for done in sorted(DONE, key=lambda done: done.at))


def test_the_worked_example_under_decay():
    """Two days after the grace at 0.1 a day are worth 0.8."""
    assert outcome(COMPLETION, journey(*EXAMPLE, late=DECAY), DONE, day=40).value == pytest.approx(62.22, abs=0.005)


def test_the_worked_example_to_date():
    """With the last step not due yet, four of seven are there of what is due."""
    result = outcome(COMPLETION, journey(*EXAMPLE), DONE, day=29)
    assert result.components["to_date"] == pytest.approx(57.14, abs=0.005)


def test_a_step_of_the_manager_changes_nothing():
    design = journey(*EXAMPLE, step("S6", "manager", weight=5))
    assert outcome(COMPLETION, design, DONE, day=40) == outcome(COMPLETION, journey(*EXAMPLE), DONE, day=40)


def test_to_date_is_null_while_nothing_is_due():
    """The last day of the window still belongs to it."""
    design = journey(step("S1", due=5, grace_days=2))
    assert outcome(COMPLETION, design, day=7).components["to_date"] is None
    assert outcome(COMPLETION, design, day=8).components["to_date"] == 0


def test_complete_needs_every_expected_completion_of_every_step():
    """Also of a step without weight; late or not."""
    design = journey(step("S1", weight=999), step("S2", weight=0, expected=2))
    one = [fact(Kind.COMPLETED, 1, "S1"), fact(Kind.COMPLETED, 90, "S2")]
    assert outcome(COMPLETION, design, one, day=99).value == 100
    assert outcome(COMPLETION, design, one, day=99).components["complete"] is False
    both = [*one, fact(Kind.REFLECTED, 91, "S2")]
    assert outcome(COMPLETION, design, both, day=99).components["complete"] is True


def test_the_first_expected_completions_are_credited():
    """Two of three in time, the third four days late under decay with a floor, a fourth without effect."""
    design = journey(step("S1", due=10, expected=3), late=Late("decay", rate=0.2, floor=0.5))
    days = [fact(Kind.COMMENTED, day, "S1") for day in (2, 3, 14, 15)]
    result = outcome(COMPLETION, design, days, day=20)
    assert result.value == pytest.approx(100 * 2.5 / 3)
    assert result.components["on_time"] == pytest.approx(100 * 2 / 3)
    assert result.evidence == tuple(day.id for day in days[:3])


def test_early_counts_in_full_and_on_time():
    design = journey(step("S0", opens=-5, due=30), step("S1", opens=20, due=30))
    result = outcome(COMPLETION, design, [fact(Kind.COMPLETED, 1, "S1")], day=2)
    assert (result.value, result.components["on_time"], result.components["late_steps"]) == (50, 50, [])


@pytest.mark.parametrize(
    ("design", "day", "status"),
    [
        pytest.param(journey(step("S1", "manager")), 30, Status.NOT_APPLICABLE, id="no step of the participant"),
        pytest.param(journey(step("S1", required=False)), 30, Status.NOT_APPLICABLE, id="nothing required"),
        pytest.param(journey(step("S1", weight=0)), 30, Status.NOT_APPLICABLE, id="nothing weighs"),
        pytest.param(journey(step("S1", weight=0)), -30, Status.NOT_APPLICABLE, id="not applicable goes first"),
        pytest.param(journey(step("S1", opens=3)), 2, Status.NOT_STARTED, id="the day before the first step opens"),
        pytest.param(journey(step("S1", route="low")), 30, Status.NOT_APPLICABLE, id="the route is undecided"),
    ],
)
def test_null_says_why(design, day, status):
    result = outcome(COMPLETION, design, day=day)
    assert (result.value, result.status) == (None, status)


def test_nothing_done_after_opening_is_zero():
    assert outcome(COMPLETION, journey(step("S1", opens=3)), day=3).value == 0


ROUTED = (
    step("pre", "assessor", type="assessment", weight=0),
    step("routing", "system", type="route", weight=0),
    step("S1"),
    step("low", route="low"),
    step("high", route="high"),
)
RULES = Routes("routing", "pre", (RouteRule("high", at_least=60), RouteRule("low", below=60)))


def test_an_undecided_route_leaves_both_routes_out_and_says_so():
    result = outcome(COMPLETION, journey(*ROUTED, routes=RULES), [fact(Kind.COMPLETED, 1, "S1")], day=20)
    assert (result.value, result.components["route_pending"]) == (100, True)


def test_a_decided_route_brings_its_steps_in():
    routed = fact(Kind.ROUTED, 2, "routing", actor="carl", data={"route": "low"})
    done = [fact(Kind.COMPLETED, 1, "S1"), fact(Kind.COMPLETED, 1, "high"), routed]
    result = outcome(COMPLETION, journey(*ROUTED, routes=RULES), done, day=20)
    assert (result.value, result.components["route_pending"]) == (50, False)
    assert routed.id in result.evidence


def test_a_missing_assessment_can_have_a_route_of_its_own():
    design = journey(*ROUTED, routes=replace(RULES, missing="low"))
    result = outcome(COMPLETION, design, [fact(Kind.COMPLETED, 1, "low")], day=20)
    assert (result.value, result.components["route_pending"]) == (50, False)


def test_a_waived_step_leaves_the_sum():
    waived = fact(Kind.WAIVED, 2, "S2", actor="carl", role="coach")
    design = journey(step("S1"), step("S2"))
    result = outcome(COMPLETION, design, [fact(Kind.COMPLETED, 1, "S1"), waived], day=20)
    assert result.value == 100
    assert waived.id in result.evidence


def test_the_cohort_is_the_mean_of_those_with_a_value():
    none = Outcome.none(Status.NOT_APPLICABLE)
    members = [(participant("a"), Outcome(40.0)), (participant("b"), Outcome(90.0)), (participant("c"), none)]
    result = group_outcome(COMPLETION, journey(step("S1")), members, day=5)
    assert (result.value, result.n, result.coverage) == (65, 2, pytest.approx(2 / 3))


def test_a_cohort_of_nulls_has_not_started():
    members = [(participant("a"), Outcome.none(Status.NOT_STARTED))]
    assert group_outcome(COMPLETION, journey(step("S1")), members, day=5).status is Status.NOT_STARTED
    nowhere = group_outcome(COMPLETION, journey(step("S1", "manager")), members, day=5)
    assert nowhere.status is Status.NOT_APPLICABLE
