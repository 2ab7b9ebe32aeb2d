"""The performance outcome: what stands today of what was entered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.performance import Entry, EntryKind, performance

_AT = datetime(2026, 3, 1, tzinfo=UTC)


def entry(number: int, kind: EntryKind, value: float, day: int = 1, instead_of: str | None = None) -> Entry:
    return Entry(
        str(number), kind, value, date(2026, 3, day), "a count", _AT + timedelta(hours=number), "G", instead_of
    )


def test_the_way_from_baseline_to_target() -> None:
    """Also where less is better."""
    known = [entry(1, EntryKind.BASELINE, 40), entry(2, EntryKind.TARGET, 20), entry(3, EntryKind.ACTUAL, 35)]
    assert performance("m", "u", known).way == 0.25


def test_what_was_put_right_does_not_stand() -> None:
    """A correction of a correction, too."""
    known = [
        entry(1, EntryKind.ACTUAL, 5),
        entry(2, EntryKind.ACTUAL, 6, instead_of="1"),
        entry(3, EntryKind.ACTUAL, 7, 4, instead_of="2"),
    ]
    found = performance("m", "u", known)
    assert [one.value for one in found.actuals] == [7]
    assert found.replaced == {"1", "2"}
    assert len(found.entries) == 3


def test_without_a_way_nothing_is_said() -> None:
    """A part is missing, or there is nowhere to go."""
    begun = entry(1, EntryKind.BASELINE, 40)
    assert performance("m", "u", [begun]).way is None
    assert performance("m", "u", [begun, entry(2, EntryKind.TARGET, 40), entry(3, EntryKind.ACTUAL, 41)]).way is None


@given(
    st.lists(st.tuples(st.sampled_from(EntryKind), st.integers(-9, 9), st.integers(1, 28)), max_size=9), st.randoms()
)
def test_the_order_given_does_not_matter(given_: list[tuple[EntryKind, int, int]], chance: object) -> None:
    """Only when they were entered does; of a day the last one stands."""
    known = [entry(number, kind, value, day) for number, (kind, value, day) in enumerate(given_)]
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert performance("m", "u", shuffled) == performance("m", "u", known)
    days = [one.day for one in performance("m", "u", known).actuals]
    assert days == sorted(set(days))
