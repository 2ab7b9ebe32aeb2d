"""Visits: a launch's session, a random token in the path, kept hashed, one per tab."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, core, table_of
from lrs_bridge.store.prepared import Prepared

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
_TOUCH = timedelta(minutes=1)


class VisitRow(Base):
    """`course_roles` are those the LMS proved at launch. `browser` is the hash of the tab's cookie, if any.

    `link_id`: the link of a letter by which somebody came instead, and whose one task the visit is for.
    """

    __tablename__ = "visit"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("run.id"))
    course_roles: Mapped[Any] = mapped_column(Json)
    browser: Mapped[str | None] = mapped_column(String(64))
    return_url: Mapped[str | None] = mapped_column(String(2000))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    seen: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    link_id: Mapped[str | None] = mapped_column(Id)


_OPEN = Prepared(insert(table_of(VisitRow)))  # built once: every launch opens one


def hashed(token: str) -> str:
    """Tokens are random and long, so a plain digest is enough to keep them out of a stolen database."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_visit(
    session: Session,
    tenant_id: str,
    person_id: str,
    platform_id: str,
    course_roles: Iterable[str],
    now: datetime,
    course_id: str | None = None,
    run_id: str | None = None,
    browser: str | None = None,
    return_url: str | None = None,
    link_id: str | None = None,
) -> str:
    """A new visit; answers its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    row = {
        "token_hash": hashed(token),
        "tenant_id": tenant_id,
        "person_id": person_id,
        "platform_id": platform_id,
        "course_id": course_id,
        "run_id": run_id,
        "course_roles": sorted(course_roles),
        "browser": browser,
        "return_url": return_url,
        "link_id": link_id,
        "created": now,
        "seen": now,
    }
    _OPEN.run(core(session), row)
    return token


def find_visit(session: Session, token: str, now: datetime) -> VisitRow | None:
    """The visit of this token, unless it has been idle or open for too long."""
    row = session.get(VisitRow, hashed(token))
    if row is None or now - row.seen > IDLE or now - row.created > LONGEST:
        return None
    return row


def needs_touch(row: VisitRow, now: datetime) -> bool:
    """Whether `seen` is old enough to be worth a write."""
    return now - row.seen > _TOUCH


def touch(session: Session, token: str, now: datetime) -> None:
    row = session.get(VisitRow, hashed(token))
    if row is not None:
        row.seen = now


def move_to_run(session: Session, token: str, run_id: str) -> None:
    """The visit goes on in a run that was started from it."""
    session.get_one(VisitRow, hashed(token)).run_id = run_id


def move_as_given(session: Session, token: str, run_id: str, course_id: str) -> None:
    """The visit goes on in a run of another course, with the roles that were given there and with no others: what the
    LMS said of somebody's part in a course holds in that course only."""
    row = session.get_one(VisitRow, hashed(token))
    row.run_id, row.course_id, row.course_roles = run_id, course_id, []


def sweep(session: Session, now: datetime) -> None:
    """Forget visits that are over."""
    session.execute(delete(VisitRow).where(VisitRow.seen < now - IDLE))


def open_visits(session: Session, tenant_id: str, now: datetime) -> int:
    rows = session.scalars(
        select(VisitRow.token_hash).where(VisitRow.tenant_id == tenant_id, VisitRow.seen > now - IDLE)
    )
    return len(rows.all())
