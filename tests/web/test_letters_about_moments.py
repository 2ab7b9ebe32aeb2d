"""What a participant is told by message: who confirmed or disputed a moment, and who recognised them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import Wishes
from lrs_bridge.store import message_wishes
from lrs_bridge.store.people import PersonRow
from lrs_bridge.web.recognitions import meant
from tests.personas import House
from tests.web.letters import letter, morning, rows, with_addresses
from tests.web.test_link import applied


@pytest.fixture
def house(house: House) -> House:
    """Petra's moment of Tuesday 24 March, answered on Thursday the 26th."""
    return with_addresses(house)


def answered(house: House, kind: Kind, **more: object) -> None:
    said = applied(house)
    house.acted(kind, "mark", refers_to=said.statement_id, **more)


def monday(house: House) -> None:
    house.world.clock.now = datetime(2026, 3, 30, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.VERIFIED, "Mark confirmed your moment of 24 March."),
        (Kind.DISPUTED, "Mark sees your moment of 24 March differently. You can answer in your course."),
    ],
)
def test_the_week_after_says_who_answered_once(house: House, kind: Kind, words: str) -> None:
    answered(house, kind)
    morning(house)
    this_week = letter(house, "petra")
    assert this_week is None or words not in this_week.text
    monday(house)
    morning(house)
    found = letter(house, "petra")
    assert found is not None
    assert words in found.text
    assert words.split(". ")[0] in found.html
    house.world.clock.on(days=7)
    morning(house)
    latest = [row for row in rows(house, "petra") if "2026-W15" in row.key]
    assert latest
    assert latest[0].content is not None
    assert latest[0].content["parts"][0]["news"] == []


def test_whoever_wants_a_morning_s_news_hears_it_the_day_after(house: House) -> None:
    answered(house, Kind.VERIFIED)
    with house.bridge.sessions.write() as session:
        petra, now = house.people["petra"].id, house.bridge.clock()
        message_wishes.wish(session, house.world.tenant.id, petra, Wishes(weekly=False, morning=True), now)
    morning(house)
    first = letter(house, "petra", "morning")
    assert first is None or "confirmed" not in first.text
    house.world.clock.on(days=1)
    morning(house)
    found = letter(house, "petra", "morning")
    assert found is not None
    assert "Mark confirmed your moment of 24 March." in found.text


def test_nobody_else_is_told_and_no_word_of_it(house: House) -> None:
    answered(house, Kind.DISPUTED)
    monday(house)
    morning(house)
    for who in ("mark", "ben", "nina"):
        found = letter(house, who)
        assert found is None or "differently" not in found.text
    petra = letter(house, "petra")
    assert petra is not None
    assert house.world.run.journey.moment_by_id["M2"].title not in petra.text


def test_a_word_taken_back_before_the_letter_goes_out_is_not_told(house: House) -> None:
    said = applied(house)
    word = house.acted(Kind.VERIFIED, "mark", refers_to=said.statement_id)
    monday(house)
    morning(house)
    house.world.clock.on(minutes=1)
    house.acted(Kind.VOIDED, "mark", refers_to=word.statement_id)
    found = letter(house, "petra")
    assert found is None or "confirmed" not in found.text


def test_recognition_is_told_and_stands_on_the_page_of_whoever_is_recognised(house: House) -> None:
    step = next(step for step in house.world.run.journey.of_type("recognition"))
    house.acted(Kind.RECOGNISED, "mark", step=step.id)
    assert f"Mark recognised what you did 26 March, in “{step.title}”" in house.petra.open().text
    assert "recognised what you did" not in house.tab("ben").open().text
    monday(house)
    morning(house)
    found = letter(house, "petra")
    assert found is not None
    assert "Mark recognised what you did, on 26 March." in found.text


def test_what_a_sponsor_did_with_managers_is_no_recognition_of_a_participant(house: House) -> None:
    """Their statement is about the first of the participants, whom it does not mean."""
    assert house.sofia.token
    step = next(one for one in house.world.run.journey.owned_by(Role.SPONSOR) if one.counterpart == Role.MANAGER)
    house.acted(Kind.RECOGNISED, "sofia", role=Role.SPONSOR, step=step.id)
    assert "recognised what you did" not in house.petra.open().text


def test_a_name_means_one_person_or_nobody() -> None:
    def person(name: str | None) -> PersonRow:
        return PersonRow(id=str(uuid4()), name=name)

    mark, other, anna = person("Mark Jensen"), person("Mark Olsen"), person("Anna Lee")
    everybody = [mark, other, anna, person(None)]
    assert meant(" mark  JENSEN ", everybody) == mark.id
    assert meant("Mark", everybody) is None
    assert meant("anna", everybody) == anna.id
    assert meant("", everybody) is None
    assert meant("Jensen", everybody) is None
