"""What retention forgot, and when it last looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id

ROUND = "round"


class RetentionNote(Base):
    """`what` is a table, or `round`: it looked at everything, and `rows` went in all. No key to the run: it may go."""

    __tablename__ = "retention_note"
    __table_args__ = (Index("ix_retention_note_at", "tenant_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    what: Mapped[str] = mapped_column(String(100))
    run_id: Mapped[str | None] = mapped_column(Id)
    rows: Mapped[int]


def note(session: Session, tenant_id: str, what: str, run_id: str | None, rows: int, now: datetime) -> None:
    session.add(RetentionNote(id=new_id(), tenant_id=tenant_id, at=now, what=what, run_id=run_id, rows=rows))


def last_round(session: Session, tenant_id: str) -> datetime | None:
    """When everything was last looked at."""
    mine = RetentionNote.tenant_id == tenant_id, RetentionNote.what == ROUND
    return session.scalar(select(RetentionNote.at).where(*mine).order_by(RetentionNote.at.desc()).limit(1))


def newest(session: Session, tenant_id: str, limit: int = 100) -> list[RetentionNote]:
    """What went, the latest first; rounds in which nothing went are left out."""
    mine = RetentionNote.tenant_id == tenant_id, RetentionNote.what != ROUND
    return list(session.scalars(select(RetentionNote).where(*mine).order_by(RetentionNote.at.desc()).limit(limit)))
