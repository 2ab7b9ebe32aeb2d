"""Who is evaluated: a participant, or the groups of a run.

Rows are read, evaluators are asked without a transaction, and what they answered is written: a slow evaluator keeps
nobody from acting.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from lrs_bridge.domain import headway
from lrs_bridge.domain.evaluation import Active, Ask, Evaluation, evaluate_groups, evaluate_person
from lrs_bridge.domain.evaluators import Evidence, Level
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.headway import Headway
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.indicators import Subject as Whom
from lrs_bridge.domain.people import Cohort, Person
from lrs_bridge.domain.scope import facts_of, next_change
from lrs_bridge.domain.shared import Asked, Shared, share
from lrs_bridge.flows.grade import want_scores
from lrs_bridge.flows.news import note_changes
from lrs_bridge.flows.publishing import publish
from lrs_bridge.flows.standing import whom_of
from lrs_bridge.store import cohorts, enrolments, facts, headways, result_history, results
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.results import Kept, Taken
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.shared_facts import shared_facts

GROUPS_WAIT = timedelta(seconds=2)  # several acts in a row make one computation of the cohort
_OF_LEADERS = {Level.MANAGER, Level.SPONSOR}


@dataclass(frozen=True)
class Setting:
    """A run with the evaluators at work in it: those that are asked now, and keys of those that are off by rule."""

    run: RunRow
    active: Sequence[Active]
    asked: Sequence[Active]
    now: datetime

    @property
    def off(self) -> list[str]:
        keys = {one.key for one in self.asked}
        return [one.key for one in self.active if one.key not in keys]


class Subject(ABC):
    """What was read of somebody who is to be evaluated."""

    setting: Setting

    @property
    @abstractmethod
    def about(self) -> Whom:
        """Whom it is about, as results name it."""

    @abstractmethod
    def evaluate(self, ask: Ask) -> Evaluation:
        """Ask everybody; no database."""

    @abstractmethod
    def keep(self, session: Session, evaluation: Evaluation) -> datetime | None:
        """Write it down; answers when something can change by the calendar alone."""

    @property
    def renewed(self) -> bool:
        """Whether nothing is left to compute again after this."""
        return True

    @property
    def seen(self) -> datetime | None:
        """When it was said to be due by the time it was read: what led to that is in what was read."""
        return None


@dataclass(frozen=True)
class Participant(Subject):
    """One participant with their facts."""

    setting: Setting
    taken: Taken
    enrolment: Enrolment
    cohort: Cohort
    person: Person
    known: Sequence[Fact]

    @classmethod
    def read(cls, session: Session, setting: Setting, taken: Taken) -> Participant | None:
        enrolment = enrolments.get_enrolment(session, taken.tenant_id, taken.subject)
        if enrolment is None:
            return None
        cohort = cohorts.cohort_of_one(session, setting.run, enrolment)
        person = cohort.participants[0]
        known = facts.facts_of(session, taken.tenant_id, enrolment.id, (person.account, *person.identities))
        return cls(setting, taken, enrolment, cohort, person, known)

    @property
    def about(self) -> Whom:
        return Whom.person(self.person.account)

    def evaluate(self, ask: Ask) -> Evaluation:
        journey, now = self.setting.run.journey, self.setting.now
        return evaluate_person(self.setting.asked, journey, self.cohort, self.person, self.own, now, ask)

    @cached_property
    def own(self) -> tuple[Fact, ...]:
        """The facts that count for this participant."""
        return facts_of(self.person, self.setting.run.journey, settle(self.known, self.setting.now))

    @property
    def headway(self) -> Headway:
        run, cohort = self.setting.run, self.cohort
        evidence = Evidence(run.run, cohort, self.about, self.person, self.own)
        settings = next((one.settings for one in self.setting.active if one.key == "mtm_application"), {})
        return headway.of(run.journey, evidence, self.setting.now, settings)

    def keep(self, session: Session, evaluation: Evaluation) -> datetime | None:
        run, now, account = self.setting.run, self.setting.now, self.person.account
        replaced = results.keep(session, run.tenant_id, run.id, evaluation.results)
        note_changes(session, run, self.enrolment, self.setting.active, replaced, now)
        self._drop_others(session, evaluation)
        headways.keep(session, run.tenant_id, run.id, self.enrolment.id, self.headway, now)
        want_scores(session, run, self.enrolment, self.setting.active, evaluation.results, now)
        if self.taken.renew is None:
            results.mark_due(session, run.tenant_id, run.id, run.id, now + GROUPS_WAIT)
        later = [fact.at for fact in self.known if fact.at > now]
        turns = next_change(run.journey, run.run, self.person, now)
        old = [*(failure.indicator for failure in evaluation.failures), *self.setting.off]
        results.mark_old(session, run.id, "person", account, old, now)
        return min([*later, *([turns] if turns else [])], default=None)

    def _drop_others(self, session: Session, evaluation: Evaluation) -> None:
        """What is no longer computed. What they are worth as a leader is for the groups to say."""
        run = self.setting.run
        stay: list[str] = []
        if self.person.in_scope(run.run.local_day(self.setting.now)):
            leading = [one.key for one in self.setting.active if one.evaluator.functions.keys() & _OF_LEADERS]
            computed = [result.indicator for result in evaluation.results]
            failed = [failure.indicator for failure in evaluation.failures]
            stay = [*computed, *failed, *self.setting.off, *leading]
        results.drop(session, run.id, "person", self.person.account, stay)


@dataclass(frozen=True)
class Groups(Subject):
    """The groups of a run: managers, sponsors, areas and the whole, with the results of its people."""

    setting: Setting
    cohort: Cohort
    stored: Sequence[Kept]
    known: Sequence[Fact]
    people_left: bool
    due: datetime | None
    of_people: list[Result] = field(default_factory=list)

    @classmethod
    def read(cls, session: Session, setting: Setting) -> Groups:
        run = setting.run
        left, due = results.people_to_renew(session, run.id), results.due_at(session, run.id)
        cohort = cohorts.cohort_of(session, run)
        stored = results.kept_of_people(session, run.tenant_id, run.id)
        known = shared_facts(session, run, Asked.by(setting.asked, run.journey), cohort.sponsors)
        accounts = {person.account for person in cohort.participants}
        people = [row.result for row in stored if row.subject in accounts]
        return cls(setting, cohort, stored, known, left, due, people)

    @property
    def about(self) -> Whom:
        return Whom.cohort(self.setting.run.id)

    def evaluate(self, ask: Ask) -> Evaluation:
        journey, now = self.setting.run.journey, self.setting.now
        return evaluate_groups(self.setting.asked, journey, self.cohort, self.of_people, now, self.shared, ask)

    @cached_property
    def shared(self) -> Shared:
        """What sponsors did and people answered."""
        run, now = self.setting.run, self.setting.now
        return share(self.setting.asked, run.journey, self.cohort, settle(self.known, now))

    def keep(self, session: Session, evaluation: Evaluation) -> datetime | None:
        run, now = self.setting.run, self.setting.now
        results.keep(session, run.tenant_id, run.id, evaluation.results)
        result_history.remember(session, run.tenant_id, run.id, evaluation.results, run.run.local_day(now))
        people = [*self.of_people, *(result for result in evaluation.results if result.subject.kind == "person")]
        publish(session, run, self.setting.asked, self.cohort, people, evaluation.results, self.shared, now)
        results.drop(session, run.id, "cohort", None, [one.key for one in self.setting.active])
        results.remove(session, self._of_past_leaders(evaluation))
        for failure in evaluation.failures:
            kind, whom = failure.subject.kind, whom_of(failure.subject)
            results.mark_old(session, run.id, kind, whom, [failure.indicator], now)
        results.mark_all_old(session, run.id, self.setting.off, now)
        return min((fact.at for fact in self.known if fact.at > now), default=None)

    def _of_past_leaders(self, evaluation: Evaluation) -> list[Kept]:
        """Values of people who lead nobody any more, and of evaluators that are no longer at work."""
        people = {person.account for person in self.cohort.participants}
        present = {(r.indicator, r.subject.account) for r in evaluation.results}
        present |= {(failure.indicator, failure.subject.account) for failure in evaluation.failures}
        of_people = {one.key for one in self.setting.active if Level.PERSON in one.evaluator.functions}
        off = set(self.setting.off)
        return [
            row
            for row in self.stored
            if row.indicator not in off
            and (row.indicator, row.subject) not in present
            and not (row.indicator in of_people and row.subject in people)
        ]

    @property
    def renewed(self) -> bool:
        return not self.people_left

    @property
    def seen(self) -> datetime | None:
        return self.due


def without(active: Iterable[Active], key: str | None) -> list[Active]:
    """All but this one."""
    return [one for one in active if one.key != key]
