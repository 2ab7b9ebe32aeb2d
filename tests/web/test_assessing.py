"""Work that Petra hands in, assessors who know neither whose it is nor what the others say, and what comes of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs_bridge.domain.assessing import Artefact, masked, share_out
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, hand_ins
from tests.personas import House, Page, Tab
from tests.web.whys import asked

WORK = "I, Petra Novak, saw one fact. Mark agreed."
FULL = {"points_fact": "4", "points_question": "3", "points_commitment": "4", "points_brevity": "1"}
LOW = {"points_fact": "0", "points_question": "1", "points_commitment": "1", "points_brevity": "0"}


def hand_in(house: House, who: str = "petra", text: str = WORK, **more: str) -> Page:
    tab = house.tab(who)
    return tab.follow(tab.fill("own-work/S03", text=text, **more))


def to_score(tab: Tab) -> list[str]:
    """Paths of the works that somebody is asked to score."""
    return sorted(set(re.findall(r'href="(/s/[^/]+/assessing/[^"/]+)"', tab.open("assessing").html)))


def score(tab: Tab, path: str | None = None, **points: str) -> Page:
    at = path or to_score(tab)[0]
    return tab.send(at, **tab.open(at).hidden(at), **(points or FULL))


# Who may


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "eva", "stan"])
def test_only_assessors_open_their_room(house: House, name: str) -> None:
    """A teacher has the desk, where no work can be read."""
    assert getattr(house, name).open("assessing").status == 403


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "irene", "stan"])
def test_only_the_author_opens_their_work(house: House, name: str) -> None:
    assert getattr(house, name).open("own-work/S03").status == 403


@pytest.mark.parametrize("name", ["petra", "mark", "irene", "stan"])
def test_only_whoever_looks_after_the_run_opens_the_desk(house: House, name: str) -> None:
    assert getattr(house, name).open("assessments").status in (403, 404)


def test_an_assessor_opens_nothing_they_were_not_asked_for(house: House) -> None:
    """Two assessors score it; the third finds nothing, and cannot send points either."""
    tabs = {name: house.assessor(name) for name in ("irene", "ivan", "isla")}
    hand_in(house)
    paths = {name: to_score(tab) for name, tab in tabs.items()}
    (left,) = [name for name, found in paths.items() if not found]
    (other,) = next(found for found in paths.values() if found)
    path = other.split("/", 3)[3]
    assert tabs[left].open(path).status == 404
    assert tabs[left].send(path, **FULL).status in (403, 404)
    assert house.facts("petra", Kind.ASSESSED) == []


# Handing in


def test_work_is_handed_in_from_the_journey_and_changed_until_it_is_scored(house: House) -> None:
    """Handing in is beside the steps, since scoring is the assessors' step."""
    irene, _ = house.irene, house.assessor("ivan")
    petra = house.petra
    assert "Was due 16 February. Hand in your work; it is scored without your name." in petra.open().text
    page = hand_in(house, link="https://example.org/note")
    assert "Assessors find it without your name." in page.text
    assert "Handed in 26 March. It can be changed until somebody has scored it." in page.text
    assert "A better one" in hand_in(house, text="A better one").text
    score(irene)
    late = house.petra.open("own-work/S03")
    assert "It is being scored." in late.text
    assert "<textarea" not in late.html
    assert "A better one" in late.text


def test_work_that_was_scored_meanwhile_is_not_changed(house: House) -> None:
    """And what was typed stays on the page."""
    irene = house.irene
    hand_in(house)
    petra = house.petra
    hidden = petra.open("own-work/S03").hidden(petra.path("own-work/S03"))
    score(irene)
    page = petra.send("own-work/S03", **hidden, text="Too late")
    assert page.status == 422
    assert "It is being scored already, so it stays as it is." in page.text
    assert "Too late" in page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " ", "link": ""}, "Paste your work, or give a link to it."),
        ({"text": "", "link": "javascript:alert(1)"}, "Give a whole link that begins with https://."),
        ({"text": "", "link": "example.org"}, "Give a whole link"),
        ({"text": "x" * 20_001}, "That is longer than 20,000 characters."),
    ],
)
def test_work_that_is_none_is_explained(house: House, fields: dict[str, str], words: str) -> None:
    page = house.petra.fill("own-work/S03", **fields)
    assert page.status == 422
    assert words in page.text


def test_what_is_not_open_yet_cannot_be_handed_in(house: House) -> None:
    """The second assessment opens on day 30."""
    petra = house.petra
    hidden = petra.open("own-work/S03").hidden(petra.path("own-work/S03"))
    assert "It opens on 1 April." in petra.open("own-work/S21").text
    assert petra.send("own-work/S21", **hidden, text="Early").status == 403
    assert petra.open("own-work/S04").status == 404


# Blind scoring


def test_an_assessor_sees_a_code_and_no_name(house: House) -> None:
    """Neither the author's nor that of whoever manages them, in the text, the address or the page."""
    irene = house.irene
    hand_in(house, link="https://example.org/note")
    (path,) = to_score(irene)
    page = irene.open(path)
    assert "I, ▮▮▮ ▮▮▮, saw one fact. ▮▮▮ agreed." in page.text
    for told in ("Petra", "Novak", "Mark", house.enrolments["petra"].id, house.people["petra"].account):
        assert told not in page.html
        assert told not in irene.open("assessing").html
    assert re.search(r"Work [2-9A-Z]{3}-[2-9A-Z]{3}", page.text)


def test_points_go_on_record_with_criteria_and_rubric_version(house: House) -> None:
    """About Petra, by the assessor; the word for her stays here."""
    irene = house.irene
    hand_in(house)
    assert score(irene, comment="Ask more", **FULL).status == 303
    (fact,) = house.facts("petra", Kind.ASSESSED)
    assert (fact.actor, fact.role, fact.step) == (house.people["irene"].account, "assessor", "S03")
    assert fact.score == Score(12.0, 0.0, 16.0)
    assert fact.data == {
        "criteria": {"fact": 4, "question": 3, "commitment": 4, "brevity": 1},
        "rubric-version": 1,
    }
    assert "Ask more" not in str(fact)


def test_nobody_sees_other_points_before_their_own_and_all_are_told_at_the_end(house: House) -> None:
    """Irene sees Ivan's when he has scored, too; until then Petra is told nothing."""
    irene, ivan = house.irene, house.assessor("ivan")
    hand_in(house)
    score(irene, **FULL)
    (path,) = to_score(ivan)
    assert "75 %" not in ivan.open(path).text
    assert "Another assessor" not in ivan.open(path).text
    own = house.petra.open("own-work/S03").text
    assert "75" not in own
    assert "It is being scored." in own
    score(ivan, comment="Make it shorter", **LOW)
    (his,) = to_score(ivan)
    assert "Everybody has scored it" in ivan.open(his).text
    assert "4 of 4" in ivan.open(his).text
    (hers,) = to_score(irene)
    assert "Altogether 75 % 13 %" in irene.open(hers).text
    told = house.petra.open("own-work/S03").text
    assert "Your result by two assessors 44 % of all points" in told
    assert "States one observed fact 2 of 4" in told
    assert "Make it shorter" in told
    assert "Irene" not in told
    assert "Ivan" not in told


def test_points_can_be_changed_until_everybody_has_scored(house: House) -> None:
    """A change voids and writes again; afterwards they stay."""
    irene, ivan = house.irene, house.assessor("ivan")
    hand_in(house)
    score(irene, **FULL)
    (path,) = to_score(irene)
    assert 'name="points_fact" value="4" checked' in irene.open(path).html
    hidden = irene.open(path).hidden(path)
    assert irene.send(path, **hidden, **{**FULL, "points_fact": "2"}).status == 303
    assert irene.send(path, **hidden, **{**FULL, "points_fact": "2"}).status == 303
    (fact,) = house.facts("petra", Kind.ASSESSED)
    assert fact.score is not None
    assert fact.score.raw == 10
    late = irene.open(path).hidden(path)
    score(ivan, **LOW)
    page = irene.send(path, **late, **FULL)
    assert page.status == 409
    assert "Everybody had scored it" in page.text
    assert len(house.facts("petra", Kind.ASSESSED)) == 2


@pytest.mark.parametrize(
    "points", [{}, {**FULL, "points_fact": "5"}, {**FULL, "points_fact": "-1"}, {**FULL, "points_fact": "nan"}]
)
def test_points_that_are_none_are_explained_and_the_others_stay(house: House, points: dict[str, str]) -> None:
    irene = house.irene
    hand_in(house)
    (path,) = to_score(irene)
    page = irene.send(path, **irene.open(path).hidden(path), **points)
    assert page.status == 422
    assert "Give points from 0 to 4 for “States one observed fact”." in page.text
    assert house.facts("petra", Kind.ASSESSED) == []
    if points:
        assert 'name="points_commitment" value="4" checked' in page.html


def test_whoever_knows_the_work_has_somebody_else_asked(house: House) -> None:
    """And is not asked for it again."""
    irene, ivan, isla = house.irene, house.assessor("ivan"), house.assessor("isla")
    hand_in(house)
    chosen = next(tab for tab in (irene, ivan, isla) if to_score(tab))
    (path,) = to_score(chosen)
    page = chosen.follow(chosen.send(f"{path}/decline", **chosen.open(path).hidden(f"{path}/decline")))
    assert "Somebody else is asked." in page.text
    assert to_score(chosen) == []
    assert sum(len(to_score(tab)) for tab in (irene, ivan, isla)) == 2


def test_who_leads_somebody_is_not_asked_to_score_them(house: House) -> None:
    """Mark is an assessor, too: of Jonas, whom he does not lead, and not of Petra."""
    run = house.world.run
    with house.bridge.sessions.write() as session:
        enrolments.give_role(
            session, run.tenant_id, run.id, house.people["mark"].id, Role.ASSESSOR, house.bridge.clock()
        )
    hand_in(house)
    assert to_score(house.mark) == []
    hand_in(house, "jonas", "A note")
    assert len(to_score(house.mark)) == 1


# The desk


def test_work_that_came_before_its_assessors_is_shared_out_from_the_desk(house: House) -> None:
    """The desk says how much waits, and who has how much to do."""
    hand_in(house)
    hand_in(house, "ben", "Another")
    dario = house.dario
    text = dario.open("assessments").text
    assert "Handed in 2 of 3" in text
    assert "No assessors" in text
    irene, ivan = house.irene, house.assessor("ivan")
    page = dario.follow(dario.fill("assessments/share", "assessments"))
    assert "Every work has its assessors now" in page.text
    assert (len(to_score(irene)), len(to_score(ivan))) == (2, 2)
    score(irene)
    assert "Irene Walsh 2 1 1" in dario.open("assessments").text
    assert "Assessments" in dario.open("overview").text


def test_disagreement_is_told_by_code_and_one_more_can_be_asked(house: House) -> None:
    """To whoever looks after design and study, without a name."""
    irene, ivan = house.irene, house.assessor("ivan")
    hand_in(house)
    score(irene, **FULL)
    score(ivan, **LOW)
    text = house.eva.open("assessments").text
    assert "usually 63 points of percent apart, over one work" in text
    assert ": 13 % and 75 %. Far apart on: States one observed fact, Ends with a dated commitment" in text
    assert "Petra" not in text
    isla = house.assessor("isla")
    house.world.clock.on(minutes=1)
    dario = house.dario
    page = dario.open("assessments")
    action = re.search(r'action="([^"]+/more)"', page.html)
    assert action
    told = dario.follow(dario.send(action[1], **page.hidden(action[1])))
    assert "One more assessor is asked." in told.text
    assert "Your result" not in house.petra.open("own-work/S03").text
    (path,) = to_score(irene)
    assert "<textarea" not in irene.open(path).html  # she has seen what Ivan says, and cannot move towards him
    score(isla, **FULL)
    assert "Your result by three assessors 54 % of all points" in house.petra.open("own-work/S03").text


def test_an_evaluator_shares_nothing_out(house: House) -> None:
    hand_in(house)
    eva = house.eva
    page = eva.open("assessments")
    assert "Share them out" not in page.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', eva.open("numbers").html)
    assert eva.send("assessments/share", csrf=csrf[1] if csrf else "").status == 403


# What comes of it


def test_the_rules_of_the_route_are_put_on_record_when_all_have_scored(house: House) -> None:
    """By the system, from the mean of the assessors; nobody is shown a route."""
    irene, ivan = house.irene, house.assessor("ivan")
    hand_in(house)
    score(irene, **FULL)
    assert house.facts("petra", Kind.ROUTED) == []
    score(ivan, **LOW)
    (fact,) = house.facts("petra", Kind.ROUTED)
    assert (fact.role, fact.step, fact.data) == ("system", "S12", {"route": "low"})
    assert "Two 2-1 sessions" in house.petra.open().text
    assert "route" not in house.petra.open().text.lower()


def test_a_person_s_word_on_the_route_is_not_overwritten_by_the_rules(house: House) -> None:
    house.acted(Kind.ROUTED, "mark", step="S12", data={"route": "mid_high"})
    irene = house.irene
    hand_in(house)
    score(irene, **LOW)
    (fact,) = house.facts("petra", Kind.ROUTED)
    assert fact.data == {"route": "mid_high"}


def test_before_and_after_stand_side_by_side_on_one_rubric(house: House) -> None:
    """And the gain is among her own numbers."""
    irene = house.irene
    hand_in(house)
    score(irene, **LOW)
    house.world.clock.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    petra = house.petra
    petra.fill("own-work/S21", text="New notes")
    irene = house.irene
    waiting = [path for path in to_score(irene) if "Keep my points" in irene.open(path).text]
    score(irene, waiting[0], **FULL)
    text = house.petra.open("own-work/S21").text
    assert "75 % of all points, after 13 % before" in text
    assert "Skill gain" in house.petra.open().text


def test_the_manager_finds_nothing_of_it(house: House) -> None:
    irene = house.irene
    hand_in(house)
    score(irene, comment="Ask more", **FULL)
    mark = house.mark
    for path in ("people", f"people/{house.enrolments['petra'].id}/steps/S14"):
        text = mark.open(path).text
        assert "75" not in text
        assert "Ask more" not in text


# Rules


@given(
    works=st.lists(st.sets(st.sampled_from("abcd")), min_size=1, max_size=12),
    wanted=st.integers(1, 3),
)
def test_works_are_shared_out_fully_and_evenly(works: list[set[str]], wanted: int) -> None:
    """Nobody gets what they are barred from or twice the same; each work has all it can have."""
    artefacts = [Artefact(str(number), barred=frozenset(barred)) for number, barred in enumerate(works)]
    pairs = share_out(artefacts, "abcd", {}, wanted)
    assert len(pairs) == len(set(pairs))
    for artefact in artefacts:
        given_to = {assessor for work, assessor in pairs if work == artefact.id}
        assert not given_to & artefact.barred
        assert len(given_to) == min(wanted, 4 - len(artefact.barred))
    if not any(works):
        loads = [sum(assessor == one for _, assessor in pairs) for one in "abcd"]
        assert max(loads) - min(loads) <= 1


def test_names_are_hidden_as_words_and_whatever_their_case() -> None:
    """Short parts are left, since they are words, too."""
    text = "PETRA wrote to petra.novak@example.org; Petrarch and An did not."
    assert masked(text, ["Petra An Novak", "petra.novak@example.org"]) == ("▮▮▮ wrote to ▮▮▮; Petrarch and An did not.")
    assert masked(text, []) == text


def test_codes_are_stable_and_unlike(house: House) -> None:
    hand_in(house)
    hand_in(house, "ben", "Another")
    with house.bridge.sessions.read() as session:
        before = {row.enrolment_id: row.code for row in hand_ins.of_run(session, house.world.run)}
    hand_in(house, text="Changed")
    with house.bridge.sessions.read() as session:
        after = {row.enrolment_id: row.code for row in hand_ins.of_run(session, house.world.run)}
    assert after == before
    assert len(set(after.values())) == 2


def test_the_room_costs_the_same_with_more_works(house: House) -> None:
    irene = house.irene
    hand_in(house)
    with asked(house) as few:
        irene.open("assessing")
    hand_in(house, "ben", "Another")
    hand_in(house, "jonas", "A third")
    with asked(house) as many:
        page = irene.open("assessing")
    assert "Three works to score" in page.text
    assert len(many) == len(few)
