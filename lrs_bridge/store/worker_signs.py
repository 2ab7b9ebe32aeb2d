"""Signs of life: which processes do the background work, and when each was last at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Shown, UtcDateTime, insert_for

SIGN_EVERY = timedelta(seconds=15)
LATE_AFTER = timedelta(minutes=2)
"""A worker that gave no sign for so long is gone, or hangs."""
_FORGOTTEN_AFTER = timedelta(days=1)


class WorkerSign(Base):
    """A process that works for all tenants. `called_by`: loop or celery."""

    __tablename__ = "worker_sign"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    host: Mapped[str] = mapped_column(Shown(200))
    called_by: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(Shown(50))
    started: Mapped[datetime] = mapped_column(UtcDateTime)
    seen: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Me:
    """The process that gives signs."""

    id: str
    host: str
    called_by: str
    version: str
    started: datetime


def sign(session: Session, me: Me, now: datetime) -> None:
    """This worker is alive. Forgets those of which nothing was heard for a day."""
    values = {"host": me.host, "called_by": me.called_by, "version": me.version, "started": me.started, "seen": now}
    insert = insert_for(session)(WorkerSign).values(id=me.id, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"seen": now}))
    session.execute(delete(WorkerSign).where(WorkerSign.seen < now - _FORGOTTEN_AFTER))


def leave(session: Session, id_: str) -> None:
    """This worker ended as it should."""
    session.execute(delete(WorkerSign).where(WorkerSign.id == id_))


def signs(session: Session) -> Sequence[WorkerSign]:
    """The workers of the last day, the latest sign first."""
    return session.scalars(select(WorkerSign).order_by(WorkerSign.seen.desc())).all()


def last_sign(session: Session) -> datetime | None:
    """When any worker was last at work; None where none was within a day."""
    return session.scalar(select(WorkerSign.seen).order_by(WorkerSign.seen.desc()).limit(1))
