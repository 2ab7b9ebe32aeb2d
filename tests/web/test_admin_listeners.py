"""Ada switches listeners on and off, sets them in a form made from their schema, and sees how each is doing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from uuid import uuid4

import pytest
from marshmallow import Schema, fields, validate

from lrs_bridge.flows import switching_listeners
from lrs_bridge.flows.switching_listeners import COMMAND_LINE
from lrs_bridge.hooks import Heard, Listener
from lrs_bridge.store import listener_changes, listeners
from lrs_bridge.store.listeners import ListenerRow
from tests.personas import AdminTab, House, Page, everybody

SECRET = "a secret of sixteen letters"
URL = "https://flows.example.org/hook"
WEBHOOK = "listeners/webhook"


class _Settings(Schema):
    room = fields.String(required=True, metadata={"help": "where it is told."})
    often = fields.Integer(load_default=3, validate=validate.Range(min=1), metadata={"help": "How often."})


BELL = Listener("bell", "Bell", "0.2", {Heard.STATEMENTS: lambda *_: None}, _Settings, distribution="northpeak 0.2")


@pytest.fixture
def house(house: House) -> House:
    """The house with a stranger's listener installed beside the two that come with the tool."""
    return installed(house, {**house.bridge.registry.listeners, "bell": BELL})


def installed(house: House, those: dict[str, Listener]) -> House:
    registry = replace(house.bridge.registry, listeners=MappingProxyType(those))
    object.__setattr__(house.bridge, "registry", registry)
    object.__setattr__(house.bridge.telling, "registry", registry)
    return house


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def on(ada: AdminTab, **typed: str) -> Page:
    return ada.fill(WEBHOOK, **{"do": "on", "set.url": URL, "set.secret": SECRET, **typed})


def row(house: House, key: str = "webhook") -> ListenerRow | None:
    with house.bridge.sessions.read() as session:
        return listeners.find(session, house.world.tenant.id, key)


def given(house: House, key: str = "webhook") -> dict[str, object]:
    return switching_listeners.given_of(house.bridge.telling.seal, row(house, key))


def fail(house: House, reason: str) -> None:
    """As a call leaves it that did not go well."""
    now = house.bridge.clock()
    with house.bridge.sessions.write() as session:
        found = session.get_one(ListenerRow, (house.world.tenant.id, "webhook"))
        found.since, found.reason, found.failures, found.next_at = now, reason, 4, now + timedelta(hours=1)


def test_the_list_says_what_each_hears_and_that_none_is_on(ada: AdminTab) -> None:
    text = ada.open("listeners").text
    assert "Webhook for indicators Hears figures that the gradebook is told, when they change" in text
    assert "Bell Hears what people did, without answers, ratings and words bell 0.2 from northpeak 0.2 Off" in text
    assert "Nobody changed anything yet" in text


def test_one_is_switched_on_with_its_settings_and_it_is_noted_who_did(house: House, ada: AdminTab) -> None:
    page = ada.follow(on(ada))
    assert "It is told from now on, on all processes." in page.text
    assert given(house) == {"url": URL, "secret": SECRET}
    assert "Not told anything yet. Nothing waits for it. On Set or switch off" in page.text
    assert "Webhook for indicators Switched on Secret and Url Administrator visit" in page.text


def test_a_secret_is_never_shown_again_and_kept_where_it_is_left_empty(house: House, ada: AdminTab) -> None:
    on(ada)
    page = ada.open(WEBHOOK)
    assert URL in page.html
    assert "Leave it empty to keep the one that is set." in page.text
    assert ada.fill(WEBHOOK, **{"do": "on", "set.url": "https://other.example.org/"}).status == 303
    assert given(house) == {"url": "https://other.example.org/", "secret": SECRET}
    for where in (WEBHOOK, "listeners"):
        assert SECRET not in ada.open(where).html


def test_the_log_names_what_changed_and_holds_no_value(house: House, ada: AdminTab) -> None:
    on(ada)
    ada.fill(WEBHOOK, **{"do": "on", "set.url": "https://other.example.org/"})
    ada.fill(WEBHOOK, do="off")
    page = ada.open("listeners")
    log = page.text.partition("Who changed what")[2]
    assert log.index("Switched off") < log.index("Set anew Url") < log.index("Switched on Secret and Url")
    assert "example.org" not in page.html
    with house.bridge.sessions.read() as session:
        rows = listener_changes.newest(session, house.world.tenant.id, 10)
    assert [(one.did, one.names) for one in rows] == [("off", []), ("set", ["url"]), ("on", ["secret", "url"])]
    assert {(one.who, bool(one.visit)) for one in rows} == {("Administrator", True)}


def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_switched(house: House, ada: AdminTab) -> None:
    page = ada.fill(WEBHOOK, **{"do": "on", "set.url": "no address", "set.secret": "short"})
    assert page.status == 422
    assert "Two things do not fit." in page.text
    assert "Url: Give a whole address, such as https://example.org/." in page.text
    assert "no address" in page.html
    assert row(house) is None
    assert "Room: Give a value." in ada.fill("listeners/bell", do="on").text
    assert (
        "Often: Give a whole number."
        in ada.fill("listeners/bell", **{"do": "on", "set.room": "1", "set.often": "x"}).text
    )


def test_what_is_too_long_to_be_kept_is_refused(house: House, ada: AdminTab) -> None:
    assert on(ada, **{"set.url": f"https://x.example/{'a' * 5000}"}).status == 422
    assert row(house) is None


def test_switching_off_forgets_the_settings_and_what_waits(house: House, ada: AdminTab) -> None:
    on(ada)
    with house.bridge.sessions.write() as session:
        tenant_id, now = house.world.tenant.id, house.bridge.clock()
        listeners.add_news(session, tenant_id, ["webhook"], "indicators", [{"id": "1"}], now)
    assert "One thing waits for it" in ada.open(WEBHOOK).text
    assert "are forgotten" in ada.follow(ada.fill(WEBHOOK, do="off")).text
    assert row(house) is None
    with house.bridge.sessions.read() as session:
        assert listeners.waiting(session, house.world.tenant.id) == {}


def test_one_that_fails_says_why_since_when_and_when_it_is_called_again(house: House, ada: AdminTab) -> None:
    on(ada)
    fail(house, "flows.example.org answered 503.")
    for where in ("listeners", WEBHOOK):
        text = ada.open(where).text
        assert "It fails. Since 26 March 2026, 09:00: flows.example.org answered 503." in text
        assert "On, and fails" in text
    assert "next at 26 March 2026, 10:00. Saving calls it at once." in ada.open(WEBHOOK).text


def test_saving_calls_one_that_failed_at_once(house: House, ada: AdminTab) -> None:
    on(ada)
    fail(house, "flows.example.org answered 503.")
    ada.fill(WEBHOOK, **{"do": "on", "set.url": URL})
    found = row(house)
    assert found is not None
    assert (found.reason, found.next_at) == (None, house.bridge.clock())


def test_sent_twice_it_is_one_change(house: House, ada: AdminTab) -> None:
    hidden = ada.open(WEBHOOK).hidden(ada.path(WEBHOOK))
    for _ in range(2):
        assert ada.send(WEBHOOK, **{**hidden, "do": "on", "set.url": URL, "set.secret": SECRET}).status == 303
    with house.bridge.sessions.read() as session:
        assert len(listener_changes.newest(session, house.world.tenant.id, 10)) == 1


def test_what_others_did_meanwhile_is_told_and_what_was_typed_stays(house: House, ada: AdminTab) -> None:
    """The command line is one of the others."""
    hidden = ada.open(WEBHOOK).hidden(ada.path(WEBHOOK))
    listener, tenant_id = house.bridge.registry.listeners["webhook"], house.world.tenant.id
    with house.bridge.sessions.write() as session:
        settings = {"url": "https://first.example.org/", "secret": SECRET}
        switching_listeners.switch_on(
            session,
            house.bridge.telling.seal,
            tenant_id,
            listener,
            settings,
            act=str(uuid4()),
            who=COMMAND_LINE,
            now=house.bridge.clock(),
        )
    page = ada.send(WEBHOOK, **{**hidden, "do": "on", "set.url": URL, "set.secret": SECRET})
    assert page.status == 409
    assert "Command line, 26 March 2026, 09:00: Switched on, Secret and Url" in page.text
    assert URL in page.html
    assert given(house)["url"] == "https://first.example.org/"
    again = page.hidden(ada.path(WEBHOOK))
    assert ada.send(WEBHOOK, **{**again, "do": "on", "set.url": URL, "set.secret": SECRET}).status == 303
    assert given(house)["url"] == URL


def test_one_whose_plugin_is_gone_can_only_be_switched_off(house: House, ada: AdminTab) -> None:
    on(ada)
    installed(house, {"bell": BELL})
    assert "It is switched on, and no installed plugin provides it." in ada.open("listeners").text
    page = ada.open(WEBHOOK)
    assert "No installed plugin provides it." in page.text
    assert 'value="on"' not in page.html
    assert ada.fill(WEBHOOK, do="off").status == 303
    assert row(house) is None
    assert ada.open(WEBHOOK).status == 404


def test_nobody_but_an_administrator_sees_or_sends_it(house: House, ada: AdminTab) -> None:
    """Nor does an administrator without the page's own field, or with another's address."""
    on(ada)
    for name, tab in everybody(house):
        for where in ("listeners", WEBHOOK):
            assert tab.open(where).status in (403, 404), name
        assert tab.send(WEBHOOK, do="off").status in (400, 403, 404), name
    hidden = ada.open(WEBHOOK).hidden(ada.path(WEBHOOK))
    assert ada.send(WEBHOOK, **{**hidden, "csrf": "another", "do": "off"}).status != 303
    assert ada.send(WEBHOOK, **{**hidden, "act": "none", "do": "off"}).status != 303
    assert row(house) is not None
