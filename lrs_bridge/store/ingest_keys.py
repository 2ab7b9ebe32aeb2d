"""The keys of systems that forward statements to `/ingest/statements`: they may do that, and nothing else."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id

MARK = "lbi_"
"""What every key begins with, so that people and scanners for lost secrets recognise one."""
_TOUCH = timedelta(minutes=1)


class IngestKey(Base):
    """One forwarder. A revoked key stays, as the authority of what it sent."""

    __tablename__ = "ingest_key"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    used: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def source(self) -> str:
        """Under which its statements are counted and listed."""
        return f"key {self.id}"


def add_key(session: Session, tenant_id: str, name: str, secret_key: str, now: datetime) -> tuple[IngestKey, str]:
    """A new key and its token, which is not kept and cannot be shown again."""
    token = MARK + secrets.token_urlsafe(32)
    row = IngestKey(id=new_id(), tenant_id=tenant_id, name=name, token_hash=_hash(token, secret_key), created=now)
    session.add(row)
    session.flush()
    return row, token


def authenticate(session: Session, token: str, secret_key: str) -> IngestKey | None:
    """The key of this token, if it is known and not revoked."""
    row = session.scalar(select(IngestKey).where(IngestKey.token_hash == _hash(token, secret_key)))
    return None if row is None or row.revoked is not None else row


def get_key(session: Session, tenant_id: str, key_id: str) -> IngestKey | None:
    return session.scalar(select(IngestKey).where(IngestKey.tenant_id == tenant_id, IngestKey.id == key_id))


def keys_of(session: Session, tenant_id: str) -> list[IngestKey]:
    rows = session.scalars(select(IngestKey).where(IngestKey.tenant_id == tenant_id).order_by(IngestKey.created))
    return list(rows)


def touch(row: IngestKey, now: datetime) -> None:
    """Remember that it was used, once a minute at most."""
    if row.used is None or now - row.used > _TOUCH:
        row.used = now


def revoke_key(session: Session, tenant_id: str, key_id: str, now: datetime) -> bool:
    """Whether there was such a key to revoke."""
    row = get_key(session, tenant_id, key_id)
    if row is None or row.revoked is not None:
        return False
    row.revoked = now
    return True


def _hash(token: str, secret_key: str) -> str:
    """Tokens are 256 random bits, so a fast keyed hash guards them as well as a slow one would."""
    return hmac.new(secret_key.encode(), token.encode(), sha256).hexdigest()
