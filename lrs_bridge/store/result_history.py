"""What the indicators of a run and its areas were, day by day: values of groups, of nobody in particular.

A person's own past is worked out again from their statements where it is asked for, and is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.indicators import Result
from lrs_bridge.store.base import Base, Id, insert_for


class ResultOfDay(Base):
    """The last result of a local day. `area` is empty for the run itself; `version` is the evaluator's."""

    __tablename__ = "result_of_day"

    run_id: Mapped[str] = mapped_column(Id, ForeignKey("run.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(100), primary_key=True)
    area: Mapped[str] = mapped_column(String(100), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    value: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(20))
    n: Mapped[int]
    version: Mapped[str] = mapped_column(String(50))


@dataclass(frozen=True)
class Point:
    """The value at the end of a day; it holds until the next point."""

    day: date
    value: float | None
    version: str


def remember(session: Session, tenant_id: str, run_id: str, results: Iterable[Result], day: date) -> None:
    """Keep these results of groups as those of the day, in the place of earlier ones of the same day."""
    values = [
        {
            "tenant_id": tenant_id,
            "run_id": run_id,
            "indicator": result.indicator,
            "area": result.subject.area or "",
            "day": day,
            "value": result.value,
            "status": str(result.status),
            "n": result.outcome.n,
            "version": result.version[:50],
        }
        for result in results
        if result.subject.kind == "cohort"
    ]
    if not values:
        return
    new = insert_for(session)(ResultOfDay).values(values)
    kept = {name: new.excluded[name] for name in ("value", "status", "n", "version")}
    keys = ["run_id", "indicator", "area", "day"]
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=kept))


def of_run(session: Session, tenant_id: str, run_id: str, *indicators: str) -> dict[str, list[Point]]:
    """By indicator, the points of the whole run in order; of all indicators where none is named."""
    wanted = [ResultOfDay.tenant_id == tenant_id, ResultOfDay.run_id == run_id, ResultOfDay.area == ""]
    if indicators:
        wanted.append(ResultOfDay.indicator.in_(indicators))
    query = select(ResultOfDay.indicator, ResultOfDay.day, ResultOfDay.value, ResultOfDay.version)
    found: dict[str, list[Point]] = {}
    for indicator, day, value, version in session.execute(query.where(*wanted).order_by(ResultOfDay.day)):
        found.setdefault(indicator, []).append(Point(day, value, version))
    return found
