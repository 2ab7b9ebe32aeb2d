"""Who switched or set which evaluator where, when, from what to what."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Select, String, Text, UniqueConstraint, cast, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.store.base import Base, Id, Json, Shown, UtcDateTime


class PluginChange(Base):
    """One change. `act` is the form's: sending it twice is one change. `place_name` is what the place was called then.

    `who` is the name that the administrator's link was made for, and `visit`, a hash, tells their visits apart.
    `undoes`: the number of the change that this one takes back.
    """

    __tablename__ = "plugin_change"
    __table_args__ = (
        UniqueConstraint("tenant_id", "act"),
        Index("ix_plugin_change_tenant_id_id", "tenant_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    act: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Shown(200))
    visit: Mapped[str] = mapped_column(String(64))
    evaluator: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(10))
    scope_id: Mapped[str] = mapped_column(String(100))
    place_name: Mapped[str] = mapped_column(Shown(300))
    was: Mapped[Any] = mapped_column(Json)
    became: Mapped[Any] = mapped_column(Json)
    undoes: Mapped[int | None] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))

    @property
    def place(self) -> Place:
        return Place(Scope(self.scope), self.scope_id)

    @property
    def words(self) -> tuple[Word, Word]:
        """Before and after."""
        return Word.of(self.was), Word.of(self.became)


@dataclass(frozen=True)
class Who:
    """An administrator: a name, as far as one is known, and the hash of their visit."""

    name: str
    visit: str


@dataclass(frozen=True)
class Search:
    """`text` is looked for in names, settings and keys; `titles`: keys of evaluators whose titles it fits."""

    evaluator: str | None = None
    text: str = ""
    titles: Collection[str] = ()
    place: Place | None = None


def note(
    session: Session,
    tenant_id: str,
    act: str,
    who: Who,
    evaluator: str,
    place: Place,
    place_name: str,
    was: Word,
    became: Word,
    now: datetime,
    undoes: int | None = None,
) -> PluginChange:
    row = PluginChange(
        tenant_id=tenant_id,
        act=act,
        at=now,
        who=who.name,
        visit=who.visit,
        evaluator=evaluator,
        scope=str(place.scope),
        scope_id=place.id,
        place_name=place_name,
        was=was.as_dict(),
        became=became.as_dict(),
        undoes=undoes,
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, tenant_id: str, number: int) -> PluginChange | None:
    return session.scalar(_of(tenant_id).where(PluginChange.id == number))


def made_by(session: Session, tenant_id: str, act: str) -> PluginChange | None:
    """What a form has done already."""
    return session.scalar(_of(tenant_id).where(PluginChange.act == act))


def since(session: Session, tenant_id: str, evaluator: str, number: int) -> list[PluginChange]:
    """Changes of an evaluator after this one, in any place, oldest first."""
    wanted = PluginChange.evaluator == evaluator, PluginChange.id > number
    return list(session.scalars(_of(tenant_id).where(*wanted).order_by(PluginChange.id)))


def latest(session: Session, tenant_id: str, evaluator: str) -> int:
    """The number of an evaluator's last change in any place; 0 where there was none."""
    query = _of(tenant_id).where(PluginChange.evaluator == evaluator).order_by(PluginChange.id.desc()).limit(1)
    row = session.scalar(query)
    return 0 if row is None else row.id


def newest(
    session: Session, tenant_id: str, search: Search, limit: int, before: int | None = None
) -> list[PluginChange]:
    """What fits the search, latest first, from before the one with this number."""
    query = _found(tenant_id, search)
    if before is not None:
        query = query.where(PluginChange.id < before)
    return list(session.scalars(query.order_by(PluginChange.id.desc()).limit(limit)))


def every(session: Session, tenant_id: str, search: Search) -> Iterator[PluginChange]:
    """All that fits the search, oldest first, read in pieces."""
    yield from session.scalars(_found(tenant_id, search).order_by(PluginChange.id).execution_options(yield_per=500))


def _of(tenant_id: str) -> Select[PluginChange]:
    return select(PluginChange).where(PluginChange.tenant_id == tenant_id)


def _found(tenant_id: str, search: Search) -> Select[PluginChange]:
    query = _of(tenant_id)
    if search.evaluator is not None:
        query = query.where(PluginChange.evaluator == search.evaluator)
    if search.place is not None:
        query = query.where(PluginChange.scope == str(search.place.scope), PluginChange.scope_id == search.place.id)
    if search.text:
        looked_in = (
            PluginChange.who,
            PluginChange.place_name,
            PluginChange.evaluator,
            cast(PluginChange.was, Text),
            cast(PluginChange.became, Text),
        )
        fits = [column.icontains(search.text, autoescape=True) for column in looked_in]
        query = query.where(or_(*fits, PluginChange.evaluator.in_(list(search.titles))))
    return query
