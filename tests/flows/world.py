"""A small world for the flows: one LMS, one course, one run of the sample journey, and the people of the stories."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from lrs_bridge import journeyfile
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.launch import CourseRole, Launch, MessageType, Services
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.launch import enrol
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, journeys, people, platforms, runs, tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import Course, RunRow
from lrs_bridge.store.tenants import Tenant

ISSUER = "https://lms.example"
LINEITEMS = "https://lms.example/courses/1/lineitems"
DAY_ZERO = date(2026, 3, 2)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2026, 3, 26, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **delta: float) -> datetime:
        self.now += timedelta(**delta)
        return self.now


@dataclass
class World:
    """Petra takes part and Mark manages her; `sub` at the LMS is the name in lower case."""

    sessions: Sessions
    tenant: Tenant
    platform_id: str
    course: Course
    run: RunRow
    petra: PersonRow
    mark: PersonRow
    enrolment: Enrolment
    clock: Clock = field(default_factory=Clock)

    def event(self, kind: Kind, actor: PersonRow, **more: Any) -> Event:
        role = Role.MANAGER if actor is self.mark else Role.PARTICIPANT
        values: dict[str, Any] = {"at": self.clock(), "role": role, "registration": self.enrolment.id} | more
        step = self.run.journey.step_by_id.get(values.get("step") or "")
        return Event(
            id=uuid4(),
            kind=kind,
            actor=actor.account,
            run=self.run.id,
            journey=self.run.journey.slug,
            version=self.run.journey.version,
            step_type=step.type if step else None,
            **values,
        )

    def act(self, kind: Kind, actor: PersonRow, **more: Any) -> Event:
        event = self.event(kind, actor, **more)
        with self.sessions.write() as session:
            record(session, self.tenant, event, self.clock())
        return event

    def launch(self, sub: str, *roles: CourseRole, **more: Any) -> Launch:
        values: dict[str, Any] = {"services": Services(lineitems=LINEITEMS), "context_id": "course-1"} | more
        return Launch(
            platform_id=self.platform_id,
            tenant_id=self.tenant.id,
            issuer=ISSUER,
            client_id="tool",
            deployment_id="1",
            message_type=MessageType.RESOURCE_LINK,
            sub=sub,
            roles=frozenset(roles),
            target_link_uri="https://bridge.example/lti/launch",
            name=sub.title(),
            **values,
        )


def build(sessions: Sessions, text: str | None = None) -> World:
    """`text`: of the journey file, the sample where none is given."""
    clock = Clock()
    now = clock()
    with sessions.write() as session:
        tenant = tenants.ensure_tenant(session, tenants.MAIN, "https://bridge.example", now)
        platform = platforms.add_platform(
            session,
            tenant_id=tenant.id,
            name="The LMS",
            issuer=ISSUER,
            client_id="tool",
            auth_url=f"{ISSUER}/auth",
            token_url=f"{ISSUER}/token",
            jwks_url=f"{ISSUER}/jwks",
            deployment_ids=["1"],
            now=now,
        )
        course = runs.ensure_course(session, tenant.id, platform.id, "1", "course-1")
        course.lineitems_url = LINEITEMS
        slug = "field-coaching-90"
        journey = journeys.install(session, tenant.id, text or journeyfile.sample_text(slug), slug, now)
        run = runs.add_run(session, course, journey, DAY_ZERO, "Europe/Berlin", now)
        petra = people.ensure_person(session, tenant.id, ISSUER, "petra", now, name="Petra Novak")
        mark = people.ensure_person(session, tenant.id, ISSUER, "mark", now, name="Mark Jensen")
        enrolments.relate(session, tenant.id, run.id, petra.id, mark.id, Role.MANAGER, "test", date(2026, 2, 1))
        enrolment, _ = enrol(session, run, petra, datetime(2026, 2, 10, 9, 0, tzinfo=UTC))
    return World(sessions, tenant, platform.id, course, run, petra, mark, enrolment, clock)
