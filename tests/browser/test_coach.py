"""Carl and Sofia in the LMS's frame: a session from the form to the participant's page, notes of two, and a talk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from lrs_bridge.demo.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _launch(page: Page, site: Site, who: str) -> FrameLocator:
    page.goto(site.lms_url)
    page.get_by_role("link", name=re.compile(f"Launch as {who}")).or_(
        page.get_by_role("button", name=re.compile(f"Launch as {who}"))
    ).first.click()
    return page.frame_locator("iframe")


def test_a_session_is_logged_once_and_stands_on_the_coachee_s_page_with_its_note(page: Page, site: Site):
    tool = _launch(page, site, "Carl")
    expect(tool.get_by_role("heading", name=re.compile("to hold"))).to_be_visible()
    expect(tool.get_by_role("heading", name="2-1 session: Anna")).to_be_visible()
    tool.get_by_role("link", name=re.compile("Log the session.*Anna")).click()
    expect(tool.get_by_label("Anna Lindgren")).to_be_checked()
    tool.get_by_text("The timing").click()
    tool.get_by_label(re.compile("A note for the two of you")).fill("She starts with the Thursday visit.")
    tool.get_by_role("button", name="Save the session").click()
    expect(tool.get_by_role("status")).to_contain_text("Nobody has to enter it again")
    expect(tool.get_by_role("heading", name="2-1 session: Anna")).to_have_count(0)

    tool = _launch(page, site, "Anna")
    tool.get_by_role("link", name="You and your coach").click()
    expect(tool.get_by_text("She starts with the Thursday visit.")).to_be_visible()
    expect(tool.get_by_role("heading", name=re.compile("with Carl")).first).to_be_visible()

    tool = _launch(page, site, "Dario")
    expect(tool.get_by_role("heading").first).to_be_visible()
    expect(tool.get_by_text("Thursday visit")).to_have_count(0)


def test_a_sponsor_asks_a_manager_and_the_manager_confirms_it(page: Page, site: Site):
    tool = _launch(page, site, "Sofia")
    expect(tool.get_by_role("heading", name="Does the chain work?")).to_be_visible()
    expect(tool.get_by_role("blockquote").or_(tool.locator("blockquote"))).to_contain_text("?")
    tool.get_by_role("button", name="I asked Oskar").click()
    expect(tool.get_by_role("status")).to_contain_text("It is on the record")
    expect(tool.get_by_role("button", name="I asked Oskar")).to_have_count(0)

    tool = _launch(page, site, "Oskar")
    tool.get_by_role("link", name="What your sponsors say").click()
    tool.get_by_role("button", name="Yes, we did").click()
    expect(tool.get_by_text("You said: yes.")).to_be_visible()


def test_the_owner_of_the_goal_enters_what_came_of_it(page: Page, site: Site):
    tool = _launch(page, site, "Sofia")
    tool.get_by_role("link", name="What it is for").click()
    tool.get_by_label("Value", exact=True).fill("44,5")
    tool.get_by_label("Where from").fill("Count of this week")
    tool.get_by_role("button", name="Save the value").click()
    expect(tool.get_by_role("status")).to_contain_text("beside the impact rate")

    tool = _launch(page, site, "Eva")
    tool.get_by_role("link", name="Numbers").click()
    expect(tool.get_by_text("44.5 % of visits")).to_be_visible()
