"""Which way each participant of a run goes, read at once: a fixed number of queries whatever the run's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain import record, routing
from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.facts import settle
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.routing import Mark, Route
from lrs_bridge.domain.scope import share_out
from lrs_bridge.store import cohorts, people
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.runs import RunRow


@dataclass(frozen=True)
class Standing:
    """One participant's route, with the marks of the assessment that it depends on."""

    enrolment_id: str
    person_id: str
    name: str
    route: Route
    marks: tuple[Mark, ...]


def read_routes(session: Session, run: RunRow, now: datetime) -> Sequence[Standing]:
    """Everybody enrolled today, by name."""
    journey = run.journey
    cohort = cohorts.cohort_of(session, run)
    inside = cohort.in_scope(run.run.local_day(now))
    known = people.people_by_account(session, run.tenant_id, [person.account for person in inside])
    steps = {journey.routes.step, journey.routes.source} if journey.routes else {s.id for s in journey.of_type("route")}
    facts = facts_where(
        session,
        FactRow.tenant_id == run.tenant_id,
        FactRow.registration.in_([person.registration for person in inside if person.registration]),
        FactRow.step.in_(steps),
    )
    shares = share_out(cohort, journey, settle(facts, now))
    found = []
    for person in inside:
        own = Evidence(run.run, cohort, Subject.person(person.account), person, shares[person.account])
        seen = record.of(journey, own, now)
        marks = routing.latest_marks(journey, seen, journey.routes.source) if journey.routes else ()
        row = known[person.account]
        found.append(
            Standing(person.registration or "", row.id, row.shown_name, routing.decide(journey, seen), tuple(marks))
        )
    return sorted(found, key=lambda one: (one.name.casefold(), one.enrolment_id))
