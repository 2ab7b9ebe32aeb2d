"""The LMS's door: login, cookies, keys, and what is said where it stays closed."""

from __future__ import annotations

from threading import Barrier, Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from lrs_bridge.store.platforms import Standing, approve, deployments_of
from tests.fakes.launching import BASE_URL, TARGET, Browser, Tool, state_of
from tests.fakes.platform import CONTEXT_ROLE, FakePlatform, rsa_key

DEEP_LINKING = {
    "message_type": "LtiDeepLinkingRequest",
    "resource_link": ...,
    "deep_linking_settings": {
        "deep_link_return_url": "https://lms.example/return",
        "accept_types": ["ltiResourceLink"],
    },
}


# Login


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_becomes_an_authentication_request(method: str, petra: Browser, lms: FakePlatform) -> None:
    """Parameters in the query or in a form; what the LMS asked to get back comes back."""
    begun = petra.login(lms.login_params(TARGET), method)
    assert begun.status_code == 302
    assert begun.location.startswith("https://lms.example/auth?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(begun.location).query).items()}
    assert len(query.pop("state")) > 40
    assert len(query.pop("nonce")) > 40
    assert query == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "tool-1",
        "redirect_uri": "https://tool.example/lti/launch",
        "login_hint": "petra",
        "lti_message_hint": "hint",
    }


def test_the_query_of_the_authentication_url_is_kept(tool: Tool, lms: FakePlatform) -> None:
    """Some LMSs carry their tenant in it."""
    other = FakePlatform(issuer="https://other.example")
    tool.register(other, auth_url="https://other.example/auth?tenant=7")
    begun = tool.browser().login(other.login_params(TARGET))
    assert parse_qs(urlsplit(begun.location).query)["tenant"] == ["7"]


def test_the_mark_in_the_browser_works_inside_a_frame(petra: Browser, lms: FakePlatform) -> None:
    """SameSite=None, Secure, Partitioned and HttpOnly, on every cookie; and the same mark at the next login."""
    first = petra.login(lms.login_params(TARGET))
    cookies = first.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    for flag in ("SameSite=None", "Secure", "Partitioned", "HttpOnly", "Path=/"):
        assert flag in cookies[0]
    second = petra.login(lms.login_params(TARGET))
    assert first.headers["Set-Cookie"].split(";")[0] == second.headers["Set-Cookie"].split(";")[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": ""}, "no iss"),
        ({"login_hint": ""}, "login_hint"),
        ({"target_link_uri": "https://evil.example/"}, "https://evil.example/"),
        ({"iss": "https://nobody.example"}, "No registration fits"),
        ({"client_id": "tool-2"}, "No registration fits"),
        ({"lti_message_hint": "x" * 9000}, "too long"),
        ({"iss": "https://lms.example\0"}, "a zero in it"),
    ],
)
def test_a_login_that_leads_nowhere_is_told_in_words(
    changes: dict[str, str], words: str, petra: Browser, lms: FakePlatform
) -> None:
    """Before anything is sent to the LMS."""
    response = petra.login(lms.login_params(TARGET, **changes))
    assert response.status_code == 400
    assert words in response.text


def test_a_login_without_client_id_is_fine_where_the_issuer_is_registered_once(tool: Tool, lms: FakePlatform) -> None:
    """The parameter is optional; with two registrations of one issuer it is needed."""
    params = lms.login_params(TARGET)
    del params["client_id"]
    assert tool.browser().login(params).status_code == 302
    tool.register(lms, client_id="tool-2")
    refused = tool.browser().login(params)
    assert refused.status_code == 400
    assert "client id" in refused.text


def test_two_client_ids_of_one_issuer_are_two_registrations(tool: Tool, lms: FakePlatform) -> None:
    """Canvas has one issuer for all its customers: a token for one is nothing to the other."""
    tool.register(lms, client_id="tool-2")
    browser = tool.browser()
    begun = browser.login(lms.login_params(TARGET, client_id="tool-2"))
    token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now))
    assert browser.answer(state=state_of(begun), id_token=token).status_code == 400


def test_a_registration_that_waits_is_told_to_wait(tool: Tool) -> None:
    """And works as soon as it is approved."""
    lms = FakePlatform(issuer="https://new.example")
    platform = tool.register(lms, standing=Standing.WAITING)
    refused = tool.browser().login(lms.login_params(TARGET))
    assert refused.status_code == 400
    assert "not connected with us yet" in refused.text
    with tool.sessions.write() as session:
        approve(session, platform.id)
    assert tool.browser().login(lms.login_params(TARGET)).status_code == 302


# Launch


def test_an_unknown_deployment_waits_once_and_works_when_approved(tool: Tool, lms: FakePlatform) -> None:
    """The admin sees one line, however often people tried."""
    for _ in range(2):
        refused = tool.browser().launch(lms, deployment_id="branch-2")
        assert refused.status_code == 403
        assert "not connected with us yet" in refused.text
    with tool.sessions.write() as session:
        platform_id = tool.platform_id(session, lms)
        waiting = [one for one in deployments_of(session, platform_id) if one.standing == Standing.WAITING]
        assert [one.deployment_id for one in waiting] == ["branch-2"]
        assert waiting[0].id in refused.text
        approve(session, waiting[0].id)
    assert tool.browser().launch(lms, deployment_id="branch-2").status_code == 303


def test_an_error_of_the_lms_is_shown_in_its_words(petra: Browser, lms: FakePlatform) -> None:
    """OpenID Connect answers with an error and no token, and nothing of it is taken for markup."""
    begun = petra.login(lms.login_params(TARGET))
    response = petra.answer(
        state=state_of(begun), error="login_required", error_description="Please <b>sign in</b> again"
    )
    assert response.status_code == 400
    assert "Your course did not let you through" in response.text
    assert "login_required Please &lt;b&gt;sign in&lt;/b&gt; again" in response.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "no state"),
        ({"state": "made up"}, "no login with this state"),
    ],
)
def test_an_answer_to_no_login_is_refused(form: dict[str, str], words: str, petra: Browser) -> None:
    """Nothing was begun, so nothing is looked at."""
    response = petra.answer(**form)
    assert response.status_code == 400
    assert words in response.text


def test_a_login_is_good_for_longer_than_a_token_and_not_for_ever(tool: Tool, lms: FakePlatform) -> None:
    """Canvas's tokens live for an hour; after two, the login has run out."""
    browser = tool.browser()
    late, too_late = (browser.login(lms.login_params(TARGET)) for _ in range(2))
    tool.clock.forward(minutes=61)
    token = lms.sign(lms.claims(late.location, TARGET, tool.clock.now))
    assert browser.answer(state=state_of(late), id_token=token).status_code == 303
    tool.clock.forward(minutes=60)
    token = lms.sign(lms.claims(too_late.location, TARGET, tool.clock.now))
    refused = browser.answer(state=state_of(too_late), id_token=token)
    assert refused.status_code == 400
    assert "This link has run out" in refused.text


def test_a_token_that_fails_spends_its_login(petra: Browser, lms: FakePlatform, tool: Tool) -> None:
    """There is one try per login."""
    begun = petra.login(lms.login_params(TARGET))
    claims = lms.claims(begun.location, TARGET, tool.clock.now)
    assert petra.answer(state=state_of(begun), id_token=lms.sign(claims, rsa_key("forged"))).status_code == 400
    second = petra.answer(state=state_of(begun), id_token=lms.sign(claims))
    assert "already been used" in second.text


def test_a_browser_without_cookies_gets_a_way_on_in_a_new_window(tool: Tool, lms: FakePlatform) -> None:
    """The link begins the same login anew, at the top of a window, where the cookie is not a third party's."""
    blocked = tool.app.test_client(use_cookies=False)
    begun = blocked.post("/lti/login", data=lms.login_params(TARGET), base_url=BASE_URL)
    token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now))
    refused = blocked.post("/lti/launch", data={"state": state_of(begun), "id_token": token}, base_url=BASE_URL)
    assert refused.status_code == 403
    link = refused.text.split('href="https://tool.example/lti/login?')[1].split('"')[0].replace("&amp;", "&")
    window = tool.browser()
    again = window.login({name: values[0] for name, values in parse_qs(link).items()}, "GET")
    token = lms.sign(lms.claims(again.location, TARGET, tool.clock.now))
    assert window.answer(state=state_of(again), id_token=token).status_code == 303


def test_two_launches_in_one_browser_do_not_disturb_each_other(petra: Browser, lms: FakePlatform, tool: Tool) -> None:
    """Two tabs, begun before either is finished, and finished the other way round."""
    first, second = (petra.login(lms.login_params(TARGET)) for _ in range(2))
    for begun in (second, first):
        token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now))
        assert petra.answer(state=state_of(begun), id_token=token).status_code == 303


def test_of_many_answers_at_once_one_gets_in(petra: Browser, lms: FakePlatform, tool: Tool) -> None:
    """Single use holds between threads, too."""
    begun = petra.login(lms.login_params(TARGET))
    form = {"state": state_of(begun), "id_token": lms.sign(lms.claims(begun.location, TARGET, tool.clock.now))}
    cookie = begun.headers["Set-Cookie"].split(";")[0]
    codes: list[int] = []
    together = Barrier(6)

    def post() -> None:
        client = tool.app.test_client(use_cookies=False)
        together.wait()
        codes.append(client.post("/lti/launch", data=form, base_url=BASE_URL, headers={"Cookie": cookie}).status_code)

    threads = [Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 400, 400, 400, 400, 400]


def test_a_form_over_one_megabyte_is_not_read(petra: Browser) -> None:
    """413, with a page; one just under it is looked at."""
    assert petra.answer(state="x" * 1_000_001).status_code == 413
    assert petra.answer(state="x" * 990_000).status_code == 400


def test_a_refusal_may_be_shown_in_the_frame_of_the_lms(petra: Browser, lms: FakePlatform) -> None:
    """Where the launch was meant to be, and nowhere else; it is not kept."""
    refused = petra.launch(lms, sub=...)
    assert "frame-ancestors 'self' https://lms.example" in refused.headers["Content-Security-Policy"]
    assert refused.headers["Cache-Control"] == "no-store"


def test_launch_takes_post_only(petra: Browser) -> None:
    """A link to it shows nothing."""
    assert petra.client.get("/lti/launch", base_url=BASE_URL).status_code == 405


# Deep linking


def test_deep_linking_without_a_teaching_role_is_refused(petra: Browser, lms: FakePlatform) -> None:
    """A learner may not choose content, nor may somebody who is an administrator of the institution only."""
    assert petra.launch(lms, **DEEP_LINKING).status_code == 403
    roles = ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"]
    assert petra.launch(lms, **DEEP_LINKING, roles=roles).status_code == 403


@pytest.mark.parametrize("role", ["Instructor", "ContentDeveloper", "Administrator"])
def test_deep_linking_by_who_makes_the_course_leads_to_the_chooser(
    role: str, petra: Browser, lms: FakePlatform
) -> None:
    """Teachers, designers and administrators of the course."""
    response = petra.launch(lms, **DEEP_LINKING, roles=[CONTEXT_ROLE + role])
    assert response.status_code == 303
    assert response.location.endswith("/choose")
    assert petra.follow(response).status_code == 200


def test_deep_linking_without_a_way_back_is_refused(petra: Browser, lms: FakePlatform) -> None:
    """There would be nowhere to send the choice."""
    changes = DEEP_LINKING | {"deep_linking_settings": {}, "roles": [CONTEXT_ROLE + "Instructor"]}
    assert "deep_link_return_url" in petra.launch(lms, **changes).text


def test_a_submission_review_names_whom_it_is_about(petra: Browser, lms: FakePlatform) -> None:
    """It needs no resource link, but a user."""
    review = {
        "message_type": "LtiSubmissionReviewRequest",
        "roles": [CONTEXT_ROLE + "Instructor"],
    }
    assert petra.launch(lms, **review, for_user={"user_id": "petra"}).status_code == 303
    assert "for_user" in petra.launch(lms, **review).text
