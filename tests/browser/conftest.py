"""The demo, started whole, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from bench.touring import Tour
from lrs_bridge.demo.site import Site, open_site
from tests.browser.looking import Look, look_at_all

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHELL = shutil.which("chromium-headless-shell")
"""The same engine without the windows of a whole browser around it, which cost more than most pages."""
# No look-ups of its own: the tests must not depend on what else the machine can reach.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A frame that goes from site to site in quick succession changes its process each time, and now and then the driver
    # loses it and waits for ever. What is blocked between sites does not depend on processes.
    "--disable-site-isolation-trials",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("demo")
    site = open_site(folder, 0, 0, lambda *_: None, fresh=False)
    yield site
    site.stop()


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; without one its tests are skipped, unless they are required."""
    if CHROMIUM is None:
        if os.environ.get("LRS_BRIDGE_TEST_BROWSER") == "required":
            pytest.fail("Chromium is required here and was not found.")
        pytest.skip("no Chromium on this machine")
    return CHROMIUM


@pytest.fixture(scope="session")
def browser(chromium: str, driver: Playwright) -> Iterator[Browser]:
    browser = driver.chromium.launch(executable_path=SHELL or chromium, args=QUIET)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def looks(browser: Browser, walked: Tour) -> Sequence[Look]:
    """Each of them once in the browser."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce")
    try:
        return look_at_all(context, walked)
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of a fresh browser profile that fails on scripts' complaints and on pages of the 500s."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 500 else None)
    yield page
    context.close()
    assert complaints == []
