"""In a pilot everybody says what should be different; designers read it with names, settle it, and nobody else does."""

from __future__ import annotations

import re

import pytest

from lrs_bridge.store import pilot_remarks, runs
from tests.personas import House, Page, Tab
from tests.web.letters import LinkTab, letter, links, morning, with_addresses

SAID = "The guide came a day too late."
WORD = "It comes two days before, from version 2 on."


def make_pilot(house: House, is_one: bool = True) -> None:
    with house.bridge.sessions.write() as session:
        run = runs.get_run(session, house.world.tenant.id, house.world.run.id)
        assert run is not None
        run.pilot = is_one


@pytest.fixture
def house(house: House) -> House:
    make_pilot(house)
    return house


def say(tab: Tab, words: str = SAID, about: str = "S13") -> Page:
    return tab.fill("remarks", words=words, about=about)


def log(house: House) -> str:
    return f"design/runs/{house.world.run.id}/remarks"


def settle(tab: Tab, house: House, word: str = WORD) -> Page:
    page = tab.open(log(house))
    action = re.search(r'action="([^"]*/remarks/[^"]+)"', page.html)
    assert action is not None, page.text
    return tab.send(action[1], **page.hidden(action[1]), word=word)


def test_a_participant_says_it_and_reads_what_became_of_it(house: House) -> None:
    petra, dario = house.petra, house.dario
    title = house.world.run.journey.step_by_id["S13"].title
    said = petra.follow(say(petra))
    assert f"about “{title}” {SAID} Not settled yet" in said.text
    page = dario.open(log(house))
    assert f"{title} Petra Novak, participant, 26 March {SAID}" in page.text
    assert "1 remark, 1 open" in dario.open(f"design/runs/{house.world.run.id}").text
    assert WORD in dario.follow(settle(dario, house)).text
    assert f"{SAID} {WORD} Settled 26 March" in petra.open("remarks").text
    assert "1 remark, none open" in dario.open(f"design/runs/{house.world.run.id}").text


@pytest.mark.parametrize("who", ["mark", "nina", "ben", "carl", "sofia", "eva"])
def test_nobody_else_reads_it_or_a_name(house: House, who: str) -> None:
    """They have a page of their own remarks; the log is a door."""
    say(house.petra)
    tab: Tab = getattr(house, who) if hasattr(house, who) else house.tab(who)
    own = tab.open("remarks")
    assert own.status == 200
    assert SAID not in own.text
    assert "Petra" not in own.text.partition("What you said")[2]
    assert tab.open(log(house)).status == 403
    assert tab.send(f"{log(house)}/x", csrf="x").status == 403


def test_an_administrator_reads_it_without_names(house: House) -> None:
    say(house.petra)
    page = house.ada().come_in().open(log(house))
    assert SAID in page.text
    assert "Participant, 26 March" in page.text
    assert "Petra" not in page.text


def test_a_designer_of_another_tenant_finds_nothing(house: House) -> None:
    say(house.petra)
    stan = house.stan
    assert stan.open(log(house)).status == 404
    assert stan.open("remarks").status == 404


def test_each_role_says_it_about_its_own_steps(house: House) -> None:
    """A step of somebody else, or none that exists, is about the whole."""
    mark = house.mark
    page = mark.open("remarks")
    assert 'value="S14"' in page.html
    assert 'value="S11"' not in page.html
    say(mark, "Too many of them.", about="S11")
    assert (
        "The journey as a whole Mark Jensen, manager, 26 March Too many of them." in house.dario.open(log(house)).text
    )


def test_another_route_is_not_told_by_the_list_of_steps(house: House) -> None:
    """Petra has no route yet: neither route's steps are named."""
    options = re.findall(r'<option value="(S\d+)"', house.petra.open("remarks").html)
    routed = {step.id for step in house.world.run.journey.steps if step.route}
    assert options
    assert not routed & set(options)


def test_sent_twice_is_once_and_nothing_typed_is_lost(house: House) -> None:
    petra = house.petra
    hidden = petra.open("remarks").hidden(petra.path("remarks"))
    for _ in range(2):
        assert petra.send("remarks", **hidden, words=SAID).status == 303
    with house.bridge.sessions.read() as session:
        assert pilot_remarks.counts(session, house.world.run) == (1, 1)
    wrong = say(petra, "  ")
    assert wrong.status == 422
    assert "Write what you noticed" in wrong.text
    too_long = say(petra, "x" * 4001, about="S13")
    assert too_long.status == 422
    assert 'value="S13" selected' in too_long.html


def test_settling_needs_a_word_and_can_be_said_better(house: House) -> None:
    say(house.petra)
    dario = house.dario
    empty = settle(dario, house, " ")
    assert empty.status == 422
    assert "Write what becomes of it" in empty.text
    settle(dario, house, "First.")
    assert "Second." in dario.follow(settle(dario, house, "Second.")).text
    assert "First." not in house.petra.open("remarks").text


def test_markup_in_a_remark_stays_text(house: House) -> None:
    say(house.petra, "<script>alert(1)</script>")
    for page in (house.petra.open("remarks"), house.dario.open(log(house))):
        assert "<script>alert" not in page.html
        assert "&lt;script&gt;" in page.html


def test_a_run_that_is_no_pilot_has_no_such_page(house: House) -> None:
    """The line at the foot goes with it; designers still read what was said."""
    assert "Say what should be different" in house.petra.open().text
    say(house.petra)
    make_pilot(house, False)
    assert "Say what should be different" not in house.petra.open().text
    assert house.petra.open("remarks").status == 404
    assert SAID in house.dario.open(log(house)).text


def test_a_manager_says_it_by_the_link_of_a_letter(house: House) -> None:
    """Without an account; what was said before is not shown there, since a letter may be handed on."""
    with_addresses(house)
    say(house.mark, "Said in the course.")
    morning(house)
    found = letter(house, "mark")
    assert found is not None
    tab = LinkTab(house, links(found.text)[0])
    assert "Say what should be different" in tab.come_in().text
    sent = tab.follow(tab.fill("remarks", words=SAID, about="S14"))
    assert "Whoever designs the journey reads it." in sent.text
    assert "Said in the course." not in sent.text
    assert SAID in house.dario.open(log(house)).text
    make_pilot(house, False)
    assert tab.open("remarks").status == 403


def test_one_s_own_remarks_are_in_one_s_own_data(house: House) -> None:
    say(house.petra)
    assert SAID in house.petra.open("my-data").html
    assert SAID in house.petra.open("my-data.json").answer.get_data(as_text=True)
