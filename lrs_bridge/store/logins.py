"""Logins: the state and nonce of each login we began, kept hashed, good for one launch.

Shared by all processes. A row outlives the longest token an LMS signs (Canvas: one hour), so that a token can
never be shown again after its nonce was forgotten (LTI Security Framework 1.0, 5.1.3, step 9).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, String, and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, UtcDateTime, Values, core, table_of
from lrs_bridge.store.platforms import REGISTRATION, Deployment, Platform, Registration
from lrs_bridge.store.prepared import Prepared

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
    row = {
        "state": digest(state),
        "nonce": digest(nonce),
        "browser": digest(browser),
        "platform_id": platform_id,
        "target": target,
        "params": params,
        "expires": now + LIFETIME,
        "used": None,
        "proof": digest(proof) if proof is not None else None,
        "opened_from": opened_from,
    }
    _ADD.run(core(session), row)


class BegunLogin(NamedTuple):
    """A login as it was read, with the registration it was begun for; the other fields are those of `Login`.

    `deployment` is the standing of the deployment that was asked for; None for one that nobody told us of.
    """

    state: str
    nonce: str
    browser: str
    params: Mapping[str, Any]
    expires: datetime
    used: datetime | None
    proof: str | None
    opened_from: str | None
    deployment: str | None
    platform: Registration


# Built once: every login and every launch asks these, and building one takes longer than the database does.
_login, _platform, _deployment = table_of(Login).c, table_of(Platform).c, table_of(Deployment).c
_ADD = Prepared(insert(table_of(Login)))
_BY_STATE = Prepared(
    select(*(_login[name] for name in BegunLogin._fields[:-2]), _deployment.standing, *REGISTRATION)
    .join_from(table_of(Login), table_of(Platform), _platform.id == _login.platform_id)
    .outerjoin(
        table_of(Deployment),
        and_(_deployment.platform_id == _platform.id, _deployment.deployment_id == bindparam("deployment_id")),
    )
    .where(_login.state == bindparam("state"))
)
_REDEEM = Prepared(
    update(table_of(Login))
    .where(_login.state == bindparam("of"), _login.used.is_(None), _login.expires > bindparam("now"))
    .values(used=bindparam("now"))
)


def find_login(session: Values, state: str, deployment_id: str | None = None) -> BegunLogin | None:
    """The login begun with this state, with its registration and the standing of that deployment of it."""
    row = _BY_STATE.row(core(session), {"state": digest(state), "deployment_id": deployment_id})
    if row is None:
        return None
    of_platform = len(row) - len(REGISTRATION)
    return BegunLogin._make([*row[:of_platform], Registration._make(row[of_platform:])])


def use_login(session: Session, state_hash: str, now: datetime) -> bool:
    """Redeem a login; False if another launch was first, or the login is over."""
    return _REDEEM.run(core(session), {"of": state_hash, "now": now}) == 1


def sweep(session: Session, now: datetime) -> None:
    """Forget logins that are over."""
    session.execute(delete(Login).where(Login.expires <= now).execution_options(synchronize_session=False))
