"""From a form to an event: who acts, about whom, when. One transaction for the event and what was written with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.record import record
from lrs_bridge.store import notes, tenants
from lrs_bridge.web.forms import acting_time
from lrs_bridge.web.visits import Visit
from lrs_bridge.wiring import Bridge


@dataclass(frozen=True)
class Act:
    """One event to be kept. `day` None: now. `texts`: what was written with it, never part of a statement."""

    id: UUID
    kind: Kind
    registration: str
    role: Role
    step: Step | None = None
    day: date | None = None
    moment: str | None = None
    personal_moment: bool = False
    refers_to: str | None = None
    counterpart: str | None = None
    score: Score | None = None
    duration_seconds: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def event_of(visit: Visit, act: Act) -> Event:
    """The event of an act in the visit's run."""
    row = visit.run_row
    if row is None:
        raise ValueError("nobody acts outside a run")
    return Event(
        id=act.id,
        kind=act.kind,
        at=acting_time(act.day, visit.now, ZoneInfo(row.time_zone)),
        actor=visit.account,
        role=act.role,
        run=row.id,
        journey=row.journey.slug,
        version=row.journey.version,
        registration=act.registration,
        step=act.step.id if act.step else None,
        step_type=act.step.type if act.step else None,
        moment=act.moment,
        personal_moment=act.personal_moment,
        refers_to=act.refers_to,
        counterpart=act.counterpart,
        recorded=visit.now,
        score=act.score,
        duration_seconds=act.duration_seconds,
        data=act.data,
    )


def keep(bridge: Bridge, visit: Visit, *acts: Act, first: Callable[[Session], Sequence[Act]] | None = None) -> None:
    """Record all acts, or none. `first` runs in the same transaction and answers further acts."""
    with bridge.sessions.write() as session:
        tenant = tenants.get_tenant(session, visit.tenant_id)
        for act in (*acts, *(first(session) if first else ())):
            event = event_of(visit, act)
            if record(session, tenant, event, visit.now) and act.texts:
                _write_note(session, visit, act, event, visit.now)
    bridge.poke()


def _write_note(session: Session, visit: Visit, act: Act, event: Event, now: datetime) -> None:
    notes.write_note(
        session,
        visit.tenant_id,
        event.run,
        act.registration,
        visit.person_id,
        event.statement_id,
        str(act.kind),
        dict(act.texts),
        now,
    )
