"""Consent to an interview: whether somebody talks about what they did, and how they may be quoted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime


class Quoting(StrEnum):
    """How what they say may stand in a report."""

    NAMED = "named"
    ROLE = "role"
    NOT = "not"


class InterviewConsent(Base):
    """The latest word of a participant on one interview step. `quoting` is None where they said no."""

    __tablename__ = "interview_consent"

    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(100), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(Id, index=True)
    agreed: Mapped[bool]
    quoting: Mapped[str | None] = mapped_column(String(10))
    decided: Mapped[datetime] = mapped_column(UtcDateTime)


def decide(
    session: Session, tenant_id: str, run_id: str, enrolment_id: str, step: str, quoting: Quoting | None, now: datetime
) -> None:
    """Yes, quoted like this; or no (None). A later word takes the place of an earlier one."""
    row = session.get(InterviewConsent, (enrolment_id, step))
    if row is None:
        row = InterviewConsent(enrolment_id=enrolment_id, step=step, tenant_id=tenant_id, run_id=run_id)
        session.add(row)
    row.agreed, row.quoting, row.decided = quoting is not None, quoting, now


def of_enrolment(session: Session, tenant_id: str, enrolment_id: str) -> dict[str, InterviewConsent]:
    """By step."""
    mine = InterviewConsent.tenant_id == tenant_id, InterviewConsent.enrolment_id == enrolment_id
    return {row.step: row for row in session.scalars(select(InterviewConsent).where(*mine))}


def of_run(session: Session, tenant_id: str, run_id: str) -> list[InterviewConsent]:
    """Of everybody who said something, for whoever holds the interviews."""
    mine = InterviewConsent.tenant_id == tenant_id, InterviewConsent.run_id == run_id
    return list(session.scalars(select(InterviewConsent).where(*mine).order_by(InterviewConsent.enrolment_id)))
