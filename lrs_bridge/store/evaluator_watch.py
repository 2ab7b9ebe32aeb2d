"""How evaluators behave: how often they were asked and how long they took, what failed, and which are off by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.failing import Call, Conduct, Standing
from lrs_bridge.store.base import Base, Id, Json, Shown, UtcDateTime, insert_for


class EvaluatorWatch(Base):
    """One version of an evaluator. `seconds` is the sum over `calls`; `state` a word of `domain.failing.Standing`.

    `in_a_row`: failures since the last answer that was good; `subjects`: whom they were about, a few of them. `slow`:
    calls that took too long since `slow_since`. `trial`: the enrolment or run on whom it is tried.
    """

    __tablename__ = "evaluator_watch"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    evaluator: Mapped[str] = mapped_column(String(100), primary_key=True)
    made_by: Mapped[str] = mapped_column(String(300), primary_key=True)
    first: Mapped[datetime] = mapped_column(UtcDateTime)
    last: Mapped[datetime | None] = mapped_column(UtcDateTime)
    calls: Mapped[int] = mapped_column(BigInteger, default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    worst: Mapped[float] = mapped_column(default=0.0)
    worst_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(BigInteger, default=0)
    last_failure: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_reason: Mapped[str | None] = mapped_column(Shown(500))
    in_a_row: Mapped[int] = mapped_column(default=0)
    subjects: Mapped[Any] = mapped_column(Json)
    slow: Mapped[int] = mapped_column(default=0)
    slow_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default="on")
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str | None] = mapped_column(Shown(500))
    trial: Mapped[str | None] = mapped_column(Id)

    @property
    def conduct(self) -> Conduct:
        return Conduct(
            Standing(self.state), self.why or "", self.in_a_row, tuple(self.subjects), self.slow, self.slow_since
        )

    def put_conduct(self, conduct: Conduct, now: datetime) -> None:
        """Remember this; `since` and `trial` follow the standing."""
        if conduct.standing != self.state:
            self.state, self.since, self.trial = str(conduct.standing), now, None
        self.why = conduct.why or None
        self.in_a_row, self.subjects = conduct.in_a_row, list(conduct.subjects)
        self.slow, self.slow_since = conduct.slow, conduct.slow_since

    def count(self, calls: Iterable[Call], now: datetime) -> None:
        """Add how long these took and what went wrong."""
        self.last = now
        for call in calls:
            self.calls += 1
            self.seconds += call.seconds
            if call.seconds > self.worst:
                self.worst, self.worst_at = call.seconds, now
            if call.fault is not None:
                self.failures += 1
                self.last_failure, self.last_reason = now, call.reason


class EvaluatorFailure(Base):
    """What fails at present: gone once the evaluator answers well about the same subject.

    `due`: the enrolment or run that was evaluated; `whom`: an account, an area, or empty for the run itself.
    """

    __tablename__ = "evaluator_failure"

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    due: Mapped[str] = mapped_column(Id, primary_key=True)
    evaluator: Mapped[str] = mapped_column(String(100), primary_key=True)
    whom: Mapped[str] = mapped_column(String(100), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Shown(500))
    made_by: Mapped[str] = mapped_column(String(300))
    first: Mapped[datetime] = mapped_column(UtcDateTime)
    last: Mapped[datetime] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(default=1)
    seconds: Mapped[float] = mapped_column(default=0.0)


def new_watch(tenant_id: str, evaluator: str, made_by: str, now: datetime) -> EvaluatorWatch:
    """Of an evaluator that has not been asked yet."""
    return EvaluatorWatch(
        tenant_id=tenant_id,
        evaluator=evaluator,
        made_by=made_by,
        first=now,
        calls=0,
        seconds=0.0,
        worst=0.0,
        failures=0,
        in_a_row=0,
        subjects=[],
        slow=0,
        state=str(Standing.ON),
    )


def watches(session: Session, tenant_id: str) -> list[EvaluatorWatch]:
    """Of all versions there were, in order of evaluator and first use."""
    query = select(EvaluatorWatch).where(EvaluatorWatch.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(EvaluatorWatch.evaluator, EvaluatorWatch.first)))


def switched_off(session: Session, tenant_id: str) -> list[str]:
    """Evaluators whose newest version is not asked of everybody."""
    newest = {row.evaluator: row for row in watches(session, tenant_id)}
    return [key for key, row in newest.items() if row.state != Standing.ON]


def locked(session: Session, tenant_id: str, evaluator: str, made_by: str, now: datetime) -> EvaluatorWatch:
    """This version's row, made where there is none, locked until the transaction ends."""
    key = {"tenant_id": tenant_id, "evaluator": evaluator, "made_by": made_by}
    row = session.get(EvaluatorWatch, key, with_for_update=True, populate_existing=True)
    if row is None:
        fresh = new_watch(tenant_id, evaluator, made_by, now)
        columns = {column.key: getattr(fresh, column.key) for column in EvaluatorWatch.__mapper__.column_attrs}
        session.execute(insert_for(session)(EvaluatorWatch).values(**columns).on_conflict_do_nothing())
        row = session.get_one(EvaluatorWatch, key, with_for_update=True, populate_existing=True)
    return row


def failures_of(session: Session, tenant_id: str, due: str) -> list[EvaluatorFailure]:
    """What fails about one enrolment, or about the groups of one run."""
    mine = EvaluatorFailure.tenant_id == tenant_id, EvaluatorFailure.due == due
    return list(session.scalars(select(EvaluatorFailure).where(*mine)))


def failing(session: Session, tenant_id: str, limit: int = 100) -> list[EvaluatorFailure]:
    """What fails at present, the latest first."""
    query = select(EvaluatorFailure).where(EvaluatorFailure.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(EvaluatorFailure.last.desc(), EvaluatorFailure.due).limit(limit)))


def latest_failure(session: Session, tenant_id: str, evaluator: str) -> EvaluatorFailure | None:
    """About whom this evaluator failed last."""
    mine = EvaluatorFailure.tenant_id == tenant_id, EvaluatorFailure.evaluator == evaluator
    return session.scalar(select(EvaluatorFailure).where(*mine).order_by(EvaluatorFailure.last.desc()).limit(1))


def failing_count(session: Session, tenant_id: str) -> dict[str, int]:
    """By evaluator, about how many people and groups it fails at present."""
    query = select(EvaluatorFailure.evaluator, func.count()).where(EvaluatorFailure.tenant_id == tenant_id)
    return {row[0]: row[1] for row in session.execute(query.group_by(EvaluatorFailure.evaluator))}


def forget_failures(session: Session, rows: Sequence[EvaluatorFailure]) -> None:
    """These are over."""
    for row in rows:
        session.execute(
            delete(EvaluatorFailure).where(
                EvaluatorFailure.tenant_id == row.tenant_id,
                EvaluatorFailure.due == row.due,
                EvaluatorFailure.evaluator == row.evaluator,
                EvaluatorFailure.whom == row.whom,
            )
        )
