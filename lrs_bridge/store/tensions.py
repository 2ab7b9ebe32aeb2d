"""Asked before the start: what will get in the way? The request to all roles of a run, and what they answered.

Answers are confidential: who gave one is a keyed mark, which lets them change it and tells nobody who they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, new_id


class TensionRequest(Base):
    """Everybody in the run is asked until the end of the day `until`."""

    __tablename__ = "tension_request"
    __table_args__ = (Index("ix_tension_request_run", "run_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[date]


class Tension(Base):
    """One answer: the role in which it was given, and codes of the closed list of factors."""

    __tablename__ = "tension"
    __table_args__ = (UniqueConstraint("request_id", "mark"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    request_id: Mapped[str] = mapped_column(ForeignKey("tension_request.id"))
    mark: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(20))
    factors: Mapped[Any] = mapped_column(Json)


def latest_request(session: Session, tenant_id: str, run_id: str) -> TensionRequest | None:
    wanted = TensionRequest.tenant_id == tenant_id, TensionRequest.run_id == run_id
    return session.scalar(select(TensionRequest).where(*wanted).order_by(TensionRequest.asked.desc()).limit(1))


def ask(session: Session, tenant_id: str, run_id: str, by_id: str, until: date, now: datetime) -> None:
    session.add(TensionRequest(id=new_id(), tenant_id=tenant_id, run_id=run_id, by_id=by_id, asked=now, until=until))


def answer_of(session: Session, tenant_id: str, request_id: str, mark: str) -> Tension | None:
    wanted = Tension.tenant_id == tenant_id, Tension.request_id == request_id, Tension.mark == mark
    return session.scalar(select(Tension).where(*wanted))


def answer(session: Session, tenant_id: str, request_id: str, mark: str, role: str, factors: Sequence[str]) -> None:
    """Keep somebody's answer; a later one takes its place."""
    row = answer_of(session, tenant_id, request_id, mark)
    if row is None:
        row = Tension(id=new_id(), tenant_id=tenant_id, request_id=request_id, mark=mark)
        session.add(row)
    row.role, row.factors = role, list(factors)


def answers(session: Session, tenant_id: str, request_id: str) -> list[tuple[str, frozenset[str]]]:
    """Role and factors of each answer, in no order that tells anything."""
    wanted = Tension.tenant_id == tenant_id, Tension.request_id == request_id
    rows = session.execute(select(Tension.role, Tension.factors).where(*wanted))
    return sorted(((role, frozenset(factors)) for role, factors in rows), key=lambda row: (row[0], sorted(row[1])))
