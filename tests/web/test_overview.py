"""Dario's pages: the run overview with its numbers and the gradebook, starting a run, and empty rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole, Services
from lrs_bridge.store import enrolments, journeys, runs, scores
from lrs_bridge.store.scores import ScoreRow, ScoreState
from tests.personas import House, Page, Tab

STEP = {"when": "today"}


def score_of(house: House, who: str, indicator: str = "journey_completion") -> ScoreRow:
    with house.bridge.sessions.read() as session:
        return scores.scores_of_enrolment(session, house.world.tenant.id, house.enrolments[who].id)[indicator]


def change(house: House, who: str, **values: object) -> None:
    """What sending made of a score."""
    with house.bridge.sessions.write() as session:
        row = scores.scores_of_enrolment(session, house.world.tenant.id, house.enrolments[who].id)["journey_completion"]
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "stan"])
@pytest.mark.parametrize("path", ["overview/again", "overview/totals"])
def test_only_the_teacher_sees_the_run_and_acts_on_it(house: House, name: str, path: str) -> None:
    """Stan teaches elsewhere: his course has no run, and this one is not his."""
    house.evaluate()
    tab = getattr(house, name)
    assert tab.open("overview").status in (403, 404)
    form = next(p for p in ("log", "", "steps/S08") if "<form" in tab.open(p).html or p == "steps/S08")
    hidden = tab.open(form).hidden() if "<form" in tab.open(form).html else {}
    assert tab.send(path, **hidden).status in (403, 404)


def test_the_overview_of_a_run_in_which_nothing_happened(house: House) -> None:
    """Numbers that are there, and words where there are none."""
    house.evaluate()
    text = house.dario.open().text
    assert "Day 24 of 90 Three participants, two managers." in text
    assert "Journey completion 0 of 100" in text
    assert "Success case Not yet The survey opens on 1 May." in text
    assert "My line of sight Participant – – 3" in text
    assert "Petra Novak Mark Jensen 0 of 4" in text


def test_before_the_first_evaluation_the_overview_is_empty_and_says_so(house: House) -> None:
    """No number is made up."""
    text = house.dario.open().text
    assert "No numbers yet" in text
    assert "of 100" not in text


def test_steps_count_people_in_time_late_and_open(house: House) -> None:
    """Of those the step is for."""
    house.acted(Kind.COMPLETED, "petra", step="S08")
    text = house.dario.open().text
    assert "Read the one-page coaching document and two worked examples Participant – 1 2" in text


def test_a_dispute_is_not_told_to_the_teacher(house: House) -> None:
    """The two people know, and the evaluator."""
    talk = house.acted(Kind.TALKED_WITH, "mark", step="S14", data={"level": 3})
    house.acted(Kind.DISPUTED, "petra", refers_to=talk.statement_id, step="S14")
    house.evaluate()
    text = house.dario.open().text
    assert "disput" not in text.lower()
    assert "different" not in text
    assert "Debrief within 7 days Manager – 1 2" in text


def test_what_was_sent_stands_beside_the_value(house: House) -> None:
    """And what waits, and what was refused, with the reason and a way on."""
    house.evaluate()
    change(house, "petra", state=ScoreState.POSTED, sent=0.0, sent_maximum=100.0)
    reason = "It says this person is no longer in the course."
    change(house, "ben", state=ScoreState.REFUSED, reason=reason)
    text = house.dario.open().text
    assert "sent 0" in text
    assert f"The LMS refused one score for Ben Adler. {reason} Nobody else is affected." in text
    assert "1 refused" in text
    assert "Posted" in text


def test_try_again_puts_what_was_refused_back_in_the_queue(house: House) -> None:
    """At once, and the page says so."""
    house.evaluate()
    change(house, "ben", state=ScoreState.REFUSED, reason="No.")
    dario = house.dario
    rung: list[bool] = []
    house.bridge.bell.ring = lambda: rung.append(True)
    again = dario.follow(dario.fill("overview/again", "overview"))
    assert "goes out again now" in again.text
    assert score_of(house, "ben").state == ScoreState.WAITING
    assert rung == [True]


def test_try_again_for_one_person_leaves_the_others_parked(house: House) -> None:
    """A form for each of them, with its mark; the page says when it would be tried by itself."""
    house.evaluate()
    for who in ("ben", "jonas"):
        change(house, who, state=ScoreState.REFUSED, reason="No.", next_at=datetime(2026, 3, 28, 8, 30, tzinfo=UTC))
    dario = house.dario
    page = dario.open()
    assert "Journey completion: tried again by itself on 28 March, 09:30." in page.text
    assert "Try again for Ben Adler" in page.text
    path = f"overview/again/{house.enrolments['ben'].id}"
    assert dario.send(path).status == 403
    rung: list[bool] = []
    house.bridge.bell.ring = lambda: rung.append(True)
    again = dario.follow(dario.fill(path, "overview"))
    assert "What was refused for this person goes out again now." in again.text
    assert (score_of(house, "ben").state, score_of(house, "jonas").state) == (ScoreState.WAITING, ScoreState.REFUSED)
    assert rung == [True]
    with house.bridge.sessions.read() as session:
        row = session.get_one(ScoreRow, (house.enrolments["ben"].id, "journey_completion"))
    assert (row.next_at, row.attempts) == (house.bridge.clock(), 0)


def test_a_score_that_waits_is_not_hurried_by_the_button_of_a_person(house: House) -> None:
    """An LMS that asked us to wait is still left alone."""
    house.evaluate()
    later = house.bridge.clock() + timedelta(hours=1)
    change(house, "ben", state=ScoreState.WAITING, attempts=3, next_at=later)
    dario = house.dario
    hidden = dario.open("overview").hidden()
    assert dario.send(f"overview/again/{house.enrolments['ben'].id}", **hidden).status == 303
    assert score_of(house, "ben").next_at == later


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "stan"])
def test_nobody_else_has_a_persons_scores_tried_again(house: House, name: str) -> None:
    """Not even Ben's manager; Stan teaches another tenant's course, and his own mark helps him nowhere."""
    house.evaluate()
    change(house, "ben", state=ScoreState.REFUSED, reason="No.")
    tab = getattr(house, name)
    own = tab.open("log") if name == "petra" else tab.open()
    hidden = own.hidden() if "<form" in own.html else {}
    assert tab.send(f"overview/again/{house.enrolments['ben'].id}", **hidden).status in (403, 404)
    assert score_of(house, "ben").state == ScoreState.REFUSED


def test_people_of_another_run_are_not_found_here(house: House) -> None:
    """Neither somebody else's enrolment, nor one that is none."""
    house.evaluate()
    dario = house.dario
    hidden = dario.open("overview").hidden()
    with house.bridge.sessions.write() as session:
        known = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert known is not None
        other = runs.add_run(
            session, known.course, known.journey_row, known.day_zero, known.time_zone, house.bridge.clock()
        )
        person = house.people["ben"]
        elsewhere, _ = enrolments.enrol(session, known.tenant_id, other.id, person.id, known.day_zero)
    for id_ in (elsewhere.id, "nobody"):
        assert dario.send(f"overview/again/{id_}", **hidden).status == 404


def test_the_warning_about_totals_stays_until_a_teacher_confirms(house: House) -> None:
    """Only journey completion is meant for totals."""
    dario = house.dario
    warning = "Leave Manager engagement, Application on the job and Success case out of the course total."
    assert warning in dario.open().text
    confirmed = dario.follow(dario.fill("overview/totals", "overview"))
    assert warning not in confirmed.text
    assert warning not in house.dario.open().text


def test_free_text_and_outcomes_never_reach_the_teacher(house: House) -> None:
    """What Petra writes is for her and Mark, and how good she says it was for nobody."""
    petra = house.petra
    petra.fill(
        "log", moment="M2", behaviours=["B1"], when="today", outcome="0", ask="yes", words="A very private sentence."
    )
    house.evaluate()
    text = house.dario.open().text
    assert "private sentence" not in text
    assert "It went worse" not in text
    assert "1 applications by 1 people." in text


# starting a run, and rooms without one


def other_course(house: House, sub: str, role: CourseRole) -> Tab:
    return house.tab(sub, role, context_id="course-2", services=Services())


def test_a_learner_in_a_course_without_a_run_finds_a_friendly_empty_room(house: House) -> None:
    """And cannot start one."""
    petra = other_course(house, "petra", CourseRole.LEARNER)
    page = petra.open()
    assert page.status == 200
    assert "Your teacher has not started one in this course yet." in page.text
    csrf = house.petra.open("log").hidden()
    assert petra.send("start", **csrf).status == 403


def home(tab: Tab) -> Page:
    """The first page: a designer is led on to the library."""
    page = tab.open()
    return tab.follow(page) if page.status == 303 else page


@pytest.mark.parametrize("role", [CourseRole.INSTRUCTOR, CourseRole.CONTENT_DEVELOPER])
def test_a_teacher_or_designer_starts_a_run(house: House, role: CourseRole) -> None:
    """With day zero and time zone; sent twice it is one run."""
    dario = other_course(house, "dario", role)
    with house.bridge.sessions.read() as session:
        (journey,) = journeys.installed(session, house.world.tenant.id)
    fields = {
        **home(dario).hidden(),
        "journey": journey.id,
        "day_zero": "2026-04-13",
        "time_zone": "Europe/Berlin",
    }
    assert dario.send("start", **fields).status == 303
    assert dario.send("start", **fields).status == 303
    with house.bridge.sessions.read() as session:
        started = [run for run in runs.all_runs(session, house.world.tenant.id) if run.id != house.world.run.id]
    assert [(run.day_zero.isoformat(), run.time_zone) for run in started] == [("2026-04-13", "Europe/Berlin")]
    assert home(dario).status == 200


def test_a_run_that_cannot_be_started_like_this_is_explained(house: House) -> None:
    """Each gap at its field; what was typed stays."""
    dario = other_course(house, "dario", CourseRole.INSTRUCTOR)
    answer = dario.fill("start", "", day_zero="soon", time_zone="Europe/Berlin")
    assert answer.status == 422
    assert "Choose a journey." in answer.text
    assert "Give the day of the kick-off." in answer.text
    assert "<option selected>Europe/Berlin</option>" in answer.html
    wrong = dario.fill("start", "", journey="nothing", day_zero="2026-04-13", time_zone="Europe/Berlin")
    assert "This journey is not installed here." in wrong.text


def test_a_run_of_another_course_cannot_be_opened(house: House) -> None:
    """Only those of the course the launch came from."""
    dario = other_course(house, "dario", CourseRole.INSTRUCTOR)
    assert dario.send(f"open/{house.world.run.id}", **dario.open().hidden()).status == 404


def test_somebody_without_a_part_is_told_so(house: House) -> None:
    """A launch without a role that means anything here."""
    page = house.tab("stranger", CourseRole.NONE).open()
    assert page.status == 200
    assert "Nothing for you here yet" in page.text


def test_a_launch_outside_a_course_is_told_so(house: House) -> None:
    """A journey lives in a course."""
    page = house.tab("petra", CourseRole.LEARNER, context_id=None).open()
    assert page.status == 200
    assert "No course here" in page.text
