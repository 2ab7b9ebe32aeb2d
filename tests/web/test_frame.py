"""What every page keeps: headers, no inline script or style, one heading, visits that end, forms of one's own."""

from __future__ import annotations

import re

import pytest

from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.web import security
from lrs_bridge.web.marks import BROWSER_COOKIE
from tests.databases import empty
from tests.flows.world import build
from tests.personas import SECRET, House, Page, Tab, move_in

PAGES = [
    ("petra", ""),
    ("petra", "journey"),
    ("petra", "steps/S04"),
    ("petra", "steps/S08"),
    ("petra", "steps/S09"),
    ("petra", "steps/S24"),
    ("petra", "steps/S28"),
    ("petra", "log"),
    ("petra", "no-chance"),
    ("petra", "why/journey_completion"),
    ("petra", "why/success_case"),
    ("mark", ""),
    ("mark", "people"),
    ("dario", ""),
    ("dario", "overview"),
    ("dario", "run/why/journey_completion"),
    ("dario", "run/why/skill_gain"),
    ("stan", ""),
    ("mark", "journey"),
    ("petra", "nowhere"),
]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One house for the pages that are only looked at."""
    path = tmp_path_factory.mktemp("pages") / "test.db"
    empty(path)
    house = move_in(build(Sessions(connect(f"sqlite:///{path}"))))
    house.evaluate()
    return house


def tab(house: House, name: str) -> Tab:
    found: Tab = getattr(house, name)
    return found


@pytest.mark.parametrize(("name", "path"), PAGES)
def test_every_page_can_be_framed_by_its_lms_only_and_runs_nothing_inline(
    furnished: House, name: str, path: str
) -> None:
    """A strict policy, no X-Frame-Options, no referrer, nothing kept, and no script or style in the page."""
    page = tab(furnished, name).open(path)
    headers = page.answer.headers
    policy = headers["Content-Security-Policy"]
    lms = "https://other.example" if name == "stan" else "https://lms.example"
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'")
    assert re.search(rf"frame-ancestors 'self'[^;]* {re.escape(lms)}", policy)
    assert "script" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page.html)


@pytest.mark.parametrize(("name", "path"), PAGES)
def test_every_page_has_one_heading_a_language_and_local_styles(furnished: House, name: str, path: str) -> None:
    """One h1, ids that are unique, labels that point at something, and no address outside."""
    page = tab(furnished, name).open(path)
    assert len(re.findall(r"<h1\b", page.html)) == 1
    assert '<html lang="en">' in page.html
    assert '<a class="skip" href="#main">' in page.html
    ids = re.findall(r'\bid="([^"]+)"', page.html)
    assert len(ids) == len(set(ids))
    for wanted in re.findall(r'\b(?:for|aria-labelledby|aria-describedby)="([^"]+)"', page.html):
        assert wanted in ids
    assert "/static/look.css" in page.html
    assert "bootstrap.min.css" in page.html
    assert not re.search(r'(?:src|href)="https?://', page.html)


def test_the_styles_are_served_from_here(furnished: House) -> None:
    """Bootstrap and our own sheet, without a network."""
    page = furnished.petra.open()
    sheets = re.findall(r'href="([^"]+\.css)"', page.html)
    assert len(sheets) == 2
    for sheet in sheets:
        assert furnished.client().get(sheet).status_code == 200


def test_a_platform_without_a_visit_may_frame_a_door(furnished: House) -> None:
    """A refused launch is shown inside the LMS, too."""
    answer = furnished.client().get("/nowhere")
    assert answer.status_code == 404
    assert "https://lms.example" in answer.headers["Content-Security-Policy"]


def test_a_token_that_was_never_given_opens_a_friendly_door(house: House) -> None:
    """With a code to quote, and without telling what is behind."""
    page = Tab(house.client(), "never-given").open()
    assert page.status == 403
    assert "Open the journey again from your course" in page.text
    assert re.search(r"\b[2-9A-Z]{3}-[2-9A-Z]{3}\b", page.text)


def test_a_visit_ends_after_an_hour_without_a_word(house: House) -> None:
    """Every page opened begins the hour anew."""
    petra = house.petra
    house.world.clock.on(minutes=59)
    assert petra.open().status == 200
    house.world.clock.on(minutes=59)
    assert petra.open().status == 200
    house.world.clock.on(minutes=61)
    assert petra.open().status == 403


def test_a_visit_that_began_with_a_cookie_needs_it(house: House) -> None:
    """A token that leaks out of the path opens nothing in another browser."""
    from lrs_bridge.store.logins import digest

    launch = house.world.launch("petra", CourseRole.LEARNER)
    petra = house.launched(launch, browser=digest("mark-of-the-browser"))
    assert petra.open().status == 403
    kept = {"Cookie": f"{BROWSER_COOKIE}=mark-of-the-browser"}
    assert Page(petra.client.get(petra.path(), headers=kept)).status == 200
    other = {"Cookie": f"{BROWSER_COOKIE}=another-browser"}
    assert Page(petra.client.get(petra.path(), headers=other)).status == 403


def test_two_tabs_do_not_mix(house: House) -> None:
    """One client, two roles: the token in the path decides."""
    petra, dario = house.petra, house.dario
    dario.client = petra.client
    assert "Petra Novak" in petra.open().text
    assert "Dario Conti" in dario.open().text
    assert petra.open("overview").status == 403


@pytest.mark.parametrize("csrf", [None, "", "wrong", "of another tab"])
def test_a_form_without_its_own_mark_changes_nothing(house: House, csrf: str | None) -> None:
    """The mark is an HMAC of the visit's token, so another tab's does not fit."""
    petra = house.petra
    before = house.facts()
    mark = security.csrf_token(house.petra.token, SECRET) if csrf == "of another tab" else csrf
    fields = {"act": "6c1f7e0a-0000-4000-8000-000000000001"} | ({} if mark is None else {"csrf": mark})
    answer = petra.send("steps/S08", **fields)
    assert answer.status == 403
    assert "nothing was saved" in answer.text
    assert house.facts() == before


def test_a_form_over_a_megabyte_is_refused(house: House) -> None:
    """Before anything of it is read."""
    answer = house.petra.send("log", words="x" * 1_100_000)
    assert answer.status == 413
    assert "up to one megabyte" in answer.text


def test_an_address_that_only_takes_forms_says_so(house: House) -> None:
    """405 names what it does take."""
    page = house.dario.open("overview/again")
    assert page.status == 405
    assert page.answer.headers["Allow"]


def test_a_fault_shows_a_door_and_no_trace(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The page has a code, the log has the code and the trace, and neither has the token."""
    from lrs_bridge.web import journey

    def broken(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(journey.rows, "phases", broken)
    petra = house.petra
    page = petra.open()
    assert page.status == 500
    assert "a secret detail" not in page.html
    assert "Traceback" not in page.html
    code = re.search(r"\b[2-9A-Z]{3}-[2-9A-Z]{3}\b", page.text)
    assert code
    assert code.group() in caplog.text
    assert "a secret detail" in caplog.text
    assert petra.token not in caplog.text


def test_health_says_whether_the_tables_are_there(house: House) -> None:
    """Live is the process alone; ready asks the database (these tables were made without migrations)."""
    client = house.client()
    assert client.get("/health/live").json == {"status": "live"}
    ready = client.get("/health/ready")
    assert ready.json["status"] in ("ready", "not ready")
    assert ready.status_code == (200 if ready.json["status"] == "ready" else 503)
