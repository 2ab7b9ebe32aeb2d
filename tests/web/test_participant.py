"""Petra's pages: the journey, doing a step, her word on a talk, surveys; and who else may see them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lrs_bridge.domain.events import Kind, Score
from tests.personas import House

MOMENT = {"moment": "M2", "behaviours": ["B1", "B2"], "when": "today", "outcome": "3", "ask": "yes"}


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "stan"])
@pytest.mark.parametrize("path", ["journey", "log", "no-chance"])
def test_only_the_participant_opens_the_journey(house: House, name: str, path: str) -> None:
    """Others find a door; each has a page of their own."""
    assert getattr(house, name).open(path).status == 403


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "stan"])
def test_nobody_acts_for_petra(house: House, name: str) -> None:
    """Their own mark on the form does not help."""
    tab = getattr(house, name)
    hidden = tab.open().hidden() if "<form" in tab.open().html else {}
    before = house.facts()
    answer = tab.send("steps/S08", **hidden, act="6c1f7e0a-0000-4000-8000-000000000002")
    assert answer.status == 403
    assert house.facts() == before


def test_the_next_step_comes_first(house: House) -> None:
    """The first step that waits, with its day, and what it takes."""
    text = house.petra.open().text
    assert "Thursday 26 March, day 24 of 90" in text
    assert "Your next step was due 23 February. It still counts in full. Write your line of sight" in text


def test_done_steps_move_the_next_one_up(house: House) -> None:
    """With the early steps done, the open application is next."""
    house.acted(Kind.PLANNED, "petra", step="S04", data={"map": {"learning_outcome": True}})
    house.acted(Kind.COMPLETED, "petra", step="S08")
    house.acted(Kind.ATTENDED, "petra", step="S09", at=datetime(2026, 3, 2, 11, tzinfo=UTC))
    house.acted(
        Kind.APPLIED,
        "petra",
        step="S13",
        moment="M1",
        at=datetime(2026, 3, 11, 11, tzinfo=UTC),
        score=Score(3, 0, 4),
        data={"behaviours": ["B1"]},
    )
    text = house.petra.open().text
    assert "by Monday 30 March, about one minute to log Use it in a real moment, then log it" in text
    assert "Mark confirms it with one tap" in text
    assert "You were there 2 March" in text


def test_no_route_is_ever_shown(house: House) -> None:
    """Neither the route's name nor the steps of the other one."""
    house.acted(Kind.ROUTED, "mark", step="S12", data={"route": "low"})
    page = house.petra.open()
    assert "Two 2-1 sessions" in page.text
    assert "30-day group session" not in page.text
    assert "low" not in page.text.replace("below", "").split()
    assert house.petra.open("steps/S16").status == 404


def test_an_undecided_route_shows_neither_branch(house: House) -> None:
    """Until somebody decides, both are left out."""
    text = house.petra.open().text
    assert "Two 2-1 sessions" not in text
    assert "30-day group session" not in text


def test_the_sum_of_the_tile_is_the_value(house: House) -> None:
    """Journey completion opens to the steps it is made of, at once after acting."""
    petra = house.petra
    petra.fill("steps/S08")
    text = petra.open().text
    assert "Journey completion 6 of 100" in text  # 1 of 16: an undecided route leaves its steps out
    assert "1 of 16 6.25" in text
    assert "Read the one-page coaching document and two worked examples, weight 1 1" in text
    assert "Success case Not yet The survey opens on 1 May." in text
    assert "Only your own steps count here. Nothing Mark does or misses changes it." in text


def test_what_is_posted_stands_there_before_anything_is(house: House) -> None:
    """Every participant sees the columns from the first day, and who sees what."""
    text = house.petra.open().text
    assert "What reaches the gradebook Nothing posted yet" in text
    for label in ("Journey completion", "Manager engagement", "Application on the job", "Success case"):
        assert label in text
    assert "Mark, your manager" in text


@pytest.mark.parametrize("step", ["S07", "S05", "S99", "nothing"])
def test_a_step_of_somebody_else_is_not_there(house: House, step: str) -> None:
    """Neither to look at nor to do."""
    petra = house.petra
    assert petra.open(f"steps/{step}").status == 404
    assert petra.send(f"steps/{step}", **petra.open("log").hidden()).status == 404


def test_a_step_that_is_not_open_yet_cannot_be_done(house: House) -> None:
    """The page says when; a form sent all the same changes nothing."""
    petra = house.petra
    assert "Opens 26 May." in petra.open("steps/S28").text
    answer = petra.send("steps/S28", **petra.open("log").hidden(), words="Too early")
    assert answer.status == 403
    assert "It opens on 26 May" in answer.text
    assert house.facts("petra", Kind.REFLECTED) == []


def test_reading_is_one_button(house: House) -> None:
    """A late step still counts, and the page says so after saving."""
    petra = house.petra
    saved = petra.follow(petra.fill("steps/S08"))
    assert "Saved. It counts from now on." in saved.text
    assert "Done 26 March, 24 days late" in saved.text
    (fact,) = house.facts("petra", Kind.COMPLETED)
    assert (fact.step, fact.role, fact.at) == ("S08", "participant", house.world.clock())


def test_sending_a_form_twice_is_the_same_as_once(house: House) -> None:
    """The act's id was fixed when the form was shown."""
    petra = house.petra
    hidden = petra.open("steps/S08").hidden()
    assert petra.send("steps/S08", **hidden).status == 303
    assert petra.send("steps/S08", **hidden).status == 303
    assert len(house.facts("petra", Kind.COMPLETED)) == 1


def test_being_there_takes_the_day_of_the_event(house: House) -> None:
    """Local noon of a day given by hand, so the kick-off of 2 March counts in time."""
    petra = house.petra
    saved = petra.follow(petra.fill("steps/S09", when="date", date="2026-03-02"))
    assert "You were there 2 March" in saved.text
    (fact,) = house.facts("petra", Kind.ATTENDED)
    assert fact.at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert fact.recorded == house.world.clock()


@pytest.mark.parametrize(
    ("when", "day", "complaint"),
    [
        ("date", "2026-03-27", "That day is still to come."),
        ("date", "2026-02-31", "There is no such day. Give the day it happened, for example 24 March."),
        ("date", "", "Give the day it happened, for example 24 March."),
        ("date", "2026-03-01", "This step opened on 2 March. Give a day since then."),
        ("", "", "Say when it happened."),
    ],
)
def test_an_impossible_day_is_explained_and_what_was_typed_stays(
    house: House, when: str, day: str, complaint: str
) -> None:
    """A summary on top with a link to the field, a line at the field, and nothing saved."""
    answer = house.petra.fill("steps/S09", when=when, date=day)
    assert answer.status == 422
    assert answer.text.count(complaint) == 2
    assert 'role="alert"' in answer.html
    assert f'value="{day}"' in answer.html
    assert house.facts("petra", Kind.ATTENDED) == []


def test_a_form_shown_again_keeps_its_act(house: House) -> None:
    """Mending a mistake does not make a second act."""
    petra = house.petra
    hidden = petra.open("steps/S09").hidden()
    wrong = petra.send("steps/S09", **hidden)
    assert wrong.hidden()["act"] == hidden["act"]


def test_the_line_of_sight_keeps_words_here_and_booleans_in_the_record(house: House) -> None:
    """Free text goes to the notes, never into a statement."""
    petra = house.petra
    numbers = {f"item_{name}": "4" for name in ("goal", "moments", "behaviour", "manager_agrees")}
    done = petra.fill(
        "steps/S04", learning_outcome="Ask before I tell", moments=["M1", "M3"], performance_outcome="", **numbers
    )
    assert done.status == 303, done.text
    (fact,) = house.facts("petra", Kind.PLANNED)
    assert fact.data["map"] == {
        "learning_outcome": True,
        "moments": True,
        "performance_outcome": False,
        "business_rationale": False,
    }
    assert fact.data["answers"] == {"goal": 4, "moments": 4, "behaviour": 4, "manager_agrees": 4}
    assert "Ask before I tell" not in str(fact)
    again = petra.open("steps/S04")
    assert "Ask before I tell" in again.text
    assert 'value="M3" checked' in again.html


def test_an_empty_line_of_sight_is_not_saved(house: House) -> None:
    """At least one part of the map, and every number."""
    answer = house.petra.fill("steps/S04", item_goal="4")
    assert answer.status == 422
    assert "Fill in at least one part of the map." in answer.text
    assert "Four things are missing." in answer.text
    assert 'name="item_goal" value="4" checked' in answer.html


@pytest.mark.parametrize(
    ("word", "kind", "told"),
    [("yes", Kind.CONFIRMED, "you confirmed it"), ("no", Kind.DISPUTED, "you said it was different")],
)
def test_petra_has_a_word_on_what_mark_says_took_place(house: House, word: str, kind: Kind, told: str) -> None:
    """The question stands on her page until she answers."""
    talk = house.acted(Kind.TALKED_WITH, "mark", step="S14", data={"level": 3})
    petra = house.petra
    page = petra.open()
    assert "Mark says this took place on 26 March. Did it?" in page.text
    claim = petra.path(f"claims/{talk.statement_id}")
    saved = petra.follow(petra.send(claim, **page.hidden(claim), word=word))
    assert "Did it?" not in saved.text
    assert told in saved.text
    (fact,) = house.facts("petra", kind)
    assert (fact.target, fact.step, fact.role) == (talk.statement_id, "S14", "participant")


def test_a_word_on_nothing_is_not_taken(house: House) -> None:
    """Only a talk of her own manager that asks for her word."""
    other = house.acted(Kind.COMPLETED, "petra", step="S08")
    petra = house.petra
    hidden = petra.open("log").hidden()
    assert petra.send(f"claims/{other.statement_id}", **hidden, word="yes").status == 404


def test_the_success_case_survey_takes_coded_answers(house: House) -> None:
    """Points per moment, factors that helped or hindered; whether she will talk stays here."""
    house.world.clock.now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    petra = house.petra
    page = petra.open("steps/S24")
    assert "What reaches the gradebook is one value made of your answers." in page.text
    answers = {"item_M1": "3", "item_M2": "2", "item_M3": "0", "helped": ["manager_support"], "hindered": ["timing"]}
    assert petra.fill("steps/S24", **answers, talk="yes").status == 303
    (fact,) = house.facts("petra", Kind.ANSWERED)
    assert fact.data["answers"] == {"M1": 3, "M2": 2, "M3": 0}
    assert fact.data["factors"] == {"manager_support": "helped", "timing": "hindered"}
    assert "Success case 56 of 100" in petra.open().text


def test_an_empty_survey_or_a_factor_on_both_sides_is_explained(house: House) -> None:
    """And what was chosen stays chosen."""
    house.world.clock.now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    petra = house.petra
    assert "Answer at least one question." in petra.fill("steps/S24", helped=["timing"]).text
    both = petra.fill("steps/S24", item_M1="3", helped=["timing"], hindered=["timing"])
    assert "“The timing” stands in both lists." in both.text
    assert both.html.count('value="timing" checked') == 2
    assert house.facts("petra", Kind.ANSWERED) == []


def test_what_was_written_can_be_read_again(house: House) -> None:
    """A reflection, after it is done, by Petra alone."""
    house.world.clock.now = datetime(2026, 5, 28, 9, tzinfo=UTC)
    petra = house.petra
    petra.fill("steps/S28", words="I ask first now.")
    assert "Read it again" in petra.open().text
    page = petra.open("steps/S28")
    assert "I ask first now." in page.text
    assert "<form" not in page.html
    assert house.mark.open("steps/S28").status == 303


def test_what_petra_writes_cannot_break_the_page(house: House) -> None:
    """Markup in a sentence is shown as written."""
    petra = house.petra
    petra.fill("log", **MOMENT, words='<script>alert("x")</script>')
    page = petra.open()
    assert "<script>" not in page.html
    assert "&lt;script&gt;" in page.html


def test_a_broken_evaluator_leaves_the_other_tiles(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so in its place, and nothing else changes."""
    from dataclasses import replace
    from types import MappingProxyType

    from lrs_bridge.domain.evaluators import Level

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    known = house.bridge.registry.evaluators
    sick = replace(known["mtm_application"], functions={Level.PERSON: broken})
    registry = replace(house.bridge.registry, evaluators=MappingProxyType({**known, "mtm_application": sick}))
    object.__setattr__(house.bridge, "registry", registry)
    text = house.petra.open().text
    assert "We could not work this one out." in text
    assert "Journey completion 0 of 100" in text


def test_somebody_who_takes_part_and_leads_has_both_pages(house: House) -> None:
    """Tabs lead from one to the other; those with one page have none."""
    from lrs_bridge.domain.people import Role
    from lrs_bridge.store import enrolments

    run = house.world.run
    with house.bridge.sessions.write() as session:
        jonas, petra = house.people["jonas"].id, house.people["petra"].id
        enrolments.relate(session, run.tenant_id, run.id, jonas, petra, Role.MANAGER, "test")
    page = house.petra.open()
    assert "Your journey Your people Thursday 26 March" in page.text
    assert house.petra.open("people").status == 200
    assert "Your pages" not in house.mark.open().html
