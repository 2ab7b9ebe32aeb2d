"""Pauses in sending to a record store that is down, or that asked us to wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, UtcDateTime


class RecordPause(Base):
    """Nothing is sent to this tenant's store until then. `failures` in a row; each success takes one back, so that a
    store that recovers, or is slow, gets little at first. `since`: the first of them."""

    __tablename__ = "record_pause"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    reason: Mapped[str] = mapped_column(String(1000))


def pause_of(session: Session, tenant_id: str) -> RecordPause | None:
    return session.get(RecordPause, tenant_id)


def pause(session: Session, tenant_id: str, reason: str, now: datetime, until: datetime) -> None:
    """Send nothing until then."""
    row = session.get(RecordPause, tenant_id, with_for_update=True)
    if row is None:
        row = RecordPause(tenant_id=tenant_id, since=now, failures=0)
        session.add(row)
    row.until, row.reason, row.failures = until, reason[:1000], row.failures + 1


def ease(session: Session, tenant_id: str, most: int) -> None:
    """The store took something. It is as if it had failed once less, and at the most `most` times."""
    row = session.get(RecordPause, tenant_id, with_for_update=True)
    if row is None:
        return
    row.failures = min(row.failures, most) - 1
    if row.failures <= 0:
        session.delete(row)


def end(session: Session, tenant_id: str) -> None:
    """Somebody says that the store is worth asking now."""
    session.execute(delete(RecordPause).where(RecordPause.tenant_id == tenant_id))
