"""A page that cannot be saved says why and when to come back, and gives back what somebody had written."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import TimeoutError

from lrs_bridge.domain.events import Kind
from tests.personas import House, Page, Tab

MOMENT = {"moment": "M2", "behaviours": ["B1"], "when": "today", "outcome": "3", "ask": "yes"}
NOTE = "He named the next step himself, <before> I could ask. " * 70


def _may_grow(engine: Engine, pages: int) -> None:
    def limit(connection, _record=None) -> None:  # type: ignore[no-untyped-def]
        count = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={count + pages}")

    engine.dispose()
    event.listen(engine, "connect", limit)


def test_a_full_disk_is_said_to_be_full_and_the_note_is_given_back(house: House) -> None:
    engine = house.bridge.sessions.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("only SQLite can be told to be full")
    petra = house.petra
    _may_grow(engine, 0)
    hidden, answer = _until_refused(petra)
    assert (answer.status, answer.answer.headers["Retry-After"]) == (503, "60")
    assert "The disk it keeps things on is full." in answer.text
    assert NOTE.strip() in answer.text
    assert "<before>" not in answer.html
    saved = len(house.facts("petra", Kind.APPLIED))
    house.world.clock.on(minutes=5)
    assert petra.open("log").status == 200, "reading goes on"
    _may_grow(engine, 1_000)
    assert petra.send("log", **hidden, **MOMENT, words=NOTE).status == 303
    assert len(house.facts("petra", Kind.APPLIED)) == saved + 1


def _until_refused(petra: Tab) -> tuple[dict[str, str], Page]:
    """Pages that are there already take some notes more."""
    for _ in range(50):
        hidden = petra.open("log").hidden()
        answer = petra.send("log", **hidden, **MOMENT, words=NOTE)
        if answer.status != 303:
            return hidden, answer
    raise AssertionError("the database was never full")


def test_a_database_that_has_no_time_says_when_to_come_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    petra = house.petra
    hidden = petra.open("log").hidden()

    def busy(*_: object) -> None:
        raise TimeoutError("QueuePool limit reached")

    monkeypatch.setattr(type(house.bridge.sessions), "write", busy)
    answer = petra.send("log", **hidden, **MOMENT, words="Half an hour of work")
    assert (answer.status, answer.answer.headers["Retry-After"]) == (503, "5")
    assert "Half an hour of work" in answer.text


def test_a_note_typed_in_a_session_that_is_over_is_given_back(house: House) -> None:
    """Nothing of what the machine sent along: neither the form's mark nor the codes of what was ticked."""
    petra = house.petra
    hidden = petra.open("log").hidden()
    house.world.clock.on(hours=2)
    answer = petra.send("log", **hidden, **MOMENT, words="Half an hour of work")
    assert answer.status == 403
    assert "What you had written" in answer.text
    assert answer.html.count("<textarea") == 1
    assert "Half an hour of work" in answer.text
    assert hidden["csrf"] not in answer.html


def test_a_door_without_a_form_before_it_gives_nothing_back(house: House) -> None:
    assert "What you had written" not in house.petra.open("nowhere").text
    answer = house.petra.client.post("/lti/launch", data={"error": "two words", "error_description": "and more"})
    assert "What you had written" not in answer.get_data(as_text=True)
