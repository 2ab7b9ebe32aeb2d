"""Admin sign-in: a one-time link made at the command line, then a session of its own."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Shown, UtcDateTime
from lrs_bridge.store.sessions import IDLE, hashed

LINK_LASTS = timedelta(minutes=15)


class AdminLink(Base):
    """`name`: whom the link was made for, as whoever made it says."""

    __tablename__ = "admin_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    made: Mapped[datetime] = mapped_column(UtcDateTime)
    used: Mapped[datetime | None] = mapped_column(UtcDateTime)
    name: Mapped[str | None] = mapped_column(Shown(200))


class AdminVisit(Base):
    """`browser`: the hash of the mark of the browser that used the link; None where it takes no cookies."""

    __tablename__ = "admin_visit"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    seen: Mapped[datetime] = mapped_column(UtcDateTime)
    name: Mapped[str | None] = mapped_column(Shown(200))
    browser: Mapped[str | None] = mapped_column(String(64))


def make_link(session: Session, tenant_id: str, now: datetime, name: str | None = None) -> str:
    """A token that opens the admin pages once, within 15 minutes, for the administrator of that name."""
    token = secrets.token_urlsafe(32)
    session.add(AdminLink(token_hash=hashed(token), tenant_id=tenant_id, made=now, name=name))
    return token


def link_is_good(session: Session, token: str, now: datetime) -> bool:
    row = session.get(AdminLink, hashed(token))
    return row is not None and row.used is None and now - row.made <= LINK_LASTS


def redeem(session: Session, token: str, now: datetime, browser: str | None = None) -> str | None:
    """Use the link up; answers the token of the admin's visit, or None when the link is spent or old.

    `browser`: the hash of a mark of the browser, with which alone the visit goes on.
    """
    row = session.get(AdminLink, hashed(token), with_for_update=True)
    if row is None or row.used is not None or now - row.made > LINK_LASTS:
        return None
    row.used = now
    visit = secrets.token_urlsafe(32)
    ids = {"token_hash": hashed(visit), "tenant_id": row.tenant_id}
    session.add(AdminVisit(**ids, seen=now, name=row.name, browser=browser))
    return visit


def find_admin_visit(session: Session, token: str, now: datetime) -> AdminVisit | None:
    row = session.get(AdminVisit, hashed(token))
    return row if row is not None and now - row.seen <= IDLE else None


def touch_admin_visit(session: Session, token: str, now: datetime) -> None:
    row = session.get(AdminVisit, hashed(token))
    if row is not None:
        row.seen = now
