"""What the embedded record store knows of activities: one definition each, merged from all that were sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import ForeignKey, PrimaryKeyConstraint, String, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, core, insert_for
from lrs_bridge.store.prepared import Prepared

_MOST, _LONGEST = 1024, 2048  # definitions, and characters of each: a few megabytes at most


class ActivityRow(Base):
    """`key` is a hash of the id, since an IRI may be of any length."""

    __tablename__ = "activity"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "key"),)

    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    key: Mapped[str] = mapped_column(String(32))
    id: Mapped[str] = mapped_column(Text)
    definition: Mapped[dict[str, Any]] = mapped_column(Json)
    updated: Mapped[datetime] = mapped_column(UtcDateTime)


def definitions(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The definitions of those of these activities that have one, by id. Not to be changed."""
    keys = [_hash(id_) for id_ in ids]
    if not keys:
        return {}
    dialect = session.get_bind().dialect.name
    bound = keys if dialect == "postgresql" else orjson.dumps(keys).decode()
    rows = _query(dialect).rows(core(session), {"tenant": tenant_id, "keys": bound})
    return {id_: _read(definition) for id_, definition in rows}


def _read(definition: str) -> Mapping[str, Any]:
    return _read_lately(definition) if len(definition) <= _LONGEST else orjson.loads(definition)


@lru_cache(_MOST)
def _read_lately(definition: str) -> Mapping[str, Any]:
    """The same activities are spoken of again and again."""
    return orjson.loads(definition)  # type: ignore[no-any-return]


@cache
def _query(dialect: str) -> Prepared:
    """One bound value for any number of activities, as in `statements`: a batch may speak of thousands."""
    among = "= ANY(CAST(:keys AS text[]))" if dialect == "postgresql" else "IN (SELECT value FROM json_each(:keys))"
    return Prepared(text(f"SELECT id, definition FROM activity WHERE tenant_id = :tenant AND key {among}"))  # noqa: S608 - no input in it


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


def _hash(id_: str) -> str:
    return blake2b(id_.encode(), digest_size=16).hexdigest()
