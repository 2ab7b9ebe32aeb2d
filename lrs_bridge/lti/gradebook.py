"""The gradebook of an LMS: Assignment and Grade Services 2.0. Implements `flows.ports.Gradebook`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests

from lrs_bridge.config import Settings
from lrs_bridge.domain.delivery import LineItemGone, Refused, Unavailable
from lrs_bridge.domain.scores import LineItem, Score
from lrs_bridge.lti.answers import json_of, may_pass, words_of
from lrs_bridge.lti.calls import Calls
from lrs_bridge.lti.exchange import Answer
from lrs_bridge.lti.links import Origin, absolute, next_link, origin, want_trusted
from lrs_bridge.lti.registered import usable
from lrs_bridge.lti.retry_after import seconds_to_wait
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.platforms import Registration

LINE_ITEM_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"

# Media types of AGS 2.0. Sent alone and to the letter: Moodle answers 400 to application/json and to lists.
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"

_MOST_PAGES = 100
_LARGEST_LIST = 5_000_000
_LONGEST_LABEL = 100  # Open edX's column; Moodle's is 255, and a longer one breaks its gateway
_AFTER_CLASH_SECONDS = 2.0


class AgsGradebook:
    """Line items and scores. Every method may be called from several threads, and never in a transaction."""

    def __init__(
        self, sessions: Sessions, http: requests.Session, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._calls = Calls(sessions, http, settings, clock)

    def line_item(self, platform_id: str, lineitems_url: str, item: LineItem) -> str:
        """The URL of the column with this resource id and tag, found before it is created.

        Moodle makes a second one if asked twice. Without `resourceLinkId`: the column belongs to the run and not to
        one link (AGS 2.0, "Line item service"). Raises Unavailable, Refused.
        """
        platform = usable(self._sessions, platform_id)
        return self._found(platform, lineitems_url, item) or self._created(platform, lineitems_url, item)

    def send(self, platform_id: str, line_item_url: str, score: Score) -> None:
        """Post one score (AGS 2.0, "Score publish service").

        Raises Unavailable, Refused (this person or item), LineItemGone.
        """
        answer = self._call(
            usable(self._sessions, platform_id),
            "POST",
            beside_query(line_item_url, "scores"),
            SCORE_SCOPE,
            {"Content-Type": SCORE_TYPE},
            score_body(score),
        )
        if answer.status in {404, 410}:
            raise LineItemGone(line_item_url)
        _judge(answer, self._clock())
        if answer.body.lstrip().startswith(b"<"):
            raise Unavailable("The LMS answers with a page and no word about the score.")

    def _found(self, platform: Registration, lineitems_url: str, item: LineItem) -> str | None:
        """Look through all pages. The filters of AGS 2.0 are asked for, and not every LMS obeys them."""
        url: str | None = with_query(lineitems_url, resource_id=item.resource_id, tag=item.tag)
        trusted = _trusted(platform, lineitems_url)
        seen: set[str] = set()
        while url is not None and url not in seen:
            if len(seen) >= _MOST_PAGES:
                raise Refused("The LMS's list of columns has no end, so we cannot know whether ours is in it.")
            seen.add(want_trusted(url, trusted, "the rest of its columns"))
            answer = self._call(platform, "GET", url, LINE_ITEM_SCOPE, {"Accept": LINE_ITEMS_TYPE})
            _judge(answer, self._clock())
            for listed in _line_items(answer):
                if listed.get("resourceId") == item.resource_id and listed.get("tag") == item.tag:
                    return _its_url(listed, url, trusted)
            url = next_link(answer.headers.get("Link"), url)
        return None

    def _created(self, platform: Registration, lineitems_url: str, item: LineItem) -> str:
        body = {
            "scoreMaximum": _number(item.maximum),
            "label": item.label[:_LONGEST_LABEL],
            "resourceId": item.resource_id,
            "tag": item.tag,
        }
        headers = {"Content-Type": LINE_ITEM_TYPE, "Accept": LINE_ITEM_TYPE}
        answer = self._call(platform, "POST", lineitems_url, LINE_ITEM_SCOPE, headers, body)
        _judge(answer, self._clock())
        made = json_of(answer)
        if not isinstance(made, dict):
            raise Unavailable("The LMS made a column and did not say which.")
        return _its_url(made, lineitems_url, _trusted(platform, lineitems_url))

    def _call(
        self,
        platform: Registration,
        method: str,
        url: str,
        scope: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        return self._calls.ask(platform, method, url, scope, headers, _LARGEST_LIST, data)


def score_body(score: Score) -> dict[str, Any]:
    """A score as AGS 2.0 wants it, in the way that no LMS takes for something else.

    A score that stands is FullyGraded: anything else erases the grade in Moodle, and clears it in Canvas. That is how
    one is withdrawn, since AGS has no other way: no score, NotReady. Canvas counts a score as a new submission unless
    told otherwise.
    """
    body: dict[str, Any] = {
        "userId": score.user_id,
        "activityProgress": str(score.progress),
        "gradingProgress": "NotReady" if score.given is None else "FullyGraded",
        "timestamp": stamp(score.timestamp),
        CANVAS_SUBMISSION: {"new_submission": False},
    }
    if score.given is not None:
        body |= {"scoreGiven": _number(score.given), "scoreMaximum": _number(score.maximum)}
    return body


def stamp(moment: datetime) -> str:
    """ISO 8601 with milliseconds and zone: Canvas wants the fraction, Blackboard the zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def beside_query(url: str, part: str) -> str:
    """`.../lineitem/scores?type_id=1`: the part belongs to the path, the query stays."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{part}"))


def with_query(url: str, **more: str) -> str:
    """The URL with these parameters besides those it has."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in more]
    return urlunsplit(parts._replace(query=urlencode([*kept, *more.items()])))


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _trusted(platform: Registration, lineitems_url: str) -> frozenset[Origin]:
    return frozenset({origin(lineitems_url), origin(platform.token_url)})


def _line_items(answer: Answer) -> list[dict[str, Any]]:
    found = json_of(answer)
    if not isinstance(found, list):
        raise Unavailable("The LMS answers with something else than a list of columns.")
    return [one for one in found if isinstance(one, dict)]


def _its_url(listed: Mapping[str, Any], asked: str, trusted: frozenset[Origin]) -> str:
    """The `id` of a line item is its URL; our scores go there with our token."""
    url = listed.get("id")
    if not isinstance(url, str) or not url:
        raise Unavailable("The LMS names a column without its address.")
    return want_trusted(absolute(url, asked), trusted, "a column")


def _clash(answer: Answer) -> bool:
    """Not later than its last change: 409 (at Moodle, a second apart is enough), or 400 for `timestamp` at Open edX."""
    if answer.status != 400:
        return answer.status == 409
    try:
        said = answer.json()
    except ValueError:
        return False
    return isinstance(said, dict) and "timestamp" in said


def _judge(answer: Answer, now: datetime) -> None:
    """What an answer means for what was sent. Raises Unavailable (try again) or Refused (a person has to look)."""
    if answer.ok:
        return
    said = f"The LMS answers {answer.status}{words_of(answer)}"
    wait = seconds_to_wait(answer.headers, now)
    if _clash(answer):
        raise Unavailable(f"{said}: it has a change of the same moment.", wait or _AFTER_CLASH_SECONDS, alone=True)
    if may_pass(answer):
        raise Unavailable(f"{said}.", wait, alone=answer.status == 500)
    if answer.status == 401:
        raise Refused(f"{said}, also to a new token: it does not let this tool use its gradebook.")
    raise Refused(f"{said}.")
