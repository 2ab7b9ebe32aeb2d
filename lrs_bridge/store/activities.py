"""What the embedded record store knows of activities: one definition each, merged from all that were sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, insert_for


class ActivityRow(Base):
    """`key` is a hash of the id, since an IRI may be of any length."""

    __tablename__ = "activity"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "key"),)

    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    key: Mapped[bytes] = mapped_column(LargeBinary(16))
    id: Mapped[str] = mapped_column(Text)
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    updated: Mapped[datetime] = mapped_column(UtcDateTime)


def definitions(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The definitions of those of these activities that have one, by id."""
    keys = [_hash(id_) for id_ in ids]
    if not keys:
        return {}
    query = select(ActivityRow.id, ActivityRow.definition).where(
        ActivityRow.tenant_id == tenant_id, ActivityRow.key.in_(keys)
    )
    return {row.id: row.definition for row in session.execute(query)}


def define(session: Session, tenant_id: str, found: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """Set definitions, by id of the activity. Only one writer at a time may read, merge and set (`statements.lock`)."""
    rows = [
        {"tenant_id": tenant_id, "key": _hash(id_), "id": id_, "definition": definition, "updated": now}
        for id_, definition in found.items()
    ]
    if not rows:
        return
    insert = insert_for(session)(ActivityRow)
    changing = {"definition": insert.excluded.definition, "updated": insert.excluded.updated}
    session.execute(insert.on_conflict_do_update(index_elements=["tenant_id", "key"], set_=changing), rows)


def _hash(id_: str) -> bytes:
    return blake2b(id_.encode(), digest_size=16).digest()
