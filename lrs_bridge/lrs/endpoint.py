"""One exchange with a record store over HTTP: signed, bounded in time and size, never redirected; failures in words.

Nothing is tried again here: whoever asks knows whether the same ids may be sent once more.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from lrs_bridge.domain.delivery import Refused, Unavailable

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
LARGEST = 64 * 2**20
VERSION_HEADER = "X-Experience-API-Version"

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.I | re.S)
_UNNAMED = "the connection failed"
_TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "its certificate is not trusted here"),
    (requests.exceptions.ProxyError, "the proxy in between does not pass us on"),
    (requests.exceptions.ConnectTimeout, "it did not take the connection in time"),
    (requests.exceptions.Timeout, "it did not answer in time"),
    (requests.exceptions.ChunkedEncodingError, "its answer broke off"),
    (requests.exceptions.ContentDecodingError, "its answer cannot be unpacked"),
    (requests.exceptions.ConnectionError, _UNNAMED),
    (requests.exceptions.InvalidURL, "that is no web address"),
)
_CAUSES = (
    ("resolve", "its name cannot be resolved"),
    ("Name or service", "its name cannot be resolved"),
    ("refused", "nobody listens there"),
    ("reset", "the connection was cut"),
    ("closed connection", "the connection was cut"),
    ("timed out", "it did not answer in time"),
)

Watch = Callable[[float], AbstractContextManager[object]]
"""Cuts the connection of whatever runs inside it after so many seconds."""


@dataclass(frozen=True)
class Answer:
    """Status, headers (any casing) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, whatever its media type. Raises ValueError."""
        return orjson.loads(self.body)

    def words(self) -> str:
        """The store's own words for a person: a message of its JSON, the title of a page, shortened; maybe none."""
        try:
            said: Any = self.json()
        except ValueError:
            said = _without_markup(self.body[:20_000].decode(errors="replace"))
        if isinstance(said, dict):
            named = (said.get(name) for name in ("message", "error", "detail", "warning", "reason", "errorMessage"))
            said = next((word for word in named if word), said)
        if said in (None, "", [], {}):
            return ""
        return " ".join((said if isinstance(said, str) else orjson.dumps(said).decode()).split())[:300]


class Endpoint:
    """The address of a store and the key it gave us. `seconds`: for connecting, and between two bytes of an answer;
    `watch` bounds an exchange as a whole."""

    def __init__(
        self,
        url: str,
        key: str,
        secret: str,
        http: requests.Session,
        seconds: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        watch: Watch = nullcontext,
    ) -> None:
        self.url = url.rstrip("/") + "/"
        self._auth = (key, secret)
        self._http = http
        self._seconds = seconds
        self._watch = watch

    @property
    def name(self) -> str:
        """The address as reasons and logs show it, without a password that somebody put into it."""
        return _without_login(self.url)

    def ask(
        self,
        method: str,
        url: str,
        version: str | None = None,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        compress: bool = False,
        signed: bool = True,
    ) -> Answer:
        """Ask `url`, relative to the endpoint. Raises Unavailable where no whole answer came."""
        headers = {"Accept": "application/json"}
        if version is not None:
            headers[VERSION_HEADER] = version
        if body is not None:
            headers["Content-Type"] = "application/json"
            if compress:
                headers["Content-Encoding"] = "gzip"
                body = gzip.compress(body, compresslevel=5)
        try:
            with (
                self._watch(2 * self._seconds[1]),
                self._http.request(
                    method,
                    urljoin(self.url, url),
                    params=params,
                    data=body,
                    headers=headers,
                    auth=self._auth if signed else _nobody,
                    timeout=self._seconds,
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                return Answer(response.status_code, response.headers, self._whole(response))
        except (requests.RequestException, OSError) as error:
            raise Unavailable(f"{self.name} cannot be reached: {_trouble(error)}.") from error

    def _whole(self, response: requests.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_content(65_536):
            size += len(part)
            if size > LARGEST:
                raise Unavailable(f"{self.name} answered with more than {LARGEST // 2**20} MB.")
            parts.append(part)
        return b"".join(parts)

    def same_origin(self, more: str) -> str:
        """Where `more` leads, resolved against the endpoint. Raises Refused: our key goes to no other server.

        Read as the library reads it that will open the connection, since readers differ about odd addresses.
        """
        try:
            url = urljoin(self.url, more)
            origins = {_origin(parse_url(one)) for one in (self.url, url)}
        except (LocationParseError, ValueError):
            raise Refused(f"{self.name} continues its page at an address that is none.") from None
        if len(origins) > 1 or "\\" in url or "@" in url.partition("://")[2].partition("/")[0]:
            elsewhere = self._shown(url)
            raise Refused(f"{self.name} continues its page on another server, {elsewhere}: not followed.")
        return url

    def _shown(self, url: str) -> str:
        try:
            return _without_login(urljoin(self.url, url))[:200]
        except ValueError:
            return "an address that is none"

    def said(self, doing: str, answer: Answer) -> str:
        """What the store said to something, as one sentence for an admin."""
        start = f"{self.name} answered {answer.status} to {doing}"
        if 300 <= answer.status < 400 and answer.headers.get("Location"):
            there = self._shown(answer.headers["Location"])
            return f"{start}: it sends us on to {there}, which is not followed. Set the address it means."
        words = answer.words().rstrip(".")
        return f"{start}: {words}." if words else f"{start}."


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials at all, not even those of a netrc file."""
    return request


def _origin(url: Url) -> tuple[str | None, str | None, int | None]:
    port = url.port or {"https": 443, "http": 80}.get(url.scheme or "")
    return url.scheme, url.host.lower() if url.host else None, port


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _without_markup(text: str) -> str:
    if not text.lstrip().startswith("<"):
        return text
    title = _TITLE.search(text)
    return unescape(title[1] if title else _MARKUP.sub(" ", text))


def _trouble(error: Exception) -> str:
    words = next((words for kind, words in _TROUBLES if isinstance(error, kind)), type(error).__name__)
    if words != _UNNAMED:
        return words
    return next((named for cause, named in _CAUSES if cause in str(error)), words)
