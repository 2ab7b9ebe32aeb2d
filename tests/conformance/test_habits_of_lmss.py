"""Habits of single LMSs at the door, that the specification allows or that are there all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lrs_bridge.cli import main
from tests.fakes.launching import TARGET, Tool, state_of
from tests.fakes.platform import FakePlatform


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    tool = Tool(tmp_path, lms.http())
    tool.register(lms)
    return tool


@pytest.mark.parametrize("asked", ["https://tool.example/", "https://tool.example/elsewhere"])
def test_the_target_that_is_signed_rules_and_not_that_of_the_login(asked: str, tool: Tool, lms: FakePlatform) -> None:
    """Open edX before 3.4.1 sends another one at login."""
    petra = tool.browser()
    begun = petra.login(lms.login_params(asked))
    token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now))
    assert petra.answer(state=state_of(begun), id_token=token).status_code == 303
    foreign = petra.login(lms.login_params(TARGET))
    wrong = lms.sign(lms.claims(foreign.location, "https://lms.example/", tool.clock.now))
    assert petra.answer(state=state_of(foreign), id_token=wrong).status_code == 400


def test_cookies_are_for_frames_on_localhost_too(tmp_path: Path, lms: FakePlatform) -> None:
    """Browsers take Secure there over http; SameSite=None would not be taken without it."""
    tool = Tool(tmp_path, lms.http(), base_url="http://localhost:8000")
    tool.register(lms)
    begun = tool.browser().login(lms.login_params("http://localhost:8000/lti/launch"))
    cookies = begun.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= {part.strip() for part in cookie.split(";")}


def test_one_address_takes_every_kind_of_launch(tool: Tool, lms: FakePlatform) -> None:
    """LMSs match the redirect URI to the letter, so the target travels in the claim alone."""
    petra = tool.browser()
    asked = [petra.login(lms.login_params(f"{TARGET}{more}")).location for more in ("", "?step=S08", "/deeper")]
    assert all("redirect_uri=https%3A%2F%2Ftool.example%2Flti%2Flaunch&" in f"{location}&" for location in asked)


def test_a_blackboard_registered_once_serves_all_its_deployments(tool: Tool, lms: FakePlatform) -> None:
    """One issuer, one client id: each deployment is let in by itself."""
    petra = tool.browser()
    assert petra.launch(lms).status_code == 303
    other = petra.launch(lms, deployment_id="a Learn of somebody else")
    assert (other.status_code, "deployment" in other.text.lower()) == (403, True)


def test_a_token_without_any_person_in_it_is_somebody(tool: Tool, lms: FakePlatform) -> None:
    """An anonymous launch has a sub, and leads to the same page again the next time."""
    gone = dict.fromkeys(("name", "given_name", "family_name", "email"), ...)
    first, second = (tool.browser().launch(lms, **gone) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)


def test_the_tool_is_never_served_by_one_thread() -> None:
    """Moodle fetches our key set during our first token request, and would wait for itself."""
    answer = CliRunner().invoke(main, ["serve", "--threads", "1"])
    assert answer.exit_code == 2
    assert "2<=x<=256" in answer.output
