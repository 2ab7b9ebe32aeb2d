"""Looking through the record, newest first, a batch at a time: what a page costs depends on the batch, not the record.

A search is answered by walking one index backwards. `batch` takes the next entries of the index that promises most and
loads those that may fit; who asks decides on each (`Search.fits`) and comes back with the place where the batch ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.statement_terms import Kind as TermKind
from lrs_bridge.store.statement_terms import term
from lrs_bridge.store.statements import StatementRow, StatementTerm, microseconds
from lrs_bridge.xapi import names

CLOCKS_DIFFER = timedelta(days=1)
"""A timestamp lies before `stored`, but for a clock that goes wrong."""
_COUNTED = 2_000

Group = Sequence[bytes]
"""Terms of which a statement has to have one."""


@dataclass(frozen=True)
class Search:
    """What is looked for. `since` and `until` bound the time it happened, the second one is not in it.

    `actors` (agent keys, see `xapi.reading`) and `registrations` are those of one person: acts by them or about them.
    `voided`: None for both kinds.
    """

    kind: Kind | None = None
    run_id: str | None = None
    step: str | None = None
    actors: tuple[str, ...] = ()
    registrations: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    voided: bool | None = False

    @property
    def of_person(self) -> bool:
        return bool(self.actors or self.registrations)

    def fits(self, fact: Fact | None) -> bool:
        """Whether a statement, read, is one of these; what cannot be read fits only where nothing is asked of it."""
        if fact is None:
            return self == Search(voided=self.voided)
        return (
            self.kind in (None, fact.kind)
            and self.run_id in (None, fact.run)
            and self.step in (None, fact.step)
            and (not self.of_person or fact.actor in self.actors or fact.registration in self.registrations)
            and (self.since is None or fact.at >= self.since)
            and (self.until is None or fact.at < self.until)
        )


@dataclass(frozen=True)
class Kept:
    """A statement as it is kept in the embedded store: `place` is its `stored`, in microseconds."""

    place: int
    id: str
    voided: bool
    body: str


@dataclass(frozen=True)
class Batch:
    """`last`: the place of the last one looked at; None at the end of the record."""

    found: Sequence[Kept]
    looked: int
    last: int | None


_ROWS = select(StatementRow.stored, StatementRow.id, StatementRow.voided, StatementRow.body)


def batch(session: Session, tenant_id: str, home_page: str, search: Search, before: int | None, size: int) -> Batch:
    """Of the next `size` statements, stored before the place `before`, those that may fit."""
    groups = _groups(tenant_id, home_page, search)
    groups.sort(key=lambda group: _promise(session, group))
    driver, others = (groups[0], groups[1:]) if groups else (None, [])
    places: list[int] = list(session.scalars(_places(tenant_id, driver, search, before).limit(size)))
    last = places[-1] if len(places) == size else None
    if not places:
        return Batch([], 0, None)
    query: Any = _ROWS.where(StatementRow.tenant_id == tenant_id, StatementRow.stored.in_(places))
    for group in others:
        has = and_(StatementTerm.stored == StatementRow.stored, StatementTerm.term.in_(group))
        query = query.where(exists().where(has))
    if search.voided is not None:
        query = query.where(StatementRow.voided.is_(search.voided))
    query = _narrowed(query, search).order_by(StatementRow.stored.desc())
    return Batch([_kept(row) for row in session.execute(query)], len(places), last)


def by_ids(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, Kept]:
    """Voided or not."""
    wanted = {id_.lower() for id_ in ids}
    if not wanted:
        return {}
    rows = session.execute(_ROWS.where(StatementRow.tenant_id == tenant_id, StatementRow.id.in_(wanted)))
    return {row.id: _kept(row) for row in rows}


def referring(session: Session, tenant_id: str, id_: str, limit: int) -> list[Kept]:
    """What has this statement as its object, the oldest first."""
    query = _ROWS.where(StatementRow.tenant_id == tenant_id, StatementRow.refers_to == id_.lower())
    return [_kept(row) for row in session.execute(query.order_by(StatementRow.stored).limit(limit))]


def _kept(row: Any) -> Kept:
    return Kept(row.stored, row.id, row.voided, row.body)


def _groups(tenant_id: str, home_page: str, search: Search) -> list[Group]:
    def of(kind: TermKind, values: Iterable[str]) -> list[bytes]:
        return [term(tenant_id, kind, value) for value in values]

    groups: list[Group] = []
    if search.of_person:
        agents = of("agent", (_agent_value(key, home_page) for key in search.actors))
        groups.append(agents + of("registration", search.registrations))
    if search.run_id:
        groups.append(of("related_activity", [names.run(home_page, search.run_id)]))
    if search.kind is not None and search.kind in names.VERBS:
        groups.append(of("verb", [names.VERBS[search.kind]]))
    return groups


def _agent_value(key: str, home_page: str) -> str:
    """An agent key as `statement_terms.agent_value` spells it."""
    kind, bar, rest = key.partition("|")
    if not bar:
        return f"account {home_page} {key}"
    return f"{kind} {rest.replace('|', ' ', 1)}"


def _promise(session: Session, group: Group) -> int:
    """How many statements have one of these terms, counted up to a bound: the fewer, the sooner the walk is over."""
    some = select(StatementTerm.stored).where(StatementTerm.term.in_(group)).limit(_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _places(tenant_id: str, driver: Group | None, search: Search, before: int | None) -> Select[Any]:
    """Places in the order of the walk. Each term has an index of its own, whose ends are merged."""
    if driver is None:
        stored = StatementRow.stored.expression
        walk = select(stored).where(StatementRow.tenant_id == tenant_id, *_bounds(stored, search, before))
        return walk.order_by(stored.desc())
    if len(driver) == 1:
        return _walk(driver[0], search, before)
    parts = [_walk(one, search, before).limit(_COUNTED).subquery() for one in driver]
    merged = union(*[select(part.c.stored) for part in parts]).subquery()
    return select(merged.c.stored).order_by(merged.c.stored.desc())


def _walk(one: bytes, search: Search, before: int | None) -> Select[Any]:
    stored = StatementTerm.stored.expression
    return select(stored).where(StatementTerm.term == one, *_bounds(stored, search, before)).order_by(stored.desc())


def _bounds(stored: ColumnElement[int], search: Search, before: int | None) -> list[ColumnElement[bool]]:
    bounds = [] if before is None else [stored < before]
    if search.since is not None:
        bounds.append(stored >= microseconds(search.since - CLOCKS_DIFFER))
    return bounds


def _narrowed(query: Select[Any], search: Search) -> Select[Any]:
    """Leave out what is known not to fit from its reading; what was never read is looked at."""
    asked: list[ColumnElement[bool]] = []
    if search.kind is not None:
        asked.append(FactRow.kind == str(search.kind))
    if search.step is not None:
        asked.append(FactRow.step == search.step)
    if search.since is not None:
        asked.append(FactRow.at >= search.since)
    if search.until is not None:
        asked.append(FactRow.at < search.until)
    if not asked:
        return query
    same = and_(FactRow.tenant_id == StatementRow.tenant_id, FactRow.id == StatementRow.id)
    return query.outerjoin(FactRow, same).where(or_(FactRow.id.is_(None), and_(*asked)))
