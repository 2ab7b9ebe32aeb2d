"""After any trouble every score is there, once, and nothing of ours went where it does not belong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.conformance.misbehaving.campus import COLUMNS, ONE_DATABASE, PEOPLE, Campus
from tests.fakes.endpoints import Trip, kind_of
from tests.fakes.mischief import LOST, NONSENSE, PASSING, RETRY_SECONDS

EVERYWHERE: Mapping[str, Trip] = {**PASSING, **NONSENSE}
TROUBLES = [(kind, name) for kind in ("token", "find", "make") for name in EVERYWHERE]
TROUBLES += [("score", name) for name in (*PASSING, "a page of a proxy", "too much")]
TROUBLES += [(kind, name) for kind in ("make", "score") for name in LOST]


@ONE_DATABASE
@pytest.mark.parametrize(("kind", "name"), TROUBLES)
def test_after_any_trouble_every_score_is_there_once(kind: str, name: str, campus: Campus) -> None:
    """With tokens, with the list of columns, with making one, with scores."""
    campus.lms.trips[kind] = [(EVERYWHERE | LOST)[name]]
    campus.want(50.0)
    campus.days()
    assert campus.lms.trips[kind] == [], "nobody came there"
    campus.check()


@pytest.mark.parametrize("kind", ["token", "find", "make", "score"])
def test_trouble_after_trouble_is_outlasted(kind: str, campus: Campus) -> None:
    """All of it, one after the other, in one place."""
    campus.lms.trips[kind] = list(PASSING.values())
    campus.want(50.0)
    for _ in range(3):
        campus.days()
    assert campus.lms.trips[kind] == []
    campus.check()


@pytest.mark.parametrize("kind", ["token", "find", "make", "score"])
def test_an_lms_is_not_asked_before_the_time_it_named(kind: str, campus: Campus) -> None:
    """For nobody's score, new ones included; then it is."""
    campus.lms.trips[kind] = [PASSING["429 with seconds"]]
    campus.want(50.0, "petra")
    campus.send(at_once=1)
    asked = len(campus.lms.asked)
    for _ in range(3):
        campus.world.clock.on(seconds=RETRY_SECONDS / 3 - 1)
        campus.want(50.0)
        campus.send()
        assert len(campus.lms.asked) == asked
    campus.world.clock.on(seconds=4)
    campus.send()
    assert len(campus.lms.asked) > asked


def test_the_fake_is_an_lms_in_good_order_by_itself(campus: Campus) -> None:
    """Or the tests above would prove little."""
    campus.want(50.0)
    campus.days()
    campus.check()
    kinds = [kind_of(asked) for asked in campus.lms.asked]
    assert {kind: kinds.count(kind) for kind in ("token", "find", "make")} == {"token": 2, "find": 2, "make": 2}
    assert kinds.count("score") == len(PEOPLE) * len(COLUMNS)
