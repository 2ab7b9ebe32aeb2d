"""The administrator's pages about privacy: what is held, what is forgotten, and erasing a person."""

from __future__ import annotations

import re

from lrs_bridge.domain.data_map import DATA_MAP
from lrs_bridge.domain.events import Kind
from lrs_bridge.store import erased, people
from lrs_bridge.store.tables import METADATA
from tests.flows.world import ISSUER
from tests.personas import House, everybody
from tests.web.plugin_pages import asked as queries


def test_the_map_tells_of_every_table_that_is_about_people(house: House) -> None:
    page = house.ada().come_in().open("privacy")
    for name in METADATA.tables:
        assert re.search(rf"\b{name}\b", page.text), name
    assert DATA_MAP["note"].holds in page.text
    assert "12 months after the run" in page.text
    assert "Not yet classified" not in page.text


def test_the_map_says_what_gradebooks_are_told(house: House) -> None:
    text = house.ada().come_in().open("privacy").text
    posted = text[text.index("What gradebooks are told") : text.index("Never posted")]
    assert "Journey completion" in posted
    assert posted.index("Journey completion") < posted.index("Reaction")


def test_nobody_else_gets_there(house: House) -> None:
    """Nor with an administrator's path under their own visit."""
    ada = house.ada().come_in()
    paths = ("privacy", "privacy/retention", f"privacy/people/{house.people['petra'].id}")
    for name, tab in everybody(house):
        for path in paths:
            assert tab.open(path).status == 404, (name, path)
    assert all(ada.open(path).status == 200 for path in paths)


def test_an_administrator_sees_first_what_goes_and_then_erases(house: House) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08")
    petra, ada = house.petra, house.ada().come_in()
    asked = petra.open("my-data")
    petra.send("my-data/erase", **asked.hidden())
    there = f"privacy/people/{house.people['petra'].id}"
    assert there in ada.open("erasures").html
    page = ada.open(there)
    assert DATA_MAP["identity"].holds in page.text
    assert "They leave 1 run" in page.text
    done = ada.follow(ada.send(there, **page.hidden(), sure="yes"))
    assert "stays under a random id" in done.text
    assert "Nobody asks" in done.text
    assert "Petra" not in done.text
    assert petra.open().status == 403
    assert ada.open(there).status == 404


def test_without_the_tick_nothing_is_erased(house: House) -> None:
    ada = house.ada().come_in()
    there = f"privacy/people/{house.people['petra'].id}"
    page = ada.send(there, **ada.open(there).hidden())
    assert page.status == 422
    assert "Nothing has been erased" in page.text
    with house.bridge.sessions.read() as session:
        assert people.person_by_identity(session, house.world.tenant.id, ISSUER, "petra") is not None


def test_somebody_who_asked_in_another_way_is_found_by_name(house: House) -> None:
    ada = house.ada().come_in()
    assert "Petra Novak" in ada.open("erasures?q=petra").text
    assert "Nobody found" in ada.open("erasures?q=nobody%40firm.example").text


def test_people_of_another_tenant_cannot_be_erased(house: House) -> None:
    house.stan.open()
    ada = house.ada().come_in()
    with house.bridge.sessions.read() as session:
        stranger = session.query(people.PersonRow).filter(people.PersonRow.name.startswith("Stan")).one()
        assert stranger.tenant_id != house.world.tenant.id
    there = f"privacy/people/{stranger.id}"
    assert ada.open(there).status == 404
    assert ada.send(there, **ada.open("erasures").hidden(), sure="yes").status in (403, 404)
    with house.bridge.sessions.read() as session:
        assert not erased.tombs(session, stranger.tenant_id)


def test_what_is_due_is_shown_and_forgotten_on_demand(house: House) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08")
    ada = house.ada().come_in()
    assert "Nothing is due" in ada.open("privacy/retention").text
    house.world.clock.on(days=365 * 3)
    ada = house.ada().come_in()
    page = ada.open("privacy/retention")
    assert DATA_MAP["fact"].holds in page.text
    done = ada.follow(ada.send("privacy/retention", **page.hidden()))
    assert "Nothing is due" in done.text
    assert DATA_MAP["fact"].holds in done.text[done.text.index("What went") :]


def test_the_pages_ask_as_much_however_many_take_part(house: House) -> None:
    ada = house.ada().come_in()
    paths = ("privacy", "privacy/retention")
    before = [queries(house, ada, path) for path in paths]
    with house.bridge.sessions.write() as session:
        for number in range(20):
            people.ensure_person(session, house.world.tenant.id, ISSUER, f"more-{number}", house.world.clock())
    assert [queries(house, ada, path) for path in paths] == before
