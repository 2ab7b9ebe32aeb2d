"""Ada's pages: the one-time link, connections with approval, evaluators, and what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from lrs_bridge.hooks.registry import Failure
from lrs_bridge.store import outbox, platforms, scores
from lrs_bridge.store.outbox import OutboxState
from lrs_bridge.store.platforms import Standing
from lrs_bridge.store.scores import ScoreState
from tests.personas import House, Page

ROOMS = ["", "evaluators", "waiting", "arrivals"]


def test_the_link_works_once(house: House) -> None:
    """Opening it does not use it up; the button does."""
    ada = house.ada()
    link = f"/admin/enter/{ada.token}"
    assert ada.open(link).status == 200
    assert ada.open(link).status == 200
    inside = ada.come_in()
    assert inside.open().status == 200
    spent = ada.open(link)
    assert spent.status == 403
    assert "lrs-bridge admin link" in spent.text


def test_the_link_is_good_for_a_quarter_of_an_hour(house: House) -> None:
    """Looked at in time and used too late, it is refused as well."""
    ada = house.ada()
    link = f"/admin/enter/{ada.token}"
    hidden = ada.open(link).hidden()
    house.world.clock.on(minutes=16)
    assert ada.open(link).status == 403
    assert ada.send(link, **hidden).status == 403


def test_the_link_is_not_used_by_a_foreign_form(house: House) -> None:
    """Without its mark nothing is used up."""
    ada = house.ada()
    link = f"/admin/enter/{ada.token}"
    assert ada.send(link).status == 403
    assert ada.open(link).status == 200


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "stan"])
def test_nobody_else_gets_in(house: House, room: str, name: str) -> None:
    """A launch's token is no administrator's."""
    token = getattr(house, name).token
    answer = house.client().get(f"/admin/s/{token}/{room}")
    assert answer.status_code == 403


@pytest.mark.parametrize("room", ROOMS)
def test_the_administrators_pages_are_framed_by_nobody_else(house: House, room: str) -> None:
    """No LMS has to show them; nothing is kept, nothing inline."""
    page = house.ada().come_in().open(room)
    assert page.status == 200
    assert page.answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in page.html
    assert " style=" not in page.html


def test_the_administrators_visit_ends_after_an_hour(house: House) -> None:
    """Without a word."""
    ada = house.ada().come_in()
    house.world.clock.on(minutes=59)
    assert ada.open().status == 200
    house.world.clock.on(minutes=61)
    assert ada.open().status == 403


def test_a_deployment_that_waits_is_let_in(house: House) -> None:
    """With a button; without its mark nothing happens."""
    with house.bridge.sessions.write() as session:
        platform = platforms.get_platform(session, house.world.platform_id)
        assert platform
        waiting = platforms.await_approval(session, platform, "77", house.bridge.clock()).id
    ada = house.ada().come_in()
    assert "Nobody gets in by it until you approve." in ada.open().text
    assert ada.send(f"approve/{waiting}").status == 403
    approved = ada.follow(ada.fill(f"approve/{waiting}", ""))
    assert "Launches from there are let in from now on." in approved.text
    with house.bridge.sessions.read() as session:
        found = platforms.find_deployment(session, house.world.platform_id, "77")
        assert found
        assert found.standing == Standing.APPROVED


def test_another_tenants_platform_is_neither_seen_nor_approved(house: House) -> None:
    """An administrator belongs to one tenant."""
    stan = house.stan
    assert stan.open().status == 200
    ada = house.ada().come_in()
    assert "Another LMS" not in ada.open().text
    with house.bridge.sessions.read() as session:
        other = platforms.platforms_of_issuer(session, "https://other.example", "tool")[0].id
    csrf = _csrf(house, ada.open("waiting"))
    assert ada.send(f"approve/{other}", csrf=csrf).status == 404


def _csrf(house: House, page: Page) -> str:
    return page.hidden()["csrf"]


def test_evaluators_that_failed_stay_in_the_list_with_the_reason(house: House) -> None:
    """And the others work."""
    broken = Failure("team_pulse", "northpeak 0.3.0", "could not be loaded: it needs pulse_items.")
    object.__setattr__(house.bridge, "registry", replace(house.bridge.registry, failures=(broken,)))
    text = house.ada().come_in().open("evaluators").text
    assert "One plugin could not be loaded: team_pulse, from northpeak 0.3.0." in text
    assert "it needs pulse_items." in text
    assert "journey_completion" in text


def test_statements_that_were_given_up_are_listed_and_replayed(house: House) -> None:
    """With their reason."""
    statement = str(uuid4())
    now = house.bridge.clock()
    with house.bridge.sessions.write() as session:
        outbox.put(session, house.world.tenant.id, {"id": statement}, now)
        outbox.bury(session, statement, "The store says: actor is missing.")
    ada = house.ada().come_in()
    assert "One statement the store will not take." in ada.open().text
    page = ada.open("waiting")
    assert statement in page.text
    assert "The store says: actor is missing." in page.text
    again = ada.follow(ada.fill("waiting/statements", "waiting"))
    assert "goes out again now" in again.text
    with house.bridge.sessions.read() as session:
        row = session.get(outbox.OutboxStatement, statement)
        assert row
        assert row.state == OutboxState.WAITING


def test_refused_scores_are_listed_with_the_name_and_tried_again(house: House) -> None:
    """For all courses at once."""
    house.evaluate()
    tenant, enrolment = house.world.tenant.id, house.enrolments["ben"].id
    with house.bridge.sessions.write() as session:
        row = scores.scores_of_enrolment(session, tenant, enrolment)["journey_completion"]
        row.state, row.reason = ScoreState.REFUSED, "Not in the course."
        row.next_at = datetime(2026, 3, 28, 8, 30, tzinfo=UTC)
    ada = house.ada().come_in()
    page = ada.open("waiting")
    assert "Journey completion, Ben Adler" in page.text
    assert "Not in the course. 28 March, 08:30 UTC" in page.text
    ada.fill("waiting/scores", "waiting")
    with house.bridge.sessions.read() as session:
        assert scores.scores_of_enrolment(session, tenant, enrolment)["journey_completion"].state == ScoreState.WAITING


def test_a_link_is_no_way_around_the_hour(house: House) -> None:
    """An old visit's token stays closed after a new link was used."""
    ada = house.ada().come_in()
    house.world.clock.now += timedelta(hours=2)
    fresh = house.ada().come_in()
    assert fresh.open().status == 200
    assert ada.open().status == 403


def test_the_administrators_visit_stays_with_the_browser_that_used_the_link(house: House) -> None:
    """Whoever sees the address of an administrator's page does not get in by it elsewhere."""
    link = f"/admin/enter/{house.ada().token}"
    browser, other = house.app.test_client(), house.app.test_client()
    hidden = Page(browser.get(link, base_url="https://bridge.example")).hidden()
    entered = browser.post(link, data=hidden, base_url="https://bridge.example")
    inside = entered.headers["Location"]
    assert browser.get(inside, base_url="https://bridge.example").status_code == 200
    assert house.client().get(inside).status_code == 403
    other.get(f"/admin/enter/{house.ada().token}", base_url="https://bridge.example")
    assert other.get(inside, base_url="https://bridge.example").status_code == 403
