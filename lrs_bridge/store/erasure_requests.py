"""Requests of people to be erased: recorded when they ask, shown to administrators until one says it is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id


class ErasureRequest(Base):
    """`settled`: when it was taken back (`by` None) or when an administrator (`by`) said that it was seen to."""

    __tablename__ = "erasure_request"
    __table_args__ = (Index("ix_erasure_request_person", "tenant_id", "person_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked: Mapped[datetime] = mapped_column(UtcDateTime)
    settled: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str | None] = mapped_column(String(200))


def open_of(session: Session, tenant_id: str, person_id: str) -> ErasureRequest | None:
    mine = ErasureRequest.tenant_id == tenant_id, ErasureRequest.person_id == person_id
    return session.scalar(select(ErasureRequest).where(*mine, ErasureRequest.settled.is_(None)).limit(1))


def ask(session: Session, tenant_id: str, person_id: str, now: datetime) -> ErasureRequest:
    """Asking twice is the same as once."""
    row = open_of(session, tenant_id, person_id)
    if row is None:
        row = ErasureRequest(id=new_id(), tenant_id=tenant_id, person_id=person_id, asked=now)
        session.add(row)
    return row


def take_back(session: Session, tenant_id: str, person_id: str, now: datetime) -> None:
    row = open_of(session, tenant_id, person_id)
    if row is not None:
        row.settled = now


def settle(session: Session, tenant_id: str, request_id: str, by: str, now: datetime) -> bool:
    """An administrator has seen to it; False where there is no such open request."""
    row = session.get(ErasureRequest, request_id)
    if row is None or row.tenant_id != tenant_id or row.settled is not None:
        return False
    row.settled, row.by = now, by
    return True


def all_open(session: Session, tenant_id: str) -> list[ErasureRequest]:
    """Oldest first."""
    mine = ErasureRequest.tenant_id == tenant_id, ErasureRequest.settled.is_(None)
    return list(session.scalars(select(ErasureRequest).where(*mine).order_by(ErasureRequest.asked)))
