"""The whole demo, as a newcomer meets it: two servers, a launch, an act, and the score that follows."""

import re
import socket
import time
from html import unescape
from io import BytesIO
from urllib.parse import urljoin

import pytest
import requests
from click.testing import CliRunner
from pypdf import PdfReader

from lrs_bridge.cli.demo import demo
from lrs_bridge.demo import earlier, pilot
from lrs_bridge.demo.seed import OtherPlaceError
from lrs_bridge.demo.site import PortTakenError, forget, open_site

pytestmark = pytest.mark.xdist_group("site")

STARTS_WITHIN_SECONDS = 15  # of work: how long that takes depends on what else the machine does
CHANGES_WITHIN_SECONDS = 60  # the same; alone on a machine it is one or two


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def site(folder):
    opened = open_site(folder, 0, 0, lambda *_: None)
    yield opened
    opened.stop()


class Browser:
    """Keeps Secure cookies on http://localhost as browsers do, and requests does not."""

    def __init__(self):
        self.cookies = {}

    def send(self, method, url, data=None):
        while True:
            header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            answer = requests.request(
                method, url, data=data, headers={"Cookie": header}, allow_redirects=False, timeout=20
            )
            for line in answer.raw.headers.getlist("Set-Cookie"):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            if not answer.is_redirect:
                return answer
            method, url, data = "GET", urljoin(url, answer.headers["Location"]), None

    def submit(self, page, **filled):
        """Send the page's first form with what it holds hidden, and what a person filled in."""
        action = unescape(re.search(r'<form [^>]*action="([^"]+)"', page.text).group(1))
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
        data = {name: unescape(value) for name, value in fields.items()} | filled
        return self.send("POST", urljoin(page.url, action), data)


def arrive(site, key, link=""):
    """From the LMS's page to the tool's, through login initiation and authentication."""
    browser = Browser()
    answered = browser.submit(browser.send("GET", f"{site.lms_url}/launch/{key}{link}"))
    assert answered.url.startswith(f"{site.lms_url}/lti/auth")
    return browser, browser.submit(answered)


def cells(site):
    return requests.get(f"{site.lms_url}/gradebook.json", timeout=10).json()["cells"]


@pytest.mark.parametrize(
    "key",
    ["petra", "ben", "clara", "yusuf", "tomas", "mark", "nina", "sofia", "carl", "irene", "dario", "eva"],
)
def test_everybody_gets_in(site, key):
    """A launch ends on a page of the tool that answers 200."""
    _, page = arrive(site, key)
    assert page.status_code == 200
    assert page.url.startswith(f"{site.tool_url}/s/")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("amira", "Ask how others see it"),
        ("mark", "How do you see the work of Amira?"),
        ("carl", "Session: Amira"),
        ("dario", "10-week performance-consulting programme"),
    ],
)
def test_the_pilot_has_something_to_do_for_each(site, key, words):
    """A second run in a course of its own, by a link of its own; and nothing of it reaches the gradebook."""
    before = len(cells(site))
    _, page = arrive(site, key, f"/link/{pilot.LINK}")
    assert page.status_code == 200
    assert words in unescape(page.text)
    assert len(cells(site)) == before


def test_a_finished_report_is_two_clicks_from_the_first_page(site):
    """The study's first page behind the link has it as PDF; its sponsor finds it as well."""
    home = requests.get(site.lms_url, timeout=10).text
    assert f"/as/eva/link/{earlier.LINK}" in re.search(r'href="([^"]+)">See what comes out at the end', home).group(1)
    browser, page = arrive(site, "eva", f"/link/{earlier.LINK}")
    first = re.search(r'href="([^"]+/report\.pdf)"', page.text).group(1)
    answer = browser.send("GET", urljoin(page.url, first))
    assert answer.headers["Content-Type"] == "application/pdf"
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(answer.content)).pages).split())
    assert "What did not work, and what was left on the table" in text
    assert "For the sponsor" in text
    assert "EUR 28,160" in text
    _, hers = arrive(site, "sofia", f"/link/{earlier.LINK}")
    assert "/reports" in hers.text


def test_a_route_waits_for_the_coach(site):
    """Nikolai handed nothing in before the kick-off, so the rules cannot place him."""
    browser, page = arrive(site, "carl")
    routes = browser.send("GET", f"{page.url.rstrip('/')}/routes")
    waiting = routes.text.partition("Without a way yet")[2].partition("Placed")[0]
    assert "Nikolai Ivanov" in waiting


def test_a_manager_whom_the_lms_calls_a_learner_is_not_enrolled(site):
    """Mark sees his people, and the gradebook gets no row for him."""
    _, page = arrive(site, "mark")
    assert "Petra" in page.text
    mark = site.course.by_key["mark"]
    assert not [cell for cell in cells(site) if cell.endswith(f":{mark.id}")]


def test_the_gradebook_is_full_at_the_start(site):
    """Completion and application for all 24, manager engagement for all but Clara, the survey of those who answered."""
    by_column = {}
    for cell in cells(site):
        column, user = cell.split(":")
        by_column.setdefault(column, set()).add(user)
    everybody = {user.id for user in site.course.graded}
    clara = site.course.by_key["clara"].id
    assert len(by_column) == 4
    assert by_column["1"] == everybody
    assert sum(users == everybody for users in by_column.values()) == 2
    assert sum(users == everybody - {clara} for users in by_column.values()) == 1
    assert sum(10 <= len(users) < 20 for users in by_column.values()) == 1


def test_an_act_changes_the_gradebook_within_seconds(site):
    """Petra logs a new kind of moment; her application score rises in the LMS without anybody else doing a thing."""
    browser, page = arrive(site, "petra")
    own = {cell: grade for cell, grade in cells(site).items() if cell.endswith(":" + site.course.by_key["petra"].id)}
    form = browser.send("GET", f"{page.url.rstrip('/')}/log?step=S23")
    moment = {"moment": "M3", "behaviours": "B2", "when": "yesterday", "outcome": "3"}
    assert browser.submit(form, **moment).status_code == 200
    deadline = time.monotonic() + CHANGES_WITHIN_SECONDS
    higher = []
    while len(higher) < 2 and time.monotonic() < deadline:
        now = cells(site)
        higher = [cell for cell, grade in own.items() if float(now[cell]["points"]) > float(grade["points"])]
    assert len(higher) == 2, "journey completion and application on the job"


def test_a_port_in_use_is_named_with_the_mend(folder):
    """The message says which option chooses another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"Port {port} .* --lms-port"):
            open_site(folder, 0, port, lambda *_: None)


def test_the_command_says_so_without_a_stack_trace(tmp_path, monkeypatch):
    """Exit status 1 and one line."""
    monkeypatch.setenv("LRS_BRIDGE_DATA_DIR", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = CliRunner().invoke(demo, ["--port", str(taken.getsockname()[1]), "--lms-port", "0"])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: Port ")
    assert "Traceback" not in answer.output


def test_a_second_start_finds_the_first_ones_data(tmp_path):
    """Same ports: the run and its grades are there. Other ports: refused, with the way out. --fresh: a new start."""
    began = time.process_time()
    first = open_site(tmp_path, 0, 0, lambda *_: None)
    assert time.process_time() - began < STARTS_WITHIN_SECONDS
    ports = [int(url.rpartition(":")[2]) for url in (first.tool_url, first.lms_url)]
    grades = cells(first)
    first.stop()

    said = []
    second = open_site(tmp_path, *ports, lambda *told: said.append(told))
    assert (second.seeded.new, second.seeded.day_zero) == (False, first.seeded.day_zero)
    assert cells(second) == grades
    assert not said
    second.stop()

    with pytest.raises(OtherPlaceError, match="--fresh"):
        open_site(tmp_path, 0, 0, lambda *_: None)
    third = open_site(tmp_path, 0, 0, lambda *_: None, fresh=True)
    assert third.seeded.new
    third.stop()


def test_forgetting_leaves_what_is_not_the_demos(tmp_path):
    """A file that happens to lie there stays."""
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "lms.db-wal").write_text("")
    forget(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
