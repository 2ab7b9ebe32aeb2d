"""The demo's history as statements: each follows its template, each registration the journey pattern."""

from datetime import date, timedelta
from random import Random

import pytest

from lrs_bridge.demo.cohort import cast, day_zero_for
from lrs_bridge.demo.history import history
from lrs_bridge.domain.events import Kind
from lrs_bridge.journeyfile import sample
from lrs_bridge.xapi import names, writing
from lrs_bridge.xapi.checking.statements import Checker, Naming, journeys
from lrs_bridge.xapi.patterns import Outcome
from lrs_bridge.xapi.profile import load

TODAY = date(2026, 11, 22)
BASE = "https://bridge.example/tenants/5b0c7f7e-7f0f-4d3f-9a55-0a3a1b5a7f11"


def statements(offset=0):
    today = TODAY + timedelta(days=offset)
    events = history(cast(), sample("field-coaching-90"), day_zero_for(today), today, 1)
    return [writing.statement(event, BASE) for event in events]


@pytest.fixture(scope="module")
def written():
    return statements()


def registration_of(statement):
    return statement["context"].get("registration")


def is_kind(statement, kind):
    return statement["verb"]["id"] == names.VERBS[kind]


@pytest.mark.parametrize("offset", range(7))
def test_the_whole_history_passes(offset):
    """On whatever weekday the demo starts: templates, references among the statements, patterns."""
    made = statements(offset)
    report = Checker([load()], Naming.NAMED).check(made)
    assert report.findings == []
    assert (report.statements, report.unmatched, report.outside) == (len(made), 0, 0)
    assert {following.outcome for following in report.followings} == {Outcome.SUCCESS}


def test_each_registration_has_its_journey(written):
    """Whatever the order in which an LRS hands the statements out."""
    Random(1).shuffle(shuffled := list(written))
    found = journeys(shuffled)
    assert set(found) == {one for one in map(registration_of, written) if one}
    assert {one.outcome for one in found.values()} == {Outcome.SUCCESS}
    assert sum(len(one.statements) for one in found.values()) == sum(
        registration_of(one) is not None for one in written
    )


def test_who_is_enrolled_and_no_more_is_under_way(written):
    """The page may say: not begun yet."""
    enrolled = [one for one in written if is_kind(one, Kind.REGISTERED)]
    assert {one.outcome for one in journeys(enrolled).values()} == {Outcome.PARTIAL}


def test_acts_without_an_enrolment_wait_for_it(written):
    """Acts by hand may be dated before it, so it may still come; then the match says what is looked for."""
    acts = [one for one in written if not is_kind(one, Kind.REGISTERED)]
    found = journeys(acts)
    assert {one.outcome for one in found.values()} == {Outcome.PARTIAL}
    assert all(f"{names.PROFILE}/templates/registered" in one.next for one in found.values())


def test_an_act_after_a_withdrawal_is_a_failure(written):
    """Unless the participant is enrolled again."""
    registration = registration_of(next(one for one in written if is_kind(one, Kind.REGISTERED)))
    own = sorted((one for one in written if registration_of(one) == registration), key=lambda one: one["timestamp"])
    start = next(one for one in own if is_kind(one, Kind.REGISTERED))
    withdrawal = {**start, "id": "44444444-4444-4444-8444-444444444444", "verb": {"id": names.VERBS[Kind.WITHDREW]}}
    withdrawal["timestamp"] = own[-2]["timestamp"]
    found = journeys([*own[:-1], withdrawal, own[-1]])[registration]
    assert (found.outcome, found.stuck) == (Outcome.FAILURE, len(own) + 1)
    back = {**start, "id": "55555555-5555-4555-8555-555555555555", "timestamp": withdrawal["timestamp"]}
    assert journeys([*own[:-1], withdrawal, back, own[-1]])[registration].outcome is Outcome.SUCCESS
