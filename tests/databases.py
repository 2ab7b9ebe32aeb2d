"""A real database for every test of the store: SQLite always, PostgreSQL where a URL is set.

Tables are made once: SQLite's file is copied for each test, PostgreSQL's schema is emptied after each. Each test
process has one engine for each, since an engine keeps what it compiled of every query.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, text

from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.tables import METADATA

POSTGRES = os.environ.get("LRS_BRIDGE_TEST_POSTGRES_URL")
DATABASES = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]


@cache
def template() -> bytes:
    """A database file with all tables and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        engine = connect(f"sqlite:///{path}")
        METADATA.create_all(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        engine.dispose()
        return path.read_bytes()


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine whose file is another in each test."""
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('database')}/test.db")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_engine() -> Iterator[Engine]:
    """An engine in a schema of its own, so that test processes do not meet."""
    assert POSTGRES
    schema = f"t_{uuid4().hex}"
    engine = connect(POSTGRES)

    @event.listens_for(engine, "connect")
    def own_schema(connection, _record):  # type: ignore[no-untyped-def]
        connection.execute(f"SET search_path TO {schema}")
        connection.execute("SET synchronous_commit TO off")
        connection.commit()

    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    METADATA.create_all(engine)
    yield engine
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(params=DATABASES)
def sessions(request: pytest.FixtureRequest) -> Iterator[Sessions]:
    if request.param == "sqlite":
        engine = request.getfixturevalue("sqlite_engine")
        empty(Path(engine.url.database))
        yield Sessions(engine)
        engine.dispose()
        return
    engine = request.getfixturevalue("postgres_engine")
    yield Sessions(engine)
    emptied = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(METADATA.sorted_tables))
    with engine.begin() as connection:
        connection.exec_driver_sql(emptied)  # TRUNCATE makes new files of all tables, which takes a second


def empty(path: Path) -> None:
    """A database at this path with all tables and nothing in them, whatever was there before."""
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    path.write_bytes(template())
