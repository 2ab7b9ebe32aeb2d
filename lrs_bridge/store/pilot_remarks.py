"""What people of a pilot say about its steps, and the word with which a designer settled it: free text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime
from lrs_bridge.store.runs import RunRow


class PilotRemark(Base):
    """`id` is the form's, so that sent twice is once. `role`: as what the author is in the run; `step`: what it is
    about, None for the whole. `word`: what became of it, with which it is settled."""

    __tablename__ = "pilot_remark"
    __table_args__ = (Index("ix_pilot_remark_run", "tenant_id", "run_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    step: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    made: Mapped[datetime] = mapped_column(UtcDateTime)
    word: Mapped[str | None] = mapped_column(Text)
    settled: Mapped[datetime | None] = mapped_column(UtcDateTime)


def add(session: Session, remark: PilotRemark) -> bool:
    """Keep a remark; False when it is there already."""
    if session.get(PilotRemark, remark.id) is not None:
        return False
    session.add(remark)
    session.flush()
    return True


def of_run(session: Session, run: RunRow, limit: int = 500) -> list[PilotRemark]:
    """Open ones first, each the oldest first."""
    wanted = PilotRemark.tenant_id == run.tenant_id, PilotRemark.run_id == run.id
    order = PilotRemark.settled.is_not(None), PilotRemark.made, PilotRemark.id
    return list(session.scalars(select(PilotRemark).where(*wanted).order_by(*order).limit(limit)))


def of_author(session: Session, tenant_id: str, run_id: str, person_id: str) -> list[PilotRemark]:
    """One person's own in a run, the latest first."""
    wanted = PilotRemark.tenant_id == tenant_id, PilotRemark.run_id == run_id, PilotRemark.author_id == person_id
    return list(session.scalars(select(PilotRemark).where(*wanted).order_by(PilotRemark.made.desc(), PilotRemark.id)))


def counts(session: Session, run: RunRow) -> tuple[int, int]:
    """How many there are, and how many of them are open."""
    wanted = PilotRemark.tenant_id == run.tenant_id, PilotRemark.run_id == run.id
    row = session.execute(select(func.count(), func.count(PilotRemark.settled)).where(*wanted)).one()
    return row[0], row[0] - row[1]


def get(session: Session, run: RunRow, remark_id: str) -> PilotRemark | None:
    wanted = PilotRemark.tenant_id == run.tenant_id, PilotRemark.run_id == run.id, PilotRemark.id == remark_id
    return session.scalar(select(PilotRemark).where(*wanted))


def settle(remark: PilotRemark, word: str, now: datetime) -> None:
    """Settle it, or say better what became of it: the day on which it was settled first stays."""
    remark.word = word
    remark.settled = remark.settled or now
