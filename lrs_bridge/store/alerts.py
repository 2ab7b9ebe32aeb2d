"""Alerts that are on, each once for every way it is told by. A row goes when its end was told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.alerting import Trouble
from lrs_bridge.store.base import Base, Shown, UtcDateTime, insert_for


class AlertRow(Base):
    """`told`: when its beginning was. `ended`: it is over, which is still to be told. `next_at` None: nothing to tell
    now. `lease_until`: somebody is telling it."""

    __tablename__ = "alert"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    text: Mapped[str] = mapped_column(Shown(1000))
    began: Mapped[datetime] = mapped_column(UtcDateTime)
    told: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(500))


def note(
    session: Session, tenant_id: str, troubles: Sequence[Trouble], channels: Collection[str], now: datetime
) -> None:
    """These are on at present, and no others. Ways that are no longer set are forgotten."""
    mine = AlertRow.tenant_id == tenant_id
    session.execute(delete(AlertRow).where(mine, AlertRow.channel.not_in(list(channels))))
    locked = select(AlertRow).where(mine).order_by(AlertRow.key, AlertRow.channel).with_for_update()
    known = {(row.key, row.channel): row for row in session.scalars(locked)}
    on = {trouble.key: trouble for trouble in troubles}
    for key, trouble in on.items():
        for channel in channels:
            row = known.get((key, channel))
            if row is None:
                new = {"text": trouble.text[:1000], "began": now, "next_at": now, "attempts": 0}
                adding = insert_for(session)(AlertRow).values(tenant_id=tenant_id, key=key, channel=channel, **new)
                session.execute(adding.on_conflict_do_nothing())
            elif row.ended is not None:
                row.ended, row.next_at = None, None if row.told else now
    for (key, _), row in known.items():
        if key not in on and row.ended is None:
            _end(session, row, now)


def _end(session: Session, row: AlertRow, now: datetime) -> None:
    """Of what nobody has heard of, nobody has to hear that it is over."""
    if row.told is None and (row.lease_until is None or row.lease_until <= now):
        session.delete(row)
    else:
        row.ended, row.next_at, row.attempts = now, now, 0


def claim(session: Session, tenant_id: str, now: datetime, lease: timedelta, limit: int = 50) -> list[AlertRow]:
    """Lease what is to be told now, beginnings first."""
    free = AlertRow.next_at <= now, or_(AlertRow.lease_until.is_(None), AlertRow.lease_until <= now)
    query = select(AlertRow).where(AlertRow.tenant_id == tenant_id, *free).order_by(AlertRow.began, AlertRow.key)
    rows = list(session.scalars(query.limit(limit).with_for_update(skip_locked=True)))
    for row in rows:
        row.lease_until = now + lease
    session.flush()
    return rows


def told(session: Session, claimed: AlertRow, now: datetime) -> None:
    """The other side took it."""
    row = _current(session, claimed)
    if row is None:
        return
    if claimed.ended is not None and row.ended is not None:
        session.delete(row)
        return
    row.told = now if claimed.ended is None else None
    row.next_at = now if row.ended is not None or row.told is None else None
    row.attempts, row.lease_until, row.reason = 0, None, None


def postpone(session: Session, claimed: AlertRow, reason: str, next_at: datetime) -> None:
    """It could not be told; it is tried again."""
    row = _current(session, claimed)
    if row is not None:
        row.attempts += 1
        row.reason, row.next_at, row.lease_until = reason[:500], next_at, None


def _current(session: Session, claimed: AlertRow) -> AlertRow | None:
    key = claimed.tenant_id, claimed.key, claimed.channel
    return session.get(AlertRow, key, populate_existing=True, with_for_update=True)


def all_on(session: Session, tenant_id: str) -> Sequence[AlertRow]:
    """Those that are on, or whose end is still to be told; the oldest first."""
    query = select(AlertRow).where(AlertRow.tenant_id == tenant_id)
    return session.scalars(query.order_by(AlertRow.began, AlertRow.key, AlertRow.channel)).all()
