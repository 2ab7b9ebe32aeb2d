"""Petra names her manager: nobody sees anything by it until whoever looks after the run confirms it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people
from tests.flows.world import ISSUER
from tests.personas import House, Page, Tab


def name(tab: Tab, **fields: Any) -> Page:
    hidden = tab.open("with-me").hidden(tab.path("with-me"))
    return tab.send("with-me", **{**hidden, "role": "manager", "name": "", **fields})


def decide(house: House, word: str) -> Page:
    dario = house.dario
    page = dario.open("everybody")
    action = re.search(r'action="([^"]*/everybody/named/[^"]+)"', page.html)
    assert action is not None, page.text
    return dario.send(action[1], **page.hidden(action[1]), word=word)


def managers(house: House, sub: str) -> list[str]:
    """E-mails or names of whoever manages somebody today."""
    run = house.world.run
    with house.bridge.sessions.read() as session:
        day = run.run.local_day(house.bridge.clock())
        rows = enrolments.relations_of(session, run.tenant_id, run.id, [house.people[sub].id])
        now = [
            row.other_id
            for group in rows.values()
            for row in group
            if row.span.holds_on(day) and row.kind == Role.MANAGER
        ]
        found = people.people_by_id(session, run.tenant_id, now)
    return sorted(one.email or one.name or "" for one in found.values())


def with_email(house: House, sub: str, email: str) -> None:
    with house.bridge.sessions.write() as session:
        people.ensure_person(session, house.world.tenant.id, ISSUER, sub, house.bridge.clock(), email=email)


@pytest.mark.parametrize("who", ["mark", "nina", "dario", "eva", "stan"])
def test_only_participants_name_somebody(house: House, who: str) -> None:
    """Others find a door."""
    assert getattr(house, who).open("with-me").status in (403, 404)


def test_until_it_is_confirmed_the_one_named_sees_nothing(house: House) -> None:
    """Nina is named by Petra; then Dario says that it is so."""
    with_email(house, "nina", "nina@example.org")
    petra = house.petra
    page = petra.follow(name(petra, email="Nina@Example.org", name="Nina O."))
    assert "Manager: Nina O. nina@example.org Not confirmed yet, 26 March" in page.text
    assert managers(house, "petra") == ["Mark Jensen"]
    assert "Petra Novak" not in house.nina.open().text
    listing = house.dario.open("everybody").text
    assert "Petra Novak names Nina O. (nina@example.org) as their manager." in listing
    assert house.dario.follow(decide(house, "yes")).status == 200
    assert managers(house, "petra") == ["nina@example.org"]
    assert "Petra Novak" in house.nina.open().text
    assert "Confirmed, 26 March" in petra.open("with-me").text
    history = house.dario.open(f"everybody/{house.people['petra'].id}").text
    assert "named by the participant, and confirmed" in history.lower()


def test_somebody_nobody_knows_is_recognised_after_it_was_confirmed(house: House) -> None:
    """By the e-mail, at their first launch; before the word of Dario the e-mail opens nothing."""
    name(house.petra, email="boss@example.org")
    early = house.tab("early", email="boss@example.org")
    assert "Petra Novak" not in early.open().text
    assert early.open("people").status == 403


def test_refused_and_taken_back_come_to_nothing(house: House) -> None:
    """And each is said to whoever named them."""
    petra = house.petra
    name(petra, email="boss@example.org")
    decide(house, "no")
    assert "Not confirmed: ask your course teacher" in petra.open("with-me").text
    name(petra, email="other@example.org")
    page = petra.open("with-me")
    (back,) = re.findall(r'action="([^"]*/back)"', page.html)
    petra.follow(petra.send(back, **page.hidden(back)))
    assert "Taken back, 26 March" in petra.open("with-me").text
    assert "names" not in house.dario.open("everybody").text
    assert managers(house, "petra") == ["Mark Jensen"]


def test_what_was_decided_is_not_decided_again(house: House) -> None:
    """Two teachers with the page open, or the back button."""
    petra = house.petra
    name(petra, email="boss@example.org")
    dario = house.dario
    page = dario.open("everybody")
    action = re.findall(r'action="([^"]*/everybody/named/[^"]+)"', page.html)[0]
    hidden = page.hidden(action)
    assert dario.send(action, **hidden, word="no").status == 303
    again = dario.send(action, **hidden, word="yes")
    assert again.status == 409
    assert "This was refused already." in again.text
    assert managers(house, "petra") == ["Mark Jensen"]


def test_a_manager_named_again_takes_the_place_of_the_one_named_before(house: House) -> None:
    """One waits; the same twice is once."""
    petra, act = house.petra, str(uuid4())
    for _ in range(2):
        assert name(petra, email="boss@example.org", act=act).status == 303
    name(petra, email="boss@example.org")
    name(petra, email="next@example.org")
    text = house.dario.open("everybody").text
    assert "names next@example.org" in text
    assert "names boss@example.org" not in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": ""}, "Give their e-mail."),
        ({"email": "nobody"}, "That is no e-mail."),
        ({"email": "PETRA@example.org"}, "That is your own e-mail."),
        ({"email": "mark@example.org"}, "They are your manager already."),
        ({"email": "x@y.example", "role": "evaluator"}, "Choose what they are to you."),
    ],
)
def test_what_cannot_be_is_refused_in_words(house: House, fields: dict[str, str], words: str) -> None:
    """What was typed stays."""
    with_email(house, "petra", "petra@example.org")
    with_email(house, "mark", "mark@example.org")
    page = name(house.petra, **{**fields, "name": "Somebody <b>"})
    assert page.status == 422
    assert words in page.text
    assert "Somebody &lt;b&gt;" in page.html


def test_nobody_names_whom_they_lead(house: House) -> None:
    """Mark takes part too, and names Petra, whom he manages."""
    with_email(house, "petra", "petra@example.org")
    with house.bridge.sessions.write() as session:
        run, mark = house.world.run, house.people["mark"]
        enrolments.enrol(session, run.tenant_id, run.id, mark.id, run.day_zero)
    page = name(house.mark, email="petra@example.org")
    assert page.status == 422
    assert "You lead this person yourself" in page.text


def test_nobody_takes_back_what_another_named(house: House) -> None:
    """Ben has the address of Petra's."""
    petra, ben = house.petra, house.tab("ben")
    name(petra, email="boss@example.org")
    (back,) = re.findall(r"(with-me/[^\"]*/back)", petra.open("with-me").html)
    assert ben.send(back, **ben.open("with-me").hidden()).status == 404
    assert "Not confirmed yet" in petra.open("with-me").text
