"""The statements of the embedded record store: appended in one true order, never changed, only marked as voided.

`stored`, in microseconds since 1970, is at once the sequence and the primary key. It is assigned under a lock in the
write transaction and grows strictly over all tenants, so what a reader sees up to the greatest `stored` is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store import statement_references as references
from lrs_bridge.store.base import Base, Id, core
from lrs_bridge.store.prepared import Prepared

# On SQLite an INTEGER key is the row's own number: no second index.
_Place = BigInteger().with_variant(Integer, "sqlite")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRITE_LOCK = 0x78415049  # "xAPI": PostgreSQL's advisory lock of everyone who appends


# How long a write may take from getting its `stored` to being seen. Longer ones are given up, see `check_duration`.
LONGEST_WRITE = timedelta(seconds=5)

LONGEST_WAIT = timedelta(seconds=20)
"""For others who append; SQLite's own wait is set where it is connected."""


class WriteTookTooLong(Exception):
    """The transaction has to be rolled back: readers were told that nothing older than this can still appear."""


class AlreadyKept(Exception):
    """A statement with one of these ids is in the store; the transaction has to be rolled back."""


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
_COLUMNS = {
    "stored": "bigint",
    "tenant_id": "text",
    "id": "text",
    "refers_to": "text",
    "voids": "boolean",
    "voided": "boolean",
    "body": "text",
}
_TERM_COLUMNS = {"term": "bytea", "stored": "bigint"}
_LAST = Prepared(select(func.max(StatementRow.stored)))
_LOCK = text("SELECT set_config('lock_timeout', :wait, true), pg_advisory_xact_lock(:key)")


class NewStatement(NamedTuple):
    """A checked statement that waits for its `stored`.

    `body` is its JSON object without `stored`; `dated` says whether it has a timestamp, else it gets `stored` as one.
    `definitions` are those of its activities, by id, where its writer may define. `writer` is the term of the key that
    wrote it; a statement that refers to it inherits the other terms, not this one. `attached` are the hashes of its
    attachments.
    """

    id: str
    body: str
    terms: frozenset[bytes]
    writer: bytes | None = None
    refers_to: str | None = None
    voids: bool = False
    dated: bool = True
    definitions: Sequence[tuple[str, Mapping[str, Any]]] = ()
    attached: Sequence[str] = ()


def lock(session: Session) -> None:
    """Become the only one who appends, until the transaction ends. On SQLite a write transaction is that already.

    Raises OperationalError where others do not let go of it.
    """
    if session.get_bind().dialect.name == "postgresql":
        core(session).execute(_LOCK, {"wait": f"{LONGEST_WAIT // timedelta(milliseconds=1)}ms", "key": _WRITE_LOCK})


def bodies(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, str]:
    """The JSON of those of these statements that are in the store, by id."""
    dialect = session.get_bind().dialect.name
    wanted = list(ids)
    bound = wanted if dialect == "postgresql" else orjson.dumps(wanted).decode()
    return dict(_bodies_query(dialect).rows(core(session), {"tenant": tenant_id, "ids": bound}))


@cache
def _bodies_query(dialect: str) -> Prepared:
    """One bound value instead of a hundred, and one text for good: both weigh on every batch that is written."""
    among = "= ANY(CAST(:ids AS text[]))" if dialect == "postgresql" else "IN (SELECT value FROM json_each(:ids))"
    return Prepared(text(f"SELECT id, body FROM statement WHERE tenant_id = :tenant AND id {among}"))  # noqa: S608 - no input in it


def append(session: Session, tenant_id: str, statements: Sequence[NewStatement], now: datetime) -> list[int]:
    """Write new statements, in order; answers their `stored`. Call `lock` first, and read `now` after it.

    Raises AlreadyKept where one is not new.
    """
    if not statements:
        return []
    (last,) = _LAST.row(core(session), {}) or (None,)
    first = max(microseconds(now), (last or 0) + 1)
    places = list(range(first, first + len(statements)))
    placed = list(zip(statements, places, strict=True))
    earlier = references.referring(session, tenant_id, [new.id for new in statements])
    voided = {one.refers_to for one in earlier if one.voids} | {new.refers_to for new in statements if new.voids}
    rows = [_row(tenant_id, new, place, new.id in voided and not new.voids) for new, place in placed]
    if _insert(session, "statement", _COLUMNS, rows) < len(rows):
        raise AlreadyKept
    _void_earlier(session, tenant_id, statements)
    links = {new.id: references.Link(place, new.refers_to, new.terms) for new, place in placed}
    terms = [(new.writer, place) for new, place in placed if new.writer is not None]
    terms += references.inherited(session, tenant_id, links, earlier)
    _insert(session, "statement_term", _TERM_COLUMNS, _by_term(placed, terms))
    return places


def _by_term(placed: Iterable[tuple[NewStatement, int]], more: Iterable[tuple[bytes, int]]) -> list[tuple[bytes, int]]:
    """All terms with the places they lead to, in the order of the index: neighbours are written together."""
    places: dict[bytes, list[int]] = {}
    for new, place in placed:
        for term in new.terms:
            places.setdefault(term, []).append(place)
    for term, place in more:
        places.setdefault(term, []).append(place)
    return [(term, place) for term in sorted(places) for place in places[term]]


def check_duration(began: datetime, now: datetime) -> None:
    """Call at the end of a write that began with `lock` at `began`. Raises WriteTookTooLong."""
    if now - began > LONGEST_WRITE:
        raise WriteTookTooLong(f"writing took {(now - began).total_seconds():.0f} seconds")


def _insert(session: Session, table: str, columns: Mapping[str, str], rows: list[tuple[Any, ...]]) -> int:
    """Insert the rows that are not there; answers how many.

    Straight to the driver, tuples or one array a column: a dictionary a row costs as much as inserting it.
    """
    connection, names = core(session), ", ".join(columns)
    if connection.dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{type_}[]" for type_ in columns.values())
        sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608 - no input in it
        return connection.exec_driver_sql(sql, tuple(list(column) for column in zip(*rows, strict=True))).rowcount
    marks = ", ".join("?" for _ in columns)
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - no input in it
    return connection.exec_driver_sql(sql, rows).rowcount


def _row(tenant_id: str, new: NewStatement, place: int, voided: bool) -> tuple[Any, ...]:
    """The values of `_COLUMNS`. What is known only inside the transaction is set without decoding the body again."""
    moment = moment_text(place)
    timestamp = "" if new.dated else f'"timestamp":"{moment}",'
    body = f'{{"stored":"{moment}",{timestamp}{new.body[1:]}'
    return (place, tenant_id, new.id, new.refers_to, new.voids, voided, body)


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


def microseconds(moment: datetime) -> int:
    """`moment` as a place in the order of `stored`."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(stored: int) -> datetime:
    return _EPOCH + timedelta(microseconds=stored)


def moment_text(stored: int) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    seconds, rest = divmod(stored, 1_000_000)
    return f"{_second(seconds)}.{rest:06d}Z"


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    """A batch has one, or two."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
