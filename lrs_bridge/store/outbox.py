"""The outbox: statements between acting and delivering, each with its state, last reason and next attempt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from lrs_bridge.domain.delivery import Posted
from lrs_bridge.store.base import Base, Id, Json, Shown, UtcDateTime, core, insert_for
from lrs_bridge.store.record_pauses import RecordPause
from lrs_bridge.store.tenants import Tenant


class OutboxState(StrEnum):
    """A lease is `waiting` with `lease_until` in the future. `dead`: until a person has it replayed, or says that it is
    to be left; then it is `aside`, troubles nobody, and can be replayed all the same."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    ASIDE = "aside"


UNDELIVERED = (OutboxState.WAITING, OutboxState.DEAD)
"""What is still to arrive, or waits for a person."""
EVERY = (*UNDELIVERED, OutboxState.ASIDE)
"""All that has not arrived."""
_NOT_ASIDE: Mapping[str, None] = dict.fromkeys(("aside_by", "aside_for", "aside_at"))


class OutboxStatement(Base):
    """One statement on its way. Delivered ones keep their row without the body, as the proof of delivery.

    A lease also moves `next_at` to its end, so that the index alone tells what is due. `aside_by`, `aside_for` and
    `aside_at`: who set it aside, why and when, as long as it is.
    """

    __tablename__ = "outbox_statement"
    __table_args__ = (
        Index("ix_outbox_statement_due", "tenant_id", "state", "next_at", "statement_id"),
        Index("ix_outbox_statement_age", "tenant_id", "state", "created", "statement_id"),
    )

    statement_id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    body: Mapped[Any | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(1000))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered: Mapped[datetime | None] = mapped_column(UtcDateTime)
    aside_by: Mapped[str | None] = mapped_column(Shown(200))
    aside_for: Mapped[str | None] = mapped_column(Shown(500))
    aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_TABLE = cast(Table, OutboxStatement.__table__)
_DUE = (
    select(_TABLE.c.statement_id)
    .where(
        _TABLE.c.tenant_id == bindparam("tenant"),
        _TABLE.c.state == OutboxState.WAITING.value,
        _TABLE.c.next_at <= bindparam("now"),
    )
    .order_by(_TABLE.c.next_at, _TABLE.c.statement_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_THESE = _TABLE.c.statement_id.in_(bindparam("ids", expanding=True))
_LEASE = (
    update(_TABLE)
    .where(_THESE)
    .values(lease_until=bindparam("until"), next_at=bindparam("until"))
    .returning(_TABLE.c.statement_id, type_coerce(_TABLE.c.body, Text), _TABLE.c.attempts)
)
_DELIVERED = (
    update(_TABLE)
    .where(_THESE)
    .values(state=OutboxState.DELIVERED.value, delivered=bindparam("now"), body=None, lease_until=None, reason=None)
)


@dataclass(frozen=True)
class Claimed:
    """A statement that was leased, to be sent. `attempts` failed so far."""

    statement_id: str
    body: Posted
    attempts: int


@dataclass(frozen=True)
class Waiting:
    """`oldest`: when the oldest statement that waits was written; `oldest_dead` the same of those given up.
    `aside`: how many were set aside."""

    waiting: int = 0
    dead: int = 0
    oldest: datetime | None = None
    oldest_dead: datetime | None = None
    aside: int = 0


Place = tuple[datetime, str]
"""Where a page of the list ended: `created` and id of its last row."""


def put(session: Session, tenant_id: str, statement: Mapping[str, Any], now: datetime) -> None:
    """Have this statement delivered; the same id a second time is nothing new."""
    session.execute(
        insert_for(session)(OutboxStatement)
        .values(
            statement_id=statement["id"],
            tenant_id=tenant_id,
            body=dict(statement),
            state=OutboxState.WAITING,
            attempts=0,
            next_at=now,
            created=now,
        )
        .on_conflict_do_nothing()
    )


def claim(session: Session, tenant_id: str, now: datetime, limit: int, lease: timedelta) -> list[Claimed]:
    """Lease the statements that have waited longest; a lease that ran out is due again."""
    connection, until = core(session), now + lease
    ids = connection.scalars(_DUE, {"tenant": tenant_id, "now": now, "most": limit}).all()
    if not ids:
        return []
    found = connection.execute(_LEASE, {"ids": ids, "until": until})
    claimed = {id_: Claimed(id_, Posted(id_, text), attempts) for id_, text, attempts in found}
    return [claimed[id_] for id_ in ids]


def tenants_due(session: Session, now: datetime) -> Sequence[str]:
    """The tenants that have something to deliver and are not in a pause."""
    due = exists().where(
        OutboxStatement.tenant_id == Tenant.id,
        OutboxStatement.state == OutboxState.WAITING,
        OutboxStatement.next_at <= now,
    )
    paused = exists().where(RecordPause.tenant_id == Tenant.id, RecordPause.until > now)
    return session.scalars(select(Tenant.id).where(due, ~paused)).all()


def delivered(session: Session, statement_ids: Iterable[str], now: datetime) -> None:
    core(session).execute(_DELIVERED, {"ids": list(statement_ids), "now": now})


def postpone(session: Session, statement_ids: Iterable[str], reason: str, next_at: datetime) -> None:
    """Try these again later, with the reason shown meanwhile."""
    session.execute(
        update(OutboxStatement)
        .where(OutboxStatement.statement_id.in_(list(statement_ids)), OutboxStatement.state == OutboxState.WAITING)
        .values(attempts=OutboxStatement.attempts + 1, reason=reason[:1000], next_at=next_at, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def bury(session: Session, statement_id: str, reason: str) -> None:
    """Give up on a statement the store will never take, until a person replays it."""
    session.execute(
        update(OutboxStatement)
        .where(OutboxStatement.statement_id == statement_id, OutboxStatement.state == OutboxState.WAITING)
        .values(state=OutboxState.DEAD, attempts=OutboxStatement.attempts + 1, reason=reason[:1000], lease_until=None)
        .execution_options(synchronize_session=False)
    )


def set_aside(session: Session, tenant_id: str, statement_ids: Sequence[str], by: str, why: str, now: datetime) -> int:
    """Leave these dead letters where they are; answers how many. Others than dead ones stay as they are."""
    table = OutboxStatement
    done = session.execute(
        update(table)
        .where(*_undelivered(tenant_id, OutboxState.DEAD), table.statement_id.in_(statement_ids))
        .values(state=OutboxState.ASIDE, aside_by=by, aside_for=why, aside_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def replay(session: Session, tenant_id: str, now: datetime, statement_ids: Sequence[str] | None = None) -> int:
    """Put dead letters back in the queue and make waiting ones due now, all or these; answers how many.

    What was set aside is taken up again where it is among these, and left where all are meant. Those that are on their
    way at this moment are left alone.
    """
    table = OutboxStatement
    these = _undelivered(tenant_id)
    if statement_ids is not None:
        these = [*_in_states(tenant_id, EVERY), table.statement_id.in_(statement_ids)]
    done = session.execute(
        update(table)
        .where(*these, or_(table.lease_until.is_(None), table.lease_until <= now))
        .values(state=OutboxState.WAITING, next_at=now, lease_until=None, **_NOT_ASIDE)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def find(session: Session, tenant_id: str, statement_id: str) -> OutboxStatement | None:
    row = session.get(OutboxStatement, statement_id)
    return row if row is not None and row.tenant_id == tenant_id else None


def bodies(session: Session, tenant_id: str, statement_ids: Iterable[str]) -> dict[str, Any]:
    """Of those of these statements that have not arrived, by id."""
    mine = OutboxStatement.tenant_id == tenant_id, OutboxStatement.statement_id.in_(set(statement_ids))
    rows = session.execute(select(OutboxStatement.statement_id, OutboxStatement.body).where(*mine))
    return {id_: body for id_, body in rows if body is not None}


def undelivered(
    session: Session,
    tenant_id: str,
    state: OutboxState | None = None,
    limit: int | None = None,
    after: Place | None = None,
    troubled: bool = False,
) -> list[OutboxStatement]:
    """What has not arrived, the oldest first, from behind the place `after`; `troubled`: only what failed before.

    What was set aside is there where `state` asks for it.
    """
    table = OutboxStatement
    query = select(table).where(*_undelivered(tenant_id, state))
    if after is not None:
        query = query.where(tuple_(table.created, table.statement_id) > tuple_(*after))
    if troubled:
        query = query.where(table.reason.is_not(None))
    return list(session.scalars(query.order_by(table.created, table.statement_id).limit(limit)))


def summary(session: Session, tenant_id: str) -> Waiting:
    """How many have not arrived and since when. The cost grows with these, not with what was delivered."""
    table = OutboxStatement

    def of(state: OutboxState, value: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
        return case((table.state == state, value))

    row = session.execute(
        select(
            func.count(of(OutboxState.WAITING, table.statement_id)),
            func.count(of(OutboxState.DEAD, table.statement_id)),
            func.min(of(OutboxState.WAITING, table.created), type_=UtcDateTime),
            func.min(of(OutboxState.DEAD, table.created), type_=UtcDateTime),
            func.count(of(OutboxState.ASIDE, table.statement_id)),
        ).where(*_in_states(tenant_id, EVERY))
    ).one()
    return Waiting(*row)


def _undelivered(tenant_id: str, state: OutboxState | None = None) -> list[ColumnElement[bool]]:
    """Named one by one, since an index finds equal states, not different ones."""
    return _in_states(tenant_id, UNDELIVERED if state is None else (state,))


def _in_states(tenant_id: str, states: Sequence[OutboxState]) -> list[ColumnElement[bool]]:
    return [OutboxStatement.tenant_id == tenant_id, OutboxStatement.state.in_(states)]
