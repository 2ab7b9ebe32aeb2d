"""Drafts of journeys: a file as it was last typed, right or wrong, until it is published or thrown away."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Shown, UtcDateTime, new_id

KEPT = timedelta(days=30)
"""How long a draft that was thrown away can be taken back."""


class DraftRow(Base):
    """`title` and `slug` are what could last be read of them. `base_id`: the version it began as.

    `revision` counts the changes, so that a form knows whether somebody else was faster. `by`: who changed it last.
    `previous` is the file before the last change, for taking that back.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_tenant_changed", "tenant_id", "changed"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    title: Mapped[str] = mapped_column(Shown(300))
    slug: Mapped[str] = mapped_column(Shown(100))
    source: Mapped[str] = mapped_column(Text)
    previous: Mapped[str | None] = mapped_column(Text)
    base_id: Mapped[str | None] = mapped_column(ForeignKey("journey.id"))
    revision: Mapped[int]
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    changed: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(Shown(200))
    removed: Mapped[datetime | None] = mapped_column(UtcDateTime)


def add_draft(session: Session, tenant_id: str, source: str, by: str, now: datetime, base_id: str | None) -> DraftRow:
    row = DraftRow(
        id=new_id(),
        tenant_id=tenant_id,
        title="",
        slug="",
        source=source,
        base_id=base_id,
        revision=1,
        created=now,
        changed=now,
        by=by,
    )
    session.add(row)
    return row


def get_draft(session: Session, tenant_id: str, draft_id: str, lock: bool = False) -> DraftRow | None:
    """One that was thrown away is found too, while it is kept. `lock`: until the transaction ends."""
    query = select(DraftRow).where(DraftRow.tenant_id == tenant_id, DraftRow.id == draft_id)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)


def drafts(session: Session, tenant_id: str, limit: int = 200) -> list[DraftRow]:
    """Those that were not thrown away, the latest change first."""
    query = select(DraftRow).where(DraftRow.tenant_id == tenant_id, DraftRow.removed.is_(None))
    return list(session.scalars(query.order_by(DraftRow.changed.desc(), DraftRow.id).limit(limit)))


def draft_from(session: Session, tenant_id: str, base_id: str) -> DraftRow | None:
    """The latest draft that began as this version."""
    wanted = DraftRow.tenant_id == tenant_id, DraftRow.base_id == base_id, DraftRow.removed.is_(None)
    return session.scalar(select(DraftRow).where(*wanted).order_by(DraftRow.changed.desc(), DraftRow.id).limit(1))


def remove_draft(session: Session, row: DraftRow, now: datetime) -> None:
    """Throw it away, and forget what was thrown away long ago."""
    row.removed = now
    session.flush()
    old = DraftRow.tenant_id == row.tenant_id, DraftRow.removed.is_not(None), DraftRow.removed < now - KEPT
    session.execute(delete(DraftRow).where(*old))
