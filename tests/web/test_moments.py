"""Petra logs moments: one form, gaps explained, a moment of her own, no chance, and taking one back."""

from __future__ import annotations

from datetime import UTC, datetime

from lrs_bridge.domain.events import Kind, Score
from tests.personas import House

MOMENT = {"moment": "M2", "behaviours": ["B1", "B2"], "when": "today", "outcome": "3", "ask": "yes"}


def test_logging_a_moment_takes_one_form(house: House) -> None:
    """It belongs to the application step that waits first, and waits for Mark."""
    petra = house.petra
    saved = petra.follow(petra.fill("log", **MOMENT, words="He named the next step himself."))
    assert "Saved. Your manager finds it on their page and answers with one tap." in saved.text
    assert "Mark has not answered yet" in saved.text
    assert "He named the next step himself." in saved.text
    (fact,) = house.facts("petra", Kind.APPLIED)
    assert (fact.step, fact.moment, fact.score, fact.data["behaviours"]) == ("S13", "M2", Score(3, 0, 4), ["B1", "B2"])
    assert "next step himself" not in str(fact)


def test_the_next_form_remembers_the_moment_and_never_the_result(house: House) -> None:
    """Nothing is asked twice, and nobody is led to a result."""
    petra = house.petra
    petra.fill("log", **MOMENT)
    again = petra.open("log").html
    assert 'name="moment" value="M2" checked' in again
    assert 'name="outcome" value="3" checked' not in again
    assert 'name="outcome" value="3"' in again


def test_a_moment_of_ones_own_has_a_name(house: House) -> None:
    """It stands among the moments from then on; its name stays here."""
    petra = house.petra
    petra.fill("log", **{**MOMENT, "moment": "own"}, own_title="A call with two colleagues")
    (fact,) = house.facts("petra", Kind.APPLIED)
    assert fact.personal_moment
    assert "two colleagues" not in str(fact)
    assert "A call with two colleagues" in petra.open("log").text
    assert "A call with two colleagues" in petra.open().text


def test_sending_an_own_moment_twice_names_it_once(house: House) -> None:
    """Moment and event are written in one transaction."""
    petra = house.petra
    fields = {**petra.open("log").hidden(), **MOMENT, "moment": "own", "own_title": "A call"}
    petra.send("log", **fields)
    petra.send("log", **fields)
    assert len(house.facts("petra", Kind.APPLIED)) == 1
    assert petra.open("log").text.count("A call") == 1


def test_a_moment_with_gaps_is_explained_and_kept(house: House) -> None:
    """Each gap once on top and once at its field; the sentence is still there."""
    answer = house.petra.fill("log", moment="own", when="date", date="", words="Half written")
    assert answer.status == 422
    for complaint in (
        "Name your moment in a few words.",
        "Choose at least one thing you did.",
        "Say what came of it.",
        "Give the day it happened, for example 24 March.",
    ):
        assert answer.text.count(complaint) == 2
    assert "Four things are missing." in answer.text
    assert "Half written" in answer.text
    assert 'value="own" checked' in answer.html
    assert house.facts("petra", Kind.APPLIED) == []


def test_a_moment_before_the_first_application_step_is_refused(house: House) -> None:
    """It would not count, so the form says from when moments do."""
    answer = house.petra.fill("log", **{**MOMENT, "when": "date"}, date="2026-03-04")
    assert "Moments count from 5 March. Give a day since then." in answer.text


def test_a_moment_nobody_is_asked_about_stays_with_petra(house: House) -> None:
    """The manager neither finds it on the page nor by its address."""
    petra = house.petra
    fields = {name: value for name, value in MOMENT.items() if name != "ask"}
    saved = petra.follow(petra.fill("log", **fields))
    assert "You kept it to yourself" in saved.text
    assert "Petra used it" not in house.mark.open().text
    (fact,) = house.facts("petra", Kind.APPLIED)
    assert house.mark.open(f"people/{house.enrolments['petra'].id}/moments/{fact.id}").status == 404


def test_no_chance_is_logged_and_waits_for_a_word(house: House) -> None:
    """A moment that did not come."""
    petra = house.petra
    saved = petra.follow(petra.fill("no-chance", moment="M3", when="today"))
    assert "No chance, not confirmed yet" in saved.text
    (fact,) = house.facts("petra", Kind.LACKED_OPPORTUNITY)
    assert fact.moment == "M3"


def test_moments_before_their_time_say_from_when(house: House) -> None:
    """Before day 3 there is no form, and none is taken."""
    house.world.clock.now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    petra = house.petra
    page = petra.open("log")
    assert "Moments can be logged from 5 March." in page.text
    assert "<form" not in page.html
    answer = petra.send("log", **petra.open("steps/S08").hidden(), **MOMENT)
    assert answer.status == 403


def test_a_moment_can_be_taken_back_by_petra_alone(house: House) -> None:
    """The record is told by a void; Mark cannot do it for her, nor she for a step."""
    petra = house.petra
    petra.fill("log", **MOMENT)
    (fact,) = house.facts("petra", Kind.APPLIED)
    there = petra.path(f"moments/{fact.id}/back")
    hidden = petra.open().hidden(there)
    mark = house.mark
    csrf = mark.open(f"people/{house.enrolments['petra'].id}/steps/S14").hidden()
    assert mark.send(f"moments/{fact.id}/back", **csrf).status == 403
    taken = petra.follow(petra.send(there, **hidden))
    assert "The moment is taken back and counts no more." in taken.text
    assert house.facts("petra", Kind.APPLIED) == []
    assert petra.send(there, **hidden).status == 404
    registered = house.facts("petra", Kind.REGISTERED)[0]
    assert petra.send(f"moments/{registered.id}/back", **hidden).status == 404


def test_a_form_for_a_step_that_is_done_by_logging_a_moment_leads_to_the_log(house: House):
    petra = house.petra
    hidden = petra.open("log").hidden(petra.path("log"))
    answer = petra.send("steps/S13", **hidden)
    assert answer.status == 303
    assert answer.answer.headers["Location"].endswith("/log?step=S13")
    assert house.facts("petra", Kind.APPLIED) == []
