"""Questions to decide about: each from figures that are told, none from what is hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lrs_bridge.domain.chain import ChainStep
from lrs_bridge.domain.coaching import THEMES
from lrs_bridge.domain.insights.figures import Figures, RunLine
from lrs_bridge.domain.insights.funnel import Row, Stage
from lrs_bridge.domain.insights.matrix import Count, Group, Matrix
from lrs_bridge.domain.insights.pair import Mean, Pair
from lrs_bridge.domain.insights.questions import MOST, questions
from lrs_bridge.domain.insights.shares import Share, Why
from lrs_bridge.domain.journey import Phase
from lrs_bridge.domain.publications import Rule
from lrs_bridge.hooks.testing import step

FIGURES = Figures(as_of=datetime(2026, 5, 1, tzinfo=UTC), people=24, target=40.0)
TALK = step("T1", type="conversation", owner="manager", phase=Phase.BEFORE, opens=-7, due=-1)
WATCH = step("T2", type="observation", owner="manager", phase=Phase.AFTER, opens=7, due=14)


def about(**parts: Any) -> list[str]:
    return [one.about for one in questions(replace(FIGURES, **parts))]


def line(rate: Share, day: date, **more: Any) -> RunLine:
    parts: dict[str, Any] = {"pilot": False, "closed": True, "people": 24, "means": {}, "impact": rate} | more
    return RunLine(course="Course", day_zero=day, version=1, **parts)


def test_a_run_of_which_nothing_is_known_asks_nothing() -> None:
    assert questions(FIGURES) == []


def test_fewer_than_half_of_the_talks_before_day_zero() -> None:
    found = questions(replace(FIGURES, chain=[ChainStep(TALK, 2, 1, 5)]))
    assert found[0].about == "Fewer than half of the talks of managers before day zero took place: 3 of 8."
    assert found[0].ask == "Who asks the managers, and by when?"
    assert not about(chain=[ChainStep(TALK, 4, 0, 4)])


def test_the_weakest_later_step_of_the_managers() -> None:
    (said,) = about(chain=[ChainStep(WATCH, 1, 1, 6), ChainStep(TALK, 8, 0, 0)])
    assert "took place 2 of 8 times" in said


@pytest.mark.parametrize(
    ("count", "said"),
    [(3, "under 20 %"), (8, "under this run’s own target"), (12, "meets this run’s target"), (20, "80 % or more")],
)
def test_the_impact_rate_between_its_marks(count: int, said: str) -> None:
    (found,) = about(impact=Share(count, 24))
    assert said in found


def test_a_hidden_rate_asks_nothing() -> None:
    assert about(impact=Share(None, None, Why.BAND, "hardly any")) == []


def test_the_first_place_where_more_than_half_get_lost() -> None:
    rows = [Row(Stage.ENROLLED, 24), Row(Stage.PREPARED, 20), Row(Stage.TRAINED, 20), Row(Stage.APPLIED, 8)]
    (found,) = about(funnel=[*rows, Row(Stage.VERIFIED, 1)])
    assert found == "Fewer than half of those who were there before applied something afterwards: 8 of 20."
    assert about(funnel=[Row(Stage.ENROLLED, 4), Row(Stage.PREPARED, None, Why.FEW)]) == []


def test_what_half_of_a_group_expected() -> None:
    group = Group("manager", 6, {THEMES[2]: Count(4), THEMES[3]: Count(1)})
    hidden = Group("coach", rule=Rule.FEW)
    (found,) = questions(replace(FIGURES, matrix=Matrix(True, [group, hidden])))
    assert found.factor == THEMES[2]
    assert "{factor}" in found.about


def test_what_hindered_more_than_it_helped() -> None:
    helped = Group("helped", 20, {THEMES[0]: Count(9), THEMES[1]: Count(2)})
    hindered = Group("hindered", 20, {THEMES[0]: Count(3), THEMES[1]: Count(8)})
    (found,) = questions(replace(FIGURES, matrix=Matrix(after=[helped, hindered])))
    assert found.factor == THEMES[1]


@pytest.mark.parametrize(
    ("person", "business", "said"),
    [(4.5, 2.0, "little of it for the business"), (2.0, 4.5, "little for themselves"), (4.0, 4.0, None)],
)
def test_worth_to_one_side_only(person: float, business: float, said: str | None) -> None:
    sides = Pair(Mean("p", person, person, 12), Mean("b", business, business, 12))
    found = about(pair=sides)
    assert [said in one for one in found if said] == ([True] if said else [])
    assert about(pair=Pair(Mean("p", 4.0, 5.0, 12), Mean("b", business, business, 12))) == []


def test_a_goal_that_nobody_entered_is_asked_for_where_the_reader_sees_it() -> None:
    assert "Nobody has entered" in about(performance_told=True)[0]
    assert about(performance_told=False) == []


def test_the_run_before_is_a_run_and_no_pilot() -> None:
    this = line(Share(6, 24), date(2026, 3, 2), this=True)
    before = line(Share(12, 24), date(2025, 9, 1))
    told = {"impact": Share(6, 24), "target": None}
    assert "than in the run before" in " ".join(about(runs=[this, before], **told))
    assert about(runs=[this, replace(before, pilot=True)], **told) == []
    assert about(runs=[replace(this, pilot=True), before], **told) == []


def test_at_most_five() -> None:
    """Those about what others have to do stand first."""
    found = questions(
        replace(
            FIGURES,
            chain=[ChainStep(TALK, 0, 0, 8), ChainStep(WATCH, 0, 0, 8)],
            impact=Share(2, 24),
            funnel=[Row(Stage.ENROLLED, 24), Row(Stage.PREPARED, 2)],
            matrix=Matrix(True, [Group("manager", 6, {THEMES[2]: Count(4)})]),
            performance_told=True,
        )
    )
    assert len(found) == MOST
    assert "talks of managers" in found[0].about
