"""Asking another system once, and what its answer means for what was sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from requests import RequestException

from lrs_bridge.hooks import Call, Refused, Unavailable

_NOT_THIS = {400, 413, 415, 422}
"""It understood and will not take this, today or tomorrow. All other troubles may be mended, also a wrong key."""


def post(call: Call, url: str, data: bytes, headers: dict[str, str], **more: Any) -> int:
    """Send; answers the status where it is 2xx or 409. Raises Refused, Unavailable with a sentence for an admin."""
    host = urlsplit(url).hostname
    try:
        answer = call.http.request(
            "POST", url, data=data, headers=headers, timeout=(5, 8), allow_redirects=False, **more
        )
    except RequestException as problem:
        raise Unavailable(f"{host} cannot be reached: {type(problem).__name__}.") from problem
    status = int(answer.status_code)
    if 200 <= status < 300 or status == 409:
        return status
    said = f"{host} answered {status} {answer.reason or ''}".rstrip() + "."
    if status in _NOT_THIS:
        raise Refused(said)
    raise Unavailable(said, _seconds(answer.headers.get("Retry-After")))


def _seconds(given: str | None) -> float | None:
    """RFC 9110, 10.2.3; a date there is left to our own waiting."""
    return float(given) if given and given.strip().isdecimal() else None
