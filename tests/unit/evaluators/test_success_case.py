"""success_case: the worked example of person and cohort, and every clause of its page."""

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Survey, SurveyItem
from lrs_bridge.hooks.testing import fact, group_outcome, journey, outcome, participant, step
from tests.unit.evaluators.installed import EVALUATORS

SUCCESS = EVALUATORS["success_case"]


def design(items=5, confidentiality="named", extra=()):
    asked = tuple(SurveyItem(f"M{n}", f"Moment {n}", "use") for n in range(1, items + 1))
    survey = Survey("sc", "success_case", confidentiality, (*asked, *extra))
    return journey(step("S24", type="survey", survey="sc", opens=60, due=70), surveys={"sc": survey})


def answered(*points, day=61, **parts):
    answers = {f"M{n}": point for n, point in enumerate(points, 1) if point is not None}
    return fact(Kind.ANSWERED, day, "S24", data={"answers": answers, **parts})


def test_the_worked_example():
    """3, 3, 2, 1, 0 make 60, High."""
    answer = answered(3, 3, 2, 1, 0)
    result = outcome(SUCCESS, design(), [answer], day=62)
    assert result.value == 60
    assert result.components["bucket"] == "high"
    assert (result.n, result.evidence) == (5, (answer.id,))


@pytest.mark.parametrize(
    ("points", "bucket"),
    [
        ((3, 3, 0, 0, 0), "high"),
        ((3, 2, 2, 2, 2), "middle"),
        ((2, 0, 0, 0, 0), "middle"),
        ((1, 1, 1, 0, None), "low"),
        ((3, 0, 0), "high"),
        ((2, 2, 2), "middle"),
        ((0, 1, 1), "low"),
    ],
)
def test_buckets(points, bucket):
    """High needs two items at 3, one in a survey of three items or fewer; Low is nothing above 1."""
    assert outcome(SUCCESS, design(len(points)), [answered(*points)], day=62).components["bucket"] == bucket


@pytest.mark.parametrize(
    ("points", "value"),
    [((3, 3, None), 100), ((3, None, None), None), ((1, 1, 1, 1, None, None), 100 / 3), ((3, 3, 3, None, None), None)],
)
def test_two_thirds_of_the_items_must_be_answered(points, value):
    """Two of three are two thirds; three of five are not."""
    result = outcome(SUCCESS, design(len(points)), [answered(*points)], day=62)
    assert result.value == (value if value is None else pytest.approx(value))
    assert result.status is (Status.INSUFFICIENT_DATA if value is None else Status.OK)


def test_only_the_items_of_the_survey_that_ask_for_use_are_counted():
    """An answer off the scale is none, a likert item does not count, nor does an item nobody asked."""
    extra = (SurveyItem("mood", "Mood", "likert"),)
    answer = fact(Kind.ANSWERED, 61, "S24", data={"answers": {"M1": 3, "M2": 2, "M3": 7, "mood": 5, "M9": 3}})
    result = outcome(SUCCESS, design(3, extra=extra), [answer], day=62)
    assert (result.value, result.n) == (pytest.approx(500 / 6), 2)


def test_without_items_of_its_own_the_survey_asks_one_per_moment():
    plain = journey(step("S24", survey="sc"), moments=("A", "B"), surveys={"sc": Survey("sc", "success_case", "named")})
    answer = fact(Kind.ANSWERED, 1, "S24", data={"answers": {"A": 3, "B": 0}})
    assert outcome(SUCCESS, plain, [answer], day=2).value == 50


def test_the_latest_answer_counts():
    """Also when it is worse, or says too little."""
    first, second, third = answered(3, 3, 3), answered(0, 0, 0, day=63), answered(1, day=64)
    assert outcome(SUCCESS, design(3), [first, second], day=63).value == 0
    assert outcome(SUCCESS, design(3), [first, second, third], day=65).status is Status.INSUFFICIENT_DATA


@pytest.mark.parametrize(
    ("plan", "facts", "status"),
    [
        pytest.param(design(), [], Status.NOT_STARTED, id="unanswered"),
        pytest.param(design(), [fact(Kind.COMPLETED, 61, "S24")], Status.NOT_STARTED, id="not an answer"),
        pytest.param(journey(step("S1")), [], Status.NOT_APPLICABLE, id="no survey"),
        pytest.param(
            journey(step("S1"), moments="A", surveys={"sc": Survey("sc", "success_case")}),
            [],
            Status.NOT_APPLICABLE,
            id="no step asks for it",
        ),
        pytest.param(design(confidentiality="anonymous"), [], Status.NOT_APPLICABLE, id="nobody's answer"),
    ],
)
def test_null_says_why(plan, facts, status):
    result = outcome(SUCCESS, plan, facts, day=90)
    assert (result.value, result.status, result.posted) == (None, status, None)


@pytest.mark.parametrize(
    ("confidentiality", "post", "posted"),
    [("named", True, 60), ("confidential", True, 100), ("named", False, None), ("confidential", False, None)],
)
def test_what_is_posted(confidentiality, post, posted):
    """Of a confidential survey only that it was answered; with `post: off` nothing."""
    plan = design(confidentiality=confidentiality)
    result = outcome(SUCCESS, plan, [answered(3, 3, 2, 1, 0)], day=62, settings={"post": post})
    assert (result.value, result.posted) == (60, posted)


def test_an_indicator_posts_its_value_unless_it_says_otherwise():
    assert Outcome(40.0).posted == 40


def respondent(number, bucket, factors=()):
    components = {"bucket": bucket, "factors": dict.fromkeys(factors, "helped")}
    return participant(f"p{number}"), Outcome(50.0, components=components)


def cohort_of_the_example():
    """120 enrolled, 90 answers: High 18, Middle 45, Low 27."""
    buckets = ["high"] * 18 + ["middle"] * 45 + ["low"] * 27
    answers = [respondent(n, bucket) for n, bucket in enumerate(buckets)]
    return answers + [(participant(f"p{n}"), Outcome.none(Status.NOT_STARTED)) for n in range(90, 120)]


def test_the_worked_example_of_a_cohort():
    result = group_outcome(SUCCESS, design(), cohort_of_the_example(), day=80)
    parts = result.components
    assert parts["counts"] == {"high": 18, "middle": 45, "low": 27}
    assert parts["share_of_respondents"] == pytest.approx({"high": 0.2, "middle": 0.5, "low": 0.3})
    assert parts["share_of_enrolled"] == pytest.approx({"high": 0.15, "middle": 0.375, "low": 0.225})
    assert parts["wilson_high"] == pytest.approx([0.1304, 0.2941], abs=5e-5)
    assert (parts["response_rate"], parts["respondents_only"]) == (0.75, False)
    assert (result.value, result.n, result.coverage) == (50, 90, 0.75)
    assert "V" not in parts


def test_the_worked_example_of_value():
    """Five of six interviewed verified; p* 40 %, cost 150,000."""
    worth = [4000, 6000, 8000, 3000, 9000]
    held = [
        {"account": f"p{n}", "verified": True, "value": 2 * money, "attribution": 0.5, "confidence": 1}
        for n, money in enumerate(worth)
    ]
    held += [{"account": "p5", "verified": False}, {"account": "p70", "verified": True, "value": 1}]
    settings = {"interviews": held, "cost": 150_000, "target_share": 0.4}
    parts = group_outcome(SUCCESS, design(), cohort_of_the_example(), day=80, settings=settings).components
    expected = {
        "cases": 15,
        "V": 90_000,
        "V_median": 90_000,
        "p": 0.125,
        "U": 198_000,
        "ROI": -0.4,
        "ROI_at_target": 0.92,
        "cost_of_non_use": 131_250,
    }
    assert {name: parts[name] for name in expected} == pytest.approx(expected)
    assert parts["break_even"] == pytest.approx(0.2083, abs=5e-5)


def test_two_verified_cases_are_too_few_for_money():
    held = [{"account": f"p{n}", "verified": True, "value": 1000} for n in range(2)]
    settings = {"interviews": held, "cost": 10}
    assert "V" not in group_outcome(SUCCESS, design(), cohort_of_the_example(), day=80, settings=settings).components


def test_the_gap_ranks_what_makes_or_breaks_it():
    """In place in five of six High and two of six Low: 50 points."""
    key = "manager_support"
    high = [respondent(n, "high", [key] if n < 5 else ["timing"]) for n in range(6)]
    low = [respondent(10 + n, "low", [key] if n < 2 else []) for n in range(6)]
    gap = group_outcome(SUCCESS, design(), high + low, day=80).components["gap"]
    assert gap[key] == pytest.approx(0.5)
    assert next(iter(gap)) == key


def test_under_ten_respondents_there_are_no_shares():
    parts = group_outcome(SUCCESS, design(), [respondent(n, "high") for n in range(9)], day=80).components
    assert parts["counts"]["high"] == 9
    assert not {"share_of_respondents", "share_of_enrolled", "wilson_high", "gap"} & set(parts)
