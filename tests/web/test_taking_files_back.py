"""A file of who manages whom is taken back as a whole: shown before, with its history, and by whoever may import."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.personas import House, Page, Tab
from tests.web.test_people_of_a_run import HEAD, led

LINES = f"{HEAD}petra,nina,,2026-03-20,\nben,boss@example.org,,,\n,eva@example.org,evaluator,,\n"


@pytest.fixture
def house(house: House) -> House:
    """Dario imported a file: Petra has Nina for a manager, Ben somebody whom nobody knows."""
    dario = house.dario
    page = dario.send("leaders", **dario.open("leaders").hidden(), lines=LINES)
    assert dario.send("leaders", **page.hidden()).status == 303
    assert led(house, "nina") == {"jonas", "petra"}
    return house


def of_file(tab: Tab, at: str = "leaders") -> str:
    page = tab.open(at)
    return next(href for href in page.links if "/leaders/imported/" in href)


def take_back(tab: Tab, there: str) -> Page:
    return tab.send(there, **tab.open(there).hidden(there))


def test_what_would_change_is_shown_and_looking_changes_nothing(house: House) -> None:
    dario = house.dario
    page = dario.open(of_file(dario))
    assert page.status == 200
    assert "Petra Novak Nina Okafor manager From 20 March 2026 Nothing: as if never said" in page.text
    assert "Petra Novak Mark Jensen manager From 1 February 2026 to 19 March 2026 From 1 February 2026" in page.text
    assert "The whole run eva@example.org evaluator" in page.text
    assert led(house, "nina") == {"jonas", "petra"}


def test_it_is_taken_back_as_a_whole_and_the_history_keeps_both(house: House) -> None:
    dario = house.dario
    house.world.clock.on(minutes=1)
    done = dario.follow(take_back(dario, of_file(dario)))
    assert "taken back as a whole" in done.text
    assert led(house, "nina") == {"jonas"}
    assert led(house, "mark") == {"petra", "ben"}
    history = dario.open(f"everybody/{house.people['petra'].id}").text
    assert "Nina Okafor as manager Taken out" in history
    assert "from a file" in history
    page = dario.open("leaders")
    assert "taken back" in page.text
    assert not [href for href in page.links if "/leaders/imported/" in href]
    assert "Petra Novak" not in house.nina.open("people").text


def test_twice_is_once(house: House) -> None:
    """The back button after it was done: words, and nothing happens."""
    dario = house.dario
    there = of_file(dario)
    hidden = dario.open(there).hidden(there)
    assert dario.send(there, **hidden).status == 303
    again = dario.send(there, **hidden)
    assert again.status == 409
    assert "That was taken back already." in again.text
    assert "That was taken back already." in dario.open(there).text
    assert led(house, "mark") == {"petra", "ben"}


def test_what_somebody_changed_since_stops_it_and_is_marked(house: House) -> None:
    """Nothing of it is taken back then."""
    dario = house.dario
    there = of_file(dario)
    hidden = dario.open(there).hidden(there)
    house.world.clock.on(minutes=1)
    end = f"everybody/{house.people['petra'].id}"
    one = dario.open(end)
    relation = re.search(r'name="relation" value="([^"]+)"', one.html)
    assert relation is not None
    assert dario.send(f"{end}/end", csrf=one.hidden()["csrf"], relation=relation[1]).status == 303
    page = dario.open(there)
    assert "Changed since" in page.text
    assert "Take it back</button>" not in page.html
    before = led(house, "mark")
    assert dario.send(there, **hidden).status == 409
    assert led(house, "mark") == before


def test_after_two_weeks_it_stays(house: House) -> None:
    act = of_file(house.dario).rpartition("/")[2]
    house.world.clock.now += timedelta(days=15)
    dario = house.dario
    assert "/leaders/imported/" not in dario.open("leaders").html
    assert "more than 14 days ago" in dario.open(f"leaders/imported/{act}").text


def test_what_was_done_by_hand_is_no_file(house: House) -> None:
    from lrs_bridge.store import people_changes

    with house.bridge.sessions.read() as session:
        run = house.world.run
        (row,) = people_changes.acts_of(session, run.tenant_id, run.id, "import", 5)
        assert people_changes.acts_of(session, run.tenant_id, run.id, "by hand", 5) == []
    assert row.count == 5
    assert house.dario.open("leaders/imported/00000000-0000-0000-0000-000000000000").status == 404


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "eva", "stan"])
def test_only_who_may_import_takes_back(house: House, name: str) -> None:
    act = of_file(house.dario).rpartition("/")[2]
    tab: Tab = getattr(house, name)
    assert tab.open(f"leaders/imported/{act}").status in (403, 404)
    assert tab.send(f"leaders/imported/{act}", csrf="x").status in (403, 404)
    assert led(house, "nina") == {"jonas", "petra"}


def test_an_administrator_does_it_too(house: House) -> None:
    ada = house.ada().come_in()
    at = f"runs/{house.world.run.id}/leaders"
    there = of_file(ada, at)
    assert take_back(ada, there).status == 303
    assert led(house, "mark") == {"petra", "ben"}
