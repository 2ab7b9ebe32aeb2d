"""reaction: the worked example, and every clause of its page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lrs_bridge_evaluators.reaction import net_promoters

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Survey, SurveyItem
from lrs_bridge.hooks.testing import RUN, fact, group_outcome, journey, participant, step
from tests.unit.evaluators.installed import EVALUATORS

REACTION = EVALUATORS["reaction"]
ITEMS = (
    SurveyItem("recommend", "recommend", "nps"),
    SurveyItem("usefulness", "usefulness", "likert"),
    SurveyItem("intent", "intent", "likert"),
)


def asking(confidentiality="anonymous", items=ITEMS):
    survey = Survey("kick_off", "reaction", confidentiality, items)
    return journey(step("ask", type="survey", survey="kick_off", required=False), surveys={"kick_off": survey})


def answer(recommend, number, day=1, **parts):
    answers = {"recommend": recommend, "usefulness": 4}
    anonymous = {"actor": f"nobody-{number}", "registration": None, "run": RUN.id, "data": {"answers": answers}}
    return fact(Kind.ANSWERED, day, "ask", **{**anonymous, **parts})


def answers(*groups):
    """So many answers of each: (how many, points)."""
    points = [one for count, one in groups for _ in range(count)]
    return [answer(one, number) for number, one in enumerate(points)]


def reaction(facts, design=None, people=20, **more):
    members = [(participant(f"p{n}"), Outcome.none(Status.INSUFFICIENT_DATA)) for n in range(people)]
    return group_outcome(REACTION, design or asking(), members, day=10, facts=facts, **more)


def test_the_worked_example():
    """12, 5 and 3 make 45, 95 % about 13 to 77."""
    result = reaction(answers((12, 9), (5, 7), (3, 4)))
    assert (result.value, result.n, result.coverage) == (pytest.approx(45), 20, 1.0)
    assert result.components["nps"] == pytest.approx(45)
    assert (round(result.components["low"]), round(result.components["high"])) == (13, 77)
    assert result.components["se"] == pytest.approx(16.5, abs=0.05)
    assert result.components["usefulness"] == 4
    assert "intent" not in result.components
    assert len(result.evidence) == 20


@pytest.mark.parametrize(("points", "nps"), [(10, 100), (9, 100), (8, 0), (7, 0), (6, -100), (0, -100)])
def test_where_promoters_begin_and_detractors_end(points, nps):
    assert reaction(answers((5, points))).value == nps


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_the_score_is_bounded_and_turns_round(points):
    nps, se = net_promoters(points)
    assert -100 <= nps <= 100
    assert 0 <= se <= 100
    assert net_promoters([8 if one in (7, 8) else 10 - one if one < 7 else 0 for one in points])[0] >= -100


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60), st.integers(0, 10))
def test_a_better_answer_never_lowers_the_score(points, better):
    raised = [max(points[0], better), *points[1:]]
    assert net_promoters(raised)[0] >= net_promoters(points)[0] - 1e-9


def test_under_five_answers_there_is_no_value():
    few = reaction(answers((4, 9)))
    assert (few.status, few.components) == (Status.INSUFFICIENT_DATA, {})
    assert reaction(answers((4, 9)), settings={"min_n": 4}).value == 100
    assert reaction([]).status is Status.NOT_STARTED


def test_answers_that_are_none_of_the_scale_are_none():
    assert reaction(answers((5, 9), (3, 11), (3, -1))).n == 5
    assert reaction([answer("ten", n) for n in range(9)]).status is Status.INSUFFICIENT_DATA


def test_the_latest_answer_counts():
    changed = [answer(0, 0, day=1), answer(10, 0, day=2)]
    assert reaction([*changed, *[answer(10, n) for n in range(1, 5)]]).value == 100


def test_a_survey_with_names_counts_its_people_only():
    """An answer without a name, or about somebody else's enrolment, is nobody's."""
    own = [answer(9, n, actor=f"p{n}", registration=f"p{n}-enrolment") for n in range(5)]
    others = [answer(0, 7), answer(0, 8, actor="p1", registration="p8-enrolment")]
    assert reaction([*own, *others], asking("confidential")).value == 100


def test_another_runs_answers_are_not_ours():
    assert reaction([answer(9, n, run="another-run") for n in range(9)]).status is Status.NOT_STARTED


def test_a_journey_that_does_not_ask():
    assert reaction([], journey(step("S1"))).status is Status.NOT_APPLICABLE
    assert reaction([], asking(items=ITEMS[1:])).status is Status.NOT_APPLICABLE


def test_a_question_cannot_take_a_figures_place():
    odd = asking(items=(ITEMS[0], SurveyItem("nps", "nps", "likert")))
    facts = [answer(9, n, data={"answers": {"recommend": 9, "nps": 1}}) for n in range(5)]
    assert reaction(facts, odd).components["nps"] == 100
