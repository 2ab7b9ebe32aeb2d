"""The tool's door as tests see it: a database, a clock that stands still, and a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lrs_bridge.config import from_environment
from lrs_bridge.store import tenants
from lrs_bridge.store.keys import add_signing_key
from lrs_bridge.store.platforms import Platform, add_platform, platforms_of_issuer
from lrs_bridge.store.tables import METADATA
from lrs_bridge.web import create_app
from lrs_bridge.wiring import build
from tests.databases import empty
from tests.fakes.platform import FakePlatform, rsa_key

NOON = datetime(2026, 3, 26, 12, tzinfo=UTC)
BASE_URL = "https://tool.example"
TARGET = BASE_URL + "/lti/launch"


@dataclass
class Clock:
    """Stands still until it is set."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Tool:
    """The whole tool, reached through a Flask client per browser."""

    folder: Path
    http: requests.Session
    base_url: str = BASE_URL
    database_url: str | None = None
    clock: Clock = field(default_factory=Clock)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = from_environment(
            {
                "LRS_BRIDGE_DATA_DIR": str(self.folder),
                "LRS_BRIDGE_BASE_URL": self.base_url,
                "LRS_BRIDGE_SECRET_KEY": "a secret for tests",
                "LRS_BRIDGE_WRONG_PER_MINUTE": "1000000",  # the clock stands still, and much is tried in its minute
                **({"LRS_BRIDGE_DATABASE_URL": self.database_url} if self.database_url else {}),
                **self.environment,
            }
        )
        file = self.folder / "lrs_bridge.db"
        if not self.database_url and not file.exists():
            empty(file)
        bridge = self.bridge = build(self.settings, self.clock, self.http)
        if self.database_url:
            METADATA.create_all(bridge.engine)
        self.sessions = bridge.sessions
        with self.sessions.write() as session:
            self.tenant_id = tenants.ensure_tenant(session, tenants.MAIN, self.base_url, self.clock.now).id
        self.app = create_app(bridge)

    def with_key(self) -> Tool:
        """With a signing key of its own already, since making one takes a while."""
        key = rsa_key("tool")
        with self.sessions.write() as session:
            public = key.as_dict(private=False)
            add_signing_key(
                session, self.settings.secret_key, str(key.kid), public, key.as_pem(private=True), self.clock.now
            )
        return self

    def register(self, lms: FakePlatform, **changes: Any) -> Platform:
        given = {
            "tenant_id": self.tenant_id,
            "name": "The academy's LMS",
            "issuer": lms.issuer,
            "client_id": lms.client_id,
            "auth_url": lms.issuer + "/auth",
            "token_url": lms.issuer + "/token",
            "jwks_url": lms.issuer + "/jwks",
            "deployment_ids": [lms.deployment_id],
            "now": self.clock.now,
        }
        with self.sessions.write() as session:
            return add_platform(session, **(given | changes))

    def platform_id(self, session: Session, lms: FakePlatform) -> str:
        (platform,) = platforms_of_issuer(session, lms.issuer, lms.client_id)
        return platform.id

    def browser(self) -> Browser:
        return Browser(self)


class Browser:
    """Keeps cookies, as one person's browser does."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self.client = tool.app.test_client()
        self._origin = {"base_url": tool.base_url}

    def login(self, params: dict[str, str], method: str = "POST") -> TestResponse:
        if method == "GET":
            return self.client.get("/lti/login", query_string=params, **self._origin)
        return self.client.post("/lti/login", data=params, **self._origin)

    def answer(self, **form: str) -> TestResponse:
        return self.client.post("/lti/launch", data=form, **self._origin)

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where a redirect of the tool leads."""
        path = response.location.removeprefix(self.tool.base_url)
        return self.client.get(path, **self._origin)

    def launch(self, lms: FakePlatform, **changes: Any) -> TestResponse:
        """The whole way: login, the LMS's answer, launch. Keyword arguments change claims (`FakePlatform.claims`)."""
        begun = self.login(lms.login_params(self.tool.base_url + "/lti/launch"))
        assert begun.status_code == 302, begun.text
        claims = lms.claims(begun.location, self.tool.base_url + "/lti/launch", self.tool.clock.now, **changes)
        return self.answer(state=state_of(begun), id_token=lms.sign(claims))


def state_of(begun: TestResponse) -> str:
    return parse_qs(urlsplit(begun.location).query)["state"][0]
