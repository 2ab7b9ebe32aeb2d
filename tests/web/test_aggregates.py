"""Totals of what people said: hidden while few stand behind them, still during the run, a band when all are alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from lrs_bridge.domain.evaluators import Active, Evaluator, Level
from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.publications import Figure, Publication
from lrs_bridge.hooks.testing import DAY_ZERO, RUN, journey, on, step
from lrs_bridge.store.results import ResultRow
from lrs_bridge.web.aggregates import Aggregate, aggregate

AT = datetime(2026, 5, 1, tzinfo=UTC)


def _row(outcome: Outcome, k: int = 5) -> ResultRow:
    result = Result("said", Subject.cohort(RUN.id), AT, outcome, {"k": k}, "said", "1.0.0", "lrs-bridge 0.1.0", "")
    return ResultRow(indicator="said", value=outcome.value, computed=AT, body=result.as_dict())


def _evaluator(audience: str = "aggregate", bounds: tuple[float, float] = (0.0, 100.0)) -> Active:
    asked = {Level.COHORT: lambda *_: Outcome(1.0)}
    declared = Evaluator(
        key="said", title="Said", version="1.0.0", functions=asked, audience={Role.FACILITATOR: audience}, bounds=bounds
    )
    return Active(declared, {})


def _shown(
    now: float | None,
    published: float | None,
    n: int = 9,
    *,
    k: int = 5,
    day: int = 60,
    alike: bool = False,
    one: Active | None = None,
    present: int = 12,
) -> Aggregate:
    """`now` is the present value, of `present` people; `published` what came out, of `n`."""
    row = _row(Outcome(now, Status.OK if now is not None else Status.NOT_STARTED, n=present), k)
    figure = Figure(_row(Outcome(published, n=n), k).body, alike) if published is not None else None
    out = Publication("said", 1, False, {"": figure}) if figure else None
    run: Any = SimpleNamespace(run=RUN, day_zero=DAY_ZERO, closed=None, journey=journey(step("S1", due=50)))
    visit: Any = SimpleNamespace(now=on(day) + timedelta(hours=1))
    return aggregate(one or _evaluator(), row, "The indicator", out, [], run, visit)


def test_what_came_out_is_shown_and_not_what_is_true_by_now():
    tile = _shown(80.0, 62.4, day=20).tile
    assert tile.shown == "62"
    assert "Nine people" in tile.say
    assert "stands still" in tile.say


def test_before_anything_came_out_nothing_is_shown_and_the_reason_is():
    tile = _shown(80.0, None, day=20).tile
    assert (tile.shown, tile.word) == (None, "Hidden")
    assert "5 more people have answered" in tile.say


@pytest.mark.parametrize(("n", "k"), [(4, 5), (9, 10), (4, 1)])
def test_fewer_people_than_k_hide_it(n: int, k: int):
    """And never under five, whatever a setting once was; also what came out while k was smaller."""
    for found in (_shown(62.4, 62.4, n, k=k), _shown(62.4, None, k=k, present=n)):
        assert (found.tile.shown, found.tile.word, found.row) == (None, "Hidden", None)
        assert f"Fewer than {max(k, 5)}" in found.tile.say


@pytest.mark.parametrize(
    ("value", "alike", "bounds", "band"),
    [
        (60.0, True, (0.0, 100.0), "60 to 80"),
        (98.0, False, (0.0, 100.0), "95 to 100"),
        (2.0, False, (0.0, 100.0), "0 to 5"),
        (100.0, False, (-100.0, 100.0), "90 to 100"),
        (0.0, False, (-100.0, 100.0), None),
    ],
)
def test_who_are_all_alike_are_told_by_a_band(value: float, alike: bool, bounds: tuple[float, float], band: str | None):
    found = _shown(value, value, alike=alike, one=_evaluator(bounds=bounds))
    assert (found.tile.word if band else found.tile.shown) == (band or "0")
    assert (found.row is None) == (band is not None)


def test_what_teachers_see_by_name_follows_the_record():
    assert _shown(80.0, 62.4, day=20, one=_evaluator("named")).tile.shown == "80"
    assert _shown(80.0, None, day=20, one=_evaluator("named"), present=4).tile.word == "Hidden"


def test_nothing_known_is_no_zero():
    tile = _shown(None, None).tile
    assert (tile.shown, tile.word) == (None, "Not yet")
