"""Ada's page of the record: the store put to the test, and what has not arrived there yet."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from lrs_bridge.flows.administer import state_of
from lrs_bridge.lrs.endpoint import Endpoint
from lrs_bridge.store import outbox, record_pauses, tenants
from lrs_bridge.store.outbox import OutboxState, Waiting
from lrs_bridge.web.admin import record
from tests.fakes.lrs_server import ENDPOINT
from tests.fakes.odd_lrs import OddLrs
from tests.fakes.statements import statement, uuid
from tests.personas import House

ANSWERED = {**statement(2), "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"}}


@pytest.fixture
def filled(house: House) -> House:
    """A dead letter (1), answers that failed once (2), and a fresh one (3), a minute apart; all else has arrived."""
    now, tenant = house.bridge.clock(), house.world.tenant.id
    with house.bridge.sessions.write() as session:
        before = outbox.undelivered(session, tenant)
        outbox.delivered(session, [row.statement_id for row in before], now)
        for minutes, one in ((3, statement(1)), (2, ANSWERED), (1, statement(3))):
            outbox.put(session, tenant, one, now - timedelta(minutes=minutes))
        outbox.bury(session, uuid(1), "The store says: the verb is wrong.")
        outbox.postpone(session, [uuid(2)], "The store stumbled.", now + timedelta(hours=1))
    return house


def summary(house: House) -> Waiting:
    with house.bridge.sessions.read() as session:
        return outbox.summary(session, house.world.tenant.id)


def alarms(house: House) -> list[str]:
    with house.bridge.sessions.read() as session:
        return state_of(session, house.world.tenant.id, house.bridge.clock()).alarms()


def connected(house: House, lrs: OddLrs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is in that store; its secret is `hush`."""
    settings = replace(house.bridge.settings, lrs_url=ENDPOINT, lrs_key="key", lrs_secret="hush")
    object.__setattr__(house.bridge, "settings", settings)
    monkeypatch.setattr(type(house.bridge), "endpoint", lambda *_: Endpoint(ENDPOINT, "key", "hush", lrs.session()))


# The store


def test_the_embedded_store_needs_no_test(house: House) -> None:
    """There is no button, and nothing to be had by guessing its address."""
    ada = house.ada().come_in()
    page = ada.open("record")
    assert "The embedded store needs no test." in page.text
    assert "Test the connection" not in page.text
    assert ada.send("record/test", csrf=page.hidden()["csrf"]).status == 404


def test_a_store_is_tested_at_the_press_of_a_button(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found stays on the page, in words, with what to do. The secret is nowhere."""
    lrs = OddLrs("by timestamp", "no through")
    lrs.start = house.bridge.clock()
    connected(house, lrs, monkeypatch)
    ada = house.ada().come_in()
    assert ada.open("record").html.count("health-dot") == 1
    found = ada.follow(ada.fill("record/test", "record"))
    assert "This store can hold the record. Some of it is worth knowing." in found.text
    assert "goes by when things happened" in found.text
    assert "We read this store again from time to time" in found.text
    assert "hush" not in found.html
    assert ada.open("record").text.count("Complete up to") == 1
    assert lrs.voided_ids


def test_a_test_needs_the_mark_of_the_form(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is led to write into the store by a link."""
    lrs = OddLrs()
    connected(house, lrs, monkeypatch)
    ada = house.ada().come_in()
    assert ada.send("record/test").status == 403
    assert lrs.requests == []


def test_a_store_that_is_down_says_why_and_until_when(filled: House) -> None:
    """Also of those that were not tried."""
    now = filled.bridge.clock()
    with filled.bridge.sessions.write() as session:
        until = now + timedelta(minutes=4)
        record_pauses.pause(session, filled.world.tenant.id, "the store is asleep.", now, until)
    text = filled.ada().come_in().open("record").text
    assert "The store is asleep. Nothing is sent before 26 March" in text
    assert text.count("the store is asleep.") == 1  # the one that was not tried


# The outbox


def test_what_has_not_arrived_is_listed_with_reason_and_next_attempt(filled: House) -> None:
    """The oldest first; another tenant's is not there."""
    other = filled.bridge
    with other.sessions.write() as session:
        stranger = tenants.ensure_tenant(session, "other", "https://other.example", other.clock()).id
        outbox.put(session, stranger, statement(9), other.clock())
    text = filled.ada().come_in().open("record").text
    assert text.index(uuid(1)) < text.index(uuid(2)) < text.index(uuid(3))
    assert uuid(9) not in text
    assert "Given up" in text
    assert "The store says: the verb is wrong. Set aside Why it is left Set it aside when you say so" in text
    assert "2 waiting, 1 given up" in text


def test_a_long_list_goes_on_on_the_next_page(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """And can be narrowed to what was given up."""
    monkeypatch.setattr(record, "AT_ONCE", 2)
    ada = filled.ada().come_in()
    first = ada.open("record")
    assert uuid(3) not in first.text
    (further,) = [link for link in first.links if "after=" in link]
    assert uuid(3) in ada.open(further).text
    assert uuid(2) not in ada.open("record?state=dead").text


@pytest.mark.parametrize("query", ["state=x", "after=x", "after=2026-03-26T12:00:00_x", "after=_", "state=delivered"])
def test_an_address_that_nobody_made_shows_the_list(filled: House, query: str) -> None:
    """From its beginning."""
    page = filled.ada().come_in().open(f"record?{query}")
    assert page.status == 200
    assert uuid(1) in page.text


def test_one_dead_letter_is_sent_again_and_the_pause_ends(filled: House) -> None:
    """The others stay as they are."""
    ada = filled.ada().come_in()
    csrf = ada.open("record").hidden()["csrf"]
    assert ada.send("record/replay", id=uuid(1)).status == 403
    again = ada.follow(ada.send("record/replay", id=uuid(1), csrf=csrf))
    assert "goes out again now" in again.text
    assert (summary(filled).waiting, summary(filled).dead) == (3, 0)
    with filled.bridge.sessions.read() as session:
        row = outbox.find(session, filled.world.tenant.id, uuid(2))
        assert row is not None
        assert (row.state, row.next_at > filled.bridge.clock()) == (OutboxState.WAITING, True)


def test_another_tenants_statement_is_not_sent_again(filled: House) -> None:
    """Though its id be known."""
    with filled.bridge.sessions.write() as session:
        stranger = tenants.ensure_tenant(session, "other", "https://other.example", filled.bridge.clock()).id
        outbox.put(session, stranger, statement(9), filled.bridge.clock())
        outbox.bury(session, uuid(9), "no")
    ada = filled.ada().come_in()
    csrf = ada.open("record").hidden()["csrf"]
    told = ada.follow(ada.send("record/replay", id=uuid(9), csrf=csrf))
    assert "It has arrived, or is on its way" in told.text
    with filled.bridge.sessions.read() as session:
        assert outbox.summary(session, stranger).dead == 1


def test_a_dead_letter_is_set_aside_with_a_reason_and_troubles_nobody(filled: House) -> None:
    """Who, when and why stand beside it, and that it was done is on record by name."""
    ada = filled.ada().come_in()
    csrf = ada.open("record").hidden()["csrf"]
    path = f"record/{uuid(1)}/aside"
    assert ada.send(path, why="The verb is retired").status == 403
    nothing = ada.send(path, why="  ", csrf=csrf)
    assert nothing.status == 422
    assert "Say why it is set aside." in nothing.text
    assert summary(filled).dead == 1
    left = ada.follow(ada.send(path, why="The verb is retired", csrf=csrf))
    assert "counts as no trouble any more" in left.text
    assert uuid(1) not in left.text
    assert (summary(filled).waiting, summary(filled).dead, summary(filled).aside) == (2, 0, 1)
    assert "given up" not in " ".join(alarms(filled))
    aside = ada.open("record?state=aside").text
    assert uuid(1) in aside
    assert uuid(2) not in aside
    assert ": The verb is retired" in aside
    (told,) = json.loads(ada.open("record/outbox.json?state=aside").answer.get_data())
    assert (told["set_aside"]["why"], told["statement"]) == ("The verb is retired", statement(1))
    assert "Set a statement aside" in ada.open("acts").text


def test_what_was_set_aside_is_taken_up_again_by_name_only(filled: House) -> None:
    """Sending all again leaves it."""
    ada = filled.ada().come_in()
    csrf = ada.open("record").hidden()["csrf"]
    ada.send(f"record/{uuid(1)}/aside", why="Not now", csrf=csrf)
    ada.send("record/replay", csrf=csrf)
    assert (summary(filled).waiting, summary(filled).aside) == (2, 1)
    ada.send("record/replay", csrf=csrf, id=uuid(1))
    assert (summary(filled).waiting, summary(filled).aside) == (3, 0)
    with filled.bridge.sessions.read() as session:
        row = outbox.find(session, filled.world.tenant.id, uuid(1))
        assert row is not None
        assert (row.aside_by, row.aside_for, row.aside_at) == (None, None, None)


def test_only_dead_letters_of_ones_own_tenant_are_set_aside(filled: House) -> None:
    """What waits goes on, and others' is not there."""
    with filled.bridge.sessions.write() as session:
        stranger = tenants.ensure_tenant(session, "other", "https://other.example", filled.bridge.clock()).id
        outbox.put(session, stranger, statement(9), filled.bridge.clock())
        outbox.bury(session, uuid(9), "no")
    ada = filled.ada().come_in()
    csrf = ada.open("record").hidden()["csrf"]
    told = [ada.send(f"record/{id_}/aside", why="Away", csrf=csrf).status for id_ in (uuid(2), uuid(9), "nonsense")]
    assert told == [303, 404, 404]
    assert (summary(filled).waiting, summary(filled).dead, summary(filled).aside) == (2, 1, 0)
    with filled.bridge.sessions.read() as session:
        assert outbox.summary(session, stranger).dead == 1


def test_the_export_holds_no_answers_and_is_noted(filled: House, caplog: pytest.LogCaptureFixture) -> None:
    """Content is nobody's business here; that it was exported stands in the log."""
    ada = filled.ada().come_in()
    with caplog.at_level(logging.WARNING, "lrs_bridge.web"):
        answer = ada.open("record/outbox.json").answer
    found = {one["id"]: one for one in json.loads(answer.get_data())}
    assert found[uuid(1)]["statement"] == statement(1)
    assert found[uuid(2)]["statement"] is None
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "exported 3 statements" in caplog.text
    assert len(json.loads(ada.open("record/outbox.json?state=dead").answer.get_data())) == 1


@pytest.mark.parametrize("path", ["record", "record/outbox.json"])
@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "stan"])
def test_nobody_else_gets_in(filled: House, path: str, name: str) -> None:
    """A launch's token is no administrator's."""
    token = getattr(filled, name).token
    answer = filled.client().get(f"/admin/s/{token}/{path}")
    assert answer.status_code == 403
    assert uuid(1) not in answer.get_data(as_text=True)
