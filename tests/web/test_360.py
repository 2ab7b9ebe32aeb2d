"""Petra asks how others see her work; colleagues answer by link, and it is told from three on, never singly."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, message_links, people, raters
from lrs_bridge.store.events import EventRow
from lrs_bridge.store.message_links import MessageLink, TaskKind
from lrs_bridge.store.messages import MessageRow
from tests.personas import SECRET, House, Page, Tab
from tests.web.rounds import levels, peers, view, with_rounds
from tests.web.whys import asked as queries
from tests.web.whys import coach

OVER = datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.fixture
def round_(house: House) -> House:
    return with_rounds(house)


def ask(house: House, *names: str, source: str = "peer", **more: str) -> Page:
    """Petra asks these peers of hers, or somebody by e-mail."""
    petra = house.petra
    hidden = petra.open("round/W02").hidden(petra.path("round/W02/ask"))
    who = [house.people[name].id for name in names]
    page = petra.send("round/W02/ask", **hidden, who=who, source=source, **more)
    return petra.follow(page) if page.status == 303 else page


def by_link(house: House, email: str) -> Tab:
    """Whoever got the letter comes in by its link."""
    with house.bridge.sessions.read() as session:
        person = session.query(people.PersonRow).filter_by(email=email).one()
        link = (
            session.query(MessageLink)
            .filter_by(person_id=person.id, task=TaskKind.RATING)
            .order_by(MessageLink.made.desc())
            .first()
        )
    assert link is not None
    client = house.client()
    at = f"/m/{message_links.token_of(SECRET, link.id)}"
    page = Page(client.get(at))
    assert page.status == 200, page.text
    entered = Page(client.post(at, data=page.hidden(at)))
    assert entered.status == 303, entered.text
    return Tab(client, entered.answer.headers["Location"].split("/")[2])


def colleagues(house: House, *names: str) -> list[Tab]:
    """Peers of Petra's who were asked, each by their link."""
    peers(house, *names)
    ask(house, *names)
    return [by_link(house, f"{name}@example.org") for name in names]


# Who may


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "eva", "stan"])
@pytest.mark.parametrize("path", ["round/W02", "round/W02/ask"])
def test_only_the_participant_has_the_round(round_: House, name: str, path: str) -> None:
    """Not their manager, not the teacher, not who runs the study."""
    tab = getattr(round_, name)
    assert tab.open("round/W02").status in (403, 404)
    petra = round_.petra
    fields = petra.open("round/W02").hidden(petra.path(path))
    assert tab.send(path, **fields, **levels(1, 1), source="peer", email="x@example.org").status in (403, 404)


@pytest.mark.parametrize("name", ["nina", "dario", "eva", "stan", "petra"])
def test_only_who_is_asked_says_how_they_see_it(round_: House, name: str) -> None:
    """Another team's manager is not, and Petra has a form of her own."""
    tab = getattr(round_, name)
    path = f"rate/{round_.enrolments['petra'].id}/W02"
    assert tab.open(path).status in (403, 404)
    assert tab.send(path, **round_.mark.open(path).hidden(), **levels(1, 1)).status in (403, 404)
    assert round_.facts("petra", Kind.RATED) == []


def test_the_manager_never_sees_what_was_said(round_: House) -> None:
    """Neither while the round is open nor afterwards; not on any of his pages."""
    for tab, level in zip(colleagues(round_, "kim", "lee", "max"), (1, 2, 3), strict=True):
        view(tab, round_, level, 3)
    view(round_.mark, round_, 2, 2)
    round_.world.clock.now = OVER
    mark = round_.mark
    assert "Level 2" in round_.petra.open("round/W02").text
    for path in ("people", "rate", f"rate/{round_.enrolments['petra'].id}/W02"):
        assert "Level 2" not in mark.open(path).text
    assert mark.open(f"round/W02/of/{round_.enrolments['petra'].id}").status == 403


@pytest.mark.parametrize(("counterpart", "status"), [("coach", 200), ("", 403)])
def test_the_coach_sees_it_where_the_journey_says_so(house: House, counterpart: str, status: int) -> None:
    with_rounds(house, counterpart)
    carl = coach(house, "petra")
    path = f"round/W02/of/{house.enrolments['petra'].id}"
    assert carl.open(path).status == status
    assert carl.open(f"round/W02/of/{house.enrolments['jonas'].id}").status == 403


# One's own view


def test_the_own_view_is_a_step_and_can_be_changed(round_: House) -> None:
    """One statement for each capability; a change voids and writes again."""
    petra = round_.petra
    assert petra.open("steps/W02").answer.headers["Location"].endswith("/round/W02")
    petra.fill("round/W02", **levels(2, 1))
    facts = {fact.capability: fact for fact in round_.facts("petra", Kind.RATED)}
    assert set(facts) == {"listening", "candour"}
    assert facts["listening"].score == Score(2.0, 1.0, 4.0)
    assert (facts["listening"].data["source"], facts["listening"].step) == ("self", "W02")
    assert facts["listening"].actor == round_.people["petra"].account
    petra.fill("round/W02", **levels(3, 1))
    points = sorted((fact.capability, fact.score.raw) for fact in round_.facts("petra", Kind.RATED) if fact.score)
    assert points == [("candour", 1), ("listening", 3)]
    assert "Done" in petra.open().text


@pytest.mark.parametrize("fields", [{}, {"level_listening": "5", "level_candour": "1"}, {"level_listening": "0"}])
def test_a_view_that_is_none_is_explained(round_: House, fields: dict[str, str]) -> None:
    page = round_.petra.fill("round/W02", **fields)
    assert page.status == 422
    assert "Choose a level for “Listening”." in page.text
    assert round_.facts("petra", Kind.RATED) == []


# Asking


def test_a_colleague_without_an_account_answers_by_a_link(round_: House) -> None:
    """One letter, one link, one form: under a fresh random name that nothing leads back from."""
    page = ask(round_, email="Kim@Example.org", name="Kim Doe")
    assert "Kim Doe A colleague" in page.text
    assert "None of one have answered." in page.text
    with round_.bridge.sessions.read() as session:
        assert session.query(MessageRow).filter(MessageRow.kind == "rating").count() == 1
    kim = by_link(round_, "kim@example.org")
    form = kim.open(f"rate/{round_.enrolments['petra'].id}/W02")
    assert "Petra Novak asks for your view." in form.text
    assert "Your answer is kept under a random name." in form.text
    assert "Your view is in" in view(kim, round_, 3, 2)
    (listening, candour) = sorted(
        round_.facts("petra", Kind.RATED), key=lambda fact: fact.capability or "", reverse=True
    )
    with round_.bridge.sessions.read() as session:
        person = session.query(people.PersonRow).filter_by(email="kim@example.org").one()
        rows = session.query(EventRow).filter(EventRow.kind == "rated").all()
        (rater,) = raters.of_enrolment(session, round_.world.tenant.id, round_.enrolments["petra"].id)
    assert listening.actor == candour.actor != person.account
    assert (listening.role, listening.data["source"]) == ("peer", "peer")
    midnight = datetime(2026, 3, 25, 23, tzinfo=UTC)
    assert {listening.at, *(row.recorded for row in rows)} == {midnight}
    assert rater.state == "answered"
    assert person.id not in str([row.data for row in rows])
    assert "One of one have answered." in round_.petra.open("round/W02").text


def test_a_link_opens_its_form_and_nothing_else(round_: House) -> None:
    peers(round_, "kim")
    ask(round_, "kim")
    kim = by_link(round_, "kim@example.org")
    for path in ("journey", "people", "rate", f"rate/{round_.enrolments['jonas'].id}/W02", "colleagues"):
        assert kim.open(path).status in (403, 404)


def test_a_view_of_a_colleague_counts_once(round_: House) -> None:
    """Sending again, or coming back, changes nothing."""
    (kim,) = colleagues(round_, "kim")
    path = f"rate/{round_.enrolments['petra'].id}/W02"
    hidden = kim.open(path).hidden()
    for points in ((1, 1), (4, 3)):
        assert kim.send(path, **hidden, **levels(*points)).status == 303
    later = kim.send(path, **{**hidden, "act": "6c1f7e0a-0000-4000-8000-0000000000aa"}, **levels(4, 3))
    assert later.status == 303
    assert sorted(fact.score.raw for fact in round_.facts("petra", Kind.RATED) if fact.score) == [1, 1]
    assert "Your view is in" in kim.open(path).text


def test_whoever_knows_too_little_says_so_and_is_not_asked_again(round_: House) -> None:
    """Leaving out one capability is fine, leaving out all of them is a no."""
    kim, lee = colleagues(round_, "kim", "lee")
    path = f"rate/{round_.enrolments['petra'].id}/W02"
    empty = kim.fill(path, **levels(0, 0))
    assert empty.status == 422
    assert "Choose at least one level" in empty.text
    declined = kim.send(f"{path}/decline", **kim.open(path).hidden(kim.path(f"{path}/decline")))
    assert "You are not asked again" in declined.text
    assert "Kim" not in round_.petra.open("round/W02").text.split("Who else is asked")[1].split("Ask at least")[0]
    view(lee, round_, 0, 2)
    assert [fact.capability for fact in round_.facts("petra", Kind.RATED)] == ["candour"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose somebody, or give an e-mail."),
        ({"email": "nobody"}, "Give one whole e-mail address"),
        ({"email": "a@b.example, c@d.example"}, "Give one whole e-mail address"),
        ({"email": "kim@example.org", "source": "boss"}, "Say what they are to you."),
        ({"email": "mark@example.org"}, "That is your manager, who is asked anyway."),
        ({"email": "petra@example.org"}, "That is you."),
    ],
)
def test_asking_nobody_is_explained_and_what_was_typed_stays(round_: House, fields: dict[str, str], words: str) -> None:
    with round_.bridge.sessions.write() as session:
        for name in ("mark", "petra"):
            row = people.get_person(session, round_.world.tenant.id, round_.people[name].id)
            assert row is not None
            row.email = f"{name}@example.org"
    page = ask(round_, **{"source": "peer", **fields})
    assert page.status == 422
    assert words in page.text
    assert f'value="{fields.get("email", "")}"' in page.html
    with round_.bridge.sessions.read() as session:
        assert session.query(MessageRow).filter(MessageRow.kind == "rating").count() == 0


def test_nobody_is_flooded(round_: House) -> None:
    """Twelve people a round, and asking twice sends one letter."""
    for number in range(12):
        assert ask(round_, email=f"kim{number}@example.org").status == 200
    assert "More than 12 people cannot be asked" in ask(round_, email="one-more@example.org").text
    ask(round_, email="kim0@example.org")
    with round_.bridge.sessions.read() as session:
        assert session.query(MessageRow).filter(MessageRow.kind == "rating").count() == 12


def test_somebody_asked_by_mistake_is_taken_back_and_their_link_is_dead(round_: House) -> None:
    """Whoever is asked, the list looks the same, so that nobody learns who has answered."""
    kim, lee = colleagues(round_, "kim", "lee")
    view(lee, round_, 2, 2)
    petra = round_.petra
    page = petra.open("round/W02")
    assert page.html.count(">Do not ask<") == 2
    for action in re.findall(r'action="([^"]+/back/[^"]+)"', page.html):
        petra.follow(petra.send(action, **page.hidden(action)))
    assert kim.open(f"rate/{round_.enrolments['petra'].id}/W02").status == 403
    assert len(round_.facts("petra", Kind.RATED)) == 2
    ask(round_, "lee")
    again = by_link(round_, "lee@example.org")
    assert "Your view is in" in again.open(f"rate/{round_.enrolments['petra'].id}/W02").text
    assert len(round_.facts("petra", Kind.RATED)) == 2  # lee had answered, and does not a second time


def test_the_manager_is_asked_without_being_named_and_may_change_his_mind(round_: House) -> None:
    """From his own pages, under his own name."""
    mark = round_.mark
    assert "Petra Novak" in mark.open("rate").text
    assert "You can change it" in view(mark, round_, 2, 2)
    assert "Petra Novak" not in mark.open("rate").text.split("Views you are asked for", 2)[-1]
    view(mark, round_, 3, 2)
    found = {fact.capability: fact for fact in round_.facts("petra", Kind.RATED)}
    assert found["listening"].score == Score(3.0, 1.0, 4.0)
    assert (found["listening"].actor, found["listening"].data["source"]) == (round_.people["mark"].account, "manager")
    assert len(round_.facts("petra", Kind.RATED)) == 2


# What is told


def test_nothing_is_told_before_the_round_is_over(round_: House) -> None:
    """Not even when all have answered: the next answer could be found by comparing."""
    for tab in colleagues(round_, "kim", "lee", "max"):
        view(tab, round_, 2, 3)
    text = round_.petra.open("round/W02").text
    assert "Three of three have answered." in text
    assert "What people said" not in text


def test_three_colleagues_are_told_together_and_then_the_round_is_closed(round_: House) -> None:
    """In levels and in the words of the level; nothing is added afterwards."""
    tabs = colleagues(round_, "kim", "lee", "max", "noa")
    for tab, level in zip(tabs[:3], (1, 2, 4), strict=True):
        view(tab, round_, level, 3)
    round_.petra.fill("round/W02", **levels(3, 1))
    view(round_.mark, round_, 2, 2)
    round_.world.clock.now = OVER
    text = round_.petra.open("round/W02").text
    assert "This round is over." in text
    assert "You Level 3: Sums up what was said" in text
    assert "Your manager Level 2: Asks back" in text
    assert "Colleagues (three people) Level 2.3: Asks back" in text
    assert "Colleagues (three people) Between level 2 and 3" in text  # all three said the same of candour
    noa = by_link(round_, "noa@example.org")
    assert "This round is over" in noa.open(f"rate/{round_.enrolments['petra'].id}/W02").text
    before = round_.facts("petra", Kind.RATED)
    petra = round_.petra
    assert petra.send("round/W02", **petra.open("log").hidden(), **levels(1, 1)).status == 403
    assert round_.facts("petra", Kind.RATED) == before


def test_two_colleagues_are_hidden_and_the_round_waits_for_a_third(round_: House) -> None:
    """The days are over, and still nothing of theirs is told; the third answer opens it."""
    kim, lee, late = colleagues(round_, "kim", "lee", "max")
    view(kim, round_, 1, 1)
    view(lee, round_, 2, 1)
    round_.world.clock.now = OVER
    text = round_.petra.open("round/W02").text
    assert "It is open until enough have answered." in text
    assert "What people said" not in text
    view(by_link(round_, "max@example.org"), round_, 3, 2)
    assert "Colleagues (three people) Level 2: Asks back" in round_.petra.open("round/W02").text
    assert late.token


def test_small_groups_are_put_together(round_: House) -> None:
    """Two colleagues and a customer make three."""
    tabs = colleagues(round_, "kim", "lee")
    ask(round_, email="customer@example.org", source="report")
    for tab, level in zip([*tabs, by_link(round_, "customer@example.org")], (1, 2, 3), strict=True):
        view(tab, round_, level, 2 if level < 3 else 3)
    round_.world.clock.now = OVER
    assert "Colleagues and others (three people) Level 2" in round_.petra.open("round/W02").text


def test_an_old_link_is_renewed_to_the_same_address(round_: House) -> None:
    """After fourteen days, as long as the round is open for it."""
    peers(round_, "kim")
    ask(round_, "kim")
    with round_.bridge.sessions.read() as session:
        link = session.query(MessageLink).filter_by(task=TaskKind.RATING).one()
    round_.world.clock.on(days=15)
    client = round_.client()
    at = f"/m/{message_links.token_of(SECRET, link.id)}"
    page = Page(client.get(at))
    assert "This link is older than 14 days" in page.text
    sent = Page(client.post(f"{at}/again", data=page.hidden(f"{at}/again")))
    assert sent.status == 200
    with round_.bridge.sessions.read() as session:
        assert session.query(MessageRow).filter(MessageRow.kind == "rating").count() == 2


def test_a_manager_of_many_asks_the_database_no_more_often(round_: House) -> None:
    mark = round_.mark
    with queries(round_) as few:
        mark.open("rate")
    run = round_.world.run
    with round_.bridge.sessions.write() as session:
        enrolments.relate(
            session, run.tenant_id, run.id, round_.people["jonas"].id, round_.people["mark"].id, Role.MANAGER, "test"
        )
    with queries(round_) as many:
        page = mark.open("rate")
    assert "Jonas Richter" in page.text
    assert len(many) == len(few)


def test_a_manager_without_an_account_gets_a_link_when_the_round_begins(round_: House) -> None:
    """Once, when Petra has given her own view."""
    with round_.bridge.sessions.write() as session:
        mark = people.get_person(session, round_.world.tenant.id, round_.people["mark"].id)
        assert mark is not None
        mark.email = "mark@example.org"
    round_.petra.fill("round/W02", **levels(2, 1))
    round_.petra.fill("round/W02", **levels(3, 1))
    with round_.bridge.sessions.read() as session:
        assert session.query(MessageRow).filter(MessageRow.kind == "rating").count() == 1
    tab = by_link(round_, "mark@example.org")
    assert "sees your view as their manager’s" in tab.open(f"rate/{round_.enrolments['petra'].id}/W02").text
    view(tab, round_, 3, 2)
    assert tab.open("people").status == 403
    sources = sorted(str(fact.data["source"]) for fact in round_.facts("petra", Kind.RATED))
    assert sources == ["manager", "manager", "self", "self"]
