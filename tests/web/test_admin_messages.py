"""The admin's page of messages: everything where no mail server is set, and no letter's words where one is."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from lrs_bridge.config import Smtp
from lrs_bridge.store import message_wishes, messages
from lrs_bridge.store.messages import MessageState
from lrs_bridge.web import create_app
from tests.personas import AdminTab, House
from tests.web.letters import LinkTab, letter, links, morning, rows, with_addresses
from tests.web.test_link import applied


@pytest.fixture
def house(house: House) -> House:
    with_addresses(house)
    applied(house)
    morning(house)
    return house


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def with_server(house: House) -> House:
    smtp = Smtp("127.0.0.1", 1, ("Learning", "learning@example.org"), "off")
    bridge = replace(house.bridge, settings=replace(house.bridge.settings, smtp=smtp))
    return replace(house, bridge=bridge, app=create_app(bridge))


def page_of(house: House, who: str = "mark") -> str:
    return f"messages/{rows(house, who)[0].id}"


def test_without_a_mail_server_letters_are_there_to_be_passed_on(house: House, ada: AdminTab) -> None:
    listed = ada.open("messages")
    assert "No mail server is set" in listed.text
    assert "Mark Jensen" in listed.text
    page = ada.open(page_of(house))
    assert "Two things this week" in page.text
    hrefs = [href for href in page.links if "/m/" in href]
    assert len(hrefs) == 3
    assert "Did this happen?" in LinkTab(house, hrefs[0].removeprefix("https://bridge.example")).come_in().text


def test_a_letter_opens_in_a_mail_program(house: House, ada: AdminTab) -> None:
    page = ada.open(f"{page_of(house)}/letter.eml")
    read = message_from_bytes(page.answer.get_data(), policy=policy.default)
    assert read["To"] == "mark@example.org"
    assert read["X-Unsent"] == "1"
    assert page.answer.headers["Cache-Control"] == "no-store"


def test_what_was_passed_on_is_put_down_as_that(house: House, ada: AdminTab) -> None:
    here = page_of(house)
    saved = ada.follow(ada.fill(f"{here}/by-hand", form_at=here))
    assert "Passed on by hand" in saved.text
    assert rows(house, "mark") == []
    assert "Two things" not in ada.open(here).text


def test_with_a_mail_server_nobody_reads_letters_or_links_here(house: House) -> None:
    served = with_server(house)
    ada = served.ada().come_in()
    here = page_of(house)
    page = ada.open(here)
    assert "/m/" not in page.html
    assert "Petra" not in page.html
    assert ada.open(f"{here}/letter.eml").status == 404
    assert ada.send(f"{here}/by-hand", **page.hidden()).status == 303
    assert len(rows(house, "mark")) == 1


def test_what_was_refused_stands_first_with_its_reason_and_goes_out_again(house: House) -> None:
    row = rows(house, "petra")[0]
    with house.bridge.sessions.write() as session:
        messages.refuse(session, row.id, "The mail server refused it: 550 No such user")
    ada = with_server(house).ada().come_in()
    listed = ada.open("messages").text
    assert listed.index("550 No such user") < listed.index("Waiting")
    here = f"messages/{row.id}"
    ada.fill(f"{here}/again", form_at=here)
    assert len(rows(house, "petra")) == 1


def test_all_links_of_somebody_are_closed_at_once(house: House, ada: AdminTab) -> None:
    found = letter(house, "mark")
    assert found is not None
    tab = LinkTab(house, links(found.text)[0])
    tab.come_in()
    here = page_of(house)
    ada.follow(ada.fill(f"{here}/revoke", form_at=here))
    assert tab.open("").status == 403
    assert tab.look().status == 403


def test_the_sender_of_a_tenant(house: House, ada: AdminTab) -> None:
    saved = ada.follow(ada.fill("messages/sender", "messages", address="akademie@example.com", name="Akademie"))
    assert "The next messages come from there." in saved.text
    with house.bridge.sessions.read() as session:
        sender = message_wishes.sender_of(session, house.world.tenant.id)
    assert sender is not None
    assert (sender.address, sender.name) == ("akademie@example.com", "Akademie")
    ada.fill("messages/sender", "messages", address="")
    with house.bridge.sessions.read() as session:
        assert message_wishes.sender_of(session, house.world.tenant.id) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "nobody"),
        ("address", "a@example.org\nBcc: b@example.org"),
        ("address", "Ä@example.org"),
        ("name", "Learning\r\nBcc: b@example.org"),
        ("name", "<x>"),
    ],
)
def test_a_sender_that_is_none_is_refused_and_what_was_typed_stays(
    house: House, ada: AdminTab, field: str, value: str
) -> None:
    typed = {"address": "a@example.org", "name": "A", field: value}
    page = ada.fill("messages/sender", "messages", **typed)
    assert page.status == 422
    assert "Give " in page.text
    with house.bridge.sessions.read() as session:
        assert message_wishes.sender_of(session, house.world.tenant.id) is None


def test_letters_of_another_tenant_are_not_there(house: House) -> None:
    """Ada of one tenant finds no row of another by its id."""
    from lrs_bridge.store import admins, tenants

    assert house.stan.open().status
    with house.bridge.sessions.write() as session:
        other = tenants.tenant_named(session, "other")
        link = admins.make_link(session, other.id, house.bridge.clock())
    tab = AdminTab(house.client(), link).come_in()
    here = page_of(house)
    assert tab.open(here).status == 404
    assert "Mark" not in tab.open("messages").text
    csrf = tab.open("messages").hidden()["csrf"]
    for button in ("by-hand", "again", "revoke"):
        assert tab.send(f"{here}/{button}", csrf=csrf).status == 404


def test_buttons_need_the_mark_of_the_page(house: House, ada: AdminTab) -> None:
    for button in ("by-hand", "again", "revoke"):
        assert ada.send(f"{page_of(house)}/{button}").status == 403
    assert ada.send("messages/sender", address="x@example.org").status == 403
    assert rows(house, "mark")[0].state == MessageState.WAITING


def test_before_the_first_round_the_page_says_what_will_be_here(house: House) -> None:
    """An empty state."""
    assert house.stan.open().status
    from lrs_bridge.store import admins, tenants

    with house.bridge.sessions.write() as session:
        link = admins.make_link(session, tenants.tenant_named(session, "other").id, house.bridge.clock())
    assert "No messages yet" in AdminTab(house.client(), link).come_in().open("messages").text
