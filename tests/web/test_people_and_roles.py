"""The people of a run: everybody at a glance, roles given and ended, taken back, and who sees whom by the day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Response
from sqlalchemy import event

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people
from lrs_bridge.store.people import PersonRow
from tests.flows.world import ISSUER
from tests.personas import House, Page, Tab

PAGES = ["everybody", "everybody/give", "leaders", "leaders/everybody.csv", "leaders/people.yaml"]


def known(house: House, sub: str, name: str, email: str | None = None) -> PersonRow:
    """Somebody whom the LMS has sent."""
    with house.bridge.sessions.write() as session:
        tenant_id, now = house.world.tenant.id, house.bridge.clock()
        found = people.ensure_person(session, tenant_id, ISSUER, sub, now, name=name, email=email)
    house.people[sub] = found
    return found


def give(tab: Tab, for_: str | None = None, **fields: Any) -> Page:
    """The form as a browser sends it."""
    return tab.send("everybody/give", **{**form_of(tab, for_), "from": "", "until": "", **fields})


def form_of(tab: Tab, for_: str | None = None, there: str = "everybody/give") -> dict[str, str]:
    """The hidden fields of the form, which stands below a search with the same address."""
    html = tab.open(there + (f"?for={for_}" if for_ else "")).html
    return Page(Response(html[html.index('method="post"') - 20 :])).hidden()  # type: ignore[arg-type]


def given(house: House, sub: str) -> frozenset[Role]:
    """What somebody is to the run today."""
    run, person = house.world.run, house.people[sub]
    with house.bridge.sessions.read() as session:
        day = run.run.local_day(house.bridge.clock())
        return enrolments.roles_on(session, run.tenant_id, run.id, person.id, day)


def theirs(house: House, sub: str) -> list[tuple[str, str, date | None, date | None]]:
    """(role, other's name, first day, last day) of somebody's relations."""
    run, person = house.world.run, house.people[sub]
    with house.bridge.sessions.read() as session:
        rows = enrolments.relations_of(session, run.tenant_id, run.id, [person.id]).get(person.id, [])
        names = people.people_by_id(session, run.tenant_id, [row.other_id for row in rows])
        return [(row.kind, names[row.other_id].name or "", row.start, row.end) for row in rows]


def person_page(house: House, sub: str) -> str:
    return f"everybody/{house.people[sub].id}"


# Who may


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("name", "status"), [("petra", 403), ("mark", 403), ("nina", 403), ("eva", 403)])
def test_it_is_for_teachers_and_designers(house: House, name: str, status: int, path: str) -> None:
    """Nobody else sees who is what to whom, or gives a role."""
    tab = getattr(house, name)
    assert tab.open(path).status == status
    assert house.dario.open(path).status == 200
    assert house.tab("dora", CourseRole.CONTENT_DEVELOPER).open(path).status == 200


def test_somebody_elses_teacher_finds_no_run(house: House) -> None:
    """Stan is a teacher of another tenant's course."""
    stan = house.stan
    for path in (*PAGES, person_page(house, "petra")):
        assert stan.open(path).status == 404
        assert "Petra" not in stan.open(path).text


@pytest.mark.parametrize("who", ["petra", "mark"])
def test_a_form_of_ones_own_gives_nobody_a_role(house: House, who: str) -> None:
    """Not with a good token of one's own visit either."""
    known(house, "vera", "Vera Lang")
    tab = getattr(house, who)
    there = "log" if who == "petra" else f"people/{house.enrolments['petra'].id}/steps/S14"
    fields = {**tab.open(there).hidden(), "role": "evaluator", "who": house.people["vera"].id, "until": ""}
    page = tab.send("everybody/give", **fields)
    assert page.status == 403
    assert given(house, "vera") == frozenset()


# The list


def test_everybody_stands_there_with_who_is_what_to_them(house: House) -> None:
    """Participants first; whoever lacks a manager is named, with what to do."""
    with house.bridge.sessions.write() as session:
        run = house.world.run
        clara = people.ensure_person(session, run.tenant_id, ISSUER, "clara", house.bridge.clock(), name="Clara Hoff")
        enrolments.enrol(session, run.tenant_id, run.id, clara.id, date(2026, 2, 10), "north")
    page = house.dario.open("everybody")
    assert "Four participants and two others." in page.text
    assert "Clara Hoff has no manager" in page.text
    assert re.search(r"Petra Novak Participant.* Mark Jensen", page.text)
    only = house.dario.open("everybody?show=missing")
    assert "Clara Hoff" in only.text
    assert only.text.count("No manager ") == 1
    assert "Nobody fits" in house.dario.open("everybody?q=zzz").text


def test_a_run_of_any_size_asks_the_same(house: House) -> None:
    """And shows fifty at a time; a search finds somebody on the last page."""
    few = asked(house)
    with house.bridge.sessions.write() as session:
        run, now = house.world.run, house.bridge.clock()
        for n in range(120):
            one = people.ensure_person(session, run.tenant_id, ISSUER, f"p{n}", now, name=f"Person {n:03}")
            enrolments.enrol(session, run.tenant_id, run.id, one.id, date(2026, 2, 10))
            mark = house.people["mark"].id
            enrolments.relate(session, run.tenant_id, run.id, one.id, mark, Role.MANAGER, "test")
    assert asked(house) == few
    page = house.dario.open("everybody")
    assert "page 1 of 3" in page.text
    assert "Person 119" not in page.text
    assert "Person 119" in house.dario.open("everybody?page=3").text
    assert "Person 119" in house.dario.open("everybody?page=99").text
    assert "Person 119" in house.dario.open("everybody?q=person+119").text


def asked(house: House) -> int:
    tab = house.dario
    with counted(house) as statements:
        assert tab.open("everybody").status == 200
    return len(statements)


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    statements: list[str] = []

    def remember(_conn: Any, _cursor: Any, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(house.bridge.sessions.engine, "before_cursor_execute", remember)
    yield statements
    event.remove(house.bridge.sessions.engine, "before_cursor_execute", remember)


# Giving


def test_an_evaluator_is_given_and_their_launch_opens_the_evaluators_page(house: House) -> None:
    """Also where the LMS sends them as a learner: they are not enrolled."""
    vera = known(house, "vera", "Vera Lang", "vera@example.org")
    dario = house.dario
    found = dario.open("everybody/give?q=vera")
    assert "Vera Lang" in found.text
    assert "v…@example.org" in found.text
    done = dario.follow(give(dario, role="evaluator", who=vera.id))
    assert "Evaluator in this run." in done.text
    assert "Evaluator in the whole run" in done.text
    tab = house.tab("vera", CourseRole.LEARNER)
    assert "Statements" in tab.open().text
    assert tab.open("statements").status == 200
    with house.bridge.sessions.read() as session:
        assert enrolments.enrolment_of(session, house.world.tenant.id, house.world.run.id, vera.id) is None


@pytest.mark.parametrize("role", ["coach", "assessor", "sponsor", "goal_owner"])
def test_whoever_has_a_role_is_let_in_as_it(house: House, role: str) -> None:
    """And is no participant, whatever the LMS calls them."""
    vera = known(house, "vera", "Vera Lang")
    assert give(house.dario, role=role, who=vera.id).status == 303
    page = house.tab("vera", CourseRole.LEARNER).open()
    assert page.status == 200
    assert "nobody has given you a part" not in page.text
    assert given(house, "vera") == {Role(role)}
    assert house.tab("vera", CourseRole.LEARNER).open("log").status == 403


def test_somebody_nobody_knows_is_recognised_by_the_e_mail_at_their_first_launch(house: House) -> None:
    """Once; afterwards another person with that e-mail is another person."""
    dario = house.dario
    done = dario.follow(give(dario, role="evaluator", name="Vera Lang", email="Vera@Example.org"))
    assert "Vera Lang" in done.text
    assert "Not come yet" in dario.open("everybody?show=waiting").text
    assert house.tab("x1", CourseRole.LEARNER, email="vera@example.org").open("statements").status == 200
    assert house.tab("x2", CourseRole.LEARNER, email="vera@example.org").open("statements").status == 403
    assert "Nobody fits" in dario.open("everybody?show=waiting").text


def test_an_unverified_e_mail_opens_nothing(house: House) -> None:
    """The launch says itself that nobody proved it."""
    give(house.dario, role="evaluator", email="vera@example.org")
    claims = {"email_verified": False}
    tab = house.tab("x1", CourseRole.LEARNER, email="vera@example.org", claims=claims)
    assert tab.open("statements").status == 403


def test_a_new_manager_ends_the_one_before_and_it_can_be_taken_back(house: House) -> None:
    """With the day before, from today; the history keeps all of it."""
    dario, petra, nina = house.dario, house.people["petra"], house.people["nina"]
    page = dario.follow(give(dario, for_=petra.id, role="manager", who=nina.id))
    assert theirs(house, "petra") == [
        ("manager", "Mark Jensen", date(2026, 2, 1), date(2026, 3, 25)),
        ("manager", "Nina Okafor", date(2026, 3, 26), None),
    ]
    assert "Nina Okafor as manager From 26 March 2026 Dario Conti, by hand" in page.text
    back = dario.send(f"everybody/{petra.id}/undo", **page.hidden(dario.path(f"everybody/{petra.id}/undo")))
    assert "It is as it was before." in dario.follow(back).text
    assert theirs(house, "petra") == [("manager", "Mark Jensen", date(2026, 2, 1), None)]
    assert "Taken back:" in dario.open(person_page(house, "petra")).text


def test_what_was_changed_since_is_not_taken_back(house: House) -> None:
    """And taking it back twice is refused, in words."""
    dario, petra, nina = house.dario, house.people["petra"], house.people["nina"]
    page = dario.follow(give(dario, for_=petra.id, role="manager", who=nina.id))
    undo = page.hidden(dario.path(f"everybody/{petra.id}/undo"))
    row = relation_ids(page.html)[0]
    dario.send(f"everybody/{petra.id}/end", csrf=undo["csrf"], relation=row)
    refused = dario.send(f"everybody/{petra.id}/undo", **undo)
    assert refused.status == 409
    assert "Somebody changed it since" in refused.text


def relation_ids(html: str) -> list[str]:
    return re.findall(r'name="relation" value="([^"]+)"', html)


def test_ending_keeps_what_was_and_shows_nothing_new(house: House) -> None:
    """A former manager finds a closed door; the day before it was theirs."""
    dario, petra, mark = house.dario, house.people["petra"], house.mark
    assert "Petra Novak" in mark.open().text
    page = dario.open(person_page(house, "petra"))
    (row,) = relation_ids(page.html)
    ended = dario.follow(dario.send(f"everybody/{petra.id}/end", csrf=page.hidden()["csrf"], relation=row))
    assert "It ended. What was stays in the history." in ended.text
    assert theirs(house, "petra") == [("manager", "Mark Jensen", date(2026, 2, 1), date(2026, 3, 25))]
    assert "Petra Novak" not in mark.open().text  # Ben is still his
    assert mark.open(f"people/{house.enrolments['petra'].id}/steps/S14").status == 403


def test_a_role_for_some_days_opens_on_the_first_and_closes_after_the_last(house: House) -> None:
    """From April to May; before and after it says so."""
    vera = known(house, "vera", "Vera Lang")
    fields = {"role": "evaluator", "who": vera.id, "from": "2026-04-01", "until": "2026-04-30"}
    assert give(house.dario, **fields).status == 303
    early = house.tab("vera", CourseRole.LEARNER)
    assert early.open("statements").status == 403
    assert "You are evaluator here from 1 April 2026." in early.open().text
    house.world.clock.on(days=7)
    assert house.tab("vera", CourseRole.LEARNER).open("statements").status == 200
    house.world.clock.on(days=40)
    late = house.tab("vera", CourseRole.LEARNER)
    assert late.open("statements").status == 403
    assert "You were evaluator here until 30 April 2026." in late.open().text


def test_the_same_form_twice_is_the_same_as_once(house: House) -> None:
    """A double click, or the back button."""
    dario, petra, nina = house.dario, house.people["petra"], house.people["nina"]
    fields = {"act": str(uuid4()), "role": "coach", "who": nina.id}
    for _ in range(2):
        assert give(dario, for_=petra.id, **fields).status == 303
    assert sorted(row[0] for row in theirs(house, "petra")) == ["coach", "manager"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"role": "manager"}, "Choose somebody you found, or give an e-mail."),
        ({"email": "x@y.example"}, "Choose a role."),
        ({"role": "king", "email": "x@y.example"}, "Choose a role."),
        ({"role": "evaluator", "email": "x@y.example"}, "Choose a role."),
        ({"role": "manager", "email": "=SUM(1)"}, "That is no e-mail."),
        ({"role": "manager", "email": "x@y.example", "from": "soon"}, "There is no such day."),
        (
            {"role": "manager", "email": "x@y.example", "from": "2026-04-02", "until": "2026-04-01"},
            "The last day is before the first one.",
        ),
        (
            {"role": "manager", "email": "x@y.example", "from": "2026-01-01"},
            "Somebody else is manager from 2026-02-01.",
        ),
        ({"role": "manager", "who": "PETRA"}, "Nobody is their own manager."),
        ({"role": "manager", "who": "MARK"}, "Mark Jensen is manager on these days already."),
        ({"role": "sponsor", "who": "NINA"}, "Petra Novak manages nobody in this run"),
        ({"role": "coach", "who": "0" * 36}, "We do not know this person any more."),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(
    house: House, fields: dict[str, str], words: str
) -> None:
    """Nothing is changed by it."""
    before = theirs(house, "petra")
    sent = {
        key: house.people[value.lower()].id if value in ("PETRA", "MARK", "NINA") else value
        for key, value in fields.items()
    }
    page = give(house.dario, for_=house.people["petra"].id, name="Somebody <b>", **sent)
    assert page.status == 422
    assert words in page.text
    assert "Somebody &lt;b&gt;" in page.html
    assert theirs(house, "petra") == before


def test_nobody_leads_whoever_leads_them(house: House) -> None:
    """Also over others: Mark's sponsor cannot be somebody whom Mark manages."""
    mark, petra = house.people["mark"], house.people["petra"]
    page = give(house.dario, for_=mark.id, role="sponsor", who=petra.id)
    assert page.status == 422
    assert "Petra Novak is led by Mark Jensen" in page.text


# Enrolled by mistake


def test_an_evaluator_enrolled_by_mistake_leaves_and_may_be_let_in_again(house: House) -> None:
    """Jonas came as a learner and did nothing; afterwards it is for a person to say."""
    dario, jonas = house.dario, house.people["jonas"]
    page = dario.follow(give(dario, role="evaluator", who=jonas.id))
    assert "they left the participants" in page.text
    assert house.tab("jonas").open("log").status == 403
    form = page.hidden(dario.path(f"everybody/{jonas.id}/take-part"))
    assert "take part" in dario.follow(dario.send(f"everybody/{jonas.id}/take-part", **form, word="in")).text
    assert house.tab("jonas").open("log").status == 200
    assert house.tab("jonas").open("statements").status == 200


def test_an_evaluator_who_took_part_stays_until_a_person_takes_them_out(house: House) -> None:
    """What they did stays."""
    dario, petra = house.dario, house.people["petra"]
    house.acted(Kind.COMPLETED, "petra", step="S08")
    page = dario.follow(give(dario, role="evaluator", who=petra.id))
    assert "Petra has another role and takes part too." in page.text
    form = page.hidden(dario.path(f"everybody/{petra.id}/take-part"))
    done = dario.follow(dario.send(f"everybody/{petra.id}/take-part", **form, word="out"))
    assert "They are no participant any more." in done.text
    assert house.tab("petra").open("log").status == 403


# Administrators


def test_administrators_have_the_same_pages_for_each_run(house: House) -> None:
    """By name in the history; another tenant's run is not there."""
    vera = known(house, "vera", "Vera Lang")
    ada = house.ada().come_in()
    listing = ada.open("runs")
    assert "90-day field-coaching sprint" in listing.text
    run = house.world.run.id
    assert "Petra Novak" in ada.open(f"runs/{run}/everybody").text
    there = f"runs/{run}/everybody/give"
    hidden = form_of(ada, there=there)
    page = ada.follow(ada.send(there, **hidden, role="evaluator", who=vera.id, until=""))
    assert "By hand, Administrator" in page.text
    assert given(house, "vera") == {Role.EVALUATOR}
    assert ada.open(f"runs/{uuid4()}/everybody").status == 404
    assert ada.open(f"runs/{run}/leaders/people.yaml").status == 200
