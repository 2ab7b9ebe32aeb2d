"""Facts: what each statement says, kept so that pages and evaluators need not ask the record store.

A fact is written when somebody acts here, and again (same id) when its statement comes back from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.facts import Fact
from lrs_bridge.store.base import Base, Id, Json, UtcDateTime

_KEPT = ("verb", "activity", "moment", "capability", "role", "counterpart", "target", "completion")


class FactRow(Base):
    """`confirmed`: when the statement was seen in the record store. `voided` facts are kept and not read."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_registration", "tenant_id", "registration"),
        Index("ix_fact_actor", "tenant_id", "actor"),
        Index("ix_fact_target", "tenant_id", "target"),
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

    @property
    def fact(self) -> Fact:
        body = self.body
        score = body.get("score")
        return Fact(
            id=self.id,
            kind=Kind(self.kind),
            at=self.at,
            actor=self.actor,
            registration=self.registration,
            step=self.step,
            stored=self.stored,
            recorded=self.recorded,
            run=self.run_id,
            personal_moment=body.get("personal_moment", False),
            score=None if score is None else Score(*score),
            data=body.get("data", {}),
            **{name: body.get(name) for name in _KEPT},
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


def take_in(session: Session, tenant_id: str, fact: Fact, confirmed: datetime | None = None) -> bool:
    """Keep a fact; True when the picture changed: it is new, or it is the void of something known.

    A void that arrives before its target waits as a row and meets the target here when that comes.
    """
    row = session.get(FactRow, (tenant_id, fact.id))
    if row is not None:
        row.confirmed = row.confirmed or confirmed
        row.stored = row.stored or fact.stored
        return False
    session.add(
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
            voided=fact.kind is not Kind.VOIDED and _is_voided(session, tenant_id, fact.id),
            confirmed=confirmed,
        )
    )
    session.flush()
    if fact.kind is Kind.VOIDED and fact.target:
        _void(session, tenant_id, fact.target)
    return True


def _is_voided(session: Session, tenant_id: str, statement_id: str) -> bool:
    return (
        session.scalar(
            select(FactRow.id)
            .where(
                FactRow.tenant_id == tenant_id,
                FactRow.target == statement_id,
                FactRow.kind == str(Kind.VOIDED),
            )
            .limit(1)
        )
        is not None
    )


def _void(session: Session, tenant_id: str, statement_id: str) -> None:
    session.execute(
        update(FactRow)
        .where(FactRow.tenant_id == tenant_id, FactRow.id == statement_id, FactRow.kind != str(Kind.VOIDED))
        .values(voided=True)
    )


def get_fact(session: Session, tenant_id: str, statement_id: str) -> Fact | None:
    row = session.get(FactRow, (tenant_id, statement_id))
    return None if row is None or row.voided else row.fact


def facts_of(session: Session, tenant_id: str, registration: str, actors: Sequence[str] = ()) -> list[Fact]:
    """Standing facts of an enrolment, and those without a registration by one of these actor keys."""
    return facts_of_many(session, tenant_id, [registration], actors)


def facts_of_many(
    session: Session, tenant_id: str, registrations: Iterable[str], actors: Sequence[str] = ()
) -> list[Fact]:
    mine = FactRow.tenant_id == tenant_id
    wanted: ColumnElement[bool] = and_(mine, FactRow.registration.in_(set(registrations)))
    if actors:
        # The tenant stands in each branch, so that SQLite finds an index for each and does not read the whole tenant.
        wanted = or_(wanted, and_(mine, FactRow.registration.is_(None), FactRow.actor.in_(set(actors))))
    rows = session.scalars(
        select(FactRow)
        .where(wanted, FactRow.voided.is_(False), FactRow.kind != str(Kind.VOIDED))
        .order_by(FactRow.at, FactRow.id)
    )
    return [row.fact for row in rows]


def registration_of(session: Session, tenant_id: str, statement_id: str) -> str | None:
    """Which enrolment a known statement is about, voided or not."""
    return session.scalar(
        select(FactRow.registration).where(FactRow.tenant_id == tenant_id, FactRow.id == statement_id)
    )
