"""A person's own data: the notice, what is taken out, what is not in it, and asking to be erased."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.tell import switch_on
from lrs_bridge.store import enrolments, erasure_requests
from tests.personas import House, Tab
from tests.web.whys import asked

MOMENT = {"moment": "M2", "behaviours": ["B1"], "when": "today", "outcome": "3", "ask": "yes"}


def lived(house: House) -> Tab:
    """Petra logs a moment, with words; Mark disputes it, in his."""
    petra = house.petra
    petra.fill("log", **MOMENT, words="He named the next step.", private="I was nervous")
    petra.fill("log", **{**MOMENT, "moment": "own"}, own_title="A call with two colleagues")
    fact = house.facts("petra", Kind.APPLIED)[0]
    house.mark.fill(f"people/{house.enrolments['petra'].id}/moments/{fact.id}", word="no")
    (word,) = house.facts("petra", Kind.DISPUTED)
    petra.fill(f"words/{word.id}/reply", "", words="You came in after it.")
    house.acted(Kind.ROUTED, "mark", step="S12", data={"route": "low"})
    house.evaluate()
    return house.petra


def taken_out(tab: Tab) -> dict[str, Any]:
    answer = tab.open("my-data.json").answer
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = orjson.loads(answer.data)
    return found


def test_petra_takes_out_what_she_did_wrote_and_got(house: House) -> None:
    """Statements whole, words, and results with settings and what they rest on."""
    data = taken_out(lived(house))
    (run,) = data["runs"]
    assert data["person"]["name"] == "Petra Novak"
    assert run["registration"] == house.enrolments["petra"].id
    own = [fact for fact in house.facts("petra") if fact.actor == house.people["petra"].account]
    assert [one["id"] for one in run["statements"]] == [fact.id for fact in own]
    assert all("verb" in one for one in run["statements"])
    assert {"what_happened": "He named the next step.", "ask": "yes", "private": "I was nervous"} in [
        one["texts"] for one in run["written"]
    ]
    assert run["moments_of_your_own"] == ["A call with two colleagues"]
    assert run["replies"] == ["You came in after it."]
    results = {one["indicator"]: one for one in run["results"]}
    assert {"params", "inputs_hash", "evidence", "evaluator"} <= results["mtm_application"].keys()


def test_what_others_said_is_left_out_and_counted(house: House) -> None:
    """No name or account of theirs, and no route, which is never shown."""
    data = taken_out(lived(house))
    (run,) = data["runs"]
    assert run["statements_of_others_left_out"] == 1
    said = orjson.dumps(run["statements"] + run["written"]).decode()
    assert house.people["mark"].account not in said
    assert "Mark" not in orjson.dumps(data).decode()
    assert "route" not in said


def test_nobody_elses_data_is_in_it(house: House) -> None:
    """Neither Ben's nor what he wrote."""
    house.tab("ben").fill("log", **MOMENT, words="Mine alone.")
    data = orjson.dumps(taken_out(house.petra)).decode()
    assert house.enrolments["ben"].id not in data
    assert "Mine alone." not in data
    assert "Mine alone." in orjson.dumps(taken_out(house.tab("ben"))).decode()


def test_the_page_says_the_same_in_words(house: House) -> None:
    """Readable, and with the way to the file."""
    page = lived(house).open("my-data")
    for words in ("What you did", "applied", "He named the next step.", "Mtm application", "You answered: You came in"):
        assert words in page.text
    assert "One statement of others about you is left out." in page.text
    assert page.html.count("my-data.json") == 1


def test_whoever_takes_part_in_nothing_has_little_to_take_out(house: House) -> None:
    """A manager's data is who they are here."""
    data = taken_out(house.mark)
    assert (data["runs"], data["person"]["name"]) == ([], "Mark Jensen")
    assert "You take part in nothing here" in house.mark.open("my-data").text


def test_answers_without_a_name_are_not_found(house: House) -> None:
    """Only that she answered, which is all that is kept."""
    house.world.clock.now = house.world.clock.now.replace(month=3, day=2, hour=15)
    petra = house.petra
    petra.fill("steps/S11", item_recommend="9")
    (run,) = taken_out(petra)["runs"]
    assert run["anonymous_surveys_answered"] == ["S11"]
    assert "You answered one anonymous survey; nobody can find your answers" in petra.open("my-data").text


def test_asking_to_be_erased_is_recorded_once_and_can_be_taken_back(house: House) -> None:
    """Nothing is erased by asking."""
    petra = house.petra
    for _ in range(2):
        petra.send("my-data/erase", **petra.open("my-data").hidden())
    page = petra.open("my-data")
    assert "You asked on 26 March 2026. An administrator sees to it." in page.text
    with house.bridge.sessions.read() as session:
        assert len(erasure_requests.all_open(session, house.world.tenant.id)) == 1
    back = petra.follow(petra.send("my-data/keep", **page.hidden()))
    assert "nothing is erased" in back.text
    with house.bridge.sessions.read() as session:
        assert erasure_requests.all_open(session, house.world.tenant.id) == []


def test_the_administrator_sees_who_asks_and_settles_it(house: House) -> None:
    """With the random name by which the record knows them."""
    petra = house.petra
    petra.send("my-data/erase", **petra.open("my-data").hidden())
    ada = house.ada().come_in()
    page = ada.open("erasures")
    assert "Petra Novak" in page.text
    assert house.people["petra"].account in page.text
    with house.bridge.sessions.read() as session:
        (row,) = erasure_requests.all_open(session, house.world.tenant.id)
    there = f"erasures/{row.id}"
    done = ada.follow(ada.send(there, **page.hidden(ada.path(there))))
    assert "Nobody asks" in done.text
    assert ada.send(there, **page.hidden(ada.path(there))).status == 404
    assert "You asked on" not in petra.open("my-data").text


def test_requests_of_another_tenant_are_not_seen(house: House) -> None:
    """Nor settled."""
    stan = house.stan
    stan.send("my-data/erase", **stan.open("my-data").hidden())
    assert "Nobody asks" in house.ada().come_in().open("erasures").text


def test_taking_out_asks_as_much_in_any_run(house: House) -> None:
    """The number of queries does not follow the number of statements."""
    lived(house)
    petra = house.petra
    with asked(house) as few:
        petra.open("my-data.json")
    for day in range(10, 20):
        petra.fill("log", **{**MOMENT, "when": "date"}, date=f"2026-03-{day}")
    with asked(house) as many:
        petra.open("my-data.json")
    assert len(many) == len(few)


def test_a_notice_waits_for_each_role_until_it_is_read(house: House) -> None:
    """One page, one button; afterwards it can be read again with its day."""
    petra = house.petra
    assert "Before you begin: what is recorded, and who sees it" in petra.open().text
    page = petra.open("notice")
    for words in (
        "As participant",
        "Seen by",
        "Of each participant: journey completion",
        "12 months after the end of the run",
        "None is told",
    ):
        assert words in page.text
    assert petra.follow(petra.send("notice", **page.hidden())).status == 200
    assert "Before you begin" not in petra.open().text
    again = petra.open("notice")
    assert "You read it on 26 March 2026." in again.text
    assert "<form" not in again.html


def test_a_new_role_has_a_notice_of_its_own(house: House) -> None:
    """What was read as participant is not read as manager."""
    petra = house.petra
    petra.send("notice", **petra.open("notice").hidden())
    run = house.world.run
    with house.bridge.sessions.write() as session:
        jonas = house.people["jonas"].id
        enrolments.relate(session, run.tenant_id, run.id, jonas, house.people["petra"].id, Role.MANAGER, "test")
    petra = house.petra
    assert "Before you begin" in petra.open("journey").text
    assert "As manager" in petra.open("notice").text


def test_a_manager_is_shown_the_way_to_it(house: House) -> None:
    """On their first page, until they read it."""
    mark = house.mark
    assert "Before you begin" in mark.open().text
    mark.send("notice", **mark.open("notice").hidden())
    assert "Before you begin" not in mark.open().text


@pytest.mark.parametrize(("name", "role"), [("mark", "manager"), ("dario", "facilitator"), ("eva", "evaluator")])
def test_each_role_reads_its_own_notice(house: House, name: str, role: str) -> None:
    """Nobody reads what only another role is told."""
    text = getattr(house, name).open("notice").text
    assert f"As {role}" in text
    assert "As participant" not in text


def test_a_stranger_has_no_notice_of_this_run(house: House) -> None:
    """There is no run for him."""
    assert house.stan.open("notice").status == 404


def test_listeners_that_are_on_are_named(house: House) -> None:
    """On the participant's page and in the notice; none is named where none is on."""
    listener = next(iter(house.bridge.registry.listeners.values()))
    assert "Other systems:" not in house.petra.open().text
    with house.bridge.sessions.write() as session:
        settings = {"url": "https://hook.example/in"} if listener.key == "webhook" else _needed(listener)
        switch_on(session, house.bridge.telling.seal, house.world.tenant.id, listener, settings, house.bridge.clock())
    page = house.petra.open()
    assert f"Other systems: {listener.title}" in page.text
    assert "None of your words or answers." in page.text
    assert f"{listener.title}: which acts took place" in house.petra.open("notice").text


def _needed(listener: Any) -> dict[str, str]:
    fields = listener.schema().fields if listener.schema else {}
    return {name: "https://hook.example/in" if "url" in name else "x" for name, one in fields.items() if one.required}
