"""What a person decides about one participant's path: a step taken away or given back, a route chosen.

Each is a statement (`waived`, `voided`, `routed`), so that the numbers can be computed again from the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Journey, Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.routing import ASK_COACH
from lrs_bridge.flows.record import record
from lrs_bridge.flows.running import CannotRun
from lrs_bridge.store import tenants
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.runs import RunRow

_WAIVABLE = frozenset({Role.PARTICIPANT, Role.MANAGER})


@dataclass(frozen=True)
class Decider:
    """Who decides, in the role in which they may: an account of the tenant."""

    account: str
    role: Role
    now: datetime


def waivable(journey: Journey) -> list[Step]:
    """Steps that can be taken away from a participant: their own, and their manager's for them."""
    return [step for step in journey.steps if step.owner in _WAIVABLE]


def routes_of(journey: Journey) -> tuple[str, ...]:
    """The names of the routes, in the order of the rules."""
    ruled = [rule.route for rule in journey.routes.rules] if journey.routes else []
    return tuple(dict.fromkeys([*ruled, *(step.route for step in journey.steps if step.route)]))


def waive(session: Session, decider: Decider, run: RunRow, enrolment: Enrolment, step_id: str, act: UUID) -> None:
    """Take a step away from one participant: it does not count for them. Raises CannotRun."""
    step = next((one for one in waivable(run.journey) if one.id == step_id), None)
    if step is None:
        raise CannotRun("Choose one of the participant’s or the manager’s steps.", "step")
    if enrolment.person.account == decider.account:
        raise CannotRun("Nobody waives a step of their own. Ask another teacher.", "step")
    _record(session, decider, run, enrolment, act, Kind.WAIVED, step)


def give_back(
    session: Session, decider: Decider, run: RunRow, enrolment: Enrolment, waivers: Sequence[Fact], act: UUID
) -> None:
    """Take a waiver back, whoever gave it: the step counts again. `waivers`: all that stand for the step."""
    if not waivers:
        raise CannotRun("This step was not waived.", "step")
    for number, waiver in enumerate(waivers):
        event_id = act if number == 0 else UUID(int=act.int ^ UUID(waiver.id).int)
        _record(session, decider, run, enrolment, event_id, Kind.VOIDED, None, refers_to=waiver.id)


def route(session: Session, decider: Decider, run: RunRow, enrolment: Enrolment, name: str, act: UUID) -> str:
    """Put one participant on a route, whatever the rules say; the latest word counts. Answers the statement's id.

    Raises CannotRun.
    """
    journey = run.journey
    if name not in (*routes_of(journey), ASK_COACH):
        raise CannotRun("Choose one of the routes.", "route")
    step = journey.step_by_id.get(journey.routes.step) if journey.routes else None
    if step is None:
        step = next(iter(journey.of_type("route")), None)
    if step is None:
        raise CannotRun("This journey has no step at which it branches.", "route")
    return _record(session, decider, run, enrolment, act, Kind.ROUTED, step, data={"route": name})


def _record(
    session: Session,
    decider: Decider,
    run: RunRow,
    enrolment: Enrolment,
    act: UUID,
    kind: Kind,
    step: Step | None,
    **more: object,
) -> str:
    event = Event(
        id=act,
        kind=kind,
        at=decider.now,
        actor=decider.account,
        role=decider.role,
        run=run.id,
        journey=run.journey_row.slug,
        version=run.journey_row.version,
        registration=enrolment.id,
        step=step.id if step else None,
        step_type=step.type if step else None,
        recorded=decider.now,
        **more,  # type: ignore[arg-type]
    )
    record(session, tenants.get_tenant(session, run.tenant_id), event, decider.now)
    return event.statement_id
