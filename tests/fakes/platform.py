"""A fake LMS: signs launches and publishes its keys, on top of the services of `endpoints.FakeServices`.

It is a transport adapter of requests: mount it on a session, and everything sent to `issuer` ends here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fakes.endpoints import FakeServices, Reply, kind_of

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@cache
def rsa_key(name: str = "first") -> RSAKey:
    """One key per name and test run: making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": f"key-{name}"})


@dataclass
class FakePlatform(FakeServices):
    """An LMS with one course, one registration and one deployment."""

    client_id: str = "tool-1"
    deployment_id: str = "1"
    keys: list[RSAKey] = field(default_factory=lambda: [rsa_key()])

    # Launching

    def login_params(self, target: str, **changes: str) -> dict[str, str]:
        params = {
            "iss": self.issuer,
            "client_id": self.client_id,
            "login_hint": "petra",
            "lti_message_hint": "hint",
            "target_link_uri": target,
            "lti_deployment_id": self.deployment_id,
        }
        return params | changes

    def claims(self, redirect: str, target: str, now: datetime, **changes: Any) -> dict[str, Any]:
        """A learner's resource launch that answers the authentication request at `redirect`.

        Keyword arguments replace claims by their short names; `...` as a value leaves the claim out.
        """
        query = {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
        seconds = int(now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "petra",
            "iat": seconds,
            "exp": seconds + 60,
            "nonce": query["nonce"],
            "name": "Petra Participant",
            "given_name": "Petra",
            "family_name": "Participant",
            "email": "petra@example.com",
            LTI + "message_type": "LtiResourceLinkRequest",
            LTI + "version": "1.3.0",
            LTI + "deployment_id": self.deployment_id,
            LTI + "target_link_uri": target,
            LTI + "resource_link": {"id": "link-1", "title": "Field coaching"},
            LTI + "roles": [CONTEXT_ROLE + "Learner"],
            LTI + "context": {"id": "course-1", "title": "Sales academy"},
        }
        for name, value in changes.items():
            full = name if name in claims or name in {"azp", "nbf", "locale"} else name_of(name)
            if value is ...:
                claims.pop(full, None)
            else:
                claims[full] = value
        return claims

    def sign(self, claims: Mapping[str, Any], key: RSAKey | None = None, **header: Any) -> str:
        key = key or self.keys[0]
        head = {"alg": "RS256", "kid": key.kid} | header
        return jwt.encode({name: value for name, value in head.items() if value is not None}, dict(claims), key)

    def serve(self, request: requests.PreparedRequest) -> Reply:
        if kind_of(request) == "keys":
            return (200, {}, {"keys": [key.as_dict(private=False) for key in self.keys]})
        return super().serve(request)


def name_of(short: str) -> str:
    """The full name of a claim of LTI Core, Deep Linking or AGS."""
    others = {
        "deep_linking_settings": "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
        "endpoint": "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
        "namesroleservice": "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
    }
    return others.get(short, LTI + short)
