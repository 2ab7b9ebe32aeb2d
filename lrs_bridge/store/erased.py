"""People who were erased: that they were, and a keyed hash of how LMSs named them, so that nothing makes them again.

The hash (HMAC-SHA-256, RFC 2104) is keyed with the installation's secret, which is not in the database: whoever has
the database alone cannot try out names. It does not say which of the random ids was theirs.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, UtcDateTime


class ErasedPerson(Exception):
    """An LMS names somebody who was erased here."""


class ErasedIdentity(Base):
    """One name by which an LMS may send somebody who was erased; the day only, so that no moment links it to a row."""

    __tablename__ = "erased_identity"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    day: Mapped[date]


class Erasure(Base):
    """The tombstone of a person: `by` an administrator, or the command line."""

    __tablename__ = "erased_person"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(200))


def keep(session: Session, tenant_id: str, names: Iterable[tuple[str, str]], day: date) -> None:
    """Remember that whoever goes by these (issuer, sub) was erased."""
    for issuer, sub in names:
        session.merge(ErasedIdentity(hash=_hash(session, tenant_id, issuer, sub), tenant_id=tenant_id, day=day))


def is_erased(session: Session, tenant_id: str, issuer: str, sub: str) -> bool:
    hash_ = _hash(session, tenant_id, issuer, sub)
    return session.scalar(select(ErasedIdentity.hash).where(ErasedIdentity.hash == hash_)) is not None


def refuse(session: Session, tenant_id: str, issuer: str, sub: str) -> None:
    """Raises ErasedPerson for somebody who was erased."""
    if is_erased(session, tenant_id, issuer, sub):
        raise ErasedPerson


def readmit(session: Session, tenant_id: str, issuer: str, sub: str) -> bool:
    """Let somebody come in again, as somebody new; False where they were not erased."""
    gone = delete(ErasedIdentity).where(ErasedIdentity.hash == _hash(session, tenant_id, issuer, sub))
    return bool(getattr(session.execute(gone), "rowcount", 0))


def entomb(session: Session, tenant_id: str, person_id: str, by: str, now: datetime) -> None:
    """The person has been erased."""
    session.add(Erasure(person_id=person_id, tenant_id=tenant_id, at=now, by=by[:200]))


def tombs(session: Session, tenant_id: str, person_ids: Iterable[str] | None = None) -> dict[str, Erasure]:
    """Who was erased, by person id; of these people only, where they are named."""
    wanted = [Erasure.tenant_id == tenant_id]
    if person_ids is not None:
        wanted.append(Erasure.person_id.in_(set(person_ids)))
    return {row.person_id: row for row in session.scalars(select(Erasure).where(*wanted).order_by(Erasure.at.desc()))}


def _hash(session: Session, tenant_id: str, issuer: str, sub: str) -> str:
    key = str(session.info.get("key", "")).encode()
    return hmac.new(key, "\n".join(("erased", tenant_id, issuer, sub)).encode(), hashlib.sha256).hexdigest()
