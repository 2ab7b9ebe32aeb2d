"""A person acts: event, fact and outbox row are written in one transaction, and the person is due for evaluation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Event
from lrs_bridge.store import events, facts, outbox, results
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.xapi import reading, writing


def record(session: Session, tenant: Tenant, event: Event, now: datetime) -> bool:
    """Keep what somebody did; False when this very act is known already, and nothing happens twice.

    The fact is read from the statement itself, so that the page shows what the record will say.
    Raises xapi.writing.CannotWrite when the event lacks what its template asks for.
    """
    if not events.add_event(session, tenant.id, event, now):
        return False
    statement = writing.statement(event, tenant.iri_base)
    fact = reading.read(statement, tenant.iri_base)
    facts.take_in(session, tenant.id, fact)
    outbox.put(session, tenant.id, statement, now)
    results.mark_due(session, tenant.id, event.run, event.registration or event.run, now)
    return True
