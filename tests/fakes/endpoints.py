"""The services of a fake LMS, as strict as the strictest that was seen, without a network.

Exact media types (400 otherwise, as Moodle), the right token for each service (401), line items whose URLs have a
query, scores that have to be later than the last change in whole seconds (409) and erase the grade unless they are
FullyGraded, a roster in pages. `answers` replaces what it would say at a path, `trips` what it says to the next
requests of a kind; `asked` remembers what it was sent.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from requests.adapters import BaseAdapter

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
_NEEDS = {
    "find": (_AGS + "lineitem", LINE_ITEMS_TYPE),
    "make": (_AGS + "lineitem", LINE_ITEM_TYPE),
    "score": (_AGS + "score", SCORE_TYPE),
    "members": ("https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly", MEMBERS_TYPE),
    "groups": ("https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly", GROUPS_TYPE),
}

Reply = tuple[int, Mapping[str, str], bytes | str | dict[str, Any] | list[Any]]
Answer = Callable[[requests.PreparedRequest], Reply] | Reply | Exception


@dataclass(frozen=True)
class Trip:
    """One misbehaviour. `done`: the LMS does what it was asked to, and only then says this."""

    says: Answer
    done: bool = False


def reply_to(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    """A response as urllib3 would have handed it over, streamed."""
    status, headers, body = reply
    if isinstance(body, dict | list):
        body = json.dumps(body)
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response.raw = io.BytesIO(body.encode() if isinstance(body, str) else body)
    response.url = str(request.url)
    response.request = request
    return response


def kind_of(request: requests.PreparedRequest) -> str:
    """What a request is about: token, keys, find, make, score, members, groups, or its method and path."""
    path = urlsplit(str(request.url)).path
    if path.endswith("/lineitems"):
        return {"GET": "find", "POST": "make"}.get(str(request.method), f"{request.method} {path}")
    known = {"/token": "token", "/jwks": "keys", "/scores": "score", "/members": "members", "/groups": "groups"}
    return next((kind for end, kind in known.items() if path.endswith(end)), f"{request.method} {path}")


@dataclass
class FakeServices(BaseAdapter):
    """`learners` limits who has a row in the gradebook; None takes anybody. `grades` by path of the line item and user.

    `tool_keys` fetches the tool's key set during the token request, as Moodle does.
    """

    issuer: str = "https://lms.example"
    asked: list[requests.PreparedRequest] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    trips: dict[str, list[Trip]] = field(default_factory=dict)
    line_items: list[dict[str, Any]] = field(default_factory=list)
    scores: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: list[tuple[str, ...]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    learners: frozenset[str] | None = None
    grades: dict[tuple[str, str], float | None] = field(default_factory=dict)
    changed: dict[tuple[str, str], int] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)
    largest_page: int = 1000
    groups: list[dict[str, Any]] = field(default_factory=list)
    tool_keys: Callable[[], Any] | None = None

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def tokens_given(self) -> int:
        return len(self.tokens)

    def http(self) -> requests.Session:
        session = requests.Session()
        session.mount(self.issuer, self)
        return session

    def asked_at(self, path: str) -> list[requests.PreparedRequest]:
        return [request for request in self.asked if urlsplit(str(request.url)).path == path]

    def asked_for(self, *kinds: str) -> list[requests.PreparedRequest]:
        return [request for request in self.asked if kind_of(request) in kinds]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        coming = self.trips.get(kind_of(request))
        trip = coming.pop(0) if coming else None
        if trip is None:
            path = urlsplit(str(request.url)).path
            return _said(request, self.answers.get(path, self.serve))
        if trip.done:
            self.serve(request)
        return _said(request, trip.says)

    def close(self) -> None:
        """Nothing is open."""

    def serve(self, request: requests.PreparedRequest) -> Reply:
        """What an LMS in good order says."""
        kind = kind_of(request)
        if kind == "token":
            return self._token(request)
        if kind not in _NEEDS:
            return (404, {}, "")
        scope, media_type = _NEEDS[kind]
        sent = request.headers.get("Accept" if request.method == "GET" else "Content-Type")
        if sent != media_type:
            return (400, {}, {"status": 400, "reason": f"No handler found for {kind} {sent}"})
        if not self._allows(request, scope):
            return (401, {}, {"status": 401, "reason": "Unauthorized"})
        return getattr(self, f"_{kind}")(request)  # type: ignore[no-any-return]

    def _token(self, request: requests.PreparedRequest) -> Reply:
        form = {name: values[0] for name, values in parse_qs(str(request.body)).items()}
        if self.tool_keys is not None:
            jwt.decode(form["client_assertion"], KeySet.import_key_set(self.tool_keys()), algorithms=["RS256"])
        self.tokens.append(tuple(form["scope"].split()))
        return (200, {}, {"access_token": f"token-{len(self.tokens)}", "token_type": "Bearer", "expires_in": 3600})

    def _allows(self, request: requests.PreparedRequest, scope: str) -> bool:
        sent = str(request.headers.get("Authorization")).removeprefix("Bearer ")
        number = sent.removeprefix("token-")
        return sent not in self.ended and number.isdecimal() and scope in self.tokens[int(number) - 1]

    def _find(self, request: requests.PreparedRequest) -> Reply:
        """The filters of AGS 2.0 are left to the tool."""
        return (200, {"Content-Type": LINE_ITEMS_TYPE}, self.line_items)

    def _make(self, request: requests.PreparedRequest) -> Reply:
        """Another one each time that it is asked, as Moodle."""
        number = len(self.line_items) + 1
        made = json.loads(request.body or b"{}") | {"id": f"{self.issuer}/lineitems/{number}?type_id=1"}
        self.line_items.append(made)
        return (201, {"Content-Type": LINE_ITEM_TYPE}, made)

    def _score(self, request: requests.PreparedRequest) -> Reply:
        sent, item = json.loads(request.body or b"{}"), str(request.url).replace("/scores", "", 1)
        if item not in {one["id"] for one in self.line_items}:
            return (404, {}, {"status": 404, "reason": "Not Found"})
        if self.learners is not None and sent["userId"] not in self.learners:
            return (400, {}, {"status": 400, "reason": "This user cannot be graded in this course"})
        cell, second = (item, sent["userId"]), int(datetime.fromisoformat(sent["timestamp"]).timestamp())
        if second <= self.changed.get(cell, 0):
            return (409, {}, [])
        self.scores.append((str(request.url), sent))
        stands = sent["gradingProgress"] == "FullyGraded" and "scoreGiven" in sent
        self.grades[cell], self.changed[cell] = sent["scoreGiven"] if stands else None, second
        return (200, {"Content-Type": SCORE_TYPE}, "")

    def _members(self, request: requests.PreparedRequest) -> Reply:
        """In pages only when asked; the next link drops whatever else was asked for, as Moodle's does."""
        where = urlsplit(str(request.url))
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        start, limit = int(query.get("from", 0)), int(query.get("limit", 0)) or len(self.members) or 1
        limit = min(limit, self.largest_page)
        rows = [row if "groups" in query else without(row, "group_enrollments") for row in self.members]
        shown, headers = rows[start : start + limit], {"Content-Type": MEMBERS_TYPE}
        if start + limit < len(rows):
            more = urlencode(
                {"limit": limit, "from": start + limit} | ({"groups": "true"} if "groups" in query else {})
            )
            headers["Link"] = f'<{where.scheme}://{where.netloc}{where.path}?{more}>; rel="next"'
        return (200, headers, {"id": str(request.url), "members": shown})

    def _groups(self, request: requests.PreparedRequest) -> Reply:
        return (200, {"Content-Type": GROUPS_TYPE}, {"groups": self.groups})


def without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _said(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    if isinstance(answer, Exception):
        raise answer
    return reply_to(request, answer(request) if callable(answer) else answer)
