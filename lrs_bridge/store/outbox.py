"""The outbox: statements between acting and delivering, each with its state, last reason and next attempt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, insert_for


class OutboxState(StrEnum):
    """A lease is `waiting` with `lease_until` in the future. `dead`: until a person has it replayed."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class OutboxStatement(Base):
    """One statement on its way. Delivered ones keep their row without the body, as the proof of delivery."""

    __tablename__ = "outbox_statement"
    __table_args__ = (Index("ix_outbox_statement_due", "tenant_id", "state", "next_at"),)

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


@dataclass(frozen=True)
class Waiting:
    """`oldest`: when the oldest statement that has not arrived was written."""

    waiting: int
    dead: int
    oldest: datetime | None


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


def claim(session: Session, tenant_id: str, now: datetime, limit: int, lease: timedelta) -> list[OutboxStatement]:
    """Lease the statements that have waited longest; a lease that ran out is due again."""
    rows = session.scalars(
        select(OutboxStatement)
        .where(
            OutboxStatement.tenant_id == tenant_id,
            OutboxStatement.state == OutboxState.WAITING,
            OutboxStatement.next_at <= now,
            or_(OutboxStatement.lease_until.is_(None), OutboxStatement.lease_until <= now),
        )
        .order_by(OutboxStatement.next_at, OutboxStatement.statement_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.lease_until = now + lease
    return list(rows)


def delivered(session: Session, statement_ids: Iterable[str], now: datetime) -> None:
    session.execute(
        update(OutboxStatement)
        .where(OutboxStatement.statement_id.in_(list(statement_ids)))
        .values(state=OutboxState.DELIVERED, delivered=now, body=None, lease_until=None, reason=None)
    )


def postpone(session: Session, statement_ids: Iterable[str], reason: str, next_at: datetime) -> None:
    """Try these again later, with the reason shown meanwhile."""
    session.execute(
        update(OutboxStatement)
        .where(OutboxStatement.statement_id.in_(list(statement_ids)), OutboxStatement.state == OutboxState.WAITING)
        .values(attempts=OutboxStatement.attempts + 1, reason=reason[:1000], next_at=next_at, lease_until=None)
    )


def bury(session: Session, statement_id: str, reason: str) -> None:
    """Give up on a statement the store will never take, until a person replays it."""
    session.execute(
        update(OutboxStatement)
        .where(OutboxStatement.statement_id == statement_id, OutboxStatement.state == OutboxState.WAITING)
        .values(state=OutboxState.DEAD, reason=reason[:1000], lease_until=None)
    )


def replay(session: Session, tenant_id: str, now: datetime) -> int:
    """Put the dead letters back in the queue and make waiting ones due now; answers how many."""
    done = session.execute(
        update(OutboxStatement)
        .where(OutboxStatement.tenant_id == tenant_id, OutboxStatement.state != OutboxState.DELIVERED)
        .values(state=OutboxState.WAITING, next_at=now, attempts=0)
    )
    return int(getattr(done, "rowcount", 0))


def problems(session: Session, tenant_id: str, limit: int = 100) -> list[OutboxStatement]:
    """What the admin page lists: dead letters, and waiting statements that failed at least once."""
    return list(
        session.scalars(
            select(OutboxStatement)
            .where(
                OutboxStatement.tenant_id == tenant_id,
                OutboxStatement.state != OutboxState.DELIVERED,
                OutboxStatement.reason.is_not(None),
            )
            .order_by(OutboxStatement.created)
            .limit(limit)
        )
    )


def summary(session: Session, tenant_id: str) -> Waiting:
    rows = session.execute(
        select(OutboxStatement.state, func.count().label("n"), func.min(OutboxStatement.created).label("oldest"))
        .where(OutboxStatement.tenant_id == tenant_id, OutboxStatement.state != OutboxState.DELIVERED)
        .group_by(OutboxStatement.state)
    ).all()
    counts = {row.state: row.n for row in rows}
    return Waiting(
        waiting=counts.get(OutboxState.WAITING, 0),
        dead=counts.get(OutboxState.DEAD, 0),
        oldest=min((row.oldest for row in rows), default=None),
    )
