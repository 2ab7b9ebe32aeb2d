"""Our own signing keys: made on first use, published at `/lti/jwks.json`, read from their PEM once per process.

A key that is to take over is published before it signs (LTI Security Framework 1.0, 6.3: keys are changed by showing
the next one in the set), and the one before it until it is retired.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.keys import SigningKey, add_signing_key, private_pem, signer, signing_keys

_BITS = 2048


class SigningKeys:
    """Signs what we send to LMSs. Parsing a PEM costs about 50 ms, so the parsed key is kept."""

    def __init__(self, sessions: Sessions, secret_key: str) -> None:
        self._sessions = sessions
        self._secret_key = secret_key
        self._lock = threading.Lock()
        self._parsed: dict[str, RSAKey] = {}

    def published(self, now: datetime) -> dict[str, Any]:
        """The public keys as a JWK set (RFC 7517, 5), with one made if there is none yet."""
        with self._sessions.read() as session:
            keys = [key.public for key in signing_keys(session)]
        if not keys:
            self._make(now)
            return self.published(now)
        return {"keys": keys}

    def sign(self, claims: dict[str, Any], now: datetime) -> str:
        """A JWT signed with RS256 by our key. Raises SealBrokenError where the secret key was changed."""
        key = self._key(now)
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])

    def rotate(self, now: datetime, signs_from: datetime) -> SigningKey:
        """Make the key that signs from then on, and publish it at once. The first key of all signs from now on."""
        kid, public, pem = _made()
        with self._sessions.write() as session:
            signs_from = signs_from if signing_keys(session) else now
            return add_signing_key(session, self._secret_key, kid, public, pem, now, signs_from)

    def _key(self, now: datetime) -> RSAKey:
        """The row is looked up each time: another process may have made or retired keys."""
        self.published(now)
        with self._sessions.read() as session:
            row = signer(signing_keys(session), now)
        with self._lock:
            if row.kid not in self._parsed:
                self._parsed = {row.kid: RSAKey.import_key(private_pem(row, self._secret_key), {"kid": row.kid})}
            return self._parsed[row.kid]

    def _make(self, now: datetime) -> None:
        """Made outside the transaction, since it takes a while; another process may have been first."""
        kid, public, pem = _made()
        with self._sessions.write() as session:
            if not signing_keys(session):
                add_signing_key(session, self._secret_key, kid, public, pem, now)


def _made() -> tuple[str, dict[str, Any], bytes]:
    key = RSAKey.generate_key(_BITS, auto_kid=True)
    return str(key.kid), {**key.as_dict(private=False), "alg": "RS256", "use": "sig"}, key.as_pem(private=True)
