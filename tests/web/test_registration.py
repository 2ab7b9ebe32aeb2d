"""An LMS registers itself at our door: what it is told, what is kept, and who turns out to be turned away."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy.orm import Session

from lrs_bridge.lti.registration import TOOL_CONFIGURATION
from lrs_bridge.lti.roster import GROUPS_SCOPE
from lrs_bridge.store import registrations, tenants
from lrs_bridge.store.platforms import (
    Platform,
    Source,
    Standing,
    all_platforms,
    approve,
    deployments_of,
    find_deployment,
)
from lrs_bridge.store.registrations import suspend
from tests.fakes.launching import BASE_URL, TARGET, Tool
from tests.fakes.registering import PLATFORM, TOOL, RegisteringPlatform, known, opened, text, with_setting

AGS, NRPS = "https://purl.imsglobal.org/spec/lti-ags/scope/", "https://purl.imsglobal.org/spec/lti-nrps/scope/"
SCOPES = {AGS + "lineitem", AGS + "result.readonly", AGS + "score", NRPS + "contextmembership.readonly"}


@pytest.fixture
def lms() -> RegisteringPlatform:
    return RegisteringPlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: RegisteringPlatform) -> Tool:
    return Tool(tmp_path, lms.http())


def deployments(session: Session, platform: Platform) -> list[tuple[str, str]]:
    return [(one.deployment_id, one.standing) for one in deployments_of(session, platform.id)]


# The first time


def test_the_lms_is_told_what_it_needs_and_no_more(tool: Tool, lms: RegisteringPlatform) -> None:
    """Our URLs, with the port in the domain; scopes of both services; the messages we answer; the token as a bearer."""
    assert opened(tool, lms).status_code == 200
    (told,) = lms.registered
    (posted,) = lms.asked_at("/registrations")
    assert posted.headers["Authorization"] == "Bearer once"
    assert posted.headers["Content-Type"] == "application/json"
    assert told["redirect_uris"] == [TARGET]
    assert told["initiate_login_uri"] == f"{BASE_URL}/lti/login"
    assert told["jwks_uri"] == f"{BASE_URL}/lti/jwks.json"
    assert told["token_endpoint_auth_method"] == "private_key_jwt"
    assert told["response_types"] == ["id_token"]
    assert set(told["grant_types"]) == {"implicit", "client_credentials"}
    assert set(told["scope"].split()) == SCOPES
    configuration = told[TOOL_CONFIGURATION]
    assert configuration["domain"] == "tool.example"
    assert configuration["target_link_uri"] == TARGET
    assert {one["type"] for one in configuration["messages"]} == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}
    assert {"iss", "sub", "name", "email"} <= set(configuration["claims"])
    assert tool.app.test_client().get(told["logo_uri"].removeprefix(BASE_URL)).status_code == 200


def test_the_domain_goes_with_its_port(tmp_path: Path, lms: RegisteringPlatform) -> None:
    """Moodle finds the tool of a URL by it."""
    tool = Tool(tmp_path, lms.http(), base_url="http://localhost:5001")
    opened(tool, lms)
    assert lms.registered[0][TOOL_CONFIGURATION]["domain"] == "localhost:5001"


def test_only_what_the_lms_has_is_asked_for(tool: Tool, lms: RegisteringPlatform) -> None:
    """Scopes, claims, messages and placements."""
    lms.changes = {
        "scopes_supported": [AGS + "score", "openid", GROUPS_SCOPE],
        "claims_supported": ["sub", "email"],
        PLATFORM: {
            "messages_supported": [
                {"type": "LtiDeepLinkingRequest", "placements": ["assignment_selection", "editor_button"]},
                {"type": "LtiSubmissionReviewRequest"},
            ]
        },
    }
    opened(tool, lms)
    told = lms.registered[0]
    assert told["scope"] == f"{AGS}score {GROUPS_SCOPE}"
    assert told[TOOL]["claims"] == ["iss", "sub", "email"]
    placed = {one["type"]: one.get("placements") for one in told[TOOL]["messages"]}
    assert placed == {
        "LtiResourceLinkRequest": None,
        "LtiDeepLinkingRequest": ["assignment_selection"],
        "LtiSubmissionReviewRequest": None,
    }


def test_a_registration_waits_and_the_page_says_for_whom(tool: Tool, lms: RegisteringPlatform) -> None:
    """With the line to type; nobody gets in before."""
    answer = opened(tool, lms)
    (platform,) = known(tool)
    assert f"lrs-bridge platform approve {platform.id}" in text(answer)
    assert (platform.standing, platform.source, platform.tenant_id) == (Standing.WAITING, Source.LMS, tool.tenant_id)
    assert platform.name == "Moodle at lms.example"
    begun = tool.browser().login(lms.login_params(TARGET))
    assert begun.status_code == 400
    assert "waits for approval" in begun.text


def test_one_approval_lets_in_the_deployment_that_came_along(tool: Tool, lms: RegisteringPlatform) -> None:
    """Registered, approved, launched."""
    opened(tool, lms)
    with tool.sessions.write() as session:
        approve(session, known(tool)[0].id)
    assert tool.browser().launch(lms).status_code == 303


def test_the_page_closes_itself_by_a_message_to_the_lms(tool: Tool, lms: RegisteringPlatform) -> None:
    """From a file of ours, within the policy; the LMS may frame it though nobody has let it in yet."""
    answer = opened(tool, lms)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "https://lms.example" in policy.rpartition("frame-ancestors")[2]
    (script,) = re.findall(r'<script src="([^"]+)"', answer.text)
    assert "org.imsglobal.lti.close" in tool.app.test_client().get(script).text
    assert 'data-close-after="10"' in answer.text


def test_scopes_that_were_not_asked_for_are_accepted(tool: Tool, lms: RegisteringPlatform) -> None:
    """Moodle grants lineitem.readonly on top."""
    lms.answer = {"scope": "openid " + AGS + "lineitem.readonly", "more": {"than": "known"}}
    assert opened(tool, lms).status_code == 200


@pytest.mark.parametrize("deployment", [None, "", 7, "d" * 255])
def test_a_deployment_may_come_with_the_answer_or_later(deployment: Any, tool: Tool, lms: RegisteringPlatform) -> None:
    """As a text or, against the specification, as a number."""
    lms.answer = {TOOL: {"deployment_id": deployment}}
    opened(tool, lms)
    with tool.sessions.read() as session:
        found = deployments(session, known(tool)[0])
    assert found == ([(str(deployment), Standing.APPROVED)] if deployment else [])


def test_the_audience_of_token_requests_is_kept(tool: Tool, lms: RegisteringPlatform) -> None:
    """D2L's differs from its token URL."""
    lms.changes = {"authorization_server": "https://api.brightspace.com/auth/token"}
    opened(tool, lms)
    assert known(tool)[0].audience == "https://api.brightspace.com/auth/token"


@pytest.mark.parametrize("server", ["sso.canvaslms.com", 7, "https://lms.example/token"])
def test_an_audience_that_is_none_is_left_out(server: Any, tool: Tool, lms: RegisteringPlatform) -> None:
    """Canvas names a bare host, and takes its token URL."""
    lms.changes = {"authorization_server": server}
    opened(tool, lms)
    assert known(tool)[0].audience is None


def test_canvas_registers_at_the_schools_own_name(tmp_path: Path) -> None:
    """One issuer for all schools, and endpoints on a third host, which the admin gets to see."""
    lms = RegisteringPlatform(issuer="https://canvas.instructure.com")
    sso = "https://sso.canvaslms.com/api/lti"
    lms.changes = {
        "registration_endpoint": "https://school.instructure.com/api/lti/registrations",
        "authorization_endpoint": f"{sso}/authorize_redirect",
        "token_endpoint": "https://sso.canvaslms.com/login/oauth2/token",
        "jwks_uri": f"{sso}/security/jwks",
        "authorization_server": "sso.canvaslms.com",
    }
    lms.changes[PLATFORM] = {"product_family_code": "canvas"}
    http = lms.http()
    http.mount("https://school.instructure.com", lms)
    tool = Tool(tmp_path, http, environment={"LRS_BRIDGE_REGISTRATION": "auto"})
    answer = opened(tool, lms)
    assert answer.status_code == 200
    assert [request.headers["Authorization"] for request in lms.asked] == ["Bearer once"] * 2
    assert lms.registered[0][TOOL]["https://canvas.instructure.com/lti/privacy_level"] == "public"
    assert "https://school.instructure.com" in answer.headers["Content-Security-Policy"]
    assert known(tool)[0].standing == Standing.WAITING, "launches would go to another host: an admin looks first"


def test_a_tenant_has_a_place_of_its_own(tool: Tool, lms: RegisteringPlatform) -> None:
    """And there is none for tenants that do not exist."""
    with tool.sessions.write() as session:
        other = tenants.ensure_tenant(session, "north", BASE_URL, tool.clock.now).id
    assert opened(tool, lms, "/lti/register/south").status_code == 404
    assert opened(tool, lms, "/lti/register/north").status_code == 200
    assert [one.tenant_id for one in known(tool)] == [other]


# The setting


def test_with_auto_the_lms_is_let_in_at_once(tmp_path: Path, lms: RegisteringPlatform) -> None:
    """And the page closes without waiting."""
    tool = with_setting(tmp_path, lms, "auto")
    answer = opened(tool, lms)
    assert 'data-close-after="0"' in answer.text
    assert tool.browser().launch(lms).status_code == 303


def test_with_off_nobody_is_asked(tmp_path: Path, lms: RegisteringPlatform) -> None:
    """Not even for the configuration."""
    tool = with_setting(tmp_path, lms, "off")
    assert opened(tool, lms).status_code == 403
    assert lms.asked == []


def test_looking_is_not_registering(tool: Tool, lms: RegisteringPlatform) -> None:
    """HEAD, and what else is not GET."""
    client = tool.app.test_client()
    assert client.head("/lti/register", query_string=lms.opening()).status_code == 200
    assert client.post("/lti/register", query_string=lms.opening()).status_code == 405
    assert (lms.asked, known(tool)) == ([], [])


# Again


def test_registering_again_updates(tool: Tool, lms: RegisteringPlatform) -> None:
    """Paths and audience change, name and approval stay; there is still one."""
    opened(tool, lms)
    with tool.sessions.write() as session:
        approve(session, known(tool)[0].id).name = "Our academy"
    lms.changes = {"authorization_endpoint": f"{lms.issuer}/auth2", "authorization_server": "https://aud.example/"}
    answer = opened(tool, lms)
    assert answer.status_code == 200
    assert "took over what changed" in text(answer)
    (platform,) = known(tool)
    assert (platform.auth_url, platform.audience) == (f"{lms.issuer}/auth2", "https://aud.example/")
    assert (platform.name, platform.standing) == ("Our academy", Standing.APPROVED)


@pytest.mark.parametrize(
    ("approved", "word", "standing"),
    [(False, "approve", "approved"), (True, "approve", "waiting"), (True, "auto", "approved")],
)
def test_a_deployment_that_is_new_at_an_update_waits(
    approved: bool, word: str, standing: str, tmp_path: Path, lms: RegisteringPlatform
) -> None:
    """Unless its registration still does, or nothing has to."""
    tool = with_setting(tmp_path, lms, word)
    opened(tool, lms)
    with tool.sessions.write() as session:
        (platform,) = all_platforms(session)
        if approved:
            approve(session, platform.id)
    lms.deployment_id = "2"
    opened(tool, lms)
    with tool.sessions.read() as session:
        second = find_deployment(session, platform.id, "2")
        assert second is not None
        assert second.standing == standing


def test_a_suspended_lms_does_not_let_itself_in_again(tmp_path: Path, lms: RegisteringPlatform) -> None:
    """Not even with auto."""
    tool = with_setting(tmp_path, lms, "auto")
    opened(tool, lms)
    with tool.sessions.write() as session:
        suspend(session, all_platforms(session)[0])
    assert opened(tool, lms).status_code == 200
    assert known(tool)[0].standing == Standing.SUSPENDED


@pytest.mark.parametrize(
    "changes",
    [
        {"jwks_uri": "https://lms.example/other-keys"},
        {"token_endpoint": "https://elsewhere.example/token"},
        {"authorization_endpoint": "https://elsewhere.example/auth"},
    ],
)
def test_the_same_names_with_other_keys_or_servers_are_refused(
    changes: dict[str, str], tool: Tool, lms: RegisteringPlatform
) -> None:
    """Whoever comes later must not take over, and nothing of what is known changes."""
    opened(tool, lms)
    (before,) = known(tool)
    lms.changes = changes
    answer = opened(tool, lms)
    assert answer.status_code == 409
    assert "nothing was changed" in text(answer)
    (after,) = known(tool)
    assert (after.auth_url, after.token_url, after.jwks_url) == (before.auth_url, before.token_url, before.jwks_url)


def test_what_an_admin_registered_by_hand_is_not_changed_by_an_lms(tool: Tool, lms: RegisteringPlatform) -> None:
    """The admin's word stands."""
    tool.register(lms)
    assert opened(tool, lms).status_code == 409
    assert known(tool)[0].source == Source.ADMIN


def test_what_waits_has_an_end(tool: Tool, lms: RegisteringPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers fill no database."""
    monkeypatch.setattr(registrations, "MOST_WAITING", 2)
    answers = []
    for number in range(3):
        lms.client_id = f"tool-{number}"
        answers.append(opened(tool, lms).status_code)
    assert answers == [200, 200, 429]
    assert len(known(tool)) == 2


# Configurations to copy


def test_canvas_reads_its_configuration_from_a_url(tool: Tool) -> None:
    """In Canvas's own format."""
    told = tool.app.test_client().get("/lti/config/canvas.json").get_json()
    assert told["oidc_initiation_url"] == f"{BASE_URL}/lti/login"
    assert told["target_link_uri"] == TARGET
    assert told["public_jwk_url"] == f"{BASE_URL}/lti/jwks.json"
    assert set(told["scopes"]) == SCOPES
    (extension,) = told["extensions"]
    assert extension["platform"] == "canvas.instructure.com"
    assert extension["domain"] == "tool.example"
    assert {one["placement"] for one in extension["settings"]["placements"]} == {
        "assignment_selection",
        "link_selection",
    }


def test_the_log_has_no_token(tool: Tool, lms: RegisteringPlatform, caplog: pytest.LogCaptureFixture) -> None:
    """Neither when it goes well nor when it does not."""
    caplog.set_level(logging.DEBUG)
    token = "very-secret-token"
    canvas = f"{lms.configuration_url}?registration_token={token}"
    opened(tool, lms, registration_token=token, openid_configuration=canvas)
    for path, reply in (("/registrations", (500, {}, "no")), ("/configuration", requests.ConnectionError())):
        lms.answers[path] = reply
        answer = opened(tool, lms, registration_token=token, openid_configuration=canvas)
        assert answer.status_code == 400
        assert token not in answer.text
    assert token not in caplog.text
