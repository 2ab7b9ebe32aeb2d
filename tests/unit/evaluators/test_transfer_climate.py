"""transfer_climate: every clause of its page."""

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.journey import Survey, SurveyItem
from lrs_bridge.hooks.testing import RUN, fact, group_outcome, journey, participant, step
from tests.unit.evaluators.installed import EVALUATORS

CLIMATE = EVALUATORS["transfer_climate"]
ITEMS = (
    SurveyItem("time", "time", "likert", "personal_capacity"),
    SurveyItem("load", "load", "likert", "personal_capacity", reversed=True),
    SurveyItem("boss", "boss", "likert", "supervisor_support"),
    SurveyItem("free", "free", "text"),
    SurveyItem("other", "other", "likert"),
)


def asking(items=ITEMS):
    survey = Survey("pulse", "climate", "anonymous", items)
    return journey(step("ask", type="survey", survey="pulse", required=False), surveys={"pulse": survey})


def answers(count, **given):
    return [
        fact(Kind.ANSWERED, 5, "ask", actor=f"nobody-{n}", registration=None, run=RUN.id, data={"answers": given})
        for n in range(count)
    ]


def climate(facts, design=None, **more):
    members = [(participant(f"p{n}"), Outcome.none(Status.INSUFFICIENT_DATA)) for n in range(10)]
    return group_outcome(CLIMATE, design or asking(), members, day=10, facts=facts, **more)


def test_the_mean_over_factors():
    """Capacity 4 and (turned round) 2 are 3, support 5: the mean of .5 and 1."""
    result = climate(answers(6, time=4, load=4, boss=5))
    assert result.components["factors"] == {"personal_capacity": 3.0, "supervisor_support": 5.0}
    assert result.components["answers"] == {"personal_capacity": 12, "supervisor_support": 6}
    assert (result.value, result.n, result.coverage) == (75.0, 6, 0.6)


def test_a_question_without_a_factor_says_nothing():
    assert climate(answers(6, other=5)).value is None
    assert climate(answers(6, boss=3, other=5)).value == 50


@pytest.mark.parametrize(("points", "value"), [(1, 0.0), (5, 100.0)])
def test_from_0_to_100(points, value):
    assert climate(answers(5, boss=points)).value == value


def test_under_five_answers_there_is_no_value():
    assert climate(answers(4, boss=5)).status is Status.INSUFFICIENT_DATA
    assert climate([]).status is Status.NOT_STARTED
    assert climate(answers(4, boss=5), settings={"min_n": 3}).value == 100


def test_an_answer_off_the_scale_is_none():
    assert climate(answers(9, boss=6)).value is None


def test_a_journey_that_does_not_ask():
    assert climate([], journey(step("S1"))).status is Status.NOT_APPLICABLE
    assert climate([], asking(ITEMS[3:])).status is Status.NOT_APPLICABLE
