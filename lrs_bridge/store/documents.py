"""The documents of the embedded record store: states of activities, profiles of activities and of agents.

All documents of one activity or agent or both lie on one shelf. Whoever changes a shelf holds its lock, so that what a
precondition was checked against is what is changed, and `updated` grows strictly within a shelf in commit order: a
client that asks again with the greatest `updated` it saw as `since` misses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b, sha1
from typing import Literal

import orjson
from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, insert_for

Kind = Literal["activities/state", "activities/profile", "agents/profile"]


class DocumentRow(Base):
    """`place` is a hash of registration and id, since an id may be of any length; `etag` the SHA-1 of the content.

    `agent` is the JSON of what identifies an agent. Activity and agent are there to say whose data this is.
    """

    __tablename__ = "document"
    __table_args__ = (
        PrimaryKeyConstraint("shelf", "place"),
        Index("ix_document_tenant_id_shelf_updated", "tenant_id", "shelf", "updated"),
    )

    shelf: Mapped[bytes] = mapped_column(LargeBinary(16))
    place: Mapped[bytes] = mapped_column(LargeBinary(16))
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    kind: Mapped[str] = mapped_column(String(20))
    activity: Mapped[str | None] = mapped_column(Text)
    agent: Mapped[str | None] = mapped_column(Text)
    registration: Mapped[str | None] = mapped_column(Id)
    id: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    etag: Mapped[str] = mapped_column(String(40))
    updated: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Shelf:
    """Whose documents: of an activity (its IRI), of an agent (the JSON of its identifier), or of both."""

    tenant_id: str
    kind: Kind
    activity: str | None = None
    agent: str | None = None

    @cached_property
    def key(self) -> bytes:
        return _hash(self.tenant_id, self.kind, self.activity, self.agent)


@dataclass(frozen=True)
class Document:
    content_type: str
    content: bytes
    etag: str
    updated: datetime


def lock(session: Session, shelf: Shelf) -> None:
    """Become the only one who changes this shelf, until the transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(shelf.key[:8], signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def find(session: Session, shelf: Shelf, registration: str | None, id_: str) -> Document | None:
    """The document with this id in this registration; without one, only a document stored without one."""
    columns = (DocumentRow.content_type, DocumentRow.content, DocumentRow.etag, DocumentRow.updated)
    row = session.execute(select(*columns).where(*_here(shelf, registration, id_))).one_or_none()
    return Document(row.content_type, row.content, row.etag, row.updated) if row else None


def put(
    session: Session, shelf: Shelf, registration: str | None, id_: str, content_type: str, content: bytes, now: datetime
) -> None:
    """Store or replace. Call `lock` first, and read `now` after it."""
    changing = {
        "content_type": content_type,
        "content": content,
        "etag": sha1(content, usedforsecurity=False).hexdigest(),
        "updated": _moment(session, shelf, now),
    }
    fixed = {
        "shelf": shelf.key,
        "place": _hash(registration, id_),
        "tenant_id": shelf.tenant_id,
        "kind": shelf.kind,
        "activity": shelf.activity,
        "agent": shelf.agent,
        "registration": registration,
        "id": id_,
    }
    insert = insert_for(session)(DocumentRow).values(**fixed, **changing)
    session.execute(insert.on_conflict_do_update(index_elements=["shelf", "place"], set_=changing))


def remove(session: Session, shelf: Shelf, registration: str | None, id_: str) -> None:
    session.execute(delete(DocumentRow).where(*_here(shelf, registration, id_)))


def remove_all(session: Session, shelf: Shelf, registration: str | None) -> None:
    """All of this registration; without one, all of the shelf (Communication 2.3, multiple document DELETE)."""
    session.execute(delete(DocumentRow).where(*_on(shelf, registration)))


def ids(
    session: Session, shelf: Shelf, registration: str | None, since: datetime | None
) -> tuple[Sequence[str], datetime | None]:
    """The ids on the shelf or of one registration, changed after `since`, and when the newest of them was."""
    query = select(DocumentRow.id, DocumentRow.updated).where(*_on(shelf, registration))
    if since is not None:
        query = query.where(DocumentRow.updated > since)
    rows = session.execute(query.order_by(DocumentRow.updated)).all()
    return list(dict.fromkeys(row.id for row in rows)), rows[-1].updated if rows else None


def _on(shelf: Shelf, registration: str | None) -> list[ColumnElement[bool]]:
    found = [DocumentRow.tenant_id == shelf.tenant_id, DocumentRow.shelf == shelf.key]
    return found if registration is None else [*found, DocumentRow.registration == registration]


def _here(shelf: Shelf, registration: str | None, id_: str) -> list[ColumnElement[bool]]:
    return [*_on(shelf, None), DocumentRow.place == _hash(registration, id_)]


def _moment(session: Session, shelf: Shelf, now: datetime) -> datetime:
    last = session.scalar(select(func.max(DocumentRow.updated)).where(*_on(shelf, None)))
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _hash(*parts: str | None) -> bytes:
    """JSON keeps the parts apart, whatever they contain."""
    return blake2b(orjson.dumps(parts), digest_size=16).digest()
