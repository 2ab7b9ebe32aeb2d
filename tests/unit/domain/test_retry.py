"""When to try again: later each time, never all at once, and not before the other side allows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.retry import next_attempt, next_look

NOW = datetime(2026, 3, 26, 12, tzinfo=UTC)
CHANCES = st.floats(0, 1, exclude_max=True)


def wait(attempts: int, chance: float, retry_after: float | None = None) -> float:
    return (next_attempt(NOW, attempts, chance, retry_after) - NOW).total_seconds()


@given(st.integers(0, 50), CHANCES)
def test_the_wait_doubles_and_has_an_end(attempts: int, chance: float) -> None:
    """From half a second to an hour."""
    longest = min(3600.0, 2.0**attempts)
    assert longest / 2 <= wait(attempts, chance) <= longest


def test_chance_spreads_the_wait_over_its_upper_half() -> None:
    """A server that comes back is not met by everybody at the same moment."""
    assert [wait(4, chance) for chance in (0.0, 0.5)] == [8.0, 12.0]


@given(st.integers(0, 50), CHANCES, st.floats(0, 1e9))
def test_the_other_side_may_ask_for_more_and_not_for_ever(attempts: int, chance: float, asked: float) -> None:
    """Retry-After is a floor, up to a day."""
    assert wait(attempts, chance, asked) == pytest.approx(max(wait(attempts, chance), min(asked, 86_400.0)), abs=1e-5)


def test_a_refusal_is_looked_at_after_a_day_then_two_four_and_eight() -> None:
    """And every eight days from then on."""
    found = [(next_look(NOW, attempts) - NOW) / timedelta(days=1) for attempts in (0, 1, 2, 3, 4, 99)]
    assert found == [1, 2, 4, 8, 8, 8]
