"""The roster of a course: Names and Role Provisioning Services 2.0. Implements `flows.ports.Roster`.

Pages are followed by `rel=next` as the LMS gives it. Our token goes to the origin of the roster itself and to that
of the LMS's token service, and to no other: a link to somewhere else ends the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests

from lrs_bridge.config import Settings
from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.roster import Member
from lrs_bridge.lti import claims
from lrs_bridge.lti.answers import json_of, may_pass, words_of
from lrs_bridge.lti.calls import Calls
from lrs_bridge.lti.exchange import Answer
from lrs_bridge.lti.links import next_link, origin, want_trusted
from lrs_bridge.lti.registered import usable
from lrs_bridge.lti.retry_after import seconds_to_wait
from lrs_bridge.lti.roles import course_roles
from lrs_bridge.store.engine import Sessions

MEMBERS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GROUPS_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"

PAGE = 200  # members asked for at once; an LMS may give fewer, or all
_MOST_PAGES = 2_000
_LARGEST_PAGE = 20_000_000  # bytes: Moodle gives a whole course where it is not asked for pages
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
_GONE = {"inactive", "deleted"}


class NrpsRoster:
    """Members and groups of courses. Every method may be called from several threads, never in a transaction."""

    def __init__(
        self, sessions: Sessions, http: requests.Session, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._calls = Calls(sessions, http, settings, clock)

    def pages(self, platform_id: str, memberships_url: str, with_groups: bool = False) -> Iterator[list[Member]]:
        """The members page by page. Only when the iterator ends by itself has all of the roster been seen.

        `with_groups` asks for `group_enrollments`, which members have on request only (Course Groups Service 1.0).
        Raises Unavailable, Refused.
        """
        first = _asked(memberships_url, {"limit": str(PAGE)} | ({"groups": "true"} if with_groups else {}))
        for answer in self._all(platform_id, first, MEMBERS_SCOPE, MEMBERS_TYPE):
            yield [_member(row) for row in _rows(answer, "members") if isinstance(row.get("user_id"), str | int)]

    def groups(self, platform_id: str, groups_url: str) -> dict[str, str]:
        """Names of the course's groups by id (Course Groups Service 1.0). Raises Unavailable, Refused."""
        return {
            str(row["id"]): name
            for answer in self._all(platform_id, groups_url, GROUPS_SCOPE, GROUPS_TYPE)
            for row in _rows(answer, "groups")
            if isinstance(row.get("id"), str | int) and (name := claims.text(row, "name", 100))
        }

    def _all(self, platform_id: str, first: str, scope: str, media_type: str) -> Iterator[Answer]:
        platform = usable(self._sessions, platform_id)
        trusted = frozenset({origin(first), origin(platform.token_url)})
        seen: set[str] = set()
        url: str | None = first
        while url is not None:
            if url in seen or len(seen) >= _MOST_PAGES:
                raise Refused("The LMS's list leads back to a page that we have read, so we cannot know when it ends.")
            seen.add(want_trusted(url, trusted, "the rest of the list"))
            answer = self._calls.ask(platform, "GET", url, scope, {"Accept": media_type}, _LARGEST_PAGE)
            _judge(answer, self._clock())
            yield answer
            url = next_link(answer.headers.get("Link"), url)


def _judge(answer: Answer, now: datetime) -> None:
    if answer.ok:
        return
    said = f"The LMS answers {answer.status}{words_of(answer)}"
    if may_pass(answer):
        raise Unavailable(f"{said}.", seconds_to_wait(answer.headers, now))
    if answer.status in {401, 403}:
        raise Refused(f"{said}: it does not let this tool read who is in the course.")
    raise Refused(f"{said}.")


def _asked(url: str, wanted: Mapping[str, str]) -> str:
    """Ask for pages, since Moodle pages only when asked; a parameter that the address has already is the LMS's own."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    more = [(name, value) for name, value in wanted.items() if name not in {known for known, _ in query}]
    return urlunsplit(parts._replace(query=urlencode([*query, *more]))) if more else url


def _rows(answer: Answer, name: str) -> list[dict[str, Any]]:
    """A page without its list is no page: to take it for an empty one would be to lose people."""
    found = json_of(answer)
    rows = found.get(name) if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise Unavailable(f"The LMS answers without a list of {name}.")
    return [row for row in rows if isinstance(row, dict)]


def _member(row: Mapping[str, Any]) -> Member:
    roles = row.get("roles") if isinstance(row.get("roles"), list) else []
    return Member(
        user_id=str(row["user_id"]),
        roles=course_roles(roles or []),
        active=str(row.get("status", "Active")).lower() not in _GONE,
        name=_name(row),
        email=claims.text(row, "email", 320),
        groups=_groups(row.get("group_enrollments")),
        test=_TEST_USER in (roles or []),
    )


def _name(row: Mapping[str, Any]) -> str | None:
    parts = (claims.text(row, "given_name"), claims.text(row, "family_name"))
    name = claims.text(row, "name") or " ".join(part for part in parts if part)
    return name[:200] or None


def _groups(listed: Any) -> tuple[str, ...]:
    rows = listed if isinstance(listed, list) else []
    ids = (row.get("group_id") for row in rows if isinstance(row, dict))
    return tuple(dict.fromkeys(str(one) for one in ids if isinstance(one, str | int)))
