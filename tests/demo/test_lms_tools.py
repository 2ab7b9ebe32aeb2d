"""The demo's LMS registers tools, and launches and serves those that registered."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.demo.conftest import LMS, TOOL
from tests.demo.test_lms_launch import CLAIM, action, fields

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
TOLD = {
    "application_type": "web",
    "response_types": ["id_token"],
    "grant_types": ["implicit", "client_credentials"],
    "initiate_login_uri": f"{TOOL}/lti/login",
    "redirect_uris": [f"{TOOL}/lti/launch"],
    "client_name": "Learning journeys",
    "jwks_uri": f"{TOOL}/lti/jwks.json",
    "token_endpoint_auth_method": "private_key_jwt",
    "scope": "https://purl.imsglobal.org/spec/lti-ags/scope/score nonsense",
    TOOL_CONFIGURATION: {"domain": "localhost:8000", "target_link_uri": f"{TOOL}/lti/launch"},
}


def begun(lms, **form):
    """The query with which the tool's page is opened."""
    page = lms.client.post("/tools", data={"url": f"{TOOL}/lti/register", **form}).text
    src = unescape(re.search(r'<iframe [^>]*src="([^"]+)"', page).group(1))
    assert src.startswith(f"{TOOL}/lti/register?")
    return {name: values[0] for name, values in parse_qs(urlsplit(src).query).items()}


def registered(lms, token, told=TOLD):
    return lms.client.post("/lti/registrations", json=told, headers={"Authorization": f"Bearer {token}"})


def test_its_configuration_is_its_own(lms):
    """On one host, with the addresses that answer."""
    said = lms.client.get(urlsplit(begun(lms)["openid_configuration"]).path).get_json()
    assert said["issuer"] == LMS
    assert said["registration_endpoint"] == f"{LMS}/lti/registrations"
    assert (said["authorization_endpoint"], said["token_endpoint"], said["jwks_uri"]) == (
        lms.course.auth_url,
        lms.course.token_url,
        lms.course.jwks_url,
    )


def test_a_tool_registers_with_a_pass_that_is_good_once(lms):
    """It gets a client id, a deployment, and the scopes that are offered here."""
    token = begun(lms)["registration_token"]
    said = registered(lms, token).get_json()
    assert said["client_id"] != lms.course.tool.client_id
    assert said[TOOL_CONFIGURATION]["deployment_id"] == "2"
    assert said["scope"] == "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    assert registered(lms, token).status_code == 401
    assert said["client_id"] in lms.client.get("/tools").text


def test_a_pass_lives_an_hour(lms):
    """And one that was never given lives not at all."""
    token = begun(lms)["registration_token"]
    lms.wait(minutes=61)
    assert registered(lms, token).status_code == 401
    assert registered(lms, "made up").status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": "one"},
        {"jwks_uri": None},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"response_types": ["code"]},
        {TOOL_CONFIGURATION: {}},
        {TOOL_CONFIGURATION: []},
    ],
)
def test_a_registration_that_lacks_something_is_refused_and_may_be_mended(lms, changes):
    """The pass is not spent."""
    token = begun(lms)["registration_token"]
    assert registered(lms, token, {**TOLD, **changes}).status_code == 400
    assert registered(lms, token, ["no object"]).status_code == 400
    assert registered(lms, token).status_code == 200


def test_a_tool_registers_again_under_its_client_id(lms):
    """With what it tells now."""
    first = registered(lms, begun(lms)["registration_token"]).get_json()["client_id"]
    token = begun(lms, client_id=first)["registration_token"]
    again = registered(lms, token, {**TOLD, "client_name": "New name"}).get_json()
    assert again["client_id"] == first
    assert "New name" in lms.client.get("/tools").text
    assert lms.client.post("/tools", data={"url": f"{TOOL}/lti/register", "client_id": "nobody"}).status_code == 404


def test_only_the_tools_own_host_is_opened(lms):
    """This LMS is for looking around."""
    assert lms.client.post("/tools", data={"url": "https://elsewhere.example/lti/register"}).status_code == 400


def test_a_registered_tool_is_launched_and_gets_tokens(lms):
    """With its own client id, deployment and link; the first tool goes on as before."""
    client_id = registered(lms, begun(lms)["registration_token"]).get_json()["client_id"]
    page = lms.client.get(f"/tools/{client_id}/launch/dario").text
    started = fields(page)
    assert action(page) == f"{TOOL}/lti/login"
    assert (started["client_id"], started["lti_deployment_id"]) == (client_id, "2")
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": client_id,
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": started["login_hint"],
        "lti_message_hint": started["lti_message_hint"],
        "nonce": "n",
    }
    answered = lms.client.get("/lti/auth", query_string=asked).text
    keys = KeySet.import_key_set(lms.client.get("/lti/certs").get_json())
    claims = jwt.decode(fields(answered)["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["aud"], claims[CLAIM + "deployment_id"]) == (client_id, "2")
    assert lms.ask_token(lms.assertion(iss=client_id, sub=client_id)).status_code == 200
    assert lms.ask_token().status_code == 200
    assert lms.client.get("/tools/nobody/launch/dario").status_code == 404
    assert lms.client.get(f"/tools/{client_id}/launch/nobody").status_code == 404


@pytest.mark.parametrize("assertion", ["", "a", "a.b.c", "a.W10.c", "a.e30.c", "a.ö.c", "é" * 50])
def test_an_assertion_that_is_none_gets_no_token(lms, assertion):
    """Told in OAuth's words."""
    answer = lms.ask_token(assertion or " ")
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_client"


def test_registered_tools_outlive_a_restart(lms, tmp_path):
    """They are in the file beside the grades."""
    client_id = registered(lms, begun(lms)["registration_token"]).get_json()["client_id"]
    again = type(lms.keeping)(tmp_path / "lms.db")
    assert [known for known, _ in again.tools()] == [client_id]
    again.close()
