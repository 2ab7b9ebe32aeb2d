"""What came in, in numbers: by source and day, and which sorts of statements no journey had a use for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Date, ForeignKey, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Shown, UtcDateTime, insert_for

KEPT = 200
_A_FEW = 20


@dataclass(frozen=True)
class Arrived:
    """Statements: `taken` became facts; `confirmed` are our own come back; `skipped` no journey asks for;
    `unreadable` are listed."""

    taken: int = 0
    confirmed: int = 0
    skipped: int = 0
    unreadable: int = 0

    def __add__(self, other: Arrived) -> Arrived:
        return Arrived(
            self.taken + other.taken,
            self.confirmed + other.confirmed,
            self.skipped + other.skipped,
            self.unreadable + other.unreadable,
        )


class ArrivalCount(Base):
    """One source on one day (UTC)."""

    __tablename__ = "arrival_count"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(400), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    taken: Mapped[int]
    confirmed: Mapped[int]
    skipped: Mapped[int]
    unreadable: Mapped[int]


class PassedOver(Base):
    """A verb with an activity that came in and that no journey looks for: what a designer may write into `matches`.

    Nobody's name is in it. Only the latest `KEPT` of a tenant are kept. `id` is a digest of the two.
    """

    __tablename__ = "passed_over"
    __table_args__ = (Index("ix_passed_over_latest", "tenant_id", "latest"),)

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    verb: Mapped[str] = mapped_column(Shown(1000))
    activity: Mapped[str] = mapped_column(Shown(1000))
    times: Mapped[int]
    latest: Mapped[datetime] = mapped_column(UtcDateTime)


def add(session: Session, tenant_id: str, source: str, arrived: Arrived, now: datetime) -> None:
    """Count what came."""
    if arrived == Arrived():
        return
    new = insert_for(session)(ArrivalCount).values(tenant_id=tenant_id, source=source, day=now.date(), **vars(arrived))
    more = {name: getattr(ArrivalCount, name) + new.excluded[name] for name in vars(arrived)}
    session.execute(new.on_conflict_do_update(index_elements=["tenant_id", "source", "day"], set_=more))


def counts_since(session: Session, tenant_id: str, day: date) -> dict[str, Arrived]:
    """What came from each source on this day and after it."""
    columns = (ArrivalCount.taken, ArrivalCount.confirmed, ArrivalCount.skipped, ArrivalCount.unreadable)
    rows = session.execute(
        select(ArrivalCount.source, *(func.sum(column) for column in columns))
        .where(ArrivalCount.tenant_id == tenant_id, ArrivalCount.day >= day)
        .group_by(ArrivalCount.source)
    )
    return {row[0]: Arrived(*(int(number) for number in row[1:])) for row in rows}


def pass_over(session: Session, tenant_id: str, sorts: Mapping[tuple[str, str], int], now: datetime) -> None:
    """Remember some sorts (verb, activity) and how often they came; of very many in one page, the last few."""
    for (verb, activity), times in list(sorts.items())[-_A_FEW:]:
        id_ = sha256(f"{verb}\n{activity}".encode()).hexdigest()
        new = insert_for(session)(PassedOver).values(
            tenant_id=tenant_id, id=id_, verb=verb, activity=activity, times=times, latest=now
        )
        more = {"times": PassedOver.times + new.excluded.times, "latest": new.excluded.latest}
        session.execute(new.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=more))


def passed_over(session: Session, tenant_id: str, limit: int = 50) -> list[PassedOver]:
    """The latest sorts."""
    query = select(PassedOver).where(PassedOver.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(PassedOver.latest.desc(), PassedOver.id).limit(limit)))


def sweep(session: Session, tenant_id: str) -> None:
    """Keep the latest `KEPT` sorts."""
    query = select(PassedOver.latest).where(PassedOver.tenant_id == tenant_id).order_by(PassedOver.latest.desc())
    last = session.scalar(query.offset(KEPT).limit(1))
    if last is not None:
        session.execute(delete(PassedOver).where(PassedOver.tenant_id == tenant_id, PassedOver.latest <= last))
