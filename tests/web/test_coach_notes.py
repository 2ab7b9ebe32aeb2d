"""Notes of coach and coachee: read by these two, encrypted, in no statement; and what a new coach may read of them."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, tables
from tests.personas import House, Tab
from tests.web.test_coach import assessed, log

WORDS = "She wants to speak up in the Monday meeting"


def written(house: House, words: str = WORDS) -> Tab:
    carl = house.carl
    path = f"coaching/{house.enrolments['petra'].id}"
    saved = carl.follow(carl.fill(f"{path}/notes", path, note=words))
    assert words in saved.text
    return carl


def handed_over(house: House) -> Tab:
    """Carl's time ends on 20 March, Cora's begins on the 21st; answers her tab."""
    run = house.world.run
    with house.bridge.sessions.write() as session:
        rows = enrolments.relations_of(session, run.tenant_id, run.id, [house.people["petra"].id])
        for row in rows[house.people["petra"].id]:
            if row.kind == Role.COACH:
                row.end = date(2026, 3, 20)
    house.relate("cora", Role.COACH, "petra")
    return house.tab("cora")


def test_the_coachee_reads_the_note_and_answers_it(house: House) -> None:
    """Both write, both read."""
    written(house)
    petra = house.petra
    page = petra.open("coach")
    assert WORDS in page.text
    saved = petra.follow(petra.fill(f"coach/{house.people['carl'].id}/notes", "coach", note="I did it on Monday"))
    assert "Saved. The two of you can read it, and nobody else." in saved.text
    assert "I did it on Monday" in house.carl.open(f"coaching/{house.enrolments['petra'].id}").text


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "eva", "sofia", "stan"])
def test_nobody_else_reads_a_note(house: House, name: str) -> None:
    """On no page that they can open, and not through the coach's or coachee's addresses."""
    written(house)
    tab = getattr(house, name)
    seen = {""}
    waiting = [""]
    while waiting:
        page = tab.open(waiting.pop())
        if not page.answer.mimetype.startswith("text/"):
            continue  # a workbook or a PDF of what a page has
        assert WORDS not in page.html
        fresh = [link.split("#")[0] for link in page.links if link.startswith("/s/")]
        fresh = [link for link in dict.fromkeys(fresh) if link not in seen][:20]
        seen |= set(fresh)
        waiting += fresh if len(seen) < 40 else []
    assert tab.open(f"coaching/{house.enrolments['petra'].id}").status in (403, 404)
    assert tab.open("coach").status == 403


def test_another_coachee_of_the_same_coach_reads_nothing(house: House) -> None:
    """Ben is coached by Carl, too."""
    written(house)
    assert WORDS not in house.tab("ben").open("coach").text


def test_a_note_lies_encrypted_and_is_in_no_statement(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the table nor any other holds its words, and no log line does."""
    caplog.set_level(logging.DEBUG)
    written(house)
    with house.bridge.engine.connect() as connection:
        (sealed,) = connection.execute(text("SELECT sealed FROM coaching_note")).scalars()
        assert WORDS not in sealed
        for table in tables.METADATA.sorted_tables:
            for row in connection.execute(select(table)):
                assert "Monday meeting" not in str(row), table.name
    assert "Monday meeting" not in caplog.text


def test_without_the_key_the_note_stays_shut(house: House) -> None:
    """Another secret of the installation does not open it; the page says so, and the rest of it is there."""
    carl = written(house)
    with house.bridge.engine.begin() as connection:
        sealed = connection.execute(text("SELECT sealed FROM coaching_note")).scalar_one()
        connection.execute(text("UPDATE coaching_note SET sealed = :other"), {"other": sealed[:-9] + "AAAAAAAA="})
    page = carl.open(f"coaching/{house.enrolments['petra'].id}")
    assert page.status == 200
    assert "This note cannot be opened" in page.text


def test_a_note_that_was_moved_to_another_pair_does_not_open(house: House) -> None:
    """Whoever can write to the database cannot have it read by somebody else."""
    written(house)
    with house.bridge.engine.begin() as connection:
        connection.execute(text("UPDATE coaching_note SET enrolment_id = :ben"), {"ben": house.enrolments["ben"].id})
    page = house.tab("ben").open("coach")
    assert "This note cannot be opened" in page.text
    assert WORDS not in page.text


def test_who_wrote_a_note_takes_it_away(house: House) -> None:
    """For both of them; the other one cannot."""
    carl = written(house)
    path = f"coaching/{house.enrolments['petra'].id}"
    note = carl.open(path).html.split(f"{path}/notes/")[1].split("/away")[0]
    petra = house.petra
    assert petra.send(f"coach/notes/{note}/away", **petra.open("coach").hidden()).status == 404
    away = f"{path}/notes/{note}/away"
    assert "taken away for good" in carl.follow(carl.fill(away, path)).text
    assert WORDS not in petra.open("coach").text


def test_an_empty_note_is_told_and_the_same_form_sent_twice_is_one_note(house: House) -> None:
    """A summary with a link to the field."""
    carl = house.carl
    path = f"coaching/{house.enrolments['petra'].id}"
    assert carl.fill(f"{path}/notes", path, note=" ").status == 422
    hidden = carl.open(path).hidden(carl.path(f"{path}/notes"))
    for _ in range(2):
        assert carl.send(f"{path}/notes", **hidden, note=WORDS).status == 303
    assert carl.open(path).text.count(WORDS) == 1


def test_a_note_with_a_session_goes_to_the_page_of_the_two(house: House) -> None:
    """No double entry: the form of the session takes it."""
    house.world.clock.now = datetime(2026, 4, 1, 9, tzinfo=UTC)

    assessed(house, "petra", 25)
    log(house.carl, house, "S15", "petra", note=WORDS)
    assert WORDS in house.petra.open("coach").text


def test_when_the_coach_changes_notes_stay_with_the_former_pair(house: House) -> None:
    """The former coach and the coachee read them, the new one does not; nothing new is written."""
    written(house)
    cora = handed_over(house)
    path = f"coaching/{house.enrolments['petra'].id}"
    assert WORDS not in cora.open(path).text
    former = house.tab("carl")
    assert WORDS in former.open(path).text
    hidden = {**former.open(path).hidden(), "act": str(uuid4())}
    assert former.send(f"{path}/notes", **hidden, note="Something new").status == 403
    assert "Your coach until 20 March 2026" in house.petra.open("coach").text


def test_the_coachee_may_let_the_new_coach_read_and_take_it_back(house: House) -> None:
    """One tap each way; the new coach cannot do it for them."""
    written(house)
    cora = handed_over(house)
    path = f"coaching/{house.enrolments['petra'].id}"
    petra = house.petra
    assert "May Cora read the notes of you and Carl?" in petra.open("coach").text
    consent = f"coach/{house.people['carl'].id}/readers/{house.people['cora'].id}"
    assert cora.send(consent, **cora.open(path).hidden(), word="yes").status == 403
    petra.follow(petra.fill(consent, "coach", word="yes"))
    read = cora.open(path).text
    assert WORDS in read
    assert "Petra lets you read the notes with Carl Brandt, too." in read
    petra.follow(petra.fill(consent, "coach", word="no"))
    assert WORDS not in cora.open(path).text


def test_consent_is_for_a_coach_of_today_and_a_former_one_with_notes(house: House) -> None:
    """Nobody else can be let in, whatever the address says."""
    written(house)
    handed_over(house)
    petra = house.petra
    hidden = {**petra.open("coach").hidden(), "act": str(uuid4())}
    for former, reader in (("carl", "mark"), ("mark", "cora"), ("cora", "cora")):
        address = f"coach/{house.people[former].id}/readers/{house.people[reader].id}"
        assert petra.send(address, **hidden, word="yes").status == 404


def test_everybody_takes_out_the_notes_they_wrote_and_no_others(house: House) -> None:
    """On the page of one's own data, and in its file."""
    written(house)
    petra = house.petra
    petra.fill(f"coach/{house.people['carl'].id}/notes", "coach", note="I did it on Monday")
    for page in (petra.open("my-data"), petra.open("my-data.json")):
        assert "I did it on Monday" in page.html
        assert WORDS not in page.html
    assert WORDS in house.carl.open("my-data.json").html
