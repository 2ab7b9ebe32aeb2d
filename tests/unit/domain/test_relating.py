"""Spans of days, and chains of leaders that must not close."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.relating import Leads, Span, closes_a_loop

DAY = date(2026, 3, 1)
DAYS = st.one_of(st.none(), st.integers(0, 30).map(lambda n: DAY + timedelta(n)))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first, last = draw(DAYS), draw(DAYS)
    return Span(last, first) if first and last and last < first else Span(first, last)


EVERY_DAY = [DAY + timedelta(n) for n in range(-1, 32)]
LEADS = st.builds(Leads, st.sampled_from("abcde"), st.sampled_from("abcde"), spans())


@given(spans(), spans())
def test_spans_overlap_where_a_day_is_in_both(one: Span, other: Span) -> None:
    """And what they have in common is those days."""
    both = [day for day in EVERY_DAY if one.holds_on(day) and other.holds_on(day)]
    assert one.overlaps(other) == bool(both)
    if both:
        assert [day for day in EVERY_DAY if one.meets(other).holds_on(day)] == both


@given(st.lists(LEADS, max_size=8), LEADS)
def test_a_loop_is_closed_on_some_day_or_not_at_all(known: list[Leads], new: Leads) -> None:
    """The same as walking up on each single day."""
    assert closes_a_loop(known, new) == (
        new.person == new.leader or any(_led(known, new, day) for day in EVERY_DAY if new.span.holds_on(day))
    )


def _led(known: list[Leads], new: Leads, day: date) -> bool:
    reached, edge = {new.leader}, [new.leader]
    while edge:
        at = edge.pop()
        for one in known:
            if one.person == at and one.span.holds_on(day) and one.leader not in reached:
                reached.add(one.leader)
                edge.append(one.leader)
    return new.person in reached


def test_who_led_once_may_be_led_afterwards() -> None:
    """Mark managed Petra until March; from April it is the other way round."""
    before = Leads("petra", "mark", Span(None, date(2026, 3, 31)))
    assert not closes_a_loop([before], Leads("mark", "petra", Span(date(2026, 4, 1), None)))
    assert closes_a_loop([before], Leads("mark", "petra", Span(date(2026, 3, 31), None)))
