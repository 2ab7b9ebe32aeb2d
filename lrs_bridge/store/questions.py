"""Questions of participants to whoever facilitates, and the answers: free text that stays in this database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime
from lrs_bridge.store.runs import RunRow


class Question(Base):
    """`id` is the form's, so that asking twice is the same as once. `step`: what it is about, if it is about one."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_run", "tenant_id", "run_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), index=True)
    step: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


def ask(
    session: Session, run: RunRow, enrolment_id: str, question_id: str, text: str, step: str | None, now: datetime
) -> bool:
    """Keep a question; False when it was asked already."""
    if session.get(Question, question_id) is not None:
        return False
    session.add(
        Question(
            id=question_id,
            tenant_id=run.tenant_id,
            run_id=run.id,
            enrolment_id=enrolment_id,
            step=step,
            text=text,
            asked=now,
        )
    )
    session.flush()
    return True


def of_run(session: Session, run: RunRow, limit: int = 500) -> list[Question]:
    """Those without an answer first, the oldest first; then the latest answered."""
    wanted = Question.tenant_id == run.tenant_id, Question.run_id == run.id
    query = select(Question).where(*wanted)
    waiting = list(session.scalars(query.where(Question.answered.is_(None)).order_by(Question.asked).limit(limit)))
    latest = query.where(Question.answered.is_not(None)).order_by(Question.answered.desc(), Question.id)
    return [*waiting, *session.scalars(latest.limit(limit))]


def count_waiting(session: Session, run: RunRow) -> int:
    wanted = Question.tenant_id == run.tenant_id, Question.run_id == run.id, Question.answered.is_(None)
    return session.scalar(select(func.count()).select_from(Question).where(*wanted)) or 0


def waits(session: Session, run: RunRow) -> list[tuple[datetime, datetime]]:
    """When each question that has an answer was asked, and when it was first answered."""
    wanted = Question.tenant_id == run.tenant_id, Question.run_id == run.id, Question.answered.is_not(None)
    rows = session.execute(select(Question.asked, Question.answered).where(*wanted))
    return [(asked, answered) for asked, answered in rows if answered is not None]


def of_enrolment(session: Session, tenant_id: str, enrolment_id: str) -> list[Question]:
    """One participant's, the latest first."""
    wanted = Question.tenant_id == tenant_id, Question.enrolment_id == enrolment_id
    return list(session.scalars(select(Question).where(*wanted).order_by(Question.asked.desc(), Question.id)))


def get(session: Session, run: RunRow, question_id: str) -> Question | None:
    wanted = Question.tenant_id == run.tenant_id, Question.run_id == run.id, Question.id == question_id
    return session.scalar(select(Question).where(*wanted))


def answer(question: Question, text: str, person_id: str, now: datetime) -> None:
    """Answer, or say it better: the time of the first answer stays, since that is how long somebody waited."""
    question.answer = text
    question.answered_by = person_id
    question.answered = question.answered or now
