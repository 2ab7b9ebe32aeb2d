"""Open edX tells who is in the course, page by page: nobody here wrote the other side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests

from lrs_bridge.domain.delivery import Refused
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.lti.roster import NrpsRoster
from lrs_bridge.store.platforms import Platform, add_platform
from tests.conformance.openedx.platform import LMS, OpenEdx
from tests.fakes.launching import BASE_URL, Clock, Tool
from tests.fakes.wsgi import WsgiAdapter

PEOPLE = {
    number: {"id": number, "email": f"user{number}@example.org", "name": f"User {number}", "roles": ["student"]}
    for number in range(1, 8)
}
PEOPLE[3]["roles"] = ["instructor"]
PEOPLE[5]["roles"] = ["student", "staff"]


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    """On today's clock, since Open edX has no other."""
    return Tool(tmp_path, requests.Session(), clock=Clock(datetime.now(UTC).replace(microsecond=0))).with_key()


@pytest.fixture
def edx(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenEdx]:
    """With seven people in the course, one of whom teaches and one who helps to."""
    keys = tool.app.test_client()
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda self: keys.get(urlsplit(self.uri).path).json)
    lms = OpenEdx(BASE_URL, monkeypatch, "programmatic")
    from lti_consumer.plugin import compat

    lms.config.lti_advantage_enable_nrps = True
    lms.config.save()
    monkeypatch.setattr(compat, "get_course_members", lambda course: {id_: dict(one) for id_, one in PEOPLE.items()})
    external = {id_: SimpleNamespace(external_user_id=f"external-{id_}") for id_ in PEOPLE}
    monkeypatch.setattr(compat, "batch_get_or_create_externalids", lambda users: external)
    tool.http.mount(LMS, WsgiAdapter(lms.application))
    yield lms
    lms.close()


@pytest.fixture
def platform(edx: OpenEdx, tool: Tool) -> Platform:
    with tool.sessions.write() as session:
        return add_platform(session, tenant_id=tool.tenant_id, name="Open edX", now=tool.clock.now, **edx.registration)


def address(edx: OpenEdx) -> str:
    return f"{LMS}/api/lti_consumer/v1/lti/{edx.config.id}/memberships"


def read(tool: Tool, platform: Platform, url: str) -> list[list[Any]]:
    roster = NrpsRoster(tool.sessions, tool.http, tool.settings, tool.clock)
    return [list(page) for page in roster.pages(platform.id, url)]


@pytest.mark.parametrize(("query", "sizes"), [("", [7]), ("?limit=3", [3, 3, 1])])
def test_everybody_is_read(query: str, sizes: list[int], tool: Tool, edx: OpenEdx, platform: Platform) -> None:
    """By the ids of their launches, in however many pages; teachers take no part."""
    pages = read(tool, platform, address(edx) + query)
    assert [len(page) for page in pages] == sizes
    found = {member.user_id: member for page in pages for member in page}
    assert {user for user, member in found.items() if member.learns} == {f"external-{id_}" for id_ in (1, 2, 4, 6, 7)}
    assert CourseRole.INSTRUCTOR in found["external-3"].roles
    assert found["external-1"].email is None  # Open edX keeps names and e-mails unless the course shares them


def test_a_course_that_does_not_tell_is_told_as_such(tool: Tool, edx: OpenEdx, platform: Platform) -> None:
    """Its own word for a course that is too large."""
    from lti_consumer.exceptions import LtiError
    from lti_consumer.plugin import compat

    def too_many(course: object) -> None:
        raise LtiError("too many")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compat, "get_course_members", too_many)
        with pytest.raises(Refused, match="above_response_limit"):
            read(tool, platform, address(edx))
