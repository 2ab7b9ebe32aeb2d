"""Which `applied` statements are applications, and how far others stand behind them."""

import pytest

from lrs_bridge.domain import applications
from lrs_bridge.domain.applications import Standing
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Run
from lrs_bridge.hooks.testing import DAY_ZERO, RUN, evidence, fact, journey, on, step

DESIGN = journey(
    step("A2", type="mtm_application", opens=9),
    step("A1", type="mtm_application", opens=3),
    moments=("A", "B"),
    behaviours=("B1",),
)


def seen(facts=(), day=60, run=RUN):
    return applications.of(DESIGN, evidence(facts, on(day), run=run), on(day))


def applied(day=5, **parts):
    return fact(Kind.APPLIED, day, **{"moment": "A", "score": 3, "data": {"behaviours": ["B1"]}, **parts})


def word(kind, about, day, actor="mark", role="manager"):
    return fact(kind, day, target=about.id, actor=actor, role=role)


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        pytest.param({}, True, id="complete"),
        pytest.param({"moment": "own", "personal_moment": True}, True, id="a moment of one's own"),
        pytest.param({"moment": "Z"}, False, id="a moment nobody knows"),
        pytest.param({"moment": None}, False, id="no moment"),
        pytest.param({"data": {}}, False, id="no behaviour"),
        pytest.param({"data": {"behaviours": ["B9"]}}, False, id="only behaviours outside the catalogue"),
        pytest.param({"data": {"behaviours": ["B9", "B1"]}}, True, id="one of the catalogue among others"),
        pytest.param({"data": {"behaviours": "B1"}}, False, id="behaviours that are no list"),
        pytest.param({"moment": "own", "personal_moment": True, "data": {}}, False, id="one's own, no behaviour"),
        pytest.param({"score": None}, False, id="no outcome"),
        pytest.param({"score": 5}, False, id="an outcome off the scale"),
        pytest.param({"score": 2.5}, False, id="an outcome between the marks"),
        pytest.param({"score": 0}, True, id="it made it worse"),
        pytest.param({"day": 2}, False, id="before the first application step opened"),
        pytest.param({"day": 3}, True, id="on the day it opened"),
        pytest.param({"actor": "mark"}, False, id="by somebody else"),
        pytest.param({"registration": "other"}, False, id="of another enrolment"),
    ],
)
def test_what_is_an_application(parts, counts):
    assert len(seen([applied(**parts)]).applications) == counts


def test_one_per_moment_and_local_day_the_first():
    """Half past eleven at night in London is the next day in Berlin."""
    first, same, late = applied(on(5, 9)), applied(on(5, 20)), applied(on(5, 23, 30))
    others = [applied(on(5, 21), moment="B"), applied(6, moment="B")]
    berlin = Run(RUN.id, RUN.journey, 1, DAY_ZERO, "Europe/Berlin")
    facts = [first, same, late, *others]
    assert [one.fact.id for one in seen(facts).applications] == [first.id, others[0].id, others[1].id]
    found = seen(facts, run=berlin).applications
    assert [one.fact.id for one in found] == [first.id, others[0].id, late.id, others[1].id]


def test_a_record_that_is_no_application_does_not_take_the_day():
    good = applied(on(5, 20))
    assert [one.fact.id for one in seen([applied(on(5, 9), score=None), good]).applications] == [good.id]


@pytest.mark.parametrize(
    ("words", "standing", "v", "role"),
    [
        ([], Standing.SELF, 0.6, None),
        ([(Kind.VERIFIED, "otto", "peer")], Standing.VERIFIED, 0.8, "peer"),
        ([(Kind.VERIFIED, "x", "manager")], Standing.VERIFIED, 1.0, "manager"),
        ([(Kind.VERIFIED, "x", "coach")], Standing.VERIFIED, 1.0, "coach"),
        ([(Kind.VERIFIED, "x", "mentor")], Standing.VERIFIED, 1.0, "mentor"),
        ([(Kind.VERIFIED, "x", "sponsor")], Standing.VERIFIED, 1.0, "sponsor"),
        ([(Kind.VERIFIED, "x", "assessor")], Standing.VERIFIED, 1.0, "assessor"),
        ([(Kind.VERIFIED, "x", "facilitator")], Standing.VERIFIED, 0.6, "facilitator"),
        ([(Kind.VERIFIED, "x", None)], Standing.VERIFIED, 0.6, None),
        ([(Kind.VERIFIED, "petra", "manager")], Standing.SELF, 0.6, None),
        ([(Kind.DISPUTED, "petra", "participant")], Standing.SELF, 0.6, None),
        ([(Kind.CONFIRMED, "x", "manager")], Standing.SELF, 0.6, None),
        ([(Kind.DISPUTED, "x", "manager")], Standing.DISPUTED, 0.0, None),
        ([(Kind.VERIFIED, "x", "manager"), (Kind.VERIFIED, "otto", "peer")], Standing.VERIFIED, 1.0, "manager"),
        ([(Kind.VERIFIED, "otto", "peer"), (Kind.VERIFIED, "x", "coach")], Standing.VERIFIED, 1.0, "coach"),
        ([(Kind.VERIFIED, "x", "manager"), (Kind.DISPUTED, "y", "coach")], Standing.DISPUTED, 0.0, None),
        (
            [(Kind.VERIFIED, "x", "manager"), (Kind.DISPUTED, "y", "coach"), (Kind.VERIFIED, "otto", "peer")],
            Standing.VERIFIED,
            0.8,
            "peer",
        ),
    ],
)
def test_whether_it_stands_and_how_far(words, standing, v, role):
    """The latest word of anybody else decides; then the highest role that verified since the last dispute."""
    one = applied()
    said = [word(kind, one, 6 + n, actor, role) for n, (kind, actor, role) in enumerate(words)]
    found = seen([one, *said]).applications[0]
    assert (found.standing, found.v(), found.verified_by) == (standing, v, role)


@pytest.mark.parametrize(
    ("recorded", "stored", "v"),
    [
        (on(19, 12), None, 1.0),
        (on(19, 12, 1), None, 0.6),
        (None, on(30), 0.6),
        (on(6), on(30), 1.0),
        (None, None, 1.0),
    ],
)
def test_backdating_caps_the_factor(recorded, stored, v):
    """More than fourteen days by `recorded`, else by `stored`; with neither there is no cap."""
    one = applied(recorded=recorded, stored=stored)
    assert seen([one, word(Kind.VERIFIED, one, 31)]).applications[0].v() == v


def test_backdating_caps_and_does_not_raise():
    disputed, plain = applied(recorded=on(40)), applied(6, recorded=on(40))
    found = seen([disputed, word(Kind.DISPUTED, disputed, 41), plain]).applications
    assert [one.v() for one in found] == [0.0, 0.6]


@pytest.mark.parametrize(
    ("kinds", "confirmed"),
    [
        ((), 0),
        ((Kind.CONFIRMED,), 1),
        ((Kind.VERIFIED,), 1),
        ((Kind.DISPUTED,), 0),
        ((Kind.CONFIRMED, Kind.DISPUTED), 0),
        ((Kind.DISPUTED, Kind.CONFIRMED), 1),
    ],
)
def test_somebody_else_confirms_that_there_was_no_opportunity(kinds, confirmed):
    lacked = fact(Kind.LACKED_OPPORTUNITY, 10, moment="A")
    said = [word(kind, lacked, 11 + n) for n, kind in enumerate(kinds)]
    assert len(seen([lacked, *said]).confirmed_no_opportunities) == confirmed


def test_ones_own_confirmation_is_none():
    lacked = fact(Kind.LACKED_OPPORTUNITY, 10, moment="A")
    found = seen([lacked, word(Kind.CONFIRMED, lacked, 11, "petra", "participant")])
    assert found.confirmed_no_opportunities == ()


def test_one_lost_opportunity_per_moment_and_day():
    """Two of one moment on one day are one; an unconfirmed one does not stand in the way."""
    lacked = [
        fact(Kind.LACKED_OPPORTUNITY, on(day, hour), moment=moment)
        for day, hour, moment in ((10, 8, "A"), (10, 9, "A"), (10, 10, "A"), (10, 9, "B"), (11, 9, "A"))
    ]
    confirmed = [word(Kind.CONFIRMED, one, 12) for one in lacked[1:]]
    found = seen([*lacked, *confirmed]).confirmed_no_opportunities
    assert [one.fact.id for one in found] == [lacked[1].id, lacked[3].id, lacked[4].id]


def test_a_journey_without_an_application_step_never_opens():
    found = applications.of(journey(step("S1")), evidence([applied()], on(60)), on(60))
    assert (found.opens, found.open, found.applications) == (None, False, ())
