"""How different LMSs behave where LTI Advantage leaves room, or where they leave LTI Advantage: one value for each.

From recorded traffic (Moodle 4.2), platform code (Open edX's lti-consumer-xblock, Canvas's `request_throttle.rb` and
`jwt_message.rb`) and vendors' documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import Enum
from types import MappingProxyType


class Effect(Enum):
    """What a score does to the grade."""

    SET = "set"
    CLEAR = "clear"
    KEEP = "keep"


def _moodle(grading: str, given: bool) -> Effect:
    """Anything but FullyGraded, and a score without points, erases the grade with 200."""
    return Effect.SET if given and grading == "FullyGraded" else Effect.CLEAR


def _canvas(grading: str, given: bool) -> Effect:
    if grading in {"NotReady", "Failed", "Pending"}:
        return Effect.CLEAR
    return Effect.SET if given else Effect.KEEP


def _d2l(_grading: str, given: bool) -> Effect:
    return Effect.SET if given else Effect.CLEAR


def _openedx(grading: str, given: bool) -> Effect:
    """Only what is FullyGraded with points is published to the gradebook; nothing takes it back."""
    return Effect.SET if given and grading == "FullyGraded" else Effect.KEEP


@dataclass(frozen=True)
class Throttle:
    """Every so many scores it answers this instead, with Retry-After in seconds or, `as_date`, as a date.

    `says`: the body. `headers`: more of them.
    """

    every: int
    status: int
    retry_after: int | None = None
    as_date: bool = False
    says: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, now: datetime) -> dict[str, str]:
        if self.retry_after is None:
            return dict(self.headers)
        at = now + timedelta(seconds=self.retry_after)
        wait = format_datetime(at, usegmt=True) if self.as_date else str(self.retry_after)
        return {**dict(self.headers), "Retry-After": wait}


@dataclass(frozen=True)
class Personality:
    """`stale` is the status for a score not later than the last change, None where any is taken.

    `query` stands in the URLs of line items. `exact_types`: other media types are 400. `target_at_login`: the login
    names the link's own target, else the tool's door. `audience` of token requests, None for the token URL.
    `names_observed`: whoever looks after learners is a mentor, and launches say of whom; `all_roles`: they name
    institution and system roles besides the one in the course.
    """

    key: str
    family: str
    effect: Callable[[str, bool], Effect]
    unknown_user: int = 400
    stale: int | None = None
    query: str = ""
    exact_types: bool = False
    capped: bool = True
    own_clock: bool = False
    short_roles: bool = False
    target_at_login: bool = True
    audience: str | None = None
    rotates_hourly: bool = False
    names_observed: bool = False
    all_roles: bool = False
    throttle: Throttle | None = None


MOODLE = Personality(
    "moodle", "moodle", _moodle, stale=409, query="type_id=1", exact_types=True, own_clock=True, short_roles=True
)
CANVAS = Personality(
    "canvas",
    "canvas",
    _canvas,
    unknown_user=422,
    capped=False,
    names_observed=True,
    all_roles=True,
    throttle=Throttle(
        every=10,
        status=403,
        says="403 Forbidden (Rate Limit Exceeded)\n",
        headers=(("Content-Type", "text/plain; charset=utf-8"), ("X-Rate-Limit-Remaining", "0.0")),
    ),
)
D2L = Personality(
    "d2l",
    "desire2learn",
    _d2l,
    audience="https://api.brightspace.com/auth/token",
    rotates_hourly=True,
    throttle=Throttle(every=15, status=503, retry_after=2, as_date=True),
)
OPENEDX = Personality(
    "openedx",
    "Open edX",
    _openedx,
    stale=400,
    target_at_login=False,
    throttle=Throttle(every=20, status=502),
)
PERSONALITIES = MappingProxyType({one.key: one for one in (MOODLE, CANVAS, D2L, OPENEDX)})
