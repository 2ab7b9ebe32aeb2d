"""The demo LMS's side of deep linking: what it asks a teacher to choose, and a strict look at what comes back.

LTI Deep Linking 2.0. An answer has to be signed by the tool, meant for this LMS, new, and the answer to a request that
is still open; what it holds is checked item by item before any of it is placed.
"""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lrs_bridge.demo.platform import launching
from lrs_bridge.demo.platform.course import Course, User
from lrs_bridge.demo.platform.keeping import Column, Keeping, Link
from lrs_bridge.demo.platform.tokens import Clock, FetchKeys

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
OPEN_FOR = timedelta(hours=2)
OLDEST = timedelta(minutes=5)  # Canvas's
LEEWAY = timedelta(seconds=60)


class AnswerRefused(Exception):
    """What came back is not placed; the text is shown to a person."""


@dataclass(frozen=True)
class Asked:
    """A request that is open. `data` comes back with the answer."""

    user: User
    data: str
    opened: datetime


class Placing:
    """Requests under way, in memory, and the links that were placed."""

    def __init__(self, course: Course, keeping: Keeping, clock: Clock, fetch: FetchKeys) -> None:
        self._course = course
        self._keeping = keeping
        self._clock = clock
        self._fetch = fetch
        self._lock = threading.Lock()
        self._open: dict[str, Asked] = {}
        self._nonces: dict[str, datetime] = {}

    def ask(self, user: User) -> Course:
        """Open a request; the course, as its launch sees it, has the request's hint in the place of a link's id."""
        hint, now = f"choose-{secrets.token_urlsafe(16)}", self._clock()
        with self._lock:
            self._open = {known: one for known, one in self._open.items() if now - one.opened < OPEN_FOR}
            self._open[hint] = Asked(user, secrets.token_urlsafe(24), now)
        return replace(self._course, link_id=hint)

    def seen_through(self, course: Course, hint: str) -> Course:
        """The course with the placed link, or the request, that a message hint names; else as it is."""
        if hint in self._open:
            return replace(course, link_id=hint)
        link = next((one for one in self._keeping.links() if one.id == hint), None)
        if link is None:
            return course
        tool = replace(course.tool, target_link_uri=link.url, custom=dict(link.custom))
        id_, title = course.elsewhere.get(link.id, (course.id, course.title))
        return replace(course, id=id_, title=title, link_id=link.id, link_title=link.title, tool=tool)

    def claims(self, course: Course, user: User, nonce: str) -> dict[str, Any]:
        """The message for the link or request of this course."""
        found = launching.claims(course, self._keeping, user, nonce)
        asked = self._open.get(course.link_id)
        if asked is None:
            return found
        del found[launching.CLAIM + "resource_link"]
        return found | {
            launching.CLAIM + "message_type": "LtiDeepLinkingRequest",
            launching.CLAIM + "custom": {},
            DL + "deep_linking_settings": {
                "deep_link_return_url": f"{course.url}/deep-linking/return",
                "accept_types": ["ltiResourceLink"],
                "accept_presentation_document_targets": ["iframe", "window"],
                "accept_multiple": True,
                "accept_lineitem": True,
                "auto_create": True,
                "data": asked.data,
            },
        }

    def accept(self, token: str) -> tuple[User, list[Link], str]:
        """Place what an answer holds: who asked, the new links, the tool's words. Raises AnswerRefused."""
        claims = self._proven(token)
        self._meant_for_us(claims)
        items = [self._item(item) for item in _items(claims)]
        asked = self._spend(claims)
        links = [self._place(link, column) for link, column in items]
        return asked.user, links, str(claims.get(DL + "msg", ""))

    def _proven(self, token: str) -> Mapping[str, Any]:
        try:
            keys = KeySet.import_key_set(dict(self._fetch(self._course.tool.jwks_url)))  # type: ignore[arg-type]
            found = jwt.decode(token, keys, algorithms=["RS256"])
        except requests.RequestException as error:
            raise AnswerRefused(f"The tool's keys cannot be had: {error}") from error
        except (JoseError, ValueError) as error:
            raise AnswerRefused(f"The answer is not signed by the tool: {error}") from error
        if "kid" not in found.header:
            raise AnswerRefused("The answer does not say with which key it is signed.")
        return found.claims

    def _meant_for_us(self, claims: Mapping[str, Any]) -> None:
        course, now = self._course, self._clock()
        audience = claims.get("aud")
        expected = {
            "iss": (claims.get("iss"), course.tool.client_id),
            "aud": (course.url in (audience if isinstance(audience, list) else [audience]), True),
            "message_type": (claims.get(launching.CLAIM + "message_type"), "LtiDeepLinkingResponse"),
            "version": (claims.get(launching.CLAIM + "version"), "1.3.0"),
            "deployment_id": (claims.get(launching.CLAIM + "deployment_id"), course.deployment_id),
        }
        wrong = [name for name, (found, right) in expected.items() if found != right]
        if wrong:
            raise AnswerRefused(f"The answer's {wrong[0]} is not right.")
        issued, ends = (_seconds(claims, name) for name in ("iat", "exp"))
        if not (now - OLDEST).timestamp() <= issued <= (now + LEEWAY).timestamp() or ends < now.timestamp():
            raise AnswerRefused("The answer is too old, or not good yet.")

    def _spend(self, claims: Mapping[str, Any]) -> Asked:
        """One answer to a request, and each nonce once."""
        nonce, data, now = claims.get("nonce"), claims.get(DL + "data"), self._clock()
        if not isinstance(nonce, str) or not nonce:
            raise AnswerRefused("The answer has no nonce.")
        with self._lock:
            self._nonces = {known: since for known, since in self._nonces.items() if now - since < OPEN_FOR}
            if nonce in self._nonces:
                raise AnswerRefused("The answer was used before.")
            self._nonces[nonce] = now
            hint = next((hint for hint, asked in self._open.items() if asked.data == data), None)
            if hint is None:
                raise AnswerRefused("Nobody here asked for this, or it was answered before: the data is not ours.")
            return self._open.pop(hint)

    def _item(self, item: Any) -> tuple[Link, Column | None]:
        if not isinstance(item, dict) or item.get("type") != "ltiResourceLink":
            raise AnswerRefused("The answer holds something else than an LTI resource link.")
        url, custom = item.get("url", self._course.tool.target_link_uri), item.get("custom", {})
        here = urlsplit(self._course.tool.target_link_uri)
        if not isinstance(url, str) or urlsplit(url)[:2] != here[:2]:
            raise AnswerRefused("A link leads to another host than the tool's.")
        if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
            raise AnswerRefused("Custom parameters have to be texts.")
        title = str(item.get("title") or self._course.link_title)
        link = Link(f"link-{secrets.token_hex(6)}", title, str(item.get("text") or ""), url, custom)
        return link, _column(item.get("lineItem"), link)

    def _place(self, link: Link, column: Column | None) -> Link:
        self._keeping.put_link(link)
        if column is not None:
            self._keeping.add(column)
        return link


def _items(claims: Mapping[str, Any]) -> list[Any]:
    items = claims.get(DL + "content_items", [])
    if not isinstance(items, list):
        raise AnswerRefused("The answer's content_items are no list.")
    return items


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if not _number(value):
        raise AnswerRefused(f"The answer has no {name}.")
    return float(str(value))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _column(given: Any, link: Link) -> Column | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not _number(given.get("scoreMaximum")) or given["scoreMaximum"] <= 0:
        raise AnswerRefused("A line item needs a scoreMaximum above zero.")
    return Column(
        0,
        str(given.get("label") or link.title),
        float(given["scoreMaximum"]),
        str(given.get("resourceId") or ""),
        str(given.get("tag") or ""),
        link.id,
    )
