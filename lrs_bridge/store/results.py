"""Results: the latest value of every indicator for every subject, and who is due to be evaluated again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, case, delete, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.indicators import Outcome, Result, Status, Subject
from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, insert_for, new_id
from lrs_bridge.store.tenants import Tenant


class ResultRow(Base):
    """`subject` is an account, an area, or empty for the run itself. `body` is `Result.as_dict()`, with the
    evaluator's version, its distribution and the settings that made it. `old_since`: since when no newer value could
    be computed, the evaluator failing or being off; None: this is the present one.
    """

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
    old_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def result(self) -> Result:
        """The result as it was computed."""
        return _result(self.computed, self.body)

    @property
    def outcome(self) -> Outcome:
        return self.result.outcome


class Kept(NamedTuple):
    """What groups are computed from of a result, without the costs of a row that could be changed."""

    id: str
    indicator: str
    subject: str
    computed: datetime
    body: Any

    @property
    def result(self) -> Result:
        """The result as it was computed."""
        return _result(self.computed, self.body)


def _result(computed: datetime, body: Mapping[str, Any]) -> Result:
    evaluator = body["evaluator"]
    return Result(
        indicator=body["indicator"],
        subject=Subject(**body["subject"]),
        as_of=computed,
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


@dataclass(frozen=True)
class Replaced:
    """A result of which something new is to be told; `before`: what stood in its place."""

    result: Result
    before: Outcome | None


class Due(Base):
    """When somebody is to be evaluated next: `subject` is an enrolment id, or the run's own id for its groups.

    One row each, kept; `at` None means nothing can change before something new happens. `renew`: since when it waits
    to be computed again without anything new. `claim` is a word of whoever took it up last, `lease` until when it is
    theirs; `tries`: how often it was taken up since it was last finished. `in_hand`: the evaluator that is at work on
    it, where an earlier try did not come to an end.
    """

    __tablename__ = "evaluation_due"
    __table_args__ = (
        Index("ix_evaluation_due_at", "at"),
        Index("ix_evaluation_due_tenant_id_at", "tenant_id", "at"),
        Index(
            "ix_evaluation_due_renew",
            "run_id",
            sqlite_where=text("renew IS NOT NULL"),
            postgresql_where=text("renew IS NOT NULL"),
        ),
    )

    subject: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), index=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(500))
    renew: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claim: Mapped[str | None] = mapped_column(Id)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    in_hand: Mapped[str | None] = mapped_column(String(100))


def keep(session: Session, tenant_id: str, run_id: str, results: Sequence[Result]) -> list[Replaced]:
    """Put these results in the place of the earlier ones of the same indicator and subject; answers those of
    which value, status or posted figure are new."""
    wanted = {(r.indicator, r.subject.kind, _key(r)): r for r in results}
    kinds, subjects = {key[1] for key in wanted}, {key[2] for key in wanted}
    known = session.scalars(
        select(ResultRow).where(ResultRow.run_id == run_id, ResultRow.kind.in_(kinds), ResultRow.subject.in_(subjects))
    )
    rows = {(row.indicator, row.kind, row.subject): row for row in known}
    changed = []
    for key, result in wanted.items():
        row, body = rows.get(key), result.as_dict()
        if row is None:
            row = ResultRow(
                id=new_id(), tenant_id=tenant_id, run_id=run_id, indicator=key[0], kind=key[1], subject=key[2]
            )
            session.add(row)
            changed.append(Replaced(result, None))
        elif _told(row.body) != _told(body):
            changed.append(Replaced(result, row.result.outcome))
        row.value = result.value
        row.status = str(result.status)
        row.computed = result.as_of
        row.old_since = None
        row.body = body
    return changed


def _told(body: dict[str, Any]) -> tuple[Any, ...]:
    """What of a result is told to others."""
    return body["value"], body["status"], body["components"].get("posted")


def _key(result: Result) -> str:
    return result.subject.account or result.subject.area or ""


def drop(session: Session, run_id: str, kind: str, subject: str | None, keep_indicators: Iterable[str] = ()) -> None:
    """Forget results of a subject (None: of all of this kind) that are no longer computed."""
    stale = [ResultRow.run_id == run_id, ResultRow.kind == kind]
    if subject is not None:
        stale.append(ResultRow.subject == subject)
    gone = delete(ResultRow).where(*stale, ResultRow.indicator.not_in(set(keep_indicators)))
    session.execute(gone.execution_options(synchronize_session=False))


def mark_old(session: Session, run_id: str, kind: str, subject: str, indicators: Iterable[str], now: datetime) -> None:
    """No newer value of these could be computed; the one that is there stays, and is told to be old."""
    wanted = set(indicators)
    if wanted:
        old = ResultRow.run_id == run_id, ResultRow.kind == kind, ResultRow.subject == subject
        marked = update(ResultRow).where(*old, ResultRow.indicator.in_(wanted), ResultRow.old_since.is_(None))
        session.execute(marked.values(old_since=now).execution_options(synchronize_session=False))


def mark_all_old(session: Session, run_id: str, indicators: Iterable[str], now: datetime) -> None:
    """The same for the groups of a run."""
    wanted = set(indicators)
    if wanted:
        old = ResultRow.run_id == run_id, ResultRow.kind == "cohort", ResultRow.old_since.is_(None)
        marked = update(ResultRow).where(*old, ResultRow.indicator.in_(wanted)).values(old_since=now)
        session.execute(marked.execution_options(synchronize_session=False))


def remove(session: Session, rows: Sequence[Kept]) -> None:
    """Forget these results."""
    for row in rows:
        session.execute(delete(ResultRow).where(ResultRow.id == row.id))


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


def kept_of_people(session: Session, tenant_id: str, run_id: str) -> list[Kept]:
    """All results of a run about people."""
    wanted = ResultRow.tenant_id == tenant_id, ResultRow.run_id == run_id, ResultRow.kind == "person"
    columns = ResultRow.id, ResultRow.indicator, ResultRow.subject, ResultRow.computed, ResultRow.body
    return [Kept(*row) for row in session.execute(select(*columns).where(*wanted))]


def mark_due(session: Session, tenant_id: str, run_id: str, subject: str, at: datetime) -> None:
    """Have this enrolment (or run) evaluated at `at`, or sooner if it is due sooner."""
    new = insert_for(session)(Due).values(subject=subject, tenant_id=tenant_id, run_id=run_id, at=at, failures=0)
    sooner = case((or_(Due.at.is_(None), Due.at > new.excluded.at), new.excluded.at), else_=Due.at)
    session.execute(new.on_conflict_do_update(index_elements=["subject"], set_={"at": sooner}))


@dataclass(frozen=True)
class Taken:
    """Somebody taken up to be evaluated, until `lease`. `again`: an earlier try did not come to an end, perhaps
    because of the evaluator `in_hand`. `failing`: an evaluator failed before. `renew`: computed again on demand."""

    subject: str
    tenant_id: str
    run_id: str
    claim: str
    lease: datetime
    again: bool
    in_hand: str | None
    failing: bool
    renew: datetime | None

    @property
    def of_run(self) -> bool:
        return self.subject == self.run_id


def take_due(session: Session, now: datetime, limit: int, until: datetime) -> list[Taken]:
    """Take up who is due now and in nobody's hands; other workers skip them.

    Each tenant that waits gets an equal share, those who have waited longest first, so that one with very many leaves
    room for the others.
    """
    free = Due.at <= now, or_(Due.lease.is_(None), Due.lease <= now)
    query = select(Due).where(*free).order_by(Due.at).with_for_update(skip_locked=True)
    waiting = _tenants_due(session, now)[:limit]
    if len(waiting) < 2:
        return [_taken(row, until) for row in session.scalars(query.limit(limit))]
    found: list[Taken] = []
    for place, tenant_id in enumerate(waiting):
        share = (limit - len(found)) // (len(waiting) - place)
        of_tenant = query.where(Due.tenant_id == tenant_id).limit(share)
        found += [_taken(row, until) for row in session.scalars(of_tenant)]
    return found


def _tenants_due(session: Session, now: datetime) -> list[str]:
    """Tenants of which somebody is due, those who have waited longest first."""
    first = select(func.min(Due.at)).where(Due.tenant_id == Tenant.id).scalar_subquery()
    query = select(Tenant.id, first.label("first")).order_by("first")
    return [row.id for row in session.execute(query) if row.first is not None and row.first <= now]


def take_renewals(session: Session, run_id: str, now: datetime, limit: int, until: datetime) -> list[Taken]:
    """Take up some of a run who wait to be computed again: its people, and the run itself after the last of them."""
    free = or_(Due.lease.is_(None), Due.lease <= now)
    who = Due.subject != run_id if people_to_renew(session, run_id) else Due.subject == run_id
    query = select(Due).where(Due.run_id == run_id, Due.renew.is_not(None), who, free)
    return [_taken(row, until) for row in session.scalars(query.limit(limit).with_for_update(skip_locked=True))]


def people_to_renew(session: Session, run_id: str) -> bool:
    """Whether somebody of the run waits to be computed again, or is at this moment."""
    query = select(Due.subject).where(Due.run_id == run_id, Due.renew.is_not(None), Due.subject != run_id)
    return session.scalar(query.limit(1)) is not None


def is_renewed(session: Session, run_id: str) -> bool:
    """Whether nobody of the run, nor the run itself, waits to be computed again."""
    query = select(Due.subject).where(Due.run_id == run_id, Due.renew.is_not(None))
    return session.scalar(query.limit(1)) is None


def somebody_of(session: Session, tenant_id: str, run_id: str) -> str | None:
    """An enrolment of the run."""
    mine = Due.tenant_id == tenant_id, Due.run_id == run_id, Due.subject != run_id
    return session.scalar(select(Due.subject).where(*mine).limit(1))


def any_of(session: Session, tenant_id: str, run_id: str) -> bool:
    """Whether the run has any result."""
    mine = ResultRow.tenant_id == tenant_id, ResultRow.run_id == run_id
    return session.scalar(select(ResultRow.id).where(*mine).limit(1)) is not None


def _taken(row: Due, until: datetime) -> Taken:
    row.claim, row.at, row.lease = new_id(), until, until
    row.tries += 1
    failing = row.reason is not None
    return Taken(
        row.subject, row.tenant_id, row.run_id, row.claim, until, row.tries > 1, row.in_hand, failing, row.renew
    )


def held(session: Session, taken: Taken) -> Due | None:
    """The row, locked; None where somebody else took it up after the lease ran out: what they find counts."""
    row = session.get(Due, taken.subject, with_for_update=True, populate_existing=True)
    return row if row is not None and row.claim == taken.claim else None


def due_at(session: Session, subject: str) -> datetime | None:
    """When it is due by now."""
    return session.scalar(select(Due.at).where(Due.subject == subject))


def finish(row: Due, taken: Taken, at: datetime | None, seen: datetime | None = None, renewed: bool = True) -> None:
    """Evaluated; due again at `at`, or sooner where something happened after it was `seen` to be due."""
    _let_go(row, taken, at, seen)
    row.failures, row.tries, row.in_hand = 0, 0, None
    if renewed and row.renew == taken.renew:
        row.renew = None


def mark_failed(row: Due, taken: Taken, reason: str, now: datetime, wait: timedelta) -> None:
    """Try this one again later, and show why."""
    _let_go(row, taken, now + wait)
    row.failures += 1
    row.reason = reason[:500]
    row.tries, row.in_hand = 0, None
    if row.renew == taken.renew:
        row.renew = None


def put_back(session: Session, taken: Taken, now: datetime) -> None:
    """Not evaluated after all: as it was."""
    row = held(session, taken)
    if row is not None:
        _let_go(row, taken, None if taken.renew else now)
        row.tries -= 1


def _let_go(row: Due, taken: Taken, at: datetime | None, seen: datetime | None = None) -> None:
    if row.at in (taken.lease, seen):
        row.at = at
    elif at is not None and row.at is not None:
        row.at = min(row.at, at)
    row.lease = None


def put_in_hand(session: Session, subject: str, evaluator: str | None) -> None:
    """Note which evaluator is at work on it."""
    session.execute(update(Due).where(Due.subject == subject).values(in_hand=evaluator))


def holding(session: Session, tenant_id: str, now: datetime) -> list[str]:
    """Evaluators that have not come back within the lease of whoever asked them."""
    held_up = Due.tenant_id == tenant_id, Due.at <= now, Due.in_hand.is_not(None), Due.lease <= now
    return sorted({key for key in session.scalars(select(Due.in_hand).where(*held_up)) if key})


def waiting(session: Session, tenant_id: str, now: datetime) -> int:
    rows = session.scalars(select(Due.subject).where(Due.tenant_id == tenant_id, Due.at <= now))
    return len(rows.all())


def failing(session: Session, tenant_id: str, limit: int = 100) -> list[Due]:
    """What the admin page lists: subjects of which an evaluator failed."""
    query = select(Due).where(Due.tenant_id == tenant_id, Due.reason.is_not(None)).order_by(Due.subject).limit(limit)
    return list(session.scalars(query))
