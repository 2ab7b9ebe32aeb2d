"""Which evaluators are switched on where, and with which settings: data, read at the time of use."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.store.base import Base, Json, UtcDateTime


class PluginSetting(Base):
    """One evaluator in one place: a platform, a course, or a journey by slug. `enabled` and `posted` (whether it has
    a column in the gradebook) None: as the wider place says."""

    __tablename__ = "plugin_setting"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    evaluator: Mapped[str] = mapped_column(String(100), primary_key=True)
    scope: Mapped[str] = mapped_column(String(10), primary_key=True)
    scope_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    enabled: Mapped[bool | None]
    settings: Mapped[Any] = mapped_column(Json)
    changed: Mapped[datetime] = mapped_column(UtcDateTime)
    posted: Mapped[bool | None]

    @property
    def place(self) -> Place:
        return Place(Scope(self.scope), self.scope_id)

    @property
    def word(self) -> Word:
        return Word(self.enabled, self.settings, self.posted)


def words(session: Session, tenant_id: str, places: Collection[Place] | None = None) -> dict[str, dict[Place, Word]]:
    """What is said in a tenant, or only in these places, by evaluator and place, in one query."""
    query = select(PluginSetting).where(PluginSetting.tenant_id == tenant_id)
    if places is not None:
        query = query.where(PluginSetting.scope_id.in_({place.id for place in places}))
    found: dict[str, dict[Place, Word]] = {}
    for row in session.scalars(query):
        if places is None or row.place in places:
            found.setdefault(row.evaluator, {})[row.place] = row.word
    return found


def put(session: Session, tenant_id: str, evaluator: str, place: Place, word: Word, now: datetime) -> None:
    """Say this of an evaluator in a place; a word that says nothing leaves nothing behind."""
    key = {"tenant_id": tenant_id, "evaluator": evaluator, "scope": str(place.scope), "scope_id": place.id}
    row = session.get(PluginSetting, key)
    if word.says_nothing:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = PluginSetting(**key)
        session.add(row)
    row.enabled, row.posted, row.settings, row.changed = word.enabled, word.column, dict(word.settings), now
