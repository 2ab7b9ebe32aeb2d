"""Results: the latest value of every indicator for every subject, and who is due to be evaluated again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, case, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, insert_for, new_id


class ResultRow(Base):
    """`subject` is an account, an area, or empty for the run itself. `body` is `Result.as_dict()`."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("run_id", "kind", "subject", "indicator"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    indicator: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(100))
    value: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(20))
    computed: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[Any] = mapped_column(Json)

    @property
    def result(self) -> Result:
        """The result as it was computed."""
        body = self.body
        evaluator = body["evaluator"]
        return Result(
            indicator=body["indicator"],
            subject=Subject(**body["subject"]),
            as_of=self.computed,
            outcome=Outcome(
                value=body["value"],
                status=Status(body["status"]),
                n=body["n"],
                coverage=body["coverage"],
                components=body["components"],
                evidence=tuple(body["evidence"]),
            ),
            params=body["params"],
            evaluator=evaluator["key"],
            version=evaluator["version"],
            distribution=evaluator["distribution"],
            inputs_hash=body["inputs_hash"],
        )


class Due(Base):
    """When somebody is to be evaluated next: `subject` is an enrolment id, or the run's own id for its groups.

    One row each, kept; `at` None means nothing can change before something new happens.
    """

    __tablename__ = "evaluation_due"
    __table_args__ = (Index("ix_evaluation_due_at", "at"),)

    subject: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), index=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(500))


def keep(session: Session, tenant_id: str, run_id: str, results: Sequence[Result]) -> None:
    """Put these results in the place of the earlier ones of the same indicator and subject."""
    wanted = {(r.indicator, r.subject.kind, _key(r)): r for r in results}
    kinds, subjects = {key[1] for key in wanted}, {key[2] for key in wanted}
    known = session.scalars(
        select(ResultRow).where(ResultRow.run_id == run_id, ResultRow.kind.in_(kinds), ResultRow.subject.in_(subjects))
    )
    rows = {(row.indicator, row.kind, row.subject): row for row in known}
    for key, result in wanted.items():
        row = rows.get(key)
        if row is None:
            row = ResultRow(
                id=new_id(), tenant_id=tenant_id, run_id=run_id, indicator=key[0], kind=key[1], subject=key[2]
            )
            session.add(row)
        row.value = result.value
        row.status = str(result.status)
        row.computed = result.as_of
        row.body = result.as_dict()


def _key(result: Result) -> str:
    return result.subject.account or result.subject.area or ""


def drop(session: Session, run_id: str, kind: str, subject: str | None, keep_indicators: Iterable[str] = ()) -> None:
    """Forget results of a subject (None: of all of this kind) that are no longer computed."""
    stale = [ResultRow.run_id == run_id, ResultRow.kind == kind]
    if subject is not None:
        stale.append(ResultRow.subject == subject)
    gone = delete(ResultRow).where(*stale, ResultRow.indicator.not_in(set(keep_indicators)))
    session.execute(gone.execution_options(synchronize_session=False))


def person_results(session: Session, tenant_id: str, run_id: str, account: str) -> dict[str, ResultRow]:
    """A person's results by indicator."""
    rows = session.scalars(
        select(ResultRow).where(
            ResultRow.tenant_id == tenant_id,
            ResultRow.run_id == run_id,
            ResultRow.kind == "person",
            ResultRow.subject == account,
        )
    )
    return {row.indicator: row for row in rows}


def results_of_run(session: Session, tenant_id: str, run_id: str, kind: str) -> list[ResultRow]:
    """All results of a run of one kind (`person` or `cohort`)."""
    return list(
        session.scalars(
            select(ResultRow).where(
                ResultRow.tenant_id == tenant_id, ResultRow.run_id == run_id, ResultRow.kind == kind
            )
        )
    )


def mark_due(session: Session, tenant_id: str, run_id: str, subject: str, at: datetime) -> None:
    """Have this enrolment (or run) evaluated at `at`, or sooner if it is due sooner."""
    new = insert_for(session)(Due).values(subject=subject, tenant_id=tenant_id, run_id=run_id, at=at, failures=0)
    sooner = case((or_(Due.at.is_(None), Due.at > new.excluded.at), new.excluded.at), else_=Due.at)
    session.execute(new.on_conflict_do_update(index_elements=["subject"], set_={"at": sooner}))


def take_due(session: Session, now: datetime, limit: int) -> list[Due]:
    """Rows due now, locked until the transaction ends; other workers skip them (PostgreSQL)."""
    return list(
        session.scalars(
            select(Due).where(Due.at <= now).order_by(Due.at).limit(limit).with_for_update(skip_locked=True)
        )
    )


def mark_failed(row: Due, reason: str, now: datetime, wait: timedelta) -> None:
    """Try this one again later, and show why."""
    row.failures += 1
    row.reason = reason[:500]
    row.at = now + wait


def waiting(session: Session, tenant_id: str, now: datetime) -> int:
    rows = session.scalars(select(Due.subject).where(Due.tenant_id == tenant_id, Due.at <= now))
    return len(rows.all())


def failing(session: Session, tenant_id: str, limit: int = 100) -> list[Due]:
    """What the admin page lists: subjects of which an evaluator failed."""
    query = select(Due).where(Due.tenant_id == tenant_id, Due.reason.is_not(None)).order_by(Due.subject).limit(limit)
    return list(session.scalars(query))
