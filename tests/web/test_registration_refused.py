"""A registration that goes wrong: each way ends at a page that helps, with its reason in the log, and nothing kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from lrs_bridge.lti.registration import Fault
from tests.fakes.launching import Tool
from tests.fakes.registering import PLATFORM, TOOL, RegisteringPlatform, known, opened


@pytest.fixture
def lms() -> RegisteringPlatform:
    return RegisteringPlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: RegisteringPlatform) -> Tool:
    return Tool(tmp_path, lms.http())


def refused(answer: TestResponse, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    """A page that helps, and its reason in the log; the token in neither."""
    assert 400 <= answer.status_code < 500, answer.text
    lines = [record.getMessage() for record in caplog.records if record.name == "lrs_bridge.lti"]
    assert any(f"{fault}:" in line for line in lines), lines
    code = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}", answer.text)
    assert code
    assert code[0] in " ".join(lines)
    assert "For the help desk" in answer.text
    assert "once" not in " ".join(lines).split()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lms.example",
        "http://lms.example/configuration",
        "ftp://lms.example/x",
        "file:///etc/passwd",
        "https:///x",
        "https://lms.example:99999/x",
        "https://[bad/x",
        "https://user:password@lms.example/configuration",
        "https://lms.example/" + "x" * 2000,
        "https://lms.example/\n",
        "https://lms.example/\0",
    ],
)
def test_an_address_that_is_none_is_not_asked(
    url: str, tool: Tool, lms: RegisteringPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    """Missing, without https, with a password, endless."""
    refused(opened(tool, lms, openid_configuration=url), Fault.ADDRESS, caplog)
    assert lms.asked == []


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ((404, {}, "<html>not here</html>"), Fault.UNREACHED),
        ((500, {}, "broken"), Fault.UNREACHED),
        ((302, {"Location": "https://elsewhere.example/"}, ""), Fault.UNREACHED),
        ((200, {}, b"x" * 1_000_001), Fault.UNREACHED),
        (requests.ConnectTimeout(), Fault.UNREACHED),
        (requests.ConnectionError(), Fault.UNREACHED),
        ((200, {}, "<html>a page</html>"), Fault.CONFIGURATION),
        ((200, {}, ""), Fault.CONFIGURATION),
        ((200, {}, b"\xff\xfe{"), Fault.CONFIGURATION),
        ((200, {}, "[1, 2]"), Fault.CONFIGURATION),
        ((200, {}, "null"), Fault.CONFIGURATION),
        ((200, {}, "[" * 100_000), Fault.CONFIGURATION),
        ((200, {}, "{}"), Fault.CONFIGURATION),
    ],
)
def test_a_configuration_that_is_none_is_told(
    reply: Any, fault: Fault, tool: Tool, lms: RegisteringPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    """HTML, errors, redirects, silence, too much, and nonsense."""
    lms.answers["/configuration"] = reply
    refused(opened(tool, lms), fault, caplog)
    assert known(tool) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"issuer": "https://other.example"}, Fault.ISSUER),
        ({"issuer": "https://lms.example:8443"}, Fault.ISSUER),
        ({"issuer": "https://lms.example.evil.example"}, Fault.ISSUER),
        ({"issuer": "lms.example"}, Fault.ISSUER),
        ({"issuer": 7}, Fault.CONFIGURATION),
        ({"issuer": "https://lms.example/" + "x" * 400}, Fault.CONFIGURATION),
        ({"registration_endpoint": "https://other.example/registrations"}, Fault.ENDPOINT),
        ({"registration_endpoint": "https://lms.example:8443/registrations"}, Fault.ENDPOINT),
        ({"registration_endpoint": "http://lms.example/registrations"}, Fault.ENDPOINT),
        ({"registration_endpoint": None}, Fault.ENDPOINT),
        ({"jwks_uri": "http://lms.example/jwks"}, Fault.ENDPOINT),
        ({"jwks_uri": ["https://lms.example/jwks"]}, Fault.ENDPOINT),
        ({"token_endpoint": "javascript:alert(1)"}, Fault.ENDPOINT),
        ({"token_endpoint": "https://lms.example/" + "x" * 1000}, Fault.ENDPOINT),
        ({"authorization_endpoint": "https://lms.example/\0"}, Fault.ENDPOINT),
    ],
)
def test_an_lms_speaks_for_itself_only_and_over_https(
    changes: dict[str, Any], fault: Fault, tool: Tool, lms: RegisteringPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is posted to anybody."""
    lms.changes = changes
    refused(opened(tool, lms), fault, caplog)
    assert [request.method for request in lms.asked] == ["GET"]
    assert known(tool) == []


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ((401, {}, "token_already_used"), Fault.REFUSED),
        ((400, {}, "<html>"), Fault.REFUSED),
        ((302, {"Location": "https://elsewhere.example/"}, ""), Fault.REFUSED),
        ((200, {}, b"x" * 1_000_001), Fault.REFUSED),
        (requests.ReadTimeout(), Fault.REFUSED),
        ((200, {}, "<html>"), Fault.ANSWER),
        ((200, {}, "[]"), Fault.ANSWER),
        ((200, {}, {}), Fault.ANSWER),
        ((200, {}, {"client_id": 7}), Fault.ANSWER),
        ((200, {}, {"client_id": ""}), Fault.ANSWER),
        ((200, {}, {"client_id": "x" * 256}), Fault.ANSWER),
        ((200, {}, {"client_id": "a\0b"}), Fault.ANSWER),
        ((200, {}, {"client_id": "a", TOOL: {"deployment_id": ["1"]}}), Fault.ANSWER),
        ((200, {}, {"client_id": "a", TOOL: {"deployment_id": "1" * 256}}), Fault.ANSWER),
    ],
)
def test_an_answer_that_is_none_is_told(
    reply: Any, fault: Fault, tool: Tool, lms: RegisteringPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    """In the LMS's own words where it has any."""
    lms.answers["/registrations"] = reply
    answer = opened(tool, lms)
    refused(answer, fault, caplog)
    assert known(tool) == []
    if isinstance(reply, tuple) and reply[0] == 401:
        assert "token_already_used" in answer.text


def test_a_token_that_no_header_can_hold_is_told(
    tool: Tool, lms: RegisteringPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    """It cannot smuggle another header in."""
    refused(opened(tool, lms, registration_token="a\r\nX-Other: b"), Fault.UNREACHED, caplog)
    refused(opened(tool, lms, registration_token="schlüssel→"), Fault.UNREACHED, caplog)
    assert lms.asked == []


def test_an_address_of_our_own_network_is_not_asked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With the real fence: by address, by name, and whatever the port."""
    tool = Tool(tmp_path, None)  # type: ignore[arg-type]
    for host in ("169.254.169.254", "10.0.0.1", "[fd00:ec2::254]", "localhost", "127.0.0.1:8000", "0.0.0.0"):
        answer = tool.app.test_client().get(
            "/lti/register", query_string={"openid_configuration": f"https://{host}/latest/meta-data"}
        )
        refused(answer, Fault.UNREACHED, caplog)
        assert "LRS_BRIDGE_ALLOW_PRIVATE" in answer.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PARTS = [
    *(
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "registration_endpoint",
        "authorization_server",
    ),
    *("scopes_supported", "claims_supported", PLATFORM),
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(st.sampled_from(PARTS), JSON, max_size=3),
    st.dictionaries(st.sampled_from(["client_id", TOOL]), JSON),
)
def test_whatever_an_lms_says_is_no_fault_of_ours(
    tool: Tool, lms: RegisteringPlatform, changes: dict[str, Any], answer: dict[str, Any]
) -> None:
    """Any JSON in any part of the configuration and of the answer."""
    lms.answers.clear()
    lms.changes, lms.answer = changes, answer
    lms.answers["/registrations"] = lms._register
    assert opened(tool, lms).status_code < 500


def test_the_fifth_at_once_is_asked_to_wait(
    tool: Tool, lms: RegisteringPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    """A slow stranger's server holds no more than four threads."""
    seen: list[TestResponse] = []

    def while_another_waits(_: requests.PreparedRequest) -> Any:
        seen.append(opened(tool, lms))
        return (200, {}, "{}")

    lms.answers["/configuration"] = while_another_waits
    opened(tool, lms)
    assert seen[0].status_code == 429
    assert seen[0].headers["Retry-After"]
    refused(seen[0], Fault.BUSY, caplog)
