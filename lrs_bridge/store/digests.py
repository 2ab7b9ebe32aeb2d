"""What a table holds in one number, the same on SQLite and PostgreSQL, whatever order its rows come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Engine, LargeBinary, Table, Text, TypeDecorator, select, type_coerce
from sqlalchemy.engine import Connection

from lrs_bridge.store.base import UtcDateTime

_MODULUS = 2**128
_BATCH, _HEAVY_BATCH = 500, 20
"""Rows in memory at a time; fewer where a row may hold half a megabyte."""


@dataclass
class Digest:
    """The number of rows, and the sum of their hashes: equal where the same rows are there, as often."""

    rows: int = 0
    total: int = 0

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.rows += len(rows)
        for row in rows:
            hashed = blake2b(repr(row).encode("utf-8", "backslashreplace"), digest_size=16).digest()
            self.total = (self.total + int.from_bytes(hashed, "big")) % _MODULUS

    @property
    def hex(self) -> str:
        return f"{self.total:032x}"


def batches(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """All rows, some at a time, in any order: JSON as the text it is kept as, times in UTC."""
    heavy = any(type(column.type) is LargeBinary and column.type.length is None for column in table.columns)
    options = {"stream_results": True, "yield_per": _HEAVY_BATCH if heavy else _BATCH}
    with connection.execute(select(*map(_as_kept, table.columns)), execution_options=options) as found:
        for some in found.partitions():
            yield [tuple(row) for row in some]


def digest(connection: Connection, table: Table) -> Digest:
    """Reads the whole table, with a batch of it in memory."""
    found = Digest()
    for rows in batches(connection, table):
        found.add(rows)
    return found


def digests(engine: Engine, tables: Iterable[Table]) -> Iterator[tuple[str, Digest]]:
    """What each table holds, one after another, all of the same moment."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        for table in tables:
            yield table.name, digest(connection, table)


def _as_kept(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, TypeDecorator) and not isinstance(column.type, UtcDateTime):
        return type_coerce(column, Text())
    return column
