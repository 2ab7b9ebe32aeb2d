"""Why a launch is refused: one code per reason for the log, and plain words for the person in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lrs_bridge.lti.storage import PlatformStorage


class Reason(StrEnum):
    """Every way a login or launch can fail. The names are what an admin searches the log for."""

    LOGIN_INCOMPLETE = "login_incomplete"
    PLATFORM_UNKNOWN = "platform_unknown"
    PLATFORM_AMBIGUOUS = "platform_ambiguous"
    PLATFORM_WAITING = "platform_waiting"
    LMS_ERROR = "lms_error"
    STATE_MISSING = "state_missing"
    STATE_UNKNOWN = "state_unknown"
    STATE_EXPIRED = "state_expired"
    STATE_USED = "state_used"
    BROWSER_UNPROVEN = "browser_unproven"
    BROWSER_OTHER = "browser_other"
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a reason, no token
    TOKEN_MALFORMED = "token_malformed"  # noqa: S105 - a reason, no token
    ALGORITHM = "algorithm"
    KID_MISSING = "kid_missing"
    KID_UNKNOWN = "kid_unknown"
    SIGNATURE = "signature"
    KEYS_UNAVAILABLE = "keys_unavailable"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    AUTHORIZED_PARTY = "authorized_party"
    NONCE = "nonce"
    EXPIRED = "expired"
    CLOCK = "clock"
    VERSION = "version"
    MESSAGE_TYPE = "message_type"
    DEPLOYMENT_MISSING = "deployment_missing"
    DEPLOYMENT_WAITING = "deployment_waiting"
    SUB_MISSING = "sub_missing"
    ROLES_MISSING = "roles_missing"
    RESOURCE_LINK_MISSING = "resource_link_missing"
    CLAIM_MISSING = "claim_missing"
    TARGET = "target"
    RETURN_URL = "return_url"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True)
class _Words:
    title: str
    what: str


_USED = _Words(
    "This link has already been used",
    "Your course sends you here with a pass that works once, and this one was used before, so we did not let it in "
    "again. That happens when a page is reloaded or a browser restores its tabs. Nothing you did is lost.",
)
_OVER = _Words(
    "This link has run out",
    "Your course sends you here with a pass that is good for a short while, and this one is over. Nothing you did "
    "is lost.",
)
_BROWSER = _Words(
    "Your browser kept our mark from us",
    "Before your course lets you in we leave a mark in your browser, to be sure that it is you who comes back. Inside "
    "another page some browsers do not hand it on. In a window of its own it works.",
)
_UNPROVEN = _Words(
    "We could not be sure that this came from your course",
    "What your course sent does not carry its proof, so we did not let it in. Nothing was opened, and nothing you did "
    "is lost.",
)
_CLOCK = _Words(
    "Two clocks do not agree",
    "The pass from your course carries a time that is far from ours. If the course has just been open for long, open "
    "the journey again; if not, the clock of the course or ours is wrong, and the help desk has to look.",
)
_MESSAGE = _Words(
    "Your course sent something we cannot use",
    "The pass from your course is real, but it lacks something that we need to know. The help desk can mend that in "
    "the settings of the course.",
)
_NOT_CONNECTED = _Words(
    "Your course is not connected with us yet",
    "The people who look after this tool have not let your course in so far. Tell them the line below; once they have, "
    "the same link works.",
)
_LMS_ERROR = _Words(
    "Your course did not let you through",
    "We asked your course who you are, and it answered with an error instead. You may have been signed out there.",
)
_KEYS = _Words(
    "We cannot check your pass right now",
    "To be sure that a pass comes from your course we need its public keys, and its server does not hand them out at "
    "the moment. Reload this page in a minute, or open the journey again.",
)
_NOT_ALLOWED = _Words(
    "Placing a journey is for teachers",
    "Your course says that you may not choose what is shown here. Somebody who teaches the course can.",
)

_WORDS: Mapping[Reason, _Words] = {
    Reason.LOGIN_INCOMPLETE: _MESSAGE,
    Reason.PLATFORM_UNKNOWN: _NOT_CONNECTED,
    Reason.PLATFORM_AMBIGUOUS: _NOT_CONNECTED,
    Reason.PLATFORM_WAITING: _NOT_CONNECTED,
    Reason.LMS_ERROR: _LMS_ERROR,
    Reason.STATE_MISSING: _UNPROVEN,
    Reason.STATE_UNKNOWN: _OVER,
    Reason.STATE_EXPIRED: _OVER,
    Reason.STATE_USED: _USED,
    Reason.BROWSER_UNPROVEN: _BROWSER,
    Reason.BROWSER_OTHER: _BROWSER,
    Reason.KEYS_UNAVAILABLE: _KEYS,
    Reason.EXPIRED: _OVER,
    Reason.CLOCK: _CLOCK,
    Reason.VERSION: _MESSAGE,
    Reason.MESSAGE_TYPE: _MESSAGE,
    Reason.DEPLOYMENT_MISSING: _MESSAGE,
    Reason.DEPLOYMENT_WAITING: _NOT_CONNECTED,
    Reason.SUB_MISSING: _MESSAGE,
    Reason.ROLES_MISSING: _MESSAGE,
    Reason.RESOURCE_LINK_MISSING: _MESSAGE,
    Reason.CLAIM_MISSING: _MESSAGE,
    Reason.TARGET: _MESSAGE,
    Reason.RETURN_URL: _MESSAGE,
    Reason.NOT_ALLOWED: _NOT_ALLOWED,
}


class LaunchRefused(Exception):
    """A login or launch that goes no further.

    `details`: one or two sentences for the help desk and the log, free of secrets. `status`: the HTTP status, 4xx
    but where the LMS's keys cannot be had (502, 504). `again`: the parameters of a login that may be begun anew in
    a window of its own. `storage`: where the browser may still find its proof. `framed_by`: addresses of the LMS whose
    pages may show the refusal in a frame, once it is known which LMS it is.
    """

    def __init__(
        self,
        reason: Reason,
        details: str,
        *,
        status: int = 400,
        again: Mapping[str, Any] | None = None,
        storage: PlatformStorage | None = None,
    ) -> None:
        super().__init__(f"{reason}: {details}")
        self.reason = reason
        self.details = details
        self.status = status
        self.again = again
        self.storage = storage
        self.framed_by: tuple[str, ...] = ()
        words = _WORDS.get(reason, _UNPROVEN)
        self.title = words.title
        self.what = words.what


def short(value: object, longest: int = 120) -> str:
    """A value from outside, fit to be quoted in a sentence: one line, and not too long."""
    text = " ".join(str(value).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
