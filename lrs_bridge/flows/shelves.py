"""The record as shelves to look through: the embedded store's statements, or what was read of a store elsewhere.

A place is where a list goes on: a `stored` in microseconds, or a time in microseconds and an id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson
from sqlalchemy.orm import Session

from lrs_bridge.domain.facts import Fact
from lrs_bridge.store import fact_viewing, record_viewing
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.record_viewing import Kept, Search
from lrs_bridge.store.statements import microseconds, moment_of
from lrs_bridge.xapi.reading import Unreadable, read


@dataclass(frozen=True)
class Seen:
    """A statement that is looked at. `place` continues a list after it; `fact` is None where it cannot be read, `why`;
    `statement` is None where the record is elsewhere."""

    id: str
    place: str
    voided: bool
    fact: Fact | None
    statement: Mapping[str, Any] | None
    why: str = ""


class Shelf(Protocol):
    """A record that can be walked, newest first, and asked for single statements."""

    def batch(self, search: Search, before: str | None, size: int) -> tuple[list[Seen], int, str | None]:
        """Of the next `size` statements those that may fit, how many were looked at, and where that ended."""
        ...

    def by_ids(self, ids: Iterable[str]) -> dict[str, Seen]: ...

    def referring(self, id_: str, limit: int) -> list[Seen]: ...


def shelf(session: Session, tenant_id: str, home_page: str, remote: bool) -> Shelf:
    """The tenant's record; `remote`: it is a store elsewhere."""
    return _Facts(session, tenant_id) if remote else _Statements(session, tenant_id, home_page)


def is_place(text: str, remote: bool) -> bool:
    """Whether a text may be where a list goes on; anything may come from an address bar.

    16 digits reach to the year 2286.
    """
    number, dot, id_ = text.partition(".")
    return number.isascii() and number.isdecimal() and len(number) <= 16 and bool(dot and id_) == remote


@dataclass(frozen=True)
class _Statements:
    session: Session
    tenant_id: str
    home_page: str

    def batch(self, search: Search, before: str | None, size: int) -> tuple[list[Seen], int, str | None]:
        place = None if before is None else int(before)
        found = record_viewing.batch(self.session, self.tenant_id, self.home_page, search, place, size)
        last = None if found.last is None else str(found.last)
        return [self._seen(kept) for kept in found.found], found.looked, last

    def by_ids(self, ids: Iterable[str]) -> dict[str, Seen]:
        known = record_viewing.by_ids(self.session, self.tenant_id, ids)
        return {id_: self._seen(kept) for id_, kept in known.items()}

    def referring(self, id_: str, limit: int) -> list[Seen]:
        found = record_viewing.referring(self.session, self.tenant_id, id_, limit)
        return [self._seen(kept) for kept in found]

    def _seen(self, kept: Kept) -> Seen:
        statement = orjson.loads(kept.body)
        try:
            fact, why = read(statement, self.home_page), ""
        except Unreadable as problem:
            fact, why = None, str(problem)
        return Seen(kept.id, str(kept.place), kept.voided, fact, statement, why)


@dataclass(frozen=True)
class _Facts:
    session: Session
    tenant_id: str

    def batch(self, search: Search, before: str | None, size: int) -> tuple[list[Seen], int, str | None]:
        place = None if before is None else _moment_and_id(before)
        found = fact_viewing.batch(self.session, self.tenant_id, search, place, size)
        last = None if found.last is None else _place(*found.last)
        return [_seen(row) for row in found.found], found.looked, last

    def by_ids(self, ids: Iterable[str]) -> dict[str, Seen]:
        return {id_: _seen(row) for id_, row in fact_viewing.by_ids(self.session, self.tenant_id, ids).items()}

    def referring(self, id_: str, limit: int) -> list[Seen]:
        return [_seen(row) for row in fact_viewing.referring(self.session, self.tenant_id, id_, limit)]


def _seen(row: FactRow) -> Seen:
    return Seen(row.id, _place(row.at, row.id), row.voided, row.fact, None)


def _place(at: datetime, id_: str) -> str:
    return f"{microseconds(at)}.{id_}"


def _moment_and_id(place: str) -> tuple[datetime, str]:
    number, _, id_ = place.partition(".")
    return moment_of(int(number)), id_
