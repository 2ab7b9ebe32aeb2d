"""Runs as a designer looks after them: start, days, pilots, closing, other versions, groups, waivers, routes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from lrs_bridge import journeyfile
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.store import enrolments, journeys, people, runs
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.runs import RunRow
from tests.flows.world import ISSUER
from tests.personas import House, Page, Tab

SAMPLE = journeyfile.sample_text("field-coaching-90")


def at(house: House) -> str:
    return f"design/runs/{house.world.run.id}"


def run_of(house: House) -> RunRow:
    with house.bridge.sessions.read() as session:
        row = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert row is not None
        return row


def hidden(tab: Tab, page: Page, path: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to this path; a form that only asks may lead there too."""
    action = f'action="{tab.path(path)}"'
    forms = re.findall(r"<form\b([^>]*)>(.*?)</form>", page.html, re.DOTALL)
    body = next(body for head, body in forms if 'method="post"' in head and action in head)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', body))


def press(tab: Tab, page: str, path: str, **more: object) -> Page:
    """Open the page, press the button of the form that is sent to `path`."""
    return tab.send(path, **{**hidden(tab, tab.open(page), path), **more})


def second(house: House, old: str = 'title: "Application 2"', new: str = 'title: "Application two"') -> JourneyRow:
    text = SAMPLE.replace("version: 1\n", "version: 2\n", 1).replace(old, new)
    with house.bridge.sessions.write() as session:
        return journeys.install(session, house.world.tenant.id, text, "v2", house.bridge.clock(), "Dora")


def move_day_zero(house: House, day: date) -> None:
    with house.bridge.sessions.write() as session:
        runs.lock_run(session, house.world.tenant.id, house.world.run.id).day_zero = day


# Who may


def test_runs_are_looked_after_by_their_course_and_by_administrators(house: House) -> None:
    """A teacher of another course of the same tenant finds none of it."""
    elsewhere = house.tab("otto", CourseRole.INSTRUCTOR, context_id="course-2")
    person = house.enrolments["petra"].id
    pages = ("", "/people", f"/people/{person}", "/day-zero", "/version")
    for page in pages:
        assert house.dario.open(at(house) + page).status == 200
        assert house.ada().come_in().open(at(house) + page).status == 200
        assert elsewhere.open(at(house) + page).status == 404
        assert house.petra.open(at(house) + page).status == 403
    token = elsewhere.open("design/new").hidden()["csrf"]
    for path in ("/close", "/reopen", "/pilot", "/day-zero", "/version", "/people", f"/people/{person}/waive"):
        assert elsewhere.send(at(house) + path, csrf=token).status in (403, 404), path
    assert "field-coaching" not in elsewhere.open("design").text.partition("Runs of this course")[2]


# Starting


def test_a_run_is_started_in_the_course_with_day_zone_and_pilot(house: House) -> None:
    """Also beside a run of another journey; one journey has one open run in a course."""
    dario = house.dario
    version = house.world.run.journey_id
    press(dario, at(house), f"{at(house)}/close")
    page = dario.follow(
        dario.fill("design/runs/new", version=version, day_zero="2026-06-01", time_zone="Asia/Tokyo", pilot="yes")
    )
    assert "Pilot" in page.text
    assert "1 June 2026" in page.text
    again = dario.fill("design/runs/new", version=version, day_zero="2026-06-01", time_zone="Asia/Tokyo")
    assert (again.status, "has an open run of this journey already" in again.text) == (422, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day_zero": ""}, "Give the day of the kick-off"),
        ({"day_zero": "2026-02-31"}, "Give the day of the kick-off"),
        ({"day_zero": "0001-01-01"}, "no day of this century"),
        ({"time_zone": "Mars/Olympus"}, "no time zone"),
        ({"version": "unknown"}, "not installed here"),
    ],
)
def test_what_cannot_be_started_is_said_and_nothing_typed_is_lost(
    house: House, fields: dict[str, str], words: str
) -> None:
    """Each at its field."""
    good = {"version": house.world.run.journey_id, "day_zero": "2026-06-01", "time_zone": "Europe/Lisbon"}
    page = house.dario.fill("design/runs/new", **{**good, **fields})
    assert (page.status, words in page.text) == (422, True)
    assert 'value="2026-06-01"' in page.html or "day_zero" in fields


def test_an_administrator_chooses_the_course(house: House) -> None:
    """Of all that are known."""
    ada = house.ada().come_in()
    press(house.dario, at(house), f"{at(house)}/close")
    good = {"version": house.world.run.journey_id, "day_zero": "2026-06-01", "time_zone": "UTC"}
    assert ada.fill("design/runs/new", **good, course="").status == 422
    assert ada.fill("design/runs/new", **good, course=house.world.course.id).status == 303


# Days, pilot, closing


def test_the_kick_off_is_moved_with_a_look_before(house: House) -> None:
    """The look changes nothing; after the kick-off it stays."""
    dario = house.dario
    assert "The kick-off was" in dario.open(f"{at(house)}/day-zero").text
    move_day_zero(house, date(2026, 4, 6))
    page = dario.open(f"{at(house)}/day-zero?day_zero=2026-05-04")
    assert "9 to 16 March" in page.text
    assert "6 to 13 April" in page.text
    assert run_of(house).day_zero == date(2026, 4, 6)
    path = f"{at(house)}/day-zero"
    page = dario.follow(dario.send(path, **hidden(dario, page, path)))
    assert run_of(house).day_zero == date(2026, 5, 4)
    assert "Kick-off moved from 6 April 2026 to 4 May 2026. Dario Conti" in page.text


@pytest.mark.parametrize("day", ["2026-03-01", "nonsense", "2026-02-31", "9999-01-01"])
def test_a_day_that_cannot_be_is_refused_in_words(house: House, day: str) -> None:
    """In the look, and where it is sent all the same."""
    move_day_zero(house, date(2026, 4, 6))
    dario = house.dario
    token = dario.open("design/new").hidden()["csrf"]
    page = dario.send(f"{at(house)}/day-zero", csrf=token, day_zero=day)
    assert page.status == 409
    assert 'id="day_zero-error"' in page.html
    assert dario.open(f"{at(house)}/day-zero?day_zero={day}").status == 200
    assert run_of(house).day_zero == date(2026, 4, 6)


def test_a_run_is_closed_opened_again_and_made_a_pilot(house: House) -> None:
    """Each with a line in its history."""
    dario = house.dario
    page = dario.follow(press(dario, at(house), f"{at(house)}/close"))
    assert "Closed 26 March 2026" in page.text
    dario.follow(press(dario, at(house), f"{at(house)}/reopen"))
    page = dario.follow(press(dario, at(house), f"{at(house)}/pilot", pilot="yes"))
    assert run_of(house).is_pilot
    assert run_of(house).closed is None
    for words in ("Made a pilot.", "Opened again.", "Closed."):
        assert words in page.text


def test_pilots_stay_apart_and_few_people_have_no_numbers(house: House) -> None:
    """In the comparison of a journey's runs."""
    house.acted(Kind.COMPLETED, "petra", step="S08")
    house.evaluate()
    page = house.dario.open("design/journeys/field-coaching-90")
    assert "Hidden" in page.text
    assert "Pilots" not in page.text
    press(house.dario, at(house), f"{at(house)}/pilot", pilot="yes")
    page = house.dario.open("design/journeys/field-coaching-90")
    assert page.text.index("No run to compare") < page.text.index("Pilots")


# Another version


def test_a_version_is_given_to_a_run_with_a_look_before_and_taken_back(house: House) -> None:
    """The page says what would change; afterwards participants have the new step."""
    target = second(house)
    dario = house.dario
    look = f"{at(house)}/version?to={target.id}"
    page = dario.open(look)
    assert "S17: Application two" in page.text
    assert "Of fewer than five people nothing more is said" in page.text
    path = dario.path(f"{at(house)}/version")
    assert "Application two" not in house.petra.open("journey").text
    page = dario.follow(dario.send(path, **hidden(dario, page, path)))
    assert "Version 1 → 2" in page.text
    assert "Application two" in house.petra.open("journey").text
    page = dario.follow(press(dario, at(house), f"{at(house)}/version/undo"))
    assert "Taken back: version 2 → 1" in page.text
    assert "Application two" not in house.petra.open("journey").text


def test_a_look_that_is_out_of_date_is_shown_again(house: House) -> None:
    """Somebody gave the run another version meanwhile."""
    target = second(house)
    dario = house.dario
    path = dario.path(f"{at(house)}/version")
    old = hidden(dario, dario.open(f"{path}?to={target.id}"), path)
    dario.send(path, **old)
    page = dario.send(path, **{**old, "act": str(uuid4())})
    assert (page.status, "meanwhile" in page.text) == (409, True)


def test_two_versions_are_compared_in_words(house: House) -> None:
    """From either side; the same twice is nothing."""
    target, first = second(house), house.world.run.journey_id
    page = house.dario.open(f"design/compare?old={first}&new={target.id}")
    assert "Title: Application 2 → Application two" in page.text
    assert "Nothing is different" in house.dario.open(f"design/compare?old={first}&new={first}").text
    assert house.dario.open(f"design/compare?old={first}&new=none").status == 404


# Single people


def test_people_are_put_in_groups_many_at_once(house: House) -> None:
    """And out again; a name is needed, and somebody."""
    dario = house.dario
    path = f"{at(house)}/people"
    who = [house.enrolments["petra"].id, house.enrolments["ben"].id]
    assert "Choose somebody first" in press(dario, path, path, group="North", word="put").text
    page = press(dario, path, path, who=who, group="", word="put")
    assert (page.status, page.html.count(" checked")) == (422, 2)
    page = dario.follow(press(dario, path, path, who=who, group="  North   team ", word="put"))
    assert page.text.count("North team") == 2
    assert "North team: two people" in dario.open(at(house)).text
    page = dario.follow(press(dario, path, path, who=who, word="none"))
    assert "North team" not in page.text


def test_one_person_has_days_of_their_own(house: House) -> None:
    """Their page counts from them; a wrong day is said at its field, and the rest stays typed."""
    dario = house.dario
    path = f"{at(house)}/people/{house.enrolments['petra'].id}"
    good = {"group": "South", "enrolled": "2026-02-10", "own_day": "2026-03-23"}
    page = press(dario, path, f"{path}/days", **{**good, "own_day": "2026-02-31"})
    assert (page.status, 'value="South"' in page.html, "There is no such day" in page.text) == (422, True, True)
    dario.follow(press(dario, path, f"{path}/days", **good))
    assert "day 3 of 90" in house.petra.open("journey").text
    assert "day 24 of 90" in house.tab("ben").open("journey").text


def test_a_step_is_waived_and_given_back_and_the_person_sees_it(house: House) -> None:
    """By a teacher; an administrator has no name on record, and looks only."""
    dario = house.dario
    path = f"{at(house)}/people/{house.enrolments['petra'].id}"
    page = dario.follow(press(dario, path, f"{path}/waive", step="S08"))
    assert "Waived by Dario Conti, 26 March." in page.text or "Waived by somebody" in page.text
    assert "Waived for you" in house.petra.open("journey").text
    ada = house.ada().come_in()
    assert "Open the tool from the course" in ada.open(path).text
    token = ada.open("design/new").hidden()["csrf"]
    assert ada.send(f"{path}/waive", csrf=token, step="S09").status == 403
    dario.follow(press(dario, path, f"{path}/give-back"))
    assert "Waived for you" not in house.petra.open("journey").text
    assert press(dario, path, f"{path}/waive", step="S01").status == 422


def test_a_route_is_decided_by_a_person_and_never_named_to_the_participant(house: House) -> None:
    """Its steps are there."""
    dario = house.dario
    path = f"{at(house)}/people/{house.enrolments['petra'].id}"
    assert "Not decided yet" in dario.open(path).text
    page = dario.follow(press(dario, path, f"{path}/route", route="low"))
    assert "Low, by a person, 26 March." in page.text
    text = house.petra.open("journey").text
    assert "Two 2-1 sessions" in text
    assert "route" not in text.lower().replace("route on", "")


def test_somebody_of_another_run_is_not_there(house: House) -> None:
    """In words."""
    assert house.dario.open(f"{at(house)}/people/{uuid4()}").status == 404


# Cost


@pytest.mark.parametrize("page", ["", "/people"])
def test_pages_of_a_run_cost_the_same_whatever_its_size(house: House, page: str) -> None:
    """Counted in queries."""

    def queries() -> int:
        count = [0]

        def one_more(*_: object) -> None:
            count[0] += 1

        dario = house.dario
        event.listen(house.bridge.engine, "before_cursor_execute", one_more)
        try:
            assert dario.open(at(house) + page).status == 200
        finally:
            event.remove(house.bridge.engine, "before_cursor_execute", one_more)
        return count[0]

    few = queries()
    with house.bridge.sessions.write() as session:
        for number in range(60):
            now = house.bridge.clock()
            somebody = people.ensure_person(session, house.world.tenant.id, ISSUER, f"p{number}", now)
            enrol(session, house.world.run, somebody, now - timedelta(days=30))
    assert queries() == few
    with house.bridge.sessions.read() as session:
        assert len(enrolments.enrolments(session, house.world.tenant.id, house.world.run.id)) > 60
