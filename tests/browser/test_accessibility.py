"""Every page that there is, for everybody who comes, full, empty and with mistakes: what axe and the keyboard say.

The walk follows the links from each guest's first page, so a page that nobody can reach is found here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest
from playwright.sync_api import Page

from bench.touring import Tour
from tests.browser.looking import Look, worth_a_look

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NO_PAGES = {
    "static": "files",
    "bootstrap.static": "files",
    "health": "for machines",
    "metrics": "for machines",
    "lrs_api": "xAPI, for record stores and other systems",
    "lti.jwks": "keys, for LMSs",
    "lti.mark": "proves a browser in a launch; see test_blocked_cookies",
    "registration.canvas": "a file for Canvas",
    "admin.export": "a file",
    "admin.export_changes": "a file",
    "admin.export_statements": "a file",
    "admin.design_draft_file": "a file",
    "admin.design_version_file": "a file",
    "admin.export_acts": "a file",
    "admin.leaders_csv": "a file",
    "admin.leaders_people_file": "a file",
    "admin.leaders_template": "a file",
    "admin.letter_file": "a file",
    "visit.design_draft_file": "a file",
    "visit.design_version_file": "a file",
    "visit.export_statements": "a file",
    "visit.leaders_csv": "a file",
    "visit.leaders_people_file": "a file",
    "visit.leaders_template": "a file",
    "visit.led_step_dates": "a calendar",
    "visit.my_data_file": "a file",
    "visit.report_pdf": "a file",
    "visit.run_results_csv": "a file",
    "visit.study_report_pdf": "a file",
    "visit.run_results_excel": "a file",
    "visit.step_dates": "a calendar",
}
"""What answers GET and shows nothing to people: the endpoint or its blueprint, and what it is instead."""


def _is_page(endpoint: str) -> bool:
    return endpoint not in NO_PAGES and endpoint.partition(".")[0] not in NO_PAGES


def test_the_walk_finds_every_page(walked: Tour) -> None:
    """A new page is walked by being linked, or else named where the walk begins (`bench/visiting.py`)."""
    there = {rule.endpoint for rule in walked.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {one for one in there if _is_page(one)} == {stop.endpoint for stop in walked.stops}


def test_what_is_no_page_is_there(walked: Tour) -> None:
    """The list of exceptions holds nothing that has gone."""
    there = {rule.endpoint for rule in walked.app.url_map.iter_rules()}
    assert set(NO_PAGES) <= there | {endpoint.partition(".")[0] for endpoint in there}


def test_no_link_is_dead_and_nothing_breaks(walked: Tour) -> None:
    """Neither a link nor a form sent empty leads to a page that is not there, or to one that cannot be shown."""
    assert walked.refused == []


@pytest.mark.parametrize("state", ["full", "empty", "error"])
def test_each_state_is_among_the_pages(walked: Tour, state: str) -> None:
    """Otherwise what follows would prove little."""
    assert len({stop.endpoint for stop in worth_a_look(walked.stops) if stop.state == state}) > 30


def test_axe_finds_nothing_on_any_page(looks: Sequence[Look]) -> None:
    """All of axe-core's rules, also those that are good practice only; what is folded is unfolded first."""
    assert found(looks, lambda look: look.axe) == {}


def test_whatever_acts_takes_the_focus(looks: Sequence[Look]) -> None:
    """Links, buttons, fields and what unfolds: the keyboard reaches each of them."""
    assert found(looks, lambda look: look.away) == {}


def test_the_focus_is_seen_wherever_it_is(looks: Sequence[Look]) -> None:
    """An outline, a shadow or a border changes, on the thing itself or on the label that stands for it."""
    assert found(looks, lambda look: look.blind) == {}


def test_a_form_is_filled_in_by_keyboard_alone(page: Page, walked: Tour) -> None:
    """The form for a moment: Tab goes through all of its parts in their order, and Space chooses."""
    (stop,) = [one for one in walked.stops if (one.guest, one.endpoint, one.state) == ("petra", "visit.log", "full")]
    page.set_content(stop.html)
    names = page.locator("form.form :is(input:not([type=hidden]), textarea, button)").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.name || one.type)"
    )
    met = []
    for _ in range(3 * len(names)):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.name || document.activeElement.type || ''"))
        kind, before = page.evaluate("[document.activeElement.type, document.activeElement.checked]")
        if kind in ("radio", "checkbox"):
            page.keyboard.press("Space")
            assert page.evaluate("document.activeElement.checked") is (kind == "radio" or not before)
        if kind == "submit":
            break
    assert list(dict.fromkeys(name for name in met if name in names)) == list(dict.fromkeys(names))


def found(looks: Iterable[Look], part: Callable[[Look], Sequence[object]]) -> dict[str, Sequence[object]]:
    """By page, what was found there."""
    return {str(look.stop): part(look) for look in looks if part(look)}
