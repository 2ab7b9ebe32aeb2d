"""A recorded Moodle registers itself: our requests are as complete as the recorded tool's, and its answer is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from lrs_bridge.lti.registration import TOOL_CONFIGURATION
from lrs_bridge.store.platforms import all_platforms, deployments_of
from tests.conformance.test_moodle import MOODLE, TOOL, golden
from tests.fakes.endpoints import reply_to
from tests.fakes.launching import Tool

CONFIGURATION: dict[str, Any] = golden("openid-configuration")
EXCHANGE: dict[str, Any] = golden("dynreg-request-response")
OPENED: dict[str, Any] = golden("dynreg-init")
CONFIGURATION_URL = f"{MOODLE}/mod/lti/openid-configuration.php"


class RecordedMoodle(BaseAdapter):
    """Answers with what was recorded, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if (request.method, request.url) == ("GET", CONFIGURATION_URL):
            return reply_to(request, (200, {"Content-Type": "application/json"}, CONFIGURATION))
        assert (request.method, request.url) == ("POST", CONFIGURATION["registration_endpoint"])
        self.posted.append(request)
        return reply_to(request, (EXCHANGE["status"], EXCHANGE["headers"], EXCHANGE["response"]))

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def moodle() -> RecordedMoodle:
    return RecordedMoodle()


@pytest.fixture
def tool(tmp_path: Path, moodle: RecordedMoodle) -> Tool:
    http = requests.Session()
    http.mount(MOODLE, moodle)
    return Tool(tmp_path, http, base_url=TOOL)


def test_moodle_opens_our_page_and_is_kept(tool: Tool, moodle: RecordedMoodle) -> None:
    """With the query it was recorded with; client id, deployment and all addresses come from its own words."""
    answer = tool.app.test_client().get(
        "/lti/register", query_string=OPENED["query"], headers={"Sec-Fetch-Dest": "iframe"}, base_url=TOOL
    )
    assert answer.status_code == 200
    with tool.sessions.read() as session:
        (kept,) = all_platforms(session)
        (deployment,) = deployments_of(session, kept.id)
    assert kept.issuer == MOODLE
    assert kept.client_id == EXCHANGE["response"]["client_id"]
    assert deployment.deployment_id == "1"
    assert kept.auth_url == f"{MOODLE}/mod/lti/auth.php"
    assert kept.token_url == f"{MOODLE}/mod/lti/token.php"
    assert kept.jwks_url == f"{MOODLE}/mod/lti/certs.php"
    assert kept.audience is None
    assert kept.name == "Moodle at localhost:8080"


def test_moodle_is_told_all_that_it_took_before(tool: Tool, moodle: RecordedMoodle) -> None:
    """Every member of the recorded request, by its name and type; what it requires is never empty."""
    tool.app.test_client().get("/lti/register", query_string=OPENED["query"], base_url=TOOL)
    (posted,) = moodle.posted
    assert posted.headers["Authorization"] == f"Bearer {OPENED['query']['registration_token']}"
    told, recorded = json.loads(posted.body or b""), EXCHANGE["request"]
    assert set(recorded) <= set(told)
    assert {name: type(told[name]) for name in recorded} == {name: type(value) for name, value in recorded.items()}
    assert set(told["scope"].split()) == set(recorded["scope"].split())
    configuration = told[TOOL_CONFIGURATION]
    assert set(recorded[TOOL_CONFIGURATION]) <= set(configuration)
    assert configuration["domain"] == "localhost:5001"
    assert sorted(configuration["claims"]) == sorted(recorded[TOOL_CONFIGURATION]["claims"])
    assert {one["type"] for one in configuration["messages"]} == {
        one["type"] for one in recorded[TOOL_CONFIGURATION]["messages"]
    }
