"""What must hold of the default indicators whatever happens in a run."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.events import Kind
from lrs_bridge.hooks import Level, Outcome, Status, rehearsal
from lrs_bridge.hooks.testing import fact, group_outcome, on, outcome
from tests.unit.evaluators.installed import EVALUATORS

PETRA = rehearsal.PEOPLE[0]
KEYS = sorted(EVALUATORS)
modestly = settings(max_examples=60, deadline=None)
seeds = st.integers(0, 2**32)
records = seeds.map(lambda seed: rehearsal.facts(rehearsal.JOURNEY, PETRA, Random(seed)))
runs = seeds.map(lambda seed: rehearsal.shared_facts(rehearsal.JOURNEY, Random(f"shared {seed}")))
days = st.integers(-20, 120)


def ask(key, facts, day, **more):
    """Petra's outcome; of an indicator that no participant has, the sponsor's or the cohort's."""
    one = EVALUATORS[key]
    if Level.PERSON in one.functions:
        return outcome(one, rehearsal.JOURNEY, facts, day=day, person=PETRA, **more)
    group = [(person, Outcome.none(Status.INSUFFICIENT_DATA)) for person in rehearsal.PEOPLE]
    leaders = rehearsal.LEADERS[:2]
    sponsor = "sofia" if Level.SPONSOR in one.functions else None
    return group_outcome(one, rehearsal.JOURNEY, group, day=day, sponsor=sponsor, people=leaders, facts=facts, **more)


@modestly
@given(st.sampled_from(KEYS), records, runs, days)
def test_what_happens_later_changes_nothing_now(key, own, shared, day):
    """A value at a past time can be computed again; only a void reaches back."""
    facts = own + shared
    now = on(day)
    known = [one for one in facts if one.at <= now or one.kind is Kind.VOIDED]
    assert ask(key, facts, now) == ask(key, known, now)


@modestly
@given(st.sampled_from(KEYS), records, runs, days)
def test_a_voided_statement_never_was(key, own, shared, day):
    """Whenever it is voided."""
    facts = [one for one in own + shared if one.kind is not Kind.VOIDED]
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


@modestly
@given(records, days, st.sampled_from(["pairs", "group"]), st.integers(10, 60))
def test_a_session_more_never_lowers_coaching(facts, day, step, held):
    """A step that it brings in counts in full, and so never less than the mean; a route left open stays open."""
    before = ask("coaching_reach", facts, day)
    after = ask("coaching_reach", [*facts, fact(Kind.COACHED, held, step, actor="carl", role="coach")], day)
    assert before.value is None or after.value >= before.value - 1e-9


@modestly
@given(records, days)
def test_an_approval_never_lowers_the_line_of_sight(facts, day):
    """Of the latest plan, by the manager, with the goal agreed."""
    plans = [one for one in facts if one.kind is Kind.PLANNED and one.actor == "petra" and one.at <= on(day)]
    approvals = [
        fact(Kind.APPROVED, on(day), "approve", target=one.id, actor="mark", role="manager", data={"goal-agreed": True})
        for one in plans
    ]
    before, after = ask("line_of_sight", facts, day), ask("line_of_sight", facts + approvals, day)
    assert before.status is after.status
    assert before.value is None or after.value >= before.value - 1e-9


@modestly
@given(runs, days)
def test_a_confirmation_never_lowers_a_sponsors_engagement(facts, day):
    """Of every talk, by the managers, now."""
    said = [
        fact(Kind.CONFIRMED, on(day), target=one.id, actor=manager, role="manager")
        for one in facts
        if one.actor == "sofia"
        for manager in ("mark", "nina")
    ]
    before, after = ask("sponsor_engagement", facts, day), ask("sponsor_engagement", facts + said, day)
    assert before.status is after.status
    assert before.value is None or after.value >= before.value - 1e-9


@modestly
@given(runs, days, st.sampled_from(["recommend", "usefulness"]))
def test_another_top_answer_never_lowers_the_reaction(facts, day, item):
    more = fact(
        Kind.ANSWERED, day, "liked", actor="new", registration=None, data={"answers": {item: 10, "recommend": 10}}
    )
    before, after = ask("reaction", facts, day), ask("reaction", [*facts, more], day)
    assert before.value is None or after.value >= before.value - 1e-9


@modestly
@given(st.sampled_from(KEYS), days)
def test_nothing_on_record_is_never_a_value_of_what_people_say(key, day):
    """No data is no zero where a value is made of answers, assessments and ratings alone."""
    if key in ("skill_gain", "capability_progress", "line_of_sight", "reaction", "transfer_climate", "success_case"):
        assert ask(key, [], day).value is None
