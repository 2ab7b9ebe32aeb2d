"""Where our requests to LMSs may go: a fence around private networks, and a bound on their time.

What an LMS says of itself (in a registration, in a launch) are addresses that somebody else chose, and whoever makes us
ask them could look into our network (server-side request forgery). So a name is resolved once, each address is judged,
and the connection goes to an address that was judged: a second answer of the name server (DNS rebinding) is not asked
for. The judgement sits where sockets are opened, so that TLS and the Host header keep the name.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

RESOLVING_SECONDS = 5.0
CONNECTIONS_KEPT = 32

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Place = tuple[str, int]
"""A host, in small letters, and a port."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")


class ClosedError(Exception):
    """We do not go there. The message names the host and says how an admin may allow it."""


class Reach(Enum):
    """Whose an address is: everybody's, this machine's own, or a network's that strangers must not look into."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    CLOSED = "closed"


def reach_of(address: IpAddress) -> Reach:
    """Judge an address by the IPv4 address inside it, if there is one that the connection would go to.

    Sources: the IANA special-purpose registries (RFC 6890), as `ipaddress` has them; RFC 4291, 2.5.5 (IPv4 inside
    IPv6), RFC 6052 (NAT64, which IPv6-only machines need for the public Internet). 6to4 and Teredo are closed.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _ipv4_inside(address)
        if inner is not None:
            return reach_of(inner)
        if address.sixtofour is not None or address.teredo is not None or address.is_site_local:
            return Reach.CLOSED
    if address.is_loopback:
        return Reach.LOOPBACK
    shut = address.is_multicast or address.is_reserved or address.is_link_local or address.is_unspecified
    return Reach.PUBLIC if address.is_global and not shut else Reach.CLOSED


def _ipv4_inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    low = int(address) & 0xFFFF_FFFF
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and low > 1):
        return ipaddress.IPv4Address(low)
    return None


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by its own name: localhost, 127.0.0.1, [::1]."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return reach_of(ipaddress.ip_address(host)) is Reach.LOOPBACK
    except ValueError:
        return False


def place_of(url: str) -> Place | None:
    """Host and port of an http(s) URL; None where there is none, or one that cannot be."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    return parts.hostname.rstrip("."), port or (443 if parts.scheme == "https" else 80)


def places_of(urls: Sequence[str | None]) -> frozenset[Place]:
    return frozenset(place for url in urls if url and (place := place_of(url)) is not None)


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _nowhere() -> Collection[Place]:
    return ()


@dataclass(frozen=True)
class Fence:
    """What may be reached: the public Internet, and by exception this machine, private networks, and places that an
    admin named (`named` is asked at each connection to somewhere else). `resolve` answers a name's addresses."""

    loopback: bool = False
    private: bool = False
    named: Callable[[], Collection[Place]] = _nowhere
    resolve: Callable[[str, int], Sequence[str]] = _resolve

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name that may be connected to. Raises ClosedError, OSError.

        One address that is closed closes the name: a public answer beside a private one is how rebinding begins.
        """
        found = self._resolved(host.strip("[]"), port)
        if not all(self._open(ipaddress.ip_address(one.partition("%")[0])) for one in found):
            self._want_named(host.strip("[]"), port)
        return found

    def admit_literal(self, host: str, port: int) -> None:
        """For a request through a proxy, which resolves names itself: judge what can be judged here."""
        try:
            opened = self._open(ipaddress.ip_address(host))
        except ValueError:
            opened = self.loopback or self.private or not is_loopback(f"http://{host}/")
        if not opened:
            self._want_named(host, port)

    def _open(self, address: IpAddress) -> bool:
        reach = reach_of(address)
        return reach is Reach.PUBLIC or self.private or (self.loopback and reach is Reach.LOOPBACK)

    def _want_named(self, host: str, port: int) -> None:
        if (host.lower().rstrip("."), port) not in self.named():
            raise ClosedError(
                f"{host} is not on the public Internet, and the tool does not go into private networks on an LMS's "
                "word. LRS_BRIDGE_ALLOW_PRIVATE=on allows it, and so does registering the LMS by hand."
            )

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """Bounded in time: the resolver itself is not, and whoever owns a name may let it be slow."""
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answers.put(self.resolve(host, port))
            except (OSError, UnicodeError) as error:  # a label that is empty or too long is a UnicodeError
                answers.put(error)

        threading.Thread(target=look_up, name="resolver", daemon=True).start()
        try:
            found = answers.get(timeout=RESOLVING_SECONDS)
        except queue.Empty as error:
            raise TimeoutError(f"{host} was not resolved in time") from error
        if isinstance(found, Exception):
            raise OSError(f"{host} cannot be resolved") from found
        if not found:
            raise OSError(f"{host} has no address")
        return found


class TimeLimit:
    """Bounds an exchange as a whole: when time is up, the connection of this thread is cut.

    Timeouts of sockets start anew with each byte, so that a server could hold us for hours with one byte each.
    """

    _here = threading.local()

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> TimeLimit:
        TimeLimit._here.limit = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        TimeLimit._here.limit = None
        self._socket = None

    @classmethod
    def watch(cls, connected: socket.socket | None) -> None:
        """The socket that the exchange of this thread, if it has a limit, goes over from now on."""
        limit: TimeLimit | None = getattr(cls._here, "limit", None)
        if limit is not None and connected is not None:
            limit._socket = connected
            if limit.over:
                limit._cut()

    def _cut(self) -> None:
        self.over = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Fenced(HTTPConnection):
    """Opens its socket within the fence, and has it watched."""

    fence: Fence

    def _new_conn(self) -> socket.socket:
        try:
            addresses = self.fence.addresses(self.host, self.port)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error
        connected = self._first_that_answers(addresses)
        TimeLimit.watch(connected)
        return connected

    def _first_that_answers(self, addresses: Sequence[str]) -> socket.socket:
        for number, address in enumerate(addresses, 1):
            try:
                return create_connection(
                    (address, self.port), self.timeout, self.source_address, socket_options=self.socket_options
                )
            except OSError as error:
                if number < len(addresses):
                    continue
                if isinstance(error, TimeoutError):
                    raise ConnectTimeoutError(self, f"{self.host} did not answer in time") from error
                raise NewConnectionError(self, f"{self.host} cannot be reached: {error}") from error
        raise NewConnectionError(self, f"{self.host} has no address")

    def connect(self) -> None:
        super().connect()
        TimeLimit.watch(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        TimeLimit.watch(self.sock)
        super().request(*args, **kwargs)


class _FencedTls(_Fenced, HTTPSConnection):
    """The same with TLS on top, for the name and not for the address."""


class FencedAdapter(HTTPAdapter):
    """A transport of requests that stays within a fence."""

    def __init__(self, fence: Fence) -> None:
        self._fence = fence
        super().__init__(pool_maxsize=CONNECTIONS_KEPT)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._fence)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """An operator's proxy resolves names and guards its network itself; direct connections are fenced here."""
        place = place_of(request.url or "")
        if place is not None and select_proxy(str(request.url), kwargs.get("proxies")):
            self._fence.admit_literal(*place)
        return super().send(request, *args, **kwargs)


def _pools(fence: Fence) -> dict[str, type[HTTPConnectionPool]]:
    plain = type("_Connection", (_Fenced,), {"fence": fence})
    tls = type("_TlsConnection", (_FencedTls,), {"fence": fence})
    return {
        "http": type("_Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("_TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
    }


def session_within(fence: Fence) -> requests.Session:
    """A session whose every connection stays within the fence."""
    http = requests.Session()
    adapter = FencedAdapter(fence)
    http.mount("https://", adapter)
    http.mount("http://", adapter)
    return http
