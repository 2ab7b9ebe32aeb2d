"""Access tokens for an LMS's services: client credentials with a signed assertion.

LTI Security Framework 1.0, 4.1 "Using JSON Web Tokens with OAuth 2.0 Client-Credentials Grant", RFC 7523.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import requests

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.lti.answers import may_pass
from lrs_bridge.lti.exchange import Answer, NotReachedError, ask
from lrs_bridge.lti.refusals import short
from lrs_bridge.lti.retry_after import seconds_to_wait
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.store.platforms import Registration

ASSERTION_LIVES = timedelta(minutes=5)
SPARE = timedelta(seconds=60)
AFTER_REFUSAL_SECONDS = 300.0
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class _Token:
    value: str
    good_until: datetime


_Key = tuple[str, frozenset[str]]
"""Our id of the registration, and the scopes."""


class Tokens:
    """Bearer tokens, kept per registration and set of scopes until a minute before they run out.

    The registration is our id, not the issuer: two client ids of one issuer have different tokens. Safe to share
    between threads, of which one asks and the others wait for the answer; Moodle fetches our key set during the token
    request, so the tool has to be served with threads.
    """

    def __init__(self, http: requests.Session, keys: SigningKeys) -> None:
        self._http = http
        self._keys = keys
        self._kept: dict[_Key, _Token] = {}
        self._asked: dict[_Key, Future[_Token]] = {}
        self._lock = threading.Lock()

    def bearer(self, platform: Registration, scopes: Iterable[str], now: datetime) -> str:
        """A token for these scopes. Raises Unavailable: without a token nothing is wrong with what was to be sent."""
        key = (platform.id, frozenset(scopes))
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now < kept.good_until:
                return kept.value
            first = key not in self._asked
            answer = self._asked.setdefault(key, Future())
        if first:
            self._fill(answer, platform, key, now)
        return answer.result().value

    def _fill(self, answer: Future[_Token], platform: Registration, key: _Key, now: datetime) -> None:
        """Ask for a token; whoever waits for it gets it, or what went wrong."""
        try:
            fresh = self._ask(platform, key[1], now)
        except BaseException as problem:
            with self._lock:
                del self._asked[key]
            answer.set_exception(problem)
            return
        with self._lock:
            self._kept[key] = fresh
            del self._asked[key]
        answer.set_result(fresh)

    def forget(self, platform: Registration, scopes: Iterable[str], value: str) -> None:
        """The LMS did not take this token: ask for another next time, unless another thread has one already."""
        key = (platform.id, frozenset(scopes))
        with self._lock:
            if key in self._kept and self._kept[key].value == value:
                del self._kept[key]

    def _ask(self, platform: Registration, scopes: frozenset[str], now: datetime) -> _Token:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertion(platform, now),
            "scope": " ".join(sorted(scopes)),
        }
        try:
            answer = ask(self._http, "POST", platform.token_url, headers={"Accept": "application/json"}, data=form)
        except NotReachedError as error:
            raise Unavailable(f"No access token: {error.reason}") from error
        return _read(answer, platform, now)

    def _assertion(self, platform: Registration, now: datetime) -> str:
        """Security 4.1.1. The audience is the registration's own where the LMS wants another than its token URL."""
        issued = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.audience or platform.token_url,
            "iat": issued,
            "exp": issued + int(ASSERTION_LIVES.total_seconds()),
            "jti": str(uuid4()),
        }
        return self._keys.sign(claims, now)


def _read(answer: Answer, platform: Registration, now: datetime) -> _Token:
    """Security 4.1.2 and RFC 6749, 5. A refusal here is the registration's fault, so it is worth another try later."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    if answer.ok and isinstance(said, dict) and isinstance(said.get("access_token"), str):
        return _Token(said["access_token"], now + max(_lifetime(said) - SPARE, timedelta(0)))
    if answer.ok:
        raise Unavailable(f"{platform.token_url} answers without an access token.", AFTER_REFUSAL_SECONDS)
    words = _error_words(said, answer)
    wait = seconds_to_wait(answer.headers, now)
    if wait is None and not may_pass(answer):
        wait = AFTER_REFUSAL_SECONDS
    raise Unavailable(f"No access token: {platform.token_url} answers {answer.status} ({words}).", wait)


def _lifetime(said: dict[str, Any]) -> timedelta:
    try:
        return timedelta(seconds=min(max(float(said.get("expires_in", 3600)), 0.0), 86_400.0))
    except (TypeError, ValueError):
        return timedelta(hours=1)


def _error_words(said: Any, answer: Answer) -> str:
    if isinstance(said, dict) and said.get("error"):
        return short(" ".join(str(said[part]) for part in ("error", "error_description") if said.get(part)), 200)
    return short(answer.body[:1000].decode(errors="replace"), 200) or "no words"
