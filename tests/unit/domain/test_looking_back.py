"""What an indicator was on earlier days."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.evaluators import Active
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.failing import TooSlow
from lrs_bridge.domain.looking_back import MOST, days_between, values_on, with_needs
from lrs_bridge.hooks.registry import load
from lrs_bridge.hooks.settings import resolve
from lrs_bridge.hooks.testing import DAY_ZERO, evidence, fact, journey, on, step

KEY = "journey_completion"
STEPS = journey(step("one", opens=0, due=5), step("two", opens=7, due=12))


def active(*keys):
    known = load().evaluators
    return [Active(known[key], resolve(known[key])) for key in keys]


def values(facts, days, now=20):
    of = evidence(facts, on(now))
    wanted = [DAY_ZERO + timedelta(days=day) for day in days]
    return values_on(active(KEY), [KEY], STEPS, of.cohort, of.person, of.facts, wanted, on(now))[KEY]


def test_each_day_knows_what_had_happened_by_its_end():
    done = [fact(Kind.COMPLETED, 3, "one"), fact(Kind.COMPLETED, 9, "two")]
    assert values(done, [-1, 2, 3, 8, 9, 20]) == [None, 0.0, 50.0, 50.0, 100.0, 100.0]


def test_the_last_day_is_as_it_is_now():
    """Not as it will be tonight; a day that has not come is as it is now, too."""
    done = [fact(Kind.COMPLETED, 19, "one"), fact(Kind.COMPLETED, 21, "two")]
    assert values(done, [20, 22], now=20) == [50.0, 50.0]


def test_only_what_is_needed_is_asked():
    everything = active(*load().evaluators)
    assert [one.key for one in with_needs(everything, [KEY])] == [KEY]
    assert {one.key for one in with_needs(everything, ["sponsor_engagement"])} == {
        "manager_engagement",
        "sponsor_engagement",
    }
    assert with_needs(everything, ["nothing"]) == []


@given(st.integers(-400, 2000))
def test_days_are_few_in_order_and_end_today(length):
    today = DAY_ZERO + timedelta(days=length)
    days = days_between(DAY_ZERO, today)
    assert days == sorted(set(days))
    assert days[-1] == today
    assert len(days) <= MOST
    assert days[0] == min(DAY_ZERO, today)


def test_the_first_failure_ends_the_look_back():
    """An evaluator that takes two seconds a day would hold the page for half a minute."""
    of = evidence([fact(Kind.COMPLETED, 3, "one")], on(20))
    asked = []

    def slow(key, _subject, ask):
        asked.append(key)
        if len(asked) == 3:
            raise TooSlow(2.0)
        return ask()

    days = [DAY_ZERO + timedelta(days=day) for day in (2, 5, 8, 20)]
    found = values_on(active(KEY), [KEY], STEPS, of.cohort, of.person, of.facts, days, on(20), slow)
    assert found[KEY] == [None, None, 50.0, 50.0]
    assert len(asked) == 3
