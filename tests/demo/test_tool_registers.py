"""Tool and demo LMS, both as they are: registration for the first time, approval, launch, and registration again."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from werkzeug.test import TestResponse

from lrs_bridge.demo import campus
from lrs_bridge.demo.cohort import cast
from lrs_bridge.demo.lms import create_lms
from lrs_bridge.demo.platform.keeping import Keeping
from lrs_bridge.lti.gradebook import SCORE_SCOPE
from lrs_bridge.lti.signing import SigningKeys
from lrs_bridge.lti.tokens import Tokens
from lrs_bridge.store.platforms import Platform, Standing, all_platforms, approve
from tests.demo.conftest import LMS, TOOL
from tests.demo.test_lms_launch import action, fields
from tests.fakes.launching import Tool
from tests.fakes.wsgi import WsgiAdapter


class Pair:
    """The two, each reaching the other without a network."""

    def __init__(self, folder: Path) -> None:
        self.http = requests.Session()
        self.tool = Tool(folder, self.http, base_url=TOOL).with_key()
        self.http.mount(TOOL, WsgiAdapter(self.tool.app))
        self.keeping = Keeping(folder / "lms.db")
        course = campus.course(cast(), TOOL, LMS)
        lms = create_lms(course, self.keeping, self.tool.clock, lambda url: self.http.get(url).json())
        self.http.mount(LMS, WsgiAdapter(lms))
        self.lms = lms.test_client()
        self.browser = self.tool.browser()

    def register(self, **form: str) -> TestResponse:
        """The LMS's administrator presses the button; answers the tool's page in the frame."""
        page = self.lms.post("/tools", data={"url": f"{TOOL}/lti/register", **form}).text
        found = re.search(r'<iframe [^>]*src="([^"]+)"', page)
        assert found
        where = urlsplit(unescape(found[1]))
        return self.browser.client.get(where.path, query_string=where.query, base_url=TOOL)

    def platform(self) -> Platform:
        with self.tool.sessions.read() as session:
            (platform,) = all_platforms(session)
        return platform

    def approve(self) -> None:
        with self.tool.sessions.write() as session:
            approve(session, self.platform().id)

    def launch(self, who: str) -> TestResponse:
        started = self.lms.get(f"/tools/{self.platform().client_id}/launch/{who}").text
        assert action(started) == f"{TOOL}/lti/login"
        begun = self.browser.login(fields(started))
        if begun.status_code != 302:
            return begun
        asked = dict(parse_qsl(urlsplit(begun.location).query))
        answered = self.lms.get("/lti/auth", query_string=asked).text
        return self.browser.answer(**fields(answered))


@pytest.fixture
def pair(tmp_path: Path):
    made = Pair(tmp_path)
    yield made
    made.keeping.close()


def test_registered_approved_launched(pair: Pair) -> None:
    """Nobody gets in before the approval, and everybody afterwards, though nothing was typed in by hand."""
    assert pair.register().status_code == 200
    assert pair.platform().standing == Standing.WAITING
    assert "waits for approval" in pair.launch("dario").text
    pair.approve()
    assert pair.launch("dario").status_code == 303
    assert pair.launch("petra").status_code == 303


def test_the_registered_tool_gets_tokens(pair: Pair) -> None:
    """The LMS reads our keys where we registered them, and the audience is what it expects."""
    pair.register()
    pair.approve()
    keys = SigningKeys(pair.tool.sessions, pair.tool.settings.secret_key)
    assert Tokens(pair.http, keys).bearer(pair.platform(), [SCORE_SCOPE], pair.tool.clock.now)


def test_registering_again_keeps_the_approval(pair: Pair) -> None:
    """The same registration, by its client id; launches go on."""
    pair.register()
    pair.approve()
    first = pair.platform()
    again = pair.register(client_id=first.client_id)
    assert "took over what changed" in again.text
    assert pair.platform().id == first.id
    assert pair.launch("dario").status_code == 303


def test_a_second_registration_is_another_one(pair: Pair) -> None:
    """With a client id of its own, which waits again."""
    pair.register()
    pair.approve()
    pair.register()
    with pair.tool.sessions.read() as session:
        assert {one.standing for one in all_platforms(session)} == {Standing.APPROVED, Standing.WAITING}
