"""Which terms a statement inherits from those it refers to (Communication 2.1.3, "Filter Conditions").

A statement whose object is a StatementRef is found by whatever the statement it refers to is found by, and so on along
the chain. Either may have come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from lrs_bridge.store.base import core
from lrs_bridge.store.prepared import Prepared
from lrs_bridge.store.statement_terms import terms_of

LONGEST_CHAIN = 100
"""Verdicts on verdicts end somewhere; without an end, one statement could cost as much as all there are."""


@dataclass(frozen=True, slots=True)
class Link:
    """A statement as a part of a chain; `terms` are its own."""

    stored: int
    refers_to: str | None
    terms: frozenset[bytes]


class Referring(NamedTuple):
    """A kept statement that refers to another."""

    id: str
    stored: int
    refers_to: str
    voids: bool


def referring(session: Session, tenant_id: str, ids: Iterable[str]) -> Sequence[Referring]:
    """What is kept and refers to these statements, or to one that does, and so on."""
    return [Referring._make(row) for row in _rows(session, "up", tenant_id, ids)]


def inherited(
    session: Session, tenant_id: str, new: Mapping[str, Link], referring: Iterable[Referring]
) -> Iterator[tuple[bytes, int]]:
    """Terms and the `stored` of statements to be found by them: of the `new` ones that refer to another, and of those
    `referring` to a new one. Call it when the new ones are in the database."""
    affected = {id_: (link.stored, link.refers_to) for id_, link in new.items() if link.refers_to}
    affected |= {row.id: (row.stored, row.refers_to) for row in referring}
    if not affected:
        return
    targets = {refers_to for _, refers_to in affected.values()}
    links = dict(new)
    for id_, stored, refers_to, body in _rows(session, "down", tenant_id, targets):
        if id_ not in new:
            links[id_] = Link(stored, refers_to, terms_of(tenant_id, orjson.loads(body)))
    for id_, (stored, refers_to) in affected.items():
        for term in _along(id_, refers_to, links):
            yield term, stored


def _along(id_: str, refers_to: str | None, links: Mapping[str, Link]) -> set[bytes]:
    terms: set[bytes] = set()
    passed = {id_}
    while refers_to is not None and refers_to in links and refers_to not in passed and len(passed) <= LONGEST_CHAIN:
        passed.add(refers_to)
        terms |= links[refers_to].terms
        refers_to = links[refers_to].refers_to
    return terms


def _rows(session: Session, way: str, tenant_id: str, ids: Iterable[str]) -> list[tuple[Any, ...]]:
    dialect = session.get_bind().dialect.name
    given = list(ids)
    bound = given if dialect == "postgresql" else orjson.dumps(given).decode()
    return _query(dialect, way).rows(core(session), {"tenant": tenant_id, "ids": bound})


_UP = ("next.refers_to = chain.id", "next.id", "voids", 1)
_DOWN = ("next.id = chain.id", "next.refers_to", "body", 0)


@cache
def _query(dialect: str, way: str) -> Prepared:
    """The whole chain in one query, whatever its length; a circle ends where the longest chain does."""
    step, found, wanted, least = _UP if way == "up" else _DOWN
    start = "SELECT value, 0 FROM json_each(:ids)"
    if dialect == "postgresql":
        start = "SELECT value, 0 FROM unnest(CAST(:ids AS text[])) AS value"
    return Prepared(
        text(
            f"WITH RECURSIVE chain(id, level) AS ({start}"  # noqa: S608 - no input in it
            f" UNION SELECT {found}, level + 1 FROM chain JOIN statement AS next ON {step}"
            f" WHERE next.tenant_id = :tenant AND level < {LONGEST_CHAIN} AND {found} IS NOT NULL)"
            f" SELECT id, stored, refers_to, {wanted} FROM statement"
            f" WHERE tenant_id = :tenant AND id IN (SELECT id FROM chain WHERE level >= {least})"
        )
    )
