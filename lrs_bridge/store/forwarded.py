"""Which key forwarded which statement: a forwarder may void what it sent itself, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime


class ForwardedStatement(Base):
    """`body`: of a void whose target (`voids`) this key has not sent yet; it waits for it. Else None."""

    __tablename__ = "forwarded_statement"
    __table_args__ = (Index("ix_forwarded_statement_voids", "tenant_id", "voids"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("ingest_key.id"))
    voids: Mapped[str | None] = mapped_column(Id)
    body: Mapped[Any | None] = mapped_column(Json)
    received: Mapped[datetime] = mapped_column(UtcDateTime)


def senders(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, str]:
    """The key that sent each of these statements, of those that any key sent."""
    wanted = ForwardedStatement.tenant_id == tenant_id, ForwardedStatement.id.in_(set(ids))
    return {
        row.id: row.key_id
        for row in session.execute(select(ForwardedStatement.id, ForwardedStatement.key_id).where(*wanted))
    }


def remember(
    session: Session,
    tenant_id: str,
    key_id: str,
    statement_id: str,
    now: datetime,
    voids: str | None = None,
    waiting: Mapping[str, Any] | None = None,
) -> None:
    """This key sent this statement; a void that has to wait for its target is kept whole (`waiting`)."""
    session.add(
        ForwardedStatement(
            tenant_id=tenant_id,
            id=statement_id,
            key_id=key_id,
            voids=voids,
            body=None if waiting is None else dict(waiting),
            received=now,
        )
    )
    session.flush()


def waiting_voids(session: Session, tenant_id: str, key_id: str, targets: Iterable[str]) -> list[ForwardedStatement]:
    """Voids by this key that came before these statements and wait for them."""
    query = select(ForwardedStatement).where(
        ForwardedStatement.tenant_id == tenant_id,
        ForwardedStatement.key_id == key_id,
        ForwardedStatement.voids.in_(set(targets)),
        ForwardedStatement.body.is_not(None),
    )
    return list(session.scalars(query.order_by(ForwardedStatement.id)))
