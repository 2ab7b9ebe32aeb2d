"""What the answers of an LMS's services say: their JSON, and their own words for a refusal."""

from __future__ import annotations

from typing import Any

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.lti.exchange import Answer
from lrs_bridge.lti.refusals import short


def json_of(answer: Answer) -> Any:
    """The body as JSON. Raises Unavailable: a page of a proxy in between is nothing wrong with what was asked."""
    try:
        return answer.json()
    except ValueError as error:
        raise Unavailable("The LMS answers with something that is not JSON.") from error


def may_pass(answer: Answer) -> bool:
    """Whether the trouble is with the moment and not with what was asked: busy, down, or sent elsewhere."""
    if answer.status == 403:
        return _throttled(answer)
    return answer.status in {408, 425, 429} or answer.status >= 500 or answer.status < 400


def _throttled(answer: Answer) -> bool:
    """Canvas throttles with 403 in plain text and no Retry-After (its `request_throttle.rb`; lately also with 429)."""
    return b"rate limit exceeded" in answer.body[:2000].lower()


def words_of(answer: Answer) -> str:
    """The LMS's own words in brackets, if it has any, shortened and without the markup of an error page."""
    try:
        said = answer.json()
    except ValueError:
        said = answer.body[:2000].decode(errors="replace")
        said = "" if said.lstrip().startswith("<") else said
    if isinstance(said, dict):
        named = (said.get(name) for name in ("reason", "message", "error_description", "error", "detail", "errors"))
        said = next((word for word in named if word), said)
    return f" ({short(said, 200)})" if said else ""
