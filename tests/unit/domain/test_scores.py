"""What of an indicator reaches a gradebook: points within their column, and a time later than the last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.scores import points, stamp_after

NOW = datetime(2026, 3, 26, 12, 0, 0, 250_000, tzinfo=UTC)
MOMENTS = st.integers(0, 4_000_000_000_000).map(lambda milliseconds: datetime.fromtimestamp(milliseconds / 1000, UTC))


@pytest.mark.parametrize(
    ("value", "maximum", "expected"),
    [
        (0.0, 100.0, 0.0),
        (100.0, 100.0, 100.0),
        (38.885, 100.0, 38.89),
        (12.5, 0.1, 0.01),
        (33.3333, 20.0, 6.67),
        (120.0, 100.0, 100.0),
        (-5.0, 100.0, 0.0),
    ],
)
def test_points_are_rounded_half_up_and_stay_in_their_column(value: float, maximum: float, expected: float) -> None:
    """Moodle would cap what is over and make zero of what is below; so the page says the same as the gradebook."""
    assert points(value, maximum) == expected


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e6).map(lambda maximum: round(maximum, 2)))
def test_no_value_leaves_its_column(value: float, maximum: float) -> None:
    """Whatever an evaluator says, and never in more than two decimals."""
    found = points(value, maximum)
    assert 0 <= found <= maximum
    assert round(found, 2) == found


def test_a_first_score_is_stamped_with_the_time_of_sending() -> None:
    """Not of acting: an activity's own column stores the LMS's clock, and wants something later."""
    assert stamp_after(None, NOW) == NOW


@given(MOMENTS, MOMENTS)
def test_each_score_is_later_than_the_last_in_whole_seconds(last: datetime, now: datetime) -> None:
    """As Moodle compares them; and never earlier than it is sent, however fast the last one followed."""
    stamp = stamp_after(last, now)
    assert stamp >= now
    assert stamp >= last + timedelta(seconds=1)
    assert int(stamp.timestamp()) > int(last.timestamp())
