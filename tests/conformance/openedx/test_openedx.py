"""Open edX launches the tool, and gets its scores: nobody here wrote the other side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from werkzeug.test import TestResponse

from lrs_bridge.domain.delivery import LineItemGone, Unavailable
from lrs_bridge.domain.launch import CourseRole, Launch
from lrs_bridge.domain.scores import ActivityProgress, LineItem, Score
from lrs_bridge.lti.gradebook import AgsGradebook
from lrs_bridge.lti.keysets import KeySets
from lrs_bridge.lti.launch import begin_login, finish_launch
from lrs_bridge.store.platforms import Platform, add_platform
from tests.conformance.openedx.platform import COURSE, LMS, UNIT, OpenEdx
from tests.fakes.launching import BASE_URL, Clock, Tool
from tests.fakes.platform import rsa_key
from tests.fakes.wsgi import WsgiAdapter

ITEM = LineItem("run-1", "manager_engagement", "Manager engagement", 100.0)


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    """On today's clock, since Open edX has no other."""
    return Tool(tmp_path, requests.Session(), clock=Clock(datetime.now(UTC).replace(microsecond=0))).with_key()


BOTH = pytest.mark.parametrize("edx", ["programmatic", "declarative"], indirect=True)


@pytest.fixture(params=["programmatic"])
def edx(request: pytest.FixtureRequest, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenEdx]:
    """The LMS, with the tool's key set in its reach."""
    keys = tool.app.test_client()
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: keys.get(urlsplit(self.uri).path).json)
    lms = OpenEdx(BASE_URL, monkeypatch, request.param)
    tool.http.mount(LMS, WsgiAdapter(lms.application))
    yield lms
    lms.close()


@pytest.fixture
def platform(edx: OpenEdx, tool: Tool) -> Platform:
    with tool.sessions.write() as session:
        return add_platform(session, tenant_id=tool.tenant_id, name="Open edX", now=tool.clock.now, **edx.registration)


@pytest.fixture
def gradebook(tool: Tool) -> AgsGradebook:
    return AgsGradebook(tool.sessions, tool.http, tool.settings, tool.clock)


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def _through_the_pages(tool: Tool, edx: OpenEdx, user: str, role: str | None, **more: Any) -> TestResponse:
    """What a browser does from the unit in the course to the first page of the tool."""
    browser = tool.browser()
    begun = browser.login(_query(edx.login_url(user, role, **more)), "GET")
    assert begun.status_code == 302, begun.text
    action, form = edx.answer(lambda url: tool.http.get(url).text, begun.location)
    assert action == f"{BASE_URL}/lti/launch"
    return browser.answer(**form)


def _launched(tool: Tool, edx: OpenEdx, user: str, role: str | None, **more: Any) -> Launch:
    """The same without pages, for a look at what was understood."""
    now = tool.clock.now
    with tool.sessions.write() as session:
        begun = begin_login(session, _query(edx.login_url(user, role, **more)), None, base_url=BASE_URL, now=now)
    _, form = edx.answer(lambda url: tool.http.get(url).text, begun.url)
    keys = KeySets(tool.sessions, tool.http)
    return finish_launch(tool.sessions, form, [begun.browser], keys=keys, base_url=BASE_URL, now=now).launch


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize("role", ["student", "staff", "instructor", None])
def test_everybody_in_the_course_gets_in(role: str | None, tool: Tool, edx: OpenEdx) -> None:
    """From the LMS's link to a page of the tool, whatever their part in the course."""
    response = _through_the_pages(tool, edx, "petra-1", role, name="Petra Participant", email="petra@example.com")
    assert response.status_code == 303, response.text
    assert response.location.startswith(f"{BASE_URL}/s/")


@BOTH
@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("student", {CourseRole.LEARNER}),
        ("staff", {CourseRole.INSTRUCTOR}),
    ],
)
def test_a_launch_is_understood(
    role: str | None, expected: set[CourseRole], tool: Tool, edx: OpenEdx, platform: Platform
) -> None:
    """User, course, link, roles and gradebook."""
    launch = _launched(tool, edx, "petra-1", role, name="Petra Participant", custom_parameters={"journey": "x"})
    assert (launch.platform_id, launch.sub, launch.name, launch.email) == (
        platform.id,
        "petra-1",
        "Petra Participant",
        None,
    )
    assert (launch.context_id, launch.context_title, launch.resource_link_id) == (COURSE, "Sales academy", UNIT)
    assert expected <= launch.roles
    assert launch.custom == {"journey": "x"}
    assert launch.services.lineitems == f"{LMS}/api/lti_consumer/v1/lti/{edx.config.id}/lti-ags"
    assert (launch.services.lineitem is None) == (edx.config.lti_advantage_ags_mode == "programmatic")


@BOTH
def test_a_score_arrives_in_its_database(tool: Tool, edx: OpenEdx, platform: Platform, gradebook: AgsGradebook) -> None:
    """Column found or made once, token fetched with our signed assertion, score stored as sent."""
    lineitems = _launched(tool, edx, "petra-1", "student").services.lineitems
    assert lineitems is not None
    url = gradebook.line_item(platform.id, lineitems, ITEM)
    assert gradebook.line_item(platform.id, lineitems, ITEM) == url
    score = Score("petra-1", 66.67, 100.0, ActivityProgress.IN_PROGRESS, tool.clock.now)
    gradebook.send(platform.id, url, score)
    later = tool.clock.now + timedelta(seconds=1)
    gradebook.send(platform.id, url, replace(score, given=0.0, progress=ActivityProgress.COMPLETED, timestamp=later))
    assert edx.columns().count(("run-1", "manager_engagement", "Manager engagement", 100)) == 1
    assert edx.scores() == [("Manager engagement", "petra-1", 0.0, 100.0, "Completed", later)]


@pytest.mark.parametrize("edx", ["declarative"], indirect=True)
def test_a_score_on_the_launch_s_own_line_item_reaches_the_progress_page(
    tool: Tool, edx: OpenEdx, platform: Platform, gradebook: AgsGradebook
) -> None:
    """Where the author chose that Open edX makes the column."""
    url = _launched(tool, edx, "petra-1", "student").services.lineitem
    assert url is not None
    gradebook.send(platform.id, url, Score("petra-1", 72.5, 100.0, ActivityProgress.IN_PROGRESS, tool.clock.now))
    assert edx.unit.grades == {"petra-1": 72.5}


def test_a_score_of_an_earlier_time_is_to_be_stamped_anew(
    tool: Tool, edx: OpenEdx, platform: Platform, gradebook: AgsGradebook
) -> None:
    """Open edX answers 400 and names the timestamp, where Moodle answers 409: to be tried again, and alone."""
    lineitems = _launched(tool, edx, "petra-1", "student").services.lineitems
    assert lineitems is not None
    url = gradebook.line_item(platform.id, lineitems, ITEM)
    score = Score("petra-1", 10.0, 100.0, ActivityProgress.IN_PROGRESS, tool.clock.now)
    gradebook.send(platform.id, url, score)
    with pytest.raises(Unavailable, match="400") as caught:
        gradebook.send(platform.id, url, replace(score, timestamp=tool.clock.now - timedelta(hours=1)))
    assert caught.value.alone


def test_a_score_is_withdrawn(tool: Tool, edx: OpenEdx, platform: Platform, gradebook: AgsGradebook) -> None:
    """What was sent before is gone afterwards."""
    lineitems = _launched(tool, edx, "petra-1", "student").services.lineitems
    assert lineitems is not None
    url = gradebook.line_item(platform.id, lineitems, ITEM)
    score = Score("petra-1", 10.0, 100.0, ActivityProgress.IN_PROGRESS, tool.clock.now)
    gradebook.send(platform.id, url, score)
    later = tool.clock.now + timedelta(seconds=1)
    gradebook.send(platform.id, url, replace(score, given=None, timestamp=later))
    assert edx.scores() == [("Manager engagement", "petra-1", None, None, "InProgress", later)]


def test_a_column_that_was_deleted_is_told(
    tool: Tool, edx: OpenEdx, platform: Platform, gradebook: AgsGradebook
) -> None:
    """404 on its scores."""
    lineitems = _launched(tool, edx, "petra-1", "student").services.lineitems
    score = Score("petra-1", 10.0, 100.0, ActivityProgress.IN_PROGRESS, tool.clock.now)
    with pytest.raises(LineItemGone):
        gradebook.send(platform.id, f"{lineitems}/99999", score)


def test_a_tool_it_does_not_know_gets_no_token(
    tool: Tool, edx: OpenEdx, platform: Platform, gradebook: AgsGradebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open edX verifies our assertion against our published keys; with another tool's keys it refuses."""
    other = {"keys": [rsa_key("another tool").as_dict(private=False)]}
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: other)
    score = Score("petra-1", 10.0, 100.0, ActivityProgress.IN_PROGRESS, tool.clock.now)
    with pytest.raises(Unavailable, match="invalid_client"):
        gradebook.send(platform.id, f"{LMS}/api/lti_consumer/v1/lti/{edx.config.id}/lti-ags/1", score)
