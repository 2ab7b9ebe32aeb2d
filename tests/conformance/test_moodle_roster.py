"""Against recorded rosters of a real Moodle: its pages, its short role names, and what it does not tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.roster import Member
from lrs_bridge.lti.roster import NrpsRoster
from lrs_bridge.store.platforms import Platform
from tests.fakes.launching import Tool
from tests.fakes.platform import FakePlatform
from tests.fakes.recorded import Exchange, RecordedPlatform

GOLDEN = Path(__file__).parent.parent / "golden" / "moodle"
MOODLE = "http://localhost:8080"
MEMBERS = f"{MOODLE}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
EXCHANGES: list[Exchange] = json.loads((GOLDEN / "roster-exchanges.json").read_text())
LEARNERS = {"4", "5", "6", "7", "8"}


def case(name: str) -> Exchange:
    return next(one for one in EXCHANGES if one["case"] == name)


def at(url: str, exchange: Exchange) -> Exchange:
    """The same exchange, asked for at another address."""
    return {**exchange, "request": {**exchange["request"], "url": url}}


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return Tool(tmp_path, requests.Session(), base_url="http://localhost:5001").with_key()


@pytest.fixture
def platform(tool: Tool) -> Platform:
    return tool.register(FakePlatform(issuer=MOODLE), token_url=f"{MOODLE}/mod/lti/token.php")


def read(tool: Tool, platform: Platform, url: str, exchanges: list[Exchange]) -> tuple[list[list[Member]], list[str]]:
    """The pages, and the addresses that were asked for."""
    tokens = json.loads((GOLDEN / "line-item-exchanges.json").read_text())
    token = next(one for one in tokens if one["case"] == "token: one scope")
    recorded = RecordedPlatform([token, *exchanges])
    http = requests.Session()
    http.mount(MOODLE, recorded)
    pages = list(NrpsRoster(tool.sessions, http, tool.settings, tool.clock).pages(platform.id, url))
    return pages, [str(one.url) for one in recorded.asked if one.method == "GET"]


def test_a_course_in_one_page(tool: Tool, platform: Platform) -> None:
    """Moodle lists a mentor as a learner, and has its admin and managers nowhere."""
    whole = at(f"{MEMBERS}?limit=200", case("nrps LTI101"))
    ((*members,),), asked = read(tool, platform, MEMBERS, [whole])
    assert asked == [f"{MEMBERS}?limit=200"]
    assert {member.user_id for member in members if member.learns} == LEARNERS
    tina = next(member for member in members if member.user_id == "3")
    assert (tina.roles, tina.name, tina.email, tina.learns) == (
        {CourseRole.INSTRUCTOR},
        "Tina Teacher",
        "teacher1@example.com",
        False,
    )
    assert next(member.name for member in members if member.user_id == "6") == "Sue Słoń-Ünïcode"


def test_a_course_page_by_page(tool: Tool, platform: Platform) -> None:
    """Its links are followed as given, to a last page that may be empty."""
    everybody: list[Any] = case("nrps LTI101")["response"]["body"]["members"]
    third = case("nrps ?limit=2&from=2")
    third = at(f"{MEMBERS}?limit=2&from=4", third)
    link = f'<{MEMBERS}?limit=2&from=6>; rel="next"'
    third = {
        **third,
        "response": {
            **third["response"],
            "headers": {**third["response"]["headers"], "Link": link},
            "body": {"members": everybody[4:]},
        },
    }
    pages, asked = read(tool, platform, f"{MEMBERS}?limit=2", [*EXCHANGES, third])
    assert [len(page) for page in pages] == [2, 2, 2, 0]
    assert asked == [f"{MEMBERS}?limit=2{more}" for more in ("", "&from=2", "&from=4", "&from=6")]
    assert {member.user_id for page in pages for member in page if member.learns} == LEARNERS


def test_its_next_link_forgets_the_role_and_roles_are_ours_to_read(tool: Tool, platform: Platform) -> None:
    """Asked for learners, it goes on with everybody; so nothing is asked for by role, and everybody is looked at."""
    first = case("nrps ?limit=2&role=Learner")
    assert "role" not in first["response"]["headers"]["Link"]
    rest = at(f"{MEMBERS}?limit=2&from=2", case("nrps LTI101"))
    pages, asked = read(tool, platform, f"{MEMBERS}?limit=2&role=Learner", [first, rest])
    assert asked[1] == f"{MEMBERS}?limit=2&from=2"
    assert {member.user_id for page in pages for member in page if member.learns} == LEARNERS


@pytest.mark.parametrize(
    ("name", "trouble"),
    [("nrps ?rlid=3", Unavailable), ("nrps ?rlid=999", Refused), ("nrps Accept application/json", Refused)],
)
def test_what_it_says_when_it_does_not_tell(
    name: str, trouble: type[Exception], tool: Tool, platform: Platform
) -> None:
    """502 from the gateway is worth another try; 404 and 400 are not."""
    told = at(f"{MEMBERS}?limit=200", case(name))
    headers = {"Accept": case("nrps LTI101")["request"]["headers"]["Accept"]}
    told = {**told, "request": {**told["request"], "headers": headers}}
    with pytest.raises(trouble):
        read(tool, platform, MEMBERS, [told])
