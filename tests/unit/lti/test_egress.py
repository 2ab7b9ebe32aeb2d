"""The fence around private networks: addresses judged, names resolved once, time and size bounded. Real sockets."""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs_bridge.lti.egress import Fence, Reach, is_loopback, place_of, places_of, reach_of, session_within
from lrs_bridge.lti.exchange import NotReachedError, ask
from tests.fakes.listening import LOOPBACK, answering, dripping


def names(**known: Sequence[str]) -> Callable[[str, int], Sequence[str]]:
    """A resolver that knows these names (`lms__example` for lms.example), and nothing else."""
    table = {name.replace("__", "."): addresses for name, addresses in known.items()}

    def resolve(host: str, port: int) -> Sequence[str]:
        if host not in table:
            raise OSError(f"unknown name {host}")
        return table[host]

    return resolve


# Addresses


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("93.184.215.14", Reach.PUBLIC),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", Reach.PUBLIC),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.9.9.9", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("::ffff:127.0.0.1", Reach.LOOPBACK),
        ("0.0.0.0", Reach.CLOSED),
        ("::", Reach.CLOSED),
        ("10.0.0.1", Reach.CLOSED),
        ("172.16.0.1", Reach.CLOSED),
        ("192.168.1.1", Reach.CLOSED),
        ("169.254.169.254", Reach.CLOSED),
        ("100.64.0.1", Reach.CLOSED),
        ("192.0.0.1", Reach.CLOSED),
        ("198.18.0.1", Reach.CLOSED),
        ("224.0.0.1", Reach.CLOSED),
        ("240.0.0.1", Reach.CLOSED),
        ("255.255.255.255", Reach.CLOSED),
        ("fe80::1", Reach.CLOSED),
        ("fec0::1", Reach.CLOSED),
        ("fc00::1", Reach.CLOSED),
        ("fd00:ec2::254", Reach.CLOSED),
        ("ff02::1", Reach.CLOSED),
        ("2001:db8::1", Reach.CLOSED),
        ("2002:7f00:1::", Reach.CLOSED),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", Reach.CLOSED),
        ("::ffff:10.0.0.1", Reach.CLOSED),
        ("64:ff9b::5db8:d70e", Reach.PUBLIC),
        ("64:ff9b::a9fe:a9fe", Reach.CLOSED),
        ("::169.254.169.254", Reach.CLOSED),
    ],
)
def test_an_address_is_judged(address: str, reach: Reach) -> None:
    """The public Internet, this machine, and everything that strangers must not look into."""
    assert reach_of(ipaddress.ip_address(address)) is reach


@settings(max_examples=200)
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_what_it_is_in_every_ipv6_spelling(address: ipaddress.IPv4Address) -> None:
    """Mapped, or behind NAT64: the connection goes to the same machine."""
    judged = reach_of(address)
    assert reach_of(ipaddress.IPv6Address(f"::ffff:{address}")) is judged
    assert reach_of(ipaddress.IPv6Address((0x0064_FF9B << 96) | int(address))) is judged


@settings(max_examples=300)
@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_is_open_is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Private, link-local, multicast and loopback addresses are never taken for public."""
    shut = address.is_private or address.is_link_local or address.is_multicast or address.is_loopback
    if shut and getattr(address, "ipv4_mapped", None) is None:
        assert reach_of(address) is not Reach.PUBLIC


PRIVATE_NETWORKS = [
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "224.0.0.0/4"),
    *("0.0.0.0/8", "fc00::/7", "fe80::/10", "ff00::/8"),
]


@settings(max_examples=200)
@given(st.sampled_from(PRIVATE_NETWORKS).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_address_of_a_private_network_is_open(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Not one of them."""
    assert reach_of(address) is Reach.CLOSED


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8000", True),
        ("http://LOCALHOST.", True),
        ("http://lms.localhost:81/x", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8000", True),
        ("https://lms.example", False),
        ("https://localhost.example", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_a_loopback_url_is_known_by_its_name(url: str, expected: bool) -> None:
    """Without asking a name server."""
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://LMS.example./a?b", ("lms.example", 443)),
        ("http://lms.example", ("lms.example", 80)),
        ("http://[::1]:81/", ("::1", 81)),
        ("https://lms.example:99999/", None),
        ("https://[bad/", None),
        ("ftp://lms.example", None),
        ("lms.example", None),
    ],
)
def test_a_url_has_a_host_and_a_port_or_none(url: str, place: tuple[str, int] | None) -> None:
    """Whatever a stranger writes, this does not fail."""
    assert place_of(url) == place
    assert places_of([url, None]) == ({place} if place else frozenset())


# Names


def get(fence: Fence, url: str, seconds: float = 5.0) -> bytes:
    with session_within(fence) as http:
        http.trust_env = False
        return ask(http, "GET", url, headers={}, seconds=seconds).body


def test_this_machine_is_closed_unless_it_is_allowed() -> None:
    """By its address, by its name, and by a name of somebody's that leads to it."""
    with answering(b"inside") as server:
        for host in (LOOPBACK, "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"):
            with pytest.raises(NotReachedError, match="LRS_BRIDGE_ALLOW_PRIVATE"):
                get(Fence(), server.url(host))
        with pytest.raises(NotReachedError, match="LRS_BRIDGE_ALLOW_PRIVATE"):
            get(Fence(resolve=names(evil__example=[LOOPBACK])), server.url("evil.example"))
        assert server.heard == []
        assert get(Fence(loopback=True), server.url()) == b"inside"
        assert get(Fence(private=True), server.url()) == b"inside"


@pytest.mark.parametrize("addresses", [[LOOPBACK, "93.184.215.14"], ["93.184.215.14", LOOPBACK], ["fe80::1%eth0"]])
def test_a_name_with_one_closed_address_is_closed(addresses: list[str]) -> None:
    """In whatever order they come."""
    with pytest.raises(NotReachedError, match="not on the public Internet"):
        get(Fence(resolve=names(lms__example=addresses)), "http://lms.example/")


def test_a_place_that_an_admin_named_is_open() -> None:
    """That host and that port, and asked for only when it matters."""
    with answering(b"ours") as server:
        asked: list[int] = []

        def named() -> set[tuple[str, int]]:
            asked.append(1)
            return {("moodle.intern", server.port)}

        fence = Fence(named=named, resolve=names(moodle__intern=[LOOPBACK], other__intern=[LOOPBACK]))
        assert get(fence, server.url("moodle.intern")) == b"ours"
        assert get(fence, server.url("MOODLE.intern.")) == b"ours"
        for url in (server.url("other.intern"), "http://moodle.intern:1/"):
            with pytest.raises(NotReachedError, match="not on the public Internet"):
                get(fence, url)
        assert len(asked) == 4


def test_a_name_is_resolved_once_and_the_connection_goes_to_that_answer() -> None:
    """DNS rebinding: the second answer would lead inside, and is never asked for. The Host header keeps the name."""
    answers: list[list[str]] = []

    def resolve(host: str, port: int) -> list[str]:
        answers.append([LOOPBACK] if not answers else ["10.0.0.1"])
        return answers[-1]

    with answering(b"first") as server:
        fence = Fence(loopback=True, resolve=resolve)
        assert get(fence, server.url("rebinding.example")) == b"first"
        assert server.heard == [f"rebinding.example:{server.port}"]
    assert answers == [[LOOPBACK]]


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    """localhost is ::1 and 127.0.0.1, and servers may listen on one of them only."""
    with answering(b"there") as server:
        fence = Fence(loopback=True, resolve=names(lms__example=["127.9.9.9", LOOPBACK]))
        assert get(fence, server.url("lms.example")) == b"there"


@pytest.mark.parametrize("host", ["nobody.example", "x" * 70 + ".example"])
def test_a_name_that_does_not_resolve_is_told(host: str) -> None:
    """As network trouble, not as a fault of ours."""
    fence = Fence(resolve=names()) if len(host) < 60 else Fence()
    with pytest.raises(NotReachedError, match="cannot be reached"):
        get(fence, f"http://{host}/")


def test_a_proxy_is_the_operators_own_guard_and_gets_no_closed_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """It resolves names itself; what can be judged without is judged."""
    with answering(b"by proxy") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with session_within(Fence()) as http:
            assert ask(http, "GET", "http://lms.example/", headers={}).body == b"by proxy"
            for host in ("169.254.169.254", "localhost", "[::1]"):
                with pytest.raises(NotReachedError, match="not on the public Internet"):
                    ask(http, "GET", f"http://{host}/", headers={})
        assert proxy.heard == ["lms.example"]


# TLS


def test_tls_is_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    """The certificate is checked against the host of the URL, though the connection goes to a pinned address."""
    context, authority = certificate("lms.example", tmp_path)
    with answering(b"sealed", tls=context) as server:
        fence = Fence(loopback=True, resolve=names(lms__example=[LOOPBACK], other__example=[LOOPBACK]))
        with session_within(fence) as http:
            http.trust_env = False
            http.verify = str(authority)
            assert ask(http, "GET", server.url("lms.example", "https"), headers={}).body == b"sealed"
            with pytest.raises(NotReachedError, match="SSLError"):
                ask(http, "GET", server.url("other.example", "https"), headers={})


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for `name`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    secret = folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


# Size and time


def test_redirects_are_not_followed() -> None:
    """They would lead past every check."""
    with (
        answering(status=302, Location="http://169.254.169.254/") as server,
        session_within(Fence(loopback=True)) as http,
    ):
        http.trust_env = False
        assert ask(http, "GET", server.url(), headers={}).status == 302


def test_more_than_a_megabyte_is_not_read() -> None:
    """And said so."""
    with answering(b"x" * 1_000_001) as server, pytest.raises(NotReachedError, match="more than 1,000,000 bytes"):
        get(Fence(loopback=True), server.url())


@pytest.mark.parametrize(
    "parts",
    [
        (b"H", b"T", b"T", b"P"),
        (b"HTTP/1.1 200 OK\r\n", *itertools.repeat(b"X-Slow: 1\r\n", 90)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *itertools.repeat(b" ", 90)),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *itertools.repeat(b" ", 90)),
    ],
    ids=["the status line", "the headers", "a body of a known length", "a body without one"],
)
def test_a_server_that_drips_is_cut_off(parts: tuple[bytes, ...]) -> None:
    """Each byte comes in time, and the whole does not."""
    started = time.monotonic()
    endless = itertools.chain(parts, itertools.repeat(b" "))
    with dripping(endless, 0.05) as server, pytest.raises(NotReachedError, match="in time") as refused:
        get(Fence(loopback=True), server.url(), seconds=0.4)
    assert refused.value.timed_out
    assert time.monotonic() - started < 3


def test_a_kept_connection_is_watched_again() -> None:
    """The limit of one exchange does not end with the connection that it began."""
    with answering(b"ok") as server, session_within(Fence(loopback=True)) as http:
        http.trust_env = False
        for _ in range(3):
            assert ask(http, "GET", server.url(), headers={}, seconds=2).body == b"ok"
