"""Marks: cookies by which a browser is known again between login and launch, and a visit's tab from a stranger's.

A browser has one mark, or a few: two logins begun at the same moment in a new browser each bring a mark of their own,
and neither may take the other's place. So each mark has a name of its own, and any of those that came will do.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta

from werkzeug.wrappers import Response

from lrs_bridge.store.logins import digest

BROWSER_COOKIE = "lrs_bridge_browser"  # how the names of marks begin
_LIFETIME = timedelta(days=1)


def marks_of(cookies: Mapping[str, str]) -> tuple[str, ...]:
    """The marks among a request's cookies, always in the same order."""
    return tuple(value for name, value in sorted(cookies.items()) if name.startswith(BROWSER_COOKIE) and value)


def fits(cookies: Mapping[str, str], mark_hash: str) -> bool:
    """Whether one of the marks that came is the one of this hash."""
    return any(hmac.compare_digest(digest(mark), mark_hash) for mark in marks_of(cookies))


def leave(answer: Response, mark: str) -> None:
    """A cookie that comes back inside an LMS's frame: SameSite=None needs Secure, and Partitioned (CHIPS) is what
    browsers without third-party cookies still take. They take Secure on http://localhost, too."""
    answer.set_cookie(
        f"{BROWSER_COOKIE}_{digest(mark)[:8]}",
        mark,
        max_age=_LIFETIME,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
