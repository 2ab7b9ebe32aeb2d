"""The latest test of each tenant's record store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.probing import Probed, Traits
from lrs_bridge.store.base import Base, Json


class RecordProbe(Base):
    """`found` is a `domain.probing.Probed`. It says nothing about another address than `url`."""

    __tablename__ = "record_probe"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    url: Mapped[str] = mapped_column(String(1000))
    found: Mapped[Any] = mapped_column(Json)


def keep(session: Session, tenant_id: str, probed: Probed) -> None:
    session.merge(RecordProbe(tenant_id=tenant_id, url=probed.url[:1000], found=probed.as_dict()))


def latest(session: Session, tenant_id: str, url: str) -> Probed | None:
    """The latest test of the store at this address; None where it was not tested, or another was."""
    row = session.get(RecordProbe, tenant_id)
    return Probed.from_dict(row.found) if row is not None and row.url == url[:1000] else None


def traits(session: Session, tenant_id: str, url: str) -> Traits:
    """What is known of the store at this address; the careful values where nothing is."""
    probed = latest(session, tenant_id, url)
    return Traits() if probed is None else probed.traits
