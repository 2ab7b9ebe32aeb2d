"""What a change of an evaluator would do to one run: computed beside what is there, nothing kept and nothing posted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active, Ask, Failure, evaluate_groups, evaluate_person, in_order
from lrs_bridge.domain.evaluators import Evaluator, Level
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.indicators import Outcome, Result
from lrs_bridge.domain.journey import LineItemPlan
from lrs_bridge.domain.people import Cohort, Person
from lrs_bridge.domain.scope import share_out
from lrs_bridge.domain.shared import Asked, share
from lrs_bridge.domain.switching import Place, Word, with_word
from lrs_bridge.flows.activation import Decision, decide, decide_all
from lrs_bridge.flows.asking import Asking
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import cohorts, enrolments, facts
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.shared_facts import shared_facts

PEOPLE_AT_MOST = 200
"""Somebody waits for the page: of a larger run so many are looked at, always the same."""
SECONDS_AT_MOST = 5.0

Ticks = Callable[[], float]


@dataclass(frozen=True)
class Side:
    """The evaluator as it is, or as it would be. `outcomes` by account: of the participants looked at, or, where it
    has no values of participants, of managers and sponsors. `whole`: of the run, None where it was not computed.
    `columns`: those of the gradebook, by indicator, in their order."""

    decision: Decision
    columns: Mapping[str, LineItemPlan]
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    whole: Outcome | None = None
    failures: Sequence[Failure] = ()


@dataclass(frozen=True)
class Preview:
    """`people` are in the run today, `looked` of them were looked at, and `facts` is what was done so far.

    `others`: keys of other indicators that change along. `seconds`: what all this took, and `each` what one person
    takes with the change.
    """

    run: RunRow
    people: int
    looked: int
    facts: int
    before: Side
    after: Side
    others: Sequence[str]
    seconds: float
    each: float | None

    @property
    def of_groups(self) -> bool:
        """Whether groups were looked at too: only where everybody in the run was."""
        return self.looked == self.people


def preview(
    session: Session,
    registry: Registry,
    run: RunRow,
    evaluator: Evaluator,
    place: Place,
    word: Word,
    now: datetime,
    ticks: Ticks = time.perf_counter,
) -> Preview:
    """The run as it is and as it would be with this word at that place."""
    began = ticks()
    present = decide_all(session, registry, run)
    proposed = [_with(one, run, place, word) if one.key == evaluator.key else one for one in present]
    cohort, people = _people(session, run, now)
    looking = _Looking(session, run, cohort, now, ticks)
    sides = [_related(evaluator.key, decisions) for decisions in (present, proposed)]
    with Asking(SECONDS_AT_MOST) as ask:
        looking.at_people(sides, began + SECONDS_AT_MOST, ask)
        if looking.looked == people:
            looking.at_groups(sides, ask)
    before, after = (
        _side(evaluator, decisions, run, cohort, looking.found[number])
        for number, decisions in enumerate((present, proposed))
    )
    return Preview(
        run=run,
        people=people,
        looked=looking.looked,
        facts=looking.facts,
        before=before,
        after=after,
        others=_changed_along(evaluator.key, looking),
        seconds=ticks() - began,
        each=looking.seconds[1] / looking.looked if looking.looked else None,
    )


def _with(decision: Decision, run: RunRow, place: Place, word: Word) -> Decision:
    return decide(decision.evaluator, run.journey, with_word(decision.layers, place, word))


def _people(session: Session, run: RunRow, now: datetime) -> tuple[Cohort, int]:
    """Those who are looked at, with everybody around them, and how many are in the run today."""
    day = run.run.local_day(now)
    ids = enrolments.ids_on(session, run.tenant_id, run.id, day)
    some = enrolments.enrolments_by_id(session, run.tenant_id, ids[:PEOPLE_AT_MOST])
    return cohorts.cohort_of_some(session, run, [some[id_] for id_ in sorted(some)]), len(ids)


def _related(key: str, decisions: Sequence[Decision]) -> list[Active]:
    """The evaluator, what it needs, and what needs it, as far as they are at work."""
    active = {one.key: one.active for one in decisions if one.active is not None}
    wanted = {key}
    while True:
        needed = {need for one in wanted if one in active for need in active[one].evaluator.needs}
        needing = {one for one, its in active.items() if wanted & set(its.evaluator.needs)}
        if needed | needing <= wanted:
            return in_order(active[one] for one in wanted if one in active)
        wanted |= needed | needing


@dataclass
class _Found:
    """What one side came to."""

    results: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class _Looking:
    """Asks the evaluators of both sides about the same people, until time is up."""

    def __init__(self, session: Session, run: RunRow, cohort: Cohort, now: datetime, ticks: Ticks) -> None:
        self._session, self._run, self._cohort, self._now, self._ticks = session, run, cohort, now, ticks
        self.found = [_Found(), _Found()]
        self.seconds = [0.0, 0.0]
        self.looked = 0
        self.facts = 0

    def at_people(self, sides: Sequence[Sequence[Active]], until: float, ask: Ask) -> None:
        shares = self._facts()
        for person in self._cohort.in_scope(self._run.run.local_day(self._now)):
            if self._ticks() > until:
                return
            own = shares.get(person.account, ())
            for number, active in enumerate(sides):
                self._at(person, own, active, number, ask)
            self.looked += 1
            self.facts += sum(fact.kind is not Kind.REGISTERED for fact in own)

    def _facts(self) -> Mapping[str, tuple[Fact, ...]]:
        people = self._cohort.participants
        actors = [name for person in people for name in (person.account, *person.identities)]
        registrations = [person.registration for person in people if person.registration]
        known = facts.facts_of_many(self._session, self._run.tenant_id, registrations, actors) if people else []
        return share_out(self._cohort, self._run.journey, settle(known, self._now))

    def _at(self, person: Person, own: tuple[Fact, ...], active: Sequence[Active], number: int, ask: Ask) -> None:
        began = self._ticks()
        evaluation = evaluate_person(active, self._run.journey, self._cohort, person, own, self._now, ask)
        self.seconds[number] += self._ticks() - began
        self.found[number].results += evaluation.results
        self.found[number].failures += evaluation.failures

    def at_groups(self, sides: Sequence[Sequence[Active]], ask: Ask) -> None:
        journey, cohort = self._run.journey, self._cohort
        for active, found in zip(sides, self.found, strict=True):
            known = shared_facts(self._session, self._run, Asked.by(active, journey), cohort.sponsors)
            shared = share(active, journey, cohort, settle(known, self._now))
            evaluation = evaluate_groups(active, journey, cohort, found.results, self._now, shared, ask)
            found.results += evaluation.results
            found.failures += evaluation.failures


def _side(evaluator: Evaluator, decisions: Sequence[Decision], run: RunRow, cohort: Cohort, found: _Found) -> Side:
    own = [result for result in found.results if result.indicator == evaluator.key]
    participants = {person.account for person in cohort.participants}
    of_participants = Level.PERSON in evaluator.functions
    whole = [one.outcome for one in own if one.subject.kind == "cohort" and one.subject.area is None]
    return Side(
        decision=next(one for one in decisions if one.key == evaluator.key),
        columns=posted_indicators(run.journey, [one.active for one in decisions if one.active is not None]),
        outcomes={
            account: one.outcome
            for one in own
            if (account := one.subject.account) is not None and (account in participants or not of_participants)
        },
        whole=whole[0] if whole else None,
        failures=[failure for failure in found.failures if failure.indicator == evaluator.key],
    )


def _changed_along(key: str, looking: _Looking) -> list[str]:
    sides = [
        {(one.indicator, one.subject): (one.value, one.status) for one in found.results if one.indicator != key}
        for found in looking.found
    ]
    return sorted({name for name, _ in dict(sides[0].items() ^ sides[1].items())})
