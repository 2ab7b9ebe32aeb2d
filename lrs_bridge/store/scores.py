"""Line items and scores: what each person's columns should hold, what the LMS last took, and what waits.

The row of a score is its own outbox: `wanted` is what the gradebook should show, `sent` what it last accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, ForeignKey, Index, String, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.scores import stamp_after
from lrs_bridge.store import gradebook_pauses
from lrs_bridge.store.base import Base, UtcDateTime, insert_for
from lrs_bridge.store.runs import RunRow

ScoreKey = tuple[str, str]
"""Enrolment and indicator."""


class ScoreState(StrEnum):
    """The words of the gradebook chips. `NOTHING`: no value yet, so nothing is sent."""

    NOTHING = "nothing"
    WAITING = "waiting"
    POSTED = "posted"
    REFUSED = "refused"


class LineItemRow(Base):
    """A column of the LMS's gradebook. `url` None: to be found or created. `given`: it came with the launch.

    `position`, `label` and `maximum` are how the run wants it; None where it wants none of this indicator.
    """

    __tablename__ = "line_item"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(100), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    url: Mapped[str | None] = mapped_column(String(2000))
    given: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    position: Mapped[int | None]
    label: Mapped[str | None] = mapped_column(String(200))
    maximum: Mapped[float | None]

    @property
    def plan(self) -> tuple[int | None, str | None, float | None]:
        return self.position, self.label, self.maximum


class ScoreRow(Base):
    """`stamp` is the timestamp of the last accepted score: the next one has to be later. `since`: from when on the LMS
    has had another value than the one wanted."""

    __tablename__ = "score"
    __table_args__ = (Index("ix_score_state_next", "state", "next_at"), Index("ix_score_run", "run_id"))

    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(100), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    wanted: Mapped[float | None]
    maximum: Mapped[float]
    progress: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(200))
    sent: Mapped[float | None]
    sent_maximum: Mapped[float | None]
    sent_progress: Mapped[str | None] = mapped_column(String(20))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stamp: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(500))
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def key(self) -> ScoreKey:
        return self.enrolment_id, self.indicator

    @property
    def differs(self) -> bool:
        return (self.wanted, self.maximum, self.progress) != (self.sent, self.sent_maximum, self.sent_progress)


def want(
    session: Session,
    tenant_id: str,
    run_id: str,
    enrolment_id: str,
    indicator: str,
    label: str,
    given: float | None,
    maximum: float,
    progress: str,
    now: datetime,
) -> ScoreRow | None:
    """Say what the gradebook should hold. Waits only when that differs from what the LMS has.

    `given` None withdraws a score sent earlier, and is nothing at all where none was.
    """
    row = session.get(ScoreRow, (enrolment_id, indicator))
    if row is None:
        if given is None:
            return None
        row = ScoreRow(enrolment_id=enrolment_id, indicator=indicator, tenant_id=tenant_id, run_id=run_id, attempts=0)
        row.state = ScoreState.NOTHING
        session.add(row)
    changed = (row.wanted, row.maximum, row.progress) != (given, maximum, progress)
    row.wanted, row.maximum, row.progress, row.label = given, maximum, progress, label
    if not row.differs:
        row.state = ScoreState.POSTED if given is not None else ScoreState.NOTHING
    elif changed and row.state != ScoreState.REFUSED:
        row.state, row.next_at, row.attempts = ScoreState.WAITING, now, 0
    row.since = (row.since or now) if row.differs else None
    return row


def current(session: Session, claimed: Iterable[ScoreRow]) -> dict[ScoreKey, ScoreRow]:
    """The same scores as they are now, locked, in one query; those of people who were erased are missing."""
    keys = [row.key for row in claimed]
    if not keys:
        return {}
    wanted = select(ScoreRow).where(tuple_(ScoreRow.enrolment_id, ScoreRow.indicator).in_(keys))
    wanted = wanted.order_by(ScoreRow.enrolment_id, ScoreRow.indicator).with_for_update()
    return {row.key: row for row in session.scalars(wanted.execution_options(populate_existing=True))}


def accepted(row: ScoreRow, given: float | None, maximum: float, progress: str, stamp: datetime, now: datetime) -> None:
    """The LMS took this; what is wanted may have changed meanwhile and then waits on."""
    row.sent, row.sent_maximum, row.sent_progress = given, maximum, progress
    row.sent_at, row.stamp, row.lease_until = now, stamp, None
    row.reason, row.attempts = None, 0
    if row.differs:
        row.state, row.next_at = ScoreState.WAITING, stamp_after(stamp, now)
    else:
        row.state = ScoreState.POSTED if given is not None else ScoreState.NOTHING
    row.since = now if row.differs else None


def postpone(row: ScoreRow, reason: str, next_at: datetime) -> None:
    row.attempts += 1
    row.state, row.reason, row.next_at, row.lease_until = ScoreState.WAITING, reason[:500], next_at, None


def hold(row: ScoreRow, reason: str, next_at: datetime) -> None:
    """Not tried: it waits with the others of its LMS."""
    row.reason, row.next_at, row.lease_until = reason[:500], next_at, None


def refuse(row: ScoreRow, reason: str, next_at: datetime) -> None:
    """Park it with the LMS's reason until a person has it tried again, the person is back, or the time has come."""
    row.attempts += 1
    row.state, row.reason, row.next_at, row.lease_until = ScoreState.REFUSED, reason[:500], next_at, None


def try_again(session: Session, tenant_id: str, run_id: str | None, now: datetime) -> int:
    """Put refused scores (of one run, or of all) back in the queue, and make waiting ones due now, also where the
    LMS was found down."""
    gradebook_pauses.end_all(session, tenant_id)
    of_run = [ScoreRow.run_id == run_id] if run_id is not None else []
    return _back_in_the_queue(session, now, ScoreRow.tenant_id == tenant_id, *of_run)


def try_again_for(
    session: Session, tenant_id: str, enrolment_ids: Iterable[str], now: datetime, refused_only: bool = True
) -> int:
    """The same for these people: they were launched, or stand on the LMS's roster, so it may know them by now."""
    states = (ScoreState.REFUSED,) if refused_only else _OPEN
    of_people = ScoreRow.enrolment_id.in_(list(enrolment_ids))
    return _back_in_the_queue(session, now, ScoreRow.tenant_id == tenant_id, of_people, states=states)


_OPEN = (ScoreState.REFUSED, ScoreState.WAITING)


def _back_in_the_queue(
    session: Session, now: datetime, *which: ColumnElement[bool], states: Iterable[ScoreState] = _OPEN
) -> int:
    back = (
        update(ScoreRow)
        .where(*which, ScoreRow.state.in_(list(states)))
        .values(state=ScoreState.WAITING, next_at=now, attempts=0)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(back)).rowcount


def scores_of_run(session: Session, tenant_id: str, run_id: str) -> list[ScoreRow]:
    return list(session.scalars(select(ScoreRow).where(ScoreRow.tenant_id == tenant_id, ScoreRow.run_id == run_id)))


def scores_of_enrolment(session: Session, tenant_id: str, enrolment_id: str) -> dict[str, ScoreRow]:
    rows = session.scalars(
        select(ScoreRow).where(ScoreRow.tenant_id == tenant_id, ScoreRow.enrolment_id == enrolment_id)
    )
    return {row.indicator: row for row in rows}


def refused_or_retrying(session: Session, tenant_id: str, limit: int = 100) -> Sequence[ScoreRow]:
    """What the admin page lists: refused scores, and waiting ones that failed at least once."""
    return session.scalars(
        select(ScoreRow)
        .where(
            ScoreRow.tenant_id == tenant_id,
            or_(
                ScoreRow.state == ScoreState.REFUSED,
                and_(ScoreRow.state == ScoreState.WAITING, ScoreRow.attempts > 0),
            ),
        )
        .order_by(ScoreRow.next_at)
        .limit(limit)
    ).all()


def counts(session: Session, tenant_id: str) -> dict[str, int]:
    """Scores by state, without those of runs that are archived."""
    kept = RunRow.tenant_id == tenant_id, RunRow.archived.is_(None)
    counted = select(ScoreRow.state, func.count().label("n")).join(RunRow, RunRow.id == ScoreRow.run_id)
    rows = session.execute(counted.where(ScoreRow.tenant_id == tenant_id, *kept).group_by(ScoreRow.state))
    return {row.state: row.n for row in rows}


def line_items(session: Session, tenant_id: str, run_id: str) -> dict[str, LineItemRow]:
    rows = session.scalars(select(LineItemRow).where(LineItemRow.tenant_id == tenant_id, LineItemRow.run_id == run_id))
    return {row.indicator: row for row in rows}


def plan_line_items(session: Session, tenant_id: str, run_id: str, columns: Sequence[tuple[str, str, float]]) -> None:
    """Say which columns the run wants, in their order: indicator, label and maximum of each; it wants no others.

    Nothing is asked of the LMS by this, and a column that it has stays.
    """
    known = line_items(session, tenant_id, run_id)
    wanted = {key: (place, label[:200], maximum) for place, (key, label, maximum) in enumerate(columns)}
    for key in wanted.keys() - known.keys():
        session.execute(
            insert_for(session)(LineItemRow)
            .values(run_id=run_id, indicator=key, tenant_id=tenant_id, given=False)
            .on_conflict_do_nothing()
        )
    if wanted.keys() - known.keys():
        known = line_items(session, tenant_id, run_id)
    for key, row in known.items():
        plan = wanted.get(key, (None, None, None))
        if row.plan != plan:
            row.position, row.label, row.maximum = plan


def missing_line_items(session: Session, tenant_id: str, run_id: str) -> list[LineItemRow]:
    """Columns that the run wants and nobody has found or made yet, in their order."""
    rows = line_items(session, tenant_id, run_id).values()
    missing = [row for row in rows if row.position is not None and row.url is None]
    return sorted(missing, key=lambda row: (row.position, row.indicator))


def claim_line_item(
    session: Session, tenant_id: str, run_id: str, indicator: str, now: datetime, lease: timedelta
) -> bool:
    """Whether the caller may look the line item up or create it: one at a time, or the LMS gets it twice."""
    session.execute(
        insert_for(session)(LineItemRow)
        .values(run_id=run_id, indicator=indicator, tenant_id=tenant_id, given=False)
        .on_conflict_do_nothing()
    )
    row = session.get_one(LineItemRow, (run_id, indicator), populate_existing=True, with_for_update=True)
    if row.lease_until is not None and row.lease_until > now:
        return False
    row.lease_until = now + lease
    return True


def set_line_item(
    session: Session, tenant_id: str, run_id: str, indicator: str, url: str | None, given: bool = False
) -> LineItemRow:
    """Remember a line item's URL, or (None) that it has to be found again."""
    row = session.get(LineItemRow, (run_id, indicator))
    if row is None:
        row = LineItemRow(run_id=run_id, indicator=indicator, tenant_id=tenant_id)
        session.add(row)
    row.url, row.given, row.lease_until = url, given, None
    return row


def wake(session: Session, tenant_id: str, run_id: str, now: datetime) -> None:
    """Make the run's waiting scores due: something they waited for has come."""
    for row in scores_of_run(session, tenant_id, run_id):
        if row.state == ScoreState.WAITING:
            row.next_at = now
