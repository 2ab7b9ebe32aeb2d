"""Totals of what people said: hidden while few stand behind them, while the run goes on, and when all are alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.hooks.testing import DAY_ZERO, RUN, journey, on, step
from lrs_bridge.store.results import ResultRow
from lrs_bridge.web.aggregates import aggregate_tile
from lrs_bridge.web.tiles import Tile

AT = datetime(2026, 5, 1, tzinfo=UTC)


def row(outcome: Outcome, subject: Subject, indicator: str, k: int) -> ResultRow:
    result = Result(indicator, subject, AT, outcome, {"k": k}, indicator, "1.0.0", "lrs-bridge 0.1.0", "")
    return ResultRow(indicator=indicator, value=outcome.value, computed=AT, body=result.as_dict())


def shown(
    value: float | None,
    n: int,
    *,
    day: int = 60,
    own: tuple[float, ...] = (),
    indicator: str = "line_of_sight",
    k: int = 5,
    components: dict[str, Any] | None = None,
) -> Tile:
    status = Status.OK if value is not None else Status.NOT_STARTED
    cohort = row(Outcome(value, status, n=n, components=components or {}), Subject.cohort(RUN.id), indicator, k)
    people = [row(Outcome(one), Subject.person(str(one)), indicator, k) for one in own]
    run: Any = SimpleNamespace(run=RUN, day_zero=DAY_ZERO, closed=None, journey=journey(step("S1", due=50)))
    visit: Any = SimpleNamespace(now=on(day) + timedelta(hours=1))
    return aggregate_tile(cohort, "The indicator", people, run, visit)


def test_the_value_of_five_people_or_more_after_the_run():
    assert shown(62.4, 5, own=(50, 60, 70, 62, 70)).shown == "62"


@pytest.mark.parametrize(("n", "k"), [(4, 5), (9, 10), (4, 1)])
def test_fewer_people_than_k_hide_it(n: int, k: int):
    """And never under five, whatever a setting once was."""
    tile = shown(62.4, n, k=k)
    assert (tile.shown, tile.word) == (None, "Hidden")
    assert "62" not in tile.say


def test_while_the_run_goes_on_nothing_is_shown():
    """Two totals with an answer between them would tell that answer."""
    assert shown(62.4, 12, day=50).shown is None
    assert shown(62.4, 12, day=51).shown == "62"


def test_who_are_all_alike_are_not_told():
    assert shown(60.0, 5, own=(60.0,) * 5).shown is None
    assert shown(98.0, 9, indicator="transfer_climate").shown is None
    assert shown(2.0, 9, indicator="transfer_climate").shown is None
    assert shown(100.0, 9, indicator="reaction", components={"nps": 100.0}).shown is None
    assert shown(0.0, 9, indicator="reaction", components={"nps": 0.0}).shown == "0"


def test_nothing_known_is_no_zero():
    tile = shown(None, 0)
    assert (tile.shown, tile.word) == (None, "Not yet")
