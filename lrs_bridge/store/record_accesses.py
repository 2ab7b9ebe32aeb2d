"""Who looked at the record: every page and every export, with what was asked for and how much was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime


class Looked(StrEnum):
    """What somebody opened."""

    LIST = "list"
    STATEMENT = "statement"
    EXPORT = "export"
    CASE = "case"  # of a success case study, with its name
    REPORT = "report"  # of a study
    CONTENT = "content"  # they said why they need content, and see it from then on in this visit


class RecordAccess(Base):
    """One look. `account` is the person's; `visit`, a hash, tells an administrator's visits apart, who have no account.

    `filter` holds ids and words of ours, never a name; or the `reason` for seeing content, in the administrator's
    words. `count` is None for an export that did not come to its end.
    No key to person and run: what was looked at stays noted when they are gone.
    """

    __tablename__ = "record_access"
    __table_args__ = (
        Index("ix_record_access_tenant_id_id", "tenant_id", "id"),
        Index("ix_record_access_visit", "visit"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    role: Mapped[str] = mapped_column(String(20))
    account: Mapped[str | None] = mapped_column(Id)
    visit: Mapped[str | None] = mapped_column(String(64))
    run_id: Mapped[str | None] = mapped_column(Id)
    looked: Mapped[str] = mapped_column(String(10))
    content: Mapped[bool] = mapped_column(Boolean)
    filter: Mapped[Any] = mapped_column(Json)
    count: Mapped[int | None]


@dataclass(frozen=True)
class Viewer:
    """Who looks: a person by account, or an administrator by visit; `run_id` where they see one run only."""

    role: str
    account: str | None = None
    visit: str | None = None
    run_id: str | None = None


def note(
    session: Session,
    tenant_id: str,
    viewer: Viewer,
    looked: Looked,
    content: bool,
    wanted: Mapping[str, Any],
    count: int | None,
    now: datetime,
) -> int:
    """Keep a look; answers its number, for `finished`."""
    row = RecordAccess(
        tenant_id=tenant_id,
        at=now,
        role=viewer.role,
        account=viewer.account,
        visit=viewer.visit,
        run_id=viewer.run_id,
        looked=str(looked),
        content=content,
        filter=dict(wanted),
        count=count,
    )
    session.add(row)
    session.flush()
    return row.id


def finished(session: Session, access_id: int, count: int) -> None:
    """How many statements an export held in the end."""
    session.get_one(RecordAccess, access_id).count = count


def content_opened(session: Session, tenant_id: str, visit: str) -> bool:
    """Whether an administrator said in this visit why they need to see content."""
    opened = RecordAccess.looked == Looked.CONTENT, RecordAccess.visit == visit
    query = select(RecordAccess.id).where(RecordAccess.tenant_id == tenant_id, *opened).limit(1)
    return session.scalar(query) is not None


def of_report(session: Session, tenant_id: str, run_id: str, report_id: str) -> list[RecordAccess]:
    """Who read a report, the latest first."""
    of_run = RecordAccess.tenant_id == tenant_id, RecordAccess.run_id == run_id
    query = select(RecordAccess).where(*of_run, RecordAccess.looked == Looked.REPORT)
    found = session.scalars(query.order_by(RecordAccess.id.desc()))
    return [one for one in found if one.filter.get("report") == report_id]


def newest(session: Session, tenant_id: str, limit: int, before: int | None = None) -> list[RecordAccess]:
    """The latest looks, from before the one with this number."""
    query = select(RecordAccess).where(RecordAccess.tenant_id == tenant_id)
    if before is not None:
        query = query.where(RecordAccess.id < before)
    return list(session.scalars(query.order_by(RecordAccess.id.desc()).limit(limit)))
