"""The contract check passes the built-in evaluators and finds each way to break it."""

from collections import Counter
from dataclasses import replace

import pytest

from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.hooks import Evaluator, Level
from lrs_bridge.hooks.testing import ContractBroken, check_evaluator, journey, step
from tests.unit.evaluators.installed import EVALUATORS

FEW = {"min_pairs": 2}  # the rehearsals have three people


@pytest.mark.parametrize("key", EVALUATORS)
@pytest.mark.parametrize("seed", range(2))
def test_the_installed_evaluators_keep_the_contract(key, seed):
    small = journey(step("S1", opens=0, due=20), step("S2", "manager", opens=0, due=20))
    check_evaluator(EVALUATORS[key], journeys=[small], seed=seed)


def test_the_rehearsals_say_something_of_every_default_indicator():
    """A check on records that never make a value would check nothing."""
    values = Counter()

    def listening(key, function):
        def listen(*arguments):
            outcome = function(*arguments)
            values[key] += outcome.value not in (None, 0, 100)
            return outcome

        return listen

    for key, one in EVALUATORS.items():
        functions = {level: listening((key, level), function) for level, function in one.functions.items()}
        check_evaluator(replace(one, functions=functions), settings=FEW if key == "skill_gain" else None)
    assert all(values[key, level] >= 10 for key, one in EVALUATORS.items() for level in one.functions), values


def count(journey, evidence, settings, as_of):
    """An honest evaluator: facts counted, null while there are none."""
    if not evidence.facts:
        return Outcome.none(Status.NOT_STARTED)
    return Outcome(float(min(100, len(evidence.facts))), evidence=tuple(fact.id for fact in evidence.facts))


def honest_mean(journey, evidence, settings, as_of):
    values = sorted(member.outcome.value for member in evidence.members if member.outcome.value is not None)
    return Outcome(sum(values) / len(values)) if values else Outcome.none(Status.NOT_STARTED)


def evaluator(function, level=Level.PERSON):
    functions = {Level.PERSON: count, level: function}
    return Evaluator("mine", "Mine", "1.0.0", functions)


def test_an_honest_evaluator_passes():
    check_evaluator(evaluator(honest_mean, Level.COHORT))


def raises(journey, evidence, settings, as_of):
    return Outcome(evidence.facts[0].score.raw)


def zero_for_nothing(journey, evidence, settings, as_of):
    return Outcome(float(min(100, len(evidence.facts))))


def too_much(journey, evidence, settings, as_of):
    return Outcome(100.0 * len(evidence.facts)) if evidence.facts else Outcome.none(Status.NOT_STARTED)


def changes_settings(journey, evidence, settings, as_of):
    settings["k"] = 1
    return count(journey, evidence, settings, as_of)


def no_outcome(journey, evidence, settings, as_of):
    return None


def not_json(journey, evidence, settings, as_of):
    return replace(count(journey, evidence, settings, as_of), components={"when": as_of})


def invented_evidence(journey, evidence, settings, as_of):
    return replace(count(journey, evidence, settings, as_of), evidence=("made-up",))


def repeated_evidence(journey, evidence, settings, as_of):
    return replace(count(journey, evidence, settings, as_of), evidence=tuple(f.id for f in evidence.facts) * 2)


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (raises, "raises IndexError"),
        (zero_for_nothing, "it must be null"),
        (too_much, "not within 0 to 100"),
        (changes_settings, "changes the settings"),
        (no_outcome, "returns NoneType"),
        (not_json, "cannot be written as JSON"),
        (invented_evidence, "the evidence names"),
        (repeated_evidence, "the evidence names"),
    ],
)
def test_a_broken_person_function_is_found(function, complaint):
    with pytest.raises(ContractBroken, match=complaint):
        check_evaluator(evaluator(function))


def test_an_evaluator_that_remembers_is_found():
    asked = Counter()

    def remembers(journey, evidence, settings, as_of):
        asked[evidence.subject.account] += bool(evidence.facts)
        return Outcome(float(asked[evidence.subject.account])) if evidence.facts else Outcome.none(Status.NOT_STARTED)

    with pytest.raises(ContractBroken, match="answers differently asked twice"):
        check_evaluator(evaluator(remembers))


def first_comes_first(journey, evidence, settings, as_of):
    values = [member.outcome.value for member in evidence.members if member.outcome.value is not None]
    return Outcome(values[0]) if values else Outcome.none(Status.NOT_STARTED)


def zero_of_nulls(journey, evidence, settings, as_of):
    return Outcome(float(sum(member.outcome.value or 0 for member in evidence.members) / 100))


@pytest.mark.parametrize(
    ("function", "complaint"),
    [(first_comes_first, "people in another order"), (zero_of_nulls, "it must be null")],
)
def test_a_broken_cohort_function_is_found(function, complaint):
    with pytest.raises(ContractBroken, match=complaint):
        check_evaluator(evaluator(function, Level.COHORT))


def test_other_bounds_can_be_named():
    """A change may be negative."""

    def change(journey, evidence, settings, as_of):
        return Outcome(-50.0) if evidence.facts else Outcome.none(Status.NOT_STARTED)

    check_evaluator(evaluator(change), bounds=(-100, 100))
    with pytest.raises(ContractBroken):
        check_evaluator(evaluator(change))
