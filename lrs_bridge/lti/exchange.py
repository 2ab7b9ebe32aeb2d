"""One exchange with an LMS's server: bounded in time and size, and never redirected.

Redirects are not followed, since a bearer token or a signed assertion must not travel to an origin that nobody
registered (RFC 6750, 5.3); the answer's own words stay available for the reason shown to an admin.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from lrs_bridge.lti.egress import ClosedError, TimeLimit

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
WHOLE_SECONDS = 30.0
LARGEST = 1_000_000


class NotReachedError(Exception):
    """No usable answer came. `timed_out` tells 504 from 502."""

    def __init__(self, reason: str, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timed_out = timed_out


@dataclass(frozen=True)
class Answer:
    """Status, headers (any casing) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, whatever its media type (Moodle sends tokens as text/html). Raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("the JSON is nested too deeply") from error


def ask(
    http: requests.Session,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    data: Mapping[str, str] | bytes | None = None,
    largest: int = LARGEST,
    seconds: float = WHOLE_SECONDS,
) -> Answer:
    """Send one request. Raises NotReachedError for network trouble, for answers over `largest` bytes, and when the
    whole of it takes longer than `seconds`."""
    with TimeLimit(seconds) as limit:
        try:
            with http.request(
                method,
                url,
                headers=dict(headers),
                data=data,
                timeout=(min(CONNECT_SECONDS, seconds), min(READ_SECONDS, seconds)),
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = Answer(response.status_code, response.headers, _body(response, url, largest, seconds))
        except ClosedError as error:
            raise NotReachedError(f"{url} is not asked: {error}") from error
        except (requests.RequestException, OSError) as error:
            if limit.over or isinstance(error, requests.Timeout):
                raise NotReachedError(f"{url} did not answer in time.", timed_out=True) from error
            raise NotReachedError(f"{url} cannot be reached ({type(error).__name__}).") from error
        if limit.over:  # a body that was cut may look like one that ended
            raise NotReachedError(f"{url} did not answer in time.", timed_out=True)
    return answer


def _body(response: requests.Response, url: str, largest: int, seconds: float) -> bytes:
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(65_536):
        size += len(part)
        if size > largest:
            raise NotReachedError(f"{url} answered with more than {largest:,} bytes.")
        if time.monotonic() > deadline:
            raise NotReachedError(f"{url} answered too slowly.", timed_out=True)
        parts.append(part)
    return b"".join(parts)
