"""Reading the embedded record store: one statement, a filtered page, and how far the record is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.orm import Session

from lrs_bridge.store.base import Values, core
from lrs_bridge.store.prepared import Prepared
from lrs_bridge.store.statement_terms import Kind, term
from lrs_bridge.store.statements import LONGEST_WRITE, microseconds, moment_of

LARGEST_PAGE = 16 * 1024 * 1024
"""Characters of JSON. A page is put together in memory."""

_AT_ONCE = 50
_LAST = Prepared(text("SELECT max(stored) FROM statement"))
_FIND = Prepared(text("SELECT stored, body FROM statement WHERE tenant_id = :tenant AND id = :id AND voided = :voided"))
_FIND_MINE = Prepared(
    text(
        "SELECT kept.stored, kept.body FROM statement AS kept JOIN statement_term AS mine ON mine.stored = kept.stored"
        " WHERE kept.tenant_id = :tenant AND kept.id = :id AND kept.voided = :voided AND mine.term = :mine"
    )
)
_COUNT = text("SELECT count(*) FROM (SELECT 1 FROM statement_term WHERE term = :term LIMIT 1000) AS counted")


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


def find(session: Values, tenant_id: str, id_: str, voided: bool, writer: str | None = None) -> Found | None:
    """The statement with this id, if it is voided or not as asked; with a `writer`, only if that key wrote it."""
    bound: dict[str, Any] = {"tenant": tenant_id, "id": id_.lower(), "voided": voided}
    if writer is None:
        row = _FIND.row(core(session), bound)
    else:
        bound["mine"] = term(tenant_id, "writer", writer)
        row = _FIND_MINE.row(core(session), bound)
    return Found(*row) if row else None


def page(session: Session, tenant_id: str, wanted: StatementFilter, limit: int) -> tuple[list[Found], bool]:
    """Statements that are not voided, in the order of `stored`, and whether there are more.

    At most `limit`, and not many more bytes than `LARGEST_PAGE`, but at least one if there is one.
    """
    terms = _rarest_first(session, [term(tenant_id, kind, value) for kind, value in wanted.terms])
    bound: dict[str, Any] = {"tenant": tenant_id, "limit": limit + 1} | {f"t{n}": one for n, one in enumerate(terms)}
    bounds = _bounds(wanted)
    query = _page_query(len(terms), tuple(bounds), wanted.ascending)
    found: list[Found] = []
    size = 0
    with core(session).execute(query, bound | bounds).yield_per(_AT_ONCE) as rows:
        for row in rows:
            if len(found) == limit or size > LARGEST_PAGE:
                return found, True
            found.append(Found(row.stored, row.body))
            size += len(row.body)
    return found, False


@cache
def _page_query(terms: int, bounds: tuple[str, ...], ascending: bool) -> Executable:
    """One text for each shape of a question, since building it costs as much as asking.

    The entries of the first term are walked in order, from the bound on; each other term is one look into the index.
    """
    place = "t0.stored" if terms else "kept.stored"
    source = "statement_term AS t0 CROSS JOIN statement AS kept" if terms else "statement AS kept"
    conditions = ["kept.tenant_id = :tenant", "kept.voided IS FALSE"]
    if terms:
        conditions += ["t0.term = :t0", "kept.stored = t0.stored"]
    conditions += [
        f"EXISTS (SELECT 1 FROM statement_term AS t{n} WHERE t{n}.term = :t{n} AND t{n}.stored = t0.stored)"  # noqa: S608 - no input in it
        for n in range(1, terms)
    ]
    conditions += [f"{place} {_COMPARED[name]} :{name}" for name in bounds]
    order = "ASC" if ascending else "DESC"
    sql = text(
        f"SELECT kept.stored, kept.body FROM {source} WHERE {' AND '.join(conditions)}"  # noqa: S608 - no input in it
        f" ORDER BY {place} {order} LIMIT :limit"
    )
    # PostgreSQL would send the whole page before the first row could be looked at.
    return sql.execution_options(stream_results=True)


_COMPARED = {"since": ">", "until": "<=", "after": ">", "before": "<"}


def _bounds(wanted: StatementFilter) -> dict[str, int]:
    bounds = {}
    if wanted.since is not None:
        bounds["since"] = microseconds(wanted.since)
    if wanted.until is not None:
        bounds["until"] = microseconds(wanted.until)
    if wanted.cursor is not None:
        bounds["after" if wanted.ascending else "before"] = wanted.cursor
    return bounds


def _rarest_first(session: Session, terms: list[bytes]) -> list[bytes]:
    """The fewest entries are walked; beyond a thousand any number is many, so that counting has an end."""
    if len(terms) < 2:
        return terms
    connection = core(session)
    counted = [(connection.execute(_COUNT, {"term": one}).scalar() or 0, one) for one in terms]
    return [one for _, one in sorted(counted, key=lambda pair: pair[0])]


def consistent_through(session: Values, now: datetime) -> datetime:
    """The time up to which everything that has or will have a `stored` can be read.

    The greatest `stored` is exact, since appending is serial. An idle store still has to show a recent time
    (Communication 2.1.3), so the time that no write in flight can lie before serves where it is later.
    """
    (last,) = _LAST.row(core(session), {}) or (None,)
    quiet = quiet_since(now)
    return max(moment_of(last), quiet) if last is not None else quiet


def quiet_since(now: datetime) -> datetime:
    """The time that no write in flight can lie before: one that takes longer than half of this is given up. The other
    half is for its commit, and for clocks of several machines that differ."""
    return now - 2 * LONGEST_WRITE
