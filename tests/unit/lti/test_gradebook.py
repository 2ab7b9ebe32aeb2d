"""The gradebook client: what it sends, and what it makes of each answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.domain.delivery import LineItemGone, Refused, Unavailable
from lrs_bridge.domain.scores import ActivityProgress, LineItem, Score
from lrs_bridge.lti.gradebook import AgsGradebook, beside_query, score_body, stamp, with_query
from lrs_bridge.store.platforms import Platform
from tests.fakes.launching import NOON, Tool
from tests.fakes.platform import FakePlatform, Reply

LINE_ITEMS = "https://lms.example/lineitems?type_id=1"
LINE_ITEM = "https://lms.example/2/lineitems/12/lineitem?type_id=1"
SCORES = "/2/lineitems/12/lineitem/scores"
ITEM = LineItem("run-1", "journey_completion", "Journey completion", 100.0)
CANVAS_IS_BUSY = "403 Forbidden (Rate Limit Exceeded)\n"
SCORE = Score("petra", 72.5, 100.0, ActivityProgress.IN_PROGRESS, NOON)


@pytest.fixture
def lms() -> FakePlatform:
    """With the column of the activity itself."""
    return FakePlatform(line_items=[{"id": LINE_ITEM, "label": "The activity"}])


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    return Tool(tmp_path, lms.http()).with_key()


@pytest.fixture
def platform(tool: Tool, lms: FakePlatform) -> Platform:
    return tool.register(lms)


@pytest.fixture
def gradebook(tool: Tool) -> AgsGradebook:
    return AgsGradebook(tool.sessions, tool.http, tool.settings, tool.clock)


# Scores


def test_a_score_is_posted_beside_the_query(gradebook: AgsGradebook, platform: Platform, lms: FakePlatform) -> None:
    """`/scores` belongs to the path, the query stays; the media type is exact."""
    gradebook.send(platform.id, LINE_ITEM, SCORE)
    (request,) = lms.asked_at(SCORES)
    assert request.method == "POST"
    assert request.url == "https://lms.example/2/lineitems/12/lineitem/scores?type_id=1"
    assert request.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert request.headers["Authorization"] == "Bearer token-1"
    assert json.loads(request.body or b"") == {
        "userId": "petra",
        "scoreGiven": 72.5,
        "scoreMaximum": 100,
        "activityProgress": "InProgress",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-03-26T12:00:00.000Z",
        "https://canvas.instructure.com/lti/submission": {"new_submission": False},
    }


def test_zero_is_a_grade_and_absent_is_not() -> None:
    """A score of nothing is withdrawn, since there is no other way to take a grade back."""
    assert score_body(Score("petra", 0.0, 100.0, ActivityProgress.COMPLETED, NOON))["scoreGiven"] == 0
    withdrawn = score_body(Score("petra", None, 100.0, ActivityProgress.IN_PROGRESS, NOON))
    assert "scoreGiven" not in withdrawn
    assert withdrawn["gradingProgress"] == "NotReady"


def test_a_time_is_sent_in_utc_with_its_zone() -> None:
    """Whatever zone it was given in."""
    assert stamp(datetime(2026, 3, 26, 14, 0, 0, 123456, timezone(timedelta(hours=2)))) == "2026-03-26T12:00:00.123Z"


@settings(max_examples=60)
@given(st.integers(0, 4_000_000_000_000).map(lambda n: datetime.fromtimestamp(n / 1000, UTC)))
def test_a_later_score_has_a_later_time_in_whole_seconds(moment: datetime) -> None:
    """Moodle compares seconds: a second more in, a second more out."""
    first, second = (datetime.fromisoformat(stamp(at)) for at in (moment, moment + timedelta(seconds=1)))
    assert int(second.timestamp()) > int(first.timestamp())


@pytest.mark.parametrize(
    ("answer", "wait", "alone"),
    [
        ((409, {}, []), 2.0, True),
        ((429, {"Retry-After": "30"}, ""), 30.0, False),
        ((403, {"Content-Type": "text/plain", "X-Rate-Limit-Remaining": "0.0"}, CANVAS_IS_BUSY), None, False),
        ((500, {}, "<html>"), None, True),
        ((502, {}, "<html>"), None, False),
        ((503, {"Retry-After": "Thu, 26 Mar 2026 12:01:00 GMT"}, ""), 60.0, False),
        ((302, {"Location": "https://elsewhere.example/"}, ""), None, False),
        (requests.ConnectTimeout("slow"), None, False),
        (requests.ConnectionError("refused"), None, False),
    ],
)
def test_what_may_pass_is_to_be_tried_again(
    answer: Reply | Exception,
    wait: float | None,
    alone: bool,
    gradebook: AgsGradebook,
    platform: Platform,
    lms: FakePlatform,
) -> None:
    """With the wait the LMS asks for; and the client itself tries once only."""
    lms.answers[SCORES] = answer
    with pytest.raises(Unavailable) as caught:
        gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert (caught.value.retry_after, caught.value.alone) == (wait, alone)
    assert len(lms.asked_at(SCORES)) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((400, {}, {"status": 400, "reason": "Bad Request"}), "The LMS answers 400 (Bad Request)."),
        ((403, {}, "<html><body>Forbidden</body></html>"), "The LMS answers 403."),
        ((422, {}, {"errors": {"type": "unprocessable_entity", "message": "User not found"}}), "User not found"),
        ((400, {}, "x" * 5000), "xxx…)."),
    ],
)
def test_what_will_never_pass_is_refused_in_the_words_of_the_lms(
    answer: Reply, words: str, gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """Shortened, and without an error page's markup."""
    lms.answers[SCORES] = answer
    with pytest.raises(Refused) as caught:
        gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert words in caught.value.reason
    assert len(caught.value.reason) < 260


@pytest.mark.parametrize("status", [404, 410])
def test_a_line_item_that_is_gone_is_told_apart(
    status: int, gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """It can be found or made again."""
    lms.answers[SCORES] = (status, {}, "")
    with pytest.raises(LineItemGone):
        gradebook.send(platform.id, LINE_ITEM, SCORE)


def test_a_score_never_follows_a_redirect_with_its_token(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform, tool: Tool
) -> None:
    """Not even to a host that would answer."""
    elsewhere = FakePlatform(issuer="https://elsewhere.example")
    tool.http.mount(elsewhere.issuer, elsewhere)
    lms.answers[SCORES] = (307, {"Location": elsewhere.issuer + SCORES}, "")
    with pytest.raises(Unavailable):
        gradebook.send(platform.id, LINE_ITEM, SCORE)
    assert elsewhere.asked == []


# Line items


def test_a_line_item_is_found_before_one_is_made(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """Twice asked, once made: without resourceLinkId, and with the media types of the specification."""
    first = gradebook.line_item(platform.id, LINE_ITEMS, ITEM)
    assert gradebook.line_item(platform.id, LINE_ITEMS, ITEM) == first == "https://lms.example/lineitems/2?type_id=1"
    assert lms.line_items[1:] == [
        {
            "id": first,
            "scoreMaximum": 100,
            "label": "Journey completion",
            "resourceId": "run-1",
            "tag": "journey_completion",
        }
    ]
    looked, made, _ = lms.asked_at("/lineitems")
    assert looked.headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"
    assert parse_qs(urlsplit(str(looked.url)).query) == {
        "type_id": ["1"],
        "resource_id": ["run-1"],
        "tag": ["journey_completion"],
    }
    assert made.url == LINE_ITEMS
    assert made.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"


def _pages(lms: FakePlatform, *pages: list[dict[str, str]]) -> None:
    """Serve a list in pages, with a relation `next` on all but the last."""

    def answer(request: requests.PreparedRequest) -> Reply:
        if request.method == "POST":
            return lms._make(request)
        number = int(parse_qs(urlsplit(str(request.url)).query).get("page", ["0"])[0])
        more = number + 1 < len(pages)
        link = f'<{lms.issuer}/lineitems?type_id=1&page={number + 1}>; rel="next"'
        return (200, {"Link": link} if more else {}, pages[number])

    lms.answers["/lineitems"] = answer


def test_a_line_item_is_looked_for_on_every_page(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """By resource id and tag both; others' columns are passed over, and so is what is no column at all."""
    _pages(
        lms,
        [{"id": "https://lms.example/1", "resourceId": "run-1", "tag": "success_case"}, "nonsense"],  # type: ignore[list-item]
        [{"id": "https://lms.example/2", "resourceId": "run-2", "tag": "journey_completion"}],
        [{"id": "https://lms.example/3", "resourceId": "run-1", "tag": "journey_completion"}],
    )
    assert gradebook.line_item(platform.id, LINE_ITEMS, ITEM) == "https://lms.example/3"


def test_pages_that_go_round_in_a_circle_come_to_an_end(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """The next page is the first one."""

    def answer(request: requests.PreparedRequest) -> Reply:
        if request.method == "POST":
            return lms._make(request)
        return (200, {"Link": '<https://lms.example/lineitems?page=1>; rel="next"'}, [])

    lms.answers["/lineitems"] = answer
    assert gradebook.line_item(platform.id, LINE_ITEMS, ITEM) == "https://lms.example/lineitems/2?type_id=1"
    assert len(lms.asked_at("/lineitems")) == 3


def test_a_page_elsewhere_does_not_get_our_token(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """The next page has to be at the LMS."""
    lms.answers["/lineitems"] = (200, {"Link": '<https://elsewhere.example/p2>; rel="next"'}, [])
    with pytest.raises(Refused, match=r"elsewhere\.example"):
        gradebook.line_item(platform.id, LINE_ITEMS, ITEM)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/1", "http://lms.example/1", "//evil.example/1", "https://["]
)
@pytest.mark.parametrize("listed", [True, False])
def test_a_column_elsewhere_does_not_get_our_token(
    listed: bool, elsewhere: str, gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """Neither one that is found, nor one that was made."""
    column = {"id": elsewhere, "resourceId": "run-1", "tag": "journey_completion"}
    lms.answers["/lineitems"] = lambda asked: (
        (200, {}, [column] if listed else []) if asked.method == "GET" else (201, {}, column)
    )
    with pytest.raises(Refused):
        gradebook.line_item(platform.id, LINE_ITEMS, ITEM)


@pytest.mark.parametrize("url", ["HTTPS://LMS.Example/lineitems?page=1", "/lineitems?page=1", "?page=1"])
def test_the_next_page_of_columns_is_where_the_lms_says(
    url: str, tool: Tool, gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """In any casing, and relative to the page before."""
    tool.http.mount("HTTPS://LMS.Example", lms)
    first: Reply = (200, {"Link": f'<{lms.issuer}/0>; rel="prev", <{url}>; rel="next"'}, [])
    second: Reply = (200, {}, [{"id": "/3", "resourceId": "run-1", "tag": "journey_completion"}])
    lms.answers["/lineitems"] = lambda asked: second if "page=1" in str(asked.url) else first
    assert gradebook.line_item(platform.id, LINE_ITEMS, ITEM).lower() == "https://lms.example/3"


def test_a_list_without_an_end_never_leads_to_a_second_column(
    gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """After a hundred pages a person has to look."""
    lms.answers["/lineitems"] = lambda _: (200, {"Link": f"<?page={len(lms.asked)}>; rel=next"}, [])
    with pytest.raises(Refused, match="no end"):
        gradebook.line_item(platform.id, LINE_ITEMS, ITEM)
    assert {request.method for request in lms.asked_at("/lineitems")} == {"GET"}


@pytest.mark.parametrize("answer", [(200, {}, "<html>"), (200, {}, {"lineItems": []}), (503, {}, "")])
def test_a_list_that_is_none_never_leads_to_a_second_column(
    answer: Reply, gradebook: AgsGradebook, platform: Platform, lms: FakePlatform
) -> None:
    """Rather later than twice."""
    lms.answers["/lineitems"] = answer
    with pytest.raises(Unavailable):
        gradebook.line_item(platform.id, LINE_ITEMS, ITEM)
    assert [request.method for request in lms.asked_at("/lineitems")] == ["GET"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://lms.example/1", "https://lms.example/1/scores"),
        ("https://lms.example/1/", "https://lms.example/1/scores"),
        ("https://lms.example/1/lineitem?type_id=1&a=b", "https://lms.example/1/lineitem/scores?type_id=1&a=b"),
    ],
)
def test_a_part_goes_before_the_query(url: str, expected: str) -> None:
    """As Moodle's line item URLs need it."""
    assert beside_query(url, "scores") == expected


def test_a_parameter_is_added_to_those_there_are() -> None:
    """And replaces its namesake."""
    assert with_query("https://lms.example/?a=1&tag=old&b=", tag="a b") == "https://lms.example/?a=1&b=&tag=a+b"


# What is told


def test_no_reason_shows_a_token(gradebook: AgsGradebook, platform: Platform, lms: FakePlatform) -> None:
    """Whatever goes wrong."""
    for answer in ((400, {}, ""), (500, {}, ""), requests.ConnectionError("Bearer token-1")):
        lms.answers[SCORES] = answer  # type: ignore[assignment]
        with pytest.raises((Refused, Unavailable)) as caught:
            gradebook.send(platform.id, LINE_ITEM, SCORE)
        assert "token-1" not in str(caught.value)


def test_a_registration_that_was_removed_is_told(gradebook: AgsGradebook) -> None:
    """Scores of a run may outlive it."""
    with pytest.raises(Refused, match="removed"):
        gradebook.send("nobody", LINE_ITEM, SCORE)
