"""The rules of a journey's routes put on record: a `routed` statement by the system when an assessment is complete.

Indicators follow the latest `routed` statement, so a person's word is never overwritten by the rules.
"""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.record import record
from lrs_bridge.store import tenants
from lrs_bridge.store.runs import RunRow
from lrs_bridge.xapi.writing import SYSTEM_ACCOUNT


def by_rules(journey: Journey, percent: float) -> str | None:
    """The route of the first rule that fits; None where none does."""
    rules = journey.routes.rules if journey.routes else ()
    return next((rule.route for rule in rules if rule.fits(percent)), None)


def settle(
    session: Session, run: RunRow, enrolment_id: str, percent: float, routed: Fact | None, now: datetime
) -> bool:
    """Write down where the rules lead from this percent; `routed` is what stands. False where nothing is to be said."""
    journey = run.journey
    name = by_rules(journey, percent)
    step = journey.step_by_id.get(journey.routes.step) if journey.routes else None
    if name is None or step is None:
        return False
    if routed is not None and (routed.role != Role.SYSTEM or routed.data.get("route") == name):
        return False
    after = routed.id if routed else ""
    event = Event(
        id=uuid5(NAMESPACE_URL, f"{run.id}/{enrolment_id}/routed/{name}/{after}"),
        kind=Kind.ROUTED,
        at=now,
        actor=SYSTEM_ACCOUNT,
        role=Role.SYSTEM,
        run=run.id,
        journey=journey.slug,
        version=journey.version,
        registration=enrolment_id,
        step=step.id,
        step_type=step.type,
        data={"route": name},
    )
    return record(session, tenants.get_tenant(session, run.tenant_id), event, now)
