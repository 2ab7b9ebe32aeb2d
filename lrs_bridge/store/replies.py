"""One sentence back: what a participant answers to a word of another on one of their moments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime


class Reply(Base):
    """To the statement of somebody's word. Read by the one who said it; it never leaves this database."""

    __tablename__ = "reply"

    statement_id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    written: Mapped[datetime] = mapped_column(UtcDateTime)


def write(session: Session, tenant_id: str, enrolment_id: str, statement_id: str, text: str, now: datetime) -> None:
    """The latest sentence stands."""
    row = session.get(Reply, statement_id)
    if row is None:
        row = Reply(statement_id=statement_id, tenant_id=tenant_id, enrolment_id=enrolment_id)
        session.add(row)
    row.text, row.written = text, now


def of_enrolments(session: Session, tenant_id: str, enrolment_ids: Iterable[str]) -> dict[str, str]:
    """Texts by the statement they answer."""
    mine = Reply.tenant_id == tenant_id, Reply.enrolment_id.in_(set(enrolment_ids))
    return {row.statement_id: row.text for row in session.scalars(select(Reply).where(*mine))}
