"""Recomputations: runs whose people are all evaluated again, how far that has come, and what results are made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, and_, func, literal, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Json, Shown, UtcDateTime, insert_for
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.results import Due
from lrs_bridge.store.runs import Course, RunRow


class Recomputation(Base):
    """A run's latest one. `asked` None: there was none yet. `began`: when its people were marked; `total`: how many.

    `made_with`: the version of the journey, and of each evaluator its version and a digest of its settings, as they
    were when the run was last looked at.
    """

    __tablename__ = "recomputation"
    __table_args__ = (
        Index(
            "ix_recomputation_open",
            "tenant_id",
            "asked",
            sqlite_where=text("asked IS NOT NULL AND finished IS NULL"),
            postgresql_where=text("asked IS NOT NULL AND finished IS NULL"),
        ),
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    asked: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Shown(500), default="")
    by: Mapped[str] = mapped_column(Shown(200), default="")
    began: Mapped[datetime | None] = mapped_column(UtcDateTime)
    total: Mapped[int] = mapped_column(default=0)
    finished: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_with: Mapped[Any] = mapped_column(Json, nullable=True)


_OPEN = and_(Recomputation.asked.is_not(None), Recomputation.finished.is_(None))


def runs_within(
    tenant_id: str, run_id: str | None, course_id: str | None, journey: str | None, platform_id: str | None
) -> Select[Any]:
    """Ids of the tenant's runs for which all that is named holds; closed ones only where the run itself is named."""
    wanted = select(RunRow.id).where(RunRow.tenant_id == tenant_id)
    if run_id is not None:
        return wanted.where(RunRow.id == run_id)
    wanted = wanted.where(RunRow.closed.is_(None))
    if course_id is not None:
        wanted = wanted.where(RunRow.course_id == course_id)
    if journey is not None:
        wanted = wanted.join(JourneyRow, JourneyRow.id == RunRow.journey_id).where(JourneyRow.slug == journey)
    if platform_id is not None:
        wanted = wanted.join(Course, Course.id == RunRow.course_id).where(Course.platform_id == platform_id)
    return wanted


def ask(session: Session, tenant_id: str, wanted: Select[Any], reason: str, by: str, now: datetime) -> int:
    """Note that these runs are to be computed again from the beginning; answers how many. One under way starts over."""
    values: list[Any] = [
        literal(tenant_id),
        literal(now, UtcDateTime),
        literal(reason[:500]),
        literal(by[:200]),
        literal(0),
    ]
    columns = ["run_id", "tenant_id", "asked", "reason", "by", "total"]
    new = insert_for(session)(Recomputation).from_select(columns, wanted.add_columns(*values), include_defaults=False)
    taken = {name: new.excluded[name] for name in columns[2:]} | {"began": None, "finished": None}
    session.execute(new.on_conflict_do_update(index_elements=["run_id"], set_=taken))
    return session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def next_open(session: Session, but: list[str]) -> Recomputation | None:
    """The one that was asked for first, of any tenant, without those in `but`; locked until the transaction ends."""
    query = select(Recomputation).where(_OPEN)
    if but:
        query = query.where(Recomputation.run_id.not_in(but))
    query = query.order_by(Recomputation.asked, Recomputation.run_id).limit(1)
    return session.scalar(query.with_for_update(skip_locked=True).execution_options(populate_existing=True))


def begin(session: Session, row: Recomputation, now: datetime) -> None:
    """Mark everybody of the run, and the run itself, for renewal."""
    run = insert_for(session)(Due).values(subject=row.run_id, tenant_id=row.tenant_id, run_id=row.run_id, failures=0)
    session.execute(run.on_conflict_do_nothing(index_elements=["subject"]))
    marked = update(Due).where(Due.tenant_id == row.tenant_id, Due.run_id == row.run_id).values(renew=now)
    session.execute(marked.execution_options(synchronize_session=False))
    people = select(func.count()).where(Due.run_id == row.run_id, Due.subject != row.run_id)
    row.began, row.total, row.finished = now, session.scalar(people) or 0, None


def get(session: Session, tenant_id: str, run_id: str) -> Recomputation | None:
    """The run's, should there be one."""
    row = session.get(Recomputation, run_id)
    return row if row is not None and row.tenant_id == tenant_id else None


def renewing_since(session: Session, tenant_id: str, run_id: str) -> datetime | None:
    """Since when results of this run are being renewed: those computed before are the old ones. None: they are not."""
    wanted = Recomputation.tenant_id == tenant_id, Recomputation.run_id == run_id
    return session.scalar(select(Recomputation.asked).where(*wanted, _OPEN))


@dataclass(frozen=True)
class Progress:
    """A recomputation under way, with the number of people still to come (all of them before it began)."""

    row: Recomputation
    left: int


def under_way(session: Session, tenant_id: str, limit: int = 100) -> list[Progress]:
    """Those not finished, the first asked for first; two queries whatever their size."""
    query = select(Recomputation).where(Recomputation.tenant_id == tenant_id, _OPEN)
    rows = list(session.scalars(query.order_by(Recomputation.asked, Recomputation.run_id).limit(limit)))
    left = select(Due.run_id, func.count()).where(
        Due.renew.is_not(None), Due.run_id.in_([row.run_id for row in rows]), Due.subject != Due.run_id
    )
    counts = {row[0]: row[1] for row in session.execute(left.group_by(Due.run_id))}
    return [Progress(row, counts.get(row.run_id, 0)) for row in rows]


def count_open(session: Session, tenant_id: str) -> int:
    query = select(func.count()).select_from(Recomputation).where(Recomputation.tenant_id == tenant_id, _OPEN)
    return session.scalar(query) or 0


def latest_done(session: Session, tenant_id: str, limit: int = 5) -> list[Recomputation]:
    """Finished ones, the latest first."""
    query = select(Recomputation).where(Recomputation.tenant_id == tenant_id, Recomputation.finished.is_not(None))
    return list(session.scalars(query.order_by(Recomputation.finished.desc(), Recomputation.run_id).limit(limit)))


def made_with(session: Session, tenant_id: str, closed: bool = False) -> dict[str, Any]:
    """By run that is open, for those that were looked at before; `closed`: by run that is closed and not archived."""
    those = RunRow.closed.is_not(None) & RunRow.archived.is_(None) if closed else RunRow.closed.is_(None)
    query = select(Recomputation.run_id, Recomputation.made_with).join(RunRow, RunRow.id == Recomputation.run_id)
    query = query.where(RunRow.tenant_id == tenant_id, those)
    found = session.execute(query.where(Recomputation.tenant_id == tenant_id, Recomputation.made_with.is_not(None)))
    return {row[0]: row[1] for row in found}


def put_made_with(session: Session, tenant_id: str, run_id: str, made: Mapping[str, Any]) -> None:
    """Remember what the run's results are made with from now on."""
    row = session.get(Recomputation, run_id)
    if row is None:
        row = Recomputation(run_id=run_id, tenant_id=tenant_id, reason="", by="", total=0)
        session.add(row)
    row.made_with = dict(made)
