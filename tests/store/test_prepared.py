"""Prepared statements answer what SQLAlchemy answers, and fail as it fails."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import and_, bindparam, event, exists, insert, literal, null, select, text, update
from sqlalchemy.exc import IntegrityError

from lrs_bridge.store.base import core, table_of
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.lrs_keys import LrsKey
from lrs_bridge.store.prepared import Prepared
from lrs_bridge.store.tenants import Tenant, ensure_tenant

NOW = datetime(2026, 3, 26, 12, 30, 1, 250_000, tzinfo=timezone(timedelta(hours=2)))
_TENANT, _KEY = table_of(Tenant), table_of(LrsKey)
_ADD = Prepared(insert(_KEY))
_ROW: dict[str, Any] = {
    "id": "1",
    "name": "Zoë's key",
    "key": "k",
    "secret_hash": "h",
    "scopes": ["all", "ünïcode"],
    "created": NOW,
    "revoked": None,
}


def _written(sessions: Sessions) -> str:
    with sessions.write() as session:
        tenant = ensure_tenant(session, "main", "https://x", NOW).id
        assert _ADD.run(core(session), _ROW | {"tenant_id": tenant}) == 1
    return tenant


def test_what_is_read_has_the_types_of_its_columns(sessions: Sessions):
    """Times in UTC, JSON decoded, truth values, dates and nothing at all."""
    tenant = _written(sessions)
    asked = select(
        _KEY.c.name,
        _KEY.c.scopes,
        _KEY.c.created,
        _KEY.c.revoked,
        _KEY.c.revoked.is_(None),
        exists().where(_TENANT.c.id == _KEY.c.tenant_id),
        literal(date(2026, 3, 26)),
        null(),
    ).where(_KEY.c.tenant_id == bindparam("tenant"))
    with sessions.read() as session:
        usual = session.connection().execute(asked, {"tenant": tenant}).one()
        prepared = Prepared(asked).row(core(session), {"tenant": tenant})
    with sessions.values() as glance:
        glanced = Prepared(asked).row(glance, {"tenant": tenant})
    assert prepared == glanced == tuple(usual)
    assert prepared is not None
    assert prepared[2] == NOW
    assert prepared[2].tzinfo is UTC
    assert prepared[4:6] == (True, True)


def test_values_are_bound_in_the_types_of_their_columns(sessions: Sessions):
    tenant = _written(sessions)
    between = and_(_KEY.c.created >= bindparam("since"), _KEY.c.tenant_id == bindparam("tenant"), _KEY.c.key == "k")
    asked = Prepared(select(_KEY.c.key).where(between))
    with sessions.values() as glance:
        assert asked.rows(glance, {"since": NOW.astimezone(UTC), "tenant": tenant}) == [("k",)]
        assert asked.rows(glance, {"since": NOW + timedelta(microseconds=1), "tenant": tenant}) == []


def test_the_same_value_may_be_named_twice(sessions: Sessions):
    tenant = _written(sessions)
    asked = Prepared(text("SELECT key FROM lrs_key WHERE tenant_id = :one AND (key = :it OR name = :it)"))
    with sessions.values() as glance:
        assert asked.row(glance, {"one": tenant, "it": "Zoë's key"}) == ("k",)
        assert asked.row(glance, {"one": tenant, "it": "another"}) is None


def test_an_update_says_how_many_rows_it_changed(sessions: Sessions):
    tenant = _written(sessions)
    revoke = Prepared(update(_KEY).where(_KEY.c.key == bindparam("of")).values(revoked=bindparam("now")))
    with sessions.write() as session:
        assert revoke.run(core(session), {"of": "k", "now": NOW}) == 1
        assert revoke.run(core(session), {"of": "none", "now": NOW}) == 0
        assert session.get_one(LrsKey, "1").revoked == NOW
        assert session.get_one(LrsKey, "1").tenant_id == tenant


def test_errors_are_those_of_sqlalchemy_and_quote_no_values(sessions: Sessions):
    tenant = _written(sessions)
    with pytest.raises(IntegrityError) as told, sessions.write() as session:
        _ADD.run(core(session), _ROW | {"tenant_id": tenant, "name": "petra@example.com"})
    assert "petra" not in str(told.value)


def test_a_missing_value_is_named(sessions: Sessions):
    with pytest.raises(KeyError, match="tenant_id"), sessions.write() as session:
        _ADD.run(core(session), _ROW)


def test_whoever_listens_to_the_engine_is_told(sessions: Sessions):
    """Tests count statements, and an operator may log slow ones."""
    told: list[str] = []

    def listen(_conn: Any, _cursor: Any, statement: str, *_: object) -> None:
        told.append(statement)

    event.listen(sessions.engine, "before_cursor_execute", listen)
    try:
        with sessions.values() as glance:
            Prepared(select(_KEY.c.key)).rows(glance, {})
    finally:
        event.remove(sessions.engine, "before_cursor_execute", listen)
    assert [one.split()[0] for one in told if "lrs_key" in one] == ["SELECT"]
