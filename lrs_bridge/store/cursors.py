"""How far each record store has been read, and the statements that could not be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, UtcDateTime


class Cursor(Base):
    """`stored` of the last statement taken in; `read` is when we last asked."""

    __tablename__ = "ingest_cursor"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    stored: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(500))
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UnreadableStatement(Base):
    """A statement of somebody's that we cannot read, with the reason; it never stops the cursor."""

    __tablename__ = "unreadable_statement"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))
    body: Mapped[Any] = mapped_column(Json)
    seen: Mapped[datetime] = mapped_column(UtcDateTime)


def cursor_of(session: Session, tenant_id: str) -> Cursor:
    row = session.get(Cursor, tenant_id)
    if row is None:
        row = Cursor(tenant_id=tenant_id, failures=0)
        session.add(row)
        session.flush()
    return row


def put_unreadable(session: Session, tenant_id: str, statement_id: str, reason: str, body: Any, now: datetime) -> None:
    key = (tenant_id, statement_id[:200])
    if session.get(UnreadableStatement, key) is None:
        session.add(UnreadableStatement(tenant_id=key[0], id=key[1], reason=reason[:500], body=body, seen=now))


def count_unreadable(session: Session, tenant_id: str) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(UnreadableStatement).where(UnreadableStatement.tenant_id == tenant_id)
        )
        or 0
    )


def unreadable(session: Session, tenant_id: str, limit: int = 100) -> list[UnreadableStatement]:
    """The latest of them, for the admin page."""
    query = select(UnreadableStatement).where(UnreadableStatement.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(UnreadableStatement.seen.desc()).limit(limit)))
