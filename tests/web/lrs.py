"""An installation's `/xapi` without the rest of it, and clients that speak to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lrs_bridge.config import Settings
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.lrs_keys import add_key
from lrs_bridge.store.tenants import ensure_tenant
from lrs_bridge.web.lrs_api import lrs_api
from tests.fakes.clock import FakeClock

STATEMENTS = "/xapi/statements"
SECRET = "the secret of the installation"


@dataclass(frozen=True)
class Bridge:
    """As much of the bridge as the record store's pages need."""

    sessions: Sessions
    settings: Settings
    clock: Callable[[], datetime]


@dataclass
class Client:
    """Speaks as one key, in one version."""

    http: FlaskClient
    credentials: tuple[str, str] | None
    version: str | None = "1.0.3"

    def send(self, method: str, path: str = STATEMENTS, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if self.version:
            headers["X-Experience-API-Version"] = self.version
        return self.http.open(path, method=method, auth=self.credentials, headers=headers, **more)

    def get(self, **parameters: str) -> TestResponse:
        return self.send("GET", query_string=parameters)

    def post(self, *statements: dict[str, Any]) -> TestResponse:
        return self.send("POST", json=list(statements))

    def ids(self, **parameters: str) -> list[str]:
        answer = self.get(**{"ascending": "true", **parameters})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.get_json()["statements"]]


class Lrs:
    """One installation's `/xapi`, with as many keys as a test needs."""

    def __init__(self, sessions: Sessions, folder: Path, megabytes: int = 64) -> None:
        settings = Settings(folder, "", "https://tool.example.org", SECRET, lrs_megabytes=megabytes)
        self.clock = FakeClock()
        self.sessions = sessions
        app = Flask("test")
        app.register_blueprint(lrs_api(Bridge(sessions, settings, self.clock)))
        self.http = app.test_client()
        with sessions.write() as session:
            self.tenant = ensure_tenant(session, "main", "https://tool.example.org", self.clock()).id

    def client(self, *scopes: str, tenant: str | None = None, version: str = "1.0.3") -> Client:
        with self.sessions.write() as session:
            key, secret = add_key(session, tenant or self.tenant, "a client", scopes, SECRET, self.clock())
        return Client(self.http, (key.key, secret), version)
