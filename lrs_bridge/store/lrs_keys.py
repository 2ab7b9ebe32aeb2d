"""The credentials of those who speak to the embedded record store: a key, a secret, what they may do."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, Values, core, new_id
from lrs_bridge.store.prepared import Prepared
from lrs_bridge.store.tenants import Tenant

WRITE = "statements/write"
READ_MINE = "statements/read/mine"
READ = "statements/read"
STATE = "state"
PROFILE = "profile"
DEFINE = "define"
READ_ALL = "all/read"
ALL = "all"
SCOPES = (WRITE, READ_MINE, READ, STATE, PROFILE, DEFINE, READ_ALL, ALL)


class LrsKey(Base):
    """Scopes are those of xAPI 1.0.3, Communication 4.2. A revoked key stays, as the authority of its statements."""

    __tablename__ = "lrs_key"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(Json)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who has shown a key and its secret: the key's `id` and `name`, its tenant, and what it may do."""

    id: str
    tenant_id: str
    name: str
    scopes: Sequence[str]
    iri_base: str

    def may(self, *scopes: str) -> bool:
        return any(scope in self.scopes for scope in scopes)


# Asked on every request.
_BY_KEY = Prepared(
    select(LrsKey.secret_hash, LrsKey.id, LrsKey.tenant_id, LrsKey.name, LrsKey.scopes, Tenant.iri_base)
    .join(Tenant, Tenant.id == LrsKey.tenant_id)
    .where(LrsKey.key == bindparam("key"), LrsKey.revoked.is_(None))
)


class UnknownScopeError(ValueError):
    """The message names the scopes there are."""


def add_key(
    session: Session, tenant_id: str, name: str, scopes: Sequence[str], secret_key: str, now: datetime
) -> tuple[LrsKey, str]:
    """A new credential and its secret, which is not kept and cannot be shown again. Raises UnknownScopeError."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise UnknownScopeError(f"unknown scope {', '.join(unknown) or '(none)'}; there are {', '.join(SCOPES)}")
    secret = secrets.token_urlsafe(32)
    row = LrsKey(
        tenant_id=tenant_id,
        name=name,
        key=secrets.token_hex(16),
        secret_hash=_hash(secret, secret_key),
        scopes=list(scopes),
        created=now,
    )
    session.add(row)
    session.flush()
    return row, secret


def authenticate(session: Values, key: str, secret: str, secret_key: str) -> Caller | None:
    """Whoever has this key, if it is known, not revoked and the secret is its own."""
    row = _BY_KEY.row(core(session), {"key": key})
    given = _hash(secret, secret_key)
    if row is None:
        return None
    secret_hash, *caller = row
    return Caller(*caller) if hmac.compare_digest(secret_hash, given) else None


def keys_of(session: Session, tenant_id: str) -> list[LrsKey]:
    return list(session.scalars(select(LrsKey).where(LrsKey.tenant_id == tenant_id).order_by(LrsKey.created)))


def revoke_key(session: Session, tenant_id: str, key: str, now: datetime) -> bool:
    """Whether there was such a key to revoke."""
    row = session.scalar(select(LrsKey).where(LrsKey.tenant_id == tenant_id, LrsKey.key == key))
    if row is None or row.revoked is not None:
        return False
    row.revoked = now
    return True


def _hash(secret: str, secret_key: str) -> str:
    """Secrets are 256 random bits, so a fast keyed hash guards them as well as a slow one would, on every request."""
    return hmac.new(secret_key.encode(), secret.encode(), sha256).hexdigest()
