"""Reading a roster: all of it or nothing, wherever its pages are, whatever the LMS writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.roster import Member, merged
from lrs_bridge.lti.roster import MEMBERS_SCOPE, MEMBERS_TYPE, NrpsRoster
from lrs_bridge.store.platforms import Platform
from tests.fakes.launching import Tool
from tests.fakes.platform import CONTEXT_ROLE, FakePlatform, Reply

PATH = "/courses/1/members"
HEADERS = {"Content-Type": f"{MEMBERS_TYPE}; charset=utf-8"}


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    return Tool(tmp_path, lms.http()).with_key()


@pytest.fixture
def platform(tool: Tool, lms: FakePlatform) -> Platform:
    return tool.register(lms)


@pytest.fixture
def roster(tool: Tool) -> NrpsRoster:
    return NrpsRoster(tool.sessions, tool.http, tool.settings, tool.clock)


def row(user: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"user_id": user, "roles": list(roles or ("Learner",)), **more}


def page(*rows: Any, link: str | None = None) -> Reply:
    return 200, HEADERS | ({"Link": link} if link else {}), {"id": "x", "members": list(rows)}


def read(roster: NrpsRoster, platform: Platform, lms: FakePlatform, query: str = "") -> list[list[Member]]:
    return list(roster.pages(platform.id, f"{lms.issuer}{PATH}{query}"))


def users(pages: list[list[Member]]) -> list[list[str]]:
    return [[member.user_id for member in one] for one in pages]


def test_pages_are_asked_for_with_the_exact_media_type_and_scope(
    roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """Moodle answers 400 to application/json, and pages only when asked; a query of the address stays."""
    lms.answers[PATH] = page(row("1"))
    assert users(read(roster, platform, lms, "?rlid=5")) == [["1"]]
    (asked,) = lms.asked_at(PATH)
    assert asked.headers["Accept"] == MEMBERS_TYPE
    assert parse_qs(urlsplit(str(asked.url)).query) == {"rlid": ["5"], "limit": ["200"]}
    (token,) = lms.asked_at("/token")
    assert parse_qs(str(token.body))["scope"] == [MEMBERS_SCOPE]


def test_who_is_in_which_group_is_told_on_request_only(
    roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """By a parameter of the Course Groups Service, sent to nobody who does not offer it."""
    lms.answers[PATH] = page(row("1"))
    for with_groups in (False, True):
        list(roster.pages(platform.id, lms.issuer + PATH, with_groups))
    queries = [parse_qs(urlsplit(str(asked.url)).query) for asked in lms.asked_at(PATH)]
    assert queries == [{"limit": ["200"]}, {"limit": ["200"], "groups": ["true"]}]


def test_a_limit_in_the_address_is_the_lmss_own(roster: NrpsRoster, platform: Platform, lms: FakePlatform) -> None:
    """It is not doubled."""
    lms.answers[PATH] = page(row("1"))
    read(roster, platform, lms, "?limit=50")
    assert str(lms.asked_at(PATH)[0].url).endswith("?limit=50")


@pytest.mark.parametrize(
    "link",
    [
        "<{0}/elsewhere?p=2>; rel=next",
        '<{0}/courses/1/members?p=1>; rel="first", <{0}/elsewhere?p=2>; rel="next", <{0}/z>; rel="last"',
        "<{0}/elsewhere?p=2>; REL=NEXT",
        '</elsewhere?p=2>; rel="next"',
        '<HTTPS://LMS.EXAMPLE:443/elsewhere?p=2>; rel="next"',
        '<{0}/elsewhere?p=2>; rel="differences next"',
    ],
)
def test_the_next_page_is_where_the_lms_says(
    link: str, tool: Tool, roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """Whatever the casing and the path, among other relations in one header."""
    lms.answers[PATH] = page(row("1"), link=link.format(lms.issuer))
    lms.answers["/elsewhere"] = page(row("2"))
    tool.http.mount("HTTPS://LMS.EXAMPLE", lms)
    assert users(read(roster, platform, lms)) == [["1"], ["2"]]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/p2",
        "http://lms.example/p2",
        "https://lms.example:8443/p2",
        "https://lms.example.evil.example/",
    ],
)
def test_our_token_goes_nowhere_else(
    url: str, tool: Tool, roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """Another host, port or scheme ends the reading, and nothing is sent there."""
    tool.http.mount(url, lms)
    lms.answers[PATH] = page(row("1"), link=f'<{url}>; rel="next"')
    before = lms.asked
    with pytest.raises(Refused, match="where we do not go"):
        read(roster, platform, lms)
    assert not [asked for asked in before if str(asked.url).startswith(url)]


def test_a_page_at_the_token_services_host_is_followed(tool: Tool, lms: FakePlatform, roster: NrpsRoster) -> None:
    """D2L and others serve from a host of their own; the one with our assertion is as good as the first."""
    platform = tool.register(lms, token_url="https://auth.example/token")
    tool.http.mount("https://auth.example", lms)
    lms.answers[PATH] = page(row("1"), link='<https://auth.example/p2>; rel="next"')
    lms.answers["/p2"] = page(row("2"))
    assert users(read(roster, platform, lms)) == [["1"], ["2"]]


@pytest.mark.parametrize("back", [PATH + "?limit=200", "/p2"])
def test_a_loop_is_no_end(back: str, roster: NrpsRoster, platform: Platform, lms: FakePlatform) -> None:
    """A link to a page that was read makes the roster one that we cannot know the end of."""
    lms.answers[PATH] = page(row("1"), link=f'<{lms.issuer}/p2>; rel="next"')
    lms.answers["/p2"] = page(row("2"), link=f'<{lms.issuer}{back}>; rel="next"')
    with pytest.raises(Refused, match="leads back"):
        read(roster, platform, lms)
    assert len(lms.asked_at(PATH)) + len(lms.asked_at("/p2")) == 2


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        ((503, {"Retry-After": "120"}, ""), 120.0),
        ((429, {"Retry-After": "7"}, {"message": "Slow down."}), 7.0),
        ((403, {"X-Rate-Limit-Remaining": "0.0"}, "403 Forbidden (Rate Limit Exceeded)\n"), None),
        ((500, {}, "<html>"), None),
        ((502, {}, "<html>"), None),
        ((302, {"Location": "https://lms.example/login"}, ""), None),
        ((200, HEADERS, "<html>"), None),
        ((200, HEADERS, []), None),
        ((200, HEADERS, {}), None),
        ((200, HEADERS, {"members": None}), None),
        (requests.ConnectionError(), None),
        (requests.Timeout(), None),
    ],
)
def test_trouble_on_a_later_page_is_trouble_with_the_whole(
    reply: Any, wait: float | None, roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """What was read until then is not the roster, and the flow is told when to try again."""
    lms.answers[PATH] = page(row("1"), link=f'<{lms.issuer}/p2>; rel="next"')
    lms.answers["/p2"] = reply
    seen: Iterator[list[Member]] = roster.pages(platform.id, lms.issuer + PATH)
    assert [member.user_id for member in next(seen)] == ["1"]
    with pytest.raises(Unavailable) as caught:
        next(seen)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("status", "words"), [(401, "does not let"), (403, "does not let"), (404, "404"), (400, "400")]
)
def test_a_refusal_waits_for_a_person(
    status: int, words: str, roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """With the LMS's own words."""
    lms.answers[PATH] = (status, {}, {"message": "No such thing."})
    with pytest.raises(Refused, match=words) as caught:
        read(roster, platform, lms)
    assert "No such thing." in caught.value.reason


def test_a_token_that_ended_early_is_asked_for_anew_once(
    roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """401 costs one new token; the next roster uses it again."""
    lms.answers[PATH] = lambda asked: (
        page(row("1")) if asked.headers["Authorization"] == "Bearer token-2" else (401, {}, "")
    )
    assert users(read(roster, platform, lms)) == [["1"]]
    assert users(read(roster, platform, lms)) == [["1"]]
    assert lms.tokens_given == 2


@pytest.mark.parametrize(
    ("roles", "learns"),
    [
        (["Learner"], True),
        ([CONTEXT_ROLE + "Learner"], True),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#NonCreditLearner"], True),
        (["Learner", "Instructor"], False),
        (["Learner", "Mentor"], False),
        (["Learner", "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"], True),
        ([CONTEXT_ROLE + "Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"], False),
        (["Mentor"], False),
        (["Instructor"], False),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"], False),
        (["Guest"], False),
        ([], False),
        ("Learner", False),
        (None, False),
        ([None, 7, {}], False),
    ],
)
def test_roles_are_read_with_least_privilege(
    roles: Any, learns: bool, roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """Only somebody who is a learner and nothing more takes part by standing on a list."""
    lms.answers[PATH] = page({"user_id": "1", "roles": roles})
    ((member,),) = read(roster, platform, lms)
    assert member.learns is learns


@pytest.mark.parametrize(
    ("status", "active"), [(None, True), ("Active", True), ("Inactive", False), ("Deleted", False), ("deleted", False)]
)
def test_a_status_says_who_is_still_there(
    status: str | None, active: bool, roster: NrpsRoster, platform: Platform, lms: FakePlatform
) -> None:
    """Without one, a member is active (NRPS 2.0)."""
    lms.answers[PATH] = page(row("1", **({"status": status} if status else {})))
    ((member,),) = read(roster, platform, lms)
    assert (member.active, member.learns) == (active, active)


def test_rows_that_are_none_are_passed_over(roster: NrpsRoster, platform: Platform, lms: FakePlatform) -> None:
    """Somebody without a user id cannot be launched either; names and e-mails may be anything."""
    rows = [
        "no",
        None,
        {},
        {"roles": ["Learner"]},
        row("5", name=7, email=["x"], given_name="Sam", family_name="Student"),
    ]
    lms.answers[PATH] = page(*rows, {"user_id": 6, "roles": ["Learner"], "name": "n" * 500})
    ((sam, six),) = read(roster, platform, lms)
    assert (sam.user_id, sam.name, sam.email) == ("5", "Sam Student", None)
    assert (six.user_id, len(six.name or "")) == ("6", 200)


def test_one_person_on_two_pages_is_one_person() -> None:
    """With all roles and groups; a row that is over adds nothing to one that is not."""
    learner, teacher = frozenset({CourseRole.LEARNER}), frozenset({CourseRole.INSTRUCTOR})
    found = merged(
        [
            Member("1", learner, groups=("a",)),
            Member("2", learner, active=False),
            Member("1", teacher, name="Uno", groups=("b",)),
            Member("2", learner),
            Member("3", learner),
            Member("3", teacher, active=False),
        ]
    )
    assert (found["1"].roles, found["1"].name, found["1"].groups) == (learner | teacher, "Uno", ("a", "b"))
    assert {user: member.learns for user, member in found.items()} == {"1": False, "2": True, "3": True}


def test_groups_have_names(roster: NrpsRoster, platform: Platform, lms: FakePlatform) -> None:
    """Course Groups Service 1.0: ids in the roster, names at the service."""
    lms.answers[PATH] = page(row("1", group_enrollments=[{"group_id": "g1"}, {"group_id": 2}, "x", {}]))
    lms.answers["/groups"] = (
        200,
        {},
        {"groups": [{"id": "g1", "name": "North"}, {"id": 2, "name": "South"}, {"id": 3}]},
    )
    ((member,),) = read(roster, platform, lms)
    assert member.groups == ("g1", "2")
    assert roster.groups(platform.id, f"{lms.issuer}/groups") == {"g1": "North", "2": "South"}
