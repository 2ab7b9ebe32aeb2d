"""What administrators do is on record: every form and every file, with what came of it."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy.exc import OperationalError

from lrs_bridge.store import admin_acts, admins, tenants
from lrs_bridge.store.admin_acts import AdminAct
from lrs_bridge.web.admin.act_words import WORDS
from tests.personas import AdminTab, House


@pytest.fixture
def ada(house: House) -> AdminTab:
    with house.bridge.sessions.write() as session:
        link = admins.make_link(session, house.world.tenant.id, house.bridge.clock(), name="Ada Moss")
    return AdminTab(house.client(), link).come_in()


def noted(house: House) -> list[AdminAct]:
    with house.bridge.sessions.read() as session:
        return admin_acts.newest(session, house.world.tenant.id, "", 100)[::-1]


def test_every_form_and_file_of_administrators_has_words(house: House) -> None:
    forms = {
        rule.endpoint.removeprefix("admin.")
        for rule in house.app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "POST" in rule.methods
    }
    assert forms - WORDS.keys() == set()


def test_who_came_in_and_what_they_sent_stands_there_by_name(house: House, ada: AdminTab) -> None:
    platform = house.world.platform_id
    ada.fill(f"platforms/{platform}/suspend", f"platforms/{platform}")
    page = ada.open("acts")
    assert page.status == 200
    assert "Suspended an LMS The LMS Ada Moss" in page.text
    assert "Came in – Ada Moss" in page.text
    assert [(one.what, one.outcome) for one in noted(house)] == [("enter", "done"), ("suspend", "done")]


def test_what_was_refused_and_what_failed_stands_there_too(
    house: House, ada: AdminTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = ada.open("connect").hidden()
    assert ada.send("connect", csrf=hidden["csrf"]).status == 422

    def breaks(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("lrs_bridge.web.admin.connections.platforms.approve", breaks)
    assert ada.send(f"approve/{house.world.platform_id}", csrf=hidden["csrf"]).status == 500
    assert [(one.what, one.outcome) for one in noted(house)[1:]] == [("connected", "refused"), ("approve", "broken")]


def test_a_form_that_cannot_be_noted_is_not_read(house: House, ada: AdminTab, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = house.world.platform_id
    hidden = ada.open(f"platforms/{platform}").hidden(ada.path(f"platforms/{platform}/suspend"))

    def fails(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("database is locked"))

    monkeypatch.setattr("lrs_bridge.store.admin_acts.note", fails)
    assert ada.send(f"platforms/{platform}/suspend", **hidden).status == 503
    assert "Registration Approved." in ada.open("").text


def test_a_file_that_is_taken_out_is_noted_and_a_page_is_not(house: House, ada: AdminTab) -> None:
    ada.open("evaluators")
    ada.open("changes.csv")
    ada.open(f"runs/{house.world.run.id}/leaders/everybody.csv")
    assert [one.what for one in noted(house)[1:]] == ["export_changes", "leaders_csv"]
    assert {one.what for one in noted(house)} <= WORDS.keys()
    assert "run of " in ada.open("acts").text


def test_nothing_that_was_typed_and_no_token_is_kept(house: House, ada: AdminTab) -> None:
    hidden = ada.open("connect").hidden()
    ada.send("connect", csrf=hidden["csrf"], name="A secret name")
    kept = repr([(one.what, one.about, one.who, one.visit) for one in noted(house)])
    assert "secret" not in kept
    assert ada.token not in kept


def test_it_is_searched_by_name_goes_on_page_by_page_and_comes_as_csv(house: House, ada: AdminTab) -> None:
    for _ in range(51):
        ada.open("changes.csv")
    assert "Older" in ada.open("acts").text
    assert "Nothing fits" in ada.open("acts?q=Nobody").text
    rows = list(csv.DictReader(io.StringIO(ada.open("acts.csv?q=moss").html)))
    assert [row["what"] for row in rows][:2] == ["Came in", "Took out who changed evaluators"]
    assert {row["who"] for row in rows} == {"Ada Moss"}


def test_another_tenants_acts_are_not_seen_and_nobody_else_gets_there(house: House, ada: AdminTab) -> None:
    with house.bridge.sessions.write() as session:
        tenant = tenants.ensure_tenant(session, "other", "https://bridge.example", house.bridge.clock())
        link = admins.make_link(session, tenant.id, house.bridge.clock(), name="Otto")
    other = AdminTab(house.client(), link).come_in()
    assert "Otto" in other.open("acts").text
    assert "Ada Moss" not in other.open("acts").text
    assert "Ada Moss" not in other.open("acts.csv").html
    assert house.dario.open("acts").status == 404
    assert house.client().get(f"/admin/s/{house.dario.token}/acts").status_code == 403
