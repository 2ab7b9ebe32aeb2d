"""Keys: our own for signing, private halves encrypted; and the cached key sets of platforms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, String, Text, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, UtcDateTime
from lrs_bridge.store.sealed import Seal

PURPOSE = "signing keys"
"""What private halves are sealed for."""


class SigningKey(Base):
    """An RSA key of this tool. `public` is the JWK we publish, `private` its PEM, sealed.

    It is published from the beginning and signs from `signs_from` on, so that LMSs know it by then.
    """

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public: Mapped[dict[str, Any]] = mapped_column(Json)
    private: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    signs_from: Mapped[datetime] = mapped_column(UtcDateTime)


class RetirementError(ValueError):
    """This key cannot be retired; the message says why, and what to do first."""


class KeySetRow(Base):
    """The key set of a platform as last fetched. `tried`: the last attempt; `trouble`: why it failed, if it did."""

    __tablename__ = "key_set"

    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id", ondelete="CASCADE"), primary_key=True)
    keys: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    fetched: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried: Mapped[datetime] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(String(500))


def signing_keys(session: Session) -> list[SigningKey]:
    """All that are published, the one that signs last at the end."""
    return list(session.scalars(select(SigningKey).order_by(SigningKey.signs_from, SigningKey.kid)))


def signer(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """The key to sign with, of those in `signing_keys` order: the newest whose time has come.

    Two processes that each made a first one choose the same. Where a clock was set back, it is the oldest.
    """
    return next((key for key in reversed(keys) if key.signs_from <= now), keys[0])


def add_signing_key(
    session: Session,
    secret_key: str,
    kid: str,
    public: dict[str, Any],
    pem: bytes,
    now: datetime,
    signs_from: datetime | None = None,
) -> SigningKey:
    key = SigningKey(
        kid=kid,
        public=public,
        private=Seal(secret_key, PURPOSE).close(pem),
        created=now,
        signs_from=signs_from or now,
    )
    session.add(key)
    session.flush()
    return key


def retire_signing_key(session: Session, kid: str, now: datetime) -> None:
    """Take a key out of the published set for good, its private half with it. Raises RetirementError.

    What it signed is refused from then on, once LMSs fetch the set again.
    """
    keys = signing_keys(session)
    key = next((one for one in keys if one.kid == kid), None)
    if key is None:
        raise RetirementError(f"There is no key {kid!r}. `lrs-bridge keys list` shows them.")
    if key is signer(keys, now):
        raise RetirementError(f"{kid} signs at present. Make another with `lrs-bridge keys rotate`, and wait its time.")
    session.delete(key)
    session.flush()


def private_pem(key: SigningKey, secret_key: str) -> bytes:
    """Raises SealBrokenError where LRS_BRIDGE_SECRET_KEY is not the one the key was sealed with."""
    return Seal(secret_key, PURPOSE).open(key.private)


def key_set(session: Session, platform_id: str) -> KeySetRow | None:
    return session.get(KeySetRow, platform_id)


def claim_fetch(session: Session, platform_id: str, now: datetime, not_since: datetime) -> bool:
    """Take the right to fetch this platform's keys now; False if anybody tried after `not_since`."""
    take = (
        update(KeySetRow)
        .where(KeySetRow.platform_id == platform_id, or_(KeySetRow.tried <= not_since, KeySetRow.tried > now))
        .values(tried=now)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[Any]", session.execute(take)).rowcount == 1:
        return True
    if session.get(KeySetRow, platform_id) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(KeySetRow(platform_id=platform_id, keys=[], tried=now))
    except IntegrityError:  # another process made the row in this moment, and fetches
        return False
    return True


def keep_key_set(session: Session, platform_id: str, keys: list[dict[str, Any]], now: datetime) -> None:
    """Nothing is kept where the set was forgotten while it was being fetched: its address may be another now."""
    row = session.get(KeySetRow, platform_id)
    if row is not None:
        row.keys, row.fetched, row.trouble = keys, now, None


def forget_key_set(session: Session, platform_id: str) -> None:
    """The keys of this platform are to be fetched anew before any is trusted again."""
    session.execute(delete(KeySetRow).where(KeySetRow.platform_id == platform_id))


def note_trouble(session: Session, platform_id: str, trouble: str) -> None:
    """The fetch failed: what was cached stays."""
    row = session.get(KeySetRow, platform_id)
    if row is not None:
        row.trouble = trouble[:500]
