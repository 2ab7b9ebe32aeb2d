"""Reading the embedded record store: one statement, a filtered page, and how far the record is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from lrs_bridge.store.base import core
from lrs_bridge.store.statement_terms import Kind, term
from lrs_bridge.store.statements import LONGEST_WRITE, StatementRow, StatementTerm, microseconds, moment_of

_LAST = select(func.max(StatementRow.stored))


@dataclass(frozen=True)
class StatementFilter:
    """What a page is made of: statements that have all `terms`, stored after `since` and not after `until`.

    `cursor` continues a page: the `stored` of its last statement, in microseconds.
    """

    terms: Sequence[tuple[Kind, str]] = ()
    since: datetime | None = None
    until: datetime | None = None
    ascending: bool = False
    cursor: int | None = None


@dataclass(frozen=True)
class Found:
    """One statement: its JSON text as it is kept, and its `stored` in microseconds."""

    stored: int
    body: str


def find(session: Session, tenant_id: str, id_: str, voided: bool, writer: str | None = None) -> Found | None:
    """The statement with this id, if it is voided or not as asked; with a `writer`, only if that key wrote it."""
    query = select(StatementRow.stored, StatementRow.body).where(
        StatementRow.tenant_id == tenant_id, StatementRow.id == id_.lower(), StatementRow.voided.is_(voided)
    )
    if writer is not None:
        mine = aliased(StatementTerm)
        query = query.join(mine, mine.stored == StatementRow.stored).where(
            mine.term == term(tenant_id, "writer", writer)
        )
    row = session.execute(query).one_or_none()
    return Found(row.stored, row.body) if row else None


def page(session: Session, tenant_id: str, wanted: StatementFilter, limit: int) -> tuple[list[Found], bool]:
    """At most `limit` statements that are not voided, in the order of `stored`, and whether there are more."""
    order: ColumnElement[int] = StatementRow.stored.expression
    query = select(StatementRow.stored, StatementRow.body).where(
        StatementRow.tenant_id == tenant_id, StatementRow.voided.is_(False)
    )
    for index, (kind, value) in enumerate(wanted.terms):
        found = aliased(StatementTerm)
        query = query.join(found, found.stored == StatementRow.stored).where(found.term == term(tenant_id, kind, value))
        if index == 0:
            order = found.stored.expression
    query = query.where(*_bounds(order, wanted)).order_by(order if wanted.ascending else order.desc()).limit(limit + 1)
    rows = [Found(row.stored, row.body) for row in session.execute(query)]
    return rows[:limit], len(rows) > limit


def _bounds(stored: ColumnElement[int], wanted: StatementFilter) -> list[ColumnElement[bool]]:
    bounds = []
    if wanted.since is not None:
        bounds.append(stored > microseconds(wanted.since))
    if wanted.until is not None:
        bounds.append(stored <= microseconds(wanted.until))
    if wanted.cursor is not None:
        bounds.append(stored > wanted.cursor if wanted.ascending else stored < wanted.cursor)
    return bounds


def consistent_through(session: Session, now: datetime) -> datetime:
    """The time up to which everything that has or will have a `stored` can be read.

    The greatest `stored` is exact, since appending is serial. An idle store still has to show a recent time
    (Communication 2.1.3), so the time that no write in flight can lie before serves where it is later.
    """
    last = core(session).execute(_LAST).scalar()
    quiet = quiet_since(now)
    return max(moment_of(last), quiet) if last is not None else quiet


def quiet_since(now: datetime) -> datetime:
    """The time that no write in flight can lie before: one that takes longer than half of this is given up. The other
    half is for its commit, and for clocks of several machines that differ."""
    return now - 2 * LONGEST_WRITE
