"""A designer from launch to effect: a version made in the browser, given to the running cohort, and taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lrs_bridge.demo.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SOON = 20_000  # milliseconds, on a loaded machine


def _launch(page: Page, site: Site, who: str) -> str:
    """The address of a visit, at the top of the window."""
    page.goto(f"{site.lms_url}/launch/{who}")
    page.wait_for_url(f"{site.tool_url}/s/**")
    return "/".join(page.url.split("/")[:5])


def _draft(page: Page, site: Site) -> str:
    """A draft of the sample's next version."""
    visit = _launch(page, site, "dario")
    page.goto(f"{visit}/design")
    page.get_by_role("button", name=re.compile("^Change it.*90-day")).first.click()
    expect(page.get_by_role("heading", name="Who does what, when")).to_be_visible()
    return page.url.partition("?")[0]


def test_a_step_changed_in_the_browser_reaches_the_running_cohort_and_can_be_taken_back(page: Page, site: Site):
    _draft(page, site)
    page.get_by_role("link", name=re.compile("90-day reflection")).locator("visible=true").click()
    page.get_by_label("Title").fill("Look back on your ninety days")
    page.get_by_role("button", name="Keep this step").click()
    expect(page.get_by_role("status")).to_contain_text("The step is kept")
    page.get_by_role("link", name="Publish it").click()
    expect(page.get_by_text("90-day reflection and next goal → Look back on your ninety days")).to_be_visible()
    page.get_by_role("button", name=re.compile("Publish version")).click()
    expect(page.get_by_role("status")).to_contain_text("It never changes")

    visit = _launch(page, site, "dario")
    page.goto(f"{visit}/design")
    page.locator("section", has=page.get_by_role("heading", name="Runs of this course")).get_by_role(
        "link"
    ).first.click()
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("What people did stays counted")).to_be_visible()
    expect(page.get_by_text("S28: Look back on your ninety days")).to_be_visible()
    page.get_by_role("button", name=re.compile("Give the run version")).click()
    expect(page.get_by_role("status")).to_contain_text("new version")
    run = page.url.partition("?")[0]

    _launch(page, site, "petra")
    expect(page.get_by_text("Look back on your ninety days").first).to_be_visible()
    page.goto(run)
    page.get_by_role("button", name=re.compile("Go back to version")).click()
    expect(page.get_by_role("status")).to_contain_text("the version it had before")
    _launch(page, site, "petra")
    expect(page.get_by_text("90-day reflection and next goal").first).to_be_visible()


def test_the_text_is_checked_while_it_is_typed(page: Page, site: Site):
    """Line and key, without saving; choosing a line leads there, and mending it is seen."""
    draft = _draft(page, site)
    page.goto(f"{draft}/text")
    area = page.get_by_label("Journey file (YAML)")
    text = area.input_value()
    area.fill(text.replace("version: 2", "vershun: 2", 1).replace("version: 3", "vershun: 3", 1))
    expect(page.get_by_role("button", name="Line 2, vershun")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Line 2, vershun").click()
    expect(area).to_be_focused()
    assert area.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)").startswith("vershun")
    area.fill(text)
    expect(page.get_by_text("Nothing is wrong. Not saved yet.")).to_be_visible(timeout=SOON)
    page.goto(f"{draft}/text")
    assert area.input_value() == text


def test_the_board_is_a_list_by_phase_on_a_phone_and_goes_by_keyboard(page: Page, site: Site):
    page.set_viewport_size({"width": 375, "height": 900})
    _draft(page, site)
    expect(page.get_by_role("table", name="Who does what before")).to_be_hidden()
    expect(page.get_by_role("heading", name="Before eight steps")).to_be_visible()
    page.get_by_role("link", name="Goal conversation: agree the line of sight").locator("visible=true").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Who does it")).to_have_value("manager")
