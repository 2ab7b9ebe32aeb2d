"""Whoever is named confirms it by the link in their letter: once, for a time, and nobody else's page opens by it."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.mailing import Letter
from lrs_bridge.flows.letters import NoLetter, compose
from lrs_bridge.store import messages
from tests.personas import House, Page
from tests.web.letters import LinkTab, links
from tests.web.test_naming import decide, managers, name, with_email

BOSS = "boss@example.org"


def sent(house: House, address: str = BOSS) -> list[Letter]:
    """Letters about nominations to this address, newest first."""
    with house.bridge.sessions.read() as session:
        found = []
        for row in messages.latest(session, house.world.tenant.id):
            if row.kind in ("nomination",):
                try:
                    found.append(compose(session, house.bridge.desk, row, house.bridge.clock()))
                except NoLetter:
                    continue
    return [one for one in found if one.to == address]


def tab_of(house: House, address: str = BOSS) -> LinkTab:
    return LinkTab(house, links(sent(house, address)[0].text)[0])


def answer(tab: LinkTab, word: str) -> Page:
    return tab.send("named", **tab.come_in().hidden(), word=word)


@pytest.fixture
def house(house: House) -> House:
    """Petra names somebody whom nobody knows as her manager."""
    assert name(house.petra, email=BOSS, name="Bea Boss").status == 303
    return house


def test_the_one_named_confirms_without_an_account(house: House) -> None:
    """Letter, link, button, one tap: it holds from today, and the history says who confirmed it."""
    tab = tab_of(house)
    page = tab.come_in()
    assert "Petra Novak names you as their manager" in page.text
    done = tab.follow(tab.send("named", **page.hidden(), word="yes"))
    assert "You confirmed it" in done.text
    assert managers(house, "petra") == [BOSS]
    assert "Confirmed, 26 March" in house.petra.open("with-me").text
    history = house.dario.open(f"everybody/{house.people['petra'].id}").text
    assert "confirmed by the one named" in history


def test_no_means_no_and_is_said_to_whoever_named_them(house: House) -> None:
    tab = tab_of(house)
    assert "You said that it is not so" in tab.follow(answer(tab, "no")).text
    assert managers(house, "petra") == ["Mark Jensen"]
    assert "Not confirmed" in house.petra.open("with-me").text


def test_opening_the_link_decides_nothing(house: House) -> None:
    """A mail scanner opens it, and even presses the first button."""
    tab = tab_of(house)
    tab.come_in()
    assert "Not confirmed yet" in house.petra.open("with-me").text
    assert managers(house, "petra") == ["Mark Jensen"]


def test_a_link_that_was_used_says_so_and_changes_nothing_more(house: House) -> None:
    tab = tab_of(house)
    again = LinkTab(house, tab.link)
    hidden = again.come_in().hidden()
    assert answer(tab, "yes").status == 303
    page = LinkTab(house, tab.link).look()
    assert page.status == 200
    assert "You confirmed it On 26 March" in page.text
    assert "<form" not in page.html
    assert again.send("named", **hidden, word="no").status == 403
    assert managers(house, "petra") == [BOSS]


def test_a_link_that_is_too_old_is_sent_anew_once_a_day(house: House) -> None:
    tab = tab_of(house)
    house.world.clock.on(days=15)
    page = tab.look()
    assert "older than 14 days" in page.text
    again = f"{tab.link}/again"
    assert tab.follow(tab.send(tab.link, **page.hidden(again))).text == page.text
    for _ in range(2):
        assert tab.send(again, **page.hidden(again)).status == 200
    letters = sent(house)
    assert len(letters) == 2
    fresh = next(one for one in letters if tab.link not in one.text)
    assert "You confirmed it" in (new := LinkTab(house, links(fresh.text)[0])).follow(answer(new, "yes")).text


def test_whoever_looks_after_the_run_may_be_first(house: House) -> None:
    tab = tab_of(house)
    decide(house, "yes")
    assert "It was confirmed already" in tab.look().text


def test_what_was_taken_back_asks_nothing_any_more(house: House) -> None:
    tab = tab_of(house)
    page = house.petra.open("with-me")
    back = next(href for href in page.html.split('"') if href.endswith("/back"))
    house.petra.send(back, **page.hidden(back))
    assert "Nothing is asked of you any more" in tab.look().text
    assert sent(house) == []


def test_the_visit_is_nobody_and_opens_one_page(house: House) -> None:
    tab = tab_of(house)
    tab.come_in()
    for path in ("people", "overview", "with-me", "messages", "my-data", "coaching", "chain", "notice"):
        assert tab.open(path).status in (403, 404), path


def test_a_word_that_is_none_decides_nothing(house: House) -> None:
    tab = tab_of(house)
    assert answer(tab, "perhaps").status == 400
    assert managers(house, "petra") == ["Mark Jensen"]


def test_the_same_name_twice_is_one_letter_and_has_first_names_only(house: House) -> None:
    name(house.petra, email=BOSS, name="Bea Boss")
    (letter,) = sent(house)
    assert letter.subject == "Somebody names you in a learning journey"
    assert "Petra names you as their manager" in letter.text
    assert "Novak" not in letter.text


def test_somebody_who_came_by_the_lms_meanwhile_is_the_same_person(house: House) -> None:
    """Before the word they see nothing; after it their people."""
    early = house.tab("bea", email=BOSS)
    assert early.open("people").status == 403
    tab = tab_of(house)
    assert answer(tab, "yes").status == 303
    assert "Petra Novak" in house.tab("bea", email=BOSS).open("people").text


def test_somebody_known_gets_the_letter_at_their_address(house: House) -> None:
    with_email(house, "nina", "nina@example.org")
    name(house.petra, email="nina@example.org", name="Nina O.")
    tab = tab_of(house, "nina@example.org")
    assert answer(tab, "yes").status == 303
    assert managers(house, "petra") == ["nina@example.org"]


def test_nobody_else_answers_with_their_own_visit(house: House) -> None:
    """The page needs a link; a role in the run does not open it."""
    for who in ("petra", "mark", "nina", "dario", "stan"):
        assert getattr(house, who).open("named").status == 404, who
