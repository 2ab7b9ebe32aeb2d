"""The demo LMS registers tools: LTI Dynamic Registration 1.0, for the first time and again."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from lrs_bridge.demo.platform.course import Course, Tool
from lrs_bridge.demo.platform.keeping import Keeping
from lrs_bridge.demo.platform.tokens import SCOPES, Clock

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
PASS_LIFE = timedelta(hours=1)
_NEEDED = ("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", TOOL_CONFIGURATION)
_CLAIMS = ["sub", "iss", "name", "given_name", "family_name", "email"]


class RegistrationRefused(Exception):
    """`status` is the HTTP status; the text is what the tool gets to read, as Moodle's is."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Registrar:
    """Knows the tools that registered, beside the one that the course has from the beginning."""

    def __init__(self, course: Course, keeping: Keeping, clock: Clock) -> None:
        self._course = course
        self._keeping = keeping
        self._clock = clock
        self._lock = threading.Lock()
        self._passes: dict[str, tuple[str, datetime]] = {}

    def tools(self) -> list[Tool]:
        """Those that registered, oldest first."""
        return [_tool(client_id, told) for client_id, told in self._keeping.tools()]

    def tool_of(self, client_id: str) -> Tool | None:
        known = (self._course.tool, *self.tools())
        return next((tool for tool in known if tool.client_id == client_id), None)

    def course_of(self, client_id: str) -> Course | None:
        """The course as it is with this tool in it; each registered one has a deployment and a link of its own."""
        if client_id == self._course.tool.client_id:
            return self._course
        for number, tool in enumerate(self.tools(), 2):
            if tool.client_id == client_id:
                return replace(self._course, tool=tool, deployment_id=str(number), link_id=f"link-{client_id}")
        return None

    def opening(self, url: str, client_id: str | None = None) -> str:
        """The tool's registration page with what it needs; `client_id` where a known tool shall register again."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._passes[token] = (client_id or secrets.token_hex(8), self._clock() + PASS_LIFE)
        query = urlencode({"openid_configuration": self.configuration_url, "registration_token": token})
        return f"{url}{'&' if urlsplit(url).query else '?'}{query}"

    @property
    def configuration_url(self) -> str:
        return f"{self._course.url}/lti/openid-configuration"

    def configuration(self) -> dict[str, Any]:
        course = self._course
        return {
            "issuer": course.url,
            "authorization_endpoint": course.auth_url,
            "token_endpoint": course.token_url,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": course.jwks_url,
            "registration_endpoint": f"{course.url}/lti/registrations",
            "scopes_supported": ["openid", *sorted(SCOPES)],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": _CLAIMS,
            PLATFORM_CONFIGURATION: {
                "product_family_code": "larkfield",
                "version": "demo",
                "messages_supported": [{"type": "LtiResourceLinkRequest"}],
                "variables": [],
            },
        }

    def register(self, authorization: str | None, told: Any) -> dict[str, Any]:
        """Answer a tool's registration. Raises RegistrationRefused; a pass is spent by a registration that is taken."""
        token = (authorization or "").removeprefix("Bearer ")
        with self._lock:
            client_id, until = self._passes.get(token, ("", self._clock()))
            if not client_id or until <= self._clock():
                raise RegistrationRefused(401, "the registration token is unknown, used or too old")
            _check(told)
            del self._passes[token]
        self._keeping.put_tool(client_id, json.dumps(told))
        course = self.course_of(client_id)
        assert course is not None, "it was just kept"
        tool = {**told[TOOL_CONFIGURATION], "deployment_id": course.deployment_id}
        granted = sorted(SCOPES & set(str(told.get("scope", "")).split()))
        return {**told, "client_id": client_id, "scope": " ".join(granted), TOOL_CONFIGURATION: tool}


def _check(told: Any) -> None:
    if not isinstance(told, dict):
        raise RegistrationRefused(400, "the registration is not a JSON object")
    missing = [name for name in _NEEDED if not told.get(name)]
    if missing:
        raise RegistrationRefused(400, f"missing required attribute {missing[0]}")
    if told.get("token_endpoint_auth_method") != "private_key_jwt":
        raise RegistrationRefused(400, "invalid_token_endpoint_auth_method")
    if "id_token" not in told["response_types"] or not isinstance(told["redirect_uris"], list):
        raise RegistrationRefused(400, "invalid_response_types or invalid_redirect_uris")
    if not isinstance(told[TOOL_CONFIGURATION], dict) or not told[TOOL_CONFIGURATION].get("target_link_uri"):
        raise RegistrationRefused(400, "missing required attribute target_link_uri")


def _tool(client_id: str, kept: str) -> Tool:
    told: Mapping[str, Any] = json.loads(kept)
    return Tool(
        client_id=client_id,
        login_url=told["initiate_login_uri"],
        target_link_uri=told[TOOL_CONFIGURATION]["target_link_uri"],
        redirect_uris=tuple(told["redirect_uris"]),
        jwks_url=told["jwks_uri"],
        custom=dict(told[TOOL_CONFIGURATION].get("custom_parameters") or {}),
        name=told["client_name"],
    )
