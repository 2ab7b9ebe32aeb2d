"""Listeners that are switched on, how they are doing, and the news that waits to be told to each of them.

News are written in the transaction of what they are about, one row for each listener that hears it, and go when the
listener has taken them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime


class ListenerRow(Base):
    """A listener that a tenant's admin switched on. `hears`: what it declares, so that writers need no plugins.

    `sealed`: its settings, encrypted. `next_at`: before that it is not called. `failures`: each success takes one
    back, so that a listener that stumbles gets little at first. `reason` of the last one, `since` when it began.
    `told_at` and `seconds`: of the last call that went well. `dropped`: news that it never took.
    """

    __tablename__ = "listener"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    hears: Mapped[Any] = mapped_column(Json)
    sealed: Mapped[str] = mapped_column(Text)
    changed: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(1000))
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[float | None]
    dropped: Mapped[int] = mapped_column(default=0)


class NewsRow(Base):
    """One thing to tell one listener. `body`: of `domain.listeners.Recorded` or `Change`, as `heard` says."""

    __tablename__ = "news"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "listener"], ["listener.tenant_id", "listener.key"], ondelete="CASCADE"),
        Index("ix_news_listener", "tenant_id", "listener", "id"),
        Index("ix_news_created", "created"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id)
    listener: Mapped[str] = mapped_column(String(100))
    heard: Mapped[str] = mapped_column(String(12))
    body: Mapped[Any] = mapped_column(Json)
    created: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Waiting:
    """News of one listener that it has not taken yet."""

    number: int = 0
    oldest: datetime | None = None


def put(session: Session, tenant_id: str, key: str, hears: Iterable[str], sealed: str, now: datetime) -> None:
    """Switch on, or change the settings; what waits is told at once."""
    row = session.get(ListenerRow, (tenant_id, key))
    if row is None:
        row = ListenerRow(tenant_id=tenant_id, key=key)
        session.add(row)
    row.hears, row.sealed, row.changed, row.next_at = sorted(hears), sealed, now, now
    row.failures, row.since, row.reason = 0, None, None


def remove(session: Session, tenant_id: str, key: str) -> bool:
    """Switch off, and forget the settings and what was not told; False where it was not on."""
    row = session.get(ListenerRow, (tenant_id, key))
    if row is None:
        return False
    session.execute(delete(NewsRow).where(NewsRow.tenant_id == tenant_id, NewsRow.listener == key))
    session.delete(row)
    session.flush()
    return True


def find(session: Session, tenant_id: str, key: str) -> ListenerRow | None:
    return session.get(ListenerRow, (tenant_id, key))


def switched_on(session: Session, tenant_id: str) -> list[ListenerRow]:
    """In order of key."""
    query = select(ListenerRow).where(ListenerRow.tenant_id == tenant_id).order_by(ListenerRow.key)
    return list(session.scalars(query))


def failing(session: Session, tenant_id: str, before: datetime) -> dict[str, str]:
    """Reasons by key, of listeners that have been failing since before then."""
    query = select(ListenerRow.key, ListenerRow.reason).where(ListenerRow.tenant_id == tenant_id)
    rows = session.execute(query.where(ListenerRow.since < before).order_by(ListenerRow.key))
    return {key: reason or "" for key, reason in rows}


def hearing(session: Session, tenant_id: str, heard: str) -> list[str]:
    """Keys of the listeners of a tenant that hear this."""
    rows = session.execute(select(ListenerRow.key, ListenerRow.hears).where(ListenerRow.tenant_id == tenant_id))
    return [key for key, hears in rows if heard in hears]


def add_news(
    session: Session,
    tenant_id: str,
    to: Collection[str],
    heard: str,
    bodies: Iterable[Mapping[str, Any]],
    now: datetime,
) -> None:
    """Have each of these listeners told each of these."""
    session.add_all(
        NewsRow(tenant_id=tenant_id, listener=key, heard=heard, body=dict(body), created=now)
        for body in bodies
        for key in to
    )


def due(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Tenant and key of listeners that have something to hear now."""
    news = select(NewsRow.id).where(NewsRow.tenant_id == ListenerRow.tenant_id, NewsRow.listener == ListenerRow.key)
    query = select(ListenerRow.tenant_id, ListenerRow.key).where(ListenerRow.next_at <= now, news.exists())
    return [(tenant_id, key) for tenant_id, key in session.execute(query)]


def take(session: Session, tenant_id: str, key: str, now: datetime, until: datetime) -> ListenerRow | None:
    """Take the turn of calling this listener until then; None where it is not due, or another has the turn."""
    query = select(ListenerRow).where(ListenerRow.tenant_id == tenant_id, ListenerRow.key == key)
    row = session.scalar(query.where(ListenerRow.next_at <= now).with_for_update(skip_locked=True))
    if row is not None:
        row.next_at = until
    return row


def first_news(session: Session, tenant_id: str, key: str, most: int) -> Sequence[NewsRow]:
    """What has waited longest, all of one sort."""
    mine = NewsRow.tenant_id == tenant_id, NewsRow.listener == key
    rows = session.scalars(select(NewsRow).where(*mine).order_by(NewsRow.id).limit(most)).all()
    return [row for row in rows if row.heard == rows[0].heard]


def forget(session: Session, ids: Collection[int]) -> None:
    """These were taken, or never will be."""
    session.execute(delete(NewsRow).where(NewsRow.id.in_(ids)).execution_options(synchronize_session=False))


def waiting(session: Session, tenant_id: str) -> dict[str, Waiting]:
    """By key, of listeners for which something waits."""
    query = select(NewsRow.listener, func.count(), func.min(NewsRow.created, type_=UtcDateTime))
    rows = session.execute(query.where(NewsRow.tenant_id == tenant_id).group_by(NewsRow.listener))
    return {key: Waiting(number, oldest) for key, number, oldest in rows}


def drop_old(session: Session, before: datetime) -> dict[tuple[str, str], int]:
    """Forget news that nobody took in time; answers how many, by tenant and key, which the rows count."""
    old = NewsRow.created < before
    query = select(NewsRow.tenant_id, NewsRow.listener, func.count()).where(old)
    found = {(t, key): n for t, key, n in session.execute(query.group_by(NewsRow.tenant_id, NewsRow.listener))}
    if found:
        session.execute(delete(NewsRow).where(old).execution_options(synchronize_session=False))
    for place, number in found.items():
        session.get_one(ListenerRow, place).dropped += number
    return found
