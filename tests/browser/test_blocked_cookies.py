"""Tool and LMS on two sites, in a browser that keeps third-party cookies out, or every cookie of the tool in a frame.

To a browser, http://127.0.0.1 and http://localhost are two sites, so the tool in the LMS's frame is a third party.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Request, Response, Route, expect

from lrs_bridge.demo.platform.storage import Storage
from lrs_bridge.demo.site import Site, open_site
from tests.browser.conftest import QUIET
from tests.browser.pages import Pages

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TOOL_HOST = "127.0.0.1"
SOON = 20_000  # milliseconds: the tool gives the LMS's storage time to answer, and the machine may be busy
ALLOWED = {"cookie_controls_mode": 0}
BLOCKED = {"cookie_controls_mode": 1, "block_third_party_cookies": True}
RULE = {f"http://{TOOL_HOST},http://localhost": {"setting": 2, "last_modified": "13300000000000000"}}
NO_SCRIPT = {**BLOCKED, "default_content_setting_values": {"javascript": 2}}  # what Playwright switches comes too late
NONE_IN_FRAMES = {**BLOCKED, "content_settings": {"exceptions": {"cookies": RULE}}}

Opened = Callable[[dict[str, Any]], BrowserContext]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = open_site(tmp_path_factory.mktemp("demo"), 0, 0, lambda *_: None, host=TOOL_HOST)
    yield site
    site.stop()


@pytest.fixture
def opened(chromium: str, driver: Playwright, tmp_path: Path) -> Iterator[Opened]:
    """A new browser with these settings of its profile; what Playwright calls a context blocks by itself."""
    contexts: list[BrowserContext] = []

    def open_browser(profile: dict[str, Any]) -> BrowserContext:
        folder = tmp_path / f"profile-{len(contexts)}"
        (folder / "Default").mkdir(parents=True)
        (folder / "Default" / "Preferences").write_text(json.dumps({"profile": profile}))
        context = driver.chromium.launch_persistent_context(
            str(folder), executable_path=chromium, args=QUIET, locale="en-GB"
        )
        contexts.append(context)
        return context

    yield open_browser
    for context in contexts:
        context.close()


def frame_of(context: BrowserContext) -> str:
    """Which cookies a third party's frame gets back: none, `partitioned`, or `plain partitioned`."""
    with Pages(
        {
            "/around": (f'<iframe src="http://{TOOL_HOST}:PORT/set"></iframe>', []),
            "/set": (
                '<a href="/seen">on</a>',
                [f"{name}; SameSite=None; Secure; HttpOnly" for name in ("plain=1", "partitioned=1; Partitioned")],
            ),
        }
    ) as pages:
        page = context.new_page()
        page.goto(f"http://localhost:{pages.port}/around")
        frame = page.frame_locator("iframe")
        frame.get_by_role("link").click()
        frame.get_by_role("heading", name="Cookies").wait_for()
        seen = frame.get_by_role("paragraph").inner_text()
        page.close()
    return " ".join(sorted((part.split("=")[0].strip() for part in seen.split(";")), reverse=True)).strip()


@pytest.mark.parametrize(
    ("profile", "seen"),
    [(ALLOWED, "plain partitioned"), (BLOCKED, "partitioned"), (NONE_IN_FRAMES, "")],
    ids=["allowed", "third-party cookies blocked", "all cookies in frames blocked"],
)
def test_the_browser_of_these_tests_does_block(opened: Opened, profile: dict[str, Any], seen: str):
    """A page of ours is framed by another site, and the frame shows which of its cookies came back."""
    assert frame_of(opened(profile)) == seen


class Way:
    """What the tool answered on the way in, in order: path and status; and whether it ever got a cookie."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.steps: list[tuple[str, int]] = []
        self._requests: list[Request] = []
        self._tool = site.tool_url
        context.on("response", self._note)

    @property
    def cookies(self) -> bool:
        return any("lrs_bridge" in request.all_headers().get("cookie", "") for request in self._requests)

    def _note(self, response: Response) -> None:
        if not response.url.startswith(f"{self._tool}/") or "/static/" in response.url:
            return
        if response.request.is_navigation_request():
            path = re.sub(r"^/s/.*", "/s/", urlsplit(response.url).path)
            self.steps.append((path, response.status))
        self._requests.append(response.request)


def launch(context: BrowserContext, site: Site, who: str = "petra") -> Page:
    page = context.new_page()
    page.goto(f"{site.lms_url}/as/{who}")
    return page


def arrived(page: Page) -> None:
    expect(page.frame_locator("iframe[name=tool]").get_by_text("Petra Novak").first).to_be_visible(timeout=SOON)


def come_in(context: BrowserContext, site: Site) -> tuple[Way, Page]:
    """Launched and arrived. Now and then the driver loses a frame that went from site to site, and sees it empty for
    ever: then once more, in a tab of its own."""
    for last in (False, True):
        way = Way(context, site)
        page = launch(context, site)
        try:
            arrived(page)
        except AssertionError:
            if last:
                raise
            page.close()
        else:
            break
    return way, page


BY_STORAGE = [("/lti/login", 200), ("/lti/launch", 403), ("/lti/launch/proof", 303), ("/s/", 200)]


@pytest.mark.parametrize("storage", [Storage.PARENT, Storage.FRAME, Storage.UNNAMED])
def test_without_any_cookie_the_lms_keeps_the_proof(opened: Opened, site: Site, storage: Storage):
    """By the page around the tool, by a frame beside it, and by one that is named only when asked for."""
    site.lms.config["STORAGE"] = storage
    context = opened(NONE_IN_FRAMES)
    for _ in range(2):
        way, page = come_in(context, site)
        assert (way.steps, way.cookies) == (BY_STORAGE, False)
        page.close()


def test_a_session_without_cookies_goes_on(opened: Opened, site: Site):
    """Pages and forms work for Ben after a launch that was proven by the LMS's storage alone."""
    site.lms.config["STORAGE"] = Storage.PARENT
    page = launch(opened(NONE_IN_FRAMES), site, "ben")
    tool = page.frame_locator("iframe[name=tool]")
    tool.get_by_role("link", name="Log it now").first.click()
    expect(tool.get_by_role("button", name="Save this moment")).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("storage", [Storage.NONE, Storage.PARENT])
def test_where_only_third_party_cookies_are_blocked_the_partitioned_one_is_enough(
    opened: Opened, site: Site, storage: Storage
):
    """With or without storage in the LMS; and the second launch is begun by a plain redirect."""
    site.lms.config["STORAGE"] = storage
    context = opened(BLOCKED)
    for login in (200, 302):
        way = Way(context, site)
        page = launch(context, site)
        arrived(page)
        assert way.steps == [("/lti/login", login), ("/lti/launch", 303), ("/s/", 200)]
        page.close()


def test_where_nothing_works_a_new_tab_does(opened: Opened, site: Site):
    """No cookie, no storage: the frame says so and offers a window of its own, where our cookie is no third party's."""
    site.lms.config["STORAGE"] = Storage.NONE
    context = opened(NONE_IN_FRAMES)
    page = launch(context, site)
    tool = page.frame_locator("iframe[name=tool]")
    expect(tool.get_by_role("heading", name="Your browser kept our mark from us")).to_be_visible(timeout=SOON)
    with context.expect_page() as popped:
        tool.get_by_role("link", name="Open the journey in a new window").click()
    expect(popped.value.get_by_text("Petra Novak").first).to_be_visible(timeout=SOON)
    assert popped.value.url.startswith(f"{site.tool_url}/s/")


def test_a_browser_without_script_gets_in_by_its_cookie(opened: Opened, site: Site):
    """The page that would speak with the storage leads on by itself; the LMS's own pages have buttons."""
    site.lms.config["STORAGE"] = Storage.PARENT
    page = launch(opened(NO_SCRIPT), site)
    tool = page.frame_locator("iframe[name=tool]")
    tool.get_by_role("button", name="Continue").click()
    tool.locator(f'form[action="{site.tool_url}/lti/launch"]').get_by_role("button").click()
    arrived(page)


@pytest.mark.parametrize("profile", [BLOCKED, NONE_IN_FRAMES], ids=["by cookie", "by storage"])
def test_two_tabs_with_two_roles_do_not_mix(opened: Opened, site: Site, profile: dict[str, Any]):
    """Begun in a new browser at the same moment, before either got an answer; and each stays itself afterwards."""
    site.lms.config["STORAGE"] = Storage.NONE if profile is BLOCKED else Storage.PARENT
    context = opened(profile)
    held: list[Route] = []
    context.route(f"{site.tool_url}/lti/login", lambda route: held.append(route))
    tabs = {who: launch_held(context, site, who) for who in ("petra", "mark")}
    while len(held) < len(tabs):
        tabs["mark"].wait_for_timeout(20)
    for route in held:
        route.continue_()
    own = {"petra": "Petra Novak, participant", "mark": "manager"}
    for _ in range(2):
        for who, tab in tabs.items():
            frame = tab.frame_locator("iframe[name=tool]")
            expect(frame.get_by_text(re.compile(own[who])).first).to_be_visible(timeout=SOON)
            tab.frame(name="tool").evaluate("location.reload()")
    for who, tab in tabs.items():
        expect(tab.frame_locator("iframe[name=tool]").get_by_text(re.compile(own[who])).first).to_be_visible(
            timeout=SOON
        )


def launch_held(context: BrowserContext, site: Site, who: str) -> Page:
    page = context.new_page()
    page.goto(f"{site.lms_url}/as/{who}", wait_until="commit")
    return page


@pytest.mark.parametrize("storage", [Storage.PARENT, Storage.UNNAMED])
def test_somebody_elses_answer_cannot_be_slipped_in(opened: Opened, site: Site, storage: Storage):
    """Mallory begins a launch, keeps the LMS's answer and has Petra's browser post it, inside the LMS as usual."""
    site.lms.config["STORAGE"] = storage
    mallory, petra = opened(NONE_IN_FRAMES), opened(NONE_IN_FRAMES)
    kept: list[str] = []

    def keep(route: Route) -> None:
        kept.append(route.request.post_data or "")
        route.abort()

    mallory.route(f"{site.tool_url}/lti/launch", keep)
    page = launch_held(mallory, site, "mark")
    while not kept:
        page.wait_for_timeout(20)
    way = Way(petra, site)
    page = launch(petra, site)
    arrived(page)
    page.evaluate(
        """([url, body]) => {
            const form = Object.assign(document.createElement("form"), {method: "post", action: url, target: "tool"});
            for (const [name, value] of new URLSearchParams(body)) {
                form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
            }
            document.body.append(form);
            form.submit();
        }""",
        [f"{site.tool_url}/lti/launch", kept[0]],
    )
    tool = page.frame_locator("iframe[name=tool]")
    expect(tool.get_by_role("heading", name="Your browser kept our mark from us")).to_be_visible(timeout=SOON)
    assert way.steps == [*BY_STORAGE, ("/lti/launch", 403)]


def test_a_page_that_is_not_the_lms_is_not_told_the_proof(opened: Opened, site: Site):
    """It may frame a login and claim to store; the proof is addressed to the LMS's origin and goes to nobody else."""
    site.lms.config["STORAGE"] = Storage.PARENT
    around = """<script src="/listen.js"></script><iframe name="tool"></iframe>
        <form method="post" target="tool" action="LOGIN">FIELDS<button>go</button></form>"""
    listen = """window.heard = [];
        addEventListener("message", ({data, source}) => {
            heard.push(data.subject);
            source.postMessage({subject: data.subject + ".response", message_id: data.message_id,
                supported_messages: [{subject: "lti.put_data"}]}, "*");
        });"""
    fields = {
        "iss": site.lms_url,
        "client_id": site.course.tool.client_id,
        "login_hint": site.course.by_key["petra"].id,
        "lti_message_hint": site.course.link_id,
        "target_link_uri": site.course.tool.target_link_uri,
        "lti_storage_target": "_parent",
    }
    inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
    body = around.replace("LOGIN", site.course.tool.login_url).replace("FIELDS", inputs)
    with Pages({"/around": (body, []), "/listen.js": (listen, [])}) as pages:
        page = opened(NONE_IN_FRAMES).new_page()
        page.goto(f"http://localhost:{pages.port}/around")
        with page.expect_request(f"{site.lms_url}/lti/auth*"):
            page.get_by_role("button").click()
        assert page.evaluate("heard") == ["lti.capabilities"]
