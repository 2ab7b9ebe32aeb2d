"""What every answer carries so that a page can be framed by its LMS and by nobody else, and runs no script of others.

Pages have neither inline script nor inline style, so the policy (CSP Level 3) allows none. There is no
X-Frame-Options: it cannot name more than one origin, and `frame-ancestors` rules where both are understood.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

Origins = Callable[[], Iterable[str]]
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")  # nothing else may enter a policy
_OPENING = ("/s/", "/admin/", "/m/", "/mail/")  # addresses with a token that opens something


def origin_of(url: str | None) -> str | None:
    """`https://lms.example:8443` of a URL; None where there is none to speak of."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return None
    return f"{parts.scheme}://{host}"


def origins_of(urls: Iterable[str | None]) -> set[str]:
    return {origin for url in urls if (origin := origin_of(url))}


def policy(frame_ancestors: Iterable[str], form_action: Iterable[str] = (), script: bool = False) -> str:
    """The Content-Security-Policy of a page. `script`: the page loads a script file of ours (storage, new tab)."""
    parts = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        " ".join(["form-action 'self'", *sorted(set(form_action))]),
        "base-uri 'none'",
        " ".join(["frame-ancestors 'self'", *sorted(set(frame_ancestors))]),
    ]
    if script:
        parts += ["script-src 'self'", "connect-src 'self'"]
    return "; ".join(parts)


def csrf_token(session_token: str, secret_key: str) -> str:
    """HMAC of the session's token: needs no state, and differs from tab to tab as the token does."""
    return hmac.new(secret_key.encode(), b"csrf:" + session_token.encode(), hashlib.sha256).hexdigest()


def csrf_fits(given: str | None, session_token: str, secret_key: str) -> bool:
    return hmac.compare_digest((given or "").encode(), csrf_token(session_token, secret_key).encode())


def install(app: Flask, platform_origins: Origins) -> None:
    """Set the headers on every answer that has not chosen its own policy."""

    @app.after_request
    def guard(response: Response) -> Response:
        page = response.mimetype == "text/html" and not 300 <= response.status_code < 400
        if page and "Content-Security-Policy" not in response.headers:
            framed_by = g.get("frame_ancestors")
            response.headers["Content-Security-Policy"] = policy(platform_origins() if framed_by is None else framed_by)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if page or request.path.startswith(_OPENING):
            response.headers["Cache-Control"] = "no-store"
        return response
