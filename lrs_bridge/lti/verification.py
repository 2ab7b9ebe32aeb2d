"""What makes a token a launch: signature and claims, clause by clause.

LTI Security Framework 1.0, 5.1.3 "Authentication response validation", OpenID Connect Core 3.1.3.7, and LTI 1.3
Core 5.3 "Required message claims". Pure but for the key, which comes in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from lrs_bridge.domain.launch import CourseRole, MessageType
from lrs_bridge.lti import claims as c
from lrs_bridge.lti.refusals import LaunchRefused, Reason, short
from lrs_bridge.lti.roles import course_roles
from lrs_bridge.store.logins import digest
from lrs_bridge.store.platforms import Registration

LEEWAY_SECONDS = 60  # Moodle's tokens live for 60 seconds
FARTHEST_SECONDS = 86_400

_NOT_IN_A_URL = re.compile(r"[\x00-\x20\\]")
_DESIGNERS = {CourseRole.INSTRUCTOR, CourseRole.CONTENT_DEVELOPER, CourseRole.ADMINISTRATOR}


class _Registry(jws.JWSRegistry):
    """RS256 and nothing else (Security 5.1.3, step 6): neither `none`, nor HMAC with the public key as its secret."""

    max_header_length = 8_192
    max_payload_length = 512_000


_UNREADABLE = (JoseError, ValueError, TypeError, RecursionError)  # what a made-up header can lead the parser to
_REGISTRY = _Registry(algorithms=["RS256"], strict_check_header=False)


class IdToken:
    """What came as `id_token`, taken apart once. Nothing in it is trusted before `verified` answers."""

    def __init__(self, text: str) -> None:
        self.missing = not text
        self._signed, self._payload = _taken_apart(text)

    @property
    def named_deployment(self) -> str | None:
        """The deployment that the token names, if it can be read: where to look, not yet what holds."""
        named = self._payload.get(c.DEPLOYMENT_ID) if isinstance(self._payload, dict) else None
        return named if isinstance(named, str) and "\0" not in named else None

    @property
    def kid(self) -> str:
        """The `kid` of the header, which LTI requires (Security 5.1.2). Raises LaunchRefused."""
        header = self._signed.headers() if self._signed else None
        if not isinstance(header, dict):
            raise _malformed()
        if header.get("alg") != "RS256":
            raise LaunchRefused(Reason.ALGORITHM, f"The token is signed with {short(header.get('alg'))}, not RS256.")
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise LaunchRefused(Reason.KID_MISSING, "The token does not say with which key it is signed (no kid).")
        return kid

    def verified(self, key: RSAKey) -> dict[str, Any]:
        """The claims, once the signature holds (Security 5.1.3, step 1). Raises LaunchRefused."""
        if self._signed is None:
            raise _malformed()
        try:
            holds = jws.validate_compact(self._signed, key, registry=_REGISTRY)
        except _UNREADABLE as error:
            raise _malformed() from error
        if not holds:
            raise LaunchRefused(Reason.SIGNATURE, "The signature does not fit the LMS's key.")
        claims = self._payload
        if not isinstance(claims, dict) or b"\\u0000" in (self._signed.payload or b""):  # no database takes a zero
            raise _malformed()
        return claims


def _taken_apart(text: str) -> tuple[jws.CompactSignature | None, object]:
    """The parts of a signed token and what its payload says; None for what cannot be read."""
    try:
        signed = jws.extract_compact(text.encode(), registry=_REGISTRY)
    except _UNREADABLE:
        return None, None
    try:
        return signed, orjson.loads(signed.payload or b"")
    except _UNREADABLE:
        return signed, None


def _malformed() -> LaunchRefused:
    return LaunchRefused(Reason.TOKEN_MALFORMED, "What came as id_token is not a signed token that can be read.")


def check_claims(
    claims: Mapping[str, Any],
    *,
    platform: Registration,
    nonce_hash: str,
    base_url: str,
    now: datetime,
) -> None:
    """Raises LaunchRefused for the first clause that fails."""
    _issuer(claims, platform)
    _audience(claims, platform.client_id)
    _times(claims, now)
    _nonce(claims, nonce_hash)
    message_type = _message(claims)
    _texts(claims)
    _roles(claims)
    _target(claims, base_url)
    _BY_TYPE[message_type](claims)


def _issuer(claims: Mapping[str, Any], platform: Registration) -> None:
    """Security 5.1.3, step 2: compared to the letter."""
    if claims.get("iss") != platform.issuer:
        raise LaunchRefused(
            Reason.ISSUER, f"The token names {short(claims.get('iss'))} as its issuer, not {platform.issuer}."
        )


def _audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Steps 3 to 5: `aud` is a text or a list with our client id in it; `azp`, where there is one, is ours."""
    audience = claims.get("aud")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise LaunchRefused(Reason.AUDIENCE, f"The token is meant for {short(audience)}, not for {client_id}.")
    if "azp" in claims and claims["azp"] != client_id:
        raise LaunchRefused(
            Reason.AUTHORIZED_PARTY, f"The token was issued to {short(claims['azp'])}, not to {client_id}."
        )


def _times(claims: Mapping[str, Any], now: datetime) -> None:
    """Steps 7 and 8: `exp` and `iat` are required; a minute between two clocks is nothing, a day is a fault."""
    here = now.timestamp()
    exp, iat = (_seconds(claims, name) for name in ("exp", "iat"))
    for name, value in (("exp", exp), ("iat", iat)):
        if abs(value - here) > FARTHEST_SECONDS:
            raise LaunchRefused(Reason.CLOCK, f"The token's {name} is more than a day from our time.")
    if exp + LEEWAY_SECONDS <= here:
        raise LaunchRefused(Reason.EXPIRED, f"The token was good until {here - exp:.0f} seconds ago.")
    if iat - LEEWAY_SECONDS > here:
        raise LaunchRefused(Reason.CLOCK, f"The token was issued {iat - here:.0f} seconds from now.")
    if "nbf" in claims and _seconds(claims, "nbf") - LEEWAY_SECONDS > here:
        raise LaunchRefused(Reason.CLOCK, "The token is not good yet (nbf).")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise LaunchRefused(Reason.CLOCK, f"The token has no usable {name}.")
    return value


def _nonce(claims: Mapping[str, Any], nonce_hash: str) -> None:
    """Step 9: the nonce is the one this login was begun with; that it is used once is the login's affair."""
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or digest(nonce) != nonce_hash:
        raise LaunchRefused(Reason.NONCE, "The token's nonce is missing, or is not the one of this login.")


def _message(claims: Mapping[str, Any]) -> MessageType:
    """Core 5.3.1 and 5.3.2."""
    if claims.get(c.VERSION) != "1.3.0":
        raise LaunchRefused(Reason.VERSION, f"The message's LTI version is {short(claims.get(c.VERSION))}, not 1.3.0.")
    named = claims.get(c.MESSAGE_TYPE)
    if not isinstance(named, str) or named not in set(MessageType):
        raise LaunchRefused(Reason.MESSAGE_TYPE, f"The message type is {short(named)}, which this tool does not know.")
    return MessageType(named)


def _texts(claims: Mapping[str, Any]) -> None:
    """Core 5.3.3 and 5.3.6: deployment and user. An anonymous launch has no name, but it has a `sub`."""
    for name, reason in ((c.DEPLOYMENT_ID, Reason.DEPLOYMENT_MISSING), ("sub", Reason.SUB_MISSING)):
        value = claims.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > 255:
            raise LaunchRefused(reason, f"The token has no usable {name.rpartition('/')[2]} (1 to 255 characters).")


def _roles(claims: Mapping[str, Any]) -> None:
    """Core 5.3.7: the claim is required, its list may be empty."""
    if not isinstance(claims.get(c.ROLES), list):
        raise LaunchRefused(Reason.ROLES_MISSING, "The token has no list of roles.")


def _target(claims: Mapping[str, Any], base_url: str) -> None:
    """Core 5.3.4: the signed target rules, and it has to be a place of ours."""
    target = claims.get(c.TARGET_LINK_URI)
    if not isinstance(target, str) or not ours(target, base_url):
        raise LaunchRefused(Reason.TARGET, f"The launch is meant for {short(target)}, which is not under {base_url}.")


def ours(url: str, base_url: str) -> bool:
    """Whether a URL has the scheme, host and port of this tool, read as a browser reads them."""
    if _NOT_IN_A_URL.search(url):
        return False
    try:
        return _origin(url) == _our_origin(base_url)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL with a user name in it is nobody's target")
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


_our_origin = lru_cache(maxsize=8)(_origin)


def _resource_link(claims: Mapping[str, Any]) -> None:
    """Core 5.3.5."""
    link = c.text(c.group(claims, c.RESOURCE_LINK), "id", 256)
    if link is None or len(link) > 255:
        raise LaunchRefused(Reason.RESOURCE_LINK_MISSING, "The token has no resource link id (1 to 255 characters).")


def _deep_linking(claims: Mapping[str, Any]) -> None:
    """Deep Linking 2.0, "Deep linking settings"; choosing content takes somebody who makes the course."""
    if c.address(c.group(claims, c.DEEP_LINKING_SETTINGS), "deep_link_return_url") is None:
        raise LaunchRefused(Reason.CLAIM_MISSING, "The deep linking request has no deep_link_return_url.")
    if not course_roles(claims[c.ROLES]) & _DESIGNERS:
        raise LaunchRefused(Reason.NOT_ALLOWED, "The deep linking request comes without a teaching role.", status=403)


def _submission_review(claims: Mapping[str, Any]) -> None:
    """Submission Review 1.0, "For user claim": whose work is to be looked at."""
    if c.text(c.group(claims, c.FOR_USER), "user_id") is None:
        raise LaunchRefused(Reason.CLAIM_MISSING, "The submission review request does not say of whom (for_user).")


_BY_TYPE: Mapping[MessageType, Callable[[Mapping[str, Any]], None]] = {
    MessageType.RESOURCE_LINK: _resource_link,
    MessageType.DEEP_LINKING: _deep_linking,
    MessageType.SUBMISSION_REVIEW: _submission_review,
}
