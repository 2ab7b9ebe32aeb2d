"""How far people came: each row by itself, and nothing of few people for those who see no names."""

from __future__ import annotations

from typing import Any

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.insights.funnel import Row, Stage, funnel, reached, stages
from lrs_bridge.domain.insights.shares import Share, Why
from lrs_bridge.domain.journey import Phase, Targets
from lrs_bridge.hooks.testing import evidence, fact, journey, on, step

DESIGN = journey(
    step("B", phase=Phase.BEFORE, opens=-7, due=-1),
    step("D", type="live_event", phase=Phase.DURING, opens=0, due=0),
    step("Q", type="survey", phase=Phase.DURING, opens=0, due=3, survey="s"),
    step("A", type="mtm_application", phase=Phase.AFTER, opens=1, due=60),
    moments=("M1",),
    behaviours=("B1",),
    targets=Targets(applications=2, moments=1, periods=2, period_days=14),
)


def came(*facts: Fact, day: int = 40) -> frozenset[Stage]:
    return reached(DESIGN, evidence(facts, on(day)), {}, on(day))


def applied(day: int, **more: Any) -> Fact:
    return fact(Kind.APPLIED, day, moment="M1", score=3, data={"behaviours": ["B1"]}, **more)


def test_each_stage_is_true_by_itself() -> None:
    """Somebody may apply something without having prepared."""
    moment = applied(10)
    word = fact(Kind.VERIFIED, 11, target=moment.id, actor="mark", role="manager")
    assert came() == {Stage.ENROLLED}
    assert came(moment) == {Stage.ENROLLED, Stage.APPLIED}
    assert came(moment, word) == {Stage.ENROLLED, Stage.APPLIED, Stage.VERIFIED}
    assert came(fact(Kind.COMPLETED, -3, step="B")) == {Stage.ENROLLED, Stage.PREPARED}
    assert came(fact(Kind.ATTENDED, 0, step="D")) == {Stage.ENROLLED, Stage.TRAINED}


def test_the_word_of_a_colleague_and_a_dispute_confirm_nothing() -> None:
    moment = applied(10)
    peer = fact(Kind.VERIFIED, 11, target=moment.id, actor="nina", role="peer")
    boss = fact(Kind.VERIFIED, 11, target=moment.id, actor="mark", role="manager")
    no = fact(Kind.DISPUTED, 12, target=moment.id, actor="mark", role="manager")
    assert Stage.VERIFIED not in came(moment, peer)
    assert Stage.VERIFIED not in came(moment, boss, no)
    assert Stage.APPLIED in came(moment, boss, no)  # that there was a dispute is not told


def test_a_journey_has_the_rows_that_it_has_steps_for() -> None:
    assert stages(DESIGN) == frozenset(Stage)
    assert stages(journey(step("B", phase=Phase.AFTER, opens=1, due=2))) == {Stage.ENROLLED}


def test_the_result_is_the_impact_rate_that_came_out() -> None:
    people = [frozenset({Stage.ENROLLED, Stage.APPLIED})] * 6
    rows = funnel(DESIGN, people, Share(4, 6), 5)
    assert [(row.stage, row.people) for row in rows] == [
        (Stage.ENROLLED, 6),
        (Stage.PREPARED, 0),
        (Stage.TRAINED, 0),
        (Stage.APPLIED, 6),
        (Stage.VERIFIED, 0),
        (Stage.RESULT, 4),
    ]
    assert Stage.RESULT not in {row.stage for row in funnel(DESIGN, people, None, 5)}


def test_of_four_people_only_how_many_there_are_is_told() -> None:
    """To those who see no names elsewhere."""
    people = [frozenset({Stage.ENROLLED, Stage.APPLIED})] * 4
    rows = funnel(DESIGN, people, Share(None, None, Why.FEW), 5)
    assert [(row.people, row.why) for row in rows] == [(4, None), *[(None, Why.FEW)] * 5]
    assert funnel(DESIGN, people, None, 0)[3] == Row(Stage.APPLIED, 4)
