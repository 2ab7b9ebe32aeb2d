"""Work that participants hand in to be scored, and who was asked to score it. Text and links stay in this database."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id
from lrs_bridge.store.runs import RunRow

_LETTERS = "23456789ACDEFGHJKLMNPQRTUVWXY"  # none that is taken for another


class HandIn(Base):
    """One participant's work for one assessment step. `code` is all that assessors know it by, and never changes."""

    __tablename__ = "hand_in"
    __table_args__ = (UniqueConstraint("enrolment_id", "step"), UniqueConstraint("run_id", "code"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    step: Mapped[str] = mapped_column(String(100))
    code: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(2000))
    handed: Mapped[datetime] = mapped_column(UtcDateTime)
    changed: Mapped[datetime] = mapped_column(UtcDateTime)


class Assignment(Base):
    """Somebody was asked to score a work; `declined`: they know whose it is, or cannot."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("hand_in_id", "assessor_id"),
        Index("ix_assignment_assessor", "run_id", "assessor_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    hand_in_id: Mapped[str] = mapped_column(ForeignKey("hand_in.id"))
    assessor_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    given: Mapped[datetime] = mapped_column(UtcDateTime)
    declined: Mapped[datetime | None] = mapped_column(UtcDateTime)


def of_enrolment(session: Session, tenant_id: str, enrolment_id: str) -> dict[str, HandIn]:
    """One participant's works by step."""
    wanted = HandIn.tenant_id == tenant_id, HandIn.enrolment_id == enrolment_id
    return {row.step: row for row in session.scalars(select(HandIn).where(*wanted))}


def of_run(session: Session, run: RunRow) -> list[HandIn]:
    wanted = HandIn.tenant_id == run.tenant_id, HandIn.run_id == run.id
    return list(session.scalars(select(HandIn).where(*wanted).order_by(HandIn.code)))


def by_id(session: Session, run: RunRow, ids: Iterable[str]) -> dict[str, HandIn]:
    wanted = HandIn.tenant_id == run.tenant_id, HandIn.run_id == run.id, HandIn.id.in_(set(ids))
    return {row.id: row for row in session.scalars(select(HandIn).where(*wanted))}


def add(
    session: Session, run: RunRow, enrolment_id: str, step: str, text: str, link: str | None, now: datetime
) -> HandIn:
    """A first work for the step, under a code of its own."""
    taken = set(session.scalars(select(HandIn.code).where(HandIn.run_id == run.id)))
    code = next(code for code in iter(_code, None) if code not in taken)
    row = HandIn(
        id=new_id(),
        tenant_id=run.tenant_id,
        run_id=run.id,
        enrolment_id=enrolment_id,
        step=step,
        code=code,
        text=text,
        link=link,
        handed=now,
        changed=now,
    )
    session.add(row)
    session.flush()
    return row


def _code() -> str:
    """Such as K7Q-42M: short enough to be said."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"


def assignments_of_run(session: Session, run: RunRow) -> list[Assignment]:
    wanted = Assignment.tenant_id == run.tenant_id, Assignment.run_id == run.id
    return list(session.scalars(select(Assignment).where(*wanted).order_by(Assignment.given, Assignment.id)))


def assignments_of(session: Session, run: RunRow, assessor_id: str) -> list[Assignment]:
    """What somebody was asked to score, the oldest first."""
    wanted = (
        Assignment.tenant_id == run.tenant_id,
        Assignment.run_id == run.id,
        Assignment.assessor_id == assessor_id,
    )
    return list(session.scalars(select(Assignment).where(*wanted).order_by(Assignment.given, Assignment.id)))


def assignments_about(session: Session, tenant_id: str, hand_in_ids: Iterable[str]) -> list[Assignment]:
    wanted = Assignment.tenant_id == tenant_id, Assignment.hand_in_id.in_(set(hand_in_ids))
    return list(session.scalars(select(Assignment).where(*wanted)))


def get_assignment(session: Session, run: RunRow, assignment_id: str) -> Assignment | None:
    wanted = Assignment.tenant_id == run.tenant_id, Assignment.run_id == run.id, Assignment.id == assignment_id
    return session.scalar(select(Assignment).where(*wanted))


def assign(session: Session, run: RunRow, hand_in_id: str, assessor_id: str, now: datetime) -> None:
    session.add(
        Assignment(
            id=new_id(),
            tenant_id=run.tenant_id,
            run_id=run.id,
            hand_in_id=hand_in_id,
            assessor_id=assessor_id,
            given=now,
        )
    )
