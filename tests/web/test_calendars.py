"""Calendar files to take away from a step's page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from icalendar import Calendar

from tests.personas import House, Page


@pytest.fixture
def house(house: House) -> House:
    """A day before the kick-off."""
    house.world.clock.now = datetime(2026, 3, 1, 9, tzinfo=UTC)
    return house


def events(page: Page) -> list[dict[str, object]]:
    assert page.answer.mimetype == "text/calendar"
    found = Calendar.from_ical(page.answer.get_data()).walk("VEVENT")
    return [{"title": str(one["summary"]), "first": one.decoded("dtstart"), "id": str(one["uid"])} for one in found]


def kick_off(house: House) -> str:
    return next(step.id for step in house.world.run.journey.of_type("live_event") if step.owner == "participant")


def test_a_participant_takes_the_kick_off_into_a_calendar(house: House) -> None:
    (one,) = events(house.petra.open(f"steps/{kick_off(house)}/dates.ics"))
    assert one["first"] == date(2026, 3, 2)
    assert "kick-off" in str(one["title"])
    assert str(one["id"]).endswith("@bridge.example")


def test_a_manager_takes_a_talk_into_a_calendar(house: House) -> None:
    path = f"people/{house.enrolments['petra'].id}/steps/S05"
    (one,) = events(house.mark.open(f"{path}/dates.ics"))
    assert str(one["title"]).endswith(": Petra")
    again = events(house.mark.open(f"{path}/dates.ics"))
    assert [one] == again


def test_the_pages_lead_to_the_file(house: House) -> None:
    house.world.clock.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert any("dates.ics" in href for href in house.petra.open(f"steps/{kick_off(house)}").links)
    page = house.mark.open(f"people/{house.enrolments['petra'].id}/steps/S05")
    assert any("dates.ics" in href for href in page.links)


def test_a_step_nobody_meets_for_has_none(house: House) -> None:
    study = house.world.run.journey.of_type("acknowledge", "self_study", "impact_map")[0].id
    assert house.petra.open(f"steps/{study}/dates.ics").status == 404


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "stan"])
def test_a_participants_file_is_for_participants(house: House, name: str) -> None:
    assert getattr(house, name).open(f"steps/{kick_off(house)}/dates.ics").status in (403, 404)


@pytest.mark.parametrize("name", ["petra", "nina", "dario", "stan"])
def test_a_managers_file_is_for_the_own_manager(house: House, name: str) -> None:
    path = f"people/{house.enrolments['petra'].id}/steps/S05/dates.ics"
    assert getattr(house, name).open(path).status in (403, 404)
