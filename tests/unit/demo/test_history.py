"""The demo's history: the same for the same seed, plausible as work, and writable as statements."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from lrs_bridge.demo.cohort import Habit, cast, day_zero_for
from lrs_bridge.demo.history import history
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.journeyfile import sample
from lrs_bridge.xapi import reading, writing

TODAY = date(2026, 11, 22)
DAY_ZERO = day_zero_for(TODAY)
BERLIN = ZoneInfo("Europe/Berlin")
BASE = "https://bridge.example/tenants/5b0c7f7e-7f0f-4d3f-9a55-0a3a1b5a7f11"


@pytest.fixture(scope="module")
def journey():
    return sample("field-coaching-90")


@pytest.fixture(scope="module")
def events(journey):
    return history(cast(), journey, DAY_ZERO, TODAY, 1)


def of(events, key, *kinds):
    account = cast().by_key[key].account
    return [e for e in events if e.actor == account and e.kind in kinds]


def about(events, key):
    registration = cast().by_key[key].registration
    return [e for e in events if e.registration == registration]


def test_the_same_seed_and_days_give_the_same_history(events, journey):
    """Down to the ids."""
    assert history(cast(), journey, DAY_ZERO, TODAY, 1) == events


def test_another_seed_gives_another_history(events, journey):
    """Same people, other luck."""
    other = history(cast(), journey, DAY_ZERO, TODAY, 2)
    assert {e.id for e in other}.isdisjoint(e.id for e in events)


@pytest.mark.parametrize("offset", range(7))
def test_every_event_can_be_written_and_read_back(journey, offset):
    """On whatever weekday the demo starts, each event fits its template, and the fact says what the event said."""
    today = TODAY + timedelta(days=offset)
    for event in history(cast(), journey, day_zero_for(today), today, 1):
        fact = reading.read(writing.statement(event, BASE), BASE)
        assert (fact.kind, fact.actor, fact.registration, fact.step) == (
            event.kind,
            event.actor,
            event.registration,
            event.step,
        )


def test_no_event_has_the_id_of_another(events):
    """Otherwise recording would lose one."""
    assert len({e.id for e in events}) == len(events)


def test_the_history_covers_ninety_days_and_ends_yesterday(events):
    """From the first enrolments to the day before the demo starts."""
    days = [e.at.astimezone(BERLIN).date() for e in events]
    assert (max(days) - min(days)).days >= 85
    assert max((e.recorded or e.at).astimezone(BERLIN).date() for e in events) < TODAY


def test_people_act_on_workdays_at_working_hours(events):
    """By the clock of the run's time zone; only entering something may happen at the weekend."""
    for event in events:
        local = event.at.astimezone(BERLIN)
        assert local.weekday() < 5 or event.kind is Kind.REGISTERED, event
        assert 7 <= local.hour <= 20, event


def test_an_answer_comes_after_what_it_answers(events):
    """Verifications, confirmations, disputes and approvals refer to a statement that is there already."""
    entered = {e.statement_id: e.recorded or e.at for e in events}
    answers = [e for e in events if e.refers_to]
    assert len(answers) > 80
    for event in answers:
        assert entered[event.refers_to] < event.at, event


def test_a_route_follows_the_rule_at_sixty_percent(events, journey):
    """The tool writes the route by the pre-assessment; Nikolai handed nothing in, so that a person decides."""
    for participant in cast().participants:
        own = about(events, participant.key)
        if participant.key == "nikolai":
            assert not [e for e in own if e.kind in (Kind.ASSESSED, Kind.ROUTED)]
            continue
        pre = next(e for e in own if e.kind is Kind.ASSESSED and e.step == "S03")
        route = next(e for e in own if e.kind is Kind.ROUTED)
        percent = 100 * pre.score.raw / pre.score.max
        assert route.data["route"] == ("mid_high" if percent >= 60 else "low")
        assert pre.score.raw == sum(pre.data["criteria"].values())
        assert route.role is Role.SYSTEM


def test_only_whoever_managed_on_that_day_acts_as_manager(events):
    """Also around the change of manager, and never for Clara."""
    members = {m.account: m for m in cast().members}
    enrolled = {p.registration: p for p in cast().participants}
    for event in events:
        if event.role is not Role.MANAGER or members[event.actor].role is not Role.MANAGER or event.refers_to:
            continue
        day = (event.at.astimezone(BERLIN).date() - DAY_ZERO).days
        assert cast().manager_of(enrolled[event.registration], day).account == event.actor, event
    assert not [e for e in about(events, "clara") if e.role is Role.MANAGER]


def test_some_never_answer(events):
    """Silent participants are enrolled and routed, may have come to the kick-off, and write nothing."""
    for participant in cast().participants:
        if participant.habit is Habit.SILENT:
            kinds = {e.kind for e in events if e.actor == participant.account}
            assert kinds <= {Kind.REGISTERED, Kind.ATTENDED, Kind.PRACTISED}


def test_the_record_holds_what_a_real_one_holds(events):
    """Late, claimed only, disputed, verified by a peer, without a chance, and entered much too late."""
    assert {e.kind for e in events} >= {
        Kind.PLANNED,
        Kind.APPROVED,
        Kind.ATTENDED,
        Kind.ROUTED,
        Kind.ASSESSED,
        Kind.COACHED,
        Kind.COMMENTED,
        Kind.ANSWERED,
        Kind.LACKED_OPPORTUNITY,
    }
    assert [e for e in events if e.kind is Kind.VERIFIED and e.role is Role.PEER]
    assert [e for e in events if e.kind is Kind.DISPUTED and e.role is Role.PARTICIPANT]
    assert [e for e in events if e.kind is Kind.DISPUTED and e.role is Role.MANAGER]
    assert [e for e in events if e.recorded and e.recorded - e.at > timedelta(days=14)]
    answered = {e.refers_to for e in events if e.kind in (Kind.CONFIRMED, Kind.DISPUTED)}
    talks = [e for e in events if e.kind is Kind.TALKED_WITH and e.role is Role.MANAGER]
    assert 0 < len([e for e in talks if e.statement_id not in answered]) < len(talks)


def test_petra_has_something_to_do_and_mark_something_to_verify(events):
    """One of the last three applications and the survey are hers to do; two moments and a word wait."""
    applied = of(events, "petra", Kind.APPLIED)
    assert [e.step for e in applied].count("S23") == 2
    assert {e.moment for e in applied} == {"M1", "M2"}
    assert not of(events, "petra", Kind.ANSWERED)
    said = {e.refers_to for e in of(events, "mark", Kind.VERIFIED, Kind.DISPUTED)}
    waiting = [e for key in ("petra", "ben") for e in of(events, key, Kind.APPLIED) if e.statement_id not in said]
    assert len({e.actor for e in waiting}) == 2
    confirmed = {e.refers_to for e in of(events, "petra", Kind.CONFIRMED)}
    observed = [e for e in of(events, "mark", Kind.OBSERVED) if e in about(events, "petra")]
    assert [e.statement_id in confirmed for e in observed].count(False) == 1
