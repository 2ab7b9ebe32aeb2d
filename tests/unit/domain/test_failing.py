"""The rule by which a failing evaluator is switched off, and comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.failing import Call, Conduct, Fault, Rule, Standing, after, first_line

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RULE = Rule()
FAULTS = st.sampled_from([None, Fault.ERROR, Fault.WRONG])
CALLS = st.lists(st.builds(Call, st.sampled_from("abcd"), st.floats(0, 1), FAULTS, st.just("no luck")), max_size=40)


def failed(subject: str, fault: Fault = Fault.ERROR) -> Call:
    return Call(subject, 0.1, fault, "ZeroDivisionError: division by zero")


def test_ten_failures_in_a_row_about_three_people_switch_off():
    calls = [failed("abc"[index % 3]) for index in range(10)]
    assert after(Conduct(), calls[:9], RULE, NOW).standing is Standing.ON
    off = after(Conduct(), calls, RULE, NOW)
    assert off.standing is Standing.OFF
    assert off.why == (
        "It failed 10 times in a row, about 3 or more people or groups. "
        "The last one: ZeroDivisionError: division by zero"
    )


def test_failing_about_one_person_again_and_again_costs_nobody_else_the_indicator():
    assert after(Conduct(), [failed("a")] * 100, RULE, NOW).standing is Standing.ON


def test_a_good_answer_between_them_begins_the_count_anew():
    calls = [failed("abc"[index % 3]) for index in range(9)]
    assert after(Conduct(), [*calls, Call("d"), *calls], RULE, NOW).standing is Standing.ON


def test_what_is_slow_again_and_again_is_switched_off_whatever_lies_between():
    """Also where it comes back in the end: everybody has waited for it."""
    slow = [Call("a", 11.0), Call("b"), Call("c", 10.0, Fault.SLOW), Call("d")]
    conduct = after(Conduct(), slow * 2, RULE, NOW)
    assert conduct.standing is Standing.ON
    assert after(conduct, slow, RULE, NOW + timedelta(minutes=59)).standing is Standing.OFF
    assert after(conduct, slow, RULE, NOW + timedelta(minutes=61)).standing is Standing.ON


def test_taking_the_process_with_it_switches_off_at_once():
    assert after(Conduct(), [failed("a", Fault.ENDED)], RULE, NOW).standing is Standing.OFF


@pytest.mark.parametrize(
    ("calls", "standing"),
    [([Call("a")], Standing.ON), ([failed("a")], Standing.OFF), ([Call("a"), failed("b")], Standing.OFF)],
)
def test_a_trial_ends_with_the_first_answer(calls: list[Call], standing: Standing):
    tried = after(Conduct(Standing.TRIAL, in_a_row=10, subjects=("a", "b", "c")), calls, RULE, NOW)
    assert tried.standing is standing
    assert after(tried, [], RULE, NOW) == tried
    if standing is Standing.ON:
        assert tried == Conduct()


def test_a_trial_goes_on_until_somebody_was_asked():
    trial = Conduct(Standing.TRIAL)
    assert after(trial, [], RULE, NOW) == trial


@given(CALLS)
def test_it_is_never_off_without_that_many_failures_at_its_end(calls: list[Call]):
    conduct = after(Conduct(), calls, RULE, NOW)
    row = 0
    for call in calls:
        row = 0 if call.fault is None else row + 1
    assert conduct.in_a_row == row
    assert (conduct.standing is Standing.OFF) == (
        row >= RULE.failures and len({call.subject for call in calls[len(calls) - row :]}) >= RULE.subjects
    )


@given(CALLS, st.integers(0, 40))
def test_it_is_all_one_whether_calls_are_noted_together_or_apart(calls: list[Call], cut: int):
    """While it is on: batches have their own size in each process."""
    apart = after(after(Conduct(), calls[:cut], RULE, NOW), calls[cut:], RULE, NOW)
    together = after(Conduct(), calls, RULE, NOW)
    if apart.standing is Standing.ON:
        assert apart == together


@given(st.text())
def test_the_first_line_can_always_be_kept(text: str):
    line = first_line(text)
    assert len(line) <= 500
    assert "\0" not in line
    assert "\n" not in line
    line.encode()


def test_the_first_line_is_the_first_that_says_something():
    assert first_line("\n\n  KeyError: 'x'\n  File ...") == "KeyError: 'x'"
