"""Closed doors: what a person sees instead of a page, in plain words, with a code to quote to the help desk.

Raise `Door` anywhere in a view. The log line has the same code, the reason and the rule of the address (never the
address itself, which may hold a session's token).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from lrs_bridge.store.trouble import UNAVAILABLE, Trouble, trouble

log = logging.getLogger(__name__)

_ALPHABET = "23456789ACDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is misread over the telephone

BACK = ("Go back to your course", "and open the journey there again.")
NEW_WINDOW = ("If you land here once more,", "open the course in a new window first.")
_AGAIN = ("Load the page again,", "and do once more what you did. What was saved before is safe.")
HELP_DESK = ("Still here?", "Send the line below to your help desk.")
WAYS = (BACK, NEW_WINDOW, HELP_DESK)
_WRITTEN_IN = frozenset({"visit", "admin", "link"})  # blueprints whose forms people fill in


@dataclass(eq=False)
class Door(Exception):
    """A refusal in words. `ways` are (bold beginning, rest); `details` are for the help desk; `reason` for the log."""

    status: int
    title: str
    what: str
    ways: tuple[tuple[str, str], ...] = WAYS
    details: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        return self.reason or self.details or self.title


def expired() -> Door:
    return Door(
        403,
        "This page has been open for a long time",
        "We close a journey after an hour without a word, so that nobody else goes on in your name. "
        "Open the journey again from your course, or by the link in your message. Nothing you saved is lost.",
        (BACK, HELP_DESK),
        reason="the session is unknown or over",
    )


def not_yours(what: str, reason: str) -> Door:
    return Door(
        403,
        "This page is for somebody else",
        what,
        (("Go back", "to the page you came from."), BACK, HELP_DESK),
        reason=reason,
    )


def reload_first() -> Door:
    return Door(
        403,
        "We could not be sure that this came from you",
        "The form did not carry the mark of your own page, so nothing was saved.",
        (("Go back,", "load the page again and save once more."), BACK, HELP_DESK),
        reason="the csrf token is missing or wrong",
    )


_WORDS: dict[int, tuple[str, str]] = {
    400: ("We could not read that", "Something in the address or the form was not as this page needs it."),
    403: ("This page is for somebody else", "You came in as a person who does not see this page."),
    404: ("There is no such page", "The address is incomplete, or what was here has moved."),
    405: ("This address is not for opening", "It takes what a form sends and shows nothing by itself."),
    413: ("That is too much at once", "A form here holds up to one megabyte. Nothing was saved."),
    429: (
        "Too many tries at once",
        "From where you are, more came in a minute than we take. Nothing was lost. Try again in a minute.",
    ),
    500: ("Something broke on our side", "It is not your doing, and nothing you saved is lost."),
    503: ("We are not ready yet", "Something we need does not answer. Try again in a minute."),
}


_TROUBLE: dict[Trouble, tuple[str, int]] = {
    "full": ("The disk it keeps things on is full. Tell whoever runs this tool; they can make room.", 60),
    "busy": ("Too much is being saved at this moment. Try again in a few seconds.", 5),
    "away": ("Its database does not answer. Try again in a minute.", 15),
}
"""What to say, and in how many seconds to come back."""


def reference() -> str:
    """A code such as K7Q-42M: 31 to the sixth is enough to find one line in a log."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{code[:3]}-{code[3:]}"


def door_for(status: int) -> Door:
    title, what = _WORDS.get(status, _WORDS[500 if status >= 500 else 400])
    return Door(status, title, what)


def show(
    door: Door, now: datetime, logger: logging.Logger = log, template: str = "door.html", **content: object
) -> Response:
    """The door as a page, and its line in the log. `template` extends door.html, and may need more `content`."""
    code = reference()
    logger.warning("door %s: %s %s, %s", code, request.method, request.url_rule or "unknown address", door)
    page = render_template(template, door=door, code=code, now=now, typed=_typed(), **content)
    return make_response(page, door.status)


def show_http(error: HTTPException, now: datetime) -> Response:
    """The door of an HTTP error, with what it says to machines: which methods there are, and how long to wait."""
    answer = show(door_for(error.code or 500), now)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _typed() -> list[str]:
    """What somebody had written in the form that led here: sentences, that is, and nothing that a machine sent."""
    if request.method != "POST" or request.blueprint not in _WRITTEN_IN:
        return []
    try:
        texts = [text.strip() for name, text in request.form.items(multi=True) if name != "csrf"]
    except HTTPException:  # too large to be read
        return []
    return [text for text in texts if " " in text]


def install(app: Flask, clock: Callable[[], datetime]) -> None:
    """Every refusal and every fault ends at a door; a stack trace goes to the log and never to the page."""

    @app.errorhandler(Door)
    def on_door(door: Door) -> Response:
        return show(door, clock())

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        if (error.code or 500) < 400:
            return make_response(error.get_response())
        return show_http(error, clock())

    def on_trouble(error: Exception) -> Response:
        kind = trouble(error)
        what, seconds = _TROUBLE[kind]
        door = Door(503, "This could not be saved or read", what, (_AGAIN, HELP_DESK), reason=f"the database is {kind}")
        answer = show(door, clock())
        answer.headers["Retry-After"] = str(seconds)
        return answer

    for unavailable in UNAVAILABLE:
        app.register_error_handler(unavailable, on_trouble)

    @app.errorhandler(Exception)
    def on_fault(error: Exception) -> Response:
        log.exception("a fault while answering %s %s", request.method, request.url_rule)
        return show(door_for(500), clock())
