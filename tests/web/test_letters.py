"""Each morning's round: who is told what, once, and with no content beside a name."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, select

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reminders import Wishes
from lrs_bridge.flows.messages import plan_due
from lrs_bridge.store import enrolments, message_wishes, people, runs
from lrs_bridge.store.messages import MessageRow
from tests.flows.world import ISSUER
from tests.personas import House
from tests.web.letters import letter, links, morning, rows, with_addresses
from tests.web.test_link import applied


@pytest.fixture
def house(house: House) -> House:
    return with_addresses(house)


def wish(house: House, who: str, **wishes: bool) -> None:
    with house.bridge.sessions.write() as session:
        now = house.bridge.clock()
        message_wishes.wish(session, house.world.tenant.id, house.people[who].id, Wishes(**wishes), now)


def begin_on(house: House, day: date) -> None:
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert run is not None
        run.day_zero = day


def test_a_manager_is_told_two_things_and_a_participant_what_is_next(house: House) -> None:
    applied(house)
    morning(house)
    to_mark = letter(house, "mark")
    assert to_mark is not None
    assert to_mark.subject == "Two things this week, about ten minutes"
    assert "1. Petra asks you to confirm a moment of 24 March" in to_mark.text
    assert len(links(to_mark.text)) == 3  # two things, and a look at one's people
    assert "more things wait on the page of your people" in to_mark.text
    to_petra = letter(house, "petra")
    assert to_petra is not None
    assert "Open the journey in your course" in to_petra.text
    assert links(to_petra.text) == []


def test_no_content_stands_in_a_letter(house: House) -> None:
    """Not what was done, in which moment, with what result, nor any word of it; and no name beside the subject."""
    house.acted(
        Kind.APPLIED,
        "petra",
        step="S13",
        moment="M2",
        at=datetime(2026, 3, 24, 11, tzinfo=UTC),
        score=Score(3, 0, 4),
        data={"behaviours": ["B1"]},
    )
    morning(house)
    journey = house.world.run.journey
    for who in ("mark", "petra"):
        found = letter(house, who)
        assert found is not None
        for secret in [moment.title for moment in journey.moments] + [one.title for one in journey.behaviours]:
            assert secret not in found.text
        assert "Petra" not in found.subject


def test_a_manager_reads_of_the_own_people_only(house: House) -> None:
    applied(house)
    applied(house, "jonas")
    morning(house)
    mark, nina = letter(house, "mark"), letter(house, "nina")
    assert mark is not None
    assert nina is not None
    assert "Jonas" not in mark.text
    assert "Petra" not in nina.text


def test_looking_twice_says_nothing_twice(house: House) -> None:
    """Nor the next day, until the week is over."""
    assert morning(house) > 0
    assert morning(house) == 0
    house.world.clock.on(days=1)
    assert morning(house) == 0
    house.world.clock.on(days=4)  # the Tuesday after
    assert morning(house) > 0
    assert len(rows(house, "petra")) == 2


def test_the_round_is_made_once_a_morning(house: House) -> None:
    """The worker may ask as often as it likes, also before anybody is awake."""
    secret, clock = house.bridge.settings.secret_key, house.world.clock
    clock.now = datetime(2026, 3, 26, 4, 0, tzinfo=UTC)  # five in the morning in Berlin
    assert plan_due(house.bridge.sessions, secret, clock()) == 0
    clock.now = datetime(2026, 3, 26, 6, 0, tzinfo=UTC)
    assert plan_due(house.bridge.sessions, secret, clock()) > 0
    applied(house)
    wish(house, "mark", morning=True)
    assert plan_due(house.bridge.sessions, secret, clock.on(hours=2)) == 0


def test_one_digest_a_week_whatever_parts_somebody_has(house: House) -> None:
    """Mark takes part himself: one letter, with both parts."""
    with house.bridge.sessions.write() as session:
        run = house.world.run
        enrolments.enrol(session, run.tenant_id, run.id, house.people["mark"].id, date(2026, 2, 20))
    morning(house)
    assert len(rows(house, "mark")) == 1
    found = letter(house, "mark")
    assert found is not None
    assert "Your people: what took place" in found.text
    assert "Open the journey in your course" in found.text


def test_news_of_the_morning_only_for_whoever_asked_for_it(house: House) -> None:
    """A question of yesterday, a step that is due tomorrow or was missed."""
    applied(house, day=25)
    wish(house, "mark", morning=True)
    morning(house)
    found = letter(house, "mark", "morning")
    assert found is not None
    assert "Petra asks you to confirm a moment of 25 March" in found.text
    assert rows(house, "nina", "morning") == []
    house.world.clock.on(days=1)
    morning(house)
    assert len(rows(house, "mark", "morning")) == 1


def test_whoever_stopped_gets_nothing(house: House) -> None:
    applied(house)
    wish(house, "mark", weekly=False, morning=False)
    morning(house)
    assert rows(house, "mark") == []


def test_the_invitation_brings_the_notice_of_each_role_before_day_zero_once(house: House) -> None:
    begin_on(house, date(2026, 3, 30))
    morning(house)
    petra, mark = letter(house, "petra", "invitation"), letter(house, "mark", "invitation")
    assert petra is not None
    assert mark is not None
    assert petra.subject == "Your learning journey begins on 30 March"
    assert "gets Journey completion, Manager engagement, Application on the job, Success case" in petra.text
    assert "Two things a week" in mark.text or "two things a week" in mark.text
    assert "one score for each participant" in mark.text
    house.world.clock.on(days=1)
    morning(house)
    assert len(rows(house, "petra", "invitation")) == 1


def test_somebody_without_an_address_has_a_row_and_no_letter(house: House) -> None:
    """So that an admin sees who is not reached."""
    with house.bridge.sessions.write() as session:
        people.get_person(session, house.world.tenant.id, house.people["petra"].id).email = None  # type: ignore[union-attr]
    morning(house)
    assert len(rows(house, "petra")) == 1
    assert letter(house, "petra") is None


def test_what_a_person_keeps_to_themselves_is_nobodys_thing(house: House) -> None:
    """Petra said no to a word about her moment."""
    said = applied(house)
    from lrs_bridge.store import notes

    with house.bridge.sessions.write() as session:
        run, petra = house.world.run, house.enrolments["petra"]
        notes.write_note(
            session,
            run.tenant_id,
            run.id,
            petra.id,
            house.people["petra"].id,
            said.statement_id,
            "applied",
            {"ask": "no"},
            house.bridge.clock(),
        )
    morning(house)
    found = letter(house, "mark")
    assert found is not None
    assert "moment of 24 March" not in found.text


def test_a_name_is_the_one_of_the_moment_of_sending_and_none_is_kept(house: House) -> None:
    """The row that waits has ids only, so erasing a person takes them out of letters, too."""
    applied(house)
    morning(house)
    with house.bridge.sessions.read() as session:
        kept = str([row.content for row in session.scalars(select(MessageRow))])
    for secret in ("Petra", "Mark", "example.org", "Coaching after"):
        assert secret not in kept


def test_a_letter_has_a_calendar_file_for_what_people_meet_for(house: House) -> None:
    house.world.clock.now = datetime(2026, 2, 24, 9, tzinfo=UTC)
    morning(house)
    before = letter(house, "mark")
    assert before is not None
    assert before.calendar is not None
    assert b"BEGIN:VEVENT" in before.calendar.text
    assert b"SUMMARY:" in before.calendar.text


def test_the_number_of_queries_does_not_grow_with_the_run(house: House) -> None:
    """Reading; what is written grows with the letters."""
    engine = house.bridge.sessions.engine

    def reads() -> int:
        seen: list[str] = []

        def count(_c, _cu, statement, *_rest):  # type: ignore[no-untyped-def]
            if statement.lstrip().upper().startswith("SELECT"):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        try:
            morning(house)
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    morning(house)
    few = reads()
    with house.bridge.sessions.write() as session:
        run, now = house.world.run, house.bridge.clock()
        for number in range(20):
            person = people.ensure_person(session, run.tenant_id, ISSUER, f"more{number}", now, name=f"More {number}")
            enrolments.enrol(session, run.tenant_id, run.id, person.id, date(2026, 2, 10))
            mark = house.people["mark"].id
            enrolments.relate(session, run.tenant_id, run.id, person.id, mark, Role.MANAGER, "test", date(2026, 2, 1))
    morning(house)
    assert reads() == few
