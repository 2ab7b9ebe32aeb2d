"""One exchange with a record store: bounded, never redirected, our key to nobody else, failures in plain words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.lrs import endpoint as module
from lrs_bridge.lrs.endpoint import Answer, Endpoint
from lrs_bridge.lti.egress import Fence, TimeLimit, session_within
from tests.fakes.listening import answering, dripping
from tests.fakes.lrs_server import ENDPOINT, FakeLrsServer
from tests.unit.lti.test_egress import certificate


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(http: requests.Session, tmp_path: Path) -> None:
    """The key is not sent, and the reason says what is wrong."""
    tls, _ = certificate("localhost", tmp_path)
    with answering(tls=tls) as server, pytest.raises(Unavailable, match="certificate is not trusted"):
        Endpoint(server.url("localhost", "https"), "key", "secret", http).ask("GET", "about")
    assert server.heard == []


def test_a_certificate_that_is_vouched_for_is_accepted(http: requests.Session, tmp_path: Path) -> None:
    """As with an organisation's own authority."""
    tls, path = certificate("localhost", tmp_path)
    http.verify = str(path)
    with answering(b'{"version": []}', tls=tls) as server:
        assert Endpoint(server.url("localhost", "https"), "key", "secret", http).ask("GET", "about").status == 200


def test_an_answer_that_drips_is_cut() -> None:
    """Timeouts of sockets begin anew with each byte, so the exchange as a whole is watched."""
    parts = itertools.chain([b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"], itertools.repeat(b" "))
    with dripping(parts, every=0.01) as server:
        # The watch lasts for twice the seconds between two bytes.
        http = session_within(Fence(loopback=True))
        endpoint = Endpoint(server.url(), "key", "secret", http, (1.0, 0.1), TimeLimit)
        with pytest.raises(Unavailable):
            endpoint.ask("GET", "about")


def test_an_answer_that_does_not_end_is_not_read(http: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded."""
    monkeypatch.setattr(module, "LARGEST", 100_000)
    with answering(b" " * 200_000) as server, pytest.raises(Unavailable, match="more than"):
        Endpoint(server.url(), "key", "secret", http).ask("GET", "statements")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (requests.exceptions.SSLError("bad"), "its certificate is not trusted here"),
        (requests.exceptions.ProxyError("407"), "the proxy in between does not pass us on"),
        (requests.ConnectTimeout("x"), "it did not take the connection in time"),
        (requests.ReadTimeout("x"), "it did not answer in time"),
        (requests.ConnectionError("Failed to resolve 'x'"), "its name cannot be resolved"),
        (requests.ConnectionError("[Errno 111] Connection refused"), "nobody listens there"),
        (requests.ConnectionError("Connection reset by peer"), "the connection was cut"),
        (requests.ConnectionError("Read timed out."), "it did not answer in time"),
        (requests.ConnectionError("strange"), "the connection failed"),
        (requests.exceptions.ChunkedEncodingError("x"), "its answer broke off"),
        (requests.exceptions.InvalidURL("x"), "that is no web address"),
        (OSError("strange"), "OSError"),
    ],
)
def test_trouble_is_said_in_plain_words(error: Exception, says: str) -> None:
    """With the address and never with the secret."""
    server = FakeLrsServer()
    server.always = error
    with pytest.raises(Unavailable) as problem:
        Endpoint(ENDPOINT, "key", "hush", server.session()).ask("GET", "statements")
    assert problem.value.reason == f"{ENDPOINT}/ cannot be reached: {says}."


def test_a_password_in_the_address_is_never_shown() -> None:
    """Whoever put it there."""
    server = FakeLrsServer()
    endpoint = Endpoint("https://me:hush@lrs.example.org/xapi?token=hush", "key", "secret", server.session())
    assert "hush" not in endpoint.name
    moved = Answer(302, {"Location": "https://me:hush@other.example.org/x?y=hush"}, b"")
    assert "hush" not in endpoint.said("reading", moved)
    assert "an address that is none" in endpoint.said("reading", Answer(302, {"Location": "https://[::1"}, b""))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "The verb is wrong."}', "The verb is wrong."),
        (b'{"error": {"code": 4}}', '{"code":4}'),
        (b'{"detail": "no", "x": 1}', "no"),
        (b'["a", "b"]', '["a","b"]'),
        (b"<html><head><title>502 Bad &amp; sad</title></head><body>x</body></html>", "502 Bad & sad"),
        (b"<p>Sign <b>in</b></p><script>alert(1)</script>", "Sign in"),
        (b"plain  words\n here", "plain words here"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"{}", ""),
        (b"", ""),
        (b"x" * 1000, "x" * 300),
    ],
)
def test_the_stores_own_words_are_found_and_shortened(body: bytes, words: str) -> None:
    """In JSON, in a page, in plain text."""
    assert Answer(400, {}, body).words() == words


@given(st.binary(max_size=300))
def test_whatever_a_store_says_has_words(body: bytes) -> None:
    """Never an exception, never too many."""
    assert len(Answer(500, {}, body).words()) <= 300


_PIECES = [
    "https:",
    "//",
    "/",
    "\\",
    "@",
    "evil.example.org",
    "lrs.example.org",
    ":443",
    ":8443",
    "xapi",
    "?more=1",
    "#x",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
def test_more_is_followed_on_the_same_origin_or_not_at_all(more: str) -> None:
    """Judged as the library judges it that opens the connection, for any mixture of odd pieces."""
    endpoint = Endpoint(ENDPOINT, "key", "secret", FakeLrsServer().session())
    try:
        url = endpoint.same_origin(more)
    except Refused:
        return
    prepared = requests.Request("GET", url).prepare().url
    parsed = parse_url(str(prepared))
    assert (parsed.scheme, parsed.host, parsed.port or 443) == ("https", "lrs.example.org", 443)


@pytest.mark.parametrize(
    "more",
    [
        "https://evil.example.org\\@lrs.example.org/",
        "https://lrs.example.org@evil.example.org/",
        "https://user:pw@lrs.example.org/x",
        "http://lrs.example.org/x",
        "https://lrs.example.org:444/x",
        "https://[::1",
    ],
)
def test_odd_addresses_of_a_next_page_are_refused(more: str) -> None:
    """Readers differ about them, so nobody is asked."""
    with pytest.raises(Refused):
        Endpoint(ENDPOINT, "key", "secret", FakeLrsServer().session()).same_origin(more)


def test_an_explicit_port_is_the_same_origin() -> None:
    """443 is what https means."""
    endpoint = Endpoint(ENDPOINT, "key", "secret", FakeLrsServer().session())
    url = "https://LRS.example.org:443/xapi/statements?more=1"
    assert endpoint.same_origin(url) == url
