"""How far each participant has come, as it was found when they were evaluated last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.headway import Headway
from lrs_bridge.domain.insights.funnel import Stage
from lrs_bridge.store.base import Base, Json, UtcDateTime, insert_for
from lrs_bridge.store.json_parts import part_of
from lrs_bridge.store.results import Due


class HeadwayRow(Base):
    """`body` is `Headway.as_dict()`."""

    __tablename__ = "headway"

    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), index=True)
    body: Mapped[Any] = mapped_column(Json)
    computed: Mapped[datetime] = mapped_column(UtcDateTime)


def keep(session: Session, tenant_id: str, run_id: str, enrolment_id: str, headway: Headway, now: datetime) -> None:
    """Put it in the place of the one before."""
    values = {"run_id": run_id, "tenant_id": tenant_id, "body": headway.as_dict(), "computed": now}
    new = insert_for(session)(HeadwayRow).values(enrolment_id=enrolment_id, **values)
    fresh = {"body": new.excluded.body, "computed": new.excluded.computed}
    session.execute(new.on_conflict_do_update(index_elements=["enrolment_id"], set_=fresh))


def of_run(session: Session, tenant_id: str, run_id: str) -> dict[str, Headway]:
    """By enrolment."""
    wanted = HeadwayRow.tenant_id == tenant_id, HeadwayRow.run_id == run_id
    rows = session.execute(select(HeadwayRow.enrolment_id, HeadwayRow.body).where(*wanted))
    return {enrolment_id: Headway.from_dict(body) for enrolment_id, body in rows}


def reached_of_run(session: Session, tenant_id: str, run_id: str) -> dict[str, frozenset[Stage]]:
    """Only the stages that each has reached, by enrolment, of those of whom they are kept."""
    wanted = HeadwayRow.tenant_id == tenant_id, HeadwayRow.run_id == run_id
    rows = session.execute(select(HeadwayRow.enrolment_id, part_of(session, HeadwayRow.body, "reached")).where(*wanted))
    known = {id_: text for id_, text in rows if text is not None}
    stages = {text: frozenset(map(Stage, orjson.loads(text))) for text in set(known.values())}
    return {id_: stages[text] for id_, text in known.items()}


def behind(session: Session, tenant_id: str, run_id: str, now: datetime) -> list[str]:
    """Enrolments of which something is new since they were evaluated, those who wait longest first."""
    wanted = Due.tenant_id == tenant_id, Due.run_id == run_id, Due.subject != run_id, Due.at <= now
    return list(session.scalars(select(Due.subject).where(*wanted).order_by(Due.at, Due.subject)))
