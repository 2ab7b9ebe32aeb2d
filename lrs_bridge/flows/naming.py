"""Who and what the statements of a page speak of, by name: people, runs with their journeys; a few queries a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lrs_bridge.domain.facts import Fact
from lrs_bridge.store import enrolments, people, runs
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.runs import RunRow


@dataclass(frozen=True)
class Known:
    """`names` by agent key, `enrolments` by registration, `runs` by id."""

    names: Mapping[str, str]
    enrolments: Mapping[str, Enrolment]
    runs: Mapping[str, RunRow]

    def participant(self, fact: Fact) -> str | None:
        """The account of whoever the statement is about."""
        enrolment = self.enrolments.get(fact.registration or "")
        return enrolment.person.account if enrolment else None


def known_of(session: Session, tenant_id: str, facts: Iterable[Fact], run_id: str | None = None) -> Known:
    """What is known of the people and runs in these facts; `run_id`: of this run's participants and this run only."""
    facts = list(facts)
    rows = enrolments.enrolments_by_id(session, tenant_id, {fact.registration for fact in facts if fact.registration})
    about = {id_: row for id_, row in rows.items() if run_id in (None, row.run_id)}
    agents = {fact.actor for fact in facts} | {fact.counterpart for fact in facts if fact.counterpart}
    by_agent = people.people_by_agent(session, tenant_id, agents)
    persons = people.people_by_id(session, tenant_id, {id_ for ids in by_agent.values() for id_ in ids})
    names = {key: persons[ids[0]].shown_name for key, ids in by_agent.items() if len(ids) == 1}
    names |= {row.person.account: row.person.shown_name for row in about.values()}
    run_ids = {fact.run for fact in facts if fact.run} | {row.run_id for row in about.values()}
    found = {id_: runs.get_run(session, tenant_id, id_) for id_ in run_ids if run_id in (None, id_)}
    return Known(names, about, {id_: row for id_, row in found.items() if row is not None})
