"""Facts: what each statement says, kept so that pages and evaluators need not ask the record store.

A fact is written when somebody acts here, and again (same id) when its statement comes back from the store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.store.base import Base, Id, Json, UtcDateTime, core
from lrs_bridge.store.prepared import Prepared

_LONGEST = {"id": 36, "registration": 64, "run": 64, "actor": 700, "step": 200, "target": 36}
_KEPT = ("verb", "activity", "moment", "capability", "role", "counterpart", "target", "completion")
_KINDS = {str(kind): kind for kind in Kind}


class FactRow(Base):
    """`confirmed`: when the statement was seen in the record store. `voided` facts are kept and not read. `unclaimed`:
    it completes a step, and nobody here goes by its actor's name yet."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_registration", "tenant_id", "registration"),
        Index("ix_fact_actor", "tenant_id", "actor"),
        Index("ix_fact_run", "tenant_id", "run_id"),
        Index("ix_fact_target", "tenant_id", "target"),
        Index("ix_fact_unclaimed", "tenant_id", sqlite_where=text("unclaimed"), postgresql_where=text("unclaimed")),
        Index("ix_fact_at", "tenant_id", "at", "id"),
    )

    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    registration: Mapped[str | None] = mapped_column(String(64))
    run_id: Mapped[str | None] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(700))
    step: Mapped[str | None] = mapped_column(String(200))
    target: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stored: Mapped[datetime | None] = mapped_column(UtcDateTime)
    body: Mapped[Any] = mapped_column(Json)
    voided: Mapped[bool] = mapped_column(default=False)
    confirmed: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unclaimed: Mapped[bool] = mapped_column(default=False)

    @property
    def fact(self) -> Fact:
        return _fact(*(getattr(self, name) for name in _READ))


_READ = ("id", "kind", "at", "actor", "registration", "step", "stored", "recorded", "run_id", "body")
_COLUMNS = [getattr(FactRow, name) for name in _READ]
# Where it is joined to others by OR, the tenant stands in each branch, so that SQLite finds an index for each and does
# not read the whole tenant. Not `IS NULL`: by its index SQLite would read all that has no registration, all anonymous
# answers say.
_NAMELESS = func.coalesce(FactRow.registration, "") == ""


def facts_where(session: Session, *wanted: ColumnElement[bool]) -> list[Fact]:
    """Standing facts, in order. Of the rows only what a fact is made of, since these are read at every evaluation."""
    return [_fact(*row) for row in session.execute(_standing(*wanted))]


def _standing(*wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    standing = FactRow.voided.is_(False), FactRow.kind != str(Kind.VOIDED)
    return select(*_COLUMNS).where(*wanted, *standing).order_by(FactRow.at, FactRow.id)


def _fact(
    id_: str,
    kind: str,
    at: datetime,
    actor: str,
    registration: str | None,
    step: str | None,
    stored: datetime | None,
    recorded: datetime | None,
    run: str | None,
    body: Mapping[str, Any],
) -> Fact:
    said = body.get
    score = said("score")
    return Fact(
        id_,
        _KINDS[kind],
        at,
        actor,
        body["verb"],
        said("activity"),
        registration,
        step,
        said("moment"),
        said("personal_moment", False),
        said("capability"),
        said("role"),
        said("counterpart"),
        said("target"),
        said("completion"),
        None if score is None else Score(*score),
        stored,
        recorded,
        run,
        said("data", {}),
    )


def _body(fact: Fact) -> dict[str, Any]:
    body: dict[str, Any] = {name: value for name in _KEPT if (value := getattr(fact, name)) is not None}
    if fact.personal_moment:
        body["personal_moment"] = True
    if fact.score is not None:
        body["score"] = [fact.score.raw, fact.score.min, fact.score.max]
    if fact.data:
        body["data"] = dict(fact.data)
    return body


def take_in(session: Session, tenant_id: str, fact: Fact) -> bool:
    """Keep a fact; False when it is known already, and nothing changes."""
    if session.get(FactRow, (tenant_id, fact.id)) is not None:
        return False
    add(session, tenant_id, [fact])
    return True


def add(
    session: Session,
    tenant_id: str,
    new: Sequence[Fact],
    confirmed: datetime | None = None,
    unclaimed: Collection[str] = (),
) -> None:
    """Keep facts that are not known yet, each id once; `unclaimed` are the ids of those that wait for their person.

    In whatever order statements and their voids come, the same stands in the end: a void meets its target here, or
    waits as a row for it.
    """
    targets = {fact.target for fact in new if fact.kind is Kind.VOIDED and fact.target}
    voided = targets | _voided_before(session, tenant_id, [fact.id for fact in new])
    session.add_all(
        FactRow(
            tenant_id=tenant_id,
            id=fact.id,
            kind=str(fact.kind),
            registration=fact.registration,
            run_id=fact.run,
            actor=fact.actor,
            step=fact.step,
            target=fact.target,
            at=fact.at,
            recorded=fact.recorded,
            stored=fact.stored,
            body=_body(fact),
            voided=fact.kind is not Kind.VOIDED and fact.id in voided,
            confirmed=confirmed,
            unclaimed=fact.id in unclaimed,
        )
        for fact in new
    )
    session.flush()
    if targets:
        _void(session, tenant_id, targets)


def _voided_before(session: Session, tenant_id: str, ids: Sequence[str]) -> set[str | None]:
    """Those of these statements whose void came first."""
    query = select(FactRow.target).where(
        FactRow.tenant_id == tenant_id, FactRow.target.in_(ids), FactRow.kind == str(Kind.VOIDED)
    )
    return set(session.scalars(query))


def _void(session: Session, tenant_id: str, targets: Iterable[str | None]) -> None:
    """A void of a void does nothing (xAPI 2.3.2)."""
    session.execute(
        update(FactRow)
        .where(FactRow.tenant_id == tenant_id, FactRow.id.in_(set(targets)), FactRow.kind != str(Kind.VOIDED))
        .values(voided=True)
    )


def confirm(session: Session, tenant_id: str, seen: Mapping[str, Fact], now: datetime) -> tuple[set[str], int]:
    """Statements seen in the record store: which of them are facts already, and how many were seen for the first time.

    What was done here has no `stored` before.
    """
    query = select(FactRow.id, FactRow.confirmed, FactRow.stored)
    rows = session.execute(query.where(FactRow.tenant_id == tenant_id, FactRow.id.in_(seen))).all()
    first = [row for row in rows if row.confirmed is None]
    if first:
        session.execute(
            update(FactRow),
            [
                {"tenant_id": tenant_id, "id": row.id, "confirmed": now, "stored": row.stored or seen[row.id].stored}
                for row in first
            ],
        )
    return {row.id for row in rows}, len(first)


def known(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, Fact]:
    """Facts by id, voided or not."""
    rows = session.scalars(select(FactRow).where(FactRow.tenant_id == tenant_id, FactRow.id.in_(set(ids))))
    return {row.id: row.fact for row in rows}


def cannot_keep(fact: Fact) -> str | None:
    """Why no database could hold this fact, in words for an admin; None when it can."""
    for name in ("id", "registration", "run", "actor", "step", "target"):
        value = getattr(fact, name)
        longest = _LONGEST[name]
        if value is not None and len(value) > longest:
            return f"{name} is longer than {longest} characters"
        if value is not None and "\0" in value:
            return f"{name} has a character in it that is none (NUL)"
    return None


def get_fact(session: Session, tenant_id: str, statement_id: str) -> Fact | None:
    row = session.get(FactRow, (tenant_id, statement_id))
    return None if row is None or row.voided else row.fact


def facts_of(session: Session, tenant_id: str, registration: str, actors: Sequence[str] = ()) -> list[Fact]:
    """Standing facts of an enrolment, and those without a registration by one of these actor keys, in order."""
    bound = {f"actor_{place}": actor for place, actor in enumerate(actors)}
    wanted = {"tenant_id": tenant_id, "registration": registration, **bound}
    return [_fact(*row) for row in _of_one(len(actors)).rows(core(session), wanted)]


@cache
def _of_one(actors: int) -> Prepared:
    """For so many actor keys; people have one or two. Every evaluation asks it, so it is built once."""
    mine = FactRow.tenant_id == bindparam("tenant_id")
    by_them = [FactRow.actor == bindparam(f"actor_{place}") for place in range(actors)]
    wanted: ColumnElement[bool] = and_(mine, FactRow.registration == bindparam("registration"))
    if by_them:
        wanted = or_(wanted, and_(mine, _NAMELESS, or_(*by_them)))
    return Prepared(_standing(wanted))


def facts_of_many(
    session: Session, tenant_id: str, registrations: Iterable[str], actors: Sequence[str] = ()
) -> list[Fact]:
    mine = FactRow.tenant_id == tenant_id
    wanted: ColumnElement[bool] = and_(mine, FactRow.registration.in_(set(registrations)))
    if actors:
        wanted = or_(wanted, and_(mine, _NAMELESS, FactRow.actor.in_(set(actors))))
    return facts_where(session, wanted)


def unclaimed(session: Session, tenant_id: str, limit: int = 1000) -> list[Fact]:
    """Standing facts that wait for their person, the latest first."""
    wanted = FactRow.tenant_id == tenant_id, FactRow.unclaimed, FactRow.voided.is_(False)
    query = select(FactRow).where(*wanted).order_by(FactRow.at.desc(), FactRow.id)
    return [row.fact for row in session.scalars(query.limit(limit))]


def claim(session: Session, tenant_id: str, ids: Iterable[str]) -> None:
    """Their person has come."""
    session.execute(
        update(FactRow).where(FactRow.tenant_id == tenant_id, FactRow.id.in_(set(ids))).values(unclaimed=False)
    )


def latest(session: Session, tenant_id: str, ids: Sequence[str]) -> datetime | None:
    """When the last of these was done; None of none that is known."""
    times = [
        session.scalar(
            select(func.max(FactRow.at)).where(FactRow.tenant_id == tenant_id, FactRow.id.in_(ids[start : start + 500]))
        )
        for start in range(0, len(ids), 500)
    ]
    return max((at for at in times if at is not None), default=None)
