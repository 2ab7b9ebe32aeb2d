"""line_of_sight: the worked examples, and every clause of its page."""

from datetime import timedelta

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Status
from lrs_bridge.domain.journey import Survey, SurveyItem
from lrs_bridge.domain.people import Relation
from lrs_bridge.hooks.testing import DAY_ZERO, fact, journey, outcome, participant, step
from tests.unit.evaluators.installed import EVALUATORS

SIGHT = EVALUATORS["line_of_sight"]
ITEMS = ("goal", "moments", "behaviour", "manager_agrees")
PARTS = ("learning_outcome", "moments", "performance_outcome", "business_rationale")
CLARITY = Survey("clarity", "line_of_sight", items=tuple(SurveyItem(one, one, "likert") for one in ITEMS))
JOURNEY = journey(
    step("map", opens=-14, due=-7, type="impact_map", survey="clarity"),
    step("approve", "manager", opens=-5, due=-2, type="approval"),
    surveys={"clarity": CLARITY},
)
ANSWERS = dict(zip(ITEMS, (4, 5, 3, 4), strict=True))
ALONE = participant(manager=None)


def planned(day=-10, filled=PARTS, answers=ANSWERS, **parts):
    data = {"map": {part: part in filled for part in PARTS}} | ({"answers": answers} if answers else {})
    return fact(Kind.PLANNED, day, "map", data=data, **parts)


def approved(plan, day=-4, agreed=True, **parts):
    parts = {"actor": "mark", "role": "manager", **parts}
    return fact(Kind.APPROVED, day, "approve", target=plan.id, data={"goal-agreed": agreed}, **parts)


def sight(*facts, design=JOURNEY, day=30, **more):
    return outcome(SIGHT, design, facts, day=day, **more)


def test_the_worked_examples():
    """Self 75, map full: approved and agreed 90, approved only 70, not approved 60, no manager 87.5."""
    plan = planned()
    assert sight(plan, approved(plan)).value == pytest.approx(90)
    assert sight(plan, approved(plan, agreed=False)).value == pytest.approx(70)
    assert sight(plan).value == pytest.approx(60)
    assert sight(plan, person=ALONE).value == pytest.approx(87.5)
    assert sight(plan, approved(plan)).components == {"self": 75, "map": 100, "agreement": 100, "approved": True}


def test_half_a_map_is_half():
    plan = planned(filled=PARTS[:2])
    assert sight(plan, approved(plan)).components["map"] == 50
    assert sight(plan).components["map"] == 37.5


def test_a_new_plan_needs_a_new_approval():
    old, new = planned(-10), planned(-3)
    assert sight(old, approved(old), new).value == pytest.approx(60)
    assert sight(old, approved(old), new, approved(new, 1)).value == pytest.approx(90)


def test_the_latest_approval_says_whether_the_goal_is_agreed():
    plan = planned()
    assert sight(plan, approved(plan, -4), approved(plan, -2, agreed=False)).value == pytest.approx(70)


def test_only_who_was_manager_then_approves():
    plan = planned()
    assert sight(plan, approved(plan, actor="nina")).value == pytest.approx(60)
    change = DAY_ZERO + timedelta(days=5)
    person = participant(managers=(Relation("mark", end=change), Relation("nina", start=change + timedelta(days=1))))
    assert sight(plan, approved(plan, 3, actor="nina"), person=person).value == pytest.approx(60)
    assert sight(plan, approved(plan, 8, actor="nina"), person=person).value == pytest.approx(90)


def test_who_lost_the_manager_before_the_plan_has_none():
    left = participant(managers=(Relation("mark", end=DAY_ZERO - timedelta(days=20)),))
    assert sight(planned(), person=left).value == pytest.approx(87.5)


def test_answers_may_come_by_themselves_and_the_latest_count():
    plan = planned(answers=None)
    assert sight(plan).status is Status.INSUFFICIENT_DATA
    said = fact(Kind.ANSWERED, -8, "map", data={"answers": ANSWERS})
    assert sight(plan, said).components["self"] == 75
    later = fact(Kind.ANSWERED, -6, "map", data={"answers": dict.fromkeys(ITEMS, 5)})
    assert sight(planned(-10), said, later).components["self"] == 100


def test_of_a_question_left_out_nothing_is_assumed():
    assert sight(planned(answers={"goal": 5, "moments": 3})).components["self"] == 75
    assert sight(planned(answers={"goal": 7, "moments": "5"})).status is Status.INSUFFICIENT_DATA


def test_why_there_is_no_value():
    assert sight().status is Status.NOT_STARTED
    assert sight(fact(Kind.ANSWERED, -8, "map", data={"answers": ANSWERS})).status is Status.INSUFFICIENT_DATA
    assert sight(planned(), design=journey(step("S1"))).status is Status.NOT_APPLICABLE
    assert sight(planned(actor="mark")).status is Status.NOT_STARTED


def test_the_weights_are_settings():
    weights = {"weights": {"self": 1.0, "map": 0.0, "agreement": 0.0}}
    assert sight(planned(), settings=weights).value == pytest.approx(75)
    assert sight(planned(), settings={"unapproved": 0.5}).components["map"] == 50


def test_weights_on_agreement_alone_say_nothing_without_a_manager():
    alone = {"weights": {"self": 0.0, "map": 0.0, "agreement": 1.0}}
    assert sight(planned(), settings=alone, person=ALONE).status is Status.INSUFFICIENT_DATA
