"""Which registrations are served: those that are there, while nobody has suspended them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.scores import LineItem
from lrs_bridge.lti.gradebook import AgsGradebook
from lrs_bridge.lti.registered import usable
from lrs_bridge.store.platforms import Platform, approve
from lrs_bridge.store.registrations import suspend
from tests.fakes.launching import TARGET, Tool
from tests.fakes.platform import FakePlatform


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    return Tool(tmp_path, lms.http()).with_key()


def suspended(tool: Tool, lms: FakePlatform) -> Platform:
    platform = tool.register(lms)
    with tool.sessions.write() as session:
        suspend(session, session.merge(platform))
    return platform


def test_nothing_is_sent_to_a_suspended_lms(tool: Tool, lms: FakePlatform) -> None:
    """It waits, and goes out once the LMS is approved again."""
    platform = suspended(tool, lms)
    gradebook = AgsGradebook(tool.sessions, lms.http(), tool.settings, tool.clock)
    item = LineItem(resource_id="run", tag="journey_completion", label="Completion", maximum=100)
    with pytest.raises(Unavailable, match="suspended"):
        gradebook.line_item(platform.id, f"{lms.issuer}/lineitems", item)
    assert lms.asked == []
    with tool.sessions.write() as session:
        approve(session, platform.id)
    assert gradebook.line_item(platform.id, f"{lms.issuer}/lineitems", item)


def test_nobody_gets_in_from_a_suspended_lms(tool: Tool, lms: FakePlatform) -> None:
    """And the page says which word fits."""
    suspended(tool, lms)
    refused = tool.browser().login(lms.login_params(TARGET))
    assert refused.status_code == 400
    assert "is suspended" in refused.text


def test_a_registration_that_is_gone_is_told(tool: Tool) -> None:
    """For good: there is nobody to send to."""
    with pytest.raises(Refused, match="removed"):
        usable(tool.sessions, "nobody")
