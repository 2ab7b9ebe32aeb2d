"""Who goes which way: the rules where there is an assessment, a person with a reason where there is none."""

from __future__ import annotations

import re

import pytest

from lrs_bridge.domain.events import Kind, Score
from tests.personas import House, Page, Tab
from tests.web.whys import asked, coach


def decide(tab: Tab, house: House, route: str = "low", reason: str = "She asked for it", who: str = "petra") -> Page:
    path = f"routes/{house.enrolments[who].id}"
    page = tab.send(path, **tab.open("routes").hidden(tab.path(path)), route=route, reason=reason)
    return tab.follow(page) if page.status == 303 else page


def assessed(house: House, points: int, who: str = "petra") -> None:
    house.acted(
        Kind.ASSESSED,
        "mark",
        about=who,
        step="S03",
        score=Score(points, 0, 16),
        data={"criteria": {"fact": points}, "rubric-version": 1},
    )


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "eva", "irene", "stan"])
def test_only_the_teacher_and_a_coach_see_ways(house: House, name: str) -> None:
    """Not the person, not their manager, not who runs the study."""
    tab = getattr(house, name)
    path = f"routes/{house.enrolments['petra'].id}"
    hidden = house.dario.open("routes").hidden()
    assert tab.open("routes").status in (403, 404)
    assert tab.send(path, **hidden, route="low", reason="Because").status in (403, 404)
    assert house.facts("petra", Kind.ROUTED) == []


def test_whoever_the_rules_cannot_place_waits_for_a_person(house: House) -> None:
    """With what each way has in it; those whom the rules placed stand below."""
    assessed(house, 14, "ben")
    text = house.dario.open("routes").text
    open_, placed = text.split("Placed", 1)
    assert "Two people without a way yet." in open_
    assert "Petra Novak Nothing was assessed." in open_
    assert "Ben Adler: mid high By the rules, 26 March." in placed
    assert "Two 2-1 sessions" in placed


def test_a_decision_is_put_on_record_and_its_reason_stays_here(house: House) -> None:
    """By whom and in which role; the words are for whoever decides."""
    page = decide(house.dario, house)
    assert "The way is kept." in page.text
    assert "Petra Novak: low Decided by a person, 26 March. She asked for it" in page.text
    (fact,) = house.facts("petra", Kind.ROUTED)
    assert (fact.role, fact.step, fact.data) == ("facilitator", "S12", {"route": "low"})
    assert "asked for it" not in str(fact)


def test_a_word_goes_before_the_rules_and_the_latest_counts(house: House) -> None:
    assessed(house, 14)
    decide(house.dario, house, "low")
    assert "Two 2-1 sessions" in house.petra.open().text
    house.world.clock.on(hours=1)
    decide(house.dario, house, "mid_high", "It was a mistake")
    assert "Two 2-1 sessions" not in house.petra.open().text
    assert "30-day group session" in house.petra.open().text


def test_a_coach_decides_for_those_they_coach_and_sees_the_percent(house: House) -> None:
    """The teacher sees that there was an assessment, and no percent."""
    assessed(house, 8)
    carl = coach(house, "petra")
    text = carl.open("routes").text
    assert "Petra Novak" in text
    assert "50 % of the points" in text
    assert "Jonas" not in text
    assert "50 %" not in house.dario.open("routes").text
    decide(carl, house, "mid_high")
    (fact,) = house.facts("petra", Kind.ROUTED)
    assert (fact.role, fact.actor) == ("coach", carl_of(house))
    hidden = carl.open("routes").hidden()
    answer = carl.send(f"routes/{house.enrolments['jonas'].id}", **hidden, route="low", reason="Because")
    assert answer.status == 404
    assert house.facts("jonas", Kind.ROUTED) == []


def carl_of(house: House) -> str:
    (fact,) = house.facts("petra", Kind.ROUTED)
    assert fact.actor not in {row.account for name, row in house.people.items() if name != "carl"}
    return fact.actor


@pytest.mark.parametrize(
    ("route", "reason", "words"),
    [("", "Why", "Choose a way."), ("secret", "Why", "Choose a way."), ("low", " ", "Say why, in a sentence.")],
)
def test_a_decision_without_a_way_or_a_reason_is_explained(house: House, route: str, reason: str, words: str) -> None:
    page = decide(house.dario, house, route, reason)
    assert page.status == 422
    assert words in page.text
    if route == "low":
        assert re.search(r'value="low" checked', page.html)
    assert house.facts("petra", Kind.ROUTED) == []


def test_deciding_twice_with_one_form_is_deciding_once(house: House) -> None:
    dario = house.dario
    path = f"routes/{house.enrolments['petra'].id}"
    hidden = dario.open("routes").hidden(dario.path(path))
    for _ in range(2):
        assert dario.send(path, **hidden, route="low", reason="Because").status == 303
    assert len(house.facts("petra", Kind.ROUTED)) == 1


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "eva"])
def test_no_way_is_shown_outside(house: House, name: str) -> None:
    """Neither its name nor the reason, on the first page or on those about the person."""
    decide(house.dario, house, "low", "She asked for the small circle")
    tab = getattr(house, name)
    of_petra = f"people/{house.enrolments['petra'].id}/steps/S14"
    for path in ("", "journey", "people", "numbers", "own-work/S03", of_petra):
        text = tab.open(path).text.lower()
        assert "small circle" not in text
        assert "mid high" not in text
        assert "mid_high" not in text


def test_the_page_costs_the_same_in_a_run_of_any_size(house: House) -> None:
    dario = house.dario
    with asked(house) as few:
        dario.open("routes")
    for name in ("ben", "jonas"):
        assessed(house, 4, name)
    with asked(house) as many:
        dario.open("routes")
    assert len(many) == len(few)
