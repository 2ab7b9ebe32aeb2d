"""The worked example of docs/indicators.md, from answers to money, and the same numbers as the plugin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lrs_bridge_evaluators import success_case_study

from lrs_bridge.domain.casework.acts import Action
from lrs_bridge.domain.casework.factors import Source
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.casework.worth import Estimate
from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.domain.people import Person, Role
from lrs_bridge.hooks import Member
from tests.unit.domain.casework.making import HIGH, LOW, MIDDLE, Eva, answered, sources

VALUES = (4000.0, 6000.0, 8000.0, 3000.0, 9000.0)


def point(one: Estimate | None) -> float:
    assert one is not None
    return one.point


@pytest.fixture
def example() -> Study:
    """120 enrolled, 90 answers, 18 High; six of High interviewed, five of them verified."""
    eva = Eva()
    found = sources(120, answered((18, HIGH), (45, MIDDLE), (27, LOW)))
    for number, value in enumerate(VALUES):
        eva.interviews(f"p{number:03}", value * 2, "verified", attribution=0.5, confidence=1.0)
    eva.interviews("p005", 10_000.0, "disagrees")
    eva.does(Action.MONEY, currency="EUR", cost=150_000.0, target=0.4)
    return eva.study(found)


def test_shares_and_interval_are_those_of_the_example(example: Study) -> None:
    assert example.board.counts == {Bucket.HIGH: 18, Bucket.MIDDLE: 45, Bucket.LOW: 27}
    high, middle, low = example.groups
    assert [high.of_respondents, middle.of_respondents, low.of_respondents] == [0.2, 0.5, 0.3]
    assert [high.of_enrolled, middle.of_enrolled, low.of_enrolled] == [0.15, 0.375, 0.225]
    assert high.interval is not None
    assert [round(100 * end, 2) for end in (high.interval.low, high.interval.high)] == [13.04, 29.41]


def test_money_is_that_of_the_example(example: Study) -> None:
    worth = example.worth
    assert worth is not None
    assert worth.value.point == pytest.approx(90_000)
    assert worth.share.point == pytest.approx(0.125)
    assert point(worth.unrealised) == pytest.approx(198_000)
    assert point(worth.roi) == pytest.approx(-0.40)
    assert point(worth.roi_at_target) == pytest.approx(0.92)
    assert round(100 * point(worth.break_even), 2) == 20.83
    assert point(worth.non_use) == pytest.approx(131_250)


def test_the_plugin_says_the_same(example: Study) -> None:
    """Offline, from interviews in the settings: two computations, one set of numbers."""
    members = [
        Member(Person(case.registration, Role.PARTICIPANT, case.registration), _outcome(case.bucket))
        for case in example.board.cases
    ]
    members += [Member(Person(f"silent-{n}", Role.PARTICIPANT), Outcome.none(Status.NOT_STARTED)) for n in range(30)]
    interviews = [
        {"account": f"p{n:03}", "verified": n < 5, "value": value, "attribution": 1.0, "confidence": 1.0}
        for n, value in enumerate((*VALUES, 10_000.0))
    ]
    said = success_case_study.study(members, 0.4, {"interviews": interviews, "cost": 150_000.0})
    worth = example.worth
    assert worth is not None
    assert said["V"] == pytest.approx(worth.value.point)
    assert said["V_median"] == pytest.approx(worth.value_by_median)
    assert said["U"] == pytest.approx(point(worth.unrealised))
    assert said["ROI"] == pytest.approx(point(worth.roi))
    assert said["break_even"] == pytest.approx(point(worth.break_even))
    assert said["cost_of_non_use"] == pytest.approx(point(worth.non_use))


def _outcome(bucket: Bucket) -> Outcome:
    return Outcome(50.0, components={"bucket": str(bucket), "factors": {}})


def test_the_person_of_the_example_is_high_with_60() -> None:
    board = Eva().study(sources(1, answered((1, (3, 3, 2, 1, 0))))).board
    assert (board.cases[0].answer.value, board.cases[0].bucket) == (60.0, Bucket.HIGH)


def test_a_factor_in_place_in_five_of_six_high_and_two_of_six_low_has_a_gap_of_50() -> None:
    eva = Eva()
    found = sources(12, answered((6, HIGH), (6, LOW)))
    for number in range(12):
        in_place = number < 5 or number in (6, 7)
        eva.interviews(f"p{number:03}", factors={"manager_support": "helped" if in_place else "hindered"})
    ranking = eva.study(found).ranking
    assert ranking.source is Source.INTERVIEWS
    (gap,) = ranking.gaps
    assert (gap.high.helped, gap.low.helped) == (5, 2)
    assert gap.gap == pytest.approx(50.0)


def test_ranges_hold_the_points(example: Study) -> None:
    """What is uncertain: how many of High are real, by five of six; here each value is certain."""
    worth = example.worth
    assert worth is not None
    assert round(worth.cases.low, 2) == 7.86
    assert round(worth.cases.high, 2) == 17.46
    for one in (worth.value, worth.unrealised, worth.roi, worth.break_even, worth.non_use, worth.share):
        assert one is not None
        assert one.low <= one.point <= one.high
    assert example.as_of == datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
