"""The migrations bring about the declared tables, on both databases, once, and can be taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event, inspect, text

from lrs_bridge.store import migrate, tables
from lrs_bridge.store.engine import connect
from tests.databases import DATABASES, POSTGRES

VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class Place:
    """An empty database: a file, or a schema of its own. Other processes find it by this value."""

    url: str
    schema: str | None = None

    def open(self) -> Engine:
        engine = connect(self.url)
        if self.schema is not None:
            event.listen(engine, "connect", self._own_schema)
        return engine

    def _own_schema(self, connection: Any, _record: object) -> None:
        connection.execute(f"SET search_path TO {self.schema}")
        connection.commit()


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[Place]:
    if kind == "sqlite":
        yield Place(f"sqlite:///{folder / f'{uuid4().hex}.db'}")
        return
    assert POSTGRES
    place = Place(POSTGRES, f"m_{uuid4().hex}")
    with on(place) as engine, engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {place.schema}"))
    yield place
    with on(place) as engine, engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {place.schema} CASCADE"))


@contextmanager
def on(place: Place) -> Iterator[Engine]:
    engine = place.open()
    yield engine
    engine.dispose()


def upgrade(place: Place) -> bool:
    """In a process of its own: Alembic has one context for all threads of a process."""
    with on(place) as engine:
        migrate.upgrade(engine)
        return migrate.is_current(engine)


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with empty(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    with on(place) as opened:
        yield opened


def described(engine: Engine) -> dict[str, dict[str, Any]]:
    """Every table as the database itself describes it: columns, keys, constraints and indexes with their names."""
    seen = inspect(engine)
    return {
        table: {
            "columns": [{**column, "type": str(column["type"])} for column in seen.get_columns(table)],
            "primary key": seen.get_pk_constraint(table),
            "foreign keys": _by_name(seen.get_foreign_keys(table)),
            "unique": _by_name(seen.get_unique_constraints(table)),
            "checks": _by_name(seen.get_check_constraints(table)),
            "indexes": {one["name"]: {**one, "dialect_options": _plain(one)} for one in seen.get_indexes(table)},
            "written": _written(engine, table),
        }
        for table in seen.get_table_names()
        if table != VERSION_TABLE
    }


def _by_name(constraints: Any) -> dict[str, Any]:
    return {one["name"]: {key: value for key, value in one.items() if key != "referred_schema"} for one in constraints}


def _plain(index: Any) -> dict[str, str]:
    """A WHERE clause is an object that equals nothing but itself."""
    return {name: str(value) for name, value in index.get("dialect_options", {}).items()}


def _written(engine: Engine, table: str) -> set[str]:
    """SQLite keeps the words of CREATE, and with them what inspection does not see, as WITHOUT ROWID."""
    if engine.dialect.name != "sqlite":
        return set()
    with engine.connect() as connection:
        words = connection.execute(text("SELECT sql FROM sqlite_master WHERE tbl_name = :t"), {"t": table}).scalars()
        return {word for sql in words if sql for word in re.findall(r"\w+", sql)}


def test_migrated_and_declared_tables_are_the_same(engine: Engine, tmp_path: Path) -> None:
    """Whatever the database says of the tables, it says of both: names, types, keys, constraints, indexes."""
    migrate.upgrade(engine)
    with empty(engine.dialect.name, tmp_path) as other, on(other) as declared:
        tables.METADATA.create_all(declared)
        assert described(engine) == described(declared)


def test_alembic_finds_nothing_to_migrate(engine: Engine) -> None:
    """`lrs-bridge db revision` would write an empty script: nobody changed a table without a migration."""
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.METADATA) == []


def test_an_empty_database_is_not_current_and_a_migrated_one_is(engine: Engine) -> None:
    """/health/ready rests on this."""
    assert not migrate.is_current(engine)
    migrate.upgrade(engine)
    assert migrate.is_current(engine)


def test_upgrading_twice_is_the_same_as_once(engine: Engine) -> None:
    """Every command that needs the database upgrades it first."""
    migrate.upgrade(engine)
    before = described(engine)
    migrate.upgrade(engine)
    assert described(engine) == before


def test_two_processes_may_upgrade_at_once(place: Place) -> None:
    """One does it, the other waits and finds nothing to do."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(upgrade, [place, place])) == [True, True]


def test_the_migrations_can_be_taken_back(engine: Engine) -> None:
    """Down to nothing, in an order that no foreign key stands in the way of, and up again."""
    migrate.upgrade(engine)
    with engine.begin() as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) <= {VERSION_TABLE}
    migrate.upgrade(engine)
    assert migrate.is_current(engine)


def test_a_failing_migration_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of an upgrade, or none of it: a table that cannot be made takes those before it along."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE visit (token_hash VARCHAR)"))
    with pytest.raises(Exception, match="visit"):
        migrate.upgrade(engine)
    assert set(inspect(engine).get_table_names()) <= {"visit", VERSION_TABLE}


def test_every_constraint_has_a_name() -> None:
    """What has no name cannot be changed on PostgreSQL by a migration that also runs on SQLite."""
    nameless = [
        f"{table.name}: {constraint}"
        for table in tables.METADATA.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert not nameless


@pytest.mark.skipif(not POSTGRES, reason="LRS_BRIDGE_TEST_POSTGRES_URL is not set")
def test_an_index_on_a_large_table_is_built_while_others_write(tmp_path: Path) -> None:
    """And anew, where an earlier try was interrupted."""
    with empty("postgresql", tmp_path) as place, on(place) as engine:
        migrate.upgrade(engine)
        with engine.begin() as connection:
            config = migrate._config()
            config.attributes["connection"] = connection
            command.downgrade(config, "0033")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE INDEX ix_fact_run ON fact (tenant_id)")
            connection.exec_driver_sql(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_fact_run'::regclass"
            )
        asked: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        migrate.upgrade(engine)
        built = "CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_fact_run ON fact (tenant_id, run_id)"
        assert [sql for sql in asked if "CONCURRENTLY" in sql] == ["DROP INDEX CONCURRENTLY ix_fact_run", built]
        (index,) = [one for one in inspect(engine).get_indexes("fact") if one["name"] == "ix_fact_run"]
        assert index["column_names"] == ["tenant_id", "run_id"]
