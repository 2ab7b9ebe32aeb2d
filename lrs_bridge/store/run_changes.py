"""What was done to a run as a whole, when and by whom: rows are added and never changed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, Shown, UtcDateTime, new_id


class RunAction(StrEnum):
    """`MIGRATED`: the run has another version."""

    STARTED = "started"
    MOVED = "moved"
    CLOSED = "closed"
    REOPENED = "reopened"
    PILOT = "pilot"
    MIGRATED = "migrated"
    ARCHIVED = "archived"


class RunChange(Base):
    """`old` and `new`: what was and what is, by the action (a day, a version with its id, a switch).

    `undoes`: the change that this one took back. `act` is the form's, so that sending twice is the same as once.
    """

    __tablename__ = "run_change"
    __table_args__ = (Index("ix_run_change_run_at", "run_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    place: Mapped[int]
    act: Mapped[str] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(10))
    old: Mapped[Any] = mapped_column(Json, nullable=True)
    new: Mapped[Any] = mapped_column(Json, nullable=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(Shown(200))
    undoes: Mapped[str | None] = mapped_column(Id)


def note(
    session: Session,
    tenant_id: str,
    run_id: str,
    act: str,
    action: RunAction,
    old: Any,
    new: Any,
    by: str,
    now: datetime,
    undoes: str | None = None,
) -> RunChange:
    known = changes_of(session, tenant_id, run_id, 1)
    row = RunChange(
        id=new_id(),
        tenant_id=tenant_id,
        run_id=run_id,
        place=known[0].place + 1 if known else 1,
        act=act,
        action=str(action),
        old=old,
        new=new,
        at=now,
        by=by,
        undoes=undoes,
    )
    session.add(row)
    session.flush()
    return row


def changes_of(session: Session, tenant_id: str, run_id: str, limit: int = 100) -> list[RunChange]:
    """The newest first."""
    wanted = RunChange.tenant_id == tenant_id, RunChange.run_id == run_id
    return list(session.scalars(select(RunChange).where(*wanted).order_by(RunChange.place.desc()).limit(limit)))


def made_by(session: Session, tenant_id: str, run_id: str, act: str) -> RunChange | None:
    """What this very form did, if it was sent before."""
    wanted = RunChange.tenant_id == tenant_id, RunChange.run_id == run_id, RunChange.act == act
    return session.scalar(select(RunChange).where(*wanted).limit(1))
