"""What people say in a round about a participant's capabilities.

Managers rate under their own name, and may change it while the round is open. Peers and others rate under a fresh
random name each, dated to the day, once: nothing leads back to them, and so nothing can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID, uuid4, uuid5

from sqlalchemy.orm import Session

from lrs_bridge.domain import rating
from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Capability
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.rating import Source
from lrs_bridge.flows.record import record
from lrs_bridge.flows.rounds import Round, rater_of
from lrs_bridge.store import tenants
from lrs_bridge.store.raters import RaterState


@dataclass(frozen=True)
class Answer:
    """Levels by capability, 1 for the lowest; what somebody cannot say is left out. `act` is the form's id."""

    person_id: str
    account: str
    source: Source
    levels: Mapping[str, int]
    act: UUID


def answer(session: Session, round_: Round, given: Answer) -> None:
    """Put a view on record; under one's own name the earlier one is voided."""
    run = round_.run
    named = given.source not in rating.UNNAMED
    actor = given.account if named else str(uuid4())
    midnight = datetime.combine(run.run.local_day(round_.now), time(0), run.run.zone)
    at = round_.now if named else midnight
    tenant = tenants.get_tenant(session, run.tenant_id)
    before = round_.own(given.account) if named else {}
    for capability in run.journey.capabilities:
        level = given.levels.get(capability.id)
        if level is None:
            continue
        event = _rated(round_, given, capability, level, actor, at)
        known = before.get(capability.id)
        if record(session, tenant, event, at) and known is not None and known.id != event.statement_id:
            record(session, tenant, _void(round_, given, known), round_.now)
    if not named:
        row = rater_of(session, run, given.person_id, round_.enrolment.id, round_.step.id)
        if row is not None:
            row.state = RaterState.ANSWERED


_ROLES = {
    Source.SELF: Role.PARTICIPANT,
    Source.MANAGER: Role.MANAGER,
    Source.PEER: Role.PEER,
    Source.REPORT: Role.PEER,
}


def _rated(round_: Round, given: Answer, capability: Capability, level: int, actor: str, at: datetime) -> Event:
    run = round_.run
    return Event(
        id=uuid5(given.act, capability.id),
        kind=Kind.RATED,
        at=at,
        actor=actor,
        role=_ROLES[given.source],
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=round_.enrolment.id,
        step=round_.step.id,
        step_type=round_.step.type,
        capability=capability.id,
        score=Score(level, 1, len(capability.levels)),
        data={"source": str(given.source)},
    )


def _void(round_: Round, given: Answer, fact: Fact) -> Event:
    run = round_.run
    return Event(
        id=uuid5(given.act, f"back/{fact.id}"),
        kind=Kind.VOIDED,
        at=round_.now,
        actor=given.account,
        role=_ROLES[given.source],
        run=run.id,
        journey=run.journey.slug,
        version=run.journey.version,
        registration=round_.enrolment.id,
        refers_to=fact.id,
    )


def decline(session: Session, round_: Round, person_id: str) -> None:
    """Somebody asked cannot say: they are not asked again in this round."""
    row = rater_of(session, round_.run, person_id, round_.enrolment.id, round_.step.id)
    if row is not None and row.state == RaterState.ASKED:
        row.state = RaterState.DECLINED
