"""The notice of what is recorded: who has read it, as what, and which wording."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, UtcDateTime


class NoticeRead(Base):
    """`wording` is the version of the text; a new one is to be read again."""

    __tablename__ = "notice_read"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    wording: Mapped[int]
    read: Mapped[datetime] = mapped_column(UtcDateTime)


def put(
    session: Session,
    tenant_id: str,
    run_id: str,
    person_id: str,
    roles: Collection[str],
    wording: int,
    now: datetime,
) -> None:
    """They have read it in these roles; of the same wording the first time stands."""
    for role in roles:
        row = session.get(NoticeRead, (run_id, person_id, role))
        if row is None:
            row = NoticeRead(run_id=run_id, person_id=person_id, role=role, tenant_id=tenant_id, wording=0)
            session.add(row)
        if row.wording != wording:
            row.wording, row.read = wording, now


def read_by(session: Session, tenant_id: str, run_id: str, person_id: str) -> dict[str, NoticeRead]:
    """By role."""
    mine = NoticeRead.tenant_id == tenant_id, NoticeRead.run_id == run_id, NoticeRead.person_id == person_id
    return {row.role: row for row in session.scalars(select(NoticeRead).where(*mine))}
