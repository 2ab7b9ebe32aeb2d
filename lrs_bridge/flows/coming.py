"""How far everybody in a run came, for totals: as it was kept when each was evaluated last.

Those of whom something is new since then are looked at themselves, as long as they are few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluators import Evidence
from lrs_bridge.domain.facts import settle
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.insights import funnel
from lrs_bridge.domain.insights.funnel import Stage
from lrs_bridge.domain.scope import share_out
from lrs_bridge.store import cohorts, enrolments, facts, headways
from lrs_bridge.store.runs import RunRow

LOOKED_AT = 25


class Came(NamedTuple):
    """`unknown`: of how many of them no more is known yet than that they are enrolled."""

    reached: Sequence[frozenset[Stage]]
    unknown: int


def reached(session: Session, run: RunRow, ids: Sequence[str], settings: Mapping[str, Any], now: datetime) -> Came:
    """Of these enrolments, in no order. `settings`: those of mtm_application. No more queries for more of them."""
    found = headways.reached_of_run(session, run.tenant_id, run.id)
    inside = set(ids)
    missing = [id_ for id_ in ids if id_ not in found]
    behind = [id_ for id_ in headways.behind(session, run.tenant_id, run.id, now) if id_ in inside]
    some = list(dict.fromkeys([*missing, *behind]))[:LOOKED_AT]
    found |= _looked_at(session, run, some, settings, now)
    known = [found[id_] for id_ in ids if id_ in found]
    unknown = len(ids) - len(known)
    return Came([*known, *[frozenset({Stage.ENROLLED})] * unknown], unknown)


def _looked_at(
    session: Session, run: RunRow, ids: Sequence[str], settings: Mapping[str, Any], now: datetime
) -> dict[str, frozenset[Stage]]:
    rows = enrolments.enrolments_by_id(session, run.tenant_id, ids)
    cohort = cohorts.cohort_of_some(session, run, list(rows.values()))
    names = [name for person in cohort.participants for name in (person.account, *person.identities)]
    told = share_out(cohort, run.journey, settle(facts.facts_of_many(session, run.tenant_id, rows, names), now))
    found = {}
    for person in cohort.participants:
        evidence = Evidence(run.run, cohort, Subject.person(person.account), person, told[person.account])
        found[str(person.registration)] = funnel.reached(run.journey, evidence, settings, now)
    return found
