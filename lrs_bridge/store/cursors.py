"""How far each record store has been read, lap by lap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, delete, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.position import Position
from lrs_bridge.store.base import Base, UtcDateTime, insert_for

_LOCK = 0x696E  # PostgreSQL's advisory lock of whoever takes statements in, one for each tenant


class Lap(StrEnum):
    """`new` follows what comes in; `again` goes through the whole record, for what was missed."""

    NEW = "new"
    AGAIN = "again"


class Cursor(Base):
    """Where one lap through one store (`source`) is; see `domain.position`.

    `next_at`: when to ask next; None for a lap `again` that nobody has asked for. `caught_up`: when the end of the
    record was last reached. `looked_for`: a mark of what journeys wanted from other systems when the lap began.
    """

    __tablename__ = "source_cursor"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(400), primary_key=True)
    lap: Mapped[str] = mapped_column(String(5), primary_key=True)
    place: Mapped[datetime | None] = mapped_column(UtcDateTime)
    more: Mapped[str | None] = mapped_column(Text)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    caught_up: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_for: Mapped[str | None] = mapped_column(String(64))
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(500))

    @property
    def position(self) -> Position:
        return Position(self.place, self.more)

    @position.setter
    def position(self, position: Position) -> None:
        self.place, self.more = position.place, position.more


def lock(session: Session, tenant_id: str) -> None:
    """Become the only one who takes in statements of this tenant, until the transaction ends.

    A void and its target, taken in side by side, would miss each other. On SQLite a write transaction is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(:key, hashtext(:tenant))"), {"key": _LOCK, "tenant": tenant_id}
        )


def is_due(session: Session, tenant_id: str, source: str, lap: Lap, now: datetime, first: datetime | None) -> bool:
    """Whether `claim` may have something to give: a look without a lock."""
    row = session.get(Cursor, (tenant_id, source, lap))
    return row is None or (first is not None if row.next_at is None else row.next_at <= now)


def claim(
    session: Session, tenant_id: str, source: str, lap: Lap, now: datetime, lease: timedelta, first: datetime | None
) -> Position | None:
    """Where to read on, for this process alone until `lease` is over; None when it is not due (any more).

    `first`: when a lap that has no time yet is due.
    """
    key = {"tenant_id": tenant_id, "source": source, "lap": str(lap)}
    session.execute(insert_for(session)(Cursor).values(**key, next_at=first, failures=0).on_conflict_do_nothing())
    row = session.scalar(select(Cursor).filter_by(**key).with_for_update(skip_locked=True))
    if row is None:
        return None
    row.next_at = row.next_at or first
    if row.next_at is None or row.next_at > now:
        return None
    row.next_at = now + lease
    return row.position


def get_cursor(session: Session, tenant_id: str, source: str, lap: Lap) -> Cursor:
    return session.get_one(Cursor, (tenant_id, source, lap))


def cursors_of(session: Session, tenant_id: str) -> list[Cursor]:
    """All laps through all stores."""
    rows = session.scalars(select(Cursor).where(Cursor.tenant_id == tenant_id).order_by(Cursor.source, Cursor.lap))
    return list(rows)


def read_again(session: Session, tenant_id: str, now: datetime, source: str | None = None) -> int:
    """Have the stores (or one) read from the beginning, beside what comes in; answers how many."""
    wanted = [Cursor.tenant_id == tenant_id, Cursor.lap == Lap.AGAIN]
    if source is not None:
        wanted.append(Cursor.source == source)
    done = session.execute(update(Cursor).where(*wanted).values(next_at=now, place=None, more=None, failures=0))
    return int(getattr(done, "rowcount", 0))


def forget_others(session: Session, tenant_id: str, sources: Iterable[str]) -> None:
    """Keep the cursors of these stores: others are read no more, and would be from their beginning."""
    session.execute(delete(Cursor).where(Cursor.tenant_id == tenant_id, Cursor.source.not_in(list(sources))))
