"""Eva's pages: the record of her run by name, without content; and the doors of everybody else."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from uuid import uuid4

import orjson
import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people, runs
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.record_accesses import Looked
from tests.flows.world import ISSUER
from tests.personas import House
from tests.web.looking import answered, applied, happened, in_the_record, looks, verified

PAGES = ["statements", "statements/{id}", "statements/export"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["petra", "mark", "nina", "dario", "stan"])
def test_nobody_but_an_evaluator_gets_in(house: House, name: str, path: str) -> None:
    """Neither participants, managers nor teachers; no look is noted, since nothing was seen."""
    event = applied(house)
    page = getattr(house, name).open(path.format(id=event.statement_id))
    assert page.status == 403
    assert "Coaching" not in page.text
    assert not looks(house)


@pytest.mark.parametrize("path", PAGES)
def test_eva_gets_in(house: House, path: str) -> None:
    """Her pages run no script, are kept nowhere, and are framed by her LMS only."""
    event = applied(house)
    page = house.eva.open(path.format(id=event.statement_id))
    assert page.status == 200
    assert page.answer.headers["Cache-Control"] == "no-store"
    if page.answer.mimetype == "text/html":
        assert page.answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "<script" not in page.html
        assert " style=" not in page.html


def test_the_study_is_the_first_page_of_somebody_who_is_evaluator_only_and_the_list_a_tab(house: House) -> None:
    """Tabs beside others of somebody who is more in the run."""
    in_the_record(house)
    assert "Petra Novak registered for" in house.eva.open("statements").text
    assert "Eva Lang, evaluator" in house.eva.open().text
    assert "Success case study" in house.eva.open().text
    both = house.tab("eva", CourseRole.INSTRUCTOR).open()
    assert "The run Journeys The study Statements" in both.text


def test_statements_are_sentences_with_the_newest_first(house: House) -> None:
    """With names, titles of the journey, and verifications told with what they verify."""
    event = applied(house)
    verified(house, event)
    text = house.eva.open("statements").text
    first = "Mark Jensen verified: Petra Novak applied “Debrief on the day of a ride-along”, 26 March 2026 manager"
    assert first in text
    assert text.index("verified") < text.index("Petra Novak applied “Debrief on the day of a ride-along” participant")


def test_content_is_nowhere_on_her_pages(house: House) -> None:
    """That the survey was answered is told, what was answered is not, and the page says what it leaves out."""
    survey, moment = answered(house), applied(house)
    eva = house.eva
    page = eva.open(f"statements/{survey.statement_id}")
    assert "Petra Novak answered “Success case survey" in page.text
    assert "Left out here: result.extensions answers" in page.text
    assert "&#34;M2&#34;" not in page.html
    page = eva.open(f"statements/{moment.statement_id}")
    assert "result.score" in page.text
    assert "&#34;raw&#34;" not in page.html
    exported = orjson.loads(eva.open("statements/export").answer.data)
    assert not [one for one in exported["statements"] if "score" in one.get("result", {})]
    assert b"M2" not in eva.open("statements/export").answer.data


def test_disputes_are_neither_listed_nor_opened_nor_exported(house: House) -> None:
    """What two people say of each other's acts is theirs."""
    talked = happened(house, Kind.TALKED_WITH, "mark", step="S12", counterpart=house.people["petra"].account)
    disputed = happened(house, Kind.DISPUTED, "petra", refers_to=talked.statement_id)
    eva = house.eva
    assert eva.open(f"statements/{disputed.statement_id}").status == 404
    assert "disputed" not in eva.open(f"statements/{talked.statement_id}").text.lower()
    assert disputed.statement_id not in eva.open("statements?voided=with").html
    assert disputed.statement_id.encode() not in eva.open("statements/export").answer.data
    assert "Disputed" not in eva.open("statements").text


def test_an_anonymous_answer_has_no_name(house: House) -> None:
    """It comes from a fresh account and about no enrolment, and so it is told."""
    house.people["nobody"] = PersonRow(account=str(uuid4()))
    anonymous = {"registration": None, "role": Role.PARTICIPANT, "data": {"answers": {"M1": 3}}}
    happened(house, Kind.ANSWERED, "nobody", step="S24", **anonymous)
    text = house.eva.open("statements?verb=answered").text
    assert "Somebody, as participant, answered “Success case survey" in text
    assert "Petra Novak answered" not in text


def test_what_somebody_wrote_is_not_there(house: House) -> None:
    """A moment of one's own is told without its title."""
    happened(
        house, Kind.PRACTISED, "petra", moment=str(uuid4()), personal_moment=True, step="S13", data={"difficulty": 2}
    )
    assert "Petra Novak practised a moment of their own" in house.eva.open("statements").text


def test_an_evaluator_of_another_run_finds_nothing_of_this_one(house: House) -> None:
    """Neither in the list nor by id, nor by the name of a person of this run."""
    event, run = applied(house), house.world.run
    with house.bridge.sessions.write() as session:
        course = runs.ensure_course(session, run.tenant_id, house.world.platform_id, "1", "course-2")
        other = runs.add_run(session, course, run.journey_row, date(2026, 3, 9), "Europe/Berlin", house.bridge.clock())
        person = people.ensure_person(session, run.tenant_id, ISSUER, "eve", house.bridge.clock(), name="Eve")
        enrolments.give_role(session, run.tenant_id, other.id, person.id, Role.EVALUATOR, house.bridge.clock())
    eve = house.tab("eve", context_id="course-2")
    assert "Nothing recorded yet" in eve.open("statements").text
    assert eve.open(f"statements/{event.statement_id}").status == 404
    assert orjson.loads(eve.open("statements/export").answer.data)["statements"] == []
    assert "Nothing fits" in eve.open(f"statements?id={event.statement_id}").text
    assert "Nobody here is called that" in eve.open("statements?person=Petra").text
    assert "Nobody here is called that" in eve.open(f"statements?person={house.people['petra'].id}").text
    assert "Nothing fits" in eve.open(f"statements?run={run.id}").text


def test_filters_narrow_the_list(house: House) -> None:
    """By deed, person, step, days and id; each is said above the list."""
    moment = applied(house)
    applied(house, "ben")
    eva = house.eva

    def told(query: str) -> str:
        return eva.open(f"statements?{query}").text.split("What fits")[1]

    assert "Ben Adler applied" in told("verb=applied")
    assert "registered" not in told("verb=applied")
    assert "Ben Adler" not in told("person=petra")
    assert "Petra Novak registered" in told("person=Petra Novak")
    assert "registered" not in told("step=S13")
    assert "Nothing fits" in told("from=2026-03-27")
    assert "Ben Adler applied" in told("from=2026-03-26&to=2026-03-26")
    assert "Nothing fits" in told("to=2026-02-01")
    assert "Ben" not in told(f"id={moment.statement_id.upper()}")
    assert "Filter: applied on the job, from 2026-03-26, by or about Ben Adler" in (
        eva.open("statements?verb=applied&from=2026-03-26&person=ben").text
    )


def test_days_are_local_to_the_run(house: House) -> None:
    """Half past eleven in the evening in London is the next day in Berlin."""
    late = house.bridge.clock().replace(month=3, day=20, hour=23, minute=30)
    happened(house, Kind.COMPLETED, "petra", step="S04", at=late)
    assert "21 March 2026, 00:30" in house.eva.open("statements?from=2026-03-21&to=2026-03-21").text
    assert "Nothing fits" in house.eva.open("statements?from=2026-03-20&to=2026-03-20").text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("verb=nonsense", "Choose from the list."),
        ("from=31.2.2026", "There is no such day."),
        ("from=0001-01-01", "Give a day of this century."),
        ("from=2026-03-02&to=2026-03-01", "The last day lies before the first."),
        ("id=12", "36 characters"),
        ("person=zoe", "Nobody here is called that."),
        ("voided=maybe", "Choose from the list."),
        (f"person={'x' * 201}", "A part of a name is enough."),
    ],
)
def test_a_filter_that_cannot_be_read_is_shown_again_with_what_is_wrong(house: House, query: str, said: str) -> None:
    """What was typed stays, nothing is listed, no look is noted; an export of it is refused."""
    applied(house)
    page = house.eva.open(f"statements?{query}")
    assert said in page.text
    assert "Petra Novak applied" not in page.text
    assert house.eva.open(f"statements/export?{query}").status == 400
    assert not looks(house)


@pytest.mark.parametrize("before", ["x", "1.2", "9" * 60, "%00", "-5"])
def test_any_place_in_the_address_is_answered(house: House, before: str) -> None:
    """With the newest, where it is none."""
    applied(house)
    assert house.eva.open(f"statements?before={before}").status == 200


def test_a_name_that_fits_several_people_is_asked_back(house: House) -> None:
    """A link for each; the choice leads to theirs."""
    applied(house)
    eva = house.eva
    page = eva.open("statements?person=a&verb=applied")
    assert "Who is meant?" in page.text
    link = next(link for link in page.links if house.people["petra"].id in link)
    assert "Petra Novak applied" in eva.open(link).text


def test_the_list_goes_on_page_by_page(house: House) -> None:
    """Older ones by a link that keeps the filter."""
    for _ in range(30):
        house.world.clock.on(seconds=1)
        house.acted(Kind.COMPLETED, "petra", step="S04")
    in_the_record(house)
    eva = house.eva
    page = eva.open("statements?verb=completed")
    older = next(link for link in page.links if "before=" in link)
    rest = eva.open(older)
    assert page.html.count('role="rowheader"') == 25
    assert rest.html.count('role="rowheader"') == 5
    assert "Back to the newest" in rest.text


def test_what_was_taken_back_is_marked_and_linked_both_ways(house: House) -> None:
    """It is not in the list unless asked for; the void is."""
    moment = applied(house)
    void = happened(house, Kind.VOIDED, "petra", refers_to=moment.statement_id)
    eva = house.eva
    assert "Petra Novak took back: Petra Novak applied" in eva.open("statements").text
    assert "Taken back" in eva.open("statements?voided=only&verb=applied").text.split("What fits")[1]
    page = eva.open(f"statements/{moment.statement_id}")
    assert "It counts for nothing any more." in page.text
    assert any(void.statement_id in link for link in page.links)
    assert any(moment.statement_id in link for link in eva.open(f"statements/{void.statement_id}").links)


def test_a_verification_and_what_it_verifies_are_linked_both_ways(house: House) -> None:
    """As what it refers to, and what refers to it."""
    moment = applied(house)
    word = verified(house, moment)
    page = house.eva.open(f"statements/{moment.statement_id}")
    assert "What refers to it Mark Jensen verified" in page.text
    back = house.eva.open(next(link for link in page.links if word.statement_id in link))
    assert "What it refers to Petra Novak applied" in back.text


def test_a_statement_leads_to_the_numbers_it_counts_for(house: House) -> None:
    """Those that an evaluator sees by name."""
    moment = applied(house)
    house.evaluate()
    eva = house.eva
    page = eva.open(f"statements/{moment.statement_id}")
    assert "Evidence for Petra Novak: Journey completion , Application on the job" in page.text
    there = eva.open(next(link for link in page.links if link.endswith("/why/mtm_application")))
    assert there.status == 200
    assert any(moment.statement_id in link for link in there.links)


def test_the_export_is_a_download_in_the_form_of_a_record_store(house: House) -> None:
    """Of what the filter fits, with its number in the notes."""
    moment = applied(house)
    answer = house.eva.open("statements/export?verb=applied").answer
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statements-without-content.json"'
    result = orjson.loads(answer.data)
    assert [one["id"] for one in result["statements"]] == [moment.statement_id]
    assert result["more"] == ""
    noted = looks(house)[0]
    assert (noted.looked, noted.filter, noted.count) == (Looked.EXPORT, {"verb": "applied"}, 1)


def test_one_statement_is_exported_by_its_id(house: House) -> None:
    """And none where she does not see it."""
    moment = applied(house)
    applied(house)
    found = orjson.loads(house.eva.open(f"statements/export?id={moment.statement_id}").answer.data)
    assert [one["id"] for one in found["statements"]] == [moment.statement_id]
    missing = orjson.loads(house.eva.open(f"statements/export?id={uuid4()}").answer.data)
    assert missing == {"statements": [], "more": ""}


def test_where_an_export_goes_on_holds_no_token(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are passed on; the address in `more` is relative, and works in her visit."""
    done = [applied(house).statement_id for _ in range(3)]
    monkeypatch.setattr("lrs_bridge.flows.viewing.EXPORT_AT_MOST", 2)
    eva = house.eva
    first = orjson.loads(eva.open("statements/export?verb=applied").answer.data)
    assert eva.token not in first["more"]
    second = orjson.loads(eva.open(f"statements/export{first['more']}").answer.data)
    assert [one["id"] for part in (first, second) for one in part["statements"]] == done[::-1]


def test_every_look_is_noted_with_who_what_and_how_many(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """In a table and in a line of the log, and neither holds a name."""
    caplog.set_level(logging.INFO, "lrs_bridge.record")
    moment = applied(house)
    eva = house.eva
    eva.open("statements?person=Petra&verb=applied")
    eva.open(f"statements/{moment.statement_id}")
    one, listed = looks(house)
    account, petra = house.people["eva"].account, house.people["petra"].account
    assert (one.looked, one.account, one.count, one.filter) == ("statement", account, 1, {"id": moment.statement_id})
    assert (listed.looked, listed.run_id, listed.count) == ("list", house.world.run.id, 1)
    assert listed.filter == {"verb": "applied", "person": petra}
    lines = [record.getMessage() for record in caplog.records if record.name == "lrs_bridge.record"]
    assert len(lines) == 2
    assert account in lines[0]
    assert not any(name in "".join(lines) for name in ("Petra", "Eva", eva.token))


def test_what_cannot_be_noted_is_not_shown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that leaves no trace would be worth more than one that does."""
    applied(house)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("lrs_bridge.store.record_accesses.note", fails)
    for path in ("statements", "statements/export"):
        page = house.eva.open(path)
        assert page.status == 500
        assert "Petra" not in page.text


def test_with_the_record_elsewhere_she_sees_what_was_read_of_it(house: House) -> None:
    """And where it is; there is nothing to export from here."""
    moment = applied(house)
    remote = replace(house.bridge.settings, lrs_url="https://lrs.example/xapi", lrs_key="key", lrs_secret="secret")
    object.__setattr__(house.bridge, "settings", remote)
    page = house.eva.open("statements?verb=applied")
    assert "It is at https://lrs.example/xapi" in page.text
    assert "Petra Novak applied" in page.text
    assert "Export" not in page.text
    one = house.eva.open(f"statements/{moment.statement_id}")
    assert "What was read of it" in one.text
    assert "secret" not in one.html
    assert house.eva.open("statements/export").status == 404
