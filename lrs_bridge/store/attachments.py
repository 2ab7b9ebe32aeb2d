"""The data of attachments, once for each hash and tenant, in pieces so that no more than one is ever in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ForeignKey, Integer, LargeBinary, PrimaryKeyConstraint, String, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, core

PIECE = 512 * 1024
"""Bytes of a piece; the last one is shorter, and empty data is one empty piece."""


class AttachmentPiece(Base):
    """`sha2` is the hash of the whole in lower case hexadecimal digits, which is how statements name it."""

    __tablename__ = "attachment_piece"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "sha2", "number"),)

    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    sha2: Mapped[str] = mapped_column(String(128))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)


def keep(session: Session, tenant_id: str, sha2: str, pieces: Iterable[bytes]) -> None:
    """Keep the data of an attachment, if it is not there. Call it in the transaction of a statement that names it."""
    if kept(session, tenant_id, [sha2]):
        return
    inserting = insert(AttachmentPiece)
    for number, content in enumerate(pieces):
        row = {"tenant_id": tenant_id, "sha2": sha2, "number": number, "content": content}
        core(session).execute(inserting, row)


def kept(session: Session, tenant_id: str, hashes: Iterable[str]) -> frozenset[str]:
    """Those of the hashes whose data is here."""
    query = select(AttachmentPiece.sha2).where(
        AttachmentPiece.tenant_id == tenant_id, AttachmentPiece.number == 0, AttachmentPiece.sha2.in_(list(hashes))
    )
    return frozenset(core(session).execute(query).scalars())


def piece(session: Session, tenant_id: str, sha2: str, number: int) -> bytes | None:
    """None after the last."""
    query = select(AttachmentPiece.content).where(
        AttachmentPiece.tenant_id == tenant_id, AttachmentPiece.sha2 == sha2, AttachmentPiece.number == number
    )
    return core(session).execute(query).scalar()


def in_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of the size they are kept in; at least one."""
    waiting = bytearray()
    first = True
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
            first = False
    if waiting or first:
        yield bytes(waiting)
