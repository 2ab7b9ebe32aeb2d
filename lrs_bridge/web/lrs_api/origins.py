"""Cross-Origin Resource Sharing: content that runs in a browser may speak to the record store from wherever it lies.

Any origin may, since what lets a request in is a key in its header and no cookie. Browsers are not told to send
credentials of their own, so a page cannot use those that somebody typed into the browser.
"""

from __future__ import annotations

from flask import Response

_DAY = 24 * 60 * 60
_METHODS = "GET, HEAD, PUT, POST, DELETE"
_SENT = (
    "Authorization, Content-Type, X-Experience-API-Version, X-Experience-API-Hash, If-Match, If-None-Match, "
    "If-Modified-Since, Accept-Language, Cache-Control"
)
_SHOWN = (
    "ETag, Last-Modified, Retry-After, WWW-Authenticate, X-Experience-API-Version, X-Experience-API-Consistent-Through"
)


def preflight() -> Response:
    """What a browser asks before it sends a request of another origin, without credentials (Fetch, 4.8)."""
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = _METHODS
    response.headers["Access-Control-Allow-Headers"] = _SENT
    response.headers["Access-Control-Max-Age"] = str(_DAY)
    return response


def let_in(response: Response) -> None:
    """On every answer, refusals too, or the page could not read why."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = _SHOWN
