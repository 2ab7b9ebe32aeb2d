"""As a newcomer sees it: launch in the LMS's frame, act as one person and another, and watch the gradebook."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from lrs_bridge.demo.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SECONDS = 1000
SOON = 20 * SECONDS  # "within seconds" on a loaded machine


def _launch(page: Page, site: Site, who: str) -> FrameLocator:
    """From the LMS's front page: one click, and the tool opens inside the course."""
    page.goto(site.lms_url)
    page.get_by_role("link", name=re.compile(f"Launch as {who}")).or_(
        page.get_by_role("button", name=re.compile(f"Launch as {who}"))
    ).first.click()
    return page.frame_locator("iframe")


def _grade(page: Page, site: Site, person: str, column: str) -> Locator:
    """The cell of a person in the gradebook's column of that title."""
    page.goto(f"{site.lms_url}/gradebook")
    titles = page.get_by_role("columnheader").all_inner_texts()
    place = next(number for number, title in enumerate(titles, 1) if title.startswith(column))
    return page.get_by_role("row", name=re.compile(person)).locator(f":nth-child({place})")


def test_a_moment_logged_in_the_frame_and_verified_by_the_manager_changes_the_gradebook(page: Page, site: Site):
    before = _grade(page, site, "Petra Novak", "Application on the job").inner_text()

    tool = _launch(page, site, "Petra")
    tool.get_by_role("link", name="Log it now").first.click()
    tool.get_by_text("Coaching a new or rotated colleague").click()
    tool.get_by_text("One written commitment with a date").click()
    tool.get_by_text("Today", exact=True).click()
    tool.get_by_text("Some effect").click()
    tool.get_by_label(re.compile("In a sentence")).fill("She wrote the commitment herself.")
    tool.get_by_role("button", name="Save this moment").click()
    expect(tool.get_by_role("status")).to_contain_text("Saved")

    cell = _grade(page, site, "Petra Novak", "Application on the job")
    expect(cell).not_to_have_text(before, timeout=SOON)
    logged = cell.inner_text()

    tool = _launch(page, site, "Mark")
    tool.get_by_role("link", name=re.compile("Coaching a new or rotated colleague")).or_(
        tool.get_by_role("link", name="Look and answer")
    ).first.click()
    expect(tool.get_by_role("heading", name="Did this happen?")).to_be_visible()
    tool.get_by_role("button", name="Yes, it happened").click()
    expect(tool.get_by_role("status")).to_contain_text("It happened, you say")

    expect(_grade(page, site, "Petra Novak", "Application on the job")).not_to_have_text(logged, timeout=SOON)


def test_answering_the_survey_fills_its_column(page: Page, site: Site):
    assert _grade(page, site, "Petra Novak", "Success case").inner_text().startswith("–")
    tool = _launch(page, site, "Petra")
    tool.get_by_role("link", name="Answer it").first.click()
    expect(tool.get_by_role("group").first).to_be_visible()
    for group in tool.get_by_role("group").all()[:3]:
        group.get_by_role("radio").first.check(force=True)
    tool.get_by_role("button").last.click()
    expect(tool.get_by_role("status")).to_be_visible()
    expect(_grade(page, site, "Petra Novak", "Success case")).not_to_contain_text("–", timeout=SOON)


def test_the_manager_whom_the_lms_calls_learner_sees_his_people_and_no_others(page: Page, site: Site):
    tool = _launch(page, site, "Mark")
    expect(tool.get_by_role("heading", name="Your people")).to_be_visible()
    expect(tool.get_by_text("Petra Novak").first).to_be_visible()
    expect(tool.get_by_text("Yusuf Demir")).to_have_count(0)


def test_the_teacher_sees_all_indicators_and_what_was_sent(page: Page, site: Site):
    tool = _launch(page, site, "Dario")
    expect(tool.get_by_role("heading", name="Gradebook")).to_be_visible()
    for title in ("Journey completion", "Manager engagement", "Application on the job", "Success case"):
        expect(tool.get_by_role("heading", name=title)).to_be_visible()
    expect(tool.get_by_text("Posted").first).to_be_visible()


def test_the_admins_link_opens_once(page: Page, site: Site):
    page.goto(site.admin_url)
    page.get_by_role("button").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("13 plugins loaded")).to_be_visible()
    again = page.request.get(site.admin_url)
    assert (again.status, "plugins loaded" in again.text()) == (403, False)
