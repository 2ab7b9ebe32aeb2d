"""An administrator enables a plugin of somebody else's: its effect is shown first, then the gradebook has a new column.

The plugin is installed as pip would: a module and its metadata in a folder that Python looks in.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lrs_bridge.demo.site import Site, open_site
from lrs_bridge.store import admins, tenants
from tests.browser.looking import width_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COURSE = "Field coaching for sales managers"
SOON = 60_000  # milliseconds: everybody in the run is evaluated again, and the machine may be busy
PLUGIN = '''
"""How steadily somebody takes part: ten points for each week in which they did something."""

from marshmallow import fields, validate

from lrs_bridge.hooks import Evaluator, EvaluatorSettings, Level, Outcome, Posting, Role, declares
from tests.browser.looking import width_of


class Settings(EvaluatorSettings):
    each = fields.Float(
        load_default=10.0, validate=validate.Range(min=1, max=50), metadata={"help": "Points for a week, 1 to 50."}
    )


def steadiness(journey, evidence, settings, as_of):
    weeks = {fact.at.isocalendar()[:2] for fact in evidence.facts}
    return Outcome(min(100.0, settings["each"] * len(weeks)), n=len(weeks))


register_evaluators = declares(
    Evaluator(
        key="steadiness",
        title="Steadiness",
        version="1.2.0",
        functions={Level.PERSON: steadiness},
        schema=Settings,
        posting=Posting.DEFAULT,
        audience={Role.PARTICIPANT: "own", Role.FACILITATOR: "named"},
    )
)
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo of an installation that has the plugin."""
    packages = tmp_path_factory.mktemp("packages")
    (packages / "northpeak_steadiness.py").write_text(PLUGIN, encoding="utf-8")
    about = packages / "northpeak_steadiness-1.2.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: northpeak-steadiness\nVersion: 1.2.0\n")
    (about / "entry_points.txt").write_text("[lrs_bridge]\nsteadiness = northpeak_steadiness\n")
    sys.path.insert(0, str(packages))
    try:
        site = open_site(tmp_path_factory.mktemp("demo"), 0, 0, lambda *_: None)
    finally:
        sys.path.remove(str(packages))
    yield site
    site.stop()


def _come_in(page: Page, site: Site) -> None:
    with site.bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
        link = admins.make_link(session, tenant.id, site.bridge.clock(), "Ada Kaya")
    page.goto(f"{site.tool_url}/admin/enter/{link}")
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("link", name="Evaluators").click()


def _columns(page: Page, site: Site) -> list[str]:
    page.goto(f"{site.lms_url}/gradebook")
    return page.get_by_role("columnheader").all_inner_texts()


def _grades(page: Page, site: Site, column: str) -> list[str]:
    titles = _columns(page, site)
    place = next((number for number, title in enumerate(titles, 1) if title.startswith(column)), None)
    cells = page.locator(f"tbody tr > :nth-child({place})") if place else None
    return [text.strip() for text in cells.all_inner_texts()] if cells else []


def _settled(page: Page, site: Site, column: str, known: list[str]) -> list[str]:
    """The grades of the column once they are others than those known and none is missing."""
    for _ in range(SOON // 500):
        found = _grades(page, site, column)
        if found and found != known and not any(text.startswith("–") for text in found):
            return found
        page.wait_for_timeout(500)
    raise AssertionError(f"{column}: {_grades(page, site, column)}")


def test_a_plugin_is_enabled_after_a_look_at_its_effect_and_a_new_column_appears(page: Page, site: Site):
    assert not any(title.startswith("Steadiness") for title in _columns(page, site))

    _come_in(page, site)
    row = page.locator(".plugin-row").filter(has_text="Steadiness")
    expect(row).to_contain_text("from northpeak-steadiness 1.2.0")
    expect(row).to_contain_text("Off")
    row.get_by_role("link", name="Switch and set").click()
    page.get_by_role("region", name="For a course").get_by_role("link", name=COURSE, exact=True).click()
    page.get_by_role("group", name="Switch").get_by_text("On", exact=True).click()
    page.get_by_role("group", name="Column in the gradebook").get_by_text("A column", exact=True).click()
    page.get_by_label("Each").fill("5")
    page.get_by_role("button", name="See the effect").click()

    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("People with a value"))).to_contain_text("24 of 24")
    expect(page.get_by_role("region", name="In the gradebook")).to_contain_text(
        "A new column, “Steadiness”, out of 100: 24 scores of 24 people."
    )
    other = page.context.new_page()
    assert not any(title.startswith("Steadiness") for title in _columns(other, site))
    page.get_by_role("button", name="Save this").click()
    expect(page.get_by_role("status")).to_contain_text("It holds from now on.")

    grades = _settled(other, site, "Steadiness", [])
    assert len(grades) == 24

    page.get_by_role("link", name="Who changed it").click()
    expect(page.get_by_role("row", name=re.compile("Steadiness"))).to_contain_text("Ada Kaya")
    _switched_off_its_scores_stay(page, other, site, grades)


def _switched_off_its_scores_stay(page: Page, other: Page, site: Site, grades: list[str]) -> None:
    _come_in(page, site)
    page.locator(".plugin-row").filter(has_text="Steadiness").get_by_role("link", name="Switch and set").click()
    page.get_by_role("region", name="For a course").get_by_role("link", name=COURSE, exact=True).click()
    page.get_by_role("group", name="Switch").get_by_text("Off", exact=True).click()
    page.get_by_role("button", name="See the effect").click()
    expect(page.get_by_text("stays in the gradebook with the scores that are there")).to_be_visible()
    page.get_by_role("button", name="Save this").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("link", name="Evaluators").first.click()
    expect(page.locator(".plugin-row").filter(has_text="Steadiness")).to_contain_text("Off")
    assert _grades(other, site, "Steadiness") == grades


def test_the_look_at_an_effect_is_not_wider_than_a_small_phone(page: Page, site: Site):
    page.set_viewport_size({"width": 320, "height": 900})
    _come_in(page, site)
    page.locator(".plugin-row").filter(has_text="mtm_application").get_by_role("link", name="Switch and set").click()
    page.get_by_role("region", name="For a course").get_by_role("link", name=COURSE, exact=True).click()
    page.get_by_label("Half life days").fill("10")
    page.get_by_role("button", name="See the effect").click()
    expect(page.get_by_role("heading", name="What it would do")).to_be_visible()
    assert width_of(page) <= 320
