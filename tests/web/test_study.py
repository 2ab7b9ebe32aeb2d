"""Eva's workbench: from the answers of the worked example to its figures on the page, each step an act on record."""

from __future__ import annotations

import re
from datetime import date

import pytest

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, runs
from lrs_bridge.store.runs import RunRow
from tests.personas import House
from tests.web.studies import (
    HIGH,
    LOW,
    MIDDLE,
    RULE,
    TRIED,
    codes,
    crowd,
    does,
    interview,
    sorted_and_drawn,
    study_of,
    undo_button,
)
from tests.web.whys import asked

VALUES = (4000, 6000, 8000, 3000, 9000)
TABS = "study study/model study/survey study/board study/draw study/interviews study/factors study/value".split()
PAGES = [*TABS, "study/stories", "study/log"]
ACTS = "study/model study/rule study/draws study/value study/undo study/cases/K-0001/move".split()
ACTS += "study/cases/K-0001/word study/cases/K-0001/interview study/cases/K-0001/quotes".split()
ACTS += "study/cases/K-0001/verify study/cases/K-0001/withdraw study/stories/of/K-0001 study/stories/x".split()
ACTS += ["study/stories/x/checked", "study/stories/x/release"]


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "carl", "sofia", "stan"])
def test_nobody_but_the_evaluator_gets_in(house: House, name: str) -> None:
    """For looking and for sending."""
    tab = getattr(house, name)
    csrf = re.search(r'name="csrf" value="([^"]+)"', tab.open("notice").html)
    for path in [*PAGES, "study/cases/K-0001", "study/stories/new?case=K-0001", "study/stories/x"]:
        assert tab.open(path).status == 403, path
    for path in ACTS:
        assert tab.send(path, csrf=csrf.group(1) if csrf else "").status == 403, path


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_with_nobody_s_answer(house: House, path: str) -> None:
    """Empty states that say what comes next; no script, no style inside, kept nowhere."""
    page = house.eva.open(path)
    assert page.status == 200
    assert "<script" not in page.html
    assert " style=" not in page.html
    assert page.answer.headers["Cache-Control"] == "no-store"


def test_the_worked_example_comes_out_on_the_page(house: House) -> None:
    """120 enrolled, 90 answers, six of High interviewed and five verified: the figures of docs/indicators.md."""
    crowd(house, (18, HIGH), (45, MIDDLE), (27, LOW), silent=30)
    eva = house.eva
    sorted_and_drawn(house, eva)
    board = eva.open("study/board").text
    assert "15 % of enrolled. 20 % of answers, with 95 % certainty between 13.04 % and 29.41 %." in board
    assert "37.5 % of enrolled. 50 % of answers" in board
    assert "22.5 % of enrolled. 30 % of answers" in board
    high = codes(house, Bucket.HIGH)
    assert len(high) == 6
    for number, code in enumerate(high):
        said = {"helped": "manager_support"} if number < 5 else {"hindered": "manager_support"}
        worth = str(2 * VALUES[number]) if number < 5 else ""
        verdict = "verified" if number < 5 else "disagrees"
        interview(house, eva, code, verdict, value=worth, attribution="50", confidence="100", **said)
    for number, code in enumerate(codes(house, Bucket.LOW)):
        said = {"helped": "manager_support"} if number < 2 else {"hindered": "manager_support"}
        interview(house, eva, code, **said)
    page = does(house, eva, "study/value", currency="EUR", cost="150 000", cost_source="Controlling", target="40")
    for said in (
        "Real cases 15",
        "Value realised EUR 90,000",
        "Share of enrolled who succeeded 12.5 %",
        "Value not realised EUR 198,000",
        "Return −40 %",
        "Return at the share wanted 92 %",
        "Breaks even at 20.83 %",
        "Cost of not using it EUR 131,250",
        "Cost EUR 150,000. Controlling",
        "are as often real as those who were: 5 of 6",
    ):
        assert said in page.text, said
    factors = eva.open("study/factors").text
    assert "The manager 5 of 6 2 of 6 1, 4 50" in factors
    assert "Reports tell this one." in factors


def test_the_model_is_changed_for_the_study_and_the_journey_stays(house: House) -> None:
    eva = house.eva
    page = does(house, eva, "study/model", learning_outcome="Writes one page on the day")
    assert "Writes one page on the day" in page.text
    assert "Changed for this study" in page.text
    assert "Writes a coaching note" in house.world.run.journey.performance_path["learning_outcome"]
    back = eva.follow(eva.send("study/undo", **undo_button(page)))
    assert "Writes a coaching note" in back.text
    assert "Changed for this study" not in back.text


def test_small_areas_are_hidden_and_silence_is_shown(house: House) -> None:
    crowd(house, (6, HIGH), silent=3, area="north")
    crowd_of_south = study_of(house).response
    assert [area.asked for area in crowd_of_south.areas] == [9]
    text = house.eva.open("study/survey").text
    assert "6 of 9 answered; 3 did not." in text
    assert "3 by name" in text


def test_the_effect_of_a_rule_is_shown_before_it_is_kept(house: House) -> None:
    crowd(house, (2, HIGH), (3, MIDDLE), (1, LOW))
    eva = house.eva
    page = eva.open(TRIED)
    assert "High 5 2" in page.text
    assert "3 would change place" in page.text
    assert study_of(house).board.counts[Bucket.HIGH] == 5
    kept = does(house, eva, "study/rule", TRIED, **RULE)
    assert "Set by Eva Lang, 12 May 2026, after answers had come. A report says so" in kept.text
    assert study_of(house).board.counts[Bucket.HIGH] == 2
    eva.send("study/undo", **undo_button(kept))
    assert study_of(house).board.counts[Bucket.HIGH] == 5


@pytest.mark.parametrize("wrong", ["high_items=0", "high_items=many", "low_at_most=3", "min_answered=140"])
def test_a_rule_that_cannot_be_is_said_to_be(house: House, wrong: str) -> None:
    crowd(house, (2, HIGH))
    given = {"high_items": "1", "low_at_most": "1", "min_answered": "60"}
    name, value = wrong.split("=")
    query = "&".join(f"{key}={one}" for key, one in {**given, name: value}.items())
    assert house.eva.open(f"study/board?{query}").status == 422


def test_somebody_is_moved_by_hand_with_a_reason_that_stands_on_record(house: House) -> None:
    crowd(house, (2, HIGH), (3, LOW))
    eva = house.eva
    code = study_of(house).board.of(Bucket.LOW)[0].code
    refused = eva.fill(f"study/cases/{code}/move", f"study/cases/{code}", to="high", reason="")
    assert refused.status == 422
    assert "Say why. It stands on record." in refused.text
    page = does(house, eva, f"study/cases/{code}/move", f"study/cases/{code}", to="high", reason="Told me in the hall")
    assert "High, moved from Low by hand." in page.text
    assert f"Moved {code} to High: Told me in the hall" in eva.open("study/log").text
    back = eva.follow(eva.send("study/undo", **undo_button(page)))
    assert "Low, by the rule." in back.text
    assert "Undone" in eva.open("study/log").text


def test_names_open_with_the_draw_and_the_seed_decides(house: House) -> None:
    crowd(house, (8, HIGH), (3, MIDDLE), (8, LOW))
    eva = house.eva
    for path in ("study/board", "study/draw?seed=7"):
        assert "Crowd" not in eva.open(path).text
    some = study_of(house).board.cases[0].code
    assert "Crowd" not in eva.open(f"study/cases/{some}").text
    sorted_and_drawn(house, eva, seed=7)
    page = eva.open("study/interviews")
    assert "Drawn with seed 7" in page.text
    assert "Drawing again from the same people gives the same order." in page.text
    assert len(set(re.findall(r"Person\d+ Crowd", page.text))) == 14
    first = codes(house, Bucket.HIGH)
    does(house, eva, "study/draws", "study/draw?seed=8")
    assert codes(house, Bucket.HIGH) != first
    does(house, eva, "study/draws", "study/draw?seed=7")
    assert codes(house, Bucket.HIGH) == first


def test_whoever_declines_is_followed_by_the_next(house: House) -> None:
    crowd(house, (8, HIGH), (1, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    before = codes(house, Bucket.HIGH)
    page = does(house, eva, f"study/cases/{before[0]}/word", f"study/cases/{before[0]}", word="no")
    after = codes(house, Bucket.HIGH)
    assert before[0] not in after
    assert len(after) == 6
    assert f"in the place of {before[0]}" in page.text
    eva.send("study/undo", **undo_button(page))
    assert codes(house, Bucket.HIGH) == before


def test_only_whoever_was_drawn_is_interviewed(house: House) -> None:
    crowd(house, (8, HIGH), (1, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    other = next(case.code for case in study_of(house).board.cases if case.code not in codes(house, case.bucket))
    csrf = eva.open("study/model").hidden()
    sent = eva.send(f"study/cases/{other}/interview", **csrf, day="2026-05-11", quoting="role")
    assert sent.status == 403
    assert "Only people who were drawn are interviewed." in sent.text


def test_an_interview_needs_a_word_on_quoting_and_a_possible_value(house: House) -> None:
    crowd(house, (8, HIGH), (1, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    code = codes(house, Bucket.HIGH)[0]
    at = f"study/cases/{code}"
    for said, fields in (
        ("Ask them how they may be quoted", {"quoting": ""}),
        ("That day is still to come", {"day": "2026-09-01"}),
        ("The value has to lie between the least and the most", {"value": "5", "low": "6"}),
        ("Give a figure, for example 4000", {"value": "much"}),
        ("One thing stands on both sides", {"helped": "timing", "hindered": "timing"}),
    ):
        page = eva.fill(f"{at}/interview", at, **{"day": "2026-05-11", "quoting": "role", **fields})
        assert page.status == 422
        assert said in page.text
    assert study_of(house).interviews == {}


def test_a_case_is_verified_by_a_second_source_only(house: House) -> None:
    crowd(house, (8, HIGH), (1, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    code = codes(house, Bucket.HIGH)[0]
    interview(house, eva, code, value="-500")
    page = eva.fill(f"study/cases/{code}/verify", f"study/cases/{code}", verdict="verified")
    assert page.status == 422
    assert "Say who or what the second source is." in page.text
    told = {"verdict": "verified", "source": "The CRM", "note": "The contract is there"}
    page = does(house, eva, f"study/cases/{code}/verify", f"study/cases/{code}", **told)
    assert "A second source agrees : The CRM The contract is there Eva Lang, 12 May 2026" in page.text
    assert "Worth −500" in page.text


def test_a_form_sent_twice_is_one_act(house: House) -> None:
    eva = house.eva
    hidden = eva.open("study/model").hidden(eva.path("study/model"))
    for _ in range(2):
        assert eva.send("study/model", **hidden, learning_outcome="Once").status == 303
    assert len(study_of(house).log) == 1
    undo = undo_button(eva.open("study/log"))
    assert eva.send("study/undo", **undo).status == 303
    assert eva.send("study/undo", **{**undo, "act": "5f0c3a52-8f0a-4c7e-9a15-0d8f7d0f7a01"}).status == 409


def test_what_was_done_is_read_from_the_log_and_from_nobody_s_answers(house: House) -> None:
    crowd(house, (5, HIGH))
    eva = house.eva
    does(house, eva, "study/rule", TRIED, **RULE)
    with asked(house) as found:
        assert "Kept a rule" in eva.open("study/log").text
    assert not [query for query in found if "FROM fact" in query or "FROM note" in query]


def test_another_tenant_s_evaluator_sees_nothing_of_it(house: House) -> None:
    """Stan is a teacher elsewhere; a code of this run opens nothing for him."""
    crowd(house, (2, HIGH))
    code = study_of(house).board.cases[0].code
    assert house.stan.open(f"study/cases/{code}").status == 403
    assert house.eva.open("study/cases/K-zzzz").status == 404


def other_run(house: House, *roles: Role) -> RunRow:
    """A run in another course, in which Eva was given these roles."""
    world, now = house.world, house.bridge.clock()
    eva = house.people["eva"]
    with house.bridge.sessions.write() as session:
        course = runs.ensure_course(session, world.tenant.id, world.platform_id, "1", "course-2")
        course.title = "Course before"
        run = runs.add_run(session, course, world.run.journey_row, date(2025, 9, 1), "Europe/Berlin", now)
        for role in roles:
            enrolments.give_role(session, world.tenant.id, run.id, eva.id, role, now)
    return run


def test_an_evaluator_of_several_runs_goes_from_one_study_to_the_other(house: House) -> None:
    """With the roles that were given there: a teacher of this course is none of the other."""
    _ = house.eva
    run = other_run(house, Role.EVALUATOR)
    both = house.tab("eva", CourseRole.INSTRUCTOR)
    at = f"study/of/{run.id}"
    assert both.open("design").status == 200
    page = both.follow(both.fill(at, "study"))
    assert "Nobody takes part yet." in page.text
    assert both.open("design").status == 403


def test_nobody_gets_into_the_study_of_a_run_that_they_do_not_evaluate(house: House) -> None:
    eva = house.eva
    run = other_run(house)
    assert "Course before" not in eva.open("study").text
    assert eva.send(f"study/of/{run.id}", csrf=eva.open("study/model").hidden()["csrf"]).status == 404
