"""Ada sees what came in: from where, what could not be read, whose it is; and she makes keys for forwarders."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lrs_bridge.flows.ingest import Source, ingest
from lrs_bridge.store import cursors, ingest_keys, tenants, unreadable
from lrs_bridge.store.cursors import Lap
from tests.fakes.record_store import FakeRecordStore
from tests.flows.elsewhere import ACTIVITY, COMPLETED, look_for_it, passed
from tests.personas import AdminTab, House, everybody

URL = "https://lrs.example/xapi/"


def came(house: House, *statements: dict[str, Any]) -> None:
    """Another system wrote these into the record store, and they were read."""
    store = FakeRecordStore()
    store.write(statements)
    ingest(house.bridge.sessions, house.world.tenant, Source(URL, store), house.bridge.clock, 0.5)


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def test_nothing_has_been_read_yet(ada: AdminTab) -> None:
    assert "Nothing read yet" in ada.open("arrivals").text


def test_a_store_stands_there_with_how_far_it_was_read_and_what_came(house: House, ada: AdminTab) -> None:
    look_for_it(house.world)
    came(house, passed(), passed(object={"id": "https://content.example/else"}))
    text = ada.open("arrivals").text
    assert f"{URL} Read to its end on 26 March, 09:00 UTC." in text
    assert "In seven days: 1 taken, 0 of our own back, 1 that no journey needs." in text


def test_a_store_that_does_not_answer_stands_there_with_its_reason(house: House, ada: AdminTab) -> None:
    came(house)
    with house.bridge.sessions.write() as session:
        cursor = cursors.get_cursor(session, house.world.tenant.id, URL, Lap.NEW)
        cursor.reason, cursor.next_at = "It does not answer.", house.bridge.clock()
    assert "It does not answer. Next try 26 March, 09:00 UTC." in ada.open("arrivals").text


def test_everything_is_read_again_with_a_button(house: House, ada: AdminTab) -> None:
    came(house)
    again = ada.follow(ada.fill("arrivals/again", "arrivals"))
    assert "Everything is read again in the background" in again.text
    assert "It is also being read again from its beginning." in again.text


def test_what_could_not_be_read_is_listed_with_reason_and_body_and_set_aside(house: House, ada: AdminTab) -> None:
    bad, worse = passed(verb={"id": 7}), passed(verb="x")
    came(house, bad, worse)
    page = ada.open("arrivals")
    assert bad["id"] in page.text
    assert "Verb.id: is not a text with something in it" in page.text
    assert ACTIVITY in page.text
    ada.send("arrivals/aside", csrf=page.hidden()["csrf"], id=bad["id"])
    left = ada.open("arrivals").text
    assert bad["id"] not in left
    assert worse["id"] in left
    ada.send("arrivals/aside", csrf=page.hidden()["csrf"])
    assert "Whatever came in could be read." in ada.open("arrivals").text


def test_trying_to_read_again_says_what_came_of_it(house: House, ada: AdminTab) -> None:
    came(house, passed(verb="x"))
    again = ada.follow(ada.fill("arrivals/unreadable", "arrivals"))
    assert "Nothing of it can be read yet." in again.text


def test_sorts_that_no_journey_needs_can_be_copied_into_one(house: House, ada: AdminTab) -> None:
    """Without anybody's name."""
    came(house, passed(), passed({"mbox": "mailto:somebody@example.org"}))
    text = ada.open("arrivals").text
    assert f"{ACTIVITY} {COMPLETED} 2 times" in text
    assert "somebody@example.org" not in text


def test_a_registration_of_another_system_is_explained(house: House, ada: AdminTab) -> None:
    look_for_it(house.world)
    came(house, passed(context={"registration": "7f8c2b1e-0000-4000-8000-000000000000"}))
    assert "A journey looks for this, but what came names a registration" in ada.open("arrivals").text


def test_whoever_is_not_known_here_stands_there_as_the_other_system_calls_them(house: House, ada: AdminTab) -> None:
    look_for_it(house.world)
    stranger = {"account": {"homePage": "https://lms.example/", "name": "petra"}}
    came(house, passed(stranger), passed(), passed({"mbox": "mailto:x@example.org"}))
    text = ada.open("arrivals").text
    assert "petra at https://lms.example/ 1" in text
    assert "x@example.org 1" in text
    assert "petra at https://lms.example 1" not in text


def test_a_key_is_made_shown_once_used_and_revoked(house: House, ada: AdminTab) -> None:
    look_for_it(house.world)
    made = ada.fill("arrivals/keys", "arrivals", name="Content platform")
    (token,) = re.findall(r"lbi_[\w-]+", made.html)
    assert "It is shown once" in made.text
    assert "https://bridge.example/ingest/statements" in made.text
    assert token not in ada.open("arrivals").html
    headers = {"Authorization": f"Bearer {token}"}
    assert house.client().post("/ingest/statements", json=passed(), headers=headers).status_code == 200
    page = ada.open("arrivals")
    assert "Content platform Last used 26 March, 09:00 UTC. In seven days: 1 taken" in page.text
    action = next(one for one in re.findall(r'action="([^"]+)"', page.html) if one.endswith("/revoke"))
    assert "turned away from now on" in ada.follow(ada.send(action, **page.hidden(action))).text
    assert house.client().post("/ingest/statements", json=passed(), headers=headers).status_code == 401


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\nb"])
def test_a_key_needs_a_name(house: House, ada: AdminTab, name: str) -> None:
    page = ada.fill("arrivals/keys", "arrivals", name=name)
    assert page.status == 422
    assert "One thing is missing." in page.text
    with house.bridge.sessions.read() as session:
        assert ingest_keys.keys_of(session, house.world.tenant.id) == []


def test_nothing_is_done_without_the_forms_own_mark(house: House, ada: AdminTab) -> None:
    came(house, passed(verb="x"))
    for path in ("again", "unreadable", "aside", "keys", "keys/x/revoke"):
        assert ada.send(f"arrivals/{path}", name="x").status == 403
    with house.bridge.sessions.read() as session:
        assert unreadable.count(session, house.world.tenant.id) == 1


def test_another_tenants_things_are_neither_seen_nor_touched(house: House, ada: AdminTab) -> None:
    now = house.bridge.clock()
    with house.bridge.sessions.write() as session:
        other = tenants.ensure_tenant(session, "other", "https://bridge.example", now)
        key, _ = ingest_keys.add_key(session, other.id, "Their platform", "secret", now)
        unreadable.put(session, other.id, URL, {"id": "theirs"}, "no", now)
    page = ada.open("arrivals")
    assert "Their platform" not in page.text
    assert "theirs" not in page.text
    csrf = page.hidden()["csrf"]
    assert ada.send(f"arrivals/keys/{key.id}/revoke", csrf=csrf).status == 404
    ada.send("arrivals/aside", csrf=csrf)
    with house.bridge.sessions.read() as session:
        assert unreadable.count(session, other.id) == 1


def test_nobody_else_gets_in(house: House) -> None:
    for name, tab in everybody(house):
        assert house.client().get(f"/admin/s/{tab.token}/arrivals").status_code == 403, name
