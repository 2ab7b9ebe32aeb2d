"""Which evaluators are switched on where, and with which settings: data, read at the time of use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, UtcDateTime


class PluginSetting(Base):
    """One evaluator in one scope: `platform`, `journey` (slug) or `course`. `enabled` None: as the wider scope says."""

    __tablename__ = "plugin_setting"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    evaluator: Mapped[str] = mapped_column(String(100), primary_key=True)
    scope: Mapped[str] = mapped_column(String(10), primary_key=True)
    scope_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    enabled: Mapped[bool | None]
    settings: Mapped[Any] = mapped_column(Json)
    changed: Mapped[datetime] = mapped_column(UtcDateTime)


def settings_for(session: Session, tenant_id: str, platform_id: str, slug: str, course_id: str) -> list[PluginSetting]:
    """What is set for a run, widest scope first, so that the last word wins."""
    scopes = [("platform", platform_id), ("journey", slug), ("course", course_id)]
    rows = session.scalars(select(PluginSetting).where(PluginSetting.tenant_id == tenant_id)).all()
    return [row for scope in scopes for row in rows if (row.scope, row.scope_id) == scope]


def put_setting(
    session: Session,
    tenant_id: str,
    evaluator: str,
    scope: str,
    scope_id: str,
    enabled: bool | None,
    settings: dict[str, Any],
    now: datetime,
) -> None:
    key = {"tenant_id": tenant_id, "evaluator": evaluator, "scope": scope, "scope_id": scope_id}
    row = session.get(PluginSetting, key)
    if row is None:
        row = PluginSetting(**key)
        session.add(row)
    row.enabled, row.settings, row.changed = enabled, settings, now
