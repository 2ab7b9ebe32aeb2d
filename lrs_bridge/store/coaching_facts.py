"""Coaching and mentoring sessions of a run by whoever held them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from lrs_bridge.domain.coaching import HELD
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role
from lrs_bridge.store import people
from lrs_bridge.store.facts import FactRow, facts_where
from lrs_bridge.store.relations import leader_ids
from lrs_bridge.store.runs import RunRow


def held_by(session: Session, run: RunRow, accounts: Collection[str]) -> list[Fact]:
    """Standing facts of sessions that these people say they held in this run, in order."""
    if not accounts:
        return []
    return facts_where(
        session,
        FactRow.tenant_id == run.tenant_id,
        FactRow.actor.in_(accounts),
        FactRow.run_id == run.id,
        FactRow.kind.in_([str(kind) for kind in HELD]),
    )


def coaches(session: Session, run: RunRow) -> frozenset[str]:
    """Accounts of everybody who is or was a coach or mentor in this run."""
    known = people.people_by_id(session, run.tenant_id, leader_ids(session, run, (Role.COACH, Role.MENTOR)))
    return frozenset(person.account for person in known.values())
