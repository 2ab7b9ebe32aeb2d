"""Who was asked to rate a participant's capabilities, and whether they have.

Nothing here leads from a peer to what they said: their ratings bear a fresh random name, and neither the time of an
answer nor its order is kept beside the person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, new_id
from lrs_bridge.store.runs import RunRow


class RaterState(StrEnum):
    """`declined`: they said that they cannot say; `withdrawn`: the participant took the request back;
    `left`: they did so after an answer, which stays."""

    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LEFT = "left"


class Rater(Base):
    """Somebody asked by one participant in one round. `source`: as what they rate, in the profile's words."""

    __tablename__ = "rater"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "step", "person_id"),
        Index("ix_rater_person", "run_id", "person_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    step: Mapped[str] = mapped_column(String(100))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    asked: Mapped[date]

    @property
    def counts(self) -> bool:
        """Whether an answer is waited for, or came."""
        return self.state in (RaterState.ASKED, RaterState.ANSWERED)


def of_enrolment(session: Session, tenant_id: str, enrolment_id: str) -> list[Rater]:
    return of_enrolments(session, tenant_id, [enrolment_id])


def of_enrolments(session: Session, tenant_id: str, enrolment_ids: Iterable[str]) -> list[Rater]:
    wanted = Rater.tenant_id == tenant_id, Rater.enrolment_id.in_(set(enrolment_ids))
    return list(session.scalars(select(Rater).where(*wanted).order_by(Rater.id)))


def of_person(session: Session, run: RunRow, person_id: str) -> list[Rater]:
    """What somebody is asked for in a run."""
    wanted = Rater.tenant_id == run.tenant_id, Rater.run_id == run.id, Rater.person_id == person_id
    return list(session.scalars(select(Rater).where(*wanted).order_by(Rater.asked, Rater.id)))


def get(session: Session, tenant_id: str, rater_id: str) -> Rater | None:
    return session.scalar(select(Rater).where(Rater.tenant_id == tenant_id, Rater.id == rater_id))


def ask(
    session: Session, run: RunRow, enrolment_id: str, step: str, person_id: str, source: str, day: date
) -> tuple[Rater, bool]:
    """Ask somebody; whether that is new. Whoever was taken back can be asked again."""
    wanted = Rater.enrolment_id == enrolment_id, Rater.step == step, Rater.person_id == person_id
    row = session.scalar(select(Rater).where(Rater.tenant_id == run.tenant_id, *wanted))
    if row is not None:
        if row.state == RaterState.LEFT:
            row.state = RaterState.ANSWERED
        if row.state != RaterState.WITHDRAWN:
            return row, False
        row.state, row.source, row.asked = RaterState.ASKED, source, day
        return row, True
    row = Rater(
        id=new_id(),
        tenant_id=run.tenant_id,
        run_id=run.id,
        enrolment_id=enrolment_id,
        step=step,
        person_id=person_id,
        source=source,
        state=RaterState.ASKED,
        asked=day,
    )
    session.add(row)
    session.flush()
    return row, True


def some(rows: Iterable[Rater], step: str) -> list[Rater]:
    """Those of one round whose answer is waited for, or came."""
    return [row for row in rows if row.step == step and row.counts]
