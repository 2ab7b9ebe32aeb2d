"""Anonymous surveys: one answer a person, and nobody behind it, in the record or in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData, select

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows import anonymously
from lrs_bridge.flows.anonymously import Answer, close_boxes
from lrs_bridge.store import anonymous_answers, facts, outbox
from lrs_bridge.worker.tick import sweep
from tests.personas import House

KICK_OFF = datetime(2026, 3, 2, 15, tzinfo=UTC)
AFTER = datetime(2026, 3, 6, 9, tzinfo=UTC)
ANSWERS = {"item_recommend": "9", "item_usefulness": "4", "item_intent": "5"}


@pytest.fixture
def house(house: House) -> House:
    house.world.clock.now = KICK_OFF
    return house


def answered(house: House) -> list[Fact]:
    with house.bridge.sessions.read() as session:
        mine = facts.FactRow.tenant_id == house.world.tenant.id
        return facts.facts_where(session, mine, facts.FactRow.kind == str(Kind.ANSWERED))


def fill_box(house: House, number: int, said: Sequence[int] = (1, 2, 3, 4, 5, 6)) -> None:
    """Answers of people whom this test does not need as such."""
    for value in said[:number]:
        with house.bridge.sessions.write() as session:
            given = Answer({"answers": {"recommend": value}}, {})
            assert anonymously.answer(session, house.world.run, str(uuid4()), "S11", given, house.bridge.clock())


def box_of(house: House) -> dict[str, Any]:
    with house.bridge.sessions.write() as session:
        box = anonymous_answers.box(session, house.world.tenant.id, house.world.run.id, "S11")
        return {"marks": box.marks, "waiting": box.waiting, "words": box.words}


def test_petra_answers_and_nothing_is_told_yet(house: House) -> None:
    """One answer alone would be hers."""
    petra = house.petra
    page = petra.open("steps/S11")
    assert "Anonymous: your answer is kept without your name" in page.text
    saved = petra.follow(petra.fill("steps/S11", **ANSWERS))
    assert "Saved. Nobody can tell which answer is yours." in saved.text
    assert "You have answered, nobody can tell what" in saved.text
    assert answered(house) == []
    assert box_of(house)["waiting"] == [{"answers": {"recommend": 9, "usefulness": 4, "intent": 5}}]


def test_an_answer_is_no_next_step_any_more(house: House) -> None:
    """The page goes on to what still waits."""
    house.acted(Kind.PLANNED, "petra", step="S04", data={"map": {"learning_outcome": True}})
    house.acted(Kind.COMPLETED, "petra", step="S08")
    house.acted(Kind.ATTENDED, "petra", step="S09")
    petra = house.petra
    assert "Answer the survey" in petra.open().text
    petra.fill("steps/S11", **ANSWERS)
    assert "Your next step opens on 5 March" in petra.open().text


def test_nobody_answers_twice(house: House) -> None:
    """Neither with the same form nor with another; the first answer stands."""
    petra = house.petra
    fields = {**petra.open("steps/S11").hidden(), **ANSWERS}
    petra.send("steps/S11", **fields)
    again = petra.follow(petra.send("steps/S11", **{**fields, "item_recommend": "1"}))
    assert "You had answered already, and that answer stands" in again.text
    assert [one["answers"]["recommend"] for one in box_of(house)["waiting"]] == [9]
    page = petra.open("steps/S11")
    assert "Nobody can tell which answer is yours, so it cannot be shown or changed." in page.text
    assert "<form" not in page.html


def test_five_answers_go_out_together_with_nobody_behind_them(house: House) -> None:
    """Each with an account, an id and nothing else of its own; all with the same midnight."""
    fill_box(house, 4)
    assert answered(house) == []
    house.petra.fill("steps/S11", **ANSWERS)
    found = answered(house)
    assert sorted(fact.data["answers"]["recommend"] for fact in found) == [1, 2, 3, 4, 9]
    assert {fact.registration for fact in found} == {None}
    assert {fact.at for fact in found} == {datetime(2026, 3, 1, 23, tzinfo=UTC)}
    assert {fact.recorded for fact in found} == {None}
    assert len({fact.actor for fact in found}) == 5
    assert not {fact.actor for fact in found} & {person.account for person in house.people.values()}
    assert box_of(house)["waiting"] == []


def test_the_statement_is_the_one_of_the_profile(house: House) -> None:
    """As in the golden file: no registration, no recorded time, the role and the step."""
    fill_box(house, 5)
    with house.bridge.sessions.read() as session:
        bodies = [outbox.find(session, house.world.tenant.id, fact.id) for fact in answered(house)]
    statement = bodies[0].body if bodies[0] else {}
    assert "registration" not in statement["context"]
    names = sorted(name.rsplit("/", 1)[1] for name in statement["context"]["extensions"])
    assert names == ["role", "step"]
    assert statement["timestamp"] == "2026-03-01T23:00:00.000Z"


def test_nothing_in_the_database_links_petra_with_an_answer(house: House) -> None:
    """No row of any table has her, her enrolment or her account beside the id or account of an answer."""
    fill_box(house, 4)
    house.petra.fill("steps/S11", **ANSWERS)
    hers = {house.people["petra"].id, house.people["petra"].account, house.enrolments["petra"].id}
    traces = {name for fact in answered(house) for name in (fact.id, fact.actor)}
    metadata = MetaData()
    metadata.reflect(house.bridge.engine)
    with house.bridge.sessions.read() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(select(table)).all():
                said = str(row)
                assert not (any(one in said for one in hers) and any(one in said for one in traces)), table.name


def test_no_event_is_kept_of_an_answer(house: House) -> None:
    """An event has a time and an actor."""
    house.petra.fill("steps/S11", **ANSWERS)
    metadata = MetaData()
    metadata.reflect(house.bridge.engine, only=["event", "note"])
    with house.bridge.sessions.read() as session:
        kinds = [row.kind for name in ("event", "note") for row in session.execute(select(metadata.tables[name]))]
    assert "answered" not in kinds


def test_the_box_is_shuffled_and_its_marks_are_sorted(house: House) -> None:
    """So that neither order tells of the other."""
    orders = []
    for turn in range(30):
        with house.bridge.sessions.write() as session:
            box = anonymous_answers.box(session, house.world.tenant.id, house.world.run.id, f"T{turn}")
            for value in range(4):
                box.take(str(uuid4()), {"answers": {"recommend": value}}, {}, anonymously._shuffle)
            assert box.marks == sorted(box.marks)
            orders.append([one["answers"]["recommend"] for one in box.waiting])
    assert any(order != [0, 1, 2, 3] for order in orders)


def test_words_stay_in_the_database_apart_from_the_numbers(house: House) -> None:
    """They are kept by item, in a list of their own."""
    with house.bridge.sessions.write() as session:
        given = Answer({"answers": {"recommend": 7}}, {"more": "The room was cold"})
        anonymously.answer(session, house.world.run, house.enrolments["ben"].id, "S11", given, KICK_OFF)
    assert box_of(house)["words"] == {"more": ["The room was cold"]}
    fill_box(house, 4)
    assert "cold" not in str(answered(house))


def test_what_is_left_goes_when_the_survey_is_closed(house: House) -> None:
    """By the worker, once the last day is over for everybody; never before."""
    fill_box(house, 3)
    assert close_boxes(house.bridge.sessions, house.bridge.clock()) == 0
    house.world.clock.now = AFTER
    sweep(house.bridge)
    assert len(answered(house)) == 3
    assert close_boxes(house.bridge.sessions, house.bridge.clock()) == 0


def test_a_survey_that_was_closed_meanwhile_says_so(house: House) -> None:
    """The form was open when the last day ended."""
    petra = house.petra
    hidden = petra.open("steps/S11").hidden()
    house.world.clock.now = AFTER
    petra = house.petra
    hidden["csrf"] = petra.open("steps/S08").hidden()["csrf"]
    answer = petra.send("steps/S11", **hidden, **ANSWERS)
    assert answer.status == 403
    assert "This step is closed" in answer.text
    assert "Closed 4 March. It was anonymous." in petra.open().text
    assert box_of(house)["marks"] == []


def test_an_empty_answer_is_none(house: House) -> None:
    """And costs nobody their one answer."""
    answer = house.petra.fill("steps/S11")
    assert answer.status == 422
    assert "Answer at least one question." in answer.text
    assert box_of(house)["marks"] == []


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "stan"])
def test_nobody_else_answers_or_sees_who_did(house: House, name: str) -> None:
    """Neither the manager nor the teacher."""
    house.petra.fill("steps/S11", **ANSWERS)
    tab = getattr(house, name)
    own = tab.open()
    hidden = own.hidden() if "<form" in own.html else {}
    assert tab.send("steps/S11", **hidden, **ANSWERS).status == 403
    assert "You have answered" not in own.text
    assert len(box_of(house)["marks"]) == 1
