"""The past of a run's indicators, worked out again from the record: for a run whose statements came before its days
were watched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import evaluate_all
from lrs_bridge.domain.shared import Asked
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import cohorts, facts, result_history
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.shared_facts import shared_facts


def fill_history(session: Session, registry: Registry, run: RunRow, days: Iterable[date], now: datetime) -> None:
    """Put what the run's indicators were at the end of these days in the place of what was kept of them.

    By today's evaluators and settings. Costs one evaluation of everybody for each day.
    """
    active = active_evaluators(session, registry, run)
    cohort = cohorts.cohort_of(session, run)
    registrations = [person.registration for person in cohort.participants if person.registration]
    identities = [key for person in cohort.participants for key in (person.account, *person.identities)]
    known = facts.facts_of_many(session, run.tenant_id, registrations, identities)
    known += shared_facts(session, run, Asked.by(active, run.journey), cohort.sponsors)
    for day in days:
        end = datetime.combine(day + timedelta(days=1), time(), run.run.zone) - timedelta(microseconds=1)
        evaluation = evaluate_all(active, run.journey, cohort, known, min(now, end))
        result_history.remember(session, run.tenant_id, run.id, evaluation.results, day)
