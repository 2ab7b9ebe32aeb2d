"""The launches of the 1EdTech certification for LTI 1.3 tools, and ours on top, through the tool's own pages."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from werkzeug.test import TestResponse

from tests.fakes import launching
from tests.fakes.launching import TARGET, Browser, Tool, state_of
from tests.fakes.platform import CONTEXT_ROLE, LTI, FakePlatform, rsa_key

INSTITUTION_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}\b")


@pytest.fixture
def lms() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def tool(tmp_path: Path, lms: FakePlatform) -> Tool:
    tool = Tool(tmp_path, lms.http())
    tool.register(lms)
    return tool


@pytest.fixture
def petra(tool: Tool) -> Browser:
    return tool.browser()


@pytest.fixture
def refusals(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What the log of the LTI door says."""
    caplog.set_level(logging.INFO, "lrs_bridge.lti")
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("lrs_bridge.lti")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def assert_refused(response: TestResponse, refusals: list[str], reason: str) -> None:
    """A page that helps, a code on it, and the reason in the log beside the same code."""
    assert 400 <= response.status_code < 500
    code = CODE.search(response.text)
    assert code is not None
    assert [line for line in refusals if code.group() in line and reason in line], refusals
    assert "Traceback" not in response.text


# Bad launches of the certification: what is changed in a good one, and the reason to be logged

BAD_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong LTI version": ({"version": "11.3"}, "version"),
    "no LTI version": ({"version": ...}, "version"),
    "missing message type": ({"message_type": ...}, "message_type"),
    "missing roles": ({"roles": ...}, "roles_missing"),
    "missing deployment id": ({"deployment_id": ...}, "deployment_missing"),
    "missing resource link id": ({"resource_link": {"title": "no id"}}, "resource_link_missing"),
    "missing sub": ({"sub": ...}, "sub_missing"),
    "invalid iat and exp": ({"iat": 11_111, "exp": 22_222}, "clock"),
    "missing LTI claims": (
        dict.fromkeys(
            ("message_type", "version", "deployment_id", "target_link_uri", "resource_link", "roles", "context"), ...
        ),
        "version",
    ),
}


@pytest.mark.parametrize("case", BAD_CLAIMS)
def test_a_bad_launch_of_the_certification_is_refused_and_logged(
    case: str, petra: Browser, lms: FakePlatform, refusals: list[str]
) -> None:
    """Claims that are missing or wrong."""
    changes, reason = BAD_CLAIMS[case]
    assert_refused(petra.launch(lms, **changes), refusals, reason)


BAD_HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "no kid": ({"kid": None}, "kid_missing"),
    "wrong kid": ({"kid": "nobody's"}, "kid_unknown"),
}


@pytest.mark.parametrize("case", BAD_HEADERS)
def test_a_launch_whose_header_is_bad_is_refused_and_logged(
    case: str, petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]
) -> None:
    """The key id of the certification's first two cases."""
    header, reason = BAD_HEADERS[case]
    begun = petra.login(lms.login_params(TARGET))
    token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now), **header)
    assert_refused(petra.answer(state=state_of(begun), id_token=token), refusals, reason)


def test_something_that_is_no_lti_message_is_refused_and_logged(
    petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]
) -> None:
    """The certification's plain OpenID Connect token: proven, but without a single claim of LTI."""
    begun = petra.login(lms.login_params(TARGET))
    claims = lms.claims(begun.location, TARGET, tool.clock.now)
    plain = {name: value for name, value in claims.items() if not name.startswith("https://")}
    assert_refused(petra.answer(state=state_of(begun), id_token=lms.sign(plain)), refusals, "version")


# Good launches: nine as a teacher, nine as a student

NAMES = ("name", "given_name", "family_name")
GOOD: dict[str, Callable[[str], dict[str, Any]]] = {
    "normal": lambda role: {"roles": [CONTEXT_ROLE + role]},
    "several roles": lambda role: {"roles": [CONTEXT_ROLE + role, INSTITUTION_ROLE + "Student", CONTEXT_ROLE + role]},
    "short role name": lambda role: {"roles": [role]},
    "unknown role": lambda role: {"roles": [f"http://purl.imsglobal.org/vocab/lis/v2/uknownrole/unknown#{role}"]},
    "no role": lambda _: {"roles": []},
    "e-mail only": lambda role: {"roles": [CONTEXT_ROLE + role]} | dict.fromkeys(NAMES, ...),
    "names only": lambda role: {"roles": [CONTEXT_ROLE + role], "email": ...},
    "no personal data": lambda role: {"roles": [CONTEXT_ROLE + role], "email": ...} | dict.fromkeys(NAMES, ...),
    "e-mail without context": lambda role: {"roles": [CONTEXT_ROLE + role], "context": ...} | dict.fromkeys(NAMES, ...),
}


@pytest.mark.parametrize("role", ["Instructor", "Learner"])
@pytest.mark.parametrize("case", GOOD)
def test_a_good_launch_of_the_certification_leads_to_a_page(
    case: str, role: str, petra: Browser, lms: FakePlatform
) -> None:
    """303 to a page of the tool that answers 200, whatever the LMS leaves out."""
    response = petra.launch(lms, **GOOD[case](role))
    assert response.status_code == 303, response.text
    assert response.location.startswith("https://tool.example/s/")
    assert petra.follow(response).status_code == 200


# Ours on top


def test_a_replayed_answer_is_refused_and_the_page_says_so(
    petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]
) -> None:
    """The same state and token, sent twice by the same browser."""
    begun = petra.login(lms.login_params(TARGET))
    form = {
        "state": state_of(begun),
        "id_token": lms.sign(lms.claims(begun.location, TARGET, tool.clock.now)),
    }
    assert petra.answer(**form).status_code == 303
    again = petra.answer(**form)
    assert_refused(again, refusals, "state_used")
    assert "already been used" in again.text


def test_the_nonce_of_another_login_is_refused(
    petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]
) -> None:
    """A token that answers one login, sent with the state of another."""
    first, second = (petra.login(lms.login_params(TARGET)) for _ in range(2))
    token = lms.sign(lms.claims(first.location, TARGET, tool.clock.now))
    assert_refused(petra.answer(state=state_of(second), id_token=token), refusals, "nonce")


def test_another_browser_is_refused(tool: Tool, lms: FakePlatform, petra: Browser, refusals: list[str]) -> None:
    """Somebody else's answer cannot be slipped into this browser, nor this one's be taken away."""
    begun = petra.login(lms.login_params(TARGET))
    form = {"state": state_of(begun), "id_token": lms.sign(lms.claims(begun.location, TARGET, tool.clock.now))}
    stan = tool.browser()
    stan.login(lms.login_params(TARGET))
    assert_refused(stan.answer(**form), refusals, "browser_other")
    assert_refused(tool.browser().answer(**form), refusals, "browser_unproven")
    assert petra.answer(**form).status_code == 303


def _b64(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_an_unsigned_token_is_refused(petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]) -> None:
    """alg none."""
    begun = petra.login(lms.login_params(TARGET))
    claims = lms.claims(begun.location, TARGET, tool.clock.now)
    token = f"{_b64({'alg': 'none', 'kid': rsa_key().kid})}.{_b64(claims)}."
    assert_refused(petra.answer(state=state_of(begun), id_token=token), refusals, "algorithm")


def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(
    petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]
) -> None:
    """HS256 with what everybody can read."""
    begun = petra.login(lms.login_params(TARGET))
    claims = lms.claims(begun.location, TARGET, tool.clock.now)
    secret = OctKey.import_key(rsa_key().as_pem(private=False).decode().replace("-----", ""))
    token = jwt.encode({"alg": "HS256", "kid": rsa_key().kid}, claims, secret, algorithms=["HS256"])
    assert_refused(petra.answer(state=state_of(begun), id_token=token), refusals, "algorithm")


def test_a_token_of_another_key_is_refused(petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]) -> None:
    """The right kid over the wrong signature."""
    begun = petra.login(lms.login_params(TARGET))
    token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now), rsa_key("forged"), kid=rsa_key().kid)
    assert_refused(petra.answer(state=state_of(begun), id_token=token), refusals, "signature")


NOON = int(launching.NOON.timestamp())
OURS_ON_TOP: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "https://other.example"}, "issuer"),
    "an issuer with one slash more": ({"iss": "https://lms.example/"}, "issuer"),
    "another tool's audience": ({"aud": "tool-2"}, "audience"),
    "a list of other audiences": ({"aud": ["tool-2", "tool-3"]}, "audience"),
    "issued to another party": ({"azp": "tool-2"}, "authorized_party"),
    "issued in the future": ({"iat": NOON + 61}, "clock"),
    "run out": ({"exp": NOON - 60}, "expired"),
    "good for a week": ({"exp": NOON + 7 * 86_400}, "clock"),
    "no exp": ({"exp": ...}, "clock"),
    "no iat": ({"iat": ...}, "clock"),
    "exp in words": ({"exp": "tomorrow"}, "clock"),
    "exp true": ({"exp": True}, "clock"),
    "no nonce": ({"nonce": ...}, "nonce"),
    "a foreign target": ({"target_link_uri": "https://elsewhere.example/lti/launch"}, "target"),
    "a target that only begins like ours": ({"target_link_uri": "https://tool.example.evil.example/"}, "target"),
    "our name as the user of a foreign target": ({"target_link_uri": "https://tool.example@evil.example/"}, "target"),
    "no target": ({"target_link_uri": ...}, "target"),
    "an unknown deployment": ({"deployment_id": "99"}, "deployment_waiting"),
    "an empty sub": ({"sub": " "}, "sub_missing"),
    "roles that are no list": ({"roles": CONTEXT_ROLE + "Instructor"}, "roles_missing"),
    "an unknown message type": ({"message_type": "LtiStartProctoring"}, "message_type"),
    "a message type that is a list": ({"message_type": ["LtiResourceLinkRequest"]}, "message_type"),
}


@pytest.mark.parametrize("case", OURS_ON_TOP)
def test_a_launch_that_is_wrong_in_one_thing_is_refused_and_logged(
    case: str, petra: Browser, lms: FakePlatform, refusals: list[str]
) -> None:
    """Each clause by itself."""
    changes, reason = OURS_ON_TOP[case]
    assert_refused(petra.launch(lms, **changes), refusals, reason)


STILL_GOOD: dict[str, dict[str, Any]] = {
    "our clock is 59 seconds behind": {"iat": NOON + 59, "exp": NOON + 119},
    "the token ran out 59 seconds ago": {"iat": NOON - 119, "exp": NOON - 59},
    "we are one audience of several": {"aud": ["tool-2", "tool-1"], "azp": "tool-1"},
    "fractions of a second": {"iat": NOON + 0.5},
    "another page of ours as target": {"target_link_uri": "https://tool.example/lti/launch?step=day-30"},
    "our default port spelled out": {"target_link_uri": "https://tool.example:443/lti/launch"},
}


@pytest.mark.parametrize("case", STILL_GOOD)
def test_what_the_specification_allows_is_let_in(case: str, petra: Browser, lms: FakePlatform) -> None:
    """The near side of each limit."""
    assert petra.launch(lms, **STILL_GOOD[case]).status_code == 303


def test_a_refusal_shows_and_logs_no_secret(petra: Browser, lms: FakePlatform, tool: Tool, refusals: list[str]) -> None:
    """Neither token nor state nor e-mail address."""
    begun = petra.login(lms.login_params(TARGET))
    state = state_of(begun)
    token = lms.sign(lms.claims(begun.location, TARGET, tool.clock.now, **{LTI + "version": "1.1"}))
    response = petra.answer(state=state, id_token=token)
    assert_refused(response, refusals, "version")
    for secret in (token, token.rsplit(".", 1)[1], state, "petra@example.com"):
        assert secret not in response.text
        assert not [line for line in refusals if secret in line]
