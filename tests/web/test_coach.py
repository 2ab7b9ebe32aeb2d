"""Carl's pages: what waits, preparing for one person, a session logged once for everybody who was there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from lrs_bridge import journeyfile
from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.mentors import MENTOR_CLAIM
from lrs_bridge.store import enrolments, people
from lrs_bridge.store.engine import Sessions
from tests.flows.world import ISSUER, build
from tests.personas import House, Page, Tab, move_in
from tests.web.whys import asked

_AFTER_THE_GROUP_OPENED = datetime(2026, 4, 1, 9, tzinfo=UTC)


def assessed(house: House, who: str, percent: int) -> Event:
    """Two notes' worth of points: below 60 percent the way is 2-1, else the group."""
    points = dict.fromkeys(("fact", "question", "commitment", "brevity"), 4 * percent // 100)
    total = sum(points.values())
    data = {"criteria": points, "rubric-version": 1}
    return house.acted(Kind.ASSESSED, "mark", about=who, step="S03", score=Score(total, 0, 16), data=data)


@pytest.fixture
def spring(house: House) -> House:
    """On 1 April Petra's way is 2-1 sessions, Ben's the group."""
    assessed(house, "petra", 25)
    assessed(house, "ben", 75)
    house.world.clock.now = _AFTER_THE_GROUP_OPENED
    return house


def log(tab: Tab, house: House, session: str, *who: str, **more: object) -> Page:
    there = [house.enrolments[name].id for name in who]
    fields = {"step": session, "who": there, "when": "today", "minutes": "45", **more}
    return tab.fill("coaching/log", **fields)


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "eva", "sofia", "stan"])
@pytest.mark.parametrize("path", ["coaching", "coaching/log", "coaching/circle", "coaching/{petra}"])
def test_only_coaches_open_the_pages_of_coaching(house: House, name: str, path: str) -> None:
    """Neither the coachee nor the manager, the teacher, the evaluator, the sponsor or a stranger."""
    assert house.carl.open(path.format(petra=house.enrolments["petra"].id)).status == 200
    tab = getattr(house, name)
    assert tab.open(path.format(petra=house.enrolments["petra"].id)).status in (403, 404)


def test_a_coach_opens_their_own_people_only(house: House) -> None:
    """Jonas takes part in the same run and has nobody as coach."""
    assert house.carl.open(f"coaching/{house.enrolments['jonas'].id}").status == 403
    assert house.carl.open(f"coaching/{uuid4()}").status == 403


def test_what_waits_stands_first(spring: House) -> None:
    """2-1 sessions by person, the group as one thing; the longest due first."""
    text = spring.carl.open().text
    assert "Two things to hold" in text
    assert "1 2-1 session: Petra" in text
    assert "Was due 30 March. Still worth holding." in text
    assert "2 Group: Ben" in text


def test_a_group_session_is_one_form_and_a_statement_for_each(spring: House) -> None:
    """With day, length, themes and the link to the goal; the participant's step is done, too."""
    assessed(spring, "petra", 75)
    carl = spring.carl
    saved = carl.follow(
        log(carl, spring, "S16", "petra", "ben", themes=["timing", "peer_norms"], goal="yes", minutes="90")
    )
    assert "Nobody has to enter it again." in saved.text
    for who in ("petra", "ben"):
        (fact,) = spring.facts(who, Kind.COACHED)
        assert (fact.step, fact.role, fact.actor) == ("S16", "coach", spring.people["carl"].account)
        assert fact.data == {"themes": ["timing", "peer_norms"], "goal-linked": True}
    assert "1 April: Ben Adler and Petra Novak" in saved.text
    assert "Nothing to hold now" in carl.open().text


def test_a_session_counts_for_the_participant_and_for_coaching_reach(spring: House) -> None:
    """From the form to the indicator, without a second entry."""
    carl = spring.carl
    log(carl, spring, "S16", "ben")
    spring.evaluate()
    text = spring.tab("ben").open("journey").text
    assert "Done 1 April" in text
    assert "Coaching reach 100" in text


def test_a_two_one_session_may_name_the_manager_who_was_there(spring: House) -> None:
    """As the counterpart of the statement."""
    carl = spring.carl
    assert log(carl, spring, "S15", "petra", manager="yes").status == 303
    (fact,) = spring.facts("petra", Kind.COACHED)
    assert fact.counterpart == spring.people["mark"].account


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"who": []}, "Choose who was there."),
        ({"step": "S04"}, "Choose which session it was."),
        ({"minutes": "0"}, "Give the minutes, from 5 to 480."),
        ({"minutes": "soon"}, "Give the minutes, for example 45."),
        ({"when": "date", "date": "2026-04-02"}, "That day is still to come."),
        ({"when": "date", "date": "2026-03-01"}, "These sessions begin on 16 March."),
        ({"themes": ["timing", "peer_norms", "personal", "other"]}, "Choose three at most"),
        ({"step": "S16"}, "This session is not on the path of Petra."),
    ],
)
def test_a_session_that_cannot_be_is_explained_and_nothing_typed_is_lost(
    spring: House, fields: dict[str, object], complaint: str
) -> None:
    """What, where and how to mend it."""
    carl = spring.carl
    answer = log(carl, spring, "S15", "petra", **{"note": "What we agreed", **fields})
    assert answer.status == 422
    assert complaint in answer.text
    assert "What we agreed" in answer.html
    assert spring.facts("petra", Kind.COACHED) == []


def test_a_two_one_session_is_with_one_person(spring: House) -> None:
    """Two people in it are two sessions."""
    answer = log(spring.carl, spring, "S15", "petra", "ben")
    assert "This is a session with one person. Log one for each." in answer.text


def test_no_session_is_entered_twice(spring: House) -> None:
    """The same form sent again does nothing; a second form for the same day is told."""
    carl = spring.carl
    hidden = carl.open("coaching/log").hidden()
    fields = {"step": "S15", "who": [spring.enrolments["petra"].id], "when": "today", "minutes": "45"}
    for _ in range(2):
        assert carl.send("coaching/log", **hidden, **fields).status == 303
    assert len(spring.facts("petra", Kind.COACHED)) == 1
    again = log(carl, spring, "S15", "petra")
    assert "You logged this session with Petra on 1 April already." in again.text


def test_a_session_logged_by_mistake_is_taken_back_for_everybody(spring: House) -> None:
    """By whoever logged it."""
    assessed(spring, "petra", 75)
    carl = spring.carl
    log(carl, spring, "S16", "petra", "ben")
    (fact,) = spring.facts("ben", Kind.COACHED)
    path = f"coaching/sessions/{fact.id}/back"
    page = carl.open("coaching")
    taken = carl.follow(carl.send(path, **page.hidden(carl.path(path) if carl.path(path) in page.html else None)))
    assert "The session is taken back" in taken.text
    assert spring.facts("ben", Kind.COACHED) == spring.facts("petra", Kind.COACHED) == []
    assert carl.send(path, **page.hidden()).status == 404


def test_a_session_is_taken_back_by_its_coach_only(spring: House) -> None:
    """Another coach finds nothing there."""
    log(spring.carl, spring, "S15", "petra")
    (fact,) = spring.facts("petra", Kind.COACHED)
    spring.relate("cora", Role.COACH, "jonas")
    cora = spring.tab("cora")
    hidden = {**cora.open(f"coaching/{spring.enrolments['jonas'].id}").hidden(), "act": str(uuid4())}
    assert cora.send(f"coaching/sessions/{fact.id}/back", **hidden).status == 404
    assert len(spring.facts("petra", Kind.COACHED)) == 1


def test_preparing_shows_goal_assessment_and_moments(spring: House) -> None:
    """What the coachee is told their coach sees, and neither survey numbers nor who scored."""
    petra = spring.petra
    numbers = {f"item_{name}": "4" for name in ("goal", "moments", "behaviour", "manager_agrees")}
    petra.fill("steps/S04", learning_outcome="Ask before I tell", moments=["M1"], **numbers)
    (plan,) = spring.facts("petra", Kind.PLANNED)
    spring.acted(Kind.APPROVED, "mark", step="S06", refers_to=plan.id, data={"goal-agreed": True})
    moment = {"moment": "M1", "behaviours": ["B1"], "outcome": "3", "when": "today", "words": "She asked back"}
    petra.fill("log", **moment, ask="yes")
    page = spring.carl.open(f"coaching/{spring.enrolments['petra'].id}")
    for said in (
        "Ask before I tell",
        "Mark approved it on 1 April.",
        "25 % of what can be had",
        "States one observed fact 1 of 4",
        "Debrief on the day of a ride-along",
        "“She asked back”",
        "A clear result",
    ):
        assert said in page.text
    assert "Mark Jensen" not in page.text


def test_a_moment_kept_to_oneself_is_not_shown_to_the_coach(spring: House) -> None:
    """Nor is that two people see it differently."""
    petra = spring.petra
    petra.fill("log", moment="M1", behaviours=["B1"], outcome="3", when="today", words="Only mine")
    path = f"coaching/{spring.enrolments['petra'].id}"
    assert "Only mine" not in spring.carl.open(path).text
    petra.fill("log", moment="M2", behaviours=["B1"], outcome="3", when="today", words="For you", ask="yes")
    (fact,) = [one for one in spring.facts("petra", Kind.APPLIED) if one.moment == "M2"]
    spring.acted(Kind.DISPUTED, "mark", refers_to=fact.id)
    shown = spring.carl.open(path)
    assert "For you" in shown.text
    assert "different" not in shown.text


def test_a_mentor_whom_only_the_lms_named_prepares_without_content(spring: House) -> None:
    """In some LMSs a mentor is a parent or a buddy; one whom people named prepares like a coach."""
    run, now = spring.world.run, spring.bridge.clock()
    with spring.bridge.sessions.write() as session:
        maya = people.ensure_person(session, run.tenant_id, ISSUER, "maya", now, name="Maya Roy")
        petra = spring.people["petra"].id
        enrolments.relate(session, run.tenant_id, run.id, petra, maya.id, Role.MENTOR, MENTOR_CLAIM)
    path = f"coaching/{spring.enrolments['petra'].id}"
    page = spring.tab("maya").open(path)
    assert page.status == 200
    assert "Their goal" not in page.text
    assert "25 %" not in page.text
    spring.relate("moira", Role.MENTOR, "petra")
    assert "Their goal" in spring.tab("moira").open(path).text


def test_a_coach_whose_time_is_over_sees_nothing_new(spring: House) -> None:
    """The page has the notes of the two and nothing else; no session is logged any more."""
    spring.relate("cora", Role.COACH, "petra", end=date(2026, 3, 20))
    cora = spring.tab("cora")
    page = cora.open(f"coaching/{spring.enrolments['petra'].id}")
    assert "You were their coach until 20 March 2026." in page.text
    assert "Their goal" not in page.text
    assert "25 %" not in page.text
    assert "Petra Novak" in cora.open().text
    assert "Nobody to log a session with" in cora.open("coaching/log").text


def test_the_number_of_queries_does_not_grow_with_the_coachees(spring: House) -> None:
    """The first page with two people asks as much as with three."""
    carl = spring.carl
    with asked(spring) as few:
        carl.open("coaching")
    spring.relate("carl", Role.COACH, "jonas")
    with asked(spring) as more:
        assert "Jonas Richter" in carl.open("coaching").text
    assert len(more) == len(few)


@pytest.fixture
def asking(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> House:
    """A journey whose sessions ask for the participant's word."""
    text = journeyfile.sample_text("field-coaching-90").replace(
        "    expected: 2\n    route: low", "    expected: 2\n    route: low\n    corroborated_by: participant"
    )
    monkeypatch.setattr(journeyfile, "sample_text", lambda _slug: text)
    house = move_in(build(sessions))
    assessed(house, "petra", 25)
    house.world.clock.now = _AFTER_THE_GROUP_OPENED
    return house


@pytest.mark.parametrize(
    ("word", "kind", "said"),
    [("yes", Kind.CONFIRMED, "You confirmed it"), ("no", Kind.DISPUTED, "You said it was different")],
)
def test_the_participant_answers_with_one_tap_where_the_journey_asks(
    asking: House, word: str, kind: Kind, said: str
) -> None:
    """On their first page; the answer can be changed beside the session."""
    log(asking.carl, asking, "S15", "petra")
    (fact,) = asking.facts("petra", Kind.COACHED)
    petra = asking.petra
    page = petra.open("journey")
    assert "Carl says this took place on 1 April. Did it?" in page.text
    path = f"claims/{fact.id}"
    assert petra.send(path, **page.hidden(petra.path(path)), word=word).status == 303
    (answer,) = asking.facts("petra", kind)
    assert (answer.target, answer.actor) == (fact.id, asking.people["petra"].account)
    assert "Did it?" not in petra.open("journey").text
    assert said in petra.open("coach").text


def test_nobody_is_asked_where_the_journey_does_not(spring: House) -> None:
    """The sample's sessions need no second word."""
    log(spring.carl, spring, "S15", "petra")
    (fact,) = spring.facts("petra", Kind.COACHED)
    petra = spring.petra
    page = petra.open("journey")
    assert "Did it?" not in page.text
    hidden = {**petra.open("log").hidden(), "act": str(uuid4())}
    assert petra.send(f"claims/{fact.id}", **hidden, word="yes").status == 404
