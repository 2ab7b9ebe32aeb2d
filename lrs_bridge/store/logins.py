"""Logins: the state and nonce of each login we began, kept hashed, good for one launch.

Shared by all processes. A row outlives the longest token an LMS signs (Canvas: one hour), so that a token can
never be shown again after its nonce was forgotten (LTI Security Framework 1.0, 5.1.3, step 9).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, String, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, UtcDateTime
from lrs_bridge.store.platforms import Platform

LIFETIME = timedelta(hours=2)


class Login(Base):
    """What is known of a login between its beginning and its launch.

    `browser` is the hash of the mark in the browser's cookie. `proof` is the hash of a secret that was given to the
    LMS's own storage in that browser; None where none was. `params` are the LMS's own, for a second try in a new
    window. `opened_from` is the origin of the page that began the login, which may frame what it leads to.
    """

    __tablename__ = "login"

    state: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(64))
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"), index=True)
    target: Mapped[str] = mapped_column(String(2000))
    params: Mapped[dict[str, Any]] = mapped_column(Json)
    expires: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proof: Mapped[str | None] = mapped_column(String(64))
    opened_from: Mapped[str | None] = mapped_column(String(300))


def digest(secret: str) -> str:
    """SHA-256 in hex: the secrets are random and long, so they need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_login(
    session: Session,
    *,
    state: str,
    nonce: str,
    browser: str,
    platform_id: str,
    target: str,
    params: dict[str, Any],
    now: datetime,
    proof: str | None = None,
    opened_from: str | None = None,
) -> None:
    """Keep a login. `state`, `nonce`, `browser` and `proof` are given in the clear."""
    session.add(
        Login(
            state=digest(state),
            nonce=digest(nonce),
            browser=digest(browser),
            platform_id=platform_id,
            target=target,
            params=params,
            expires=now + LIFETIME,
            proof=digest(proof) if proof is not None else None,
            opened_from=opened_from,
        )
    )


_BY_STATE = (
    select(Login, Platform).join(Platform, Platform.id == Login.platform_id).where(Login.state == bindparam("state"))
)


def find_login(session: Session, state: str) -> tuple[Login, Platform] | None:
    """The login begun with this state, and the registration it was begun for."""
    found = session.execute(_BY_STATE, {"state": digest(state)}).one_or_none()
    return found and (found[0], found[1])


def use_login(session: Session, state_hash: str, now: datetime) -> bool:
    """Redeem a login; False if another launch was first, or the login is over."""
    redeem = (
        update(Login)
        .where(Login.state == state_hash, Login.used.is_(None), Login.expires > now)
        .values(used=now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(redeem)).rowcount == 1


def sweep(session: Session, now: datetime) -> None:
    """Forget logins that are over."""
    session.execute(delete(Login).where(Login.expires <= now).execution_options(synchronize_session=False))
