"""Who switched a listener on or off or set it, and when.

Settings of listeners are secrets or lead to some, and are kept encrypted: the log names those that changed, and has no
values.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, Shown, UtcDateTime
from lrs_bridge.store.plugin_changes import Who


class Did(StrEnum):
    """What somebody did about a listener."""

    ON = "on"
    SET = "set"
    OFF = "off"


class ListenerChange(Base):
    """One change. `act` is the form's: sending it twice is one change. `names`: the settings that became others.

    `who` is the name that the administrator's link was made for, and `visit`, a hash, tells their visits apart; it is
    empty for the command line.
    """

    __tablename__ = "listener_change"
    __table_args__ = (
        UniqueConstraint("tenant_id", "act"),
        Index("ix_listener_change_tenant_id_id", "tenant_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    act: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Shown(200))
    visit: Mapped[str] = mapped_column(String(64))
    listener: Mapped[str] = mapped_column(String(100))
    did: Mapped[str] = mapped_column(String(3))
    names: Mapped[Any] = mapped_column(Json)


def note(
    session: Session, tenant_id: str, act: str, who: Who, listener: str, did: Did, names: Sequence[str], now: datetime
) -> None:
    row = ListenerChange(
        tenant_id=tenant_id,
        act=act,
        at=now,
        who=who.name,
        visit=who.visit,
        listener=listener,
        did=str(did),
        names=list(names),
    )
    session.add(row)
    session.flush()


def made_by(session: Session, tenant_id: str, act: str) -> bool:
    """Whether a form has done its work already."""
    return session.scalar(_of(tenant_id).where(ListenerChange.act == act)) is not None


def newest(session: Session, tenant_id: str, limit: int, listener: str | None = None) -> list[ListenerChange]:
    """Of all, or of one; latest first."""
    query = _of(tenant_id)
    if listener is not None:
        query = query.where(ListenerChange.listener == listener)
    return list(session.scalars(query.order_by(ListenerChange.id.desc()).limit(limit)))


def since(session: Session, tenant_id: str, listener: str, number: int) -> list[ListenerChange]:
    """Changes of a listener after this one, oldest first."""
    wanted = ListenerChange.listener == listener, ListenerChange.id > number
    return list(session.scalars(_of(tenant_id).where(*wanted).order_by(ListenerChange.id)))


def _of(tenant_id: str) -> Select[ListenerChange]:
    return select(ListenerChange).where(ListenerChange.tenant_id == tenant_id)
