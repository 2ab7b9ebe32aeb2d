"""Public keys of platforms: cached in the database for all processes, in memory for this one.

An unknown `kid` is the sign that an LMS has changed its keys (LTI Security Framework 1.0, 6.3; D2L rotates hourly),
so the set is fetched again then, though not more often than every ten seconds per registration: anybody can send an
unknown kid. Keys that are cached go on working while the LMS's key set is down.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from lrs_bridge.lti.exchange import NotReachedError, ask
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.keys import claim_fetch, keep_key_set, key_set, note_trouble
from lrs_bridge.store.platforms import Registration

AGAIN_FOR_UNKNOWN_KID = timedelta(seconds=10)
AGAIN_WHEN_STALE = timedelta(minutes=5)
STALE = timedelta(hours=1)
SMALLEST_RSA_BITS = 2048


class UnknownKeyError(Exception):
    """The LMS does not publish a key of this id."""


class KeysUnavailableError(Exception):
    """The LMS's keys cannot be had. `timed_out` tells 504 from 502."""

    def __init__(self, reason: str, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timed_out = timed_out


@dataclass(frozen=True)
class _Held:
    url: str
    fetched: datetime | None
    keys: dict[str, RSAKey]
    trouble: str | None = None
    timed_out: bool = False

    def fresh(self, now: datetime) -> bool:
        return self.fetched is not None and now - self.fetched < STALE


class KeySets:
    """Finds a platform's key by its id. Safe to share between threads; one thread fetches, the others wait."""

    def __init__(self, sessions: Sessions, http: requests.Session) -> None:
        self._sessions = sessions
        self._http = http
        self._held: dict[str, _Held] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def find(self, platform: Registration, kid: str, now: datetime) -> RSAKey:
        """The key with this id. Raises UnknownKeyError, KeysUnavailableError. Not to be called in a transaction."""
        held = self._held.get(platform.id)
        if held is None or held.url != platform.jwks_url or kid not in held.keys or not held.fresh(now):
            with self._lock(platform.id):
                held = self._renewed(platform, kid, now)
        if kid in held.keys:
            return held.keys[kid]
        if held.trouble is not None:
            raise KeysUnavailableError(held.trouble, held.timed_out)
        raise UnknownKeyError(kid)

    def _lock(self, platform_id: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(platform_id, threading.Lock())

    def _renewed(self, platform: Registration, kid: str, now: datetime) -> _Held:
        """What the database holds, fetched again where the kid is unknown or the set is old."""
        held = self._load(platform)
        if kid not in held.keys or not held.fresh(now):
            pause = AGAIN_WHEN_STALE if kid in held.keys else AGAIN_FOR_UNKNOWN_KID
            with self._sessions.write() as session:
                ours = claim_fetch(session, platform.id, now, now - pause)
            held = self._fetched(platform, held, now) if ours else self._load(platform)
        self._held[platform.id] = held
        return held

    def _load(self, platform: Registration) -> _Held:
        with self._sessions.read() as session:
            row = key_set(session, platform.id)
        if row is None:
            return _Held(platform.jwks_url, None, {})
        trouble = row.trouble
        if row.fetched is None and trouble is None:
            trouble = f"The keys of {platform.jwks_url} are being fetched at this moment."
        return _Held(platform.jwks_url, row.fetched, usable_keys(row.keys), trouble)

    def _fetched(self, platform: Registration, held: _Held, now: datetime) -> _Held:
        try:
            published = _published(self._http, platform.jwks_url)
        except NotReachedError as error:
            with self._sessions.write() as session:
                note_trouble(session, platform.id, error.reason)
            return _Held(held.url, held.fetched, held.keys, error.reason, error.timed_out)
        keys = usable_keys(published)
        with self._sessions.write() as session:
            keep_key_set(session, platform.id, [key.as_dict(private=False) for key in keys.values()], now)
        return _Held(platform.jwks_url, now, keys)


def _published(http: requests.Session, url: str) -> list[Any]:
    """The `keys` of a JWK set (RFC 7517, 5). Raises NotReachedError for everything that is not one."""
    answer = ask(http, "GET", url, headers={"Accept": "application/json, application/jwk-set+json"})
    if not answer.ok:
        raise NotReachedError(f"{url} answers {answer.status} instead of a key set.")
    try:
        found = answer.json()["keys"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotReachedError(f"{url} does not answer with a key set.") from error
    if not isinstance(found, list):
        raise NotReachedError(f"{url} does not answer with a key set.")
    return found


def usable_keys(published: list[Any]) -> dict[str, RSAKey]:
    """RSA keys for RS256 signatures, by kid. `alg` and `use` may be missing (D2L); what we cannot use is left out.

    RFC 7518, 3.3 asks for 2048 bits at least.
    """
    keys: dict[str, RSAKey] = {}
    for data in published:
        key = _usable(data)
        if key is not None:
            keys.setdefault(str(data["kid"]), key)
    return keys


def _usable(data: Any) -> RSAKey | None:
    if not isinstance(data, dict) or data.get("kty") != "RSA" or not isinstance(data.get("kid"), str):
        return None
    if data.get("use", "sig") != "sig" or data.get("alg", "RS256") != "RS256":
        return None
    try:
        key = RSAKey.import_key({name: data[name] for name in ("kty", "kid", "n", "e")})
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return key if key.raw_value.key_size >= SMALLEST_RSA_BITS else None
