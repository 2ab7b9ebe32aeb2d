"""A campus for each test, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrs_bridge.config import Settings
from lrs_bridge.lti.gradebook import AgsGradebook
from lrs_bridge.lti.roster import NrpsRoster
from lrs_bridge.store import enrolments, people, runs
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.keys import add_signing_key
from tests.conformance.misbehaving.campus import GROUPS, MEMBERS, PEOPLE, Campus, row
from tests.fakes.platform import FakePlatform, rsa_key
from tests.flows.world import ISSUER, build


@pytest.fixture
def campus(sessions: Sessions, tmp_path: Path) -> Campus:
    world = build(sessions)
    key = rsa_key("tool")
    settings = Settings(tmp_path, "sqlite://", "https://bridge.example", "of this test")
    lms = FakePlatform(client_id="tool", members=[row(user) for user in PEOPLE])
    strangers = FakePlatform(issuer="https://")
    http = lms.http()
    http.mount("https://", strangers)
    http.mount("http://", strangers)
    with sessions.write() as session:
        public, pem = key.as_dict(private=False), key.as_pem(private=True)
        add_signing_key(session, settings.secret_key, str(key.kid), public, pem, world.clock())
        course = runs.get_course(session, world.tenant.id, world.course.id)
        assert course is not None
        course.memberships_url, course.groups_url = MEMBERS, GROUPS
        enrolled = {"petra": world.enrolment.id}
        for user in ("jonas", "nina"):
            person = people.ensure_person(session, world.tenant.id, ISSUER, user, world.clock())
            enrolled[user] = enrolments.enrol(session, world.tenant.id, world.run.id, person.id, world.run.day_zero)[
                0
            ].id
    services = (sessions, http, settings, world.clock)
    return Campus(world, lms, strangers, AgsGradebook(*services), NrpsRoster(*services), enrolled)
