"""A manager's link to one task: what it opens, what it never opens, and for how long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, message_links, runs
from lrs_bridge.store.message_links import MessageLink
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.sessions import VisitRow
from tests.personas import House
from tests.web.letters import LinkTab, letter, links, morning, rows, with_addresses


@pytest.fixture
def house(house: House) -> House:
    """Petra has asked Mark for a word, and this morning's letters are written."""
    with_addresses(house)
    house.moment = applied(house)  # type: ignore[attr-defined]
    morning(house)
    return house


def applied(house: House, who: str = "petra", day: int = 24) -> Event:
    return house.acted(
        Kind.APPLIED,
        who,
        about=who,
        step="S13",
        moment="M2",
        at=datetime(2026, 3, day, 11, tzinfo=UTC),
        score=Score(3, 0, 4),
        data={"behaviours": ["B1"]},
    )


def links_of(house: House, who: str = "mark") -> list[str]:
    found = letter(house, who)
    assert found is not None
    return links(found.text)


def to_moment(house: House) -> LinkTab:
    return LinkTab(house, links_of(house)[0])


def to_step(house: House) -> LinkTab:
    return LinkTab(house, links_of(house)[1])


def to_people(house: House) -> LinkTab:
    return LinkTab(house, links_of(house)[-1])


def all_links(house: House) -> list[MessageLink]:
    with house.bridge.sessions.read() as session:
        return list(session.scalars(select(MessageLink)))


def test_a_manager_answers_from_a_letter_without_an_account(house: House) -> None:
    """Link, button, one tap: the word is on the record."""
    tab = to_moment(house)
    page = tab.come_in()
    assert "Did this happen?" in page.text
    here = f"people/{house.enrolments['petra'].id}/moments/{house.moment.statement_id}"  # type: ignore[attr-defined]
    saved = tab.follow(tab.send(here, **page.hidden(), word="yes"))
    assert "It happened, you say." in saved.text
    (said,) = house.facts("petra", Kind.VERIFIED)
    assert said.actor == house.people["mark"].account


def test_acting_twice_is_the_same_as_once_and_a_change_of_mind_rewrites(house: House) -> None:
    tab = to_moment(house)
    here = f"people/{house.enrolments['petra'].id}/moments/{house.moment.statement_id}"  # type: ignore[attr-defined]
    hidden = tab.come_in().hidden()
    for _ in range(2):
        tab.send(here, **hidden, word="yes")
    assert len(house.facts("petra", Kind.VERIFIED)) == 1
    again = LinkTab(house, tab.link)
    again.send(here, **again.come_in().hidden(), word="no")
    assert house.facts("petra", Kind.VERIFIED) == []
    assert len(house.facts("petra", Kind.DISPUTED)) == 1


def test_opening_a_link_changes_nothing_however_often(house: House) -> None:
    """Mail scanners open links, some of them many times, with GET and with HEAD."""
    tab = to_moment(house)
    with house.bridge.sessions.read() as session:
        visits = len(session.scalars(select(VisitRow)).all())
    before = house.facts()
    for _ in range(3):
        assert tab.look().status == 200
        assert tab.client.head(tab.link).status_code == 200
    with house.bridge.sessions.read() as session:
        assert len(session.scalars(select(VisitRow)).all()) == visits
    assert house.facts() == before
    assert all(link.opened is None for link in all_links(house))
    assert "Did this happen?" in tab.come_in().text


def test_the_page_of_a_link_says_nothing_of_whom_or_what_it_is_about(house: House) -> None:
    """Whoever scans or forwards a letter learns no more than the letter says."""
    text = to_moment(house).look().text
    assert "Mark Jensen" in text
    assert "Petra" not in text
    assert "Coaching after" not in text


def test_a_link_opens_its_one_task_and_nothing_else(house: House) -> None:
    """Neither another step or moment, nor another person, nor any page of any role."""
    petra, ben = house.enrolments["petra"].id, house.enrolments["ben"].id
    tab = to_moment(house)
    tab.come_in()
    for path in (
        "people",
        f"people/{petra}/steps/S14",
        f"people/{ben}/steps/S14",
        f"people/{ben}/moments/{house.moment.statement_id}",  # type: ignore[attr-defined]
        f"people/{petra}/moments/{uuid4()}",
        "journey",
        "overview",
        "messages",
        "statements",
        f"people/{petra}",
    ):
        assert tab.open(path).status in (403, 404), path
    assert tab.open("people").status == 403


def test_a_link_to_a_step_does_that_step(house: House) -> None:
    tab = to_step(house)
    page = tab.come_in()
    hidden = page.hidden()
    done = tab.send(page_path(page), **hidden, when="today", level="3")
    shown = tab.follow(done)
    assert "It is on the record" in shown.text
    assert "Your people" not in shown.links


def page_path(page) -> str:  # type: ignore[no-untyped-def]
    return page.html.split('method="post" action="')[1].split('"')[0]


def test_a_manager_who_takes_part_does_not_reach_the_own_journey_by_a_link(house: House) -> None:
    """Never a login to anything else."""
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert run is not None
        enrolments.enrol(session, run.tenant_id, run.id, house.people["mark"].id, date(2026, 2, 20))
    tab = to_people(house)
    assert "Your people" in tab.come_in().text
    assert tab.open("journey").status == 403


def test_a_look_at_ones_people_shows_what_took_place_and_gives_a_link_for_each_thing(house: House) -> None:
    """Process facts of the own people only; what is to be done comes by a letter of its own."""
    tab = to_people(house)
    page = tab.come_in()
    assert "Petra Novak" in page.text
    assert "Jonas" not in page.text
    assert not [href for href in page.links if "/moments/" in href or "/steps/" in href]
    ask = page_path(page)
    assert "/links/moment/" in ask
    assert "Sent." in tab.follow(tab.send(ask, csrf=page.hidden()["csrf"])).text
    asked = letter(house, "mark", "link")
    assert asked is not None
    fresh = LinkTab(house, links(asked.text)[0])
    assert fresh.link != links_of(house)[0]
    assert "Did this happen?" in fresh.come_in().text
    tab.send(ask, csrf=page.hidden()["csrf"])
    assert len(rows(house, "mark", "link")) == 1


def test_a_link_to_somebody_elses_person_cannot_be_asked_for(house: House) -> None:
    tab = to_people(house)
    csrf = tab.come_in().hidden()["csrf"]
    assert tab.send(f"people/{house.enrolments['jonas'].id}/links/step/S14", csrf=csrf).status == 403
    assert rows(house, "mark", "link") == []


def test_a_link_ends_after_fourteen_days_and_offers_a_new_one_to_the_same_address(house: House) -> None:
    tab = to_moment(house)
    old = tab.link
    csrf = tab.look().hidden()
    tab.come_in()
    house.world.clock.on(days=14, seconds=1)
    assert tab.open("").status == 403
    page = tab.look()
    assert page.status == 200
    assert "older than 14 days" in page.text
    assert "example.org" not in page.html
    assert tab.send(old, **csrf).status == 303  # the button of a page that was open all the time
    again = tab.send(f"{old}/again", **page.hidden(f"{old}/again"))
    assert "A new link" in again.text
    fresh = letter(house, "mark", "link")
    assert fresh is not None
    assert fresh.to == "mark@example.org"
    assert "Did this happen?" in LinkTab(house, links(fresh.text)[0]).come_in().text


def test_what_is_done_needs_no_new_link(house: House) -> None:
    """And the page does not say so: whoever holds an old link learns nothing from it."""
    tab = to_moment(house)
    house.acted(Kind.VERIFIED, "mark", refers_to=house.moment.statement_id)  # type: ignore[attr-defined]
    house.world.clock.on(days=15)
    page = tab.look()
    assert "A new link" in tab.send(f"{tab.link}/again", **page.hidden(f"{tab.link}/again")).text
    assert rows(house, "mark", "link") == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_link_ends_with_the_relation(house: House, when: str) -> None:
    """Before it was opened, and in the middle of a visit."""
    tab = to_moment(house)
    if when == "after":
        assert tab.come_in().status == 200
    with house.bridge.sessions.write() as session:
        for row in enrolments.relations_of(
            session, house.world.tenant.id, house.world.run.id, [house.people["petra"].id]
        )[house.people["petra"].id]:
            row.end = date(2026, 3, 25)
    assert tab.look().status == 403
    if when == "after":
        assert tab.open("").status == 403


def test_links_that_were_taken_back_open_nothing(house: House) -> None:
    tab = to_moment(house)
    tab.come_in()
    with house.bridge.sessions.write() as session:
        mark = house.people["mark"].id
        assert message_links.revoke_all(session, house.world.tenant.id, mark, house.bridge.clock()) > 0
    assert tab.look().status == 403
    assert tab.open("").status == 403
    assert tab.send(f"{tab.link}/again", csrf="").status == 403


def test_a_link_to_a_closed_run_opens_nothing(house: House) -> None:
    tab = to_moment(house)
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert run is not None
        run.closed = house.bridge.clock()
    assert tab.look().status == 403


def test_the_button_needs_the_mark_of_its_own_page(house: House) -> None:
    """A page elsewhere cannot open a visit with somebody's link, nor have a new one sent."""
    tab = to_moment(house)
    assert tab.send(tab.link, csrf="0" * 64).status == 403
    assert tab.send(tab.link).status == 403
    assert tab.send(f"{tab.link}/again").status == 403


def test_a_visit_by_link_stays_with_the_browser_that_opened_it(house: House) -> None:
    """The address of the page alone is worth nothing in another browser, where the first one keeps cookies."""
    link = links_of(house)[0]
    client = house.app.test_client()
    looked = client.get(link, base_url="https://bridge.example")
    csrf = looked.get_data(as_text=True).split('name="csrf" value="')[1].split('"')[0]
    entered = client.post(link, data={"csrf": csrf}, base_url="https://bridge.example")
    there = entered.headers["Location"]
    assert client.get(there, base_url="https://bridge.example").status_code == 303
    assert house.client().get(there).status_code == 403


def test_the_token_of_a_link_is_not_in_the_database(house: House) -> None:
    """Neither in the link's row nor in the letter that waits."""
    token = links_of(house)[0].rpartition("/")[2]
    with house.bridge.sessions.engine.connect() as connection:
        raw = connection.connection.driver_connection
        dumped = "\n".join(raw.iterdump()) if hasattr(raw, "iterdump") else _every_row(connection)
    assert token not in dumped
    assert message_links.hashed(token) in dumped


def _every_row(connection) -> str:  # type: ignore[no-untyped-def]
    names = ("message", "message_link", "visit")
    return "\n".join(str(row) for name in names for row in connection.exec_driver_sql(f"SELECT * FROM {name}"))


def test_neither_link_nor_visit_shows_in_headers_or_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    tab = to_moment(house)
    page = tab.look()
    assert page.answer.headers["Referrer-Policy"] == "no-referrer"
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'self'" in page.answer.headers["Content-Security-Policy"]
    assert "lms.example" not in page.answer.headers["Content-Security-Policy"]
    tab.come_in()
    tab.open("overview")
    tab.send(tab.link, csrf="wrong")
    token = tab.link.rpartition("/")[2]
    assert token not in caplog.text
    assert tab.token not in caplog.text


@pytest.mark.parametrize("wrong", ["x", "0" * 43, "%00", "..%2f..", "é"])
def test_a_link_that_is_none_of_ours_is_a_door(house: House, wrong: str) -> None:
    tab = LinkTab(house, f"/m/{wrong}")
    assert tab.look().status in (403, 404)
    assert tab.send(tab.link, csrf="x").status in (403, 404)


def test_trying_links_is_slowed_down_and_good_ones_are_not(house: House) -> None:
    """Counted are links that do not exist, so that a whole company behind one address gets in on Monday morning."""
    good = to_moment(house)
    answers = [LinkTab(house, f"/m/{number:043}").look().status for number in range(31)]
    assert answers[0] == 403
    assert answers[-1] == 429
    assert good.look().status == 200


def test_letters_of_another_tenant_open_nothing_here(house: House) -> None:
    """A link names its tenant itself; a run of another tenant is not found."""
    link = all_links(house)[0]
    assert house.stan.open().status
    with house.bridge.sessions.write() as session:
        other = session.scalars(select(PersonRow).where(PersonRow.name == "Stan Strange")).one()
        session.get_one(MessageLink, link.id).tenant_id = other.tenant_id
    token = message_links.token_of(house.bridge.settings.secret_key, link.id)
    assert LinkTab(house, f"/m/{token}").look().status == 403


def test_a_new_manager_gets_links_and_the_old_one_none(house: House) -> None:
    """After a change of manager, the week's letters go to whoever leads now."""
    petra = house.people["petra"].id
    with house.bridge.sessions.write() as session:
        tenant, run = house.world.tenant.id, house.world.run.id
        for row in enrolments.relations_of(session, tenant, run, [petra])[petra]:
            row.end = date(2026, 3, 26)
        nina = house.people["nina"].id
        enrolments.relate(session, tenant, run, petra, nina, Role.MANAGER, "test", date(2026, 3, 27))
    house.world.clock.now = house.world.clock.now + timedelta(days=7)
    morning(house)
    by_now = letter(house, "nina")
    assert by_now is not None
    assert "Petra" in by_now.text
    marks = rows(house, "mark")
    assert all("Petra" not in (letter(house, "mark") or by_now).subject for _ in marks)
