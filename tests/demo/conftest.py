"""The demo's LMS with a clock that is set by hand, and a tool that can prove itself to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from lrs_bridge.demo import campus
from lrs_bridge.demo.cohort import cast
from lrs_bridge.demo.lms import create_lms
from lrs_bridge.demo.platform.course import Course
from lrs_bridge.demo.platform.keeping import Keeping
from lrs_bridge.demo.platform.tokens import ASSERTION_TYPE, SCOPES

TOOL = "http://localhost:8000"
LMS = "http://localhost:8001"


@cache
def tool_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name})


@dataclass
class Lms:
    """`now` is the LMS's clock; `asked_keys` the addresses at which it asked for the tool's keys."""

    client: FlaskClient
    course: Course
    keeping: Keeping
    now: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    asked_keys: list[str] = field(default_factory=list)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def fetch(self, url: str) -> dict[str, Any]:
        self.asked_keys.append(url)
        return {"keys": [{**tool_key("first").as_dict(private=False), "kid": "first", "use": "sig"}]}

    def assertion(self, key: str = "first", header: dict[str, Any] | None = None, **changes: Any) -> str:
        claims = {
            "iss": self.course.tool.client_id,
            "sub": self.course.tool.client_id,
            "aud": self.course.token_url,
            "iat": int(self.now.timestamp()),
            "exp": int(self.now.timestamp()) + 300,
            "jti": str(uuid4()),
            **changes,
        }
        return jwt.encode(header or {"alg": "RS256", "kid": "first"}, claims, tool_key(key))

    def ask_token(self, assertion: str | None = None, **changes: str) -> Any:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            "scope": " ".join(SCOPES),
            **changes,
        }
        return self.client.post("/lti/token", data=form)

    def bearer(self, *scopes: str) -> dict[str, str]:
        answer = self.ask_token(scope=" ".join(scopes or SCOPES))
        return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


@pytest.fixture
def lms(tmp_path):
    course = campus.course(cast(), TOOL, LMS)
    keeping = Keeping(tmp_path / "lms.db")
    made = Lms(client=None, course=course, keeping=keeping)  # type: ignore[arg-type]
    made.client = create_lms(course, keeping, clock=lambda: made.now, fetch=made.fetch).test_client()
    yield made
    keeping.close()
