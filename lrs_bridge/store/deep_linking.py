"""Deep linking requests: what an LMS asked a designer to choose, kept until it is answered, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, UtcDateTime
from lrs_bridge.store.sessions import hashed


class DeepLinkingRow(Base):
    """A request belongs to one visit, and is forgotten with it. `settings` are the LMS's own."""

    __tablename__ = "deep_linking_request"

    token_hash: Mapped[str] = mapped_column(ForeignKey("visit.token_hash", ondelete="CASCADE"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    answered: Mapped[datetime | None] = mapped_column(UtcDateTime)


def keep(
    session: Session,
    token: str,
    tenant_id: str,
    platform_id: str,
    deployment_id: str,
    settings: dict[str, Any],
    now: datetime,
) -> None:
    """Bind a request to the visit of this token."""
    session.add(
        DeepLinkingRow(
            token_hash=hashed(token),
            tenant_id=tenant_id,
            platform_id=platform_id,
            deployment_id=deployment_id,
            settings=settings,
            created=now,
        )
    )
    session.flush()


def find(session: Session, tenant_id: str, token: str) -> DeepLinkingRow | None:
    """The request that this visit was opened for."""
    return session.scalar(
        select(DeepLinkingRow).where(DeepLinkingRow.tenant_id == tenant_id, DeepLinkingRow.token_hash == hashed(token))
    )


def answer(session: Session, tenant_id: str, token: str, now: datetime) -> bool:
    """Spend the request; False if it was answered before. What goes with the answer stays with the LMS alone."""
    spend = (
        update(DeepLinkingRow)
        .where(
            DeepLinkingRow.tenant_id == tenant_id,
            DeepLinkingRow.token_hash == hashed(token),
            DeepLinkingRow.answered.is_(None),
        )
        .values(answered=now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(spend)).rowcount == 1
