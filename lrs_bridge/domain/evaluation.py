"""Evaluation: evaluators are asked about everybody in scope, and their answers become results.

Pure. One result for each indicator and subject in scope, whatever a plugin does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lrs_bridge.domain.evaluators import Active, Evaluator, Evidence, Function, Level, Member, Posting
from lrs_bridge.domain.facts import Fact, by_time, standing
from lrs_bridge.domain.failing import Fault, TooSlow, first_line
from lrs_bridge.domain.fingerprint import digest, of_facts, of_person, of_run
from lrs_bridge.domain.groups import mean_of
from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Cohort, Person, Role
from lrs_bridge.domain.resting import collector_at_rest
from lrs_bridge.domain.scope import led_by_managers, led_by_sponsors, share_out
from lrs_bridge.domain.shared import NOTHING_SHARED, Shared, share
from lrs_bridge.domain.soundness import sound

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
    fault: Fault = Fault.ERROR
    error: BaseException | None = field(default=None, repr=False, compare=False)


Ask = Callable[[str, Subject, Callable[[], Any]], Any]
"""How an evaluator is put to the question: its key, whom about, and the call itself, whose answer is passed on.
Who asks may time the call, and raise TooSlow in its place."""


def at_leisure(_key: str, _subject: Subject, call: Callable[[], Any]) -> Any:
    """Without a limit of time."""
    return call()


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
    active: Iterable[Active],
    journey: Journey,
    cohort: Cohort,
    person: Person,
    facts: Iterable[Fact],
    as_of: datetime,
    ask: Ask = at_leisure,
) -> Evaluation:
    """Every person-level indicator of one participant: exactly one result each, none outside the scope.

    `facts` are the person's settled ones (`facts.settle`, then `scope.facts_of`).
    """
    if not person.in_scope(cohort.run.local_day(as_of)):
        return Evaluation()
    asking = _Asking(journey, cohort, as_of, ask)
    _ask_about(person, in_order(active), cohort, tuple(facts), asking)
    return asking.evaluation()


def _ask_about(
    person: Person, active: Iterable[Active], cohort: Cohort, own: tuple[Fact, ...], asking: _Asking
) -> None:
    """Everybody of `active`, who are in order, about one participant in scope."""
    subject = Subject.person(person.account)
    plain = Evidence(cohort.run, cohort, subject, person, own)
    inputs = digest(of_person(person) + of_facts(own))
    known: dict[str, dict[str, Outcome]] = {}
    for one in active:
        if Level.PERSON not in one.evaluator.functions:
            continue
        needs = one.evaluator.needs
        evidence = replace(plain, needed={key: known.get(key, {}) for key in needs}) if needs else plain
        outcome = asking.ask(one, Level.PERSON, evidence, inputs)
        if outcome is not None:
            known[one.key] = {person.account: outcome}


def evaluate_groups(
    active: Iterable[Active],
    journey: Journey,
    cohort: Cohort,
    results: Iterable[Result],
    as_of: datetime,
    shared: Shared = NOTHING_SHARED,
    ask: Ask = at_leisure,
) -> Evaluation:
    """Managers, sponsors, the run and each of its areas, from the `results` of the participants and what is `shared`.

    A manager or sponsor who also takes part has one result per indicator, the participant's; what they are
    worth as a manager still reaches the evaluators that need it.
    """
    groups = _Groups(journey, cohort, results, as_of, shared, ask)
    for one in in_order(active):
        groups.ask(one)
    return groups.evaluation()


def evaluate_all(
    active: Iterable[Active], journey: Journey, cohort: Cohort, facts: Iterable[Fact], as_of: datetime
) -> Evaluation:
    """Everything at once, from all facts of a record: what `lrs-bridge evaluate` prints."""
    with collector_at_rest():
        chosen = in_order(active)
        known = standing(facts, as_of)
        shares = share_out(cohort, journey, known)
        asking = _Asking(journey, cohort, as_of, at_leisure)
        for person in cohort.in_scope(cohort.run.local_day(as_of)):
            own = sorted(shares[person.account], key=by_time)
            _ask_about(person, chosen, cohort, tuple(own), asking)
        shared = share(chosen, journey, cohort, known)
        groups = evaluate_groups(chosen, journey, cohort, asking.results, as_of, shared)
        return _sorted([*asking.results, *groups.results], [*asking.failures, *groups.failures])


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
        self,
        journey: Journey,
        cohort: Cohort,
        results: Iterable[Result],
        as_of: datetime,
        shared: Shared,
        ask: Ask,
    ) -> None:
        day = cohort.run.local_day(as_of)
        self._cohort, self._shared = cohort, shared
        self._people = cohort.in_scope(day)
        self._by_area = {area: tuple(p for p in self._people if p.area == area) for area in cohort.areas(self._people)}
        self._led = {Level.MANAGER: led_by_managers(cohort, self._people, day)}
        self._led[Level.SPONSOR] = led_by_sponsors(cohort, self._people, day)
        self._asking = _Asking(journey, cohort, as_of, ask)
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
            for area in (None, *self._by_area):
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
        people = members = self._people if area is None else self._by_area[area]
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
        members = tuple([Member(p, outcomes.get(p.account, _UNKNOWN)) for p in people])
        needed = {key: self._outcomes.get(key, {}) for key in one.evaluator.needs}
        return Evidence(self._cohort.run, self._cohort, subject, members=members, needed=needed)

    def _fingerprint(self, one: Active, people: Iterable[Person]) -> str:
        """Of a group: who is in it, and the inputs behind what is known of each."""
        known = [self._inputs.get(key, {}) for key in (one.key, *one.evaluator.needs)]
        parts = ["|".join([p.account, p.area or "", *[made.get(p.account, "") for made in known]]) for p in people]
        return digest("\n".join(sorted(parts)))

    def evaluation(self) -> Evaluation:
        return self._asking.evaluation()


class _Asking:
    """Puts evaluators to the question and keeps what they answer, or how they failed."""

    def __init__(self, journey: Journey, cohort: Cohort, as_of: datetime, ask: Ask) -> None:
        self._put = ask
        self._journey = journey
        self._as_of = as_of
        self._base = f"{journey.digest}\n{of_run(cohort.run)}\n{as_of.isoformat()}\n"
        self._made_by: dict[str, str] = {}
        self.results: list[Result] = []
        self.failures: list[Failure] = []

    def ask(self, one: Active, level: Level, evidence: Evidence, inputs: str, keep: bool = True) -> Outcome | None:
        """The outcome, or None after a failure. `keep`: whether it also becomes a result."""
        declared = one.evaluator
        try:
            answer = self._put(one.key, evidence.subject, lambda: self._answer(one, level, evidence))
        except TooSlow as slow:
            self._note(one, evidence, Fault.SLOW, slow, str(slow))
            return None
        except (Exception, SystemExit) as error:  # whatever a plugin does, the others go on
            self._note(one, evidence, Fault.ERROR, error)
            return None
        try:
            outcome = sound(answer, declared)
        except Exception as error:  # an answer may be anything
            self._note(one, evidence, Fault.WRONG, error)
            return None
        if keep:
            self.results.append(
                Result(
                    indicator=one.key,
                    subject=evidence.subject,
                    as_of=self._as_of,
                    outcome=outcome,
                    params=one.settings,
                    evaluator=declared.key,
                    version=declared.version,
                    distribution=declared.distribution,
                    inputs_hash=digest(self._asked(one) + inputs),
                )
            )
        return outcome

    def _asked(self, one: Active) -> str:
        """Of what does not depend on the subject: the journey, the run, the time, the evaluator and its settings."""
        known = self._made_by.get(one.key)
        if known is None:
            known = self._made_by[one.key] = digest(self._base + one.fingerprint)
        return known

    def _note(
        self, one: Active, evidence: Evidence, fault: Fault, error: BaseException, text: str | None = None
    ) -> None:
        reason = first_line(text or _words(error)) or type(error).__name__
        self.failures.append(Failure(one.key, evidence.subject, reason, fault, error))

    def _answer(self, one: Active, level: Level, evidence: Evidence) -> Any:
        function = one.evaluator.functions.get(level)
        if function is None:
            return mean_of(evidence.members, one.evaluator.applies(self._journey))
        return function(self._journey, evidence, one.settings, self._as_of)

    def evaluation(self) -> Evaluation:
        return _sorted(self.results, self.failures)


def _words(error: BaseException) -> str:
    """What an error says of itself, if it can."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # its own __str__ may fail, too
        return type(error).__name__


def _sorted(results: Iterable[Result], failures: Iterable[Failure]) -> Evaluation:
    return Evaluation(
        tuple(sorted(results, key=lambda r: (r.indicator, r.subject.sort_key))),
        tuple(sorted(failures, key=lambda f: (f.indicator, f.subject.sort_key))),
    )
