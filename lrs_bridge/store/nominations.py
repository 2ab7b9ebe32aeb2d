"""Nominations: a participant says who their manager, coach, mentor or peer is, and somebody confirms it or does not.

Until then there is no relation, so nobody sees anything by it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.people import Role
from lrs_bridge.store.base import Base, Id, Shown, UtcDateTime, new_id


class NominationState(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Nomination(Base):
    """`person` names whoever has `email` (lower case) as their `role`. `by_id`: whoever decided."""

    __tablename__ = "nomination"
    __table_args__ = (Index("ix_nomination_run_person", "run_id", "person_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    name: Mapped[str | None] = mapped_column(Shown(200))
    email: Mapped[str] = mapped_column(String(320))
    state: Mapped[str] = mapped_column(String(10))
    made: Mapped[datetime] = mapped_column(UtcDateTime)
    decided: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    @property
    def waits(self) -> bool:
        return self.state == NominationState.WAITING


def add(
    session: Session,
    tenant_id: str,
    run_id: str,
    person_id: str,
    role: Role,
    email: str,
    name: str | None,
    now: datetime,
    id_: str | None = None,
) -> Nomination:
    row = Nomination(
        id=id_ or new_id(),
        tenant_id=tenant_id,
        run_id=run_id,
        person_id=person_id,
        role=str(role),
        name=name,
        email=email.lower(),
        state=NominationState.WAITING,
        made=now,
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, tenant_id: str, run_id: str, id_: str) -> Nomination | None:
    wanted = Nomination.tenant_id == tenant_id, Nomination.run_id == run_id, Nomination.id == id_
    return session.scalar(select(Nomination).where(*wanted))


def waiting(session: Session, tenant_id: str, run_id: str) -> list[Nomination]:
    """All that wait in a run, oldest first."""
    wanted = (
        Nomination.tenant_id == tenant_id,
        Nomination.run_id == run_id,
        Nomination.state == NominationState.WAITING,
    )
    return list(session.scalars(select(Nomination).where(*wanted).order_by(Nomination.made, Nomination.id)))


def of_person(session: Session, tenant_id: str, run_id: str, person_id: str) -> list[Nomination]:
    """All that a participant made, newest first."""
    wanted = Nomination.tenant_id == tenant_id, Nomination.run_id == run_id, Nomination.person_id == person_id
    return list(session.scalars(select(Nomination).where(*wanted).order_by(Nomination.made.desc(), Nomination.id)))
