"""Statements that are asked all day: compiled once, then handed to the driver with nothing in between.

SQLAlchemy looks up, binds and wraps each execution anew, which takes three times as long as a small query itself. What
it knows about the database is used here once: the SQL text, the names and types of what is bound, the types of what
comes out. The connection, its transaction and the errors are SQLAlchemy's as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, Select, TextClause, Update
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.types import TypeEngine

Processor = Callable[[Any], Any]
Statement = Select[*tuple[Any, ...]] | Insert | Update | TextClause


@dataclass(frozen=True, slots=True)
class Glance:
    """A pooled connection without a transaction around it, for single queries by prepared statements."""

    connection: PoolProxiedConnection
    dialect: Dialect


class Prepared:
    """A statement whose values are all bound by name; without lists, whose length would change its text."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection | Glance, bound: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of a query, each a tuple in the order of its columns."""
        compiled = self._for(connection.dialect)
        return compiled.read(compiled.execute(connection, bound, _fetched))

    def row(self, connection: Connection | Glance, bound: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The only row of a query by a unique key."""
        rows = self.rows(connection, bound)
        return rows[0] if rows else None

    def run(self, connection: Connection, bound: Mapping[str, Any]) -> int:
        """Insert or update; answers how many rows."""
        return int(self._for(connection.dialect).execute(connection, bound, _counted))

    def _for(self, dialect: Dialect) -> _Compiled:
        try:
            return self._compiled[dialect.name]
        except KeyError:
            return self._compiled.setdefault(dialect.name, _Compiled(self._statement, dialect))


class _Compiled:
    """The statement for one kind of database."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        self._sql = str(compiled)
        self._names: Sequence[str] | None = compiled.positiontup
        self._error = dialect.loaded_dbapi.Error
        self._out = [
            (place, process) for place, column in enumerate(columns) if (process := _out(column.type, dialect))
        ]
        self._in: list[tuple[str, Processor | None]] = []
        self._fixed: dict[str, Any] = {}
        for name, bind in compiled.binds.items():
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                self._in.append((name, process))
            else:
                self._fixed[name] = process(bind.value) if process else bind.value

    def execute(self, connection: Connection | Glance, bound: Mapping[str, Any], then: Callable[[Any], Any]) -> Any:
        """What `then` makes of the cursor. Raises KeyError for a missing value, and SQLAlchemy's DBAPIError."""
        named = {name: process(bound[name]) if process else bound[name] for name, process in self._in}
        named.update(self._fixed)
        values = named if self._names is None else tuple([named[name] for name in self._names])
        if isinstance(connection, Connection) and connection.dispatch.before_cursor_execute:
            return then(connection.exec_driver_sql(self._sql, values))  # somebody listens
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, values)
            return then(cursor)
        except self._error as error:
            raise as_usual(error, connection.dialect, self._sql) from error
        finally:
            cursor.close()

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """What the driver answered, in the types of the columns."""
        if not self._out or not rows:
            return rows
        columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
        for place, process in self._out:
            columns[place] = map(process, columns[place])
        return list(zip(*columns, strict=True))


def as_usual(error: Exception, dialect: Dialect, sql: str | None = None) -> BaseException:
    """An error of the driver as SQLAlchemy raises it, without the values that were bound."""
    usual = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, None, error, usual, hide_parameters=True, dialect=dialect)


def _out(type_: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _fetched(cursor: Any) -> Any:
    return cursor.fetchall()


def _counted(cursor: Any) -> Any:
    return cursor.rowcount
