"""Sessions: what is written lasts, what is jotted down is there, and a session for reading never writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tenants import Tenant, all_tenants, ensure_tenant

NOW = datetime(2026, 3, 26, tzinfo=UTC)


@pytest.mark.parametrize("way", ["write", "jot"])
def test_what_was_written_is_there(sessions: Sessions, way: str):
    with getattr(sessions, way)() as session:
        ensure_tenant(session, "main", "https://x", NOW)
    with sessions.read() as session:
        assert [tenant.name for tenant in all_tenants(session)] == ["main"]


@pytest.mark.parametrize("way", ["write", "jot"])
def test_an_error_leaves_everything_as_it_was(sessions: Sessions, way: str):
    def stumble() -> None:
        with getattr(sessions, way)() as session:
            ensure_tenant(session, "main", "https://x", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    with sessions.read() as session:
        assert all_tenants(session) == []


def test_a_session_for_reading_refuses_to_write(sessions: Sessions):
    with sessions.read() as session:
        session.add(Tenant(id="1", name="main", iri_base="https://x", created=NOW))
        with pytest.raises(RuntimeError, match="opened for reading"):
            session.flush()


def _waits_for_the_disk(sessions: Sessions, way: str) -> bool:
    with getattr(sessions, way)() as session:
        if session.get_bind().dialect.name == "postgresql":
            return session.scalar(text("SHOW synchronous_commit")) != "off"
        return session.scalar(text("PRAGMA synchronous")) == 2


def test_only_what_is_jotted_down_does_not_wait_for_the_disk(sessions: Sessions):
    if sessions.engine.dialect.name == "postgresql":
        pytest.skip("the tests' PostgreSQL waits for no disk at all")
    assert [_waits_for_the_disk(sessions, way) for way in ("write", "jot", "write")] == [True, False, True]


def test_an_error_of_the_database_quotes_nobodys_data(sessions: Sessions):
    """What it says ends up in logs."""
    with sessions.write() as session:
        ensure_tenant(session, "main", "https://x", NOW)
    again = text("INSERT INTO tenant (id, name, iri_base, created) SELECT id, :name, :name, created FROM tenant")
    with pytest.raises(IntegrityError) as told, sessions.write() as session:
        session.execute(again, {"name": "petra@example.com"})
    assert "petra" not in str(told.value)
