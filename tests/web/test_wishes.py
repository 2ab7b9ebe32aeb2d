"""What people get: chosen on their own page or by the link in a letter, and stopped with one click."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.reminders import Wishes
from lrs_bridge.store import message_wishes
from tests.personas import House
from tests.web.letters import LinkTab, letter, morning, stop_path, with_addresses


@pytest.fixture
def house(house: House) -> House:
    with_addresses(house)
    morning(house)
    return house


def wishes(house: House, who: str) -> Wishes:
    with house.bridge.sessions.read() as session:
        found = message_wishes.wishes_of(session, house.world.tenant.id, [house.people[who].id])
    row = found.get(house.people[who].id)
    return row.wishes if row else Wishes()


def path(house: House, who: str = "petra") -> str:
    found = letter(house, who)
    assert found is not None
    return stop_path(found)


def test_one_click_stops_it_all_without_a_page(house: House) -> None:
    """RFC 8058: the mail program sends this by itself, without cookie or form."""
    tab = LinkTab(house, path(house))
    answer = tab.send(tab.link, **{"List-Unsubscribe": "One-Click"})
    assert answer.status == 200
    assert wishes(house, "petra") == Wishes(weekly=False, morning=False)
    assert wishes(house, "mark") == Wishes()


def test_opening_the_link_changes_nothing(house: House) -> None:
    tab = LinkTab(house, path(house))
    assert tab.look().status == 200
    assert wishes(house, "petra") == Wishes()


def test_the_page_of_the_link_lets_choose(house: House) -> None:
    tab = LinkTab(house, path(house))
    page = tab.look()
    hidden = page.hidden(tab.link)
    saved = tab.follow(tab.send(tab.link, **hidden, morning="true", language="de"))
    assert "Saved." in saved.text
    assert wishes(house, "petra") == Wishes(weekly=False, morning=True)


def test_the_page_needs_its_own_mark_to_save(house: House) -> None:
    tab = LinkTab(house, path(house))
    assert tab.send(tab.link, morning="true", language="de").status == 403
    assert wishes(house, "petra") == Wishes()


@pytest.mark.parametrize("wrong", ["x", "x.y", "", "."])
def test_a_link_that_is_none_of_ours_changes_nothing(house: House, wrong: str) -> None:
    tab = LinkTab(house, f"/mail/{wrong}")
    assert tab.look().status in (403, 404)
    assert tab.send(tab.link, **{"List-Unsubscribe": "One-Click"}).status in (403, 404)


def test_nobody_stops_anothers_letters_with_their_own_link(house: House) -> None:
    """The signature is over the person."""
    own = path(house)
    other = f"/mail/{house.people['mark'].id}.{own.rpartition('.')[2]}"
    assert LinkTab(house, other).send(other, **{"List-Unsubscribe": "One-Click"}).status == 403
    assert wishes(house, "mark") == Wishes()


@pytest.mark.parametrize("name", ["petra", "mark"])
def test_each_chooses_on_the_own_page(house: House, name: str) -> None:
    tab = getattr(house, name)
    assert any(href.endswith("/messages") for href in tab.open().links)
    page = tab.open("messages")
    assert f"{name[0]}…@example.org" in page.text
    saved = tab.follow(tab.fill("messages", weekly="true", morning="true", language="en"))
    assert "Saved." in saved.text
    assert wishes(house, name) == Wishes(weekly=True, morning=True)
    other = "mark" if name == "petra" else "petra"
    assert wishes(house, other) == Wishes()


def test_a_language_that_is_none_is_refused(house: House) -> None:
    assert house.petra.fill("messages", language="../etc").status == 400


def test_whoever_has_no_address_is_told_so(house: House) -> None:
    assert "gave us no address" in house.dario.open("messages").text


def test_the_page_is_for_the_visitor_only(house: House) -> None:
    """A visit by link is for its task, and has no such page."""
    assert house.stan.open("messages").status == 200
    assert "petra" not in house.stan.open("messages").html.lower()
