"""A fake LMS that registers tools: its configuration, the registration it is sent, and what it answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import requests
from werkzeug.test import TestResponse

from lrs_bridge.store.platforms import Platform, all_platforms
from tests.fakes.launching import Tool
from tests.fakes.platform import FakePlatform, Reply

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@dataclass(eq=False)
class RegisteringPlatform(FakePlatform):
    """`changes` replace parts of the configuration, `answer` parts of the response; None leaves a part out."""

    changes: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    registered: list[dict[str, Any]] = field(default_factory=list)

    @property
    def configuration_url(self) -> str:
        return f"{self.issuer}/configuration"

    def configuration(self) -> dict[str, Any]:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "registration_endpoint": f"{self.issuer}/registrations",
            PLATFORM: {
                "product_family_code": "moodle",
                "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
            },
        }
        return without_none(said | self.changes)

    def opening(self, **changes: str) -> dict[str, str]:
        """The query with which the LMS opens our page."""
        return {"openid_configuration": self.configuration_url, "registration_token": "once"} | changes

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.answers.setdefault("/configuration", lambda _: (200, {}, self.configuration()))
        for path in ("/registrations", "/api/lti/registrations"):
            self.answers.setdefault(path, self._register)
        return super().send(request, *args, **kwargs)

    def _register(self, request: requests.PreparedRequest) -> Reply:
        asked = json.loads(request.body or b"{}")
        self.registered.append(asked)
        tool = asked[TOOL] | {"deployment_id": self.deployment_id}
        return (201, {}, without_none(asked | {"client_id": self.client_id, TOOL: tool} | self.answer))


def without_none(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def with_setting(tmp_path: Path, lms: RegisteringPlatform, word: str) -> Tool:
    return Tool(tmp_path, lms.http(), environment={"LRS_BRIDGE_REGISTRATION": word})


def opened(tool: Tool, lms: RegisteringPlatform, path: str = "/lti/register", **changes: str) -> TestResponse:
    client = tool.app.test_client()
    return client.get(path, query_string=lms.opening(**changes), base_url=tool.base_url)


def known(tool: Tool) -> list[Platform]:
    with tool.sessions.read() as session:
        return all_platforms(session)


def text(answer: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
