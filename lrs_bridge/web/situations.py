"""One participant's place in a run: their facts, notes and the people around them, read together for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from lrs_bridge.domain import record
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact, settle
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.journey import Journey, Step, Window
from lrs_bridge.domain.people import Cohort, Person, Run
from lrs_bridge.domain.scope import share_out
from lrs_bridge.store import anonymous_answers, cohorts, consents, enrolments, notes, people, replies
from lrs_bridge.store import facts as kept_facts
from lrs_bridge.store.consents import InterviewConsent
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.notes import Note, PersonalMoment
from lrs_bridge.store.runs import RunRow

KEPT_TO_ONESELF = "no"  # the word of a note's `ask` when the participant did not want a moment confirmed


@dataclass(frozen=True)
class Situation:
    """`facts` are settled at `now`; `names` are shown names by account; `notes` go by statement id.

    Read for the participant's own pages only (`own`): `answered`, steps with an anonymous survey that they answered;
    `consents` to interviews by step; `replies` to words of others, by the statement of the word.
    """

    run: Run
    journey: Journey
    cohort: Cohort
    person: Person
    enrolment: Enrolment
    now: datetime
    facts: tuple[Fact, ...]
    notes: Mapping[str, Note]
    own_moments: Mapping[str, PersonalMoment]
    names: Mapping[str, str]
    answered: frozenset[str] = frozenset()
    consents: Mapping[str, InterviewConsent] = field(default_factory=dict)
    replies: Mapping[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.run.local_day(self.now)

    @property
    def name(self) -> str:
        return self.names[self.person.account]

    @cached_property
    def evidence(self) -> Evidence:
        subject = Subject.person(self.person.account)
        return Evidence(self.run, self.cohort, subject, self.person, self.facts)

    @property
    def record(self) -> record.Record:
        return record.of(self.journey, self.evidence, self.now)

    def window(self, step: Step) -> Window:
        return step.window(self.person.starts(self.run), self.person.enrolled)

    def day(self, fact: Fact) -> date:
        return self.run.local_day(fact.at)

    @property
    def manager(self) -> str | None:
        """The account of today's manager; the first to begin where there are several."""
        return next(iter(self.person.managers_on(self.today)), None)

    def called(self, account: str) -> str:
        """What a page calls somebody: their name, or what they are to the participant."""
        return self.names.get(account, "your manager" if account in self.manager_accounts else "somebody")

    @cached_property
    def manager_accounts(self) -> frozenset[str]:
        return frozenset(relation.account for relation in self.person.managers)

    @cached_property
    def by_id(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def about(self) -> dict[str, list[Fact]]:
        """Facts that refer to a statement, by its id, in order."""
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if fact.target:
                found.setdefault(fact.target, []).append(fact)
        return found

    def of_kind(self, *kinds: Kind) -> list[Fact]:
        return [fact for fact in self.facts if fact.kind in kinds]

    def moment_title(self, fact: Fact) -> str:
        """The catalogue's words, or the participant's own."""
        if fact.moment in self.journey.moment_by_id:
            return self.journey.moment_by_id[fact.moment].title
        own = self.own_moments.get(fact.moment or "")
        return own.title if own else "A moment of their own"

    def asks_for_a_word(self, fact: Fact) -> bool:
        """Whether the participant wants this moment confirmed: unless they said no when they logged it."""
        note = self.notes.get(fact.id)
        return note is None or note.texts.get("ask") != KEPT_TO_ONESELF


def of_one(session: Session, run: RunRow, enrolment: Enrolment, now: datetime) -> Situation:
    """One participant; costs the same in a run of any size."""
    cohort = cohorts.cohort_of_one(session, run, enrolment)
    return _situations(session, run, cohort, [enrolment], now)[0]


def own(session: Session, run: RunRow, enrolment: Enrolment, now: datetime) -> Situation:
    """That of the participant who looks, with what nobody else is shown."""
    found = of_one(session, run, enrolment, now)
    has_boxes = any(survey.confidentiality == "anonymous" for survey in run.journey.surveys.values())
    return replace(
        found,
        answered=anonymous_answers.answered(session, run.tenant_id, run.id, enrolment.id) if has_boxes else frozenset(),
        consents=consents.of_enrolment(session, run.tenant_id, enrolment.id),
        replies=replies.of_enrolments(session, run.tenant_id, [enrolment.id]),
    )


def of_all(session: Session, run: RunRow, now: datetime) -> list[Situation]:
    """Everybody enrolled and not withdrawn today."""
    cohort = cohorts.cohort_of(session, run)
    today = run.run.local_day(now)
    in_scope = {person.registration for person in cohort.in_scope(today)}
    rows = [row for row in enrolments.enrolments(session, run.tenant_id, run.id) if row.id in in_scope]
    return _situations(session, run, cohort, rows, now)


def of_some(session: Session, run: RunRow, person_ids: Iterable[str], now: datetime) -> list[Situation]:
    """The participants among these people, each with the people around them; read together, in the order given."""
    today, ids = run.run.local_day(now), list(person_ids)
    known = enrolments.enrolments_of_people(session, run.tenant_id, ids)
    rows = [row for id_ in ids for row in known.get(id_, ()) if row.run_id == run.id]
    here = [row for row in rows if row.withdrawn is None or row.withdrawn > today]
    return list(of_enrolments(session, run, here, now).values())


def of_enrolments(session: Session, run: RunRow, rows: Sequence[Enrolment], now: datetime) -> dict[str, Situation]:
    """These participants by enrolment, read together: the number of queries does not grow with theirs."""
    if not rows:
        return {}
    cohort = cohorts.cohort_of_some(session, run, rows)
    return {one.enrolment.id: one for one in _situations(session, run, cohort, rows, now)}


def _situations(
    session: Session, run: RunRow, cohort: Cohort, rows: Sequence[Enrolment], now: datetime
) -> list[Situation]:
    names = people.names(session, run.tenant_id, cohort.by_account)
    identities = [key for person in cohort.participants for key in (person.account, *person.identities)]
    facts = kept_facts.facts_of_many(session, run.tenant_id, [row.id for row in rows], identities)
    shares = share_out(cohort, run.journey, settle(facts, now))
    own = notes.personal_moments(session, run.tenant_id, [row.id for row in rows])
    written = notes.notes_of_many(session, run.tenant_id, [row.id for row in rows])
    by_registration = {person.registration: person for person in cohort.participants}
    return [
        Situation(
            run=run.run,
            journey=run.journey,
            cohort=cohort,
            person=by_registration[row.id],
            enrolment=row,
            now=now,
            facts=shares[by_registration[row.id].account],
            notes=written.get(row.id, {}),
            own_moments={moment.id: moment for moment in own if moment.enrolment_id == row.id},
            names=names,
        )
        for row in rows
    ]
