"""How far a store was read: forward only, and never past what can be relied on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.position import AHEAD, Position

NOW = datetime(2026, 3, 26, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENTS = st.integers(-1000, 1000).map(lambda minutes: NOW + timedelta(minutes=minutes))


def test_a_page_moves_the_place_to_its_latest_time() -> None:
    assert Position().after([NOW - HOUR, NOW - 2 * HOUR], None, None, NOW) == Position(NOW - HOUR)


def test_an_empty_page_leaves_the_place_where_it_is() -> None:
    assert Position(NOW - HOUR, "2").after([], None, NOW, NOW) == Position(NOW - HOUR)
    assert Position().after([], None, NOW, NOW) == Position()


def test_the_place_is_not_past_what_the_store_calls_consistent() -> None:
    assert Position().after([NOW - HOUR], "2", NOW - 2 * HOUR, NOW) == Position(NOW - 2 * HOUR, "2")


def test_a_statement_of_the_next_century_does_not_hide_the_others() -> None:
    assert Position().after([NOW.replace(year=2126)], None, None, NOW).place == NOW + AHEAD


def test_a_new_pass_begins_before_its_place_and_the_first_one_at_the_beginning() -> None:
    assert Position(NOW).since(HOUR) == NOW - HOUR
    assert Position().since(HOUR) is None


@given(st.none() | MOMENTS, st.lists(MOMENTS), st.none() | MOMENTS)
def test_the_place_never_goes_back_and_never_past_a_bound(
    place: datetime | None, times: list[datetime], through: datetime | None
) -> None:
    found = Position(place).after(times, None, through, NOW).place
    if place is not None:
        assert found is not None
        assert found >= place
    if found is not None and found != place:
        assert found <= min(through or found, NOW + AHEAD, max(times))
