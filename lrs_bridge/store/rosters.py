"""Roster syncs: for each run, how far the fetching of its course's people is, and when it is done next.

A run has a row once a teacher has asked for its people; from then on the row is due once a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, UtcDateTime
from lrs_bridge.store.runs import Course, RunRow


class SyncState(StrEnum):
    """`WAITING` also after a failure that is worth another try; then there is a reason."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RosterSync(Base):
    """`pages` and `members` count the fetching under way or the last one, `joined` and `left_run` what came of it.

    `whole_at`: when the whole roster was last read. `finished` also after a failure.
    """

    __tablename__ = "roster_sync"
    __table_args__ = (Index("ix_roster_sync_next_at", "next_at"),)

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    state: Mapped[str] = mapped_column(String(10))
    pages: Mapped[int] = mapped_column(default=0)
    members: Mapped[int] = mapped_column(default=0)
    joined: Mapped[int] = mapped_column(default=0)
    left_run: Mapped[int] = mapped_column(default=0)
    started: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished: Mapped[datetime | None] = mapped_column(UtcDateTime)
    whole_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(500))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def under_way(self) -> bool:
        """It waits for its first try, or runs."""
        return self.state == SyncState.RUNNING or (self.state == SyncState.WAITING and self.reason is None)


def sync_of(session: Session, tenant_id: str, run_id: str) -> RosterSync | None:
    return session.scalar(select(RosterSync).where(RosterSync.tenant_id == tenant_id, RosterSync.run_id == run_id))


def ask_for(session: Session, tenant_id: str, run_id: str, now: datetime) -> RosterSync:
    """Have the people of the run's course fetched now; one that is running goes on."""
    row = sync_of(session, tenant_id, run_id)
    if row is None:
        row = RosterSync(run_id=run_id, tenant_id=tenant_id, pages=0, members=0, joined=0, left_run=0)
        session.add(row)
    if row.state != SyncState.RUNNING or row.lease_until is None or row.lease_until <= now:
        row.state, row.next_at, row.attempts, row.reason, row.lease_until = SyncState.WAITING, now, 0, None, None
    session.flush()
    return row


def stop(session: Session, run_id: str) -> None:
    """The run's people are fetched no more, until somebody asks for them."""
    session.execute(update(RosterSync).where(RosterSync.run_id == run_id).values(next_at=None))


def go_on(session: Session, run_id: str, now: datetime) -> None:
    """They are fetched daily again, where they were before."""
    stopped = RosterSync.run_id == run_id, RosterSync.next_at.is_(None)
    session.execute(update(RosterSync).where(*stopped).values(next_at=now))


def _due(now: datetime) -> ColumnElement[bool]:
    """In nobody's hands, of a run that is open."""
    return and_(
        RosterSync.next_at <= now,
        or_(RosterSync.lease_until.is_(None), RosterSync.lease_until <= now),
        RunRow.closed.is_(None),
    )


def platforms_due(session: Session, now: datetime) -> list[str]:
    """Ids of the platforms that rosters are due from; the one that has been longest is first."""
    wanted = (
        select(Course.platform_id)
        .select_from(RosterSync)
        .join(RunRow, RunRow.id == RosterSync.run_id)
        .join(Course, Course.id == RunRow.course_id)
        .where(_due(now))
        .group_by(Course.platform_id)
        .order_by(func.min(RosterSync.next_at))
    )
    return list(session.scalars(wanted))


def claim(
    session: Session, now: datetime, lease: timedelta, run_id: str | None = None, platform_id: str | None = None
) -> RosterSync | None:
    """Lease the sync that has been due longest, of an open run, or of this run, or from this platform."""
    of_run = [RosterSync.run_id == run_id] if run_id is not None else []
    there = [Course.platform_id == platform_id] if platform_id is not None else []
    row = session.scalar(
        select(RosterSync)
        .join(RunRow, RunRow.id == RosterSync.run_id)
        .join(Course, Course.id == RunRow.course_id)
        .where(_due(now), *of_run, *there)
        .order_by(RosterSync.next_at, RosterSync.run_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=RosterSync)
    )
    if row is not None:
        row.state, row.started, row.lease_until = SyncState.RUNNING, now, now + lease
        row.pages = row.members = 0
        session.flush()
    return row


def advance(session: Session, claimed: RosterSync, members: int, lease_until: datetime) -> None:
    """One more page has been read."""
    row = _current(session, claimed)
    row.pages += 1
    row.members += members
    row.lease_until = lease_until


def keep(session: Session, claimed: RosterSync, lease_until: datetime) -> None:
    """It is still being worked on."""
    _current(session, claimed).lease_until = lease_until


def give_back(session: Session, claimed: RosterSync, now: datetime) -> None:
    """Whoever had it stops: it is due again at once, and nothing has failed."""
    row = _current(session, claimed)
    row.state, row.reason, row.next_at, row.lease_until = SyncState.WAITING, None, now, None


def finish(session: Session, claimed: RosterSync, joined: int, left: int, now: datetime, next_at: datetime) -> None:
    """The whole roster was read and applied."""
    row = _current(session, claimed)
    row.state, row.reason, row.attempts, row.lease_until = SyncState.DONE, None, 0, None
    row.joined, row.left_run, row.finished, row.whole_at, row.next_at = joined, left, now, now, next_at


def put_off(
    session: Session, claimed: RosterSync, state: SyncState, reason: str, now: datetime, next_at: datetime
) -> None:
    """It came to nothing: `WAITING` for another try, `FAILED` until a person asks again or the next day comes."""
    row = _current(session, claimed)
    row.state, row.reason, row.finished, row.next_at, row.lease_until = state, reason[:500], now, next_at, None
    row.attempts += 1


def _current(session: Session, claimed: RosterSync) -> RosterSync:
    return session.get_one(RosterSync, claimed.run_id, populate_existing=True, with_for_update=True)
