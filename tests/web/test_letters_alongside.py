"""Letters of coaches and sponsors: the week, the notice's link, and how far a sponsor's link goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import Wishes
from lrs_bridge.store import enrolments, message_wishes, runs
from tests.personas import House
from tests.web.letters import LinkTab, letter, links, morning, rows, stop_path, with_addresses


@pytest.fixture
def house(house: House) -> House:
    """Carl coaches Petra and Ben, Sofia leads Mark; both have an address."""
    assert house.carl.token
    assert house.sofia.token
    return with_addresses(house)


def at(house: House, year: int, month: int, day: int) -> None:
    house.world.clock.now = datetime(year, month, day, 9, tzinfo=UTC)


def routed(house: House, who: str, route: str) -> None:
    house.acted(Kind.ROUTED, who, about=who, step="S12", role=Role.SYSTEM, data={"route": route})


def test_a_coach_is_told_which_sessions_wait_and_with_whom(house: House) -> None:
    """With first names, days and titles; each session is logged in the course, so no link opens anything."""
    routed(house, "petra", "low")
    routed(house, "ben", "low")
    at(house, 2026, 3, 30)
    morning(house)
    found = letter(house, "carl")
    assert found is not None
    assert found.subject == "Two sessions to hold this week"
    assert ": Petra" in found.text
    assert ": Ben" in found.text
    assert "each session stands on your first page" in found.text
    assert links(found.text) == []
    assert "Novak" not in found.text


def test_a_session_with_a_group_is_one_thing_without_names(house: House) -> None:
    routed(house, "petra", "mid_high")
    routed(house, "ben", "mid_high")
    at(house, 2026, 3, 30)
    morning(house)
    found = letter(house, "carl")
    assert found is not None
    assert found.subject == "One session to hold this week"
    assert "Petra" not in found.text


def test_a_coach_whose_person_has_another_since_gets_no_word_about_them(house: House) -> None:
    """The letter is written when it is sent."""
    routed(house, "petra", "low")
    at(house, 2026, 3, 30)
    morning(house)
    with house.bridge.sessions.write() as session:
        run = house.world.run
        ids = [house.people[name].id for name in ("petra", "ben")]
        for group in enrolments.relations_of(session, run.tenant_id, run.id, ids).values():
            for row in group:
                if row.kind == Role.COACH:
                    row.end = date(2026, 3, 29)
    assert letter(house, "carl") is None


def test_a_sponsor_is_told_two_things_at_most_and_has_a_link_to_each(house: House) -> None:
    morning(house)
    found = letter(house, "sofia")
    assert found is not None
    assert "this week" in found.subject
    assert "Whether the chain works, and the one question to ask: https" in found.text
    assert 2 <= len(links(found.text)) <= 3
    for name in ("Petra", "Mark", "Ben"):
        assert name not in found.text


def step_link(house: House, title: str) -> LinkTab:
    found = letter(house, "sofia")
    assert found is not None
    _, _, after = found.text.partition(title)
    return LinkTab(house, links(after)[0])


def test_the_link_to_a_step_does_that_step_and_no_other(house: House) -> None:
    """The message to everybody, written from the letter; nothing else of hers, and no other role's page."""
    message = next(step for step in house.world.run.journey.owned_by(Role.SPONSOR) if step.type == "sponsor_message")
    case = next(step for step in house.world.run.journey.owned_by(Role.SPONSOR) if step.type == "content_request")
    at(house, 2026, 2, 24)
    morning(house)
    tab = step_link(house, message.title)
    page = tab.come_in()
    assert "The one question to ask your managers" in page.text
    assert any(href.endswith(f"chain/message/{message.id}") for href in page.links)
    assert "each by its own link" in page.text
    saved = tab.follow(tab.fill(f"chain/message/{message.id}", words="I stand behind this."))
    assert saved.status == 200
    assert house.facts("petra", Kind.COMPLETED)[-1].step == message.id
    for other in (f"chain/case/{case.id}", "people", "overview", "my-data", "messages", "outcome"):
        assert tab.open(other).status in (403, 404), other


def test_a_look_at_the_chain_does_nothing(house: House) -> None:
    morning(house)
    found = letter(house, "sofia")
    assert found is not None
    tab = LinkTab(house, links(found.text)[-1])
    page = tab.come_in()
    assert "Does the chain work?" in page.text
    assert 'name="act"' not in page.html
    assert "Your pages" not in page.html
    assert tab.open("tensions").status == 403


def test_a_sponsor_who_is_none_any_more_finds_a_closed_door(house: House) -> None:
    morning(house)
    found = letter(house, "sofia")
    assert found is not None
    tab = LinkTab(house, links(found.text)[-1])
    tab.come_in()
    with house.bridge.sessions.write() as session:
        run, mark = house.world.run, house.people["mark"].id
        for row in enrolments.relations_of(session, run.tenant_id, run.id, [mark])[mark]:
            row.end = date(2026, 3, 25)
    assert tab.look().status == 403
    assert tab.open("chain").status == 403


def test_a_sponsors_link_that_is_too_old_is_sent_anew(house: House) -> None:
    morning(house)
    found = letter(house, "sofia")
    assert found is not None
    tab = LinkTab(house, links(found.text)[0])
    house.world.clock.on(days=15)
    page = tab.look()
    assert "older than 14 days" in page.text
    again = f"{tab.link}/again"
    assert tab.send(again, **page.hidden(again)).status == 200
    sent = letter(house, "sofia", "link")
    assert sent is not None
    assert LinkTab(house, links(sent.text)[0]).come_in().status == 200


@pytest.mark.parametrize(("who", "heading"), [("carl", "As coach"), ("sofia", "As sponsor")])
def test_the_invitation_leads_to_the_notice_of_the_role(house: House, who: str, heading: str) -> None:
    """Read without an account; that it was read is kept, as in the course."""
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert run is not None
        run.day_zero = date(2026, 3, 30)
    morning(house)
    found = letter(house, who, "invitation")
    assert found is not None
    _, _, after = found.text.partition("What is recorded of you, and who sees it: ")
    tab = LinkTab(house, links(after)[0])
    page = tab.come_in()
    assert heading in page.text
    read = tab.follow(tab.send("notice", **page.hidden()))
    assert "You read it on" in read.text
    assert tab.open("coaching").status == 403
    assert tab.open("chain").status == 403
    assert house.tab(who).open("notice").text.count("You read it on") == 1


@pytest.mark.parametrize("who", ["carl", "sofia"])
def test_whoever_stopped_gets_no_week(house: House, who: str) -> None:
    """By the page in the tool, or with one click in the letter."""
    routed(house, "petra", "low")
    at(house, 2026, 3, 30)
    morning(house)
    found = letter(house, who)
    assert found is not None
    tab = LinkTab(house, stop_path(found))
    assert tab.send(tab.link, **{"List-Unsubscribe": "One-Click"}).status == 200
    assert letter(house, who) is None
    house.world.clock.now += timedelta(days=7)
    before = len(rows(house, who))
    morning(house)
    assert len(rows(house, who)) == before


def test_a_sponsor_who_did_it_all_gets_no_week(house: House) -> None:
    run = house.world.run
    for number, step in enumerate(run.journey.owned_by(Role.SPONSOR)):
        house.acted(
            Kind.TALKED_WITH if step.counterpart == Role.MANAGER else Kind.COMPLETED,
            "sofia",
            role=Role.SPONSOR,
            step=step.id,
            at=house.bridge.clock() - timedelta(hours=number + 1),
            counterpart=house.people["mark"].account if step.counterpart == Role.MANAGER else None,
        )
    morning(house)
    assert rows(house, "sofia") == []


def test_a_coach_who_also_takes_part_has_one_letter(house: House) -> None:
    routed(house, "petra", "low")
    with house.bridge.sessions.write() as session:
        run, carl = house.world.run, house.people["carl"].id
        enrolments.enrol(session, run.tenant_id, run.id, carl, date(2026, 2, 20))
        message_wishes.wish(session, run.tenant_id, carl, Wishes(weekly=True), house.bridge.clock())
    at(house, 2026, 3, 30)
    morning(house)
    assert len(rows(house, "carl")) == 1
    found = letter(house, "carl")
    assert found is not None
    assert "your next step stands first" in found.text
    assert "each session stands on your first page" in found.text
