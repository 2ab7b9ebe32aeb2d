"""Moving an installation from SQLite to PostgreSQL.

All rows go over in one transaction of the target, are read back in it, and only then committed: what is interrupted
leaves empty tables, and beginning again is all there is to do. Of the source nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Integer, String, Table, Text, func, inspect, literal, or_, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement

from lrs_bridge.store import migrate, worker_signs
from lrs_bridge.store.base import Json
from lrs_bridge.store.digests import Digest, batches
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tables import METADATA

_LARGEST_INTEGER = 2**31 - 1
_VERSION_TABLE = "alembic_version"

Progress = Callable[[str, str, int, int], None]
"""Told what is done (`copied` or `compared`), with which table, how many rows of it so far, and of how many."""


class CannotMove(RuntimeError):
    """Nothing was moved; the message says why, and what to do. It quotes nobody's data."""


def move(source: Engine, target: Engine, now: datetime, tell: Progress) -> dict[str, Digest]:
    """Copy every table to an empty PostgreSQL, compare, and commit; answers what each table holds. Raises CannotMove.

    The source is locked for writers meanwhile; one that others write to all the time raises OperationalError.
    """
    if source.dialect.name != "sqlite" or target.dialect.name != "postgresql":
        raise CannotMove("Moving goes from SQLite to PostgreSQL. Between PostgreSQLs, use pg_dump and pg_restore.")
    if not migrate.is_current(source):
        raise CannotMove("The database here is of another version: call lrs-bridge db upgrade first.")
    _make_tables(target)
    with Sessions(source).write() as session:
        last = worker_signs.last_sign(session)
        if last is not None and now - last < worker_signs.LATE_AFTER:
            raise CannotMove(
                "A worker was at work within two minutes: stop all processes of the tool first, "
                "or what they do from now on is not in the new database."
            )
        _expect_fit(session.connection())
        with target.begin() as there:
            _hold(there)
            return {table.name: _move(session.connection(), there, table, tell) for table in METADATA.sorted_tables}


def settle(target: Engine) -> None:
    """Have PostgreSQL learn what is in its tables, so that its plans are good from the first query on."""
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _make_tables(target: Engine) -> None:
    with target.connect() as connection:
        found = set(inspect(connection).get_table_names())
        version = set(MigrationContext.configure(connection).get_current_heads())
    if found - {_VERSION_TABLE} and not version:
        raise CannotMove("The target has tables of something else. Give an empty database.")
    if version and not migrate.is_current(target):
        raise CannotMove("The target has tables of another version of the tool. Give an empty database.")
    if not version:
        migrate.upgrade(target)


def _hold(there: Connection) -> None:
    """Keep everybody else from writing to the target, and expect it to be empty."""
    names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
    there.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
    for table in METADATA.sorted_tables:
        if there.scalar(select(literal(1)).select_from(table).limit(1)):
            raise CannotMove(f"The target is not empty: there is something in {table.name}. Give an empty database.")


def _expect_fit(here: Connection) -> None:
    """SQLite minds neither lengths nor references that lead nowhere; PostgreSQL does."""
    astray = here.exec_driver_sql("PRAGMA foreign_key_check").first()
    if astray is not None:
        raise CannotMove(f"A row of {astray[0]} refers to one of {astray[2]} that is not there.")
    for table in METADATA.sorted_tables:
        unfit = [clause for column in table.columns for clause in _unfit(column)]
        if unfit and (row := here.execute(select(*table.primary_key).where(or_(*unfit)).limit(1)).first()):
            raise CannotMove(
                f"A row of {table.name} holds what PostgreSQL cannot: a text that is too long or has a null character "
                f"in it, or a number beyond 32 bits. Its key: {', '.join(str(part) for part in row)}."
            )


def _unfit(column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    kind = column.type
    plain = getattr(kind, "impl", kind)
    if isinstance(plain, String) and not isinstance(kind, Json):
        as_text = func.instr(column, func.char(0)) > 0
        longest = None if isinstance(plain, Text) else plain.length
        return [as_text, func.length(column) > longest] if longest else [as_text]
    if type(kind) is Integer:
        return [func.abs(column) > _LARGEST_INTEGER]
    return []


def _move(here: Connection, there: Connection, table: Table, tell: Progress) -> Digest:
    total = here.scalar(select(func.count()).select_from(table)) or 0
    sent = Digest()
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    cursor: Any = there.connection.cursor()
    try:
        with cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for rows in batches(here, table):
                for row in rows:
                    copy.write_row(row)
                sent.add(rows)
                tell("copied", table.name, sent.rows, total)
    except psycopg.Error as problem:
        raise CannotMove(f"{table.name}: {problem.diag.message_primary or type(problem).__name__}") from None
    _set_sequence(there, table)
    arrived = Digest()
    for rows in batches(there, table):
        arrived.add(rows)
        tell("compared", table.name, arrived.rows, total)
    if arrived != sent:
        raise CannotMove(f"{table.name}: what arrived ({arrived.rows} rows) is not what was sent ({sent.rows} rows).")
    return sent


def _set_sequence(there: Connection, table: Table) -> None:
    """The next number that PostgreSQL gives is above all that are there."""
    column = table.autoincrement_column
    if column is None or there.scalar(_SEQUENCE, {"table": table.name, "column": column.name}) is None:
        return
    last = there.scalar(select(func.max(column)))
    if last is not None:
        there.execute(_SET, {"table": table.name, "column": column.name, "last": last})


_SEQUENCE = text("SELECT pg_get_serial_sequence(:table, :column)")
_SET = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
