"""Sofia's pages: the question of the week, whether the chain works, and what she gives."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments
from tests.personas import House, Page, Tab
from tests.web.whys import asked

CLEAN = ["people", "customers", "figures", "dates"]
BEFORE, TALKS = datetime(2026, 2, 25, 9, tzinfo=UTC), datetime(2026, 4, 20, 9, tzinfo=UTC)


@pytest.fixture
def before(house: House) -> House:
    """A week before the kick-off: the message and the case are open."""
    house.world.clock.now = BEFORE
    return house


@pytest.fixture
def talks(house: House) -> House:
    """On 20 April the talk with each manager is open."""
    house.world.clock.now = TALKS
    return house


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "eva", "carl", "stan"])
@pytest.mark.parametrize("path", ["chain", "chain/message/S07", "chain/case/S02"])
def test_only_sponsors_open_the_pages_of_the_chain(house: House, name: str, path: str) -> None:
    """Neither those below nor the teacher, the coach, the evaluator or a stranger."""
    assert house.sofia.open(path).status == 200
    tab = getattr(house, name)
    assert tab.open(path).status in (403, 404)


@pytest.mark.parametrize("name", ["petra", "mark", "dario", "carl", "stan"])
def test_only_sponsors_act_there(talks: House, name: str) -> None:
    """The forms of the page are hers, too."""
    path = f"chain/talks/S22/{talks.people['mark'].id}"
    hidden = talks.sofia.open("chain").hidden()
    assert getattr(talks, name).send(path, **hidden).status in (403, 404)
    assert talks.facts("petra", Kind.TALKED_WITH) == []


def test_the_page_names_no_person_below_but_her_managers_to_talk_with(talks: House) -> None:
    """Counts over all managers, no participant, no score."""
    sofia = talks.sofia
    talks.evaluate()
    page = sofia.open()
    assert "Two participants, one manager. You see how often steps took place, never a person." in page.text
    assert "I asked Mark" in page.text
    for name in ("Petra", "Ben", "Jonas", "Nina"):
        assert name not in page.text
    assert "of 100" not in page.text


def test_the_chain_counts_each_step_of_her_managers(talks: House) -> None:
    """One of the two goal conversations in time, one not at all; Nina's people are not in it."""
    talks.acted(Kind.TALKED_WITH, "mark", step="S05", at=datetime(2026, 2, 25, 11, tzinfo=UTC), data={"level": 2})
    sofia = talks.sofia
    talks.evaluate()
    page = sofia.open()
    assert "Goal conversation: agree the line of sight and protect time 1 0 1" in page.text
    assert "The weakest link" in page.text


def test_the_question_is_about_the_weakest_link(talks: House) -> None:
    """And says on what it rests."""
    for step, day in (("S05", 25), ("S14", 9)):
        for who in ("petra", "ben"):
            at = datetime(2026, 2 if step == "S05" else 3, day, 11, tzinfo=UTC)
            talks.acted(Kind.TALKED_WITH, "mark", about=who, step=step, at=at, data={"level": 2})
    for who in ("petra", "ben"):
        talks.acted(Kind.ATTENDED, "mark", about=who, step="S10", at=datetime(2026, 3, 2, 11, tzinfo=UTC))
        plan = talks.acted(Kind.PLANNED, who, about=who, step="S04", data={"map": {"moments": True}})
        approved = {"step": "S06", "refers_to": plan.statement_id, "data": {"goal-agreed": True}}
        talks.acted(Kind.APPROVED, "mark", about=who, at=datetime(2026, 4, 1, 9, tzinfo=UTC), **approved)
    sofia = talks.sofia
    talks.evaluate()
    text = sofia.open().text
    assert "When did you last watch one of your people use it, and what did you see?" in text
    assert "took place 0 of 2 times so far." in text


def test_before_anything_was_due_the_page_says_what_comes(before: House) -> None:
    """With a question all the same, and nothing that counts as zero."""
    before.world.clock.now = datetime(2026, 1, 10, 9, tzinfo=UTC)
    text = before.tab("nobody").open().text
    before.relate("sofia", Role.SPONSOR, "mark")
    before.world.clock.now = datetime(2026, 2, 11, 9, tzinfo=UTC)
    text = before.tab("sofia").open().text
    assert "Nothing was due yet" in text
    assert "What did your people apply, and what got in the way?" in text


def test_a_talk_with_a_manager_is_one_tap_and_one_statement(talks: House) -> None:
    """With the manager as counterpart, once; twice is the same as once."""
    sofia = talks.sofia
    path = f"chain/talks/S22/{talks.people['mark'].id}"
    hidden = sofia.open("chain").hidden(sofia.path(path))
    saved = sofia.follow(sofia.send(path, **hidden))
    assert "It is on the record. Whom you talked with sees it." in saved.text
    again = {**hidden, "act": str(uuid4())}
    assert sofia.send(path, **again).status == 303
    found = [fact for who in ("petra", "ben") for fact in talks.facts(who, Kind.TALKED_WITH)]
    (fact,) = found
    assert (fact.step, fact.role, fact.counterpart) == ("S22", "sponsor", talks.people["mark"].account)
    assert fact.data["level"] == 4
    assert "I asked Mark" not in saved.text


def test_a_talk_is_with_managers_of_hers(talks: House) -> None:
    """Nina has another sponsor."""
    sofia = talks.sofia
    hidden = sofia.open("chain").hidden()
    assert sofia.send(f"chain/talks/S22/{talks.people['nina'].id}", **hidden).status == 404


def send_message(tab: Tab, **more: str) -> Page:
    return tab.fill("chain/message/S07", words="It is about the first year of our people.", **more)


def test_the_message_is_read_by_her_people_and_nobody_else(before: House) -> None:
    """One statement for each of them; the words are in none."""
    sofia = before.sofia
    assert "Your people read it" in sofia.follow(send_message(sofia, link="https://example.org/film")).text
    for who in ("petra", "ben"):
        (fact,) = before.facts(who, Kind.COMPLETED)
        assert (fact.step, fact.role) == ("S07", "sponsor")
    assert before.facts("jonas", Kind.COMPLETED) == []
    for name in ("petra", "mark"):
        page = getattr(before, name).open("from-sponsors")
        assert "It is about the first year of our people." in page.text
        assert "https://example.org/film" in page.links
    for name in ("nina",):
        assert "first year" not in getattr(before, name).open("from-sponsors").text
    assert "first year" not in before.tab("jonas").open("from-sponsors").text
    for name in ("dario", "stan", "carl"):
        assert getattr(before, name).open("from-sponsors").status == 403


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"words": " "}, "Write what you want to say"),
        ({"words": "x", "link": "javascript:alert(1)"}, "A link begins with https:// or http://."),
    ],
)
def test_a_message_that_cannot_be_sent_is_explained(before: House, fields: dict[str, str], complaint: str) -> None:
    """Nothing is written, and what was typed stays."""
    sofia = before.sofia
    answer = sofia.fill("chain/message/S07", **fields)
    assert answer.status == 422
    assert complaint in answer.text
    assert before.facts("petra", Kind.COMPLETED) == []


def test_a_later_message_takes_the_place_of_the_first(before: House) -> None:
    """Her people read one."""
    sofia = before.sofia
    send_message(sofia)
    before.world.clock.on(hours=1)
    sofia.fill("chain/message/S07", words="Better words")
    text = before.petra.open("from-sponsors").text
    assert "Better words" in text
    assert "first year" not in text


def test_a_case_goes_through_the_list_and_comes_back_with_thanks(before: House) -> None:
    """Agenda, list, statement, the designer's thanks and what becomes of it."""
    sofia = before.sofia
    page = sofia.open("chain/case/S02")
    assert "The call, 45 minutes" in page.text
    refused = sofia.fill("chain/case/S02", words="A customer left", clean=CLEAN[:2])
    assert refused.status == 422
    assert "Go through the list and tick each line" in refused.text
    assert "A customer left" in refused.html
    assert sofia.fill("chain/case/S02", words="A customer left", clean=CLEAN).status == 303
    (fact,) = [one for who in ("petra", "ben") for one in before.facts(who, Kind.COMPLETED)]
    assert (fact.step, fact.role) == ("S02", "sponsor")
    dario = before.dario
    cases = dario.open("cases")
    assert "A customer left" in cases.text
    word = cases.html.split("/cases/")[1].split("/thanks")[0]
    thanked = dario.follow(dario.fill(f"cases/{word}/thanks", "cases", thanks="It opens the kick-off"))
    assert "Whoever gave it reads it on their page." in thanked.text
    assert "Dario Conti thanks you for your case. It opens the kick-off" in before.sofia.open().text


@pytest.mark.parametrize("name", ["petra", "mark", "sofia", "carl", "eva", "stan"])
def test_cases_are_for_whoever_designs_and_teaches(before: House, name: str) -> None:
    """Nobody else reads or thanks."""
    before.sofia.fill("chain/case/S02", words="A customer left", clean=CLEAN)
    word = before.dario.open("cases").html.split("/cases/")[1].split("/thanks")[0]
    tab = getattr(before, name)
    assert tab.open("cases").status in (403, 404)
    mine = tab.open("chain/message/S07").hidden() if name == "sofia" else {"act": str(uuid4())}
    assert tab.send(f"cases/{word}/thanks", **mine, thanks="No").status == 403


def test_a_step_that_is_not_open_yet_waits(house: House) -> None:
    """The talks open in the middle of April."""
    sofia = house.sofia
    path = f"chain/talks/S22/{house.people['mark'].id}"
    hidden = sofia.open("chain/message/S07").hidden()
    assert sofia.send(path, **hidden).status == 403


def test_a_sponsor_whose_managers_have_nobody_is_told_so(before: House) -> None:
    """Nothing can be given before somebody takes part."""
    run = before.world.run
    before.relate("sofia", Role.SPONSOR, "mark")
    with before.bridge.sessions.write() as session:
        rows = enrolments.relations_of(
            session, run.tenant_id, run.id, [before.people[name].id for name in ("petra", "ben")]
        )
        for row in (row for found in rows.values() for row in found):
            row.end = date(2026, 2, 20)
    sofia = before.tab("sofia")
    assert "Nobody takes part under your managers yet." in sofia.open().text
    answer = send_message(sofia)
    assert answer.status == 422
    assert "there is nobody whom it could be about" in answer.text


def test_the_impact_rate_is_hidden_while_the_run_goes_on(talks: House) -> None:
    """With its marks, and the reason in words."""
    sofia = talks.sofia
    talks.evaluate()
    text = sofia.open().text
    assert "Impact rate" in text
    assert "Usual, at best 20 %" in text
    assert "This run’s target 40 %" in text
    assert "Needed 80 %" in text
    assert "Fewer than five people stand behind it." in text


def test_the_number_of_queries_does_not_grow_with_the_people(talks: House) -> None:
    """Two of her managers' people ask as much as three."""
    sofia = talks.sofia
    talks.evaluate()
    sofia.open("chain")
    with asked(talks) as few:
        sofia.open("chain")
    talks.relate("sofia", Role.SPONSOR, "nina")
    with asked(talks) as more:
        assert "I asked Nina" in sofia.open("chain").text
    assert len(more) == len(few)


def test_the_manager_says_whether_the_talk_took_place(talks: House) -> None:
    """With one tap, where the journey asks for it; the answer can be changed."""
    sofia = talks.sofia
    path = f"chain/talks/S22/{talks.people['mark'].id}"
    sofia.send(path, **sofia.open("chain").hidden(sofia.path(path)))
    (talk,) = [fact for who in ("petra", "ben") for fact in talks.facts(who, Kind.TALKED_WITH)]
    mark = talks.mark
    answer = f"from-sponsors/talks/{talk.id}"
    assert "Sofia says you two talked on 20 April. Did you?" in mark.open("from-sponsors").text
    assert "You said: yes." in mark.follow(mark.fill(answer, "from-sponsors", word="yes")).text
    talks.world.clock.on(minutes=1)
    changed = mark.follow(mark.fill(answer, "from-sponsors", word="no"))
    assert "You said: it was different." in changed.text
    words = [fact for who in ("petra", "ben") for fact in talks.facts(who, Kind.CONFIRMED, Kind.DISPUTED)]
    assert [(word.target, word.role) for word in words] == [(talk.id, "manager")] * 2
    for name in ("petra", "nina", "dario", "stan"):
        tab = getattr(talks, name)
        assert "you two talked" not in tab.open("from-sponsors").text
        assert tab.send(answer, **mark.open("from-sponsors").hidden(), word="yes").status in (403, 404)
