"""A participant recognises somebody by name, and whom it means reads it; works that are to be looked at again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.letters import NoLetter, compose
from lrs_bridge.store import enrolments
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.messages import MessageRow
from tests.flows.world import build
from tests.personas import House, move_in
from tests.web.letters import MAIL, letter, morning, rows, with_addresses
from tests.web.own_steps import every_step

SAID = "Stayed an hour longer to go through my first report."


@pytest.fixture
def house(sessions: Sessions) -> House:
    return with_addresses(every_step(sessions))


def recognise(house: House, whom: str) -> None:
    sent = house.petra.fill("steps/P11", whom=whom, words=SAID, when="today")
    assert sent.status == 303, sent.text


def test_a_manager_reads_who_recognised_them(house: House) -> None:
    recognise(house, "mark jensen")
    assert f"Petra recognised what you did 26 March, in “Recognise somebody” “{SAID}”" in house.mark.open().text
    for who in ("ben", "nina", "dario"):
        tab = house.tab("ben") if who == "ben" else getattr(house, who)
        assert SAID not in tab.open().text


def test_somebody_who_is_not_beside_them_is_not_meant_by_their_name(house: House) -> None:
    """Nina manages others."""
    recognise(house, "Nina Okafor")
    assert SAID not in house.nina.open().text


def test_a_colleague_beside_them_reads_it(house: House) -> None:
    with house.bridge.sessions.write() as session:
        run = house.world.run
        petra, ben = house.people["petra"].id, house.people["ben"].id
        enrolments.relate(session, run.tenant_id, run.id, petra, ben, Role.PEER, "test")
    recognise(house, "Ben")
    assert SAID in house.tab("ben").open().text
    assert SAID not in house.mark.open().text


def hand_in(house: House, **fields: str) -> None:
    sent = house.petra.fill("steps/P8", title="Our guide to visits", words="Three pages.", **fields)
    assert sent.status == 303, sent.text


def in_days(house: House, days: int) -> str:
    return (house.bridge.clock().date() + timedelta(days=days)).isoformat()


def letters_to(house: House, address: str) -> list[str]:
    with house.bridge.sessions.read() as session:
        found = []
        for row in session.scalars(select(MessageRow).where(MessageRow.kind == "review")):
            try:
                made = compose(session, house.bridge.desk, row, house.bridge.clock())
            except NoLetter:
                continue
            found += [f"{made.subject} {made.text}"] if made.to == address else []
    return found


def test_whoever_looks_after_a_work_is_reminded_a_week_before(house: House) -> None:
    """Once; with the step's title and not the work's, which somebody wrote."""
    hand_in(house, guardian="Kim", guardian_mail=f"Kim@{MAIL}", review=in_days(house, 10))
    morning(house)
    assert letters_to(house, f"kim@{MAIL}") == []
    for _ in range(2):
        house.world.clock.on(days=4)
        morning(house)
    (text,) = letters_to(house, f"kim@{MAIL}")
    assert text.startswith("A work is to be looked at again")
    assert "Our guide: Petra" in text
    assert "Petra named you as the one who looks after it. The next look is on 5 April" in text
    assert "to visits" not in text
    assert rows(house, "petra", "review") == []


def test_without_an_e_mail_it_is_the_participant_who_is_reminded(house: House) -> None:
    hand_in(house, guardian="Kim, somewhere", review=in_days(house, 5))
    morning(house)
    found = letter(house, "petra", "review")
    assert found is not None
    assert "The next look is on 31 March. Bring it up to date" in found.text


def test_a_day_that_was_moved_is_the_one_that_counts(house: House) -> None:
    hand_in(house, guardian_mail=f"kim@{MAIL}", review=in_days(house, 3))
    house.world.clock.on(minutes=1)
    hand_in(house, guardian_mail=f"kim@{MAIL}", review=in_days(house, 60))
    morning(house)
    assert letters_to(house, f"kim@{MAIL}") == []


def test_an_address_that_is_none_is_refused_and_nothing_typed_is_lost(house: House) -> None:
    page = house.petra.fill("steps/P8", title="Our guide", words="Three pages.", guardian_mail="kim")
    assert page.status == 422
    assert "Give one whole e-mail address" in page.text
    assert "Three pages." in page.html


SECRET = """
journey: secret
version: 1
title: One survey without names
surveys: {secret: {kind: custom, confidentiality: anonymous, items: [{id: a, title: How free?, scale: likert}]}}
steps:
  - {id: V6, phase: after, type: survey, owner: participant, title: Secret, survey: secret, required: false,
     opens_day: -30, due_day: 60}
"""


def test_a_survey_without_names_reminds_everybody_alike(sessions: Sessions) -> None:
    """Also whoever has answered: else the letter would tell who did."""
    house = with_addresses(move_in(build(sessions, SECRET)))
    assert house.petra.fill("steps/V6", item_a="4").status == 303
    assert "You have answered" in house.petra.open("steps/V6").text
    morning(house)
    words = "Everybody gets this line, whoever has answered: the survey is anonymous."
    texts = []
    for who in ("petra", "ben"):
        found = letter(house, who)
        assert found is not None, who
        assert words in found.text
        texts.append(found.text.partition("This week")[2].partition("--")[0])
    assert texts[0] == texts[1]
