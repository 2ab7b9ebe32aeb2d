"""Our signing keys and the cached key sets of platforms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lrs_bridge.store import tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.keys import (
    RetirementError,
    add_signing_key,
    claim_fetch,
    forget_key_set,
    keep_key_set,
    key_set,
    note_trouble,
    private_pem,
    retire_signing_key,
    signer,
    signing_keys,
)
from lrs_bridge.store.platforms import add_platform
from lrs_bridge.store.sealed import Seal, SealBrokenError
from tests.fakes.launching import NOON

PAUSE = timedelta(seconds=10)


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


def test_a_private_key_is_sealed_and_comes_back_with_the_same_secret(sessions: Sessions) -> None:
    """With another one it is told what to do."""
    with sessions.write() as session:
        add_signing_key(session, "secret", "k1", {"kty": "RSA"}, b"-----BEGIN", NOON)
    with sessions.read() as session:
        (key,) = signing_keys(session)
        assert "BEGIN" not in key.private
        assert private_pem(key, "secret") == b"-----BEGIN"
        with pytest.raises(SealBrokenError, match="LRS_BRIDGE_SECRET_KEY"):
            private_pem(key, "another secret")


def test_what_is_sealed_for_one_purpose_does_not_open_for_another() -> None:
    """Each has its own key of the same secret."""
    sealed = Seal("secret", "signing keys").close(b"plain")
    with pytest.raises(SealBrokenError):
        Seal("secret", "coaching notes").open(sealed)


def test_the_newest_key_whose_hour_has_come_signs(sessions: Sessions) -> None:
    """The same one in all processes, also where two of them made a first key at the same moment."""
    with sessions.write() as session:
        for kid, seconds in (("b", 0), ("a", 0), ("next", 60)):
            add_signing_key(session, "secret", kid, {}, b"pem", NOON, NOON + timedelta(seconds=seconds))
    with sessions.read() as session:
        keys = signing_keys(session)
        assert [key.kid for key in keys] == ["a", "b", "next"]
        moments = (-1, 0, 59, 60)
        assert [signer(keys, NOON + timedelta(seconds=one)).kid for one in moments] == ["a", "b", "b", "next"]


def test_a_key_that_signs_is_not_retired(sessions: Sessions) -> None:
    """One that waits for its hour, or whose time is over, is."""
    with sessions.write() as session:
        for kid, days in (("old", -1), ("now", 0), ("next", 1)):
            add_signing_key(session, "secret", kid, {}, b"pem", NOON, NOON + timedelta(days=days))
        with pytest.raises(RetirementError, match="signs at present"):
            retire_signing_key(session, "now", NOON)
        for kid in ("old", "next"):
            retire_signing_key(session, kid, NOON)
        assert [key.kid for key in signing_keys(session)] == ["now"]


def test_a_key_set_that_was_forgotten_is_not_kept_by_a_fetch_under_way(sessions: Sessions, platform_id: str) -> None:
    """Its address may be another by now: what was fetched from the old one is not trusted."""
    with sessions.write() as session:
        claim_fetch(session, platform_id, NOON, NOON - PAUSE)
        forget_key_set(session, platform_id)
        keep_key_set(session, platform_id, [{"kid": "k1"}], NOON)
        note_trouble(session, platform_id, "down")
        assert key_set(session, platform_id) is None


def test_one_fetches_and_the_others_wait_their_time(sessions: Sessions, platform_id: str) -> None:
    """The right to fetch is taken before the fetch, whether it then works or not."""
    answers = []
    for after in (0, 0, 9, 10, 10):
        now = NOON + timedelta(seconds=after)
        with sessions.write() as session:
            answers.append(claim_fetch(session, platform_id, now, now - PAUSE))
    assert answers == [True, False, False, True, False]


def test_trouble_leaves_the_keys_as_they_were(sessions: Sessions, platform_id: str) -> None:
    """And the next success ends it."""
    with sessions.write() as session:
        claim_fetch(session, platform_id, NOON, NOON - PAUSE)
        keep_key_set(session, platform_id, [{"kid": "k1"}], NOON)
        note_trouble(session, platform_id, "down" * 1000)
    with sessions.read() as session:
        row = key_set(session, platform_id)
        assert row is not None
        assert (row.keys, row.fetched) == ([{"kid": "k1"}], NOON)
        assert row.trouble is not None
        assert len(row.trouble) == 500
    with sessions.write() as session:
        keep_key_set(session, platform_id, [], NOON)
    with sessions.read() as session:
        row = key_set(session, platform_id)
        assert row is not None
        assert row.trouble is None
