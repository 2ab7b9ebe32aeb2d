"""Migrations: the tables of this version, brought about by Alembic from inside the package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from lrs_bridge.store.engine import Sessions

SCRIPTS = Path(__file__).with_name("migrations")
_LOCK = 5127001  # PostgreSQL's advisory lock of whoever upgrades
_AGAIN_SECONDS = 0.2


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def upgrade(engine: Engine) -> None:
    """Run what is missing. Two processes may do this at once: the second waits and finds nothing to do."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, _alone(connection):
            _build_beforehand(connection)
            _upgrade(engine)
    else:
        _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    config = _config()
    with Sessions(engine).write() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Wait for whoever else upgrades. Asked again and again, since one who waits inside a query would itself be
    waited for by an index that is built concurrently."""
    while not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCK})").scalar():
        sleep(_AGAIN_SECONDS)
    try:
        yield
    finally:
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")


def _build_beforehand(connection: Connection) -> None:
    """Indexes on large tables that are there already are built while others write to them, outside a transaction.

    A migration names them as BEFOREHAND (name -> table and columns), and makes them itself only where they are
    missing. What an earlier try left half done is built anew.
    """
    now = MigrationContext.configure(connection).get_current_heads()
    if not now:
        return
    scripts = ScriptDirectory.from_config(_config())
    for script in scripts.iterate_revisions("heads", now):
        for name, where in getattr(script.module, "BEFOREHAND", {}).items():
            if connection.execute(_HALF_DONE, {"name": name}).scalar():
                connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY {name}")
            connection.exec_driver_sql(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {where}")


_HALF_DONE = text("SELECT true FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")


def is_current(engine: Engine) -> bool:
    """Whether the database has the tables that this version expects."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(ScriptDirectory.from_config(_config()).get_heads())


def write_revision(engine: Engine, message: str) -> str:
    """Write a migration script for what the declared tables have and the database has not; answers its path."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        script = command.revision(config, message, autogenerate=True)
    return str(getattr(script, "path", script))
