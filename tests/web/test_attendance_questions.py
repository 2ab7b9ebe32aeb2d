"""Petra asks, Dario answers; those without an answer come first, and both see how long people wait."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.personas import House, Page


def ask(house: House, words: str = "May I bring a colleague?", who: str = "petra", **more: str) -> Page:
    tab = getattr(house, who) if who in ("petra", "mark") else house.tab(who)
    return tab.follow(tab.fill("ask", question=words, **more))


def answer(house: House, words: str, place: int = 0) -> Page:
    dario = house.dario
    page = dario.open("questions")
    path = [part.split('"')[0] for part in page.html.split('action="')[1:]][place]
    return dario.follow(dario.send(path, **page.hidden(path), answer=words))


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "stan"])
def test_only_participants_ask(house: House, name: str) -> None:
    assert getattr(house, name).open("ask").status == 403


@pytest.mark.parametrize("name", ["petra", "mark", "stan"])
def test_only_the_teacher_answers(house: House, name: str) -> None:
    """Not even whoever asked."""
    ask(house)
    path = house.dario.open("questions").html.split('action="')[1].split('"')[0].split("/", 3)[3]
    hidden = house.petra.open("ask").hidden()
    assert getattr(house, name).send(path, **hidden, answer="Yes").status == 403
    assert "No answer yet" in house.petra.open("ask").text


def test_a_question_is_seen_by_the_teacher_and_its_answer_by_whoever_asked(house: House) -> None:
    """With the step it is about, and how long it took."""
    assert "No questions yet" in house.petra.open("ask").text
    assert "Nothing waits for you" in house.dario.open("questions").text
    page = ask(house, about="S09")
    assert "Your course teacher finds it at once." in page.text
    assert "Questions 1 waiting" in house.dario.open("overview").text
    text = house.dario.open("questions").text
    assert "Petra Novak, 26 March, 10:00, about “Live virtual kick-off" in text
    assert "May I bring a colleague?" in text
    house.world.clock.on(hours=2)
    told = answer(house, "Yes, do.")
    assert "Answered after 2 hours." in told.text
    assert "People usually wait 2 hours for an answer." in told.text
    own = house.petra.open("ask").text
    assert "Yes, do. Answered 26 March, 12:00." in own
    assert "Answers usually come within 2 hours." in own
    assert "May I bring" not in house.tab("jonas").open("ask").text


def test_those_without_an_answer_come_first_the_oldest_first(house: House) -> None:
    """The answered ones stand below."""
    for words in ("The first", "The second", "The third"):
        ask(house, words)
        house.world.clock.on(minutes=10)
    answer(house, "An answer to the first")
    text = house.dario.open("questions").text
    assert text.index("The second") < text.index("The third") < text.index("The first")
    ask(house, "The fourth", who="jonas")
    text = house.dario.open("questions").text
    assert text.index("The third") < text.index("The fourth") < text.index("The first")


def test_a_better_answer_leaves_the_time_as_it_was(house: House) -> None:
    """How long somebody waited does not grow by mending a word."""
    ask(house)
    house.world.clock.on(minutes=20)
    answer(house, "Yse")
    house.world.clock.on(days=3)
    text = answer(house, "Yes").text
    assert "Answered after 20 minutes." in text
    assert "Yse" not in text


def test_asking_twice_with_one_form_is_asking_once(house: House) -> None:
    """A double tap, or the back button."""
    petra = house.petra
    hidden = petra.open("ask").hidden()
    for _ in range(2):
        assert petra.send("ask", **hidden, question="Once?").status == 303
    assert house.dario.open("questions").text.count("Once?") == 1


def test_an_empty_question_or_answer_is_explained(house: House) -> None:
    """And what was chosen stays."""
    page = house.petra.fill("ask", question="  ", about="S09")
    assert page.status == 422
    assert "Write your question." in page.text
    assert 'value="S09" selected' in page.html
    ask(house)
    dario = house.dario
    page = dario.open("questions")
    path = page.html.split('action="')[1].split('"')[0]
    wrong = dario.send(path, **page.hidden(path), answer="")
    assert wrong.status == 422
    assert "Write an answer." in wrong.text
    gone = dario.send(f"questions/{uuid4()}", **page.hidden(path), answer="To nobody")
    assert gone.status == 404


def test_a_question_cannot_break_the_page(house: House) -> None:
    """Markup is shown as written, to both."""
    ask(house, "<script>alert(1)</script>")
    for page in (house.dario.open("questions"), house.petra.open("ask")):
        assert "<script>alert" not in page.html
        assert "&lt;script&gt;" in page.html
