"""Against recorded traffic of a real Moodle: its launches are let in, and its services understood."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.domain.launch import CourseRole, Services
from lrs_bridge.domain.scores import ActivityProgress, LineItem, Score
from lrs_bridge.lti.gradebook import CANVAS_SUBMISSION, SCORE_TYPE, AgsGradebook
from lrs_bridge.lti.keysets import usable_keys
from lrs_bridge.lti.message import launch_from
from lrs_bridge.store.platforms import Platform
from tests.fakes.launching import Browser, Tool, state_of
from tests.fakes.platform import FakePlatform
from tests.fakes.recorded import Exchange, RecordedPlatform

GOLDEN = Path(__file__).parent.parent / "golden" / "moodle"
MOODLE, TOOL = "http://localhost:8080", "http://localhost:5001"
LINE_ITEMS = f"{MOODLE}/mod/lti/services.php/2/lineitems?type_id=1"


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


LINE_ITEM_EXCHANGES: list[Exchange] = golden("line-item-exchanges")
SCORE_EXCHANGES: list[Exchange] = golden("score-exchanges")


@pytest.fixture
def moodle() -> FakePlatform:
    return FakePlatform(issuer=MOODLE, client_id="vXUDmYF9A2QLXQa")


@pytest.fixture
def tool(tmp_path: Path, moodle: FakePlatform) -> Tool:
    return Tool(tmp_path, moodle.http(), base_url=TOOL).with_key()


@pytest.fixture
def platform(tool: Tool, moodle: FakePlatform) -> Platform:
    return tool.register(moodle, auth_url=f"{MOODLE}/mod/lti/auth.php", token_url=f"{MOODLE}/mod/lti/token.php")


@pytest.fixture
def tina(tool: Tool, platform: Platform) -> Browser:
    return tool.browser()


# Launches


def test_its_login_gets_the_answer_it_got(tina: Browser) -> None:
    """The authentication request of the recording, but for state and nonce."""
    recorded = golden("oidc-login-init")
    begun = tina.login(recorded["params"], recorded["method"])
    ours, theirs = (parse_qs(urlsplit(url).query) for url in (begun.location, golden("oidc-auth-redirect")["location"]))
    for secret in ("state", "nonce"):
        assert ours.pop(secret) != theirs.pop(secret)
    assert ours == theirs
    assert begun.location.startswith(f"{MOODLE}/mod/lti/auth.php?")


def test_its_key_set_is_understood() -> None:
    """One RSA key with its kid."""
    published = golden("platform-jwks-response")["response"]["body"]["keys"]
    assert list(usable_keys(published)) == ["5c19bafe2fb7a23a0585"]


def _launch(browser: Browser, moodle: FakePlatform, name: str) -> Any:
    """The recorded claims, signed anew for a login of now."""
    claims = golden(f"id_token-{name}")["claims"]
    begun = browser.login(golden("oidc-login-init")["params"])
    seconds = int(browser.tool.clock.now.timestamp())
    fresh = {
        "nonce": parse_qs(urlsplit(begun.location).query)["nonce"][0],
        "iat": seconds,
        "exp": seconds + claims["exp"] - claims["iat"],
    }
    return browser.answer(state=state_of(begun), id_token=moodle.sign(claims | fresh))


@pytest.mark.parametrize(
    "name",
    [
        "resource-teacher",
        "resource-student",
        "resource-student-ungraded",
        "resource-mentor",
        "resource-admin",
        "submission-review-teacher",
    ],
)
def test_a_recorded_launch_is_let_in(name: str, tina: Browser, moodle: FakePlatform) -> None:
    """Everybody Moodle sends."""
    response = _launch(tina, moodle, name)
    assert response.status_code == 303, response.text
    assert response.location.startswith(f"{TOOL}/s/")


def test_its_deep_linking_request_leads_to_the_chooser(tina: Browser, moodle: FakePlatform) -> None:
    """What is answered to it: `test_deep_linking_answers.py`."""
    response = _launch(tina, moodle, "deep-linking-teacher")
    assert response.status_code == 303, response.text
    assert response.location.endswith("/choose")


@pytest.mark.parametrize(
    ("name", "roles", "mentees"),
    [
        ("resource-teacher", {CourseRole.INSTRUCTOR}, ()),
        ("resource-student", {CourseRole.LEARNER}, ()),
        ("resource-mentor", {CourseRole.MENTOR}, ("5", "6")),
        ("resource-admin", {CourseRole.INSTRUCTOR}, ()),
    ],
)
def test_its_roles_are_read(name: str, roles: set[CourseRole], mentees: tuple[str, ...], platform: Platform) -> None:
    """A Moodle admin is an Instructor of the course, by Moodle's own word, and nothing for being an admin."""
    launch = launch_from(golden(f"id_token-{name}")["claims"], platform)
    assert (launch.roles, launch.mentees) == (roles, mentees)


def test_a_launch_tells_course_services_and_custom_parameters(platform: Platform) -> None:
    """Of the teacher's recording; the variable Moodle did not know is absent."""
    launch = launch_from(golden("id_token-resource-teacher")["claims"], platform)
    assert (launch.context_id, launch.context_title, launch.resource_link_id) == ("2", "LTI test course", "1")
    assert "sub_end" not in launch.custom
    assert launch.custom["ctx_sourcedid"] == "idn-LTI101"
    scope = "https://purl.imsglobal.org/spec/lti-ags/scope/"
    assert launch.services == Services(
        lineitem=f"{MOODLE}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1",
        lineitems=LINE_ITEMS,
        scopes=frozenset(scope + part for part in ("lineitem", "lineitem.readonly", "result.readonly", "score")),
        memberships=f"{MOODLE}/mod/lti/services.php/CourseSection/2/bindings/1/memberships",
    )


def test_a_submission_review_tells_of_whom(platform: Platform) -> None:
    """for_user."""
    assert launch_from(golden("id_token-submission-review-teacher")["claims"], platform).for_user == "5"


# Services


def _gradebook(tool: Tool, recorded: RecordedPlatform) -> AgsGradebook:
    http = requests.Session()
    http.mount(MOODLE, recorded)
    return AgsGradebook(tool.sessions, http, tool.settings, tool.clock)


def _good_tokens(exchange: Exchange) -> bool:
    """What Moodle says to a client in good standing: all its tokens, and answers to requests that carried one."""
    return "token" not in exchange["case"] or exchange["case"] == "token: all scopes"


def test_a_column_that_is_there_is_found(tool: Tool, platform: Platform) -> None:
    """In Moodle's own list, by resource id and tag."""
    recorded = RecordedPlatform(LINE_ITEM_EXCHANGES, _good_tokens)
    found = _gradebook(tool, recorded).line_item(
        platform.id, LINE_ITEMS, LineItem("dl-res-1", "dl-tag-1", "DL quiz 1", 20)
    )
    assert found == f"{MOODLE}/mod/lti/services.php/2/lineitems/6/lineitem?type_id=1"


def test_a_column_is_looked_for_across_its_pages(tool: Tool, platform: Platform) -> None:
    """Moodle's Link header has typographic quotes and entities in it; the second page is asked for all the same."""
    last = next(one for one in LINE_ITEM_EXCHANGES if one["case"] == "lineitems GET")
    paged = f"{LINE_ITEMS}&limit=1"
    beyond = {**last, "request": {**last["request"], "url": f"{paged}&from=2"}}
    recorded = RecordedPlatform([*LINE_ITEM_EXCHANGES, beyond], _good_tokens)
    found = _gradebook(tool, recorded).line_item(platform.id, paged, LineItem("dl-res-1", "dl-tag-1", "DL quiz 1", 20))
    assert found == f"{MOODLE}/mod/lti/services.php/2/lineitems/6/lineitem?type_id=1"
    froms = [parse_qs(urlsplit(str(one.url)).query).get("from") for one in recorded.asked if one.method == "GET"]
    assert froms == [None, ["1"], ["2"]]


def test_a_column_that_is_not_there_is_made(tool: Tool, platform: Platform) -> None:
    """With the media type Moodle insists on."""
    recorded = RecordedPlatform(LINE_ITEM_EXCHANGES, _good_tokens)
    made = _gradebook(tool, recorded).line_item(platform.id, LINE_ITEMS, LineItem("hw-1", "hw", "Homework 1", 40))
    assert made == f"{MOODLE}/mod/lti/services.php/2/lineitems/7/lineitem?type_id=1"


def _plain(exchange: Exchange) -> dict[str, Any] | None:
    """The body of an exchange that is a score like ours: whole, without a comment, in UTC milliseconds."""
    body = json.loads(exchange["request"]["body"])
    names = {"userId", "activityProgress", "gradingProgress", "timestamp", "scoreGiven", "scoreMaximum"}
    ours = (
        exchange["request"]["headers"]["Content-Type"] == SCORE_TYPE
        and set(body) == names
        and body["gradingProgress"] == "FullyGraded"
        and body["activityProgress"] in {"InProgress", "Completed"}
        and isinstance(body["userId"], str)
        and isinstance(body["scoreGiven"], int | float)
        and body["timestamp"].endswith("Z")
    )
    return body if ours else None


PLAIN = {exchange["case"]: exchange for exchange in SCORE_EXCHANGES if _plain(exchange)}


def _send(case: str, tool: Tool, platform: Platform) -> tuple[RecordedPlatform, dict[str, Any]]:
    exchange = PLAIN[case]
    body = json.loads(exchange["request"]["body"])
    score = Score(
        body["userId"],
        body["scoreGiven"],
        body["scoreMaximum"],
        ActivityProgress(body["activityProgress"]),
        datetime.fromisoformat(body["timestamp"]),
    )
    url = exchange["request"]["url"].replace("/scores?", "?")
    token = next(one for one in LINE_ITEM_EXCHANGES if one["case"] == "token: one scope")
    recorded = RecordedPlatform([token, exchange])
    _gradebook(tool, recorded).send(platform.id, url, score)
    return recorded, body


@pytest.mark.parametrize("case", [case for case, one in PLAIN.items() if one["response"]["status"] == 200])
def test_a_score_it_took_is_the_score_we_send(case: str, tool: Tool, platform: Platform) -> None:
    """To the letter, but for Canvas's extension, which Moodle does not know."""
    recorded, body = _send(case, tool, platform)
    sent = json.loads(recorded.asked[-1].body or b"")
    assert sent.pop(CANVAS_SUBMISSION) == {"new_submission": False}
    assert sent == body


@pytest.mark.parametrize("case", [case for case, one in PLAIN.items() if one["response"]["status"] != 200])
def test_a_score_it_did_not_take_is_tried_again_by_itself(case: str, tool: Tool, platform: Platform) -> None:
    """409 for a time that is not later, 500 for a locked grade: neither is a reason to hold up the others."""
    assert PLAIN[case]["response"]["status"] in {409, 500}
    with pytest.raises(Unavailable) as caught:
        _send(case, tool, platform)
    assert caught.value.alone


def test_the_recording_has_scores_of_every_kind() -> None:
    """Or the tests above would prove little."""
    statuses = [exchange["response"]["status"] for exchange in PLAIN.values()]
    assert (statuses.count(200) >= 15, statuses.count(409) >= 2, statuses.count(500)) == (True, True, 1)
    assert any(json.loads(exchange["request"]["body"])["scoreGiven"] == 0 for exchange in PLAIN.values())
