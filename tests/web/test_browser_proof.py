"""How a browser is known again between login and launch: by its mark, or by what the LMS's storage kept for it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from lrs_bridge.config import ConfigError, from_environment
from lrs_bridge.store.platforms import Standing
from lrs_bridge.web.flood import Flood
from tests.fakes.launching import BASE_URL, NOON, TARGET, Browser, Tool, state_of
from tests.fakes.platform import FakePlatform

FRAMED = {"Sec-Fetch-Dest": "iframe", "Origin": "https://school.example"}


class Blocked:
    """A browser that keeps no cookie inside the LMS's frame."""

    def __init__(self, tool: Tool, lms: FakePlatform) -> None:
        self.tool, self.lms = tool, lms
        self.client = tool.app.test_client(use_cookies=False)

    def login(self, headers: dict[str, str] | None = None, **changes: str) -> TestResponse:
        params = self.lms.login_params(TARGET, **changes)
        return self.client.post("/lti/login", data=params, base_url=BASE_URL, headers=headers or FRAMED)

    def answer(self, page: TestResponse, path: str = "/lti/launch", **more: str) -> TestResponse:
        location = data(page, "next")
        state = parse_qs(urlsplit(location).query)["state"][0]
        token = self.lms.sign(self.lms.claims(location, TARGET, self.tool.clock.now))
        form = {"state": state, "id_token": token} | more
        return self.client.post(path, data=form, base_url=BASE_URL)


def data(page: TestResponse, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page.text)
    assert found, page.text
    return unescape(found.group(1))


@pytest.fixture
def blocked(tool: Tool, lms: FakePlatform) -> Blocked:
    return Blocked(tool, lms)


def test_in_a_frame_without_our_cookie_a_page_gives_the_proof_to_the_lms(blocked: Blocked) -> None:
    """Addressed to the origin of the sign-in URL, in the frame that the LMS named; and the cookie is tried, too."""
    page = blocked.login(lti_storage_target="lti_storage")
    assert page.status_code == 200
    assert (data(page, "storage"), data(page, "frame"), data(page, "origin")) == (
        "put",
        "lti_storage",
        "https://lms.example",
    )
    assert len(data(page, "value")) > 40
    assert data(page, "next").startswith("https://lms.example/auth?")
    assert "Partitioned" in page.headers["Set-Cookie"]
    assert page.headers["Cache-Control"] == "no-store"


def test_the_page_runs_our_script_only_and_is_framed_by_the_lms_only(blocked: Blocked) -> None:
    """The LMS is its issuer, its sign-in address, and the page that began the login (Canvas has three hosts)."""
    policy = blocked.login().headers["Content-Security-Policy"].split("; ")
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self' https://lms.example https://school.example" in policy


def test_without_script_the_page_leads_on(blocked: Blocked) -> None:
    """By a refresh and by a link."""
    page = blocked.login()
    assert page.text.count(data(page, "next").replace("&", "&amp;")) == 3
    assert '<noscript><meta http-equiv="refresh"' in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "document", "Origin": "https://lms.example"},
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Dest": "iframe", "Origin": "null"},
        {},
    ],
    ids=["at the top of a window", "nobody knows who frames it", "the LMS hides who it is", "no browser"],
)
def test_elsewhere_one_redirect_is_enough(blocked: Blocked, headers: dict[str, str]) -> None:
    """Named storage or not."""
    for changes in ({}, {"lti_storage_target": "_parent"}):
        response = blocked.client.post(
            "/lti/login", data=blocked.lms.login_params(TARGET, **changes), base_url=BASE_URL, headers=headers
        )
        assert response.status_code == 302


def test_a_browser_that_does_not_say_where_it_shows_things_gets_the_page(blocked: Blocked) -> None:
    """Safari before 16.4 blocks cookies and sends no Sec-Fetch-Dest."""
    assert blocked.login({"Referer": "https://school.example/course/7"}).status_code == 200


def test_a_browser_whose_cookie_came_back_gets_one_redirect(petra: Browser, lms: FakePlatform) -> None:
    """From the second launch on, in the same frame."""
    params = lms.login_params(TARGET, lti_storage_target="_parent")
    for status in (200, 302):
        begun = petra.client.post("/lti/login", data=params, base_url=BASE_URL, headers=FRAMED)
        assert begun.status_code == status


def test_whether_a_cookie_comes_back_can_be_asked(petra: Browser, lms: FakePlatform, blocked: Blocked) -> None:
    """By the page's script, for how long to wait."""
    petra.login(lms.login_params(TARGET))
    assert petra.client.get("/lti/mark", base_url=BASE_URL).json == {"kept": True}
    assert blocked.client.get("/lti/mark", base_url=BASE_URL).json == {"kept": False}


def test_the_proof_opens_the_door_once(blocked: Blocked) -> None:
    """First a page that asks for it, then in; the same answer is not taken again."""
    page = blocked.login()
    asked = blocked.answer(page)
    assert asked.status_code == 403
    assert (data(asked, "storage"), data(asked, "key")) == ("get", data(page, "key"))
    assert data(page, "value") not in asked.text
    assert "script-src 'self'" in asked.headers["Content-Security-Policy"]
    assert (
        "frame-ancestors 'self' https://lms.example https://school.example" in asked.headers["Content-Security-Policy"]
    )
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', asked.text))
    form["proof"] = data(page, "value")
    first, second = (blocked.client.post("/lti/launch/proof", data=form, base_url=BASE_URL) for _ in range(2))
    assert first.status_code == 303
    opened = blocked.client.get(first.location.removeprefix(BASE_URL), base_url=BASE_URL)
    assert opened.status_code == 200
    assert second.status_code == 400
    assert "already been used" in second.text


@pytest.mark.parametrize("proof", ["", "made up", "x" * 5000, "\0"])
def test_a_wrong_proof_opens_nothing_and_leads_to_a_new_window(blocked: Blocked, proof: str) -> None:
    """And does not spend the login, which the right browser may still finish."""
    page = blocked.login()
    refused = blocked.answer(page, "/lti/launch/proof", proof=proof)
    assert refused.status_code == 403
    assert 'target="_blank"' in refused.text
    assert "data-storage" not in refused.text
    assert blocked.answer(page, "/lti/launch/proof", proof=data(page, "value")).status_code == 303


def test_the_proof_of_another_login_is_no_proof(blocked: Blocked) -> None:
    """Mallory has one of his own, good for his login."""
    petras, mallorys = blocked.login(), blocked.login()
    assert blocked.answer(petras, "/lti/launch/proof", proof=data(mallorys, "value")).status_code == 403


def test_a_login_without_a_proof_cannot_be_proven_by_one(blocked: Blocked) -> None:
    """There is nothing that an empty proof could equal."""
    begun = blocked.login({"Sec-Fetch-Dest": "document"})
    token = blocked.lms.sign(blocked.lms.claims(begun.location, TARGET, blocked.tool.clock.now))
    form = {"state": state_of(begun), "id_token": token}
    for proof in ({}, {"proof": ""}, {"proof": "None"}):
        answer = blocked.client.post("/lti/launch/proof", data=form | proof, base_url=BASE_URL)
        assert answer.status_code == 403
        assert "data-storage" not in answer.text


def test_a_proven_browser_with_a_forged_token_stays_outside(blocked: Blocked) -> None:
    """The proof replaces the cookie and nothing else; and it is spent."""
    page = blocked.login()
    refused = blocked.answer(page, "/lti/launch/proof", proof=data(page, "value"), id_token="a.b.c")
    assert refused.status_code == 400
    assert "already been used" in blocked.answer(page, "/lti/launch/proof", proof=data(page, "value")).text


def test_another_browser_with_a_mark_of_its_own_is_asked_for_the_proof_too(
    blocked: Blocked, petra: Browser, lms: FakePlatform
) -> None:
    """A mark that does not fit proves nothing, and rules nothing out."""
    page = blocked.login()
    petra.login(lms.login_params(TARGET))
    token = lms.sign(lms.claims(data(page, "next"), TARGET, blocked.tool.clock.now))
    state = parse_qs(urlsplit(data(page, "next")).query)["state"][0]
    assert data(petra.answer(state=state, id_token=token), "storage") == "get"


def test_the_proof_is_neither_stored_nor_logged(blocked: Blocked, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads the database or the log cannot finish anybody's launch."""
    caplog.set_level("DEBUG")
    page = blocked.login()
    blocked.answer(page)
    blocked.answer(page, "/lti/launch/proof", proof="wrong")
    with blocked.tool.sessions.read() as session:
        row = str(session.execute(text("SELECT * FROM login")).one())
    for secret in (data(page, "value"), parse_qs(urlsplit(data(page, "next")).query)["state"][0]):
        assert secret not in row + caplog.text


def test_a_session_without_cookies_is_bound_to_none(blocked: Blocked) -> None:
    """A cookie that turns up later does not lock the tab out."""
    page = blocked.login()
    entered = blocked.answer(page, "/lti/launch/proof", proof=data(page, "value"))
    path = entered.location.removeprefix(BASE_URL)
    late = {"Cookie": "lrs_bridge_browser_1=late"}
    assert blocked.client.get(path, base_url=BASE_URL, headers=late).status_code == 200


# Marks


def test_two_logins_begun_at_once_in_a_new_browser_both_get_in(tool: Tool, lms: FakePlatform) -> None:
    """Each brings a mark of its own, and neither takes the other's place."""
    browser = tool.browser()
    apart = [tool.app.test_client(use_cookies=False) for _ in range(2)]
    begun = [one.post("/lti/login", data=lms.login_params(TARGET), base_url=BASE_URL) for one in apart]
    names = set()
    for one in begun:
        name, _, value = one.headers["Set-Cookie"].partition(";")[0].partition("=")
        names.add(name)
        browser.client.set_cookie(name, value, domain="tool.example")
    assert len(names) == 2
    entered = []
    for one in begun:
        token = lms.sign(lms.claims(one.location, TARGET, tool.clock.now))
        entered.append(browser.answer(state=state_of(one), id_token=token))
    assert [browser.follow(one).status_code for one in entered] == [200, 200]


def test_every_cookie_is_fit_for_a_frame_of_another_site(petra: Browser, lms: FakePlatform) -> None:
    """Whatever the answer: redirect, page, launch."""
    answers = [
        petra.login(lms.login_params(TARGET)),
        tool_page(petra, lms),
        petra.launch(lms),
        petra.launch(lms, sub=...),
    ]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        assert {"SameSite=None", "Secure", "Partitioned", "HttpOnly"} <= {part.strip() for part in cookie.split(";")}


def tool_page(browser: Browser, lms: FakePlatform) -> TestResponse:
    client = browser.tool.app.test_client()
    return client.post("/lti/login", data=lms.login_params(TARGET), base_url=BASE_URL, headers=FRAMED)


def test_two_courses_in_one_browser_do_not_mix(petra: Browser, lms: FakePlatform) -> None:
    """Teacher in one, learner in the other, each in its own tab and for good."""
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
    learning = petra.launch(lms, context={"id": "one", "title": "Course one"})
    teaching = petra.launch(lms, context={"id": "two", "title": "Course two"}, roles=[role])
    for _ in range(2):
        assert "Course one" in petra.follow(learning).text
        assert "Course two" in petra.follow(teaching).text
        assert "Course two" not in petra.follow(learning).text


def test_a_registration_that_waits_gets_no_page(tool: Tool) -> None:
    """Nothing is put anywhere for a login that leads nowhere."""
    other = FakePlatform(issuer="https://new.example")
    tool.register(other, standing=Standing.WAITING)
    assert Blocked(tool, other).login().status_code == 400


# Flood


def test_a_flood_of_logins_from_one_address_is_held_back(tool: Tool, lms: FakePlatform) -> None:
    """With a page, a line in the log and the time to wait; another address and the next minute are free."""
    flood = Flood(2)
    for _ in range(2):
        flood.count("10.0.0.1", NOON)
    with pytest.raises(Exception, match="429") as held:
        flood.count("10.0.0.1", NOON.replace(second=20))
    assert ("Retry-After", "40") in held.value.get_headers()  # type: ignore[attr-defined]
    flood.count("10.0.0.2", NOON)
    flood.count("10.0.0.1", NOON.replace(minute=1))


def test_the_limit_is_a_setting_and_off_by_default(tmp_path, lms: FakePlatform) -> None:
    """A classroom may have one address, and a proxy always has."""
    assert from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path)}).logins_per_minute is None
    for wrong in ("0", "-1", "many", "1.5"):
        with pytest.raises(ConfigError, match="LRS_BRIDGE_LOGINS_PER_MINUTE"):
            from_environment({"LRS_BRIDGE_DATA_DIR": str(tmp_path), "LRS_BRIDGE_LOGINS_PER_MINUTE": wrong})
    limited = Tool(tmp_path, lms.http(), environment={"LRS_BRIDGE_LOGINS_PER_MINUTE": "2"})
    limited.register(lms)
    statuses = [limited.browser().login(lms.login_params(TARGET)).status_code for _ in range(3)]
    assert statuses == [302, 302, 429]
