"""Every step type of a participant: what its page asks, what is recorded, what is kept, and who reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.store import consents, notes
from lrs_bridge.store.consents import InterviewConsent
from lrs_bridge.store.engine import Sessions
from tests.personas import House
from tests.web.own_steps import every_step

PLAN = {"goal_1": "Ask before I tell, in every debrief", "by_1": "2026-04-30", "with_1": "Ben"}
WORK = {"title": "Our one page", "link": "https://example.org/page", "guardian": "Petra", "template": "2"}
CASE = {"words": "A call that stalled.", "no_people": "yes", "no_customers": "yes", "no_figures": "yes"}


@pytest.fixture
def house(sessions: Sessions) -> House:
    return every_step(sessions)


def texts(house: House, fact: Fact) -> dict[str, str]:
    with house.bridge.sessions.read() as session:
        found = notes.notes_of(session, house.world.tenant.id, house.enrolments["petra"].id)
    return dict(found[fact.id].texts) if fact.id in found else {}


def of_step(house: House, step: str) -> list[Fact]:
    return [fact for fact in house.facts() if fact.step == step]


@pytest.mark.parametrize(
    ("step", "fields", "kind", "data"),
    [
        ("P1", {}, Kind.ACKNOWLEDGED, {}),
        ("P3", {}, Kind.COMPLETED, {}),
        ("P4", CASE, Kind.COMPLETED, {}),
        (
            "P5",
            {"moment": "M1", "difficulty": "2", "words": "Harder than I thought"},
            Kind.PRACTISED,
            {"difficulty": 2},
        ),
        ("P6", {"chosen": ["C1", "C3"]}, Kind.COMPLETED, {}),
        ("P7", PLAN, Kind.COMPLETED, {}),
        ("P8", WORK, Kind.COMPLETED, {}),
        ("P9", {"words": "I ask first now."}, Kind.REFLECTED, {}),
        ("P10", {"words": "A question opens the talk.", "named": "yes"}, Kind.COMMENTED, {}),
        ("P11", {"whom": "Ben", "words": "He wrote it down", "when": "today"}, Kind.COMPLETED, {}),
        ("P13", {"worked": "Asking", "failed": "Time"}, Kind.COMPLETED, {}),
        ("P14", {"agreed": "yes", "quoting": "role"}, Kind.COMPLETED, {}),
        ("P16", {"when": "today"}, Kind.ATTENDED, {}),
        ("V1", {"item_recommend": "9"}, Kind.ANSWERED, {"answers": {"recommend": 9}}),
        ("V2", {"item_goal": "4"}, Kind.ANSWERED, {"answers": {"goal": 4}}),
        (
            "V4",
            {"item_M1": "3", "helped": ["timing"]},
            Kind.ANSWERED,
            {"answers": {"M1": 3}, "factors": {"timing": "helped"}},
        ),
        ("V5", {"item_a": "2", "item_b": "Every week"}, Kind.ANSWERED, {"answers": {"a": 2}}),
    ],
)
def test_a_step_is_done_on_its_page(house: House, step: str, fields: dict[str, Any], kind: Kind, data: Any) -> None:
    """One form, one statement without a word of what was written, and the words beside it here."""
    petra = house.petra
    assert petra.fill(f"steps/{step}", **fields).status == 303
    (fact,) = of_step(house, step)
    assert (fact.kind, dict(fact.data)) == (kind, data)
    for word in (text for text in fields.values() if isinstance(text, str) and " " in text):
        assert word not in str(fact)
        assert word in texts(house, fact).values()
        assert word in petra.open(f"steps/{step}").text


def test_a_climate_survey_asks_its_items(house: House) -> None:
    """Each with its scale, and at least one has to be answered."""
    petra = house.petra
    page = petra.open("steps/V3")
    name = page.html.split('name="item_')[1].split('"')[0]
    assert "Answer at least one question." in petra.fill("steps/V3").text
    assert petra.fill("steps/V3", **{f"item_{name}": "4"}).status == 303
    assert of_step(house, "V3")[0].data["answers"] == {name: 4}


def test_the_latest_answers_count_and_stand_in_the_form(house: House) -> None:
    """A survey with a name can be answered once more."""
    petra = house.petra
    petra.fill("steps/V5", item_a="2", item_b="Every week")
    page = petra.open("steps/V5")
    assert 'name="item_a" value="2" checked' in page.html
    house.world.clock.on(minutes=1)
    petra.fill("steps/V5", item_a="3", item_b="Every day")
    assert [fact.data["answers"]["a"] for fact in of_step(house, "V5")] == [2, 3]


def test_links_of_a_guide_can_be_opened(house: House) -> None:
    """In a window of their own, and without telling where from."""
    page = house.petra.open("steps/P3").html
    assert '<a href="https://example.org/paper?a=1&amp;b=2" rel="noopener noreferrer" target="_blank">' in page


@pytest.mark.parametrize(
    ("step", "fields", "complaint"),
    [
        ("P4", {**CASE, "no_people": ""}, "Take out names."),
        ("P6", {"chosen": ["C1"]}, "Choose two of these three."),
        ("P6", {"chosen": ["C1", "C2", "C3"]}, "Choose two of these three."),
        ("P6", {"chosen": ["C1", "P9"]}, "Choose two of these three."),
        ("P6", {}, "Choose two of these three."),
        ("P7", {"goal_1": "  "}, "Write down at least one goal."),
        ("P7", {**PLAN, "by_1": "30 April"}, "There is no such day."),
        ("P7", {**PLAN, "by_2": "2026-02-31"}, "There is no such day."),
        ("P8", {**WORK, "link": ""}, "Give a link to it, or its text."),
        ("P8", {**WORK, "link": "javascript:alert(1)"}, "A link begins with https:// or http://."),
        ("P8", {**WORK, "title": "x" * 301}, "Say it in fewer words, 300 letters at most."),
        ("P9", {"words": "x" * 4001}, "That is longer than 4,000 characters."),
        ("P10", {"words": " "}, "Write a sentence or two."),
        (
            "P11",
            {"whom": "Ben", "words": "Well done", "when": "date", "date": "2027-01-01"},
            "That day is still to come.",
        ),
        ("P14", {"agreed": "yes"}, "Say how you may be quoted."),
        ("P14", {}, "Say yes or no. Both are fine."),
        ("V1", {"item_recommend": "11"}, "Choose a number from 0 to 10."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(
    house: House, step: str, fields: dict[str, Any], complaint: str
) -> None:
    """On top with a link, at the field, and with everything typed."""
    answer = house.petra.fill(f"steps/{step}", **fields)
    assert answer.status == 422
    assert answer.text.count(complaint) == 2
    for name, text in fields.items():
        if isinstance(text, str) and text.strip() and name not in ("when",):
            assert text.split()[0] in answer.html
    assert of_step(house, step) == []


def test_a_case_is_read_by_whoever_designs_the_run_and_thanked_for(house: House) -> None:
    """The form says so first, and the thanks stand on its page."""
    petra = house.petra
    assert "Whoever designs or teaches this run reads it with your name" in petra.open("steps/P4").text
    petra.fill("steps/P4", **CASE)
    dario = house.dario
    page = dario.open("cases")
    assert "Petra Novak" in page.text
    assert "A call that stalled." in page.text
    there = page.html.split("/thanks")[0].rsplit('action="', 1)[1] + "/thanks"
    dario.send(there, **page.hidden(there), thanks="We practise it in week two.")
    assert "Thank you for your case. “We practise it in week two.”" in petra.open("steps/P4").text


def test_a_choice_orders_the_path_and_can_be_changed(house: House) -> None:
    """What was not chosen waits for nobody, and can be done all the same."""
    petra = house.petra
    petra.fill("steps/P6", chosen=["C1", "C3"])
    page = petra.open()
    assert "Film Not among what you chose. Do it all the same" in page.text
    assert 'value="C3" checked' in petra.open("steps/P6").html
    house.world.clock.on(minutes=1)
    petra.fill("steps/P6", chosen=["C2", "C3"])
    assert "Book Not among what you chose." in petra.open().text


def test_a_choice_is_closed_after_its_last_day(house: House) -> None:
    """It was theirs to change until then."""
    petra = house.petra
    petra.fill("steps/P6", chosen=["C1", "C3"])
    house.world.clock.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    petra = house.petra
    page = petra.open("steps/P6")
    assert 'name="chosen"' not in page.html
    answer = petra.send("steps/P6", **petra.open("steps/P9").hidden(), chosen=["C1", "C2"])
    assert answer.status == 403
    assert "Its last day was 1 April." in answer.text


def test_a_choice_that_was_missed_can_still_be_made(house: House) -> None:
    """Late is better than never."""
    house.world.clock.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    assert house.petra.fill("steps/P6", chosen=["C1", "C3"]).status == 303


def test_a_plan_is_shown_to_the_manager_it_is_with(house: House) -> None:
    """The form says so first; nobody else reads it."""
    petra = house.petra
    assert "You and Mark see what you write here." in petra.open("steps/P7").text
    petra.fill("steps/P7", **PLAN)
    work = f"people/{house.enrolments['petra'].id}/work"
    mark = house.mark
    assert "What Petra wrote for you" in mark.open().text
    page = mark.open(work)
    assert "Goal 1 Ask before I tell, in every debrief Goal 1, by 30 April 2026 Goal 1, with Ben" in page.text
    for name in ("petra", "nina", "dario", "stan"):
        assert getattr(house, name).open(work).status == 403


def test_a_changed_plan_is_shown_as_it_is_now(house: House) -> None:
    """The form starts from what was written, and the latest is read."""
    petra = house.petra
    petra.fill("steps/P7", **PLAN)
    page = petra.open("steps/P7")
    assert ">Ask before I tell, in every debrief</textarea>" in page.html
    assert 'value="2026-04-30"' in page.html
    house.world.clock.on(minutes=1)
    petra.fill("steps/P7", goal_1="Write it down")
    text = petra.open("steps/P7").text
    assert "Write it down" in text
    assert "in every debrief" not in text
    assert len(of_step(house, "P7")) == 2


def test_a_work_is_looked_at_again_from_its_day(house: House) -> None:
    """It stands on the first page until it has another day."""
    petra = house.petra
    petra.fill("steps/P8", **WORK, review="2026-05-01")
    assert "Time to look at" not in petra.open().text
    house.world.clock.now = datetime(2026, 5, 2, 9, tzinfo=UTC)
    petra = house.petra
    assert "Time to look at “Our one page” again Due 1 May. Looked after by Petra." in petra.open().text
    petra.fill("steps/P8", **WORK, review="2026-11-01")
    assert "Time to look at" not in petra.open().text


def test_a_check_in_long_after_the_course_waits_for_its_day(house: House) -> None:
    """And says how long the path was."""
    assert "Opens 2 March." in house.petra.open("steps/P12").text
    house.world.clock.now = datetime(2027, 3, 4, 9, tzinfo=UTC)
    petra = house.petra
    assert petra.fill("steps/P12", words="It still holds.", when="today").status == 303
    assert of_step(house, "P12")[0].kind is Kind.COMPLETED


def consent(house: House, step: str) -> InterviewConsent:
    with house.bridge.sessions.read() as session:
        return consents.of_enrolment(session, house.world.tenant.id, house.enrolments["petra"].id)[step]


def test_an_interview_takes_a_yes_or_a_no(house: House) -> None:
    """With how to be quoted; changed as often as wanted; no statement of it."""
    petra = house.petra
    assert "Would you talk with us?" in petra.open().text
    saved = petra.follow(petra.fill("interviews/E1", agreed="yes", quoting="named"))
    assert "You said yes on 26 March, with your name. You can change it." in saved.text
    assert (consent(house, "E1").agreed, consent(house, "E1").quoting) == (True, "named")
    petra.fill("interviews/E1", agreed="no", quoting="named")
    assert (consent(house, "E1").agreed, consent(house, "E1").quoting) == (False, None)
    assert of_step(house, "E1") == []


def test_an_interview_step_of_ones_own_keeps_the_same(house: House) -> None:
    """A no does the step as well as a yes."""
    petra = house.petra
    petra.fill("steps/P14", agreed="no")
    assert not consent(house, "P14").agreed
    assert of_step(house, "P14")[0].kind is Kind.COMPLETED


@pytest.mark.parametrize("name", ["mark", "nina", "dario", "stan"])
@pytest.mark.parametrize("path", ["interviews/E1", "steps/P14"])
def test_nobody_answers_for_petra(house: House, name: str, path: str) -> None:
    """Whoever they are."""
    tab = getattr(house, name)
    own = tab.open()
    hidden = own.hidden() if "<form" in own.html else {}
    assert tab.send(path, **hidden, agreed="no").status == 403


@pytest.mark.parametrize("step", ["P9", "A1", "nothing"])
def test_only_an_interview_with_petra_is_one(house: House, step: str) -> None:
    """Other steps have no such page."""
    assert house.petra.open(f"interviews/{step}").status == 404


def test_a_form_sent_again_after_a_change_says_what_was_saved(house: House) -> None:
    """The back button shows the old form: the first text stands, and the new one is not lost."""
    petra = house.petra
    hidden = petra.open("steps/P9").hidden()
    petra.send("steps/P9", **hidden, words="I ask first now.")
    answer = petra.send("steps/P9", **hidden, words="I ask first, mostly.")
    assert answer.status == 409
    assert "This form was saved before" in answer.text
    assert "It was not saved. Copy it from here" in answer.text
    assert ">I ask first, mostly.</textarea>" in answer.html
    assert texts(house, of_step(house, "P9")[0]) == {"words": "I ask first now."}


def test_a_changed_form_of_what_can_be_changed_is_a_change(house: House) -> None:
    """The same change twice is one."""
    petra = house.petra
    hidden = petra.open("steps/P7").hidden()
    petra.send("steps/P7", **hidden, **PLAN)
    for _ in range(2):
        assert petra.send("steps/P7", **hidden, goal_1="Write it down").status == 303
    assert sorted(texts(house, fact)["goal_1"] for fact in of_step(house, "P7")) == [PLAN["goal_1"], "Write it down"]


def test_a_line_of_sight_goes_to_and_fro_until_it_fits(house: House) -> None:
    """The manager says what to change, the participant changes it, the manager looks again."""
    petra, mark = house.petra, house.mark
    petra.fill("steps/P2", learning_outcome="Everything better")
    approve = f"people/{house.enrolments['petra'].id}/steps/A1"
    silent = mark.fill(approve, agreed="no")
    assert silent.status == 422
    assert "Say in a sentence what to change." in silent.text
    mark.fill(approve, agreed="no", comment="Choose one situation.")
    assert "Mark asks you to change your line of sight “Choose one situation.”" in petra.open().text
    assert "Mark asked for a change on 26 March. “Choose one situation.”" in petra.open("steps/P2").text
    house.world.clock.on(minutes=5)
    petra.fill("steps/P2", learning_outcome="Ask first in debriefs")
    assert "Mark asks you to change" not in petra.open().text
    assert "Petra changed the line of sight" in mark.open().text
    house.world.clock.on(minutes=5)
    assert mark.fill(approve, agreed="yes").status == 303
    assert "Petra changed the line of sight" not in mark.open().text
    assert "Mark agreed to it on 26 March." in petra.open("steps/P2").text
    assert [fact.data["goal-agreed"] for fact in house.facts("petra", Kind.APPROVED)] == [False, True]


def test_words_of_an_anonymous_survey_have_a_warning(house: House) -> None:
    """How somebody writes may give them away."""
    page = house.petra.open("steps/V6")
    assert "Your style may give you away." in page.text
    assert "talk with us" not in page.text.split("Secret")[-1].split("Anonymous")[0]
