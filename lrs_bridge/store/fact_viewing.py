"""Looking through what was read of a remote record, by the time it happened, newest first, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.record_viewing import Search

Place = tuple[datetime, str]
"""When it happened, and its id."""


@dataclass(frozen=True)
class FactBatch:
    """`last`: the place of the last one looked at; None at the end."""

    found: Sequence[FactRow]
    looked: int
    last: Place | None


def batch(session: Session, tenant_id: str, search: Search, before: Place | None, size: int) -> FactBatch:
    """Of the next `size` facts behind the place `before`, those that may fit."""
    bounds: list[ColumnElement[bool]] = [FactRow.tenant_id == tenant_id]
    if before is not None:
        bounds.append(tuple_(FactRow.at, FactRow.id) < tuple_(*before))
    if search.since is not None:
        bounds.append(FactRow.at >= search.since)
    if search.until is not None:
        bounds.append(FactRow.at < search.until)
    if search.of_person:
        by, about = FactRow.actor.in_(search.actors), FactRow.registration.in_(search.registrations)
        bounds.append(or_(by, about))
    newest = select(FactRow).where(*bounds).order_by(FactRow.at.desc(), FactRow.id.desc()).limit(size)
    rows = session.scalars(newest).all()
    found = [row for row in rows if search.voided in (None, row.voided)]
    last = (rows[-1].at, rows[-1].id) if len(rows) == size else None
    return FactBatch(found, len(rows), last)


def by_ids(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, FactRow]:
    """Voided or not."""
    wanted = {id_.lower() for id_ in ids}
    rows = session.scalars(select(FactRow).where(FactRow.tenant_id == tenant_id, FactRow.id.in_(wanted)))
    return {row.id: row for row in rows}


def referring(session: Session, tenant_id: str, id_: str, limit: int) -> list[FactRow]:
    """What refers to this statement, the oldest first."""
    query = select(FactRow).where(FactRow.tenant_id == tenant_id, FactRow.target == id_.lower())
    return list(session.scalars(query.order_by(FactRow.at, FactRow.id).limit(limit)))
