"""Whose facts are whose, and when a result can change by the calendar alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Matches, Phase, Step, Targets
from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run
from lrs_bridge.domain.scope import facts_of, next_change, share_out

RUN = Run("run-1", "j", 1, date(2026, 3, 2), "Europe/Berlin")
VIDEO = Matches("http://v.example/watched", "http://a.example/video")
STEP = Step(
    "A", Phase.BEFORE, "self_study", Role.PARTICIPANT, "a", opens_day=-7, due_day=0, grace_days=2, matches=VIDEO
)
JOURNEY = Journey("j", 1, "t", (STEP,))
PETRA = Person("petra", Role.PARTICIPANT, "r1", identities=("mbox|mailto:petra@x.example", "petra-old"))
PAUL = Person("paul", Role.PARTICIPANT, "r2")
COHORT = Cohort(RUN, "https://home", (PETRA, PAUL, Person("mark", Role.MANAGER, identities=("mbox|mailto:m@x",))))


def fact(actor: str, registration: str | None, verb: str = VIDEO.verb, activity: str | None = VIDEO.activity) -> Fact:
    return Fact("id", Kind.OTHER, datetime(2026, 3, 1, tzinfo=UTC), actor, verb, activity, registration)


@pytest.mark.parametrize(
    ("one", "owner"),
    [
        (fact("petra", "r1", "http://v.example/any", None), "petra"),
        (fact("mark", "r1", "http://v.example/any"), "petra"),
        (fact("paul", "r1"), "petra"),
        (fact("petra", "r9"), None),
        (fact("petra", None), "petra"),
        (fact("petra-old", None), "petra"),
        (fact("mbox|mailto:petra@x.example", None), "petra"),
        (fact("mbox|mailto:m@x", None), None),
        (fact("mark", None), None),
        (fact("petra", None, "http://v.example/other"), None),
        (fact("petra", None, VIDEO.verb, "http://a.example/other"), None),
        (fact("petra", None, VIDEO.verb, None), None),
    ],
)
def test_a_fact_is_the_enrolments_or_the_actors(one, owner):
    """The registration decides; without one, the actor's identities and a step's `matches`."""
    shares = share_out(COHORT, JOURNEY, [one])
    assert set(shares) == {"petra", "paul"}
    assert [account for account, share in shares.items() if share] == ([owner] if owner else [])


FACTS = st.lists(
    st.builds(
        fact,
        st.sampled_from(["petra", "petra-old", "paul", "mark", "mbox|mailto:petra@x.example", "x"]),
        st.sampled_from([None, "r1", "r2", "r9"]),
        st.sampled_from([VIDEO.verb, "http://v.example/other"]),
        st.sampled_from([VIDEO.activity, None]),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(FACTS)
def test_one_by_one_is_the_same_as_all_at_once(facts):
    """`facts_of` for one person and `share_out` for all follow one rule and keep the order."""
    shares = share_out(COHORT, JOURNEY, facts)
    assert {p.account: facts_of(p, JOURNEY, facts) for p in COHORT.participants} == shares


def local(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=RUN.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (datetime(2026, 2, 1, tzinfo=UTC), date(2026, 2, 23)),  # the step opens
        (local(date(2026, 2, 23)), date(2026, 3, 5)),  # the window with its grace is over, and so is the run
        (local(date(2026, 3, 5)) - timedelta(microseconds=1), date(2026, 3, 5)),
        (local(date(2026, 3, 5)), None),
    ],
)
def test_windows_turn_at_local_midnight(as_of, expected):
    """The next change is the next day on which a window opens or is over."""
    found = next_change(JOURNEY, RUN, PETRA, as_of)
    assert found == (local(expected) if expected else None)


@pytest.mark.parametrize(
    ("person", "journey", "expected"),
    [
        (replace(PETRA, withdrawn=date(2026, 2, 3)), JOURNEY, date(2026, 2, 3)),
        (replace(PETRA, enrolled=date(2026, 2, 4)), JOURNEY, date(2026, 2, 4)),
        (replace(PETRA, managers=(Relation("m", end=date(2026, 2, 5)),)), JOURNEY, date(2026, 2, 6)),
        (replace(PETRA, managers=(Relation("m", start=date(2026, 2, 5)),)), JOURNEY, date(2026, 2, 5)),
        (
            replace(PETRA, enrolled=date(2026, 1, 10)),
            replace(JOURNEY, steps=(replace(STEP, from_enrolment=True, opens_day=30, due_day=40),)),
            date(2026, 2, 9),
        ),
    ],
)
def test_people_and_own_windows_turn_too(person, journey, expected):
    """Enrolling, withdrawing, a relation's ends, and windows counted from the own enrolment."""
    assert next_change(journey, RUN, person, datetime(2026, 2, 1, tzinfo=UTC)) == local(expected)


def test_periods_turn_until_the_run_ends():
    """A period of two weeks begins anew every fourteenth day from day zero."""
    long = replace(STEP, due_day=40, grace_days=0)
    journey = replace(JOURNEY, steps=(long,), targets=Targets(period_days=14))
    turns, at = [], local(date(2026, 3, 2))
    while (found := next_change(journey, RUN, PETRA, at)) is not None:
        turns.append(found)
        at = found
    assert turns == [local(date(2026, 3, 2) + timedelta(days=n)) for n in (14, 28, 41)]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 365 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n)),
    st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo", "UTC"]),
    st.integers(-60, 300),
)
def test_the_next_change_is_later_and_on_its_day(as_of, zone, due):
    """In whichever zone, also over a change of clocks: strictly after `as_of`, and the first moment of a local day."""
    run = replace(RUN, time_zone=zone)
    journey = replace(JOURNEY, steps=(replace(STEP, opens_day=-61, due_day=due),))
    found: Any = next_change(journey, run, PETRA, as_of)
    if found is not None:
        assert found > as_of
        assert run.local_day(found) > run.local_day(as_of)
        assert run.local_day(found - timedelta(microseconds=1)) < run.local_day(found)
