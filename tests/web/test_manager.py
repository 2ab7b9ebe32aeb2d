"""Mark's pages: what to do this week, a word on a moment, a talk that took place; his people and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from lrs_bridge.domain.events import Event, Kind, Score
from tests.personas import House, Page, Tab


def applied(house: House, who: str = "petra", **more: object) -> Event:
    """A moment of 24 March that waits for a word."""
    values = {"step": "S13", "moment": "M2", "at": datetime(2026, 3, 24, 11, tzinfo=UTC), **more}
    return house.acted(Kind.APPLIED, who, about=who, score=Score(3, 0, 4), data={"behaviours": ["B1", "B2"]}, **values)


def moment_path(house: House, event: Event, who: str = "petra") -> str:
    return f"people/{house.enrolments[who].id}/moments/{event.statement_id}"


def step_path(house: House, step: str, who: str = "petra") -> str:
    return f"people/{house.enrolments[who].id}/steps/{step}"


def say(tab: Tab, path: str, word: str, **more: str) -> Page:
    return tab.follow(tab.fill(path, word=word, **more))


@pytest.mark.parametrize("name", ["petra", "dario", "stan"])
def test_only_managers_open_the_page_of_people(house: House, name: str) -> None:
    """A teacher has the overview, and a participant the journey."""
    assert getattr(house, name).open("people").status == 403


@pytest.mark.parametrize("name", ["petra", "nina", "dario", "stan"])
def test_a_moment_is_for_the_own_manager_only(house: House, name: str) -> None:
    """Neither seen nor answered by another team's manager, the teacher, a stranger or the participant."""
    path = moment_path(house, applied(house))
    tab = getattr(house, name)
    assert tab.open(path).status == 403
    mark = house.mark
    stolen = mark.open(path).hidden()
    assert tab.send(path, **stolen, word="yes").status == 403
    mine = {"csrf": Page(tab.client.get(tab.path())).html.split('name="csrf" value="')[-1][:64], "act": str(uuid4())}
    assert tab.send(path, **mine, word="yes").status == 403
    assert house.facts("petra", Kind.VERIFIED) == []


@pytest.mark.parametrize("name", ["petra", "nina", "dario", "stan"])
def test_a_step_of_the_manager_is_for_the_own_manager_only(house: House, name: str) -> None:
    """Nina leads others: a door, for looking and for doing."""
    tab = getattr(house, name)
    assert tab.open(step_path(house, "S14")).status == 403
    csrf = house.mark.open(step_path(house, "S14")).hidden()
    assert tab.send(step_path(house, "S14"), **csrf, when="today", level="3").status == 403
    assert house.facts("petra", Kind.TALKED_WITH) == []


def test_a_question_of_ones_people_comes_first(house: House) -> None:
    """Two things, the moment before the steps; and each person with what took place."""
    applied(house)
    house.acted(Kind.TALKED_WITH, "mark", step="S05", at=datetime(2026, 2, 25, 11, tzinfo=UTC), data={"level": 2})
    text = house.mark.open().text
    assert "Two things this week For your two people." in text
    assert "1 Petra used it on Tuesday. Did it happen?" in text
    assert "Coaching after a lost or stalled call, 24 March. Petra asks you to confirm it." in text
    assert "Goal conversation Petra to confirm" in text
    assert "Debrief Was due 12 Mar" in text
    assert "Jonas" not in text


def test_no_score_and_no_ranking_stand_beside_a_name(house: House) -> None:
    """Process facts only."""
    applied(house)
    house.evaluate()
    page = house.mark.open()
    assert "of 100" not in page.text
    assert "meter" not in page.html


def test_opening_the_question_changes_nothing(house: House) -> None:
    """Mail scanners open links; only the tap counts."""
    event = applied(house)
    before = house.facts()
    page = house.mark.open(moment_path(house, event))
    assert "Opening this page changed nothing." in page.text
    assert "One observed fact before any advice" in page.text
    assert house.facts() == before


def test_yes_verifies_and_counts_as_having_seen_it(house: House) -> None:
    """The open observation step is named, so the same tap serves it."""
    event = applied(house)
    saved = say(house.mark, moment_path(house, event), "yes", basis="observed")
    assert "Saved. It happened, you say." in saved.text
    (fact,) = house.facts("petra", Kind.VERIFIED)
    assert (fact.target, fact.step, fact.role, fact.data["basis"]) == (event.statement_id, "S18", "manager", "observed")
    assert "Petra used it" not in house.mark.open().text
    assert "Mark confirmed it" in house.petra.open().text


def test_after_the_observation_step_closed_a_yes_names_none(house: House) -> None:
    """The moment is verified all the same."""
    event = applied(house)
    house.world.clock.now = datetime(2026, 4, 20, 9, tzinfo=UTC)
    say(house.mark, moment_path(house, event), "yes")
    (fact,) = house.facts("petra", Kind.VERIFIED)
    assert fact.step is None


def test_saying_it_twice_is_saying_it_once(house: House) -> None:
    """The same tap sent twice, and the same word a day later."""
    event = applied(house)
    mark, path = house.mark, moment_path(house, event)
    fields = {**mark.open(path).hidden(), "word": "yes"}
    mark.send(path, **fields)
    mark.send(path, **fields)
    say(mark, path, "yes")
    assert len(house.facts("petra", Kind.VERIFIED)) == 1


def test_a_change_of_mind_takes_the_first_word_back(house: House) -> None:
    """The first is voided, so the observation does not count either."""
    event = applied(house)
    mark, path = house.mark, moment_path(house, event)
    say(mark, path, "yes")
    changed = say(mark, path, "no")
    assert "It was different, you say." in changed.text
    assert house.facts("petra", Kind.VERIFIED) == []
    (fact,) = house.facts("petra", Kind.DISPUTED)
    assert fact.target == event.statement_id
    assert "Mark says it was different" in house.petra.open().text


def test_cannot_say_writes_nothing(house: House) -> None:
    """Neither a word nor a void where there was none; after a yes it takes the yes back."""
    event = applied(house)
    mark, path = house.mark, moment_path(house, event)
    before = house.facts()
    assert "We wrote nothing down." in say(mark, path, "unsure").text
    assert house.facts() == before
    say(mark, path, "yes")
    say(mark, path, "unsure")
    assert house.facts() == before


def test_no_chance_is_confirmed(house: House) -> None:
    """The same page asks the other question."""
    event = house.acted(Kind.LACKED_OPPORTUNITY, "petra", step="S13", moment="M3")
    mark = house.mark
    assert "Petra had no chance to use it. Is that so?" in mark.open().text
    path = moment_path(house, event)
    assert "Was there no chance?" in mark.open(path).text
    say(mark, path, "yes")
    (fact,) = house.facts("petra", Kind.CONFIRMED)
    assert fact.target == event.statement_id
    assert "No chance, confirmed" in house.petra.open().text


def test_an_answer_without_a_word_is_not_read(house: House) -> None:
    """A form that was tampered with is refused, and nothing is written."""
    event = applied(house)
    mark, path = house.mark, moment_path(house, event)
    assert mark.fill(path, word="maybe").status == 400
    assert house.facts("petra", Kind.VERIFIED) == []


def test_a_talk_takes_a_day_and_a_level(house: House) -> None:
    """The journey's level is proposed; the participant is asked for a word."""
    mark = house.mark
    path = step_path(house, "S14")
    page = mark.open(path)
    assert 'name="level" value="3" checked' in page.html
    saved = mark.follow(mark.fill(path, when="date", date="2026-03-12", level="2"))
    assert "Saved. Your people see it on their pages." in saved.text
    (fact,) = house.facts("petra", Kind.TALKED_WITH)
    assert (fact.step, fact.data["level"], fact.at) == ("S14", 2, datetime(2026, 3, 12, 11, tzinfo=UTC))
    assert "Mark says this took place on 12 March. Did it?" in house.petra.open().text


def test_a_talk_without_a_level_is_explained_and_kept(house: House) -> None:
    """What was typed stays."""
    answer = house.mark.fill(step_path(house, "S14"), when="date", date="2026-03-12")
    assert answer.status == 422
    assert "Say what the talk was about." in answer.text
    assert 'value="2026-03-12"' in answer.html


def test_the_map_is_read_and_approved(house: House) -> None:
    """With its words, which the record does not have; agreement is asked for."""
    petra = house.petra
    numbers = {f"item_{name}": "4" for name in ("goal", "moments", "behaviour", "manager_agrees")}
    petra.fill("steps/S04", learning_outcome="Ask before I tell", moments=["M1"], **numbers)
    mark, path = house.mark, step_path(house, "S06")
    page = mark.open(path)
    assert "Ask before I tell" in page.text
    assert "4" not in page.html.split('aria-label="The line of sight"')[1].split("</section>")[0]
    assert mark.follow(mark.fill(path, agreed="yes")).status == 200
    (plan,) = house.facts("petra", Kind.PLANNED)
    (fact,) = house.facts("petra", Kind.APPROVED)
    assert (fact.target, fact.data["goal-agreed"]) == (plan.id, True)


def test_there_is_nothing_to_approve_without_a_map(house: House) -> None:
    """An empty state on the page, a door for a form sent all the same."""
    mark, path = house.mark, step_path(house, "S06")
    page = mark.open(path)
    assert "Petra has not written the line of sight." in page.text
    assert "<form" not in page.html
    assert mark.send(path, **mark.open(step_path(house, "S14")).hidden(), agreed="yes").status == 403


def test_the_kick_off_is_said_once_for_all_ones_people(house: House) -> None:
    """One statement for each, with ids that follow from the form's."""
    mark, path = house.mark, step_path(house, "S10")
    assert "With Ben Adler and Petra Novak." in mark.open(path).text.replace(
        "Petra Novak and Ben Adler", "Ben Adler and Petra Novak"
    )
    fields = {**mark.open(path).hidden(), "when": "date", "date": "2026-03-02"}
    assert mark.send(path, **fields).status == 303
    for who in ("petra", "ben"):
        (fact,) = house.facts(who, Kind.ATTENDED)
        assert (fact.step, fact.actor) == ("S10", house.people["mark"].account)
    assert house.facts("jonas", Kind.ATTENDED) == []
    assert mark.send(path, **fields).status in (303, 403)
    assert len(house.facts("petra", Kind.ATTENDED)) == 1


def test_a_step_that_is_not_open_yet_waits(house: House) -> None:
    """It opens in May."""
    mark, path = house.mark, step_path(house, "S27")
    page = mark.open(path)
    assert "It opens on 16 May." in page.text
    assert "<form" not in page.html


def test_somebody_who_is_no_longer_the_manager_sees_nobody(house: House) -> None:
    """Relations are dated; history stays with the participant."""
    from lrs_bridge.store import enrolments

    run = house.world.run
    with house.bridge.sessions.write() as session:
        for rows in enrolments.relations_of(
            session, run.tenant_id, run.id, [house.people["petra"].id, house.people["ben"].id]
        ).values():
            for row in rows:
                row.end = datetime(2026, 3, 20, tzinfo=UTC).date()
    mark = house.mark
    assert "You were manager here until 20 March 2026." in mark.open().text
    assert mark.open("people").status == 403
    assert mark.open(step_path(house, "S14")).status == 403
