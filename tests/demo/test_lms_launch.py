"""The demo's LMS launches the tool as LTI 1.3 has it, and only towards the tool it knows."""

import re
from html import unescape

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.demo.conftest import LMS, TOOL

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


def fields(page: str) -> dict[str, str]:
    """What the page's form would send."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def action(page: str) -> str:
    return unescape(re.search(r'<form method="post" action="([^"]+)"', page).group(1))


def request_of(lms, key="petra", **changes):
    """The tool's authentication request to a login initiation."""
    started = fields(lms.client.get(f"/launch/{key}").text)
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
        **changes,
    }
    return {name: value for name, value in asked.items() if value is not None}


def launched(lms, key="petra"):
    """The claims of a launch, verified with the LMS's published keys."""
    page = lms.client.get("/lti/auth", query_string=request_of(lms, key)).text
    keys = KeySet.import_key_set(lms.client.get("/lti/certs").get_json())
    return jwt.decode(fields(page)["id_token"], keys, algorithms=["RS256"])


def test_a_login_initiation_goes_to_the_tool_with_what_it_needs(lms):
    """Issuer, hints, target, client id and deployment, and where the LMS stores for tools."""
    page = lms.client.get("/launch/petra").text
    assert action(page) == f"{TOOL}/lti/login"
    assert fields(page) == {
        "iss": LMS,
        "target_link_uri": f"{TOOL}/lti/launch",
        "login_hint": "101",
        "lti_message_hint": lms.course.link_id,
        "client_id": lms.course.tool.client_id,
        "lti_deployment_id": "1",
        "lti_storage_target": "_parent",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_answer_is_posted_to_the_tool_with_its_state(lms, method):
    """Authentication requests come by GET and by POST."""
    asked = request_of(lms)
    how = {"query_string": asked} if method == "get" else {"data": asked}
    page = getattr(lms.client, method)("/lti/auth", **how).text
    assert action(page) == f"{TOOL}/lti/launch"
    assert fields(page)["state"] == "state-1"


def test_the_token_says_who_launches_and_lives_a_minute(lms):
    """Claims of a resource link request, stamped with the LMS's clock, signed under a published key id."""
    token = launched(lms)
    claims = token.claims
    assert token.header["kid"] == lms.client.get("/lti/certs").get_json()["keys"][0]["kid"]
    assert (claims["iss"], claims["aud"], claims["nonce"], claims["sub"]) == (
        LMS,
        lms.course.tool.client_id,
        "nonce-1",
        "101",
    )
    assert claims["iat"] == int(lms.now.timestamp())
    assert claims["exp"] - claims["iat"] == 60
    assert claims[CLAIM + "message_type"] == "LtiResourceLinkRequest"
    assert claims[CLAIM + "resource_link"]["id"] == lms.course.link_id
    assert claims["name"] == "Petra Novak"


def test_the_launch_offers_the_activitys_own_column(lms):
    """`lineitem` and `lineitems`, both with a query."""
    endpoint = launched(lms).claims[ENDPOINT]
    assert endpoint["lineitems"] == lms.course.lineitems_url
    assert endpoint["lineitem"] == lms.course.line_item_url(1)


@pytest.mark.parametrize(
    ("key", "role"),
    [("petra", "Learner"), ("mark", "Learner"), ("dario", "Instructor"), ("sofia", "Member"), ("carl", "Member")],
)
def test_people_come_with_the_roles_their_lms_has_for_them(lms, key, role):
    """A manager is a learner to the LMS; a sponsor or coach is nothing it has authority for."""
    assert launched(lms, key).claims[CLAIM + "roles"] == [f"http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"client_id": "another"}, "client id"),
        ({"redirect_uri": "http://localhost:9999/lti/launch"}, "not registered"),
        ({"login_hint": "999"}, "names nobody"),
        ({"lti_message_hint": None}, "message hint"),
        ({"nonce": None}, "nonce"),
        ({"scope": "email"}, "scope"),
        ({"response_type": "code"}, "response_type"),
        ({"response_mode": "query"}, "response_mode"),
        ({"prompt": None}, "prompt"),
    ],
)
def test_a_wrong_authentication_request_gets_words_and_no_token(lms, change, reason):
    """Above all nothing is posted to an address that is not registered."""
    answer = lms.client.get("/lti/auth", query_string=request_of(lms, **change))
    assert answer.status_code == 400
    assert reason in answer.text
    assert not fields(answer.text)


def test_the_key_and_the_grades_outlive_a_restart(lms, tmp_path):
    """Otherwise the tool's cached keys would be wrong, and the gradebook empty."""
    again = type(lms.keeping)(tmp_path / "lms.db")
    assert again.signing_key().as_dict(private=False) == lms.keeping.signing_key().as_dict(private=False)
    assert [column.label for column in again.columns()] == [lms.course.link_title]
    again.close()


def test_pages_show_everybody_and_load_nothing_from_elsewhere(lms):
    """The course page offers each person once; no page carries an inline script or style."""
    home = lms.client.get("/").text
    assert len(re.findall(r'href="/as/', home)) == len(lms.course.users)
    for path in ("/", "/as/petra", "/as/mark", "/gradebook", "/launch/petra"):
        answer = lms.client.get(path)
        assert answer.status_code == 200
        assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", answer.text)
        assert TOOL in answer.headers["Content-Security-Policy"]


def test_somebody_unknown_is_not_found(lms):
    """Neither as a page nor as a launch."""
    assert lms.client.get("/as/nobody").status_code == 404
    assert lms.client.get("/launch/nobody").status_code == 404
