"""Statements into facts, a page at a time: read, told apart, kept, and whoever they concern due for evaluation."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.scope import wanted_from_elsewhere
from lrs_bridge.journeyfile import JourneyFileError
from lrs_bridge.store import arrivals, enrolments, facts, journeys, people, results, runs, unreadable
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.xapi.reading import Unreadable, read

log = logging.getLogger("lrs_bridge.ingest")

Subjects = Sequence[tuple[str, str]]
"""Whose evaluation a fact touches: (run id, enrolment id), or (run id, run id) for the groups of a run."""
Sort = tuple[str, str]
"""Verb and activity."""


@dataclass
class Page:
    """Statements that came together, read: each id once, the first; and those that cannot be, with the reason."""

    facts: dict[str, Fact] = field(default_factory=dict)
    wrong: list[tuple[Any, str]] = field(default_factory=list)


def read_page(statements: Iterable[Any], home_page: str) -> Page:
    """`home_page` is the tenant's IRI base."""
    page = Page()
    for statement in statements:
        try:
            fact = read(statement, home_page)
        except Unreadable as problem:
            page.wrong.append((statement, str(problem)))
            continue
        reason = facts.cannot_keep(fact)
        if reason is None:
            page.facts.setdefault(fact.id, fact)
        else:
            page.wrong.append((statement, reason))
    return page


def take_page(
    session: Session, tenant: Tenant, source: str, page: Page, now: datetime, is_new: Callable[[Fact], bool]
) -> Arrived:
    """Keep what this page of a record store says about people and runs here; the same page again changes nothing.

    `is_new`: whether a fact lies beyond what was read before; what is skipped is counted once.
    """
    known, confirmed = facts.confirm(session, tenant.id, page.facts, now)
    new = [fact for fact in page.facts.values() if fact.id not in known]
    around = look_around(session, tenant.id, new)
    kept = [fact for fact in new if around.looks_for(fact)]
    keep(session, tenant.id, around, kept, now, confirmed=now)
    passed = Counter(sort_of(fact) for fact in new if not around.looks_for(fact) and is_new(fact))
    arrivals.pass_over(session, tenant.id, {sort: n for sort, n in passed.items() if sort is not None}, now)
    listed = sum(put_unreadable(session, tenant.id, source, *one, now) for one in page.wrong)
    arrived = Arrived(len(kept), confirmed, passed.total(), listed)
    arrivals.add(session, tenant.id, source, arrived, now)
    return arrived


def put_unreadable(session: Session, tenant_id: str, source: str, statement: Any, reason: str, now: datetime) -> bool:
    """List a statement that nobody can read, with a line in the log; False when it is listed already."""
    new = unreadable.put(session, tenant_id, source, statement, reason, now)
    if new:
        log.warning("ingest: statement %s from %s cannot be read: %s", unreadable.key_of(statement), source, reason)
    return new


def put_aside(
    session: Session, tenant_id: str, source: str, statement: Any, problem: Exception, now: datetime
) -> Arrived:
    """List a statement that could be read but not kept, and count it."""
    reason = f"could not be kept: {type(problem).__name__}"
    listed = Arrived(unreadable=int(put_unreadable(session, tenant_id, source, statement, reason, now)))
    arrivals.add(session, tenant_id, source, listed, now)
    return listed


def sort_of(fact: Fact) -> Sort | None:
    """None where there is nothing that a journey file could name."""
    if fact.activity is None or "\0" in fact.verb + fact.activity:
        return None
    return fact.verb, fact.activity


@dataclass(frozen=True)
class Around:
    """What is known here of whoever some facts are about, asked in a few queries however many facts there are.

    `wanted`: what installed journeys look for from other systems. `enrolments`: by registration. `people`:
    enrolments by actor, of facts that journeys look for. `runs`: by id. `targets`: facts that are voided.
    """

    wanted: frozenset[Sort]
    enrolments: Mapping[str, Enrolment]
    people: Mapping[str, Sequence[Enrolment]]
    runs: Mapping[str, RunRow]
    targets: Mapping[str, Fact]

    def looks_for(self, fact: Fact) -> bool:
        """Whether it can say anything here, now or when its person comes.

        A void is kept whatever it voids, since it may come before its target.
        """
        if fact.kind is Kind.VOIDED:
            return fact.target is not None
        if fact.registration is not None:
            return fact.registration in self.enrolments
        return sort_of(fact) in self.wanted or fact.run in self.runs

    def subjects_of(self, fact: Fact) -> Subjects:
        if fact.kind is Kind.VOIDED:
            target = self.targets.get(fact.target or "")
            return self.subjects_of(target) if target is not None and target.kind is not Kind.VOIDED else ()
        if fact.registration is not None:
            enrolment = self.enrolments.get(fact.registration)
            return [(enrolment.run_id, enrolment.id)] if enrolment else []
        own = [(fact.run, fact.run)] if fact.run in self.runs and fact.run else []
        return own + [(one.run_id, one.id) for one in self.people.get(fact.actor, ()) if self._fits(one, fact)]

    def _fits(self, enrolment: Enrolment, fact: Fact) -> bool:
        return sort_of(fact) in wanted_from_elsewhere(self.runs[enrolment.run_id].journey)


def look_around(session: Session, tenant_id: str, new: Sequence[Fact]) -> Around:
    """Ask once for a whole page."""
    voided = {fact.target for fact in new if fact.kind is Kind.VOIDED and fact.target}
    targets = facts.known(session, tenant_id, voided) if voided else {}
    about = [*new, *targets.values()]
    wanted = wanted_here(session, tenant_id)
    registrations = {fact.registration for fact in about if fact.registration}
    enrolled = enrolments.enrolments_by_id(session, tenant_id, registrations) if registrations else {}
    actors = {fact.actor for fact in about if fact.registration is None and sort_of(fact) in wanted}
    known = people.people_by_agent(session, tenant_id, actors)
    theirs = enrolments.enrolments_of_people(session, tenant_id, {id_ for ids in known.values() for id_ in ids})
    by_actor = {actor: [one for id_ in ids for one in theirs.get(id_, ())] for actor, ids in known.items()}
    run_ids = {fact.run for fact in about if fact.registration is None and fact.run}
    run_ids |= {one.run_id for found in by_actor.values() for one in found}
    found_runs = {id_: run for id_ in run_ids if (run := runs.get_run(session, tenant_id, id_)) is not None}
    return Around(wanted, enrolled, by_actor, found_runs, targets)


def wanted_here(session: Session, tenant_id: str) -> frozenset[Sort]:
    """What any installed version of a journey looks for from other systems. Also of a journey nobody has started yet:
    what is for preparation may be done before the first launch."""
    found: set[Sort] = set()
    for row in journeys.installed(session, tenant_id):
        try:
            found |= wanted_from_elsewhere(row.journey)
        except JourneyFileError as problem:  # of an older version; the rest of the record must go on coming in
            log.error("ingest: journey %s version %s cannot be read: %s", row.slug, row.version, problem)
    return frozenset(found)


def keep(
    session: Session,
    tenant_id: str,
    around: Around,
    new: Sequence[Fact],
    now: datetime,
    confirmed: datetime | None = None,
) -> None:
    """Keep facts that `around` looks for, and have those evaluated whom they concern."""
    unclaimed = {fact.id for fact in new if fact.kind is not Kind.VOIDED and not around.subjects_of(fact)}
    facts.add(session, tenant_id, new, confirmed, unclaimed)
    mark_due(session, tenant_id, around, new, now)


def claim(session: Session, tenant_id: str, now: datetime) -> int:
    """Facts whose person has come since, or has got a name by which another system knows them: have those people
    evaluated; answers how many facts it were."""
    waiting = facts.unclaimed(session, tenant_id)
    around = look_around(session, tenant_id, waiting) if waiting else None
    found = [fact for fact in waiting if around is not None and around.subjects_of(fact)]
    if around is not None and found:
        facts.claim(session, tenant_id, [fact.id for fact in found])
        mark_due(session, tenant_id, around, found, now)
        log.info("ingest: %d statements have found their person", len(found))
    return len(found)


def mark_due(session: Session, tenant_id: str, around: Around, kept: Iterable[Fact], now: datetime) -> None:
    """Have those evaluated whom these facts concern, and nobody else; in one order, so that two writers never wait
    for one another in a circle."""
    for run_id, subject in sorted({one for fact in kept for one in around.subjects_of(fact)}):
        results.mark_due(session, tenant_id, run_id, subject, now)
