"""The statements of the embedded record store: appended in one true order, never changed, only marked as voided.

`stored`, in microseconds since 1970, is at once the sequence and the primary key. It is assigned under a lock in the
write transaction and grows strictly over all tenants, so what a reader sees up to the greatest `stored` is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    TextClause,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id
from lrs_bridge.store.statement_terms import terms_of

# On SQLite an INTEGER key is the row's own number: no second index.
_Place = BigInteger().with_variant(Integer, "sqlite")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRITE_LOCK = 0x78415049  # "xAPI": PostgreSQL's advisory lock of everyone who appends


# How long a write may take from getting its `stored` to being seen. Longer ones are given up, see `check_duration`.
LONGEST_WRITE = timedelta(seconds=5)


class WriteTookTooLong(Exception):
    """The transaction has to be rolled back: readers were told that nothing older than this can still appear."""


class StatementRow(Base):
    """`body`: the statement as it came, with what the store sets; `refers_to`: the statement that is its object."""

    __tablename__ = "statement"
    __table_args__ = (
        Index("ix_statement_tenant_id_id", "tenant_id", "id", unique=True),
        Index("ix_statement_tenant_id_stored", "tenant_id", "stored"),
        Index(
            "ix_statement_tenant_id_refers_to",
            "tenant_id",
            "refers_to",
            sqlite_where=text("refers_to IS NOT NULL"),
            postgresql_where=text("refers_to IS NOT NULL"),
        ),
    )

    stored: Mapped[int] = mapped_column(_Place, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenant.id"))
    id: Mapped[str] = mapped_column(Id)
    refers_to: Mapped[str | None] = mapped_column(Id)
    voids: Mapped[bool] = mapped_column(Boolean)
    voided: Mapped[bool] = mapped_column(Boolean)
    body: Mapped[str] = mapped_column(Text)


class StatementTerm(Base):
    """Under which terms (see `statement_terms`) the statement with this `stored` is found."""

    __tablename__ = "statement_term"
    __table_args__ = (PrimaryKeyConstraint("term", "stored"), {"sqlite_with_rowid": False})

    term: Mapped[bytes] = mapped_column(LargeBinary(16))
    stored: Mapped[int] = mapped_column(BigInteger, autoincrement=False)


_STATEMENTS = cast(Table, StatementRow.__table__)
_LAST = select(func.max(StatementRow.stored))


@dataclass(frozen=True, slots=True)
class NewStatement:
    """A checked statement that waits for its `stored`.

    `body` is its JSON object without `stored`; `dated` says whether it has a timestamp, else it gets `stored` as one.
    `definitions` are those of its activities, by id, where its writer may define.
    """

    id: str
    body: str
    terms: frozenset[bytes]
    refers_to: str | None = None
    voids: bool = False
    dated: bool = True
    definitions: Sequence[tuple[str, Mapping[str, Any]]] = ()


def lock(session: Session) -> None:
    """Become the only one who appends, until the transaction ends. On SQLite a write transaction is that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK})


def bodies(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, str]:
    """The JSON of those of these statements that are in the store, by id."""
    return {row.id: row.body for row in _rows(session, tenant_id, "id", ids)}


def _rows(session: Session, tenant_id: str, column: str, values: Iterable[str]) -> Sequence[Row[Any]]:
    """Statements whose `column` is among `values`."""
    dialect = session.get_bind().dialect.name
    wanted = list(values)
    bound = wanted if dialect == "postgresql" else orjson.dumps(wanted).decode()
    return session.execute(_rows_query(dialect, column), {"tenant": tenant_id, "values": bound}).all()


@cache
def _rows_query(dialect: str, column: str) -> TextClause:
    """One bound value instead of a hundred, and one text for good: both weigh on every batch that is written."""
    among = "= ANY(CAST(:values AS text[]))" if dialect == "postgresql" else "IN (SELECT value FROM json_each(:values))"
    names = "id, stored, refers_to, voids, body"
    return text(f"SELECT {names} FROM statement WHERE tenant_id = :tenant AND {column} {among}")  # noqa: S608


def append(session: Session, tenant_id: str, statements: Sequence[NewStatement], now: datetime) -> list[int]:
    """Write new statements, in order; answers their `stored`. Call `lock` first, and read `now` after it."""
    if not statements:
        return []
    last = session.scalar(_LAST) or 0
    first = max(microseconds(now), last + 1)
    places = list(range(first, first + len(statements)))
    earlier = _rows(session, tenant_id, "refers_to", [new.id for new in statements])
    voided = {link.refers_to for link in earlier if link.voids} | {new.refers_to for new in statements if new.voids}
    _insert_statements(
        session,
        [
            (place, tenant_id, new.id, new.refers_to, new.voids, new.id in voided and not new.voids, body)
            for new, place in zip(statements, places, strict=True)
            for body in (_with_stored(new, place),)
        ],
    )
    _insert_terms(session, [(term, place) for new, place in zip(statements, places, strict=True) for term in new.terms])
    _void_earlier(session, tenant_id, statements)
    _inherit_terms(session, tenant_id, {new.id for new in statements if new.refers_to} | {link.id for link in earlier})
    return places


def check_duration(began: datetime, now: datetime) -> None:
    """Call at the end of a write that began with `lock` at `began`. Raises WriteTookTooLong."""
    if now - began > LONGEST_WRITE:
        raise WriteTookTooLong(f"writing took {(now - began).total_seconds():.0f} seconds")


def _insert_statements(session: Session, rows: list[tuple[Any, ...]]) -> None:
    """Straight to the driver: preparing a dictionary a row costs as much as inserting it."""
    mark = "%s" if session.get_bind().dialect.name == "postgresql" else "?"
    names = ", ".join(column.name for column in _STATEMENTS.columns)
    marks = ", ".join(mark for _ in _STATEMENTS.columns)
    sql = f"INSERT INTO statement ({names}) VALUES ({marks})"  # noqa: S608 - no input in it
    session.connection().exec_driver_sql(sql, rows)


def _insert_terms(session: Session, rows: list[tuple[bytes, int]]) -> None:
    """The hottest insert, eleven rows a statement: tuples to the driver, or two arrays, not a dictionary a row."""
    if not rows:
        return
    rows.sort()
    into = "INSERT INTO statement_term (term, stored)"
    if session.get_bind().dialect.name == "postgresql":
        arrays = "SELECT * FROM unnest(CAST(:terms AS bytea[]), CAST(:places AS bigint[]))"
        sql = text(f"{into} {arrays} ON CONFLICT DO NOTHING")
        session.execute(sql, {"terms": [term for term, _ in rows], "places": [place for _, place in rows]})
    else:
        session.connection().exec_driver_sql(f"{into} VALUES (?, ?) ON CONFLICT DO NOTHING", rows)


def _with_stored(new: NewStatement, stored: int) -> str:
    """Set what is known only inside the transaction, without decoding the body again."""
    moment = moment_text(stored)
    timestamp = "" if new.dated else f'"timestamp":"{moment}",'
    return f'{{"stored":"{moment}",{timestamp}{new.body[1:]}'


def _void_earlier(session: Session, tenant_id: str, statements: Sequence[NewStatement]) -> None:
    """A statement that voids another cannot itself be voided (Data 2.3.2)."""
    targets = [new.refers_to for new in statements if new.voids]
    if targets:
        session.execute(
            update(_STATEMENTS)
            .where(
                _STATEMENTS.c.tenant_id == tenant_id,
                _STATEMENTS.c.id.in_(targets),
                _STATEMENTS.c.voids.is_(False),
            )
            .values(voided=True)
        )


def _inherit_terms(session: Session, tenant_id: str, ids: set[str]) -> None:
    """A statement is found by the terms of the statement it refers to, and so on along the chain (Communication 2.1.3).

    `ids` are those that refer to another and are new, or whose target is: either may have come first.
    """
    affected, frontier = set(ids), ids
    while frontier:
        frontier = {link.id for link in _rows(session, tenant_id, "refers_to", frontier)} - affected
        affected |= frontier
    links = _chains(session, tenant_id, affected)
    rows = {(term, links[id_].stored) for id_ in affected for term in _terms_along_chain(tenant_id, id_, links)}
    _insert_terms(session, list(rows))


@dataclass(frozen=True, slots=True)
class _Link:
    stored: int
    refers_to: str | None
    statement: Mapping[str, Any]


def _chains(session: Session, tenant_id: str, ids: set[str]) -> dict[str, _Link]:
    """These statements, those they refer to, those these refer to, and so on."""
    links: dict[str, _Link] = {}
    while ids:
        rows = _rows(session, tenant_id, "id", ids)
        found = {row.id: _Link(row.stored, row.refers_to, orjson.loads(row.body)) for row in rows}
        links |= found
        ids = {link.refers_to for link in found.values() if link.refers_to} - links.keys()
    return links


def _terms_along_chain(tenant_id: str, id_: str, links: Mapping[str, _Link]) -> set[bytes]:
    terms: set[bytes] = set()
    passed = {id_}
    here = links[id_].refers_to
    while here is not None and here in links and here not in passed:
        passed.add(here)
        terms |= terms_of(tenant_id, links[here].statement)
        here = links[here].refers_to
    return terms


def microseconds(moment: datetime) -> int:
    """`moment` as a place in the order of `stored`."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(stored: int) -> datetime:
    return _EPOCH + timedelta(microseconds=stored)


def moment_text(stored: int) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    return f"{moment_of(stored).isoformat(timespec='microseconds')[:-6]}Z"
