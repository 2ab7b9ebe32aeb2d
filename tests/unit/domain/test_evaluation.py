"""Evaluators are asked about everybody in scope; what they answer becomes exactly one result each."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lrs_bridge.domain.evaluation import (
    Active,
    Evaluator,
    Evidence,
    Level,
    evaluate_all,
    evaluate_groups,
    evaluate_person,
    in_order,
)
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.domain.journey import Journey, Phase, Step
from lrs_bridge.domain.people import Cohort, Person, Relation, Role, Run

RUN = Run("run-1", "j", 1, date(2026, 3, 2), "Europe/Berlin")
AS_OF = datetime(2026, 6, 1, 12, tzinfo=UTC)
JOURNEY = Journey("j", 1, "t", (Step("A", Phase.BEFORE, "self_study", Role.PARTICIPANT, "a"),), digest="d1")


def person(account: str, **keys: Any) -> Person:
    return Person(account, Role.PARTICIPANT, registration=f"reg-{account}", **keys)


PETRA = person("petra", area="north", managers=(Relation("mark"),))
PAUL = person("paul", area="south", managers=(Relation("mark", end=date(2026, 4, 1)), Relation("nina")))
PIA = person("pia")
LATER = person("later", enrolled=date(2026, 6, 2), area="east", managers=(Relation("olga"),))
GONE = person("gone", withdrawn=date(2026, 6, 1), area="north")
COHORT = Cohort(RUN, "https://home", (PETRA, PAUL, PIA, LATER, GONE, Person("mark", Role.MANAGER)))


def fact(id_: str, account: str, **keys: Any) -> Fact:
    at = keys.pop("at", AS_OF - timedelta(days=1))
    return Fact(id_, Kind.COMPLETED, at, account, "http://v", "http://a", f"reg-{account}", **keys)


def counting(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    """As many as there are facts; nothing without."""
    if not evidence.facts:
        return Outcome.none(Status.NOT_STARTED)
    ids = tuple(fact.id for fact in evidence.facts)
    return Outcome(float(len(ids)), n=len(ids), evidence=ids)


def group_size(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
    return Outcome(float(len(evidence.members)), components={"who": [m.person.account for m in evidence.members]})


def active(key: str = "count", functions: Mapping[Level, Any] | None = None, **keys: Any) -> Active:
    settings = keys.pop("settings", {"k": 5})
    return Active(Evaluator(key, key, "1.0", functions or {Level.PERSON: counting}, **keys), settings)


FACTS = [fact("1", "petra"), fact("2", "petra"), fact("3", "paul"), fact("4", "later"), fact("5", "gone")]


def values(results: Any) -> dict[tuple[str, ...], float | None]:
    return {tuple(r.subject.as_dict().values()): r.value for r in results}


def test_one_result_for_each_subject_in_scope():
    """People not yet enrolled or withdrawn get none, everybody else one; the run and each area in scope too."""
    evaluation = evaluate_all([active()], JOURNEY, COHORT, FACTS, AS_OF)
    assert evaluation.failures == ()
    assert values(evaluation.results) == {
        ("cohort", "run-1"): 1.5,
        ("cohort", "run-1", "north"): 2.0,
        ("cohort", "run-1", "south"): 1.0,
        ("person", "paul"): 1.0,
        ("person", "petra"): 2.0,
        ("person", "pia"): None,
    }
    assert list(values(evaluation.results)) == sorted(values(evaluation.results))


def test_the_scope_follows_the_local_day():
    """22:00 UTC on 1 June is 2 June in Berlin: one is enrolled by then; the first day out was 1 June."""
    before, after = datetime(2026, 5, 31, 21, 59, tzinfo=UTC), datetime(2026, 6, 1, 22, tzinfo=UTC)
    people = [
        {r.subject.account for r in evaluate_all([active()], JOURNEY, COHORT, [], at).results if r.subject.account}
        for at in (before, after)
    ]
    assert people == [{"petra", "paul", "pia", "gone"}, {"petra", "paul", "pia", "later"}]


def test_a_cohort_value_is_the_mean_of_what_is_not_null():
    """n counts the values, coverage their share of the people in scope; all null is null, and a coverage of 0."""
    (run, *_) = evaluate_all([active()], JOURNEY, COHORT, FACTS, AS_OF).results
    assert (run.outcome.n, run.outcome.coverage) == (2, pytest.approx(2 / 3))
    (run, *_) = evaluate_all([active()], JOURNEY, COHORT, [], AS_OF).results
    assert (run.value, run.status, run.outcome.n, run.outcome.coverage) == (None, Status.NOT_STARTED, 0, 0.0)


def test_a_run_with_nobody_in_it_has_one_result():
    """The run is a subject even when it is empty."""
    (only,) = evaluate_all([active()], JOURNEY, Cohort(RUN, "h", ()), [], AS_OF).results
    assert (only.subject, only.status, only.outcome.coverage) == (
        Subject.cohort("run-1"),
        Status.NOT_STARTED,
        None,
    )


def test_managers_are_asked_about_those_they_manage_or_managed():
    """A manager of nobody in scope gets no result; who left the relation keeps the history."""
    one = active(functions={Level.PERSON: counting, Level.MANAGER: group_size})
    results = {r.subject.account: r for r in evaluate_all([one], JOURNEY, COHORT, FACTS, AS_OF).results}
    assert results["mark"].outcome.components == {"who": ["petra", "paul"]}
    assert results["nina"].outcome.components == {"who": ["paul"]}
    assert "olga" not in results


def test_a_manager_who_takes_part_has_the_result_of_the_participant():
    """One result for each indicator and subject; what needs the manager's value still finds it."""
    both = replace(PIA, also=frozenset({Role.MANAGER}))
    cohort = Cohort(RUN, "h", (replace(PETRA, managers=(Relation("pia"),)), both))
    seen = []

    def sponsor(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
        seen.append(evidence.needed["count"]["pia"])
        return Outcome(0.0)

    engaged = active(functions={Level.PERSON: counting, Level.MANAGER: group_size})
    reads = active("reads", {Level.COHORT: sponsor}, needs=("count",))
    results = evaluate_all([engaged, reads], JOURNEY, cohort, FACTS, AS_OF).of("count").results
    assert values(results)["person", "pia"] is None
    assert [outcome.value for outcome in seen] == [1.0, 1.0]


def test_sponsors_are_asked_with_the_people_under_their_managers():
    """A sponsor without managers is asked too, about nobody."""
    people = (
        PETRA,
        PAUL,
        Person("mark", Role.MANAGER, sponsors=(Relation("sofia"),)),
        Person("nina", Role.MANAGER, sponsors=(Relation("late", start=date(2026, 7, 1)),)),
        Person("idle", Role.SPONSOR),
    )
    evaluation = evaluate_all(
        [active(functions={Level.SPONSOR: group_size})], JOURNEY, Cohort(RUN, "h", people), [], AS_OF
    )
    assert {r.subject.account: r.outcome.components["who"] for r in evaluation.results} == {
        "idle": [],
        "sofia": ["petra", "paul"],
    }


def test_needs_are_answered_before():
    """An evaluator that needs another sees its outcome of the same person, whatever the keys' order."""

    def reader(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
        (own,) = evidence.needed["zulu"].values()
        assert evidence.needed["absent"] == {}
        return Outcome(own.value * 10 if own.value else 0.0)

    alpha = active("alpha", {Level.PERSON: reader}, needs=("zulu", "absent"))
    evaluation = evaluate_person([alpha, active("zulu")], JOURNEY, COHORT, PETRA, FACTS[:2], AS_OF)
    assert evaluation.failures == ()
    assert [(r.indicator, r.value) for r in evaluation.results] == [("alpha", 20.0), ("zulu", 2.0)]


def test_needs_round_a_circle_end():
    """Two that need each other are both asked."""
    circle = [active("a", needs=("b",)), active("b", needs=("a",))]
    assert [one.key for one in in_order(circle)] == ["b", "a"]


def wrong(answer: Any) -> Any:
    def function(*_: Any) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return function


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (None, "TypeError: answered NoneType, not an Outcome"),
        (50.0, "TypeError: answered float, not an Outcome"),
        (Outcome(float("nan")), "ValueError: answered the value nan, which is not within 0 to 100"),
        (Outcome(float("inf")), "ValueError: answered the value inf, which is not within 0 to 100"),
        (Outcome(True), "TypeError: answered the value True, which is no number"),
        (Outcome("50"), "TypeError: answered the value '50', which is no number"),  # type: ignore[arg-type]
        (Outcome(1.0, components={"day": date(2026, 1, 1)}), "TypeError: answered a component that is date"),
        (Outcome(1.0, components={"part": float("nan")}), "ValueError: answered a component with the number nan"),
        (Outcome(100.1), "ValueError: answered the value 100.1, which is not within 0 to 100"),
        (Outcome(10**400), "ValueError: answered the value 1000"),
        (Outcome(1.0, n=-1), "ValueError: answered n = -1, which is no count"),
        (Outcome(1.0, coverage=2.0), "ValueError: answered the coverage 2.0, which is not within 0 to 1"),
        (Outcome(1.0, components={"posted": 101}), "ValueError: answered the component posted 101"),
        (Outcome(1.0, components={"huge": "x" * 1_000_001}), "ValueError: answered 1,000,0"),
        (Outcome(1.0, components={"half": "\ud800"}), "UnicodeEncodeError"),
        (Outcome(1.0, components={"large": 2**64}), "ValueError: answered a component with the number"),
        (Outcome(1.0, components={7: 7}), "TypeError: answered a component whose name 7 is no text"),  # type: ignore[dict-item]
        (Outcome(1.0, evidence=("x" * 37,)), "TypeError: answered evidence that is no tuple of statement ids"),
        (Outcome(None, "fine"), "TypeError: answered the status 'fine', which is none"),  # type: ignore[arg-type]
        (SystemExit(1), "SystemExit: 1"),
    ],
)
def test_a_broken_evaluator_hurts_nobody_else(answer, reason):
    """What it did is told; the others' results, and the cohort's, are there."""
    evaluation = evaluate_all([active("bad", {Level.PERSON: wrong(answer)}), active()], JOURNEY, COHORT, FACTS, AS_OF)
    assert {f.subject.account for f in evaluation.failures} == {"petra", "paul", "pia"}
    assert all(f.indicator == "bad" and f.reason.startswith(reason) for f in evaluation.failures)
    assert len(evaluation.of("count").results) == 6
    (run, *_) = evaluation.of("bad").results
    assert (run.value, run.status) == (None, Status.NOT_STARTED)


def test_failing_for_one_person_leaves_the_others():
    """The cohort's mean is of those that have a value, over all in scope."""

    def moody(journey: Journey, evidence: Evidence, settings: Mapping[str, Any], as_of: datetime) -> Outcome:
        if evidence.subject.account == "paul":
            raise KeyError("paul")
        return counting(journey, evidence, settings, as_of)

    evaluation = evaluate_all([active(functions={Level.PERSON: moody})], JOURNEY, COHORT, FACTS, AS_OF)
    assert [f.subject.account for f in evaluation.failures] == ["paul"]
    assert values(evaluation.results)["cohort", "run-1"] == 2.0
    assert evaluation.results[0].outcome.coverage == pytest.approx(1 / 3)


def hashes(**changed: Any) -> dict[str, str]:
    arguments = {"active": [active()], "journey": JOURNEY, "cohort": COHORT, "facts": FACTS, "as_of": AS_OF} | changed
    results = evaluate_all(*arguments.values()).results
    return {"/".join(r.subject.as_dict().values()): r.inputs_hash for r in results}


def test_the_same_inputs_have_the_same_hash():
    """Whatever the order of facts and people, and whenever a store got a statement."""
    shuffled = [f._replace(stored=AS_OF, recorded=AS_OF) for f in FACTS]
    random.Random(4).shuffle(shuffled)
    turned = replace(COHORT, people=COHORT.people[::-1])
    assert hashes(facts=[*shuffled, shuffled[0]], cohort=turned) == hashes()


def test_facts_that_do_not_count_leave_the_hash():
    """A later fact, a voided one and one of somebody else."""
    void = Fact("v", Kind.VOIDED, AS_OF + timedelta(days=9), "x", "http://void", target="x1")
    more = [fact("x0", "petra", at=AS_OF + timedelta(seconds=1)), fact("x1", "petra"), void, fact("x2", "nobody")]
    assert hashes(facts=[*FACTS, *more]) == hashes()


@pytest.mark.parametrize(
    "keys",
    [
        {"score": Score(3, 0, 4)},
        {"data": {"answers": {"M1": 3}}},
        {"step": "B"},
        {"moment": "M1"},
        {"capability": "C"},
        {"completion": False},
        {"target": "t"},
        {"role": "peer"},
        {"counterpart": "c"},
        {"at": AS_OF - timedelta(days=2)},
    ],
)
def test_every_part_of_a_fact_is_in_the_hash(keys):
    """The person's and their groups' hashes change, nobody else's."""
    before, after = hashes(), hashes(facts=[fact("1", "petra", **keys), *FACTS[1:]])
    changed = {subject for subject in before if before[subject] != after[subject]}
    assert changed == {"person/petra", "cohort/run-1", "cohort/run-1/north"}


@pytest.mark.parametrize(
    "changed",
    [
        {"active": [active(settings={"k": 6})]},
        {"journey": replace(JOURNEY, digest="d2")},
        {"as_of": AS_OF + timedelta(seconds=1)},
        {"cohort": replace(COHORT, run=replace(RUN, day_zero=date(2026, 3, 3)))},
    ],
)
def test_settings_journey_time_and_run_are_in_every_hash(changed):
    """Nothing that can change a value is left out."""
    before, after = hashes(), hashes(**changed)
    assert all(before[subject] != after[subject] for subject in before)


def test_a_relation_is_in_the_hash():
    """Another manager may mean another value."""
    other = replace(PETRA, managers=(Relation("nina"),))
    before, after = hashes(), hashes(cohort=replace(COHORT, people=(other, *COHORT.people[1:])))
    assert {subject for subject in before if before[subject] != after[subject]} == {
        "person/petra",
        "cohort/run-1",
        "cohort/run-1/north",
    }


def test_groups_come_from_stored_results_alone():
    """Person results kept and read again give the same groups as everything at once."""
    one = active(functions={Level.PERSON: counting, Level.MANAGER: group_size})
    whole = evaluate_all([one], JOURNEY, COHORT, FACTS, AS_OF)
    people = [
        result
        for p in COHORT.participants
        for result in evaluate_person(
            [one], JOURNEY, COHORT, p, [f for f in FACTS if f.registration == p.registration], AS_OF
        ).results
    ]
    stranger = replace(people[0], subject=Subject.person("stranger"))
    groups = evaluate_groups([one], JOURNEY, COHORT, [*reversed(people), stranger], AS_OF)
    assert sorted(map(_row, [*groups.results, *people])) == sorted(map(_row, whole.results))


def _row(result: Result) -> str:
    return json.dumps(result.as_dict(), sort_keys=True)


def test_a_result_carries_all_that_made_it():
    """Evaluator, version, distribution, settings, evidence."""
    one = active(distribution="dist 1.2", settings={"k": 9})
    result = next(r for r in evaluate_all([one], JOURNEY, COHORT, FACTS, AS_OF).results if r.subject.account == "petra")
    row = result.as_dict()
    assert row["evaluator"] == {"key": "count", "version": "1.0", "distribution": "dist 1.2"}
    assert row["params"] == {"k": 9}
    assert row["evidence"] == ["1", "2"]
    assert row["as_of"] == "2026-06-01T12:00:00+00:00"
    assert len(row["inputs_hash"]) == 64
    assert list(row) == [
        "indicator",
        "subject",
        "as_of",
        "value",
        "status",
        "n",
        "coverage",
        "components",
        "params",
        "evaluator",
        "inputs_hash",
        "evidence",
    ]
