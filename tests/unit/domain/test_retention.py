"""What is over for how long."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.data_map import DATA_MAP, Kept
from lrs_bridge.domain.retention import Terms, is_due, months_after, tables_kept

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 3, 2), 12, date(2027, 3, 2)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, then: date):
    assert months_after(day, months) == then


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_more_months_are_later(day: date, some: int, more: int):
    assert months_after(day, some) <= months_after(day, some + more)


@given(DAYS, st.integers(1, 60))
def test_it_is_due_on_the_day_itself_and_not_before(day: date, months: int):
    then = months_after(day, months)
    assert is_due(day, months, then)
    assert not is_due(day, months, then - timedelta(days=1))
    assert not is_due(None, months, then)


def test_terms_are_said_in_words():
    assert Terms().said(Kept.WORDS) == "12 months after the run"
    assert Terms(process=36).said(Kept.PROCESS) == "36 months after the run"
    assert Terms().said(Kept.SHORT) == "hours"


def test_texts_go_before_process_facts_and_totals_stay():
    words, process = tables_kept(DATA_MAP, True), tables_kept(DATA_MAP, False)
    assert {"note", "coaching_note", "hand_in"} <= words
    assert {"fact", "event", "result", "score"} <= process
    assert not words & process
    assert "result_of_day" not in words | process
