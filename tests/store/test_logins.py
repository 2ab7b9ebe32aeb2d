"""Logins: good once, for a while, and never readable from the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from lrs_bridge.store import tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.logins import LIFETIME, add_login, digest, find_login, sweep, use_login
from lrs_bridge.store.platforms import add_platform
from tests.fakes.launching import NOON


@pytest.fixture
def platform_id(sessions: Sessions) -> str:
    with sessions.write() as session:
        return add_platform(
            session,
            tenant_id=tenants.ensure_tenant(session, tenants.MAIN, "https://tool.example", NOON).id,
            name="LMS",
            issuer="https://lms.example",
            client_id="tool-1",
            auth_url="https://lms.example/auth",
            token_url="https://lms.example/token",
            jwks_url="https://lms.example/jwks",
            now=NOON,
        ).id


def _add(sessions: Sessions, platform_id: str, state: str = "the state", after: timedelta = timedelta(0)) -> None:
    with sessions.write() as session:
        add_login(
            session,
            state=state,
            nonce="the nonce",
            browser="the mark",
            platform_id=platform_id,
            target="https://tool.example/lti/launch",
            params={"iss": "https://lms.example"},
            now=NOON + after,
        )


def test_a_login_is_good_once(sessions: Sessions, platform_id: str) -> None:
    """The second time it says no, and when it was used."""
    _add(sessions, platform_id)
    with sessions.write() as session:
        assert use_login(session, digest("the state"), NOON)
        assert not use_login(session, digest("the state"), NOON)
        assert not use_login(session, digest("another"), NOON)
    with sessions.read() as session:
        found = find_login(session, "the state")
        assert found is not None
        assert (found.used, found.platform.id) == (NOON, platform_id)


def test_a_login_that_is_over_cannot_be_used(sessions: Sessions, platform_id: str) -> None:
    """To the second."""
    _add(sessions, platform_id)
    with sessions.write() as session:
        assert not use_login(session, digest("the state"), NOON + LIFETIME)
        assert use_login(session, digest("the state"), NOON + LIFETIME - timedelta(seconds=1))


def test_logins_that_are_over_are_swept(sessions: Sessions, platform_id: str) -> None:
    """The table does not grow for ever; what is still good stays."""
    _add(sessions, platform_id, "old")
    _add(sessions, platform_id, "good", timedelta(hours=1))
    _add(sessions, platform_id, "new", LIFETIME)
    with sessions.write() as session:
        sweep(session, NOON + LIFETIME)
    with sessions.read() as session:
        assert [find_login(session, state) is None for state in ("old", "good", "new")] == [True, False, False]


def test_neither_state_nor_nonce_nor_mark_is_stored(sessions: Sessions, platform_id: str) -> None:
    """Whoever reads the database cannot finish anybody's launch."""
    _add(sessions, platform_id)
    with sessions.read() as session:
        row = str(session.execute(text("SELECT * FROM login")).one())
    for secret in ("the state", "the nonce", "the mark"):
        assert secret not in row
        assert digest(secret) in row
