"""Statements that came in and could not be read: each with its reason and its body, to be read again later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge import __version__
from lrs_bridge.store.base import Base, Json, Shown, UtcDateTime

_PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789-"


class UnreadableStatement(Base):
    """`id`: the statement's, or a digest of what came where it has none. `version`: of ours, that could not read it.

    `set_aside`: somebody has seen it and wants to hear no more of it; its body is gone, its id stays, so that it is not
    listed again.
    """

    __tablename__ = "unreadable_statement"
    __table_args__ = (Index("ix_unreadable_statement_open", "tenant_id", "set_aside"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    reason: Mapped[str] = mapped_column(Shown(500))
    body: Mapped[Any] = mapped_column(Json)
    seen: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(400))
    version: Mapped[str] = mapped_column(Shown(40))
    set_aside: Mapped[datetime | None] = mapped_column(UtcDateTime)


def put(session: Session, tenant_id: str, source: str, body: Any, reason: str, now: datetime) -> bool:
    """List a statement; False when it is listed already."""
    body = _keepable(body)
    id_ = key_of(body)
    if session.get(UnreadableStatement, (tenant_id, id_)) is not None:
        return False
    session.add(
        UnreadableStatement(
            tenant_id=tenant_id,
            id=id_,
            source=source,
            reason=reason.replace("\0", ""),
            body=body,
            version=__version__,
            seen=now,
        )
    )
    session.flush()
    return True


def _keepable(body: Any) -> Any:
    """What the database can hold: JSON as it came, or where that cannot be written as UTF-8, its text in ASCII."""
    try:
        orjson.dumps(body)
    except TypeError:
        return {"not_utf_8": json.dumps(body)}
    return {} if body is None else body


def key_of(body: Any) -> str:
    """The statement's id where it is written like one, else a digest: the same thing twice is listed once."""
    given = body.get("id") if isinstance(body, Mapping) else None
    if isinstance(given, str) and len(given) == 36 and not given.lower().strip(_PLAIN):
        return given.lower()
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def count(session: Session, tenant_id: str) -> int:
    """How many wait for somebody to look at them."""
    wanted = UnreadableStatement.tenant_id == tenant_id, UnreadableStatement.set_aside.is_(None)
    return session.scalar(select(func.count()).select_from(UnreadableStatement).where(*wanted)) or 0


def listed(session: Session, tenant_id: str, limit: int = 100) -> list[UnreadableStatement]:
    """The latest that wait."""
    wanted = UnreadableStatement.tenant_id == tenant_id, UnreadableStatement.set_aside.is_(None)
    query = select(UnreadableStatement).where(*wanted).order_by(UnreadableStatement.seen.desc(), UnreadableStatement.id)
    return list(session.scalars(query.limit(limit)))


def after(
    session: Session, tenant_id: str, id_: str, limit: int, failed_before: bool = False
) -> Sequence[UnreadableStatement]:
    """All that wait, in the order of ids, a page at a time; `failed_before`: only those that an earlier version could
    not read."""
    query = select(UnreadableStatement).where(
        UnreadableStatement.tenant_id == tenant_id,
        UnreadableStatement.id > id_,
        UnreadableStatement.set_aside.is_(None),
    )
    if failed_before:
        query = query.where(UnreadableStatement.version != __version__)
    return session.scalars(query.order_by(UnreadableStatement.id).limit(limit)).all()


def forget(session: Session, tenant_id: str, ids: Sequence[str]) -> None:
    """Take them off the list: they could be read after all."""
    session.execute(
        delete(UnreadableStatement).where(UnreadableStatement.tenant_id == tenant_id, UnreadableStatement.id.in_(ids))
    )


def still(row: UnreadableStatement, reason: str) -> None:
    """It cannot be read by this version either."""
    row.reason, row.version = reason, __version__


def set_aside(session: Session, tenant_id: str, now: datetime, id_: str | None = None) -> int:
    """Hear no more of one statement, or of all that are listed; answers how many."""
    query = select(UnreadableStatement).where(
        UnreadableStatement.tenant_id == tenant_id, UnreadableStatement.set_aside.is_(None)
    )
    if id_ is not None:
        query = query.where(UnreadableStatement.id == id_)
    rows = session.scalars(query).all()
    for row in rows:
        row.set_aside, row.body = now, {}
    return len(rows)
