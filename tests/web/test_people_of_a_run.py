"""Dario's pages about people: fetching them, who manages whom, and one person's indicators with what stands behind."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from lrs_bridge.domain.delivery import Unavailable
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole, MessageType
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.launch import enter
from lrs_bridge.flows.roster import sync_due
from lrs_bridge.store import enrolments, rosters, runs, scores
from lrs_bridge.store.scores import ScoreState
from tests.fakes.roster import FakeRoster, learner
from tests.personas import House, Page, Tab

REVIEW = MessageType.SUBMISSION_REVIEW
HEAD = "participant,manager,role,from,to\n"


@pytest.fixture
def listed(house: House) -> House:
    """A launch has told where the course's list is."""
    with house.bridge.sessions.write() as session:
        course = runs.get_course(session, house.world.tenant.id, house.world.course.id)
        assert course is not None
        course.memberships_url = "https://lms.example/members"
    return house


def people_panel(house: House) -> str:
    return house.dario.open("overview").text.partition(" People ")[2]


def work(house: House, roster: FakeRoster) -> None:
    sync_due(house.bridge.sessions, roster, house.bridge.clock, lambda: 0.5)


# Who may


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "stan"])
def test_only_the_teacher_fetches_people_names_managers_and_opens_a_person(house: House, name: str) -> None:
    """Not the participant themselves, nor their manager, nor somebody else's teacher."""
    tab: Tab = getattr(house, name)
    own = house.enrolments["petra"].id
    for path in ("leaders", "leaders/template.csv", f"people/{own}"):
        assert tab.open(path).status in (403, 404)
    with_form = "start" if name == "stan" else ("log" if name == "petra" else f"people/{own}/steps/S14")
    hidden = tab.open("" if name == "stan" else with_form)
    fields = hidden.hidden() if "<form" in hidden.html else {}
    for path in ("overview/roster", "leaders"):
        assert tab.send(path, **fields, lines=f"{HEAD}petra,nina,,,\n", sure="yes").status in (403, 404)
    with house.bridge.sessions.read() as session:
        assert rosters.sync_of(session, house.world.tenant.id, house.world.run.id) is None


def test_a_designer_names_managers_and_opens_nobody(house: House) -> None:
    """Who leads whom belongs to the design; people's numbers do not."""
    designer = house.tab("dora", CourseRole.CONTENT_DEVELOPER)
    assert designer.open("leaders").status == 200
    assert designer.open(f"people/{house.enrolments['petra'].id}").status == 403


# Fetching


def test_without_a_list_there_is_no_button(house: House) -> None:
    """And the page says why."""
    assert "does not offer this course's list of people" in people_panel(house)
    assert "Fetch the people of the course" not in people_panel(house)


def test_the_button_fetches_in_the_background_and_the_page_tells_what_came_of_it(listed: House) -> None:
    """Reloading is enough."""
    rung: list[bool] = []
    listed.bridge.bell.ring = lambda: rung.append(True)
    page = listed.dario.follow(listed.dario.fill("overview/roster", "overview"))
    assert "The people of the course are being fetched." in page.text
    assert rung == [True]
    work(listed, FakeRoster([learner("petra"), learner("ben"), learner("omar")]))
    panel = people_panel(listed)
    assert "Fetched 26 March, 10:00. 1 joined, 1 left. It is done once a day." in panel
    assert "Omar" in panel
    assert "Jonas" not in panel


def test_a_list_that_could_not_be_fetched_says_why_and_when_next(listed: House) -> None:
    """What was known stays."""
    listed.dario.fill("overview/roster", "overview")
    work(listed, FakeRoster(trouble=Unavailable("The LMS answers 503.", 3600.0)))
    panel = people_panel(listed)
    assert "The list could not be fetched. The LMS answers 503. The next try is 26 March, 11:00." in panel
    assert "Fetch the people of the course" in panel


# Who manages whom


def test_a_file_is_tried_before_it_is_done(house: House) -> None:
    """First what it would change, then a button that does it."""
    dario = house.dario
    hidden = dario.open("leaders").hidden()
    file = (io.BytesIO(f"\ufeff{HEAD}petra,nina,,2026-04-01,\nben,boss@example.org,,,\n".encode()), "managers.csv")
    page = dario.send("leaders", **hidden, file=file)
    assert page.status == 200
    assert "Petra Novak manager Nina Okafor begins from 1 April 2026" in page.text
    assert "Petra Novak manager Mark Jensen ends from 1 February 2026 to 31 March 2026" in page.text
    assert "Nobody has come with these e-mails yet: boss@example.org." in page.text
    assert led(house, "nina") == {"jonas"}
    done = dario.follow(dario.send("leaders", **page.hidden()))
    assert "Who is what to whom is as the file says" in done.text
    house.world.clock.on(days=7)
    assert led(house, "nina") == {"jonas", "petra"}
    assert "Petra Novak" in house.nina.open("people").text


def led(house: House, name: str) -> set[str]:
    world = house.world
    day = world.run.run.local_day(world.clock())
    with house.bridge.sessions.read() as session:
        ids = enrolments.people_of(session, world.tenant.id, world.run.id, house.people[name].id, Role.MANAGER, day)
    return {who for who, row in house.people.items() if row.id in ids}


def test_every_problem_is_listed_and_nothing_done(house: House) -> None:
    """Also when somebody says that they are sure; what was pasted stays."""
    dario = house.dario
    lines = f"{HEAD}ghost,nina,,,\nben,nina,king,,\njonas,mark,,,\n"
    for more in ({}, {"sure": "yes"}):
        page = dario.send("leaders", **dario.open("leaders").hidden(), lines=lines, **more)
        assert page.status == 422
        assert "Line 2: 'ghost' is nobody in this run." in page.text
        assert "Line 3: there is no role 'king' here." in page.text
        assert "ghost,nina" in page.html
    assert led(house, "nina") == {"jonas"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a file, or paste its lines."),
        ({"file": b"participant,manager\nghost\xff,nina"}, "The file is not UTF-8 (line 2)"),
        ({"file": b"PK\x03\x04"}, "this is a workbook and no CSV file"),
        ({"lines": "nothing"}, "participant is missing"),
        ({"lines": "<script>alert(1)</script>,manager"}, "no column"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(house: House, fields: dict[str, str | bytes], words: str) -> None:
    """Nothing that was sent is markup."""
    dario = house.dario
    sent = {name: (io.BytesIO(said), "x.csv") if isinstance(said, bytes) else said for name, said in fields.items()}
    page = dario.send("leaders", **dario.open("leaders").hidden(), **sent)
    assert page.status == 422
    assert words in page.text
    assert "<script>alert" not in page.html


def test_the_template_comes_back_unchanged(house: House) -> None:
    """A file to open in a spreadsheet, with everybody in it."""
    dario = house.dario
    answer = dario.open("leaders/template.csv").answer
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/csv", "no-store")
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeffparticipant,name,manager,")
    page = dario.send("leaders", **dario.open("leaders").hidden(), lines=text)
    assert "The file changes nothing" in page.text


# One person


def petras_page(house: House) -> Page:
    overview = house.dario.open("overview")
    link = next(link for link in overview.links if house.enrolments["petra"].id in link)
    return house.dario.open(f"people/{link.rpartition('/')[2]}")


def test_a_person_s_numbers_come_with_what_stands_behind_them(house: House) -> None:
    """Value, sum, acts with day and who, and what the gradebook has."""
    house.acted(Kind.COMPLETED, "petra", step="S08")
    house.acted(Kind.TALKED_WITH, "mark", step="S14", data={"level": 3})
    house.evaluate()
    with house.bridge.sessions.write() as session:
        own = scores.scores_of_enrolment(session, house.world.tenant.id, house.enrolments["petra"].id)
        row = own["journey_completion"]
        row.state, row.sent, row.sent_maximum, row.sent_at = ScoreState.POSTED, row.wanted, 100.0, house.bridge.clock()
    page = petras_page(house)
    assert page.status == 200
    assert "In the journey since 10 February 2026. Managed by Mark Jensen." in page.text
    assert "26 March Did the step Read the one-page coaching document" in page.text
    assert "26 March Talked about it" in page.text
    assert "Mark Jensen, manager" in page.text
    assert "The gradebook has" in page.text
    assert "Success case Nothing has been sent to the gradebook. Not yet" in page.text


def test_disputes_words_outcomes_and_titles_stay_where_they_are(house: House) -> None:
    """By the audience table: that it took place, and when."""
    house.petra.fill(
        "log", moment="M2", behaviours=["B1"], when="today", outcome="0", ask="yes", words="A very private sentence."
    )
    talk = house.acted(Kind.TALKED_WITH, "mark", step="S14", data={"level": 3})
    house.acted(Kind.DISPUTED, "petra", refers_to=talk.statement_id, step="S14")
    house.evaluate()
    text = petras_page(house).text
    assert "Used a moment on the job" in text
    for hidden in ("private sentence", "disput", "It went worse", house.world.run.journey.moment_by_id["M2"].title):
        assert hidden.lower() not in text.lower()


def test_somebody_of_another_run_or_nobody_is_not_there(house: House) -> None:
    """In words that help."""
    for unknown in ("unknown", "0" * 36):
        page = house.dario.open(f"people/{unknown}")
        assert page.status == 404
        assert "This person is not in the journey" in page.text


# Submission review


def reviewed(house: House, sub: str, role: CourseRole, for_user: str | None) -> str:
    launch = replace(house.world.launch(sub, role), message_type=REVIEW, for_user=for_user)
    with house.bridge.sessions.write() as session:
        path = enter(session, launch, house.bridge.clock()).path
    return path


def test_a_submission_review_opens_the_person_it_is_about(house: House) -> None:
    """For a teacher of the course."""
    path = reviewed(house, "dario", CourseRole.INSTRUCTOR, "petra")
    assert path.endswith(f"/people/{house.enrolments['petra'].id}")
    page = Page(house.client().get(path))
    assert (page.status, "Petra Novak" in page.text) == (200, True)


@pytest.mark.parametrize(
    ("sub", "role", "for_user", "status", "words"),
    [
        ("dario", CourseRole.INSTRUCTOR, "stranger", 404, "This person is not in the journey"),
        ("dario", CourseRole.INSTRUCTOR, None, 200, "Three participants"),
        ("petra", CourseRole.LEARNER, "petra", 200, "Who sees what"),
        ("petra", CourseRole.LEARNER, "ben", 403, "This page is for somebody else"),
        ("mark", CourseRole.LEARNER, "petra", 403, "This page is for somebody else"),
        ("dora", CourseRole.CONTENT_DEVELOPER, "petra", 403, "This page is for somebody else"),
    ],
)
def test_who_looks_at_whom(
    house: House, sub: str, role: CourseRole, for_user: str | None, status: int, words: str
) -> None:
    """Learners at their own journey, nobody else at anybody."""
    page = Page(house.client().get(reviewed(house, sub, role, for_user)))
    assert page.status == status
    assert words in page.text
