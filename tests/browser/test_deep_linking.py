"""Dario adds an activity in the LMS, the tool offers what it has, and Petra opens what he chose."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from lrs_bridge import journeyfile
from lrs_bridge.demo.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SAMPLE = journeyfile.sample("field-coaching-90")
JOURNEY, STEP = SAMPLE.title, SAMPLE.step_by_id["S08"].title


def chooser(page: Page, site: Site) -> FrameLocator:
    page.goto(f"{site.lms_url}/as/dario")
    page.get_by_role("link", name="Add an activity").click()
    tool = page.frame_locator("iframe[name=tool]")
    expect(tool.get_by_role("heading", name="Choose what to place")).to_be_visible()
    return tool


def test_a_step_and_a_journey_are_placed_and_opened(page: Page, site: Site):
    tool = chooser(page, site)
    tool.get_by_role("checkbox", name=JOURNEY).first.check(force=True)
    tool.get_by_role("checkbox", name=STEP).first.check(force=True)
    tool.get_by_role("button", name="See what is behind it").click()
    expect(tool.get_by_role("heading", name=STEP)).to_be_visible()
    tool.get_by_role("checkbox", name="With a column in the gradebook").check(force=True)
    tool.get_by_role("button", name="Place it in the course").click()
    expect(tool.get_by_role("heading", name="Added to the course")).to_be_visible()
    expect(tool.get_by_role("link", name=STEP)).to_be_visible()

    page.goto(f"{site.lms_url}/gradebook")
    expect(page.get_by_role("columnheader", name="Journey completion")).not_to_have_count(0)

    page.goto(f"{site.lms_url}/as/petra")
    page.get_by_role("link", name=STEP).click()
    opened = page.frame_locator("iframe[name=tool]")
    expect(opened.get_by_role("heading", level=1, name=STEP)).to_be_visible()
    page.get_by_role("link", name=JOURNEY).click()
    expect(opened.get_by_role("heading", level=1, name="Your journey")).to_be_visible()


def test_nothing_is_placed_where_nothing_was_chosen(page: Page, site: Site):
    tool = chooser(page, site)
    tool.get_by_role("button", name="Place nothing").click()
    expect(tool.get_by_role("heading", name="Nothing was added")).to_be_visible()
    expect(tool.get_by_text("Nothing was placed.")).to_be_visible()


def test_without_script_a_button_hands_the_choice_over(browser: Browser, site: Site):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site.lms_url}/as/dario/add")
    tool = page.frame_locator("iframe[name=tool]")
    for _ in range(2):  # the LMS's own pages have buttons
        press(page, tool, "Continue")
    tool.get_by_role("checkbox", name=STEP).first.check(force=True)
    press(page, tool, "See what is behind it")
    for _ in range(2):  # place it, and hand it over
        press(page, tool, "Place it in the course")
    expect(tool.get_by_role("heading", name="Added to the course")).to_be_visible()
    page.context.close()


def press(page: Page, tool: FrameLocator, name: str) -> None:
    """And wait for where it leads: the next page may have a button of the same name."""
    with page.expect_event("framenavigated"):
        tool.get_by_role("button", name=name).click()
