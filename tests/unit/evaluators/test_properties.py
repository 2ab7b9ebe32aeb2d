"""What must hold of the default indicators whatever happens in a run."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.events import Kind
from lrs_bridge.hooks import rehearsal
from lrs_bridge.hooks.testing import fact, on, outcome
from tests.unit.evaluators.installed import EVALUATORS

PETRA = rehearsal.PEOPLE[0]
KEYS = sorted(EVALUATORS)
modestly = settings(max_examples=60, deadline=None)
records = st.integers(0, 2**32).map(lambda seed: rehearsal.facts(rehearsal.JOURNEY, PETRA, Random(seed)))
days = st.integers(-20, 120)


def ask(key, facts, day, **more):
    return outcome(EVALUATORS[key], rehearsal.JOURNEY, facts, day=day, person=PETRA, **more)


@modestly
@given(st.sampled_from(KEYS), records, days)
def test_what_happens_later_changes_nothing_now(key, facts, day):
    """A value at a past time can be computed again; only a void reaches back."""
    now = on(day)
    known = [one for one in facts if one.at <= now or one.kind is Kind.VOIDED]
    assert ask(key, facts, now) == ask(key, known, now)


@modestly
@given(st.sampled_from(KEYS), records, days)
def test_a_voided_statement_never_was(key, facts, day):
    """Whenever it is voided."""
    facts = [one for one in facts if one.kind is not Kind.VOIDED]
    void = [fact(Kind.VOIDED, 500, target=one.id) for one in facts[::3]]
    kept = [one for n, one in enumerate(facts) if n % 3]
    assert ask(key, facts + void, day) == ask(key, kept, day)


@modestly
@given(records, days, st.sampled_from(["map", "orientation", "kick_off", "apply", "results"]), st.integers(0, 130))
def test_doing_a_step_never_lowers_completion(facts, day, step, done):
    """But for menus of unequal weight, which the rehearsed journey has not."""
    before = ask("journey_completion", facts, day).value
    after = ask("journey_completion", [*facts, fact(Kind.COMPLETED, done, step)], day).value
    assert (before is None) == (after is None)
    assert before is None or after >= before - 1e-9


@modestly
@given(records, days)
def test_what_the_manager_leaves_undone_never_lowers_completion(facts, day):
    """Nor does anything else of the manager's but a waiver."""
    theirs = {"mark", "nina"}
    own = [one for one in facts if one.actor not in theirs]
    kept = [one for one in facts if one.actor not in theirs or one.kind is Kind.WAIVED]
    assert ask("journey_completion", own, day) == ask("journey_completion", kept, day)


@modestly
@given(records, st.integers(3, 120), st.sampled_from(["M1", "M2", "M3"]), st.integers(0, 4))
def test_another_application_never_lowers_the_value(facts, day, moment, r):
    """On a day of its own. How the result is rated makes no difference to what is posted."""
    last = max(one.at for one in [*facts, fact(Kind.OTHER, day)])
    later = (last - on(0)).days + 1

    def applied(outcome):
        return fact(Kind.APPLIED, later, moment=moment, score=outcome, data={"behaviours": ["B1"]})

    before = ask("mtm_application", facts, later).value
    after = ask("mtm_application", [*facts, applied(r)], later).value
    assert after >= before
    assert after == ask("mtm_application", [*facts, applied(4 - r)], later).value


@modestly
@given(records, days)
def test_a_verification_never_lowers_the_value(facts, day):
    before = ask("mtm_application", facts, day).value
    about = [one for one in facts if one.kind is Kind.APPLIED]
    verified = [fact(Kind.VERIFIED, on(day), target=one.id, actor="mark", role="manager") for one in about]
    after = ask("mtm_application", facts + verified, day).value
    assert (before is None) == (after is None)
    assert before is None or after >= before


@modestly
@given(records, days)
def test_a_confirmation_never_lowers_engagement(facts, day):
    """Of everything the manager did, by the participant, now."""
    before = ask("manager_engagement", facts, day)
    confirmed = [fact(Kind.CONFIRMED, on(day), target=one.id) for one in facts if one.actor in ("mark", "nina")]
    after = ask("manager_engagement", facts + confirmed, day)
    assert before.status is after.status
    assert before.value is None or after.value >= before.value - 1e-9


@modestly
@given(records, days)
def test_a_person_without_a_manager_has_no_engagement(facts, day):
    """Null, never zero."""
    alone = replace(PETRA, managers=())
    result = outcome(EVALUATORS["manager_engagement"], rehearsal.JOURNEY, facts, day=day, person=alone)
    assert result.value is None
