"""Events: what somebody did here, as it was done. One row per act, written once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.events import Event
from lrs_bridge.store.base import Base, Id, Json, UtcDateTime


class EventRow(Base):
    """The id is fixed when the form is shown, so the primary key makes acting twice the same as once."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_run_recorded", "run_id", "recorded"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    enrolment_id: Mapped[str | None] = mapped_column(Id, index=True)
    kind: Mapped[str] = mapped_column(String(30))
    actor: Mapped[str] = mapped_column(Id)
    step: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded: Mapped[datetime] = mapped_column(UtcDateTime)
    statement_id: Mapped[str] = mapped_column(Id)
    data: Mapped[Any] = mapped_column(Json)


def add_event(session: Session, tenant_id: str, event: Event, now: datetime) -> bool:
    """Keep the event; False when it is known already."""
    if session.get(EventRow, str(event.id)) is not None:
        return False
    session.add(
        EventRow(
            id=str(event.id),
            tenant_id=tenant_id,
            run_id=event.run,
            enrolment_id=event.registration,
            kind=str(event.kind),
            actor=event.actor,
            step=event.step,
            at=event.at,
            recorded=event.recorded or now,
            statement_id=event.statement_id,
            data=dict(event.data),
        )
    )
    return True
