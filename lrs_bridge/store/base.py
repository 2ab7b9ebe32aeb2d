"""What every table shares: the declarative base, UTC datetimes, JSON columns, ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast, overload
from uuid import uuid4

import orjson
from sqlalchemy import DateTime, MetaData, String, Table, Text, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session

from lrs_bridge.store.prepared import Glance

Id = String(36)
Values = Session | Connection | Glance
"""What prepared queries can be asked of."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Shown(TypeDecorator[str]):
    """A text that others send and that is only shown: what is too long is cut, on every database alike."""

    impl = String
    cache_ok = True

    def __init__(self, longest: int) -> None:
        super().__init__(longest)
        self.longest = longest

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value[: self.longest]


class Json(TypeDecorator[Any]):
    """JSON as text, the same on every database: the record is kept as it came."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(noun: type[Base]) -> Table:
    """The table of a row class, for statements that yield values and no objects (see `core`)."""
    return cast("Table", noun.__table__)


def insert_for(session: Session) -> Any:
    """The INSERT of this session's database, with `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


@overload
def core(session: Session | Connection) -> Connection: ...
@overload
def core(session: Values) -> Connection | Glance: ...
def core(session: Values) -> Connection | Glance:
    """The connection of a session's transaction, for statements that were built beforehand and yield no objects.

    The ORM's bookkeeping costs more than a small statement itself. What it has not written yet is written first.
    """
    if not isinstance(session, Session):
        return session
    if session.in_transaction():
        session.flush()
        return session.connection()
    return session.bind if isinstance(session.bind, Connection) else session.connection()


def new_id() -> str:
    return str(uuid4())
