"""Two administrators connect an LMS in a browser: registered there, approved here, launched, registered again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lrs_bridge.demo.site import Site
from lrs_bridge.store import admins, tenants
from tests.browser.looking import width_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _admin(site: Site) -> str:
    """A fresh link: each is good once."""
    with site.bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
        return f"{site.tool_url}/admin/enter/{admins.make_link(session, tenant.id, site.bridge.clock())}"


def test_a_registration_from_the_first_click_to_the_launch(page: Page, site: Site):
    page.goto(f"{site.lms_url}/tools")
    page.get_by_role("button", name="Register it").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="One step is left")).to_be_visible()
    expect(frame.get_by_text("lrs-bridge platform approve")).to_be_visible()
    frame.get_by_role("button", name="Close this window").click()
    expect(page.get_by_role("heading", name="Registered")).to_be_visible()
    opener = page.get_by_role("link", name="Open it as the teacher")
    expect(opener).to_have_count(1)

    tab = page.context.new_page()
    tab.goto(_admin(site))
    tab.get_by_role("button", name="Come in").click()
    group = tab.get_by_role("region", name=re.compile("Larkfield at"))
    expect(group.get_by_text("Asks to be let in.")).to_be_visible()
    group.get_by_role("link", name="Look and change").click()
    expect(tab.get_by_text("Waits for you. The LMS registered itself")).to_be_visible()
    tab.get_by_role("button", name="Approve").click()
    expect(tab.get_by_role("status")).to_contain_text("let in from now on")
    tab.close()

    opener.click()
    expect(page.get_by_role("heading", name="Start a journey")).to_be_visible()

    page.goto(f"{site.lms_url}/tools")
    with page.expect_navigation(url=re.compile("/tools$")), page.expect_response(re.compile("/lti/register")) as again:
        page.get_by_role("button", name="Register again").click()
    assert again.value.status == 200
    expect(page.get_by_role("heading", name="Registered")).to_be_visible()
    expect(page.get_by_role("link", name="Open it as the teacher")).to_have_count(1)


def test_the_page_to_connect_an_lms_fits_a_phone(page: Page, site: Site):
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(_admin(site))
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("link", name="Connect an LMS").first.click()
    expect(page.get_by_text(f"{site.tool_url}/lti/register").first).to_be_visible()
    page.get_by_text("Moodle", exact=True).first.click()
    assert width_of(page) <= 320
