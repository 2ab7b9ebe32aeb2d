"""Petra and the others: a forum, a colleague's word on a moment, and a sentence back to whoever said something."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.applications import Standing
from lrs_bridge.domain.applications import of as applications_of
from lrs_bridge.domain.events import Kind
from lrs_bridge.store.engine import Sessions
from lrs_bridge.web import situations
from tests.personas import House, Tab
from tests.web.own_steps import every_step, peer_of

MOMENT = {"moment": "M1", "behaviours": ["B1"], "when": "today", "outcome": "3"}


@pytest.fixture
def house(sessions: Sessions) -> House:
    return every_step(sessions)


def log(house: House, **more: object) -> str:
    house.petra.fill("log", **{**MOMENT, **more})
    return house.facts("petra", Kind.APPLIED)[-1].id


def asked(house: House) -> tuple[Tab, str]:
    """Ben, whom Petra asks about a moment, and the address of the question."""
    ben = peer_of(house, "ben", of="petra")
    statement = log(house, ask_peer=[house.people["ben"].id], words="He asked first", private="I was nervous")
    return ben, f"colleagues/{house.enrolments['petra'].id}/moments/{statement}"


def test_a_post_is_read_by_the_group_and_answered(house: House) -> None:
    """With names; each post and each answer is one statement without a word of it."""
    petra, ben = house.petra, house.tab("ben")
    written = petra.follow(petra.fill("steps/P10", words="A question opens the talk.", named="yes"))
    assert "Saved. Your group reads it here." in written.text
    house.world.clock.on(minutes=1)
    page = ben.open("steps/P10")
    assert "Petra Novak , 26 March A question opens the talk." in page.text
    post = house.facts("petra", Kind.COMMENTED)[0]
    ben.send("steps/P10", **page.hidden(), words="So it does.", named="yes", reply_to=post.id)
    read = petra.open("steps/P10").text
    assert "You , 26 March A question opens the talk. Take it back Ben Adler , 26 March So it does." in read
    assert "So it does" not in str(house.facts("ben"))


def test_a_post_without_a_name_has_none(house: House) -> None:
    """Nor a trace of it in the page."""
    house.petra.fill("steps/P10", words="It did not work.")
    page = house.tab("ben").open("steps/P10")
    assert "Somebody of the group , 26 March It did not work." in page.text
    assert "Petra" not in page.html
    assert "You (without your name)" in house.petra.open("steps/P10").text


def test_a_post_is_taken_back_by_its_author_alone(house: House) -> None:
    """And nobody reads it any more; an answer to it stays."""
    petra, ben = house.petra, house.tab("ben")
    petra.fill("steps/P10", words="A question opens the talk.", named="yes")
    post = house.facts("petra", Kind.COMMENTED)[0]
    back = f"steps/P10/posts/{post.id}/back"
    house.world.clock.on(minutes=1)
    hidden = ben.open("steps/P10").hidden()
    ben.send("steps/P10", **hidden, words="So it does.", named="yes", reply_to=post.id)
    assert ben.send(back, **hidden).status == 404
    assert house.mark.send(back, **house.mark.open("notice").hidden()).status == 403
    petra.send(back, **petra.open("steps/P10").hidden(petra.path(back)))
    text = ben.open("steps/P10").text
    assert "A question opens the talk." not in text
    assert "So it does." in text


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "stan"])
def test_the_group_reads_and_nobody_else(house: House, name: str) -> None:
    """They come to their own page."""
    house.petra.fill("steps/P10", words="A question opens the talk.", named="yes")
    assert "A question opens" not in getattr(house, name).open("steps/P10").text


def test_a_forum_says_who_reads_it_and_what_comes_first(house: House) -> None:
    """Before the first word is written."""
    page = house.petra.open("steps/P10").text
    assert "Everybody who takes part in this run reads it" in page
    assert "Nobody has written yet" in page


def test_a_colleague_confirms_a_moment_that_they_are_asked_about(house: House) -> None:
    """It counts as a peer's word, and they see that moment and nothing else."""
    ben, question = asked(house)
    assert "Petra used it on 26 March. Did it happen?" in ben.open("colleagues").text
    page = ben.open(question)
    assert "He asked first" in page.text
    assert "I was nervous" not in page.html
    said = ben.follow(ben.send(question, **page.hidden(ben.path(question)), word="yes"))
    assert "It happened, you say." in said.text
    (word,) = house.facts("petra", Kind.VERIFIED)
    assert (word.role, word.step) == ("peer", None)
    with house.bridge.sessions.read() as session:
        found = situations.of_one(session, house.world.run, house.enrolments["petra"], house.bridge.clock())
    (application,) = applications_of(found.journey, found.evidence, found.now).applications
    assert (application.standing, application.grade) == (Standing.VERIFIED, "peer")
    assert "Ben confirmed it" in house.petra.open().text
    assert "You said it happened" in ben.open("colleagues").text


def test_only_the_colleague_who_is_asked_sees_the_moment(house: House) -> None:
    """No other colleague, no manager whom Petra did not ask, and nobody before they were named."""
    _, question = asked(house)
    for name in ("petra", "mark", "nina", "dario", "stan"):
        assert getattr(house, name).open(question).status == 403
    jonas = peer_of(house, "jonas", of="petra")
    assert jonas.open(question).status == 404
    assert "Nobody asks you now" in jonas.open("colleagues").text
    assert "Petra used it" not in house.mark.open().text


def test_petra_cannot_ask_whom_she_did_not_name(house: House) -> None:
    """A made-up form is refused."""
    answer = house.petra.fill("log", **MOMENT, ask_peer=[house.people["jonas"].id])
    assert answer.status == 422
    assert house.facts("petra", Kind.APPLIED) == []


def test_a_private_note_is_petras_and_a_link_goes_with_the_moment(house: House) -> None:
    """The manager who is asked sees the link and not the note."""
    statement = log(house, ask="yes", private="I was nervous", link="https://example.org/note")
    own = house.petra.open().text
    assert "For you alone: I was nervous" in own
    page = house.mark.open(f"people/{house.enrolments['petra'].id}/moments/{statement}")
    assert 'href="https://example.org/note"' in page.html
    assert "nervous" not in page.html


def test_a_link_that_is_none_is_explained_with_its_place_open(house: House) -> None:
    """What is folded away is unfolded where something is wrong in it."""
    answer = house.petra.fill("log", **MOMENT, link="on my desk")
    assert answer.text.count("A link begins with https:// or http://.") == 2
    assert '<details class="why" open>' in answer.html


def disputed(house: House) -> str:
    statement = log(house, ask="yes")
    moment = f"people/{house.enrolments['petra'].id}/moments/{statement}"
    house.mark.fill(moment, word="no")
    return moment


def test_a_dispute_is_answered_in_a_sentence(house: House) -> None:
    """To whoever said it; it stands beside the moment on their page."""
    moment = disputed(house)
    petra = house.petra
    assert "Mark says it was different" in petra.open().text
    (word,) = house.facts("petra", Kind.DISPUTED)
    reply = f"words/{word.id}/reply"
    saved = petra.follow(petra.fill(reply, "", words="You came in after it."))
    assert "Whoever said it reads your sentence beside the moment." in saved.text
    assert "You answered Mark: “You came in after it.”" in saved.text
    assert "Petra answers you “You came in after it.”" in house.mark.open(moment).text
    petra.fill(reply, "", words="You came in when it was over.")
    assert "when it was over" in house.mark.open(moment).text
    assert "came in" not in str(house.facts("petra"))


def test_an_empty_reply_is_explained(house: House) -> None:
    """And nothing changes."""
    disputed(house)
    petra = house.petra
    (word,) = house.facts("petra", Kind.DISPUTED)
    answer = petra.fill(f"words/{word.id}/reply", "", words=" ")
    assert answer.status == 422
    assert "Your sentence is missing" in answer.text


def test_only_words_on_ones_own_moments_are_answered(house: House) -> None:
    """Neither those on somebody else's, nor by somebody else."""
    disputed(house)
    (word,) = house.facts("petra", Kind.DISPUTED)
    ben = house.tab("ben")
    hidden = ben.open("log").hidden()
    assert ben.send(f"words/{word.id}/reply", **hidden, words="Not mine.").status == 404
    own = log(house)
    petra = house.petra
    hidden = petra.open("log").hidden()
    assert petra.send(f"words/{own}/reply", **hidden, words="My own.").status == 404
    assert house.mark.send(f"words/{word.id}/reply", **house.mark.open("notice").hidden(), words="Me.").status == 403


def test_a_moment_changed_by_the_back_button_is_not_lost(house: House) -> None:
    """The first one stands, and the new sentence can be copied."""
    petra = house.petra
    hidden = petra.open("log").hidden()
    petra.send("log", **hidden, **MOMENT, words="He asked first.")
    answer = petra.send("log", **hidden, **MOMENT, words="She asked first.")
    assert answer.status == 409
    assert ">She asked first.</textarea>" in answer.html
    assert petra.send("log", **hidden, **MOMENT, words="He asked first.").status == 303
    assert len(house.facts("petra", Kind.APPLIED)) == 1
