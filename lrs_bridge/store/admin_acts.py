"""What administrators did on their pages, file by file and form by form, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Select, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, Shown, UtcDateTime


class Outcome(StrEnum):
    """What came of an act: `begun` until its answer is there, and for ever where the process ended in between."""

    BEGUN = "begun"
    DONE = "done"
    REFUSED = "refused"
    BROKEN = "broken"


class AdminAct(Base):
    """One act. `what` is the name of the form or file, `about` the ids in its address; nothing that was typed.

    `who` is the name that the administrator's link was made for, and `visit`, a hash, tells their visits apart.
    """

    __tablename__ = "admin_act"
    __table_args__ = (
        Index("ix_admin_act_tenant_id_id", "tenant_id", "id"),
        Index("ix_admin_act_at", "tenant_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Shown(200))
    visit: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(50))
    about: Mapped[Any] = mapped_column(Json)
    outcome: Mapped[str] = mapped_column(String(10))


def note(
    session: Session,
    tenant_id: str,
    who: str,
    visit: str,
    what: str,
    about: Mapping[str, Any],
    outcome: Outcome,
    now: datetime,
) -> int:
    """One more, and its number."""
    row = AdminAct(
        tenant_id=tenant_id, at=now, who=who, visit=visit, what=what, about=dict(about), outcome=str(outcome)
    )
    session.add(row)
    session.flush()
    return row.id


def settle(session: Session, tenant_id: str, number: int, outcome: Outcome) -> None:
    """What came of it."""
    mine = AdminAct.tenant_id == tenant_id, AdminAct.id == number
    session.execute(update(AdminAct).where(*mine).values(outcome=str(outcome)))


def newest(session: Session, tenant_id: str, text: str, limit: int, before: int | None = None) -> list[AdminAct]:
    """Acts of administrators in whose name is `text`, latest first, from before the one with this number."""
    query = _found(tenant_id, text)
    if before is not None:
        query = query.where(AdminAct.id < before)
    return list(session.scalars(query.order_by(AdminAct.id.desc()).limit(limit)))


def every(session: Session, tenant_id: str, text: str) -> Iterator[AdminAct]:
    """All of them, oldest first, read in pieces."""
    yield from session.scalars(_found(tenant_id, text).order_by(AdminAct.id).execution_options(yield_per=500))


def _found(tenant_id: str, text: str) -> Select[AdminAct]:
    query = select(AdminAct).where(AdminAct.tenant_id == tenant_id)
    return query.where(AdminAct.who.icontains(text, autoescape=True)) if text else query
