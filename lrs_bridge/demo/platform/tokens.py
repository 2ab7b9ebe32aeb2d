"""The demo LMS's keys and tokens: signed launches out, access tokens for a tool that proves who it is.

OpenID Connect with the LTI 1.3 security framework: id_tokens are RS256 and short-lived; the tool asks for access with a
client assertion signed by its own key (IMS Security Framework 1.0, 4.1).
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from lrs_bridge.demo.platform.course import Course, Tool

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPE_LINE_ITEM = AGS + "lineitem"
SCOPE_LINE_ITEM_READ = AGS + "lineitem.readonly"
SCOPE_RESULT = AGS + "result.readonly"
SCOPE_SCORE = AGS + "score"
SCOPE_ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = frozenset({SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE, SCOPE_ROSTER})
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LAUNCH_LIFE = timedelta(seconds=60)  # Moodle's
ACCESS_LIFE = timedelta(hours=1)
LEEWAY_SECONDS = 60
KEYS_TIMEOUT_SECONDS = 10

Clock = Callable[[], datetime]
FetchKeys = Callable[[str], Mapping[str, Any]]


class TokenRefused(Exception):
    """`error` is OAuth's word for it (RFC 6749, 5.2), the text says what was wrong."""

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason


def fetch_keys(url: str) -> Mapping[str, Any]:
    """The tool's public key set, asked for during its first token request as Moodle does."""
    response = requests.get(url, timeout=KEYS_TIMEOUT_SECONDS)
    response.raise_for_status()
    found: Mapping[str, Any] = response.json()
    return found


class Issuer:
    """Signs launches and hands out access tokens, which live in memory only."""

    def __init__(
        self,
        course: Course,
        key: RSAKey,
        clock: Clock,
        fetch: FetchKeys = fetch_keys,
        tool_of: Callable[[str], Tool | None] | None = None,
    ) -> None:
        self._course = course
        self._tool_of = tool_of or {course.tool.client_id: course.tool}.get
        self._key = key
        self._hourly: dict[int, RSAKey] = {}
        self._clock = clock
        self._fetch = fetch
        self._lock = threading.Lock()
        self._granted: dict[str, tuple[frozenset[str], datetime]] = {}
        self._assertions: dict[str, datetime] = {}

    def key_set(self) -> dict[str, Any]:
        """Where keys change every hour, those of this hour and the one before, and without `alg`."""
        signer = self._signer()
        if not self._course.lms.rotates_hourly:
            return {"keys": [{**signer.as_dict(private=False), "kid": signer.kid, "alg": "RS256", "use": "sig"}]}
        keys = list(self._hourly.values())
        return {"keys": [{**key.as_dict(private=False), "kid": key.kid, "use": "sig"} for key in keys]}

    def _signer(self) -> RSAKey:
        if not self._course.lms.rotates_hourly:
            return self._key
        hour = int(self._clock().timestamp()) // 3600
        with self._lock:
            if hour not in self._hourly:
                before = {known: key for known, key in self._hourly.items() if known == hour - 1}
                self._hourly = before | {hour: RSAKey.generate_key(2048, auto_kid=True)}
            return self._hourly[hour]

    def sign(self, claims: Mapping[str, Any], client_id: str) -> str:
        """An id_token of these claims for this tool, issued now."""
        now = self._clock()
        stamped = {
            **claims,
            "iss": self._course.url,
            "aud": client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LAUNCH_LIFE).timestamp()),
        }
        key = self._signer()
        return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, stamped, key, algorithms=["RS256"])

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a client-credentials request. Raises TokenRefused."""
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
        self._prove(form.get("client_assertion", ""))
        scopes = SCOPES & frozenset(form.get("scope", "").split())
        if not scopes:
            raise TokenRefused("invalid_scope", "none of the scopes asked for is offered here")
        token = secrets.token_hex(16)
        with self._lock:
            self._granted[token] = (scopes, self._clock() + ACCESS_LIFE)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "scope": " ".join(sorted(scopes)),
        }

    def scopes_of(self, authorization: str | None) -> frozenset[str]:
        """What the bearer of this header may do; empty for a missing, unknown or expired token."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer":
            return frozenset()
        with self._lock:
            scopes, until = self._granted.get(token, (frozenset(), self._clock()))
        return scopes if self._clock() < until else frozenset()

    def _prove(self, assertion: str) -> None:
        tool = self._tool_of(_claimed(assertion))
        if tool is None:
            raise TokenRefused("invalid_client", "iss and sub of the assertion must be the client id")
        try:
            keys = KeySet.import_key_set(dict(self._fetch(tool.jwks_url)))  # type: ignore[arg-type]
            token = jwt.decode(assertion, keys, algorithms=["RS256"])
        except requests.RequestException as error:
            raise TokenRefused("invalid_client", f"the tool's key set cannot be had: {error}") from error
        except (JoseError, ValueError) as error:
            raise TokenRefused("invalid_client", f"the assertion's signature does not verify: {error}") from error
        if "kid" not in token.header:
            raise TokenRefused("invalid_client", "the assertion has no kid")
        self._check(token.claims, tool.client_id)

    def _check(self, claims: Mapping[str, Any], client_id: str) -> None:
        if claims.get("iss") != client_id or claims.get("sub") != client_id:
            raise TokenRefused("invalid_client", "iss and sub of the assertion must be the client id")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self._course.audience not in audiences:
            raise TokenRefused("invalid_client", f"aud of the assertion must be {self._course.audience}")
        now = self._clock().timestamp()
        if not isinstance(claims.get("exp"), int | float) or claims["exp"] < now - LEEWAY_SECONDS:
            raise TokenRefused("invalid_client", "the assertion has expired")
        self._once(str(claims.get("jti") or ""))

    def _once(self, assertion_id: str) -> None:
        if not assertion_id:
            raise TokenRefused("invalid_client", "the assertion has no jti")
        now = self._clock()
        with self._lock:
            self._assertions = {known: until for known, until in self._assertions.items() if until > now}
            if assertion_id in self._assertions:
                raise TokenRefused("invalid_client", "the assertion was used before")
            self._assertions[assertion_id] = now + ACCESS_LIFE


def _claimed(assertion: str) -> str:
    """Whose assertion it claims to be, to find the keys that prove it."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["iss"])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise TokenRefused("invalid_client", "the assertion is not a signed token") from error
