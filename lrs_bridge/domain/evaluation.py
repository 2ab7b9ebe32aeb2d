"""Evaluation: evaluators are asked about everybody in scope, and their answers become results.

Pure. One result for each indicator and subject in scope, whatever a plugin does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from typing import Any

from lrs_bridge.domain.evaluators import Active, Evaluator, Evidence, Function, Level, Member, Posting
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.fingerprint import canonical, digest, of_facts, of_person, of_run
from lrs_bridge.domain.groups import mean_of
from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Role
from lrs_bridge.domain.scope import led_by_managers, led_by_sponsors, share_out

__all__ = [
    "Active",
    "Evaluation",
    "Evaluator",
    "Evidence",
    "Failure",
    "Function",
    "Level",
    "Member",
    "Posting",
    "evaluate_all",
    "evaluate_groups",
    "evaluate_person",
    "in_order",
]

_UNKNOWN = Outcome.none(Status.INSUFFICIENT_DATA)  # of a participant whose own evaluation failed or is to come


@dataclass(frozen=True)
class Failure:
    """An evaluator that raised, or answered nonsense, about one subject. The other results stand."""

    indicator: str
    subject: Subject
    reason: str


@dataclass(frozen=True)
class Evaluation:
    """What came of asking: results in order of indicator and subject, and the failures beside them."""

    results: tuple[Result, ...] = ()
    failures: tuple[Failure, ...] = ()

    def of(self, *indicators: str) -> Evaluation:
        """The part about these indicators."""
        return Evaluation(
            tuple(r for r in self.results if r.indicator in indicators),
            tuple(f for f in self.failures if f.indicator in indicators),
        )


def evaluate_person(
    active: Iterable[Active], journey: Journey, cohort: Cohort, person: Person, facts: Iterable[Fact], as_of: datetime
) -> Evaluation:
    """Every person-level indicator of one participant: exactly one result each, none outside the scope.

    `facts` are the person's settled ones (`facts.settle`, then `scope.facts_of`).
    """
    if not person.in_scope(cohort.run.local_day(as_of)):
        return Evaluation()
    own = tuple(facts)
    asking = _Asking(journey, cohort, as_of)
    subject = Subject.person(person.account)
    plain = Evidence(cohort.run, cohort, subject, person, own)
    inputs = of_person(person) + of_facts(own)
    known: dict[str, dict[str, Outcome]] = {}
    for one in in_order(active):
        if Level.PERSON not in one.evaluator.functions:
            continue
        needs = one.evaluator.needs
        evidence = replace(plain, needed={key: known.get(key, {}) for key in needs}) if needs else plain
        outcome = asking.ask(one, Level.PERSON, evidence, inputs)
        if outcome is not None:
            known[one.key] = {person.account: outcome}
    return asking.evaluation()


def evaluate_groups(
    active: Iterable[Active], journey: Journey, cohort: Cohort, results: Iterable[Result], as_of: datetime
) -> Evaluation:
    """Managers, sponsors, the run and each of its areas, from the `results` of the participants.

    A manager or sponsor who also takes part has one result per indicator, the participant's; what they are
    worth as a manager still reaches the evaluators that need it.
    """
    day = cohort.run.local_day(as_of)
    people = cohort.in_scope(day)
    known = _Known.of(results, people)
    asking = _Asking(journey, cohort, as_of)
    participants = frozenset(person.account for person in people)
    for one in in_order(active):
        leaders: dict[str, Outcome] = {}
        for level, group in ((Level.MANAGER, led_by_managers), (Level.SPONSOR, led_by_sponsors)):
            if level not in one.evaluator.functions:
                continue
            for account, led in group(cohort, people, day).items():
                person = cohort.by_account.get(account) or Person(account, Role(level.value))
                evidence = known.evidence(cohort, Subject.person(account), one, led, person)
                inputs = of_person(person) + known.fingerprint(one, led)
                outcome = asking.ask(one, level, evidence, inputs, keep=account not in participants)
                if outcome is not None:
                    leaders[account] = outcome
        if not one.evaluator.functions.keys() & {Level.PERSON, Level.COHORT}:
            known.outcomes[one.key] = leaders
            continue
        for area in (None, *cohort.areas(people)):
            members = tuple(p for p in people if area is None or p.area == area)
            evidence = known.evidence(cohort, Subject.cohort(cohort.run.id, area), one, members)
            asking.ask(one, Level.COHORT, evidence, known.fingerprint(one, members))
        known.outcomes.setdefault(one.key, {}).update(leaders)
    return asking.evaluation()


def evaluate_all(
    active: Iterable[Active], journey: Journey, cohort: Cohort, facts: Iterable[Fact], as_of: datetime
) -> Evaluation:
    """Everything at once, from all facts of a record: what `lrs-bridge evaluate` prints."""
    chosen = tuple(active)
    shares = share_out(cohort, journey, settle(facts, as_of))
    results: list[Result] = []
    failures: list[Failure] = []
    for person in cohort.in_scope(cohort.run.local_day(as_of)):
        one = evaluate_person(chosen, journey, cohort, person, shares.get(person.account, ()), as_of)
        results += one.results
        failures += one.failures
    groups = evaluate_groups(chosen, journey, cohort, results, as_of)
    return _sorted([*results, *groups.results], [*failures, *groups.failures])


def in_order(active: Iterable[Active]) -> list[Active]:
    """By key, but each after those it needs. What needs itself, round a circle, finds nothing there."""
    by_key = {one.key: one for one in sorted(active, key=lambda one: one.key)}
    ordered: dict[str, Active] = {}
    entered: set[str] = set()

    def place(key: str) -> None:
        if key not in by_key or key in entered:
            return
        entered.add(key)
        for needed in by_key[key].evaluator.needs:
            place(needed)
        ordered[key] = by_key[key]

    for key in by_key:
        place(key)
    return list(ordered.values())


@dataclass
class _Known:
    """What is known already of people, by indicator and account: outcomes and the hashes of their inputs."""

    outcomes: dict[str, dict[str, Outcome]]
    hashes: dict[str, dict[str, str]]

    @classmethod
    def of(cls, results: Iterable[Result], people: Iterable[Person]) -> _Known:
        accounts = {person.account for person in people}
        known = cls({}, {})
        for result in results:
            account = result.subject.account
            if account in accounts:
                known.outcomes.setdefault(result.indicator, {})[account] = result.outcome
                known.hashes.setdefault(result.indicator, {})[account] = result.inputs_hash
        return known

    def evidence(
        self, cohort: Cohort, subject: Subject, one: Active, people: Iterable[Person], leader: Person | None = None
    ) -> Evidence:
        outcomes = self.outcomes.get(one.key, {})
        members = tuple(Member(p, outcomes.get(p.account, _UNKNOWN)) for p in people)
        needed = {key: self.outcomes.get(key, {}) for key in one.evaluator.needs}
        return Evidence(cohort.run, cohort, subject, leader, members=members, needed=needed)

    def fingerprint(self, one: Active, people: Iterable[Person]) -> str:
        """Of a group: who is in it, and the inputs behind what is known of each."""
        keys = (one.key, *one.evaluator.needs)
        parts = (
            "|".join((p.account, p.area or "", *(self.hashes.get(key, {}).get(p.account, "") for key in keys)))
            for p in people
        )
        return digest("\n".join(sorted(parts)))


class _Asking:
    """Puts evaluators to the question and keeps what they answer, or how they failed."""

    def __init__(self, journey: Journey, cohort: Cohort, as_of: datetime) -> None:
        self._journey = journey
        self._as_of = as_of
        self._base = f"{journey.digest}\n{of_run(cohort.run)}\n{as_of.isoformat()}\n"
        self._results: list[Result] = []
        self._failures: list[Failure] = []

    def ask(self, one: Active, level: Level, evidence: Evidence, inputs: str, keep: bool = True) -> Outcome | None:
        """The outcome, or None after a failure. `keep`: whether it also becomes a result."""
        declared = one.evaluator
        try:
            outcome = _sound(self._answer(one, level, evidence))
        except Exception as error:  # whatever a plugin does, the others go on
            self._failures.append(Failure(one.key, evidence.subject, f"{type(error).__name__}: {error}"))
            return None
        if keep:
            self._results.append(
                Result(
                    indicator=one.key,
                    subject=evidence.subject,
                    as_of=self._as_of,
                    outcome=outcome,
                    params=one.settings,
                    evaluator=declared.key,
                    version=declared.version,
                    distribution=declared.distribution,
                    inputs_hash=digest(self._base + one.fingerprint + inputs),
                )
            )
        return outcome

    def _answer(self, one: Active, level: Level, evidence: Evidence) -> Any:
        function = one.evaluator.functions.get(level)
        if function is None:
            return mean_of(evidence.members, one.evaluator.applies(self._journey))
        return function(self._journey, evidence, one.settings, self._as_of)

    def evaluation(self) -> Evaluation:
        return _sorted(self._results, self._failures)


def _sound(answer: Any) -> Outcome:
    """The answer, if it is an outcome that can be written as JSON. Raises TypeError, ValueError."""
    if not isinstance(answer, Outcome):
        raise TypeError(f"answered {type(answer).__name__}, not an Outcome")
    value = answer.value
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value)):
        raise ValueError(f"answered the value {value!r}, which is not a finite number")
    canonical([answer.n, answer.coverage, answer.components, answer.evidence])
    return answer


def _sorted(results: Iterable[Result], failures: Iterable[Failure]) -> Evaluation:
    return Evaluation(
        tuple(sorted(results, key=lambda r: (r.indicator, r.subject.sort_key))),
        tuple(sorted(failures, key=lambda f: (f.indicator, f.subject.sort_key))),
    )
