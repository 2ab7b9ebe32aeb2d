"""The demo's LMS plays four LMSs, and scores arrive in each, whatever it does to them on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask import request as flask_request
from werkzeug.test import TestResponse

from lrs_bridge import journeyfile
from lrs_bridge.config import Settings
from lrs_bridge.demo import campus
from lrs_bridge.demo.cohort import cast
from lrs_bridge.demo.lms import create_lms
from lrs_bridge.demo.platform.course import LEARNER, Course
from lrs_bridge.demo.platform.keeping import Grade, Keeping
from lrs_bridge.demo.platform.personality import CANVAS, D2L, MOODLE, OPENEDX, PERSONALITIES, Personality
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.scores import ActivityProgress
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import enrolments, journeys, people, platforms, runs, scores, tenants
from lrs_bridge.store.enrolments import Enrolment, RelationRow
from lrs_bridge.store.scores import ScoreRow, ScoreState
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge, build, prepare
from tests.demo.test_lms_launch import fields
from tests.fakes.clock import FakeClock
from tests.fakes.wsgi import WsgiAdapter

TOOL, LMS = "http://tool.localhost", "http://lms.localhost"
COLUMNS = ("journey_completion", "manager_engagement", "mtm_application", "success_case")
EVERY_LMS = pytest.mark.parametrize("lms", PERSONALITIES.values(), ids=PERSONALITIES.keys(), indirect=True)


@dataclass
class Campus:
    """Tool and LMS joined without a network, on one clock."""

    bridge: Bridge
    course: Course
    keeping: Keeping
    clock: FakeClock
    tenant_id: str
    run_id: str
    enrolments: dict[str, str]
    app: Flask
    tool: Flask
    asked: list[str]

    def want(self, key: str, value: float | None, *columns: str) -> None:
        with self.bridge.sessions.write() as session:
            for column in columns or COLUMNS:
                scores.want(
                    session,
                    self.tenant_id,
                    self.run_id,
                    self.enrolments[key],
                    column,
                    column,
                    value,
                    100.0,
                    ActivityProgress.IN_PROGRESS,
                    self.clock(),
                )

    def launch(self, key: str) -> TestResponse:
        """By the link in the course, in a browser of its own."""
        lms, browser = self.app.test_client(), self.tool.test_client()
        begun = browser.post("/lti/login", data=fields(lms.get(f"/launch/{key}").text), base_url=TOOL)
        form = fields(lms.get(begun.location).text)
        return browser.post("/lti/launch", data=form, base_url=TOOL, follow_redirects=True)

    def send(self, rounds: int = 8) -> None:
        """With time enough between the rounds for whatever the LMS asked to wait for."""
        sending = self.bridge.sending
        for _ in range(rounds):
            send_due(Sending(sending.sessions, sending.gradebook, self.clock, lambda: 0.5, at_once=3))
            self.clock.forward(seconds=40)

    def row(self, key: str, column: str = COLUMNS[0]) -> ScoreRow:
        with self.bridge.sessions.read() as session:
            return session.get_one(ScoreRow, (self.enrolments[key], column))

    def grade(self, key: str, column: str = COLUMNS[0]) -> Grade | None:
        """What the LMS holds in the column of that indicator."""
        user = self.course.by_key[key].id
        own = [one for one in self.keeping.columns() if one.tag == column or (one.coupled and column == COLUMNS[0])]
        found = [one for one in self.keeping.grades() if (one.number, one.user_id) == (own[0].number, user)]
        return found[0] if found else None


@pytest.fixture
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Campus]:
    personality: Personality = request.param
    clock = FakeClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    http = requests.Session()
    url = f"sqlite:///{tmp_path / 'tool.db'}"
    bridge = build(Settings(tmp_path, url, TOOL, "of this test"), clock=clock, http=http)
    prepare(bridge)
    course = campus.course(cast(), TOOL, LMS, personality)
    keeping = Keeping(tmp_path / "lms.db")
    tool = create_app(bridge)
    asked: list[str] = []
    app = create_lms(course, keeping, clock=clock, fetch=lambda _: _json(tool, "/lti/jwks.json"))
    app.before_request(lambda: asked.append(flask_request.path))
    http.mount(LMS, WsgiAdapter(app))
    yield _campus(bridge, course, keeping, clock, (app, tool), asked)
    keeping.close()
    bridge.engine.dispose()


def _campus(
    bridge: Bridge, course: Course, keeping: Keeping, clock: FakeClock, apps: tuple[Flask, Flask], asked: list[str]
) -> Campus:
    """The course registered and known in the tool, as if everybody had launched."""
    own = next(column for column in keeping.columns() if column.coupled)
    with bridge.sessions.write() as session:
        tenant = tenants.tenant_named(session, tenants.MAIN)
        platform = platforms.add_platform(
            session,
            tenant_id=tenant.id,
            name="The LMS",
            issuer=course.url,
            client_id=course.tool.client_id,
            auth_url=course.auth_url,
            token_url=course.token_url,
            jwks_url=course.jwks_url,
            audience=course.lms.audience,
            deployment_ids=[course.deployment_id],
            now=clock(),
        )
        context = runs.ensure_course(session, tenant.id, platform.id, course.deployment_id, course.id)
        context.lineitems_url = course.lineitems_url
        slug = "field-coaching-90"
        journey = journeys.install(session, tenant.id, journeyfile.sample_text(slug), slug, clock())
        run_id = course.tool.custom["run"]
        run = runs.add_run(session, context, journey, clock().date(), "Europe/Berlin", clock(), run_id)
        scores.set_line_item(session, tenant.id, run.id, COLUMNS[0], course.line_item_url(own.number), given=True)
        ours = {}
        for user in course.users:
            person = people.ensure_person(session, tenant.id, course.url, user.id, clock())
            ours[user.key] = enrolments.enrol(session, tenant.id, run.id, person.id, clock().date())[0].id
        return Campus(bridge, course, keeping, clock, tenant.id, run.id, ours, *apps, asked)


@EVERY_LMS
def test_grades_arrive_for_everybody_in_every_column(lms: Campus) -> None:
    """Also where the LMS is busy now and then; nobody's stays behind, and every column is there once."""
    for number, user in enumerate(lms.course.graded):
        lms.want(user.key, float(number))
    lms.send(rounds=25)
    shown = {
        (user.key, column): _points(lms.grade(user.key, column)) for user in lms.course.graded for column in COLUMNS
    }
    assert shown == {
        (user.key, column): float(number) for number, user in enumerate(lms.course.graded) for column in COLUMNS
    }
    assert len(lms.keeping.columns()) == len(COLUMNS)


@EVERY_LMS
def test_the_latest_value_stands_in_the_end(lms: Campus) -> None:
    """However quickly one followed the other, and whichever clock the LMS compares with."""
    for value in (10.0, 20.0, 30.0):
        lms.want("petra", value)
        lms.send(rounds=1)
        lms.clock.now -= timedelta(seconds=39.5)
    lms.send()
    assert _points(lms.grade("petra")) == 30.0
    assert lms.row("petra").state == ScoreState.POSTED


@EVERY_LMS
def test_a_zero_is_a_grade(lms: Campus) -> None:
    """And not an empty cell."""
    lms.want("petra", 0.0)
    lms.send()
    assert _points(lms.grade("petra")) == 0.0


@EVERY_LMS
def test_no_value_never_erases_what_somebody_else_put_there(lms: Campus) -> None:
    """Where we sent nothing there is nothing to withdraw, so nothing is asked at all."""
    lms.want("petra", None)
    lms.send(rounds=1)
    assert lms.keeping.grades() == []
    assert "/scores" not in " ".join(lms.asked)


@EVERY_LMS
def test_a_value_that_is_withdrawn_goes_where_the_lms_lets_it_go(lms: Campus) -> None:
    """Open edX alone has no way to take a grade back: there it stays, and we do not send it again and again."""
    lms.want("petra", 40.0)
    lms.send(rounds=2)
    lms.want("petra", None)
    lms.send()
    kept = 40.0 if lms.course.lms is OPENEDX else None
    assert (_points(lms.grade("petra")), lms.row("petra").state) == (kept, ScoreState.NOTHING)


@EVERY_LMS
def test_somebody_the_lms_cannot_grade_is_parked_and_holds_up_nobody(lms: Campus) -> None:
    """With the LMS's reason; once it knows the person, the score goes there."""
    lms.want("dario", 50.0, COLUMNS[0])
    lms.want("petra", 60.0, COLUMNS[0])
    lms.send()
    assert _points(lms.grade("petra")) == 60.0
    parked = lms.row("dario")
    assert parked.state == ScoreState.REFUSED
    assert str(lms.course.lms.unknown_user) in (parked.reason or "")
    learner = replace(lms.course.by_key["dario"], role=LEARNER)
    lms.course.by_id[learner.id] = learner
    with lms.bridge.sessions.write() as session:
        scores.try_again_for(session, lms.tenant_id, [lms.enrolments["dario"]], lms.clock())
    lms.send()
    assert _points(lms.grade("dario")) == 50.0


@EVERY_LMS
def test_a_refusal_is_looked_at_again_after_a_day(lms: Campus) -> None:
    """Without anybody's doing."""
    lms.want("dario", 50.0, COLUMNS[0])
    lms.send()
    lms.course.by_id[lms.course.by_key["dario"].id] = replace(lms.course.by_key["dario"], role=LEARNER)
    lms.clock.forward(hours=25)
    lms.send()
    assert _points(lms.grade("dario")) == 50.0


@pytest.mark.parametrize("lms", [MOODLE, OPENEDX], ids=["moodle", "openedx"], indirect=True)
def test_a_change_of_the_lms_later_than_ours_is_waited_for(lms: Campus) -> None:
    """Its clock is ahead by a minute: the score is refused, stamped anew each time, and taken when it is later."""
    lms.want("petra", 10.0, COLUMNS[0])
    lms.send(rounds=1)
    held = lms.grade("petra")
    assert held is not None
    lms.keeping.restamp(held.number, held.user_id, int(lms.clock().timestamp()) + 60)
    lms.want("petra", 20.0, COLUMNS[0])
    lms.send(rounds=1)
    waiting = lms.row("petra")
    assert (waiting.state, _points(lms.grade("petra"))) == (ScoreState.WAITING, 10.0)
    lms.send()
    assert _points(lms.grade("petra")) == 20.0


@pytest.mark.parametrize("lms", [D2L], ids=["d2l"], indirect=True)
def test_keys_that_change_every_hour_are_found_again(lms: Campus) -> None:
    """The set holds those of this hour and the one before, and says nothing of the algorithm."""
    app = lms.app.test_client()
    first = app.get("/lti/certs").get_json()["keys"]
    lms.clock.forward(hours=1)
    second = app.get("/lti/certs").get_json()["keys"]
    assert [len(first), len(second)] == [1, 2]
    assert first[0] == second[0]
    assert all("alg" not in key for key in second)


@EVERY_LMS
def test_everybody_who_is_launched_is_let_in(lms: Campus) -> None:
    """Whatever roles the LMS gives them, and with whichever key it signs."""
    for key in ("petra", "mark", "dario", "sofia"):
        assert lms.launch(key).status_code == 200


@pytest.mark.parametrize("lms", [CANVAS], ids=["canvas"], indirect=True)
def test_an_observer_manages_those_whom_canvas_names(lms: Campus) -> None:
    """A mentor in the course, of the people in the launch; this link says that mentors are managers."""
    page = lms.launch("mark")
    led = {key for key, enrolment_id in lms.enrolments.items() if _managers(lms, enrolment_id)}
    assert led == {"petra", "ben", "jonas", "amira"}
    assert "For your four people." in page.text


@pytest.mark.parametrize("lms", [MOODLE], ids=["moodle"], indirect=True)
def test_a_manager_is_a_learner_to_moodle(lms: Campus) -> None:
    """Which says nothing of whom they lead, so nobody is led by a launch."""
    lms.launch("mark")
    assert not any(_managers(lms, enrolment_id) for enrolment_id in lms.enrolments.values())


@pytest.mark.parametrize("lms", [CANVAS], ids=["canvas"], indirect=True)
def test_a_canvas_that_throttles_refuses_nobody(lms: Campus) -> None:
    """Its 403 is a word about the moment: everything waits, and nobody's score is parked."""
    for user in lms.course.graded:
        lms.want(user.key, 50.0, COLUMNS[0])
    lms.send(rounds=1)
    states = {lms.row(user.key).state for user in lms.course.graded}
    assert states == {ScoreState.POSTED, ScoreState.WAITING}
    lms.send(rounds=8)
    assert {lms.row(user.key).state for user in lms.course.graded} == {ScoreState.POSTED}


def _managers(lms: Campus, enrolment_id: str) -> list[RelationRow]:
    with lms.bridge.sessions.read() as session:
        enrolment = session.get_one(Enrolment, enrolment_id)
        found = enrolments.relations_of(session, lms.tenant_id, lms.run_id, [enrolment.person_id])
        return [one for one in found.get(enrolment.person_id, []) if one.kind == Role.MANAGER]


def _points(grade: Grade | None) -> float | None:
    return round(grade.points, 6) if grade is not None and grade.points is not None else None


def _json(app: Flask, path: str) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get(path, base_url=TOOL).get_json()
    return found
