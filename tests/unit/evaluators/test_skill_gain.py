"""skill_gain: the worked example, and every clause of its page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lrs_bridge_evaluators.skill_gain import normalised_change

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Assessment, Criterion, RouteRule, Routes
from lrs_bridge.hooks.testing import fact, group_outcome, journey, outcome, participant, step
from tests.unit.evaluators.installed import EVALUATORS

GAIN = EVALUATORS["skill_gain"]
NOTE = {"note": Assessment("note", 1, (Criterion("fact", "Fact", 20),))}


def assessing(id, opens, **parts):
    return step(id, "assessor", opens=opens, due=opens + 5, type="assessment", assessment="note", weight=0, **parts)


JOURNEY = journey(assessing("post", 30), assessing("pre", -10), assessments=NOTE)


def assessed(of, points, day=None, most=100, **parts):
    when = day if day is not None else {"pre": -9, "post": 31}[of]
    return fact(Kind.ASSESSED, when, of, actor=parts.pop("by", "anna"), score=Score(points, 0, most), **parts)


def gain(*facts, design=JOURNEY, day=60, **more):
    return outcome(GAIN, design, facts, day=day, **more)


EXAMPLE = [(40, 70), (55, 60), (60, 80), (50, 65), (45, 75)]


def cohort(pairs, **more):
    """The cohort's outcome over people with these percents; None where not assessed."""
    members = []
    for number, (pre, post) in enumerate(pairs):
        facts = [assessed(of, points) for of, points in (("pre", pre), ("post", post)) if points is not None]
        members.append((participant(f"p{number}"), gain(*facts)))
    return group_outcome(GAIN, JOURNEY, members, day=60, **more)


def test_the_worked_example():
    """<g> .40, mean change .391, +20 points, +40 % relative, d_z 1.886, d_av 2.530, J .80, g_av 2.024."""
    result = cohort(EXAMPLE)
    assert result.value == pytest.approx(39.1, abs=0.05)
    assert (result.n, result.coverage) == (5, 1.0)
    figures = {name: round(result.components[name], 3) for name in ("hake_g", "points", "relative", "d_z", "d_av", "J")}
    assert figures == {"hake_g": 0.4, "points": 20, "relative": 0.4, "d_z": 1.886, "d_av": 2.53, "J": 0.8}
    assert result.components["g_av"] == pytest.approx(2.024, abs=0.0005)
    assert result.components["mean_change"] == pytest.approx(0.391, abs=0.0005)


@pytest.mark.parametrize(
    ("pre", "post", "change"),
    [(40, 70, 0.5), (50, 40, -0.2), (50, 50, 0.0), (0, 0, None), (100, 100, None), (0, 100, 1.0), (100, 0, -1.0)],
)
def test_the_normalised_change(pre, post, change):
    """Up: of what was left to gain. Down: of what was there to lose. Both 0 or both 100: dropped."""
    assert normalised_change(pre, post) == change


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_the_change_is_bounded_and_rises_with_the_second_assessment(pre, post, better):
    changes = [normalised_change(pre, one) for one in sorted((post, better))]
    assert all(change is None or -1 <= change <= 1 for change in changes)
    assert None in changes or changes[0] <= changes[1]


def test_the_step_that_opens_first_is_the_one_before():
    """Whatever the order in the journey, and whenever the statements came."""
    assert gain(assessed("pre", 40, day=50), assessed("post", 70, day=31)).components["change"] == 0.5


def test_several_assessors_are_meant_and_the_latest_of_each_counts():
    facts = [assessed("pre", 30), assessed("pre", 50, by="arne"), assessed("pre", 10, day=-10), assessed("post", 70)]
    assert gain(*facts).components["pre"] == 40


def test_the_criteria_stand_in_for_a_score():
    post = fact(Kind.ASSESSED, 31, "post", actor="anna", data={"criteria": {"fact": 14}})
    assert gain(assessed("pre", 8, most=20), post).components == {"pre": 40, "post": 70, "change": 0.5, "points": 30}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([], Status.NOT_STARTED),
        ([("pre", 40)], Status.INSUFFICIENT_DATA),
        ([("post", 40)], Status.INSUFFICIENT_DATA),
        ([("pre", 100), ("post", 100)], Status.NOT_APPLICABLE),
    ],
)
def test_why_there_is_no_value(facts, status):
    assert gain(*[assessed(*one) for one in facts]).status is status


def test_different_rubrics_are_refused_with_a_reason():
    """Also where one statement says none and so used the journey's."""
    result = gain(assessed("pre", 40), assessed("post", 70, data={"rubric-version": 2}))
    assert (result.status, "rubric" in result.components["reason"]) == (Status.NOT_APPLICABLE, True)
    same = [assessed("pre", 40, data={"rubric-version": "2"}), assessed("post", 70, data={"rubric-version": 2})]
    assert gain(*same).value == 50


def test_an_assessment_that_is_asked_for_once_says_nothing():
    once = journey(assessing("pre", -10), assessments=NOTE)
    assert gain(assessed("pre", 40), design=once).status is Status.NOT_APPLICABLE


def test_the_other_routes_assessment_is_not_this_persons():
    design = journey(
        assessing("pre", -10),
        assessing("post", 30, route="low"),
        assessing("later", 40, route="high"),
        assessments=NOTE,
        routes=Routes("routing", "pre", (RouteRule("low", below=60), RouteRule("high", at_least=60))),
    )
    assert gain(assessed("pre", 40), assessed("post", 70), assessed("later", 10, day=41), design=design).value == 50


def test_a_dropped_pair_stays_in_the_other_figures():
    result = cohort([*EXAMPLE, (100, 100)])
    assert (result.n, result.components["pairs"]) == (5, 6)
    assert result.value == cohort(EXAMPLE).value
    assert result.components["points"] == pytest.approx(100 / 6)


def test_under_five_pairs_there_is_no_value_but_effect_sizes_from_two():
    result = cohort(EXAMPLE[:2])
    assert (result.value, result.status) == (None, Status.INSUFFICIENT_DATA)
    assert result.components["d_z"] == pytest.approx(17.5 / (25 / 2**0.5))
    assert "d_z" not in cohort(EXAMPLE[:1]).components
    assert cohort(EXAMPLE[:2], settings={"min_pairs": 2}).value == pytest.approx(100 * (0.5 + 5 / 45) / 2)


def test_attrition_is_shown():
    assert cohort([*EXAMPLE, (40, None)]).components["attrition"] == pytest.approx(1 / 6)


def test_figures_that_would_divide_by_nothing_are_null():
    figures = cohort([(0, 50)] * 5).components
    assert (figures["relative"], figures["d_z"], figures["d_av"]) == (None, None, None)
    assert cohort([(100, 50)] * 5).components["hake_g"] is None


def test_a_cohort_of_whom_nobody_was_assessed_has_not_started():
    assert cohort([(None, None)] * 6).status is Status.NOT_STARTED
    assert cohort([(40, None)] * 6).status is Status.INSUFFICIENT_DATA
    nobody = group_outcome(GAIN, journey(step("S1")), [(participant(), Outcome.none(Status.NOT_APPLICABLE))], day=5)
    assert nobody.status is Status.NOT_APPLICABLE
