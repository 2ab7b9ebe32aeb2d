"""Whatever comes to the LMS's door, by accident or with intent, is answered with a page, and never with a fault."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from sqlalchemy import text

from lrs_bridge.lti import claims as c
from lrs_bridge.store.engine import connect
from tests.databases import DATABASES, POSTGRES
from tests.fakes.launching import BASE_URL, TARGET, Browser, Tool, state_of
from tests.fakes.platform import FakePlatform, rsa_key


def _token(header: str, payload: str = "{}") -> str:
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, payload, "sig"))


NO_TOKENS = {
    "nothing": "",
    "words": "no token",
    "three parts": "a.b.c",
    "three parts abroad": "ä.ö.ü",
    "empty objects": "e30.e30.e30",
    "a text as header": _token('"alg"'),
    "a list as header": _token('["alg"]'),
    "a number as header": _token("7"),
    "a header without a bottom": _token("[" * 5000),
    "a kid without a bottom": _token('{"alg":"RS256","kid":' + "[" * 3000),
    "a list as kid": _token('{"alg":"RS256","kid":["key-first"]}'),
    "a list as algorithm": _token('{"alg":["RS256"],"kid":"key-first"}'),
    "unknown demands": _token('{"alg":"RS256","kid":"key-first","crit":["x"],"x":1}'),
    "demands that are a number": _token('{"alg":"RS256","kid":"key-first","crit":7}'),
    "another key in the header": _token('{"alg":"RS256","kid":"key-first","jwk":{"kty":"RSA"}}'),
}


@pytest.mark.parametrize("token", NO_TOKENS.values(), ids=NO_TOKENS)
def test_what_is_no_token_is_refused(token: str, petra: Browser, lms: FakePlatform) -> None:
    """Whatever it is."""
    begun = petra.login(lms.login_params(TARGET))
    assert petra.answer(state=state_of(begun), id_token=token).status_code == 400


@pytest.mark.parametrize(
    "payload",
    ["[]", "7", "null", "[" * 100_000, '{"a":' * 3000, '{"nonce":"\\ud800"}', '{"sub":"\\u0000"}', '{"exp":NaN}'],
    ids=range(8),
)
def test_what_is_signed_and_still_nonsense_is_refused(payload: str, petra: Browser, lms: FakePlatform) -> None:
    """An LMS may be broken, too."""
    begun = petra.login(lms.login_params(TARGET))
    token = jws.serialize_compact({"alg": "RS256", "kid": rsa_key().kid}, payload, rsa_key())
    assert petra.answer(state=state_of(begun), id_token=token).status_code == 400


def test_numbers_beyond_all_measure_are_refused(petra: Browser, lms: FakePlatform) -> None:
    """As times, in either direction."""
    for name in ("exp", "iat"):
        assert petra.launch(lms, **{name: -(10**18)}).status_code == 400
    for name in ("exp", "iat", "nbf"):
        assert petra.launch(lms, **{name: 10**400}).status_code == 400


# Whatever it is

_TEXTS = st.text(max_size=40) | st.sampled_from(["", "\0", "x" * 9000, "https://[", "//", "%", "\ud7ff", "_parent"])
_ODD_URLS = st.sampled_from(["https://[", "https://", "http://ü.example/", "https://a;b/", "https://x/" + "y" * 3000])
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | _TEXTS
    | _ODD_URLS
    | st.sampled_from(["z" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_PARAMETERS = st.sampled_from(
    ["iss", "client_id", "login_hint", "lti_message_hint", "target_link_uri", "lti_deployment_id", "lti_storage_target"]
)
_HEADERS = st.dictionaries(
    st.sampled_from(["Origin", "Referer", "Cookie", "Sec-Fetch-Dest", "Accept", "Content-Type", "X-Forwarded-For"]),
    st.sampled_from(
        ["", "null", "https://[", "http://a b", "https://x;script-src *", "iframe", "lrs_bridge_browser=\xff", "a=;;=b"]
    )
    | st.text(st.characters(min_codepoint=32, max_codepoint=255, blacklist_characters="\x7f"), max_size=40),
    max_size=4,
)
_BODIES = st.sampled_from(
    [
        ("application/x-www-form-urlencoded", b"state=%ff&id_token=%00"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(3000))),
        ("application/json", b'{"state": "x"'),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=state\r\n\r\nx"),
        ("multipart/form-data; boundary=b", b"--b\r\n" * 2000),
        ("text/plain; charset=none-such", b"state=x"),
    ]
)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tool, FakePlatform]:
    """One tool for all the examples of a property: what one leaves behind must not hurt the next."""
    lms = FakePlatform()
    tool = Tool(tmp_path_factory.mktemp("tool"), lms.http())
    tool.register(lms)
    return tool, lms


@settings(max_examples=60, deadline=None)
@given(
    changes=st.dictionaries(_PARAMETERS | _TEXTS, _TEXTS, max_size=4),
    headers=_HEADERS,
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD"]),
)
def test_any_login_is_answered(
    lasting: tuple[Tool, FakePlatform], changes: dict[str, str], headers: dict[str, str], method: str
) -> None:
    """With odd parameters, in odd company."""
    tool, lms = lasting
    params = lms.login_params(TARGET) | changes
    headers.pop("Content-Type", None)
    sent = {"query_string": params} if method in {"GET", "HEAD"} else {"data": params}
    answer = tool.app.test_client().open("/lti/login", method=method, base_url=BASE_URL, headers=headers, **sent)
    assert answer.status_code < 500


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(["/lti/login", "/lti/launch", "/lti/launch/proof", "/lti/mark"]),
    body=_BODIES | st.tuples(st.just("application/x-www-form-urlencoded"), st.binary(max_size=200)),
    headers=_HEADERS,
)
def test_any_body_is_answered(
    lasting: tuple[Tool, FakePlatform], path: str, body: tuple[str, bytes], headers: dict[str, str]
) -> None:
    """What is no form, or half of one."""
    sent = {"base_url": BASE_URL, "headers": {**headers, "Content-Type": body[0]}, "data": body[1]}
    answer = lasting[0].app.test_client().post(path, **sent)
    assert 400 <= answer.status_code < 500


@settings(max_examples=80, deadline=None)
@given(
    header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jku", "b64", "zip"]), _VALUES, max_size=4),
    tail=st.sampled_from([".e30.c2ln", ".e30", "", ".e30.c2ln.x.y", ".\xff.\xff"]) | st.text(max_size=20),
    proof=st.none() | _TEXTS,
)
def test_any_token_is_refused(
    lasting: tuple[Tool, FakePlatform], header: dict[str, Any], tail: str, proof: str | None
) -> None:
    """Whatever its header says, with and without a proof."""
    tool, lms = lasting
    browser = tool.browser()
    begun = browser.login(lms.login_params(TARGET))
    head = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": "key-first"} | header).encode()).decode()
    form = {"state": state_of(begun), "id_token": head.rstrip("=") + tail} | ({} if proof is None else {"proof": proof})
    path = "/lti/launch" if proof is None else "/lti/launch/proof"
    assert 400 <= browser.client.post(path, data=form, base_url=BASE_URL).status_code < 500


_CLAIMS = sorted(value for name, value in vars(c).items() if name.isupper() and isinstance(value, str))
_CLAIMS += ["iss", "aud", "azp", "sub", "iat", "exp", "nbf", "nonce", "name", "given_name", "email", "locale"]
_INSIDE = st.dictionaries(
    st.sampled_from(
        "id title label return_url locale lineitem lineitems scope user_id run journey step dashboard data "
        "context_memberships_url deep_link_return_url accept_types".split()
    ),
    _VALUES,
    max_size=4,
)


@pytest.fixture(scope="module", params=DATABASES)
def on_each_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tool, FakePlatform]]:
    """PostgreSQL minds what SQLite lets pass: lengths, zeros, numbers out of range."""
    lms, folder = FakePlatform(), tmp_path_factory.mktemp("tool")
    if request.param == "sqlite":
        tool = Tool(folder, lms.http())
        tool.register(lms)
        yield tool, lms
        return
    assert POSTGRES
    schema = f"n_{uuid4().hex}"
    engine = connect(POSTGRES)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    tool = Tool(folder, lms.http(), database_url=f"{POSTGRES}?options=-csearch_path%3D{schema}")
    tool.register(lms)
    yield tool, lms
    tool.sessions.engine.dispose()
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@settings(max_examples=150, deadline=None)
@given(odd=st.dictionaries(st.sampled_from(_CLAIMS), _VALUES | _ODD_URLS | _INSIDE, min_size=1, max_size=3))
def test_any_signed_claim_is_answered_and_so_is_the_page_it_leads_to(
    on_each_database: tuple[Tool, FakePlatform], odd: dict[str, Any]
) -> None:
    """An LMS may be broken, or its admin may have typed something."""
    tool, lms = on_each_database
    browser = tool.browser()
    begun = browser.login(lms.login_params(TARGET))
    claims = lms.claims(begun.location, TARGET, tool.clock.now) | odd
    token = jws.serialize_compact({"alg": "RS256", "kid": rsa_key().kid}, json.dumps(claims), rsa_key())
    answer = browser.answer(state=state_of(begun), id_token=token)
    assert answer.status_code < 500
    if answer.status_code == 303:
        assert browser.follow(answer).status_code == 200
