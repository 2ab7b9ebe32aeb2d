"""Petra's capabilities in words: where she began, where she is, what comes next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.personas import House
from tests.web.rounds import levels, view, with_rounds


@pytest.fixture
def round_(house: House) -> House:
    return with_rounds(house)


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "eva", "stan"])
def test_only_the_participant_opens_them(round_: House, name: str) -> None:
    assert getattr(round_, name).open("capabilities").status in (403, 404)


def test_a_journey_without_capabilities_has_no_such_page(house: House) -> None:
    assert house.petra.open("capabilities").status == 404
    assert "Where you stand" not in house.petra.open().text


def test_before_the_first_view_nothing_is_claimed(round_: House) -> None:
    """Not yet is not the lowest level."""
    text = round_.petra.open("capabilities").text
    assert text.count("Not yet. It stands here after the first view of it.") == 2
    assert "Level 1" not in text


def test_levels_stand_in_words_with_what_comes_next(round_: House) -> None:
    round_.petra.fill("round/W02", **levels(2, 3))
    text = round_.petra.open("capabilities").text
    assert "Asks back Level 2 of 4, by your own view. Next: Sums up what was said" in text
    assert "Says it first Level 3 of 3, by your own view. This is the top level." in text


def test_rating_again_at_the_end_shows_the_way_that_was_gone(round_: House) -> None:
    """The manager's view counts where there is one: 2, then 4, the latest weighs most."""
    view(round_.mark, round_, 2, 1)
    round_.world.clock.now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    view(round_.mark, round_, 4, 1, step="W10")
    text = round_.petra.open("capabilities").text
    assert "Sums up what was said Level 3.3 of 4, by your manager’s view. It began at level 2: Asks back." in text
    assert "Capability progress" in round_.petra.open().text


def test_the_first_page_leads_there_and_to_the_round(round_: House) -> None:
    links = round_.petra.open().links
    assert any(link.endswith("/capabilities") for link in links)
    assert any(link.endswith("/steps/W02") for link in links)
