"""The demo's house without its servers, and a walk through all its pages: who comes in, and every link they can follow.

Accessibility, the number of queries and the time of a page are all looked at on the pages of one such walk.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from lrs_bridge.config import PREFIX, from_environment
from lrs_bridge.demo import campus
from lrs_bridge.demo.cohort import Cast, cast
from lrs_bridge.demo.seed import seed, settle, write_letters
from lrs_bridge.domain.launch import CourseRole, Launch, MessageType, Services
from lrs_bridge.domain.scores import LineItem, Score
from lrs_bridge.flows.evaluate import GROUPS_WAIT
from lrs_bridge.flows.launch import enter
from lrs_bridge.store import admins, platforms, tenants
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge, build, prepare

DATABASE = "lrs_bridge.db"
TOOL, LMS = "https://bridge.example", "https://lms.example"
MORNING = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
"""The hour at which the walk is taken: day 69 of the demo's run."""
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_SELECT = re.compile(r'<select\b[^>]*\bname="(\w+)"[^>]*>\s*<option value="([^"]*)"')
_ACTION = re.compile(r'action="([^"]*)"')

# After these, other forms lead nowhere.
_CODED = re.compile(r"/study/cases/|[?&]case=")
_ENDS = re.compile(r"/(remove|close|nothing|withdraw|revoke|publish|study/of/[^/]+)$")


class SilentGradebook:
    """Takes every score, as an LMS does that is well."""

    def line_item(self, platform_id: str, lineitems_url: str, item: LineItem) -> str:
        return f"{lineitems_url}/{item.tag}"

    def send(self, platform_id: str, line_item_url: str, score: Score) -> None:
        """It is there now."""


@dataclass
class House:
    """An installation with the demo's people in it."""

    bridge: Bridge
    app: Flask
    people: Cast
    platform_id: str
    tenant_id: str

    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def launch(self, key: str, *roles: CourseRole, **more: Any) -> Launch:
        """What the LMS says of somebody of the cast, or of a newcomer."""
        known = self.people.by_key.get(key)
        launch = Launch(
            platform_id=self.platform_id,
            tenant_id=self.tenant_id,
            issuer=LMS,
            client_id=campus.CLIENT_ID,
            deployment_id=campus.DEPLOYMENT_ID,
            message_type=MessageType.RESOURCE_LINK,
            sub=known.user_id if known else key,
            roles=frozenset(roles or (CourseRole.LEARNER,)),
            target_link_uri=f"{TOOL}/lti/launch",
            name=known.name if known else key.title(),
            context_id=campus.COURSE_ID,
            services=Services(lineitems=f"{LMS}/lineitems"),
        )
        return replace(launch, **more)

    def guest(self, key: str, *roles: CourseRole, **more: Any) -> Guest:
        """Somebody fresh from a launch."""
        with self.bridge.sessions.write() as session:
            entered = enter(session, self.launch(key, *roles, **more), self.bridge.clock())
        return Guest(key, self.client(), "/".join(entered.path.split("/")[:3]) + "/", entered.path)

    def ada(self) -> Guest:
        """The administrator, by the link of the command line."""
        with self.bridge.sessions.write() as session:
            link = f"/admin/enter/{admins.make_link(session, self.tenant_id, self.bridge.clock())}"
        return self.through(link, "ada")

    def through(self, link: str, name: str) -> Guest:
        """Whoever goes through an administrator's link."""
        door = Guest(name, self.client(), link, link)
        entered = door.fill(link)
        home = "/".join(urlsplit(entered.headers["Location"]).path.split("/")[:4]) + "/"
        return replace(door, room=home, first=home)


@dataclass
class Guest:
    """One person in one tab. Paths that do not begin with a slash are those of the visit."""

    name: str
    client: FlaskClient
    room: str
    first: str

    def path(self, path: str) -> str:
        return path if path.startswith("/") else self.room + path

    def open(self, path: str) -> TestResponse:
        return self.client.get(self.path(path))

    def send(self, path: str, page: TestResponse, **fields: Any) -> TestResponse:
        """The form of `page` that leads to `path`, with these fields and its own hidden ones."""
        path = self.path(path)
        form = next(form for form in forms(page.get_data(as_text=True)) if form.action in (path, ""))
        return self.client.post(path, data={**form.hidden, **fields})

    def fill(self, path: str, at: str | None = None, **fields: Any) -> TestResponse:
        return self.send(path, self.open(path if at is None else at), **fields)


@dataclass(frozen=True)
class FormOnPage:
    """`given`: what a browser sends when nobody touches it, as far as hidden fields and lists go."""

    action: str
    method: str
    hidden: Mapping[str, str]
    given: Mapping[str, str]

    @property
    def address(self) -> str:
        """Of the page that a form for looking something up leads to, for a word that many names hold."""
        return f"{self.action}?{urlencode({**self.given, 'q': 'a'})}"


def forms(html: str) -> Iterator[FormOnPage]:
    for head, body in _FORM.findall(html):
        action = _ACTION.search(head)
        method = "post" if 'method="post"' in head else "get"
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(body)}
        lists = {name: unescape(value) for name, value in _SELECT.findall(body)}
        yield FormOnPage(unescape(action.group(1)) if action else "", method, hidden, {**hidden, **lists})


def open_house(folder: Path, clock: Callable[[], datetime] = lambda: MORNING) -> House:
    """Fill an empty folder with the demo, its scores taken and its letters written."""
    bridge = bridge_in(folder, clock)
    prepare(bridge)
    people = cast()
    course = campus.course(people, TOOL, LMS)
    seed(bridge, people, course, f"{LMS}/lineitems/own", lambda *_: None)
    settle(bridge, lambda *_: None)
    settle(replace(bridge, clock=lambda: clock() + 2 * GROUPS_WAIT), lambda *_: None)  # the groups of a run
    write_letters(bridge)
    return house_of(bridge, people)


def bridge_in(folder: Path, clock: Callable[[], datetime]) -> Bridge:
    settings = from_environment({PREFIX + "DATA_DIR": str(folder), PREFIX + "BASE_URL": TOOL})
    return replace(build(settings, clock), gradebook=SilentGradebook())


def house_of(bridge: Bridge, people: Cast) -> House:
    """The pages of an installation that was filled before."""
    app = create_app(bridge)
    with bridge.sessions.read() as session:
        tenant_id = tenants.tenant_named(session, tenants.MAIN).id
        (platform,) = platforms.platforms_of_issuer(session, LMS, campus.CLIENT_ID)
    return House(bridge, app, people, platform.id, tenant_id)


@dataclass(frozen=True)
class Stop:
    """A page as one guest found it. `state`: in which it was meant to be seen (full, empty, error)."""

    guest: str
    endpoint: str
    path: str
    html: str
    state: str = "full"
    status: int = 200

    def __str__(self) -> str:
        return f"{self.guest} at {self.endpoint} ({self.state})"


@dataclass
class Tour:
    """What was seen. `seen`: endpoints that answered at all; `refused`: paths that answered with 4xx or 5xx."""

    app: Flask
    stops: list[Stop] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    refused: list[tuple[str, str, int]] = field(default_factory=list)

    def walk(self, guest: Guest, starts: Iterable[str] = (), state: str = "full") -> None:
        """From the guest's first page along every link, to one page of each kind."""
        named = {guest.first, *map(guest.path, starts)}  # these in any case, and each once
        left = deque(sorted(named, key=lambda path: path != guest.first))
        known: set[tuple[str, str]] = set()
        while left:
            path = left.popleft()
            kind = self.kind(path)
            if kind is None or (kind in known and path not in named):
                continue
            known.add(kind)
            named.discard(path)
            left.extend(self._look(guest, path, kind[0], state))

    def knock(self, guest: Guest) -> None:
        """A door that does not open."""
        answer = guest.open(guest.first)
        kind = self.kind(guest.first)
        if kind is not None and answer.mimetype == "text/html":
            html = answer.get_data(as_text=True)
            self.seen.add(kind[0])
            self.stops.append(Stop(guest.name, kind[0], guest.first, html, "error", answer.status_code))

    def kind(self, path: str, method: str = "GET") -> tuple[str, str] | None:
        """The endpoint of a page, and what makes it another one of its kind: a step, an indicator, what was found."""
        parts = urlsplit(path)
        try:
            endpoint, values = self.app.url_map.bind("bridge.example").match(parts.path, method=method)
        except HTTPException:
            return None
        telling = [values[name] for name in ("step_id", "indicator", "scope", "key") if name in values]
        telling += ["looked for"] if "q=a" in parts.query.split("&") else []
        return str(endpoint), " ".join(map(str, telling))

    def _look(self, guest: Guest, path: str, endpoint: str, state: str) -> list[str]:
        answer = guest.open(path)
        if answer.status_code == 422:  # a form for looking something up that needs more than a word
            state = "error"
        elif answer.status_code >= 400:
            self.refused.append((guest.name, path, answer.status_code))
            return []
        self.seen.add(endpoint)
        if answer.status_code in (301, 302, 303):
            return [urljoin(path, answer.headers["Location"].removeprefix(TOOL))]
        if answer.mimetype != "text/html":
            return []
        html = answer.get_data(as_text=True)
        self.stops.append(Stop(guest.name, endpoint, path, html, state))
        found = [unescape(href) for href in _LINK.findall(html)]
        found += [form.address for form in forms(html) if form.method == "get"]
        return [urljoin(path, href.removeprefix(TOOL)) for href in found]

    def pages(self) -> list[Stop]:
        """One page of each kind for each guest, as full as it was found; those that open once are left out, and those
        whose address holds the code of a case, which is another one where others take part."""
        found: dict[tuple[str, str], Stop] = {}
        for stop in self.stops:
            if stop.state == "full" and stop.endpoint != "admin_door.look" and not _CODED.search(stop.path):
                found.setdefault((stop.guest, stop.endpoint), stop)
        return list(found.values())

    def mistakes(self, guest: Guest) -> None:
        """A form of each kind that this guest was shown, sent without an answer: the page that says what is missing."""
        known: set[tuple[str, str] | None] = {None}
        for stop in [one for one in self.stops if one.guest == guest.name and one.path.startswith(guest.room)]:
            for form in forms(stop.html):
                kind = self.kind(form.action or stop.path, "POST")
                if form.method == "post" and kind not in known and not _ENDS.search(form.action):
                    known.add(kind)
                    self._send_empty(guest, stop, form)

    def _send_empty(self, guest: Guest, stop: Stop, form: FormOnPage) -> None:
        path = form.action or stop.path
        answer = guest.client.post(path, data=dict(form.hidden))
        if answer.status_code >= 500:
            self.refused.append((guest.name, path, answer.status_code))
        if answer.status_code in (400, 422) and answer.mimetype == "text/html":
            html = answer.get_data(as_text=True)
            self.stops.append(Stop(guest.name, stop.endpoint, stop.path, html, "error", answer.status_code))
