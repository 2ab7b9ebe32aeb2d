"""What may be told of how several people see one person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Capability
from lrs_bridge.domain.rating import Source, is_closed, tell

LISTENING = Capability("listening", "Listening", ("one", "two", "three", "four"))
NOW = datetime(2026, 3, 26, tzinfo=UTC)


def rated(rater: str, source: str, level: int, minute: int = 0) -> Fact:
    return Fact(
        id=f"{rater}/{minute}",
        kind=Kind.RATED,
        at=NOW + timedelta(minutes=minute),
        actor=rater,
        verb="rated",
        capability="listening",
        score=Score(level, 1, 4),
        data={"source": source},
    )


@given(
    colleagues=st.lists(st.integers(1, 4), max_size=6),
    others=st.lists(st.integers(1, 4), max_size=6),
    manager=st.booleans(),
)
def test_no_unnamed_group_under_three_is_ever_told(colleagues: list[int], others: list[int], manager: bool) -> None:
    """And a level that all of them chose is a band, whatever the groups."""
    facts = [rated(f"p{n}", "peer", level) for n, level in enumerate(colleagues)]
    facts += [rated(f"r{n}", "report", level) for n, level in enumerate(others)]
    facts += [rated("m", "manager", 2)] if manager else []
    told = tell(facts, [LISTENING])
    for one in told.views:
        if one.sources[0] in (Source.PEER, Source.REPORT):
            assert one.raters >= 3
            points = [
                *(colleagues if Source.PEER in one.sources else []),
                *(others if Source.REPORT in one.sources else []),
            ]
            assert len(points) == one.raters
            assert (one.levels["listening"] is None) == (len(set(points)) == 1)
    shown = {source for one in told.views for source in one.sources}
    assert not shown & set(told.hidden)
    assert (Source.MANAGER in shown) == manager


def test_the_latest_of_a_rater_counts() -> None:
    (view_,) = tell([rated("m", "manager", 1), rated("m", "manager", 3, 5)], [LISTENING]).views
    assert view_.levels == {"listening": 3.0}


@pytest.mark.parametrize(("over", "asked", "answers", "closed"), [
    (False, True, 3, False), (True, True, 2, False), (True, True, 3, True), (True, False, 0, True),
])  # fmt: skip
def test_a_round_is_closed_when_it_is_over_and_can_be_told(over: bool, asked: bool, answers: int, closed: bool) -> None:
    told = tell([rated(f"p{n}", "peer", n + 1) for n in range(answers)], [LISTENING])
    assert is_closed(over, asked, told) is closed
