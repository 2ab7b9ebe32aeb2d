"""Pauses in sending to an LMS that is down, or that asked us to wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, UtcDateTime
from lrs_bridge.store.platforms import Platform


class GradebookPause(Base):
    """Nothing is sent to this LMS until then. `failures` in a row so far."""

    __tablename__ = "gradebook_pause"

    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))


def failures_of(session: Session, platform_id: str) -> int:
    """How often in a row this platform was found down."""
    known = session.get(GradebookPause, platform_id)
    return known.failures if known is not None else 0


def pause(session: Session, platform_id: str, reason: str, until: datetime) -> None:
    """Send nothing there until then."""
    row = session.get(GradebookPause, platform_id, with_for_update=True)
    if row is None:
        row = GradebookPause(platform_id=platform_id, failures=0)
        session.add(row)
    row.until, row.reason, row.failures = until, reason[:500], row.failures + 1


def resume(session: Session, platform_id: str) -> None:
    """It took a score: what was before is forgotten."""
    session.execute(delete(GradebookPause).where(GradebookPause.platform_id == platform_id))


def end_all(session: Session, tenant_id: str) -> None:
    """Somebody says that the tenant's LMSs are worth asking now."""
    own = select(Platform.id).where(Platform.tenant_id == tenant_id)
    session.execute(delete(GradebookPause).where(GradebookPause.platform_id.in_(own)))
