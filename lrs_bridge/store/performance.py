"""The performance outcome of a run: baseline, target and actual, with day, unit and source. Rows are only added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime


class OutcomeEntry(Base):
    """What the goal owner entered: `kind` is baseline, target or actual; `day` is the day the value was true, or is to
    be. `measure` and `unit` say what is counted in what. `instead_of`: the entry that this one corrects."""

    __tablename__ = "outcome_entry"
    __table_args__ = (Index("ix_outcome_entry_run", "run_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(10))
    measure: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(40))
    value: Mapped[float]
    day: Mapped[date]
    source: Mapped[str] = mapped_column(String(300))
    instead_of: Mapped[str | None] = mapped_column(Id)


def add(session: Session, entry: OutcomeEntry) -> None:
    """Keep it; one with this id that is there already is the same form sent twice."""
    if session.get(OutcomeEntry, entry.id) is None:
        session.add(entry)


def of_run(session: Session, tenant_id: str, run_id: str) -> list[OutcomeEntry]:
    """Everything that was ever entered, in the order of entering."""
    wanted = OutcomeEntry.tenant_id == tenant_id, OutcomeEntry.run_id == run_id
    return list(session.scalars(select(OutcomeEntry).where(*wanted).order_by(OutcomeEntry.at, OutcomeEntry.id)))
