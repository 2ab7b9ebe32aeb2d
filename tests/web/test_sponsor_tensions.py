"""What will get in the way: every role is asked before the start, the designer sees groups of five or more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from lrs_bridge.flows.enrol import enrol
from lrs_bridge.store import people
from lrs_bridge.web.sponsor.tensions import grouped
from tests.flows.world import ISSUER
from tests.personas import House


@pytest.fixture
def before(house: House) -> House:
    """Two weeks before the kick-off Dario asks until 28 February."""
    house.world.clock.now = datetime(2026, 2, 16, 9, tzinfo=UTC)
    asked = house.dario.fill("tensions/all", until="2026-02-28")
    assert asked.status == 303
    return house


def joined(house: House, *names: str) -> None:
    run, now = house.world.run, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        for name in names:
            person = people.ensure_person(session, run.tenant_id, ISSUER, name, now, name=name.title())
            house.people[name] = person
            house.enrolments[name], _ = enrol(session, run, person, now.replace(day=10))


def results(house: House) -> str:
    house.world.clock.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
    return house.dario.open("tensions/all").text


@pytest.mark.parametrize("name", ["petra", "mark", "carl", "sofia", "eva", "stan"])
def test_only_designers_ask_and_see_the_answers(before: House, name: str) -> None:
    """Everybody else answers."""
    hidden = {"csrf": "", "until": "2026-03-01"}
    tab = getattr(before, name)
    assert tab.open("tensions/all").status in (403, 404)
    assert tab.send("tensions/all", **hidden).status in (403, 404)


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "carl", "sofia", "dario"])
def test_every_role_is_asked_and_may_change_the_answer(before: House, name: str) -> None:
    """One answer each."""
    tab = getattr(before, name)
    assert "Until 28 February." in tab.open("tensions").text
    saved = tab.follow(tab.fill("tensions", factors=["timing"]))
    assert "You can change it until the last day." in saved.text
    changed = tab.follow(tab.fill("tensions", factors=["timing", "personal"]))
    assert "Change my answer" in changed.text
    with before.bridge.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM tension")).scalar_one() == 1


def test_a_stranger_is_not_asked(before: House) -> None:
    """He is in another tenant's course."""
    assert before.stan.open("tensions").status in (403, 404)


@pytest.mark.parametrize(
    ("factors", "complaint"),
    [([], "Choose at least one."), (["timing", "personal", "other", "incentives"], "Choose three at most")],
)
def test_an_answer_that_cannot_be_is_explained(before: House, factors: list[str], complaint: str) -> None:
    """Up to three, from the list."""
    answer = before.petra.fill("tensions", factors=factors)
    assert answer.status == 422
    assert complaint in answer.text


def test_after_the_last_day_nothing_is_taken_any_more(before: House) -> None:
    """A closed question says so."""
    petra = before.petra
    before.world.clock.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
    petra = before.petra
    assert "Nobody is asked now" in petra.open("tensions").text
    late = petra.send("tensions", **petra.open("steps/S08").hidden(), factors=["timing"])
    assert late.status == 403
    assert "The last day for answers was 28 February 2026." in late.text


def test_the_table_does_not_say_who_answered(before: House) -> None:
    """Neither id nor account stands beside an answer."""
    before.petra.fill("tensions", factors=["timing"])
    petra = before.people["petra"]
    with before.bridge.engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM tension")).all()
    assert petra.id not in str(row)
    assert petra.account not in str(row)


def test_nothing_is_shown_while_people_answer_nor_under_five(before: House) -> None:
    """A number that grows with each answer would tell it."""
    for name in ("petra", "mark", "nina", "carl"):
        getattr(before, name).fill("tensions", factors=["timing"])
    assert "The timing" not in before.dario.open("tensions/all").text
    assert "Fewer than five answers" in results(before)


def test_a_small_role_is_in_the_whole_and_not_shown_by_itself(before: House) -> None:
    """Five participants and one manager: both hidden, else one could be subtracted from the whole."""
    names = ["p1", "p2", "p3", "p4"]
    joined(before, *names)
    for number, name in enumerate(["petra", *names]):
        before.tab(name).fill("tensions", factors=["timing"] if number < 3 else ["incentives"])
    before.mark.fill("tensions", factors=["timing"])
    said = results(before)
    assert "Everybody, of 6" in said
    assert "Participants, of 5" not in said
    assert "Hidden: participants and managers." in said
    assert "The timing 4" in said


def test_large_roles_stand_beside_one_another() -> None:
    """With bands where nearly all said the same."""
    answers = [("participant", frozenset({"timing"}))] * 6 + [("manager", frozenset({"timing", "personal"}))] * 5
    hidden, groups = grouped(answers)
    assert hidden == []
    assert [(group.name, group.size) for group in groups] == [
        ("Participants", "6"),
        ("Managers", "5"),
        ("Everybody", "11"),
    ]
    assert groups[0].cells[2] == "nearly all"
    assert groups[2].cells[-2] == "5"
