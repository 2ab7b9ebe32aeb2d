"""Runs: a version of a journey in a course of an LMS, with a day zero."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Run
from lrs_bridge.store.base import Base, Id, Shown, UtcDateTime, new_id
from lrs_bridge.store.journeys import JourneyRow


class Course(Base):
    """An LTI context. The service URLs are those of the latest launch."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("platform_id", "deployment_id", "context_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), index=True)
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str | None] = mapped_column(Shown(300))
    lineitems_url: Mapped[str | None] = mapped_column(String(2000))
    memberships_url: Mapped[str | None] = mapped_column(String(2000))
    groups_url: Mapped[str | None] = mapped_column(String(2000))


class RunRow(Base):
    """`totals_confirmed`: when a teacher said that the other columns are left out of the course total.

    `pilot`: somebody said that this run is a trial, whatever its journey says (`is_pilot`). `archived`: since when it
    is closed for good, and nothing that works all day looks at it (see `flows.archiving`).
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_open", "tenant_id", sqlite_where=text("closed IS NULL"), postgresql_where=text("closed IS NULL")),
        Index(
            "ix_run_kept",
            "tenant_id",
            sqlite_where=text("archived IS NULL"),
            postgresql_where=text("archived IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), index=True)
    journey_id: Mapped[str] = mapped_column(ForeignKey("journey.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    day_zero: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    closed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totals_confirmed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pilot: Mapped[bool] = mapped_column(default=False, server_default=false())
    archived: Mapped[datetime | None] = mapped_column(UtcDateTime)

    journey_row: Mapped[JourneyRow] = relationship(lazy="joined", innerjoin=True)
    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)

    @property
    def journey(self) -> Journey:
        return self.journey_row.journey

    @property
    def is_pilot(self) -> bool:
        """Pilots are kept apart wherever runs are compared."""
        return self.pilot or self.journey.pilot

    @property
    def run(self) -> Run:
        return Run(self.id, self.journey_row.slug, self.journey_row.version, self.day_zero, self.time_zone)


def ensure_course(session: Session, tenant_id: str, platform_id: str, deployment_id: str, context_id: str) -> Course:
    course = session.scalar(
        select(Course).where(
            Course.platform_id == platform_id,
            Course.deployment_id == deployment_id,
            Course.context_id == context_id,
        )
    )
    if course is None:
        course = Course(
            id=new_id(),
            tenant_id=tenant_id,
            platform_id=platform_id,
            deployment_id=deployment_id,
            context_id=context_id,
        )
        session.add(course)
        session.flush()
    return course


def get_course(session: Session, tenant_id: str, course_id: str) -> Course | None:
    return session.scalar(select(Course).where(Course.tenant_id == tenant_id, Course.id == course_id))


def add_run(
    session: Session,
    course: Course,
    journey: JourneyRow,
    day_zero: date,
    time_zone: str,
    now: datetime,
    run_id: str | None = None,
) -> RunRow:
    row = RunRow(
        id=run_id or new_id(),
        tenant_id=course.tenant_id,
        journey_row=journey,
        course=course,
        day_zero=day_zero,
        time_zone=time_zone,
        created=now,
    )
    session.add(row)
    session.flush()
    return row


def get_run(session: Session, tenant_id: str, run_id: str) -> RunRow | None:
    return session.scalar(select(RunRow).where(RunRow.tenant_id == tenant_id, RunRow.id == run_id))


def runs_by_id(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, RunRow]:
    """Those of the tenant among these."""
    wanted = RunRow.tenant_id == tenant_id, RunRow.id.in_(set(ids))
    return {row.id: row for row in session.scalars(select(RunRow).where(*wanted))}


def open_runs(session: Session, tenant_id: str, course_id: str, slug: str | None = None) -> list[RunRow]:
    """The course's runs that are not closed, newest first; only those of a journey where `slug` is given."""
    query = select(RunRow).where(RunRow.tenant_id == tenant_id, RunRow.course_id == course_id, RunRow.closed.is_(None))
    if slug is not None:
        query = query.join(JourneyRow, JourneyRow.id == RunRow.journey_id).where(JourneyRow.slug == slug)
    return list(session.scalars(query.order_by(RunRow.created.desc(), RunRow.id)))


def all_runs(session: Session, tenant_id: str) -> list[RunRow]:
    return list(session.scalars(select(RunRow).where(RunRow.tenant_id == tenant_id).order_by(RunRow.created)))


def all_open(session: Session, tenant_id: str) -> list[RunRow]:
    """Those that are not closed, the oldest first. What it costs does not grow with those that are."""
    query = select(RunRow).where(RunRow.tenant_id == tenant_id, RunRow.closed.is_(None))
    return list(session.scalars(query.order_by(RunRow.created)))


def all_kept(session: Session, tenant_id: str) -> list[RunRow]:
    """Those that are not archived, closed or not, the oldest first."""
    query = select(RunRow).where(RunRow.tenant_id == tenant_id, RunRow.archived.is_(None))
    return list(session.scalars(query.order_by(RunRow.created)))


def runs_of_journey(session: Session, tenant_id: str, slug: str, course_id: str | None = None) -> list[RunRow]:
    """All runs of any version, the latest kick-off first; only those of one course where it is given."""
    query = select(RunRow).join(JourneyRow, JourneyRow.id == RunRow.journey_id)
    query = query.where(RunRow.tenant_id == tenant_id, JourneyRow.slug == slug)
    if course_id is not None:
        query = query.where(RunRow.course_id == course_id)
    return list(session.scalars(query.order_by(RunRow.day_zero.desc(), RunRow.created.desc(), RunRow.id)))


def runs_of_course(session: Session, tenant_id: str, course_id: str) -> list[RunRow]:
    """All of a course, closed ones too, the latest kick-off first."""
    query = select(RunRow).where(RunRow.tenant_id == tenant_id, RunRow.course_id == course_id)
    return list(session.scalars(query.order_by(RunRow.day_zero.desc(), RunRow.created.desc(), RunRow.id)))


def counts_by_version(session: Session, tenant_id: str) -> dict[str, int]:
    """How many runs each version of a journey has, by its id."""
    query = select(RunRow.journey_id, func.count()).where(RunRow.tenant_id == tenant_id).group_by(RunRow.journey_id)
    return {row[0]: row[1] for row in session.execute(query)}


def courses(session: Session, tenant_id: str) -> list[Course]:
    query = select(Course).where(Course.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(Course.title, Course.context_id)))


def lock_run(session: Session, tenant_id: str, run_id: str) -> RunRow | None:
    """The run as it is now, and nobody else's to change until the transaction ends."""
    query = select(RunRow).where(RunRow.tenant_id == tenant_id, RunRow.id == run_id)
    return session.scalar(query.with_for_update(of=RunRow).execution_options(populate_existing=True))
