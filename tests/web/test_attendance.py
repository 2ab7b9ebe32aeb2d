"""Dario's lists of who was there: by hand, from a list, with leaders in the room, and taken back again."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people
from lrs_bridge.store.outbox import OutboxStatement
from tests.flows.world import ISSUER
from tests.personas import House, Page
from tests.web.whys import asked

KICK_OFF = "events/S09"
THAT_DAY = "2026-03-02"


def account(house: House, name: str) -> str:
    return house.people[name].account


def save(house: House, *names: str, on: str = THAT_DAY, seen: tuple[str, ...] = (), **more: str) -> Page:
    """Dario's list of a day with these names ticked; `seen`: who was shown as there."""
    dario = house.dario
    fields: dict[str, object] = {**dario.open(f"{KICK_OFF}?on={on}").hidden(dario.path(KICK_OFF)), "on": on, **more}
    fields["seen"] = [account(house, name) for name in seen]
    return dario.follow(dario.send(KICK_OFF, **fields, ticked=[account(house, name) for name in names]))


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "eva", "stan"])
@pytest.mark.parametrize("path", ["events", KICK_OFF, "questions"])
def test_only_the_teacher_opens_the_lists(house: House, name: str, path: str) -> None:
    """Nobody else sees who was there by a list, a teacher of another course neither."""
    assert getattr(house, name).open(path).status in (403, 404)


@pytest.mark.parametrize("name", ["petra", "mark", "stan"])
def test_only_the_teacher_ticks_a_list(house: House, name: str) -> None:
    """A form of Dario's does not help somebody else."""
    dario = house.dario
    fields = dario.open(KICK_OFF).hidden(dario.path(KICK_OFF))
    tab = getattr(house, name)
    for path in (KICK_OFF, f"{KICK_OFF}/list"):
        assert tab.send(path, **fields, ticked=[account(house, "petra")], lines="Petra Novak").status in (403, 404)
    assert house.facts("petra", Kind.ATTENDED) == []


def test_the_events_of_the_journey_are_listed_with_their_days(house: House) -> None:
    """The leaders' step of the same days is the same event."""
    text = house.dario.open("events").text
    assert "Live virtual kick-off, small group, 90-120 min, real practice 2 March." in text
    assert "A step of participants and managers." in text
    assert "Attend the same kick-off" not in text
    assert "30-day group session" in text


def test_ticking_puts_the_attendee_on_record_and_names_who_ticked(house: House) -> None:
    """At noon of that day, with the time of entering and how long it was."""
    page = save(house, "petra", "ben", minutes="90")
    assert "Two people were added." in page.text
    assert "2 of 3 there" in page.text
    (fact,) = house.facts("petra", Kind.ATTENDED)
    assert (fact.actor, fact.role, fact.step) == (account(house, "petra"), "participant", "S09")
    assert fact.at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert fact.recorded == house.world.clock()
    with house.bridge.sessions.read() as session:
        row = session.get(OutboxStatement, fact.id)
    assert row is not None
    statement = row.body or {}
    dario = people_of(house, "dario")
    assert statement["context"]["instructor"]["account"]["name"] == dario
    assert statement["result"]["duration"] == "PT01H30M00S"
    assert house.facts("jonas", Kind.ATTENDED) == []
    assert "You were there 2 March" in house.petra.open().text


def people_of(house: House, sub: str) -> str:
    with house.bridge.sessions.read() as session:
        row = people.person_by_identity(session, house.world.tenant.id, ISSUER, sub)
    assert row is not None
    return row.account


def test_everybody_was_there_in_one_tap(house: House) -> None:
    """The participants; leaders have a button of their own."""
    page = save(house, everybody="participant")
    assert "Three people were added." in page.text
    assert all(len(house.facts(name, Kind.ATTENDED)) == 1 for name in ("petra", "ben", "jonas"))
    assert "None of two leaders in the room" in page.text


def test_a_leader_in_the_room_counts_for_each_of_their_people(house: House) -> None:
    """On the leaders' own step, one statement for each participant they manage."""
    page = save(house, "mark")
    assert "One person was added." in page.text
    assert "One of two leaders in the room" in page.text
    for name in ("petra", "ben"):
        (fact,) = house.facts(name, Kind.ATTENDED)
        assert (fact.actor, fact.role, fact.step) == (account(house, "mark"), "manager", "S10")
    assert house.facts("jonas", Kind.ATTENDED) == []
    assert "Event 2 Mar" in house.mark.open().text


def test_a_sponsor_without_a_step_is_present_on_the_participants_step(house: House) -> None:
    """And completes nobody's step by it."""
    run = house.world.run
    with house.bridge.sessions.write() as session:
        sofia = people.ensure_person(session, run.tenant_id, ISSUER, "sofia", house.bridge.clock(), name="Sofia Lind")
        enrolments.relate(session, run.tenant_id, run.id, house.people["mark"].id, sofia.id, Role.SPONSOR, "test")
    house.people["sofia"] = sofia
    page = save(house, "sofia")
    assert "One of three leaders in the room" in page.text
    (fact,) = house.facts("petra", Kind.ATTENDED)
    assert (fact.actor, fact.role, fact.step) == (sofia.account, "sponsor", "S09")
    assert "You were there" not in house.petra.open().text


def test_a_change_of_mind_voids_and_writes_again(house: House) -> None:
    """Taking a tick away takes the presence back, and it can come back."""
    save(house, "petra", "ben")
    dario = house.dario
    shown = dario.open(f"{KICK_OFF}?on={THAT_DAY}")
    fields = {**shown.hidden(dario.path(KICK_OFF)), "seen": [account(house, "petra"), account(house, "ben")]}
    page = dario.follow(dario.send(KICK_OFF, **fields, ticked=[account(house, "ben")]))
    assert "One person was taken off." in page.text
    assert house.facts("petra", Kind.ATTENDED) == []
    assert len(house.facts("ben", Kind.ATTENDED)) == 1
    save(house, "petra", "ben", seen=("ben",))
    assert len(house.facts("petra", Kind.ATTENDED)) == 1


def test_the_same_form_twice_is_the_same_as_once(house: House) -> None:
    """Also after a press of the back button."""
    dario = house.dario
    fields = dario.open(KICK_OFF).hidden(dario.path(KICK_OFF))
    for _ in range(2):
        assert dario.send(KICK_OFF, **fields, ticked=[account(house, "petra")]).status == 303
    assert len(house.facts("petra", Kind.ATTENDED)) == 1


def test_whoever_said_so_meanwhile_stays(house: House) -> None:
    """The list was shown before Petra said that she was there; it does not take that back."""
    dario = house.dario
    fields = dario.open(f"{KICK_OFF}?on={THAT_DAY}").hidden(dario.path(KICK_OFF))
    house.acted(Kind.ATTENDED, "petra", step="S09", at=datetime(2026, 3, 2, 11, tzinfo=UTC))
    dario.send(KICK_OFF, **fields, ticked=[account(house, "ben")])
    assert len(house.facts("petra", Kind.ATTENDED)) == 1


def test_an_own_word_needs_no_second_statement(house: House) -> None:
    """She is shown as there, and a tick that stays changes nothing."""
    house.acted(Kind.ATTENDED, "petra", step="S09", at=datetime(2026, 3, 2, 11, tzinfo=UTC))
    page = save(house, "petra", seen=("petra",))
    assert "The list is as it was." in page.text
    assert len(house.facts("petra", Kind.ATTENDED)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"on": "2026-03-27"}, "That day is still to come."),
        ({"on": "2026-02-31"}, "Give the day of the event, for example 24 March."),
        ({"on": "2020-01-01"}, "That is more than a year before the run."),
        ({"minutes": "-3"}, "Give minutes, from 1 to 1440"),
        ({"minutes": "many"}, "Give minutes as a whole number"),
        ({"act": "nothing"}, "Load the page again."),
    ],
)
def test_a_wrong_list_is_explained_and_keeps_its_ticks(house: House, fields: dict[str, str], words: str) -> None:
    """Nothing is saved, and nothing that was ticked is lost."""
    dario = house.dario
    hidden = dario.open(KICK_OFF).hidden(dario.path(KICK_OFF))
    page = dario.send(KICK_OFF, **{**hidden, **fields}, ticked=[account(house, "ben")])
    assert page.status == 422
    assert words in page.text
    assert f'value="{account(house, "ben")}" checked' in page.html
    assert house.facts("ben", Kind.ATTENDED) == []


def test_a_day_that_is_none_is_explained(house: House) -> None:
    """In the address, too."""
    page = house.dario.open(f"{KICK_OFF}?on=yesterday")
    assert page.status == 422
    assert "There is no such day." in page.text
    assert house.dario.open("events/S04").status == 404


def test_strangers_on_the_form_are_nobody(house: House) -> None:
    """An account that is not on the list changes nothing."""
    page = save(house, "petra")
    assert "One person was added." in page.text
    dario = house.dario
    hidden = dario.open(KICK_OFF).hidden(dario.path(KICK_OFF))
    hidden["seen"] = people_of(house, "dario")
    again = dario.follow(dario.send(KICK_OFF, **hidden, ticked=["nobody", hidden["seen"]]))
    assert "The list is as it was." in again.text


def test_a_group_session_lists_those_on_whose_path_it_is(house: House) -> None:
    """The others are counted, and nobody says why."""
    house.world.clock.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    house.acted(Kind.ROUTED, "mark", step="S12", data={"route": "mid_high"})
    house.acted(Kind.ROUTED, "mark", about="ben", step="S12", data={"route": "low"})
    page = house.dario.open("events/S16")
    assert "Petra Novak" in page.text
    assert "Ben Adler" not in page.text
    assert "Not on the list: two participants on whose path this event is not." in page.text


# From a list


def roll(house: House, lines: str = "", file: bytes | None = None, on: str = THAT_DAY) -> Page:
    dario = house.dario
    path = f"{KICK_OFF}/list"
    hidden = dario.open(f"{KICK_OFF}?on={on}").hidden(dario.path(path))
    more = {"file": (io.BytesIO(file), "zoom.csv")} if file is not None else {}
    return dario.send(path, **{**hidden, "on": on}, lines=lines, **more)


def test_a_list_is_tried_line_by_line_and_then_done(house: House) -> None:
    """Guests are left out and said; the others are added on a word."""
    dario = house.dario
    path = f"{KICK_OFF}/list"
    hidden = dario.open(f"{KICK_OFF}?on={THAT_DAY}").hidden(dario.path(path))
    lines = "Name,Email\nNovak; Petra\nBEN ADLER\nGrandma\nPetra Novak\n"
    page = dario.send(path, **hidden, lines=lines)
    assert page.status == 200
    assert "Line 4, “Grandma”: nobody who is expected here has that name." in page.text
    assert "Petra Novak Participant 2" in page.text
    assert "Ben Adler Participant 3" in page.text
    assert house.facts("petra", Kind.ATTENDED) == []
    done = dario.follow(dario.send(path, **page.hidden(dario.path(path))))
    assert "Two people were added." in done.text
    assert len(house.facts("petra", Kind.ATTENDED)) == 1
    assert len(house.facts("ben", Kind.ATTENDED)) == 1


def test_a_file_of_a_meeting_tool_is_read(house: House) -> None:
    """With a byte order mark, quotes and columns that do not matter."""
    with house.bridge.sessions.write() as session:
        person = people.get_person(session, house.world.tenant.id, house.people["petra"].id)
        assert person is not None
        person.email = "petra@example.org"
    file = '\ufeffName (Original Name),User Email,Duration (Minutes)\r\n"P. N.",Petra@Example.org,91\r\n'.encode()
    page = roll(house, file=file)
    assert "Petra Novak Participant 2" in page.text


@pytest.mark.parametrize(
    ("lines", "file", "words"),
    [
        ("", None, "Paste some lines, or choose a file."),
        ("", b"PK\x03\x04", "this is a workbook and no CSV file"),
        ("x" * 100_001, None, "That is more than 100,000 characters."),
    ],
)
def test_a_list_that_cannot_be_read_is_explained(house: House, lines: str, file: bytes | None, words: str) -> None:
    page = roll(house, lines, file)
    assert page.status == 422
    assert words in page.text


def test_a_list_that_names_nobody_new_says_so(house: House) -> None:
    """And offers nothing to press."""
    save(house, "petra")
    page = roll(house, "Petra Novak")
    assert "The list adds nobody" in page.text
    assert "On the list already: Petra Novak." in page.text
    assert "They were there" not in page.text


def test_the_list_costs_the_same_in_a_run_of_any_size(house: House) -> None:
    """Ten more people ask nothing more of the database."""
    dario = house.dario
    with asked(house) as few:
        dario.open(KICK_OFF)
    with house.bridge.sessions.write() as session:
        for number in range(10):
            now = house.bridge.clock()
            person = people.ensure_person(
                session, house.world.tenant.id, ISSUER, f"more{number}", now, name=f"More {number}"
            )
            run = house.world.run
            enrolments.enrol(session, run.tenant_id, run.id, person.id, run.day_zero)
            enrolments.relate(session, run.tenant_id, run.id, person.id, house.people["mark"].id, Role.MANAGER, "test")
    with asked(house) as many:
        page = dario.open(KICK_OFF)
    assert "More 9" in page.text
    assert len(many) == len(few)
