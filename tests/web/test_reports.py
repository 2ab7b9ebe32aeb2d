"""Reports of a study: the worked example down to the PDF, each reader's own version, and one that was withdrawn."""

from __future__ import annotations

import re

import pytest

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import CHECKLIST
from lrs_bridge.domain.publications import Cut
from lrs_bridge.domain.reporting.document import FIXED_TITLE
from lrs_bridge.flows import erasing, studying
from lrs_bridge.store import enrolments, publications, studies
from lrs_bridge.store.record_accesses import Looked
from lrs_bridge.store.sealed import Seal
from tests.personas import SECRET, House, Tab
from tests.web.looking import looks
from tests.web.reporting import crowd_more, end, made, pdf, words, worked_example
from tests.web.studies import HIGH, LOW, codes, crowd, does, interview, sorted_and_drawn, story, study_of, undo_button

AUDIENCES = ("sponsor", "managers", "participants", "learning", "evaluator")
READERS = {"sponsor": "sofia", "managers": "mark", "participants": "petra", "learning": "dario"}
FIGURES = (
    "90 of 120 people answered the survey (75 %).",
    "High: used it, with a clear result 18 20 % 13.04 % to 29.41 % 15 %",
    "Middle: used it, with no clear result yet 45 50 %",
    "Low: hardly used it, or not at all 27 30 %",
    "The manager 5 of 6 2 of 6 1 of 6 4 of 6 50",
)
MONEY = (
    "Real cases 15",
    "Value realised EUR 90,000 EUR 47,142 to EUR 104,754",
    "12.5 %",
    "Value not realised EUR 198,000 EUR 183,246 to EUR 240,858",
    "Return −40 %",
    "92 %",
    "20.83 %",
    "Cost of not using it EUR 131,250",
    "EUR 150,000. Controlling",
    "as often real as those who were: 5 of 6",
)


def small(house: House) -> Tab:
    """Sixteen people, eight of High, with one interview and a story of it; the run is over."""
    crowd(house, (8, HIGH), (8, LOW))
    eva = house.eva
    sorted_and_drawn(house, eva)
    code = codes(house, Bucket.HIGH)[0]
    interview(house, eva, code, "verified", value="1000")
    at = f"study/stories/{story(house, eva, code)}"
    does(house, eva, f"{at}/checked", at, items=list(CHECKLIST))
    does(house, eva, f"{at}/release", at)
    return end(house)


def test_the_worked_example_comes_out_in_the_pdf(house: House) -> None:
    """By the pages, from answers to file; every number of docs/indicators.md, with ranges and what it rests on."""
    eva = worked_example(house)
    id_ = made(house, eva, "sponsor")
    sofia = house.sofia
    assert f"/reports/{id_}/report.pdf" in sofia.open("reports").html
    reader = pdf(sofia.open(f"reports/{id_}/report.pdf"))
    text = words(reader)
    for said in (*FIGURES, *MONEY):
        assert said in text, said
    page = sofia.open(f"reports/{id_}").text
    for said in ("EUR 90,000", "EUR 198,000", "13.04 % to 29.41 %", "20.83 %", FIXED_TITLE):
        assert said in page, said


def test_the_file_is_a_print_of_a4_with_bookmarks_language_and_page_numbers(house: House) -> None:
    eva = worked_example(house)
    reader = pdf(eva.open(f"study/reports/{made(house, eva, 'evaluator', out=False)}/report.pdf"))
    assert reader.root_object["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == house.world.run.journey.title
    assert reader.metadata["/CreationDate"].startswith("D:20260701")
    _, sections = reader.outline
    titles = [one.title for one in sections]
    assert FIXED_TITLE in titles
    assert titles[-1] == "What this report was made from"
    for number, page in enumerate(reader.pages, 1):
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
        assert f"Page {number} of {len(reader.pages)}" in page.extract_text()
        assert not page.images
        fonts = [one.get_object() for one in page["/Resources"]["/Font"].values()]
        used = [font for font in fonts if "NotoSans" in font["/BaseFont"]]
        assert used
        assert all("/FontFile2" in font["/FontDescriptor"] for font in used)


def test_the_same_report_is_the_same_file_whenever_it_is_opened(house: House) -> None:
    eva = worked_example(house)
    id_ = made(house, eva, "sponsor")
    first = eva.open(f"study/reports/{id_}/report.pdf").answer.get_data()
    house.world.clock.on(minutes=9)
    assert house.sofia.open(f"reports/{id_}/report.pdf").answer.get_data() == first


def test_every_version_says_what_did_not_work_and_each_sees_its_own(house: House) -> None:
    """Money for the sponsor and the evaluator, cases for the evaluator; nobody by name, nothing of one person."""
    eva = worked_example(house)
    for audience in AUDIENCES:
        page = eva.open(f"study/reports/for/{audience}")
        text = page.text
        assert FIXED_TITLE in text
        assert "27 of 90 hardly used it, or not at all, 30 % of those who answered." in text
        assert "30 of 120 people did not answer" in text
        assert ("EUR" in text) is (audience in ("sponsor", "evaluator"))
        assert (re.search(r"K-\d{4}", text) is not None) is (audience == "evaluator")
        assert ("By the median" in text) is (audience == "evaluator")
        assert "Crowd" not in text
        assert "<script" not in page.html
        assert " style=" not in page.html


@pytest.mark.parametrize("audience", READERS)
def test_each_reader_finds_their_version_once_it_is_handed_out(house: House, audience: str) -> None:
    eva = small(house)
    reader = getattr(house, READERS[audience])
    assert "No report yet" in reader.open("reports").text
    assert "/reports" not in " ".join(reader.open().links)
    id_ = made(house, eva, audience, out=False)
    assert reader.open(f"reports/{id_}").status == 404
    page = does(house, eva, f"study/reports/{id_}/hand-out", "study/reports")
    reader = getattr(house, READERS[audience])
    assert reader.path("reports") in reader.open().links
    assert "Read it" in reader.open("reports").text
    assert FIXED_TITLE in reader.open(f"reports/{id_}").text
    assert pdf(reader.open(f"reports/{id_}/report.pdf")).pages
    eva.send("study/undo", **undo_button(page))
    assert reader.open(f"reports/{id_}").status == 404


@pytest.mark.parametrize("audience", READERS)
def test_nobody_else_reads_it(house: House, audience: str) -> None:
    """And those who read one version do not find another."""
    eva = small(house)
    id_ = made(house, eva, audience)
    for name in ("petra", "mark", "nina", "dario", "carl", "sofia", "stan"):
        tab = getattr(house, name)
        mine = name == READERS[audience] or (audience == "managers" and name == "nina")
        if mine:
            continue
        assert tab.open(f"reports/{id_}").status in (403, 404), name
        assert tab.open(f"reports/{id_}/report.pdf").status in (403, 404), name
        assert tab.open(f"study/reports/{id_}").status == 403, name
        csrf = re.search(r'name="csrf" value="([^"]+)"', tab.open("notice").html)
        sent = csrf.group(1) if csrf else ""
        for path in (f"study/reports/for/{audience}", f"study/reports/{id_}/hand-out"):
            assert tab.send(path, csrf=sent).status == 403, name
        for path in ("study/reports", f"study/reports/for/{audience}", f"study/reports/{id_}/report.pdf"):
            assert tab.open(path).status == 403, name


def test_who_read_it_is_noted_and_the_evaluator_sees_it(house: House) -> None:
    eva = small(house)
    id_ = made(house, eva, "sponsor")
    assert "Nobody has read it." in eva.open("study/reports").text
    house.sofia.open(f"reports/{id_}")
    house.sofia.open(f"reports/{id_}/report.pdf")
    seen = [look for look in looks(house) if look.looked == Looked.REPORT]
    assert [look.role for look in seen] == ["sponsor", "sponsor"]
    text = eva.open("study/reports").text
    assert "Read 2 times" in text
    assert "Sofia Marin, sponsor" in text


def test_after_a_withdrawal_nobody_reads_it_any_more_and_a_new_one_takes_its_place(house: House) -> None:
    """Its words are erased for good."""
    eva = small(house)
    id_ = made(house, eva, "sponsor")
    assert "A customer stayed after a talk." in house.sofia.open(f"reports/{id_}").text
    code = codes(house, Bucket.HIGH)[0]
    does(house, eva, f"study/cases/{code}/withdraw")
    for tab, path in ((house.sofia, f"reports/{id_}"), (house.sofia, f"reports/{id_}/report.pdf")):
        page = tab.open(path)
        assert page.status == 410
        assert "This report was withdrawn" in page.text
    assert eva.open(f"study/reports/{id_}").status == 410
    assert "Withdrawn" in eva.open("study/reports").text
    assert "The report was withdrawn and is not to be used any more." in house.sofia.open("reports").text
    with house.bridge.sessions.read() as session:
        seal = studying.seal_of(SECRET)
        acts = studies.acts_of(session, seal, house.world.tenant.id, house.world.run.id)
        assert next(act for act in acts if act.id == id_).texts is None
    new = made(house, eva, "sponsor")
    text = house.sofia.open(f"reports/{new}").text
    assert "A customer stayed after a talk." not in text
    assert FIXED_TITLE in text


def test_with_the_erasure_of_somebody_the_words_of_reports_about_them_go(house: House) -> None:
    eva = small(house)
    id_ = made(house, eva, "participants")
    (told,) = study_of(house).interviews
    with house.bridge.sessions.write() as session:
        row = enrolments.get_enrolment(session, house.world.tenant.id, told)
        assert row is not None
        house.world.clock.on(minutes=1)
        erasing.erase(session, house.world.tenant.id, row.person_id, "ada", house.bridge.clock())
    assert eva.open(f"study/reports/{id_}").status == 410


def test_a_newer_one_takes_the_place_of_the_one_before(house: House) -> None:
    eva = small(house)
    old, new = made(house, eva, "sponsor"), made(house, eva, "sponsor")
    assert house.sofia.open(f"reports/{new}").status == 200
    page = house.sofia.open(f"reports/{old}")
    assert page.status == 410
    assert "There is a newer one in its place." in page.text


def test_reports_for_others_wait_for_the_end_of_the_run(house: House) -> None:
    """The evaluator looks at every version, and makes their own, at any time."""
    crowd(house, (8, HIGH), (8, LOW))
    eva = house.eva
    page = eva.open("study/reports/for/sponsor")
    assert "Reports for others come at the end of the run" in page.text
    assert "Make this report" not in page.text
    hidden = eva.open("study/reports/for/evaluator").hidden(eva.path("study/reports/for/evaluator"))
    assert eva.send("study/reports/for/sponsor", **hidden).status == 409
    assert eva.send("study/reports/for/evaluator", **hidden).status == 303


def test_a_report_is_made_once_however_often_the_form_is_sent(house: House) -> None:
    eva = small(house)
    hidden = eva.open("study/reports/for/sponsor").hidden(eva.path("study/reports/for/sponsor"))
    for _ in range(2):
        assert eva.send("study/reports/for/sponsor", **hidden).status == 303
    assert len(study_of(house).reports) == 1


def test_the_evaluator_s_own_is_handed_to_nobody(house: House) -> None:
    eva = small(house)
    id_ = made(house, eva, "evaluator", out=False)
    hidden = eva.open("study/reports/for/evaluator").hidden(eva.path("study/reports/for/evaluator"))
    assert eva.send(f"study/reports/{id_}/hand-out", **hidden).status == 409


@pytest.mark.parametrize("groups", [(), ((6, HIGH),), ((12, LOW),), ((3, HIGH), (1, LOW))])
def test_odd_answers_make_a_report_all_the_same(house: House, groups: tuple[tuple[int, tuple[int, ...]], ...]) -> None:
    """Nobody, all alike, no High, too few: it says so, and what is not known is no zero."""
    crowd(house, *groups)
    eva = end(house)
    for audience in AUDIENCES:
        page = eva.open(f"study/reports/for/{audience}")
        assert page.status == 200
        assert FIXED_TITLE in page.text
    assert "EUR" not in page.text


def test_what_a_report_says_lies_sealed(house: House) -> None:
    eva = small(house)
    made(house, eva, "sponsor")
    with house.bridge.sessions.read() as session:
        run = house.world.run
        other = Seal("another secret", studies.PURPOSE)
        assert all(act.texts in (None, {}) for act in studies.acts_of(session, other, run.tenant_id, run.id))


def test_answers_after_the_last_total_are_in_no_report_for_others(house: House) -> None:
    """The report is about the same people as the total on the page of results."""
    crowd(house, (10, HIGH), (10, LOW))
    run = house.world.run
    with house.bridge.sessions.write() as session:
        row = publications.add(session, run.tenant_id, run.id, "success_case", 1, Cut({}), {}, house.bridge.clock())
        row.last, row.out = True, house.bridge.clock()
    house.world.clock.on(minutes=1)
    late = crowd_more(house, LOW)
    eva = end(house)
    assert late in study_of(house).by_registration
    assert "20 of 22 people answered" in eva.open("study/reports/for/sponsor").text
    assert "21 of 22 people answered" in eva.open("study/reports/for/evaluator").text


def test_a_report_waits_for_the_last_total(house: House) -> None:
    crowd(house, (10, HIGH), (10, LOW))
    run = house.world.run
    with house.bridge.sessions.write() as session:
        row = publications.add(session, run.tenant_id, run.id, "success_case", 1, Cut({}), {}, house.bridge.clock())
        row.out = house.bridge.clock()
    eva = end(house)
    page = eva.open("study/reports/for/sponsor")
    assert "The last total of the survey is still being worked out." in page.text
    assert "Make this report" not in page.text
