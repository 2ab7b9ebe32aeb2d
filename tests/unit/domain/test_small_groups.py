"""What of an aggregate may be shown: the examples of the rules, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.small_groups import K, band, counted, fewest, frozen, hidden, range_of, without_few


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"north": 9, "south": 4}, {"north", "south"}),
        ({"north": 9, "south": 6}, set()),
        ({"a": 4, "b": 4, "c": 12}, {"a", "b"}),
        ({"a": 2, "b": 2, "c": 12, "d": 7}, {"a", "b", "d"}),
        ({"a": 0, "b": 12}, set()),
        ({"a": 4}, {"a"}),
    ],
)
def test_groups_that_could_be_worked_out_are_hidden_with_small_ones(
    sizes: Mapping[str, int], expected: set[str]
) -> None:
    """The total is shown beside them."""
    assert hidden(sizes) == expected


def test_without_a_total_only_small_groups_are_hidden() -> None:
    """There is nothing to subtract from."""
    assert hidden({"north": 9, "south": 4}, total_shown=False) == {"south"}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=8), st.integers(5, 15))
def test_what_is_hidden_cannot_be_found_by_subtraction(sizes: dict[str, int], k: int) -> None:
    """All small groups are hidden; what is hidden is nobody, or at least two groups of k people together, or all."""
    found = hidden(sizes, k=k)
    assert all(group in found for group, size in sizes.items() if 0 < size < k)
    shown = [group for group, size in sizes.items() if size and group not in found]
    if found and shown:
        assert len(found) >= 2
        assert sum(sizes[group] for group in found) >= k


@given(st.lists(st.integers(0, 20)), st.lists(st.integers(0, 20)))
def test_publications_are_frozen(before: list[int], after: list[int]) -> None:
    """What is added never changes what was published: it adds nothing, or news of at least k people."""
    first, then = frozen(before, str), frozen([*before, *after], str)
    assert list(then[: len(first)]) == list(first)
    new = then[len(first) :]
    assert not new or len(set(new)) >= K
    assert not first or len(set(first)) >= K


@given(st.lists(st.integers(0, 20)))
def test_at_the_end_everything_is_published_or_nothing(items: list[int]) -> None:
    """Nothing while fewer than k people stand behind it."""
    assert list(frozen(items, str, over=True)) == (items if len(set(items)) >= K else [])


@pytest.mark.parametrize(
    ("count", "of", "expected"),
    [(0, 20, "hardly any"), (1, 20, None), (19, 20, None), (20, 20, "nearly all"), (0, 0, None)],
)
def test_what_nearly_everybody_or_hardly_anybody_said_is_a_band(count: int, of: int, expected: str | None) -> None:
    """Under 5 percent and over 95."""
    assert band(count, of) == expected


def test_people_are_counted_once_for_each_code() -> None:
    """However often they named it."""
    assert counted([("a", ["x", "y"]), ("a", ["x"]), ("b", ["x"])]) == {"x": 2, "y": 1}


@given(st.lists(st.integers(0, 30), max_size=40))
def test_what_comes_at_the_end_differs_by_enough_people_from_what_was_shown_before(items: list[int]) -> None:
    """Also the last few are in it, and cannot be told by taking one total from the other."""
    during, end = frozen(items, str), frozen(items, str, over=True)
    new = {str(item) for item in end[len(during) :]}
    assert not new or len(new) >= K


@pytest.mark.parametrize(
    ("value", "alike", "expected"),
    [(50.0, False, (50.0, 50.0)), (50.0, True, (40.0, 60.0)), (100.0, True, (95.0, 100.0)), (4.9, False, (0.0, 5.0))],
)
def test_a_band_stands_for_a_number_that_would_tell_too_much(
    value: float, alike: bool, expected: tuple[float, float]
) -> None:
    assert range_of(value, alike=alike) == pytest.approx(expected)


def test_sensitive_factors_take_ten_people_and_others_k() -> None:
    said = {"factors": {"supervisor_sanctions": 2.0, "peer_support": 3.0, "tools": 4.0}}
    kept = without_few({**said, "answers": {"supervisor_sanctions": 9, "peer_support": 5, "tools": 4}})
    assert kept == {"factors": {"peer_support": 3.0}, "answers": {"peer_support": 5}}
    assert (fewest(5), fewest(1), fewest(99), fewest(7, sensitive=True)) == (5, 5, 15, 10)
