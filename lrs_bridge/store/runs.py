"""Runs: a version of a journey in a course of an LMS, with a day zero."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
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
    """`totals_confirmed`: when a teacher said that the other columns are left out of the course total."""

    __tablename__ = "run"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), index=True)
    journey_id: Mapped[str] = mapped_column(ForeignKey("journey.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    day_zero: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    closed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totals_confirmed: Mapped[datetime | None] = mapped_column(UtcDateTime)

    journey_row: Mapped[JourneyRow] = relationship(lazy="joined", innerjoin=True)
    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)

    @property
    def journey(self) -> Journey:
        return self.journey_row.journey

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


def open_runs(session: Session, tenant_id: str, course_id: str, slug: str | None = None) -> list[RunRow]:
    """The course's runs that are not closed, newest first; only those of a journey where `slug` is given."""
    query = select(RunRow).where(RunRow.tenant_id == tenant_id, RunRow.course_id == course_id, RunRow.closed.is_(None))
    if slug is not None:
        query = query.join(JourneyRow, JourneyRow.id == RunRow.journey_id).where(JourneyRow.slug == slug)
    return list(session.scalars(query.order_by(RunRow.created.desc(), RunRow.id)))


def all_runs(session: Session, tenant_id: str) -> list[RunRow]:
    return list(session.scalars(select(RunRow).where(RunRow.tenant_id == tenant_id).order_by(RunRow.created)))
