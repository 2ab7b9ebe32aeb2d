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
from lrs_bridge.domain.shared import NOTHING_SHARED, Shared, share

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
    active: Iterable[Active],
    journey: Journey,
    cohort: Cohort,
    results: Iterable[Result],
    as_of: datetime,
    shared: Shared = NOTHING_SHARED,
) -> Evaluation:
    """Managers, sponsors, the run and each of its areas, from the `results` of the participants and what is `shared`.

    A manager or sponsor who also takes part has one result per indicator, the participant's; what they are
    worth as a manager still reaches the evaluators that need it.
    """
    groups = _Groups(journey, cohort, results, as_of, shared)
    for one in in_order(active):
        groups.ask(one)
    return groups.evaluation()


def evaluate_all(
    active: Iterable[Active], journey: Journey, cohort: Cohort, facts: Iterable[Fact], as_of: datetime
) -> Evaluation:
    """Everything at once, from all facts of a record: what `lrs-bridge evaluate` prints."""
    chosen = tuple(active)
    settled = settle(facts, as_of)
    shares = share_out(cohort, journey, settled)
    results: list[Result] = []
    failures: list[Failure] = []
    for person in cohort.in_scope(cohort.run.local_day(as_of)):
        one = evaluate_person(chosen, journey, cohort, person, shares.get(person.account, ()), as_of)
        results += one.results
        failures += one.failures
    groups = evaluate_groups(chosen, journey, cohort, results, as_of, share(chosen, journey, cohort, settled))
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


class _Groups:
    """Asks evaluators about groups, and remembers what is known by then of people, by indicator and account: their
    outcomes and the hashes of what these were made from."""

    def __init__(
        self, journey: Journey, cohort: Cohort, results: Iterable[Result], as_of: datetime, shared: Shared
    ) -> None:
        day = cohort.run.local_day(as_of)
        self._cohort, self._shared = cohort, shared
        self._people = cohort.in_scope(day)
        self._led = {Level.MANAGER: led_by_managers(cohort, self._people, day)}
        self._led[Level.SPONSOR] = led_by_sponsors(cohort, self._people, day)
        self._asking = _Asking(journey, cohort, as_of)
        self._outcomes: dict[str, dict[str, Outcome]] = {}
        self._inputs: dict[str, dict[str, str]] = {}
        accounts = {person.account for person in self._people}
        for result in results:
            if result.subject.account in accounts:
                self._outcomes.setdefault(result.indicator, {})[result.subject.account] = result.outcome
                self._inputs.setdefault(result.indicator, {})[result.subject.account] = result.inputs_hash

    def ask(self, one: Active) -> None:
        """Its managers, its sponsors, then the run and each area."""
        functions = one.evaluator.functions
        levels = [level for level in (Level.MANAGER, Level.SPONSOR) if level in functions]
        leaders: dict[str, Outcome] = {}
        inputs: dict[str, str] = {}
        for level in levels:
            self._ask_leaders(one, level, leaders, inputs)
        of_leaders = bool(levels) and Level.PERSON not in functions
        if of_leaders:
            self._outcomes[one.key], self._inputs[one.key] = leaders, inputs
        if functions.keys() & {Level.PERSON, Level.COHORT}:
            for area in (None, *self._cohort.areas(self._people)):
                self._ask_cohort(one, area, levels[-1] if of_leaders else None)
        self._outcomes.setdefault(one.key, {}).update(leaders)

    def _ask_leaders(self, one: Active, level: Level, outcomes: dict[str, Outcome], inputs: dict[str, str]) -> None:
        takes_part = {person.account for person in self._people} if Level.PERSON in one.evaluator.functions else set()
        for account, led in self._led[level].items():
            person = self._cohort.by_account.get(account) or Person(account, Role(level.value))
            facts = self._shared.acts.get(account, ()) if level is Level.SPONSOR else ()
            evidence = replace(self._evidence(Subject.person(account), one, led), person=person, facts=facts)
            made_from = of_person(person) + self._fingerprint(one, led)
            if level is Level.SPONSOR:
                sponsored = self._cohort.sponsored_by(account)
                made_from += of_facts(facts) + "".join(sorted(of_person(manager) for manager in sponsored))
            outcome = self._asking.ask(one, level, evidence, made_from, keep=account not in takes_part)
            if outcome is not None:
                outcomes[account], inputs[account] = outcome, digest(made_from)

    def _ask_cohort(self, one: Active, area: str | None, leaders: Level | None) -> None:
        """`leaders`: the level whose people are the members, in the place of the participants."""
        people = tuple(person for person in self._people if area is None or person.area == area)
        members = people
        if leaders is not None:
            groups = self._led[leaders].items()
            accounts = [account for account, led in groups if area is None or any(p.area == area for p in led)]
            members = tuple(self._cohort.by_account.get(a) or Person(a, Role(leaders.value)) for a in accounts)
        answers = self._shared.answers_of(one.evaluator.surveys, people, area)
        subject = Subject.cohort(self._cohort.run.id, area)
        evidence = replace(self._evidence(subject, one, members), answers=answers)
        made_from = self._fingerprint(one, members)
        if one.evaluator.surveys:
            made_from += of_facts(answers)
        self._asking.ask(one, Level.COHORT, evidence, made_from)

    def _evidence(self, subject: Subject, one: Active, people: Iterable[Person]) -> Evidence:
        outcomes = self._outcomes.get(one.key, {})
        members = tuple(Member(p, outcomes.get(p.account, _UNKNOWN)) for p in people)
        needed = {key: self._outcomes.get(key, {}) for key in one.evaluator.needs}
        return Evidence(self._cohort.run, self._cohort, subject, members=members, needed=needed)

    def _fingerprint(self, one: Active, people: Iterable[Person]) -> str:
        """Of a group: who is in it, and the inputs behind what is known of each."""
        keys = (one.key, *one.evaluator.needs)
        parts = (
            "|".join((p.account, p.area or "", *(self._inputs.get(key, {}).get(p.account, "") for key in keys)))
            for p in people
        )
        return digest("\n".join(sorted(parts)))

    def evaluation(self) -> Evaluation:
        return self._asking.evaluation()


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
