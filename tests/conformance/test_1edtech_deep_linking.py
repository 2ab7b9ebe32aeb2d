"""The deep linking part of the 1EdTech certification for LTI Advantage tools, and Moodle's recorded traffic.

The seven things a tool is looked at for: it takes the request, shows its chooser to who may choose, answers with one
link, with several, with a link that has a line item, gives `data` back, and signs an answer that the platform can
verify.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lrs_bridge import journeyfile
from lrs_bridge.store import journeys
from tests.fakes.launching import NOON, TARGET, Browser, Tool
from tests.fakes.platform import LTI, FakePlatform
from tests.web.choosing import DL, JOURNEY, Chooser, answer_of, asked, form_of, items_of

GOLDEN = Path(__file__).parent.parent / "golden" / "moodle"
SLUG = "field-coaching-90"
STEP = f"{JOURNEY}/step=S08"


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    tool = Tool(tmp_path, lms.http()).with_key()
    tool.register(lms)
    with tool.sessions.write() as session:
        journeys.install(session, tool.tenant_id, journeyfile.sample_text(SLUG), SLUG, NOON)
    return tool


@pytest.fixture
def dario(tool: Tool) -> Browser:
    return tool.browser()


def test_1_a_deep_linking_request_is_taken(dario: Browser, lms: FakePlatform) -> None:
    """The message comes through the same door as every launch."""
    response = asked(dario, lms)
    assert response.status_code == 303
    assert response.location.startswith("https://tool.example/s/")


def test_2_a_teacher_is_shown_what_can_be_chosen(dario: Browser, lms: FakePlatform) -> None:
    """A page, in the LMS's frame."""
    page = Chooser(dario, asked(dario, lms)).open()
    assert page.status_code == 200
    assert "frame-ancestors 'self' https://lms.example" in page.headers["Content-Security-Policy"]


def test_3_one_lti_resource_link_comes_back(dario: Browser, lms: FakePlatform) -> None:
    """With type, url and title."""
    (item,) = items_of(Chooser(dario, asked(dario, lms)).place(STEP), dario)
    assert (item["type"], item["url"]) == ("ltiResourceLink", TARGET)
    assert item["title"] == journeyfile.sample(SLUG).step_by_id["S08"].title


def test_4_several_links_come_back_at_once(dario: Browser, lms: FakePlatform) -> None:
    """In the order of the choice."""
    items = items_of(Chooser(dario, asked(dario, lms)).place(STEP, JOURNEY), dario)
    assert [item["custom"].get("step") for item in items] == ["S08", None]


def test_5_a_link_comes_back_with_its_line_item(dario: Browser, lms: FakePlatform) -> None:
    """`scoreMaximum` above zero, a label, a tag to find it again."""
    (item,) = items_of(Chooser(dario, asked(dario, lms)).place(JOURNEY), dario)
    assert item["lineItem"] == {"scoreMaximum": 100.0, "label": "Journey completion", "tag": "journey_completion"}


def test_6_the_platforms_data_comes_back(dario: Browser, lms: FakePlatform) -> None:
    """To the letter."""
    claims = answer_of(Chooser(dario, asked(dario, lms, data="csrftoken:c7fbba78-7b75")).place(STEP), dario)
    assert claims[DL + "data"] == "csrftoken:c7fbba78-7b75"


def test_7_the_answer_is_a_signed_message_for_this_platform(dario: Browser, lms: FakePlatform) -> None:
    """Issuer and audience change places; message type, version, deployment, a nonce of its own, and a short life."""
    page = Chooser(dario, asked(dario, lms)).place(STEP)
    assert form_of(page)[0] == "https://lms.example/return?course=1"
    claims = answer_of(page, dario)
    now = int(NOON.timestamp())
    assert (claims["iss"], claims["aud"]) == (lms.client_id, lms.issuer)
    assert (claims["iat"], claims["exp"]) == (now, now + 300)
    assert (claims[LTI + "message_type"], claims[LTI + "version"]) == ("LtiDeepLinkingResponse", "1.3.0")
    assert claims[LTI + "deployment_id"] == lms.deployment_id
    again = answer_of(Chooser(dario, asked(dario, lms)).place(STEP), dario)
    assert claims["nonce"] != again["nonce"]
    assert len(claims["nonce"]) >= 32


# Moodle, as recorded


def shape(value: Any) -> Any:
    """Names and types, without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) else type(value).__name__


def test_moodle_gets_what_it_was_seen_to_take(tmp_path: Path) -> None:
    """An answer to its recorded request has every claim of one that it placed, of the same kinds."""
    recorded = json.loads((GOLDEN / "id_token-deep-linking-teacher.json").read_text())["claims"]
    taken = json.loads((GOLDEN / "deep-linking-response-2items.json").read_text())["claims"]
    moodle = FakePlatform(issuer=recorded["iss"], client_id=recorded["aud"])
    tool = Tool(tmp_path, moodle.http(), base_url="http://localhost:5001").with_key()
    tool.register(moodle)
    with tool.sessions.write() as session:
        journeys.install(session, tool.tenant_id, journeyfile.sample_text(SLUG), SLUG, NOON)
    tina = tool.browser()
    settings = recorded[DL + "deep_linking_settings"]
    chooser = Chooser(tina, asked(tina, moodle, **({"data": ..., "accept_lineitem": ...} | settings)))
    page = chooser.place(JOURNEY, f"{JOURNEY}/dashboard=overview")
    assert form_of(page)[0] == settings["deep_link_return_url"]
    ours = answer_of(page, tina)
    assert set(taken) - {DL + "data"} <= set(ours)
    item, expected = ours[DL + "content_items"][0], taken[DL + "content_items"][0]
    assert set(expected) <= set(item)
    known = shape(expected["lineItem"])
    assert {name: known[name] for name in item["lineItem"]} == shape(item["lineItem"])
    assert all(isinstance(value, str) for value in item["custom"].values())
