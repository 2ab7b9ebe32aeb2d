"""The demo's LMS asks for content as LTI Deep Linking 2.0 has it, and places nothing it cannot be sure of."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.demo.conftest import LMS, TOOL, Lms, tool_key
from tests.demo.test_lms_launch import fields

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
STEP = {
    "type": "ltiResourceLink",
    "url": f"{TOOL}/lti/launch",
    "title": "A step",
    "custom": {"journey": "field-coaching-90", "step": "S08"},
}
GRADED = STEP | {
    "title": "A journey",
    "custom": {"journey": "field-coaching-90"},
    "lineItem": {"scoreMaximum": 100, "label": "Journey", "resourceId": "run-1", "tag": "journey_completion"},
}


def launched(lms: Lms, path: str) -> dict[str, Any]:
    """The claims that come of a launch begun at this path."""
    started = fields(lms.client.get(path).text)
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": started["client_id"],
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": started["login_hint"],
        "lti_message_hint": started["lti_message_hint"],
        "state": "state-1",
        "nonce": "nonce-1",
    }
    page = lms.client.get("/lti/auth", query_string=asked).text
    keys = KeySet.import_key_set(lms.client.get("/lti/certs").get_json())
    return jwt.decode(fields(page)["id_token"], keys, algorithms=["RS256"]).claims


def settings(lms: Lms) -> dict[str, Any]:
    found: dict[str, Any] = launched(lms, "/choose/dario")[DL + "deep_linking_settings"]
    return found


def answer(lms: Lms, data: str, /, *items: Any, key: str = "first", header: Any = None, **changes: Any) -> str:
    """A good answer of the tool, but for the changes; `...` as a value leaves a claim out."""
    now = int(lms.now.timestamp())
    claims = {
        "iss": lms.course.tool.client_id,
        "aud": LMS,
        "iat": now,
        "exp": now + 300,
        "nonce": str(uuid4()),
        CLAIM + "deployment_id": lms.course.deployment_id,
        CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": "1.3.0",
        DL + "content_items": list(items),
        DL + "data": data,
        DL + "msg": "Done.",
    }
    for name, value in changes.items():
        claims[next((full for full in claims if full.rpartition("/")[2] == name), name)] = value
    kept = {name: value for name, value in claims.items() if value is not ...}
    return jwt.encode(header or {"alg": "RS256", "kid": "first"}, kept, tool_key(key))


def send(lms: Lms, token: str) -> Any:
    return lms.client.post("/deep-linking/return", data={"JWT": token})


def test_the_request_says_what_may_come_back(lms: Lms) -> None:
    """No resource link; links only, several, with line items; data that is new each time."""
    claims = launched(lms, "/choose/dario")
    assert claims[CLAIM + "message_type"] == "LtiDeepLinkingRequest"
    assert CLAIM + "resource_link" not in claims
    asked = claims[DL + "deep_linking_settings"]
    assert asked["deep_link_return_url"] == f"{LMS}/deep-linking/return"
    assert (asked["accept_types"], asked["accept_multiple"], asked["accept_lineitem"]) == (
        ["ltiResourceLink"],
        True,
        True,
    )
    assert asked["data"] != settings(lms)["data"]


@pytest.mark.parametrize("key", ["petra", "mark", "carl"])
def test_only_a_teacher_adds_activities(lms: Lms, key: str) -> None:
    """Neither the page nor the request is for others."""
    assert lms.client.get(f"/as/{key}/add").status_code == 403
    assert lms.client.get(f"/choose/{key}").status_code == 403
    assert "Add an activity" not in lms.client.get(f"/as/{key}").text
    assert "Add an activity" in lms.client.get("/as/dario").text


def test_what_is_placed_is_launched_with_its_parameters_and_its_column(lms: Lms) -> None:
    """Two at once; each with its own resource link, and a line item where one came along."""
    page = send(lms, answer(lms, settings(lms)["data"], STEP, GRADED))
    assert page.status_code == 200
    assert "Done." in page.text
    step, journey = lms.keeping.links()
    opened = launched(lms, f"/launch/petra/link/{step.id}")
    assert opened[CLAIM + "resource_link"] == {"id": step.id, "title": "A step"}
    assert opened[CLAIM + "custom"] == STEP["custom"]
    endpoint = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    assert "lineitem" not in opened[endpoint]
    (column,) = [column for column in lms.keeping.columns() if column.link_id == journey.id]
    assert (column.label, column.resource_id, column.tag) == ("Journey", "run-1", "journey_completion")
    graded = launched(lms, f"/launch/petra/link/{journey.id}")[endpoint]
    assert graded["lineitem"] == lms.course.line_item_url(column.number)
    for path in (f"/as/petra/link/{step.id}", "/as/petra"):
        assert "A step" in lms.client.get(path).text


def test_an_empty_answer_places_nothing(lms: Lms) -> None:
    """The designer chose nothing."""
    page = send(lms, answer(lms, settings(lms)["data"]))
    assert (page.status_code, lms.keeping.links()) == (200, [])
    assert "Nothing was added" in page.text


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "another"}, "iss"),
    "another audience": ({"aud": "https://other.example"}, "aud"),
    "no audience": ({"aud": ...}, "aud"),
    "another deployment": ({"deployment_id": "99"}, "deployment_id"),
    "another message": ({"message_type": "LtiResourceLinkRequest"}, "message_type"),
    "another version": ({"version": "1.1"}, "version"),
    "no nonce": ({"nonce": ...}, "nonce"),
    "other data": ({"data": "guessed"}, "data"),
    "no data": ({"data": ...}, "data"),
    "no time": ({"iat": ...}, "iat"),
    "an old time": ({"iat": 1}, "old"),
    "run out": ({"exp": 1}, "old"),
    "no list": ({"content_items": {}}, "list"),
    "another type": ({"content_items": [{"type": "html", "html": "x"}]}, "something else"),
    "another host": ({"content_items": [STEP | {"url": "https://elsewhere.example/"}]}, "another host"),
    "a number in custom": ({"content_items": [STEP | {"custom": {"step": 8}}]}, "texts"),
    "a column out of zero": ({"content_items": [STEP | {"lineItem": {"scoreMaximum": 0}}]}, "scoreMaximum"),
    "another key": ({"key": "forged"}, "signed"),
    "no kid": ({"header": {"alg": "RS256"}}, "key"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_answer_that_is_wrong_in_one_thing_is_refused(lms: Lms, case: str) -> None:
    """With words, and nothing is placed."""
    changes, reason = WRONG[case]
    page = send(lms, answer(lms, settings(lms)["data"], STEP, **changes))
    assert page.status_code == 400
    assert reason in page.text
    assert lms.keeping.links() == []


def test_an_answer_is_taken_once(lms: Lms) -> None:
    """Neither the same again, nor another for the same request, nor one after hours."""
    data = settings(lms)["data"]
    token = answer(lms, data, STEP)
    assert send(lms, token).status_code == 200
    assert "used before" in send(lms, token).text
    assert "answered before" in send(lms, answer(lms, data, STEP)).text
    assert len(lms.keeping.links()) == 1
