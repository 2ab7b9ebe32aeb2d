"""The database: one engine, and three kinds of session, for reading, for writing and for jotting down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session

from lrs_bridge.store.prepared import Glance, as_usual
from lrs_bridge.store.turns import PATIENCE, Turns

_BEGIN = "lrs_bridge_begin"
_SYNC = "lrs_bridge_synchronous"
_READ, _WRITE = "BEGIN", "BEGIN IMMEDIATE"


def connect(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys on, full sync) or PostgreSQL. Its errors quote no values."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=10)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    # Not as a listener to the engine's `begin`: with any, SQLAlchemy looks for listeners around each statement, too.
    engine.dialect.do_begin = _begin_sqlite  # type: ignore[assignment, method-assign]
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """A writer takes the lock at once: a transaction that reads first and writes later could not wait for it."""
    connection.execute(connection.info.pop(_BEGIN, _READ))


def _file_of(engine: Engine) -> str | None:
    database = engine.url.database
    return database if database and database != ":memory:" else None


class Sessions:
    """Opens sessions. `write()` commits at the end of the block, or rolls back what an error left undone.

    Each is bound to a connection that has begun already, so that store functions may use it without the ORM's
    bookkeeping (`base.core`): the same transaction, for a fraction of the time. `key` is the installation's secret, by
    which people who were erased are known again (`store.erased`).
    """

    def __init__(self, engine: Engine, patience: float = PATIENCE, key: str = "") -> None:
        self.engine = engine
        self.key = key
        self._sqlite = engine.dialect.name == "sqlite"
        self._turns = Turns(_file_of(engine), patience) if self._sqlite else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._begun(_READ) as connection, _Reading(connection, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def values(self) -> Iterator[Connection | Glance]:
        """For single prepared queries: without a session or a transaction around them, which cost more than they."""
        if self.engine.dispatch.before_cursor_execute:  # somebody listens
            with self._begun(_READ) as connection:
                yield connection
            return
        try:
            pooled = self.engine.raw_connection()
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise as_usual(error, self.engine.dialect) from error
        try:
            yield Glance(pooled, self.engine.dialect)
        finally:
            pooled.close()

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._begun(_WRITE) as connection, _committed(connection, self.key) as session:
            yield session

    @contextmanager
    def jot(self) -> Iterator[Session]:
        """Like `write`, without waiting for the disk: for what may be lost in a power cut, and only then."""
        with self._begun(_WRITE, "NORMAL") as connection:
            if not self._sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            with _committed(connection, self.key) as session:
                yield session

    def _turn(self, begin: str) -> AbstractContextManager[None]:
        return self._turns.taken() if self._turns and begin == _WRITE else nullcontext()

    @contextmanager
    def _begun(self, begin: str, synchronous: str = "FULL") -> Iterator[Connection]:
        with self._turn(begin), self.engine.connect() as connection:
            if self._sqlite:
                connection.info[_BEGIN] = begin
                if connection.info.get(_SYNC, "FULL") != synchronous:
                    connection.connection.execute(f"PRAGMA synchronous={synchronous}")
                    connection.info[_SYNC] = synchronous
            connection.begin()
            yield connection


class _Reading(Session):
    """Refuses to write."""

    def flush(self, objects: Any = None) -> None:
        if self.new or self.dirty or self.deleted:
            raise RuntimeError("this session was opened for reading")


@contextmanager
def _committed(connection: Connection, key: str) -> Iterator[Session]:
    with Session(connection, expire_on_commit=False, info={"key": key}) as session:
        yield session
        if session.in_transaction():
            session.commit()  # writes what is left; the transaction itself is the connection's
    connection.commit()
