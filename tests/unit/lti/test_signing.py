"""Our own keys: one signs, all are published, and running processes follow a rotation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.keys import retire_signing_key
from lrs_bridge.store.sealed import SealBrokenError
from tests.fakes.launching import NOON

DAY = timedelta(days=1)


def signed_by(keys: SigningKeys, now: datetime = NOON) -> str:
    """The kid of a fresh signature, which the published set verifies."""
    token = keys.sign({"iss": "tool-1"}, now)
    published = KeySet.import_key_set(keys.published(NOON))  # type: ignore[arg-type]
    return str(jwt.decode(token, published, algorithms=["RS256"]).header["kid"])


def test_a_key_is_rotated_with_both_published_meanwhile(sessions: Sessions) -> None:
    """A process that has signed before goes over to the new key at its hour, without a restart."""
    running, command = SigningKeys(sessions, "secret"), SigningKeys(sessions, "secret")
    old = signed_by(running)
    new = command.rotate(NOON, NOON + DAY).kid
    assert {key["kid"] for key in running.published(NOON)["keys"]} == {old, new}
    assert signed_by(running, NOON + DAY - timedelta(seconds=1)) == old
    assert signed_by(running, NOON + DAY) == new
    with sessions.write() as session:
        retire_signing_key(session, old, NOON + DAY)
    assert [key["kid"] for key in running.published(NOON)["keys"]] == [new]
    assert signed_by(running, NOON + DAY) == new


def test_a_clock_that_was_set_back_leaves_a_key_to_sign_with(sessions: Sessions) -> None:
    """The oldest one."""
    keys = SigningKeys(sessions, "secret")
    old = signed_by(keys)
    keys.rotate(NOON, NOON + DAY)
    assert signed_by(keys, NOON - DAY) == old


def test_only_public_halves_are_published(sessions: Sessions) -> None:
    """With what an LMS needs to know of them."""
    (key,) = SigningKeys(sessions, "secret").published(NOON)["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}


def test_another_secret_opens_no_key(sessions: Sessions) -> None:
    """And it is said which setting to mend."""
    SigningKeys(sessions, "secret").published(NOON)
    with pytest.raises(SealBrokenError, match="LRS_BRIDGE_SECRET_KEY"):
        SigningKeys(sessions, "another").sign({}, NOON)


def test_a_private_key_is_parsed_once_and_signs_often(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing a PEM takes longer than a launch."""
    keys, parsed, parse = SigningKeys(sessions, "secret"), [], RSAKey.import_key

    def counted(*args: Any, **kwargs: Any) -> RSAKey:
        parsed.append(1)
        return parse(*args, **kwargs)

    monkeypatch.setattr("lrs_bridge.lti.signing.RSAKey.import_key", counted)
    for _ in range(5):
        keys.sign({"iss": "tool-1"}, NOON)
    assert len(parsed) == 1
