"""The people of every page test: who may see a page, and who finds a door.

Petra takes part and Mark manages her (and Ben); Nina manages Jonas in the same run; Carl coaches Petra and Ben; Sofia
is Mark's manager; Dario teaches the course; Eva evaluates the run; Irene, Ivan and Isla score work on rubrics; Ada
administers; Stan belongs to another tenant and course. Everybody comes in as an LMS would send them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lrs_bridge.config import Settings
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.launch import CourseRole, Launch
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.launch import enrol, enter
from lrs_bridge.flows.record import record
from lrs_bridge.store import admins, enrolments, facts, people, platforms, tenants
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.people import PersonRow
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bell, Bridge
from tests.fakes.gradebook import FakeGradebook
from tests.flows.world import ISSUER, World
from tests.plugins import installed

SECRET = "a secret of the tests"
NAMES = {
    "petra": "Petra Novak",
    "mark": "Mark Jensen",
    "ben": "Ben Adler",
    "nina": "Nina Okafor",
    "jonas": "Jonas Richter",
    "carl": "Carl Brandt",
    "sofia": "Sofia Marin",
    "dario": "Dario Conti",
    "eva": "Eva Lang",
    "irene": "Irene Walsh",
    "ivan": "Ivan Moreau",
    "isla": "Isla Byrne",
    "stan": "Stan Strange",
}
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Page:
    """An answer, with what tests ask of it."""

    answer: TestResponse

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def html(self) -> str:
        return self.answer.get_data(as_text=True)

    @property
    def text(self) -> str:
        """What a reader sees, in one line."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html)).split())

    def hidden(self, action: str | None = None) -> dict[str, str]:
        """The hidden fields of the form with this action (of the first form where none is given)."""
        forms = re.findall(r"<form\b([^>]*)>(.*?)</form>", self.html, re.DOTALL)
        for head, body in forms:
            if action is None or f'action="{action}"' in head:
                return dict(_FIELD.findall(body))
        raise AssertionError(f"no form leads to {action}")

    @property
    def links(self) -> list[str]:
        return [unescape(href) for href in re.findall(r'<a [^>]*href="([^"]+)"', self.html)]


@dataclass
class Tab:
    """One persona in one browser tab."""

    client: FlaskClient
    token: str

    def path(self, path: str = "") -> str:
        return path if path.startswith("/s/") else f"/s/{self.token}/{path}"

    def open(self, path: str = "") -> Page:
        return Page(self.client.get(self.path(path)))

    def send(self, path: str, **fields: Any) -> Page:
        """A bare POST: the form's own hidden fields are up to the test."""
        return Page(self.client.post(self.path(path), data=fields))

    def fill(self, path: str, form_at: str | None = None, **fields: Any) -> Page:
        """Open the page, fill in the form that leads to `path` and send it."""
        hidden = self.open(form_at if form_at is not None else path).hidden(self.path(path))
        return self.send(path, **{**hidden, **fields})

    def follow(self, page: Page) -> Page:
        assert page.status == 303, page.text
        return self.open(page.answer.headers["Location"])


@dataclass
class House:
    """A run of the sample journey on 26 March, with its pages."""

    world: World
    bridge: Bridge
    app: Flask
    people: dict[str, PersonRow] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)

    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    def tab(self, sub: str, *roles: CourseRole, **more: Any) -> Tab:
        """Whoever the LMS calls `sub`, fresh from a launch."""
        launch = self.world.launch(sub, *(roles or (CourseRole.LEARNER,)), **more)
        return self.launched(replace(launch, name=NAMES.get(sub, launch.name)))

    def launched(self, launch: Launch, browser: str | None = None) -> Tab:
        with self.bridge.sessions.write() as session:
            entered = enter(session, launch, self.bridge.clock(), browser=browser)
        return Tab(self.client(), entered.path.split("/")[2])

    @property
    def petra(self) -> Tab:
        return self.tab("petra")

    @property
    def mark(self) -> Tab:
        return self.tab("mark")

    @property
    def nina(self) -> Tab:
        return self.tab("nina")

    @property
    def carl(self) -> Tab:
        """The coach of Petra and Ben."""
        self.relate("carl", Role.COACH, "petra", "ben")
        return self.tab("carl", CourseRole.NONE)

    @property
    def sofia(self) -> Tab:
        """Mark's own manager."""
        self.relate("sofia", Role.SPONSOR, "mark")
        return self.tab("sofia", CourseRole.NONE)

    def relate(self, sub: str, role: Role, *others: str, end: date | None = None) -> PersonRow:
        """Somebody the LMS calls `sub` is the `role` of these people since February; saying it twice is once."""
        run, now = self.world.run, self.bridge.clock()
        with self.bridge.sessions.write() as session:
            who = people.ensure_person(session, run.tenant_id, ISSUER, sub, now, name=NAMES.get(sub, sub.title()))
            ids = [self.people[other].id for other in others]
            known = enrolments.relations_of(session, run.tenant_id, run.id, ids)
            there = {row.person_id for rows in known.values() for row in rows if row.other_id == who.id}
            for id_ in ids:
                if id_ not in there:
                    enrolments.relate(session, run.tenant_id, run.id, id_, who.id, role, "test", date(2026, 2, 1), end)
        self.people[sub] = who
        return who

    @property
    def dario(self) -> Tab:
        return self.tab("dario", CourseRole.INSTRUCTOR)

    @property
    def eva(self) -> Tab:
        """Somebody of the course, to whom the run's people page gave the role."""
        run, now = self.world.run, self.bridge.clock()
        with self.bridge.sessions.write() as session:
            self.people["eva"] = people.ensure_person(session, run.tenant_id, ISSUER, "eva", now, name=NAMES["eva"])
            enrolments.give_role(session, run.tenant_id, run.id, self.people["eva"].id, Role.EVALUATOR, now)
        return self.tab("eva", CourseRole.NONE)

    @property
    def irene(self) -> Tab:
        """Somebody of the course who scores on rubrics."""
        return self.assessor("irene")

    def assessor(self, sub: str) -> Tab:
        """Whoever the run's people page made an assessor."""
        run, now = self.world.run, self.bridge.clock()
        with self.bridge.sessions.write() as session:
            self.people[sub] = people.ensure_person(session, run.tenant_id, ISSUER, sub, now, name=NAMES.get(sub, sub))
            enrolments.give_role(session, run.tenant_id, run.id, self.people[sub].id, Role.ASSESSOR, now)
        return self.tab(sub, CourseRole.NONE)

    @property
    def stan(self) -> Tab:
        """A teacher of another tenant's course: everything is forbidden to him here."""
        now = self.bridge.clock()
        with self.bridge.sessions.write() as session:
            tenant = tenants.ensure_tenant(session, "other", "https://bridge.example", now)
            known = platforms.platforms_of_issuer(session, "https://other.example", "tool")
            platform = (
                known[0]
                if known
                else platforms.add_platform(
                    session,
                    tenant_id=tenant.id,
                    name="Another LMS",
                    issuer="https://other.example",
                    client_id="tool",
                    auth_url="https://other.example/auth",
                    token_url="https://other.example/token",
                    jwks_url="https://other.example/jwks",
                    deployment_ids=["1"],
                    now=now,
                )
            )
            ids = {"tenant_id": tenant.id, "platform_id": platform.id}
        launch = self.world.launch("stan", CourseRole.INSTRUCTOR)
        return self.launched(replace(launch, name=NAMES["stan"], issuer="https://other.example", **ids))

    def ada(self) -> AdminTab:
        """Ada's way in: the one-time link of the command line."""
        with self.bridge.sessions.write() as session:
            link = admins.make_link(session, self.world.tenant.id, self.bridge.clock())
        return AdminTab(self.client(), link)

    def acted(self, kind: Kind, who: str, about: str = "petra", **more: Any) -> Event:
        """Something that happened before the test begins."""
        step = self.world.run.journey.step_by_id.get(more.get("step", ""))
        role = Role.PARTICIPANT if who == about else Role.MANAGER
        event = Event(
            id=uuid4(),
            kind=kind,
            actor=self.people[who].account,
            run=self.world.run.id,
            journey=self.world.run.journey.slug,
            version=self.world.run.journey.version,
            step_type=step.type if step else None,
            **{"at": self.bridge.clock(), "role": role, "registration": self.enrolments[about].id, **more},
        )
        with self.bridge.sessions.write() as session:
            record(session, self.world.tenant, event, self.bridge.clock())
        return event

    def facts(self, who: str = "petra", *kinds: Kind) -> list[Fact]:
        """Standing facts of somebody's enrolment."""
        with self.bridge.sessions.read() as session:
            found = facts.facts_of(session, self.world.tenant.id, self.enrolments[who].id)
        return [fact for fact in found if not kinds or fact.kind in kinds]

    def evaluate(self) -> None:
        """What the worker does, people first, then the groups a little later."""
        clock = self.world.clock
        while evaluate_due(self.bridge.sessions, self.bridge.registry, clock()):
            pass
        clock.on(seconds=5)
        while evaluate_due(self.bridge.sessions, self.bridge.registry, clock()):
            pass


class AdminTab(Tab):
    """Ada: her paths begin at /admin, once she has used her link."""

    def path(self, path: str = "") -> str:
        return path if path.startswith("/admin/") else f"/admin/s/{self.token}/{path}"

    def come_in(self) -> AdminTab:
        link = f"/admin/enter/{self.token}"
        entered = self.send(link, **self.open(link).hidden(link))
        assert entered.status == 303
        return AdminTab(self.client, entered.answer.headers["Location"].split("/")[3])


def move_in(world: World) -> House:
    """Pages for the world of the flows, with more people in it."""
    sessions, clock = world.sessions, world.clock
    settings = Settings(
        data_dir=Path("nowhere"),
        database_url=str(sessions.engine.url),
        base_url="https://bridge.example",
        secret_key=SECRET,
    )
    bridge = Bridge(
        settings=settings,
        engine=sessions.engine,
        sessions=sessions,
        registry=installed(),
        http=requests.Session(),
        gradebook=FakeGradebook(),
        clock=clock,
        bell=Bell(),
    )
    app = create_app(bridge)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    house = House(world, bridge, app)
    house.people.update(petra=world.petra, mark=world.mark)
    house.enrolments["petra"] = world.enrolment
    with sessions.write() as session:
        for sub, manager in (("ben", "mark"), ("jonas", "nina")):
            _join(session, house, sub, manager)
    return house


def _join(session: Session, house: House, sub: str, manager: str) -> None:
    world, now = house.world, house.bridge.clock()
    person = people.ensure_person(session, world.tenant.id, ISSUER, sub, now, name=NAMES[sub])
    if manager not in house.people:
        house.people[manager] = people.ensure_person(
            session, world.tenant.id, ISSUER, manager, now, name=NAMES[manager]
        )
    boss = house.people[manager]
    run = world.run
    enrolments.relate(session, run.tenant_id, run.id, person.id, boss.id, Role.MANAGER, "test", date(2026, 2, 1))
    house.people[sub] = person
    house.enrolments[sub], _ = enrol(session, run, person, now.replace(month=2, day=10))


def everybody(house: House) -> Iterator[tuple[str, Tab]]:
    """All who come by launch."""
    for name in ("petra", "mark", "nina", "dario", "stan"):
        yield name, getattr(house, name)
