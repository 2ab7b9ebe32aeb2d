"""What was looked at is saved, once; the log says who changed what, and takes it back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from lrs_bridge.domain.switching import NOTHING_SAID, Place, Scope, Word
from lrs_bridge.flows.activation import decide_all
from lrs_bridge.store import (
    admins,
    recomputations,
)
from lrs_bridge.web import create_app
from tests.personas import AdminTab, House
from tests.web.plugin_pages import (
    KEY,
    PULSE,
    again,
    confirm,
    course,
    hidden,
    installed,
    journey,
    lms,
    log,
    look,
    rows,
    said,
    save,
)


@pytest.fixture
def house(house: House) -> House:
    """The house with a stranger's plugin installed, which nobody has switched on."""
    return installed(house, PULSE)


@pytest.fixture
def ada(house: House) -> AdminTab:
    return house.ada().come_in()


def test_what_was_looked_at_is_saved_noted_and_computed_again(house: House, ada: AdminTab) -> None:
    saved = ada.follow(save(ada, course(house), enabled="on", **{"set.each": "25"}))
    assert "It holds from now on." in saved.text
    here = Place(Scope.COURSE, house.world.course.id)
    assert said(house) == {here: Word(True, {"each": 25.0})}
    (noted,) = log(house)
    assert (noted.evaluator, noted.place, noted.words) == (KEY, here, (NOTHING_SAID, Word(True, {"each": 25.0})))
    with house.bridge.sessions.read() as session:
        asked = recomputations.under_way(session, house.world.tenant.id)
    assert [(one.row.run_id, one.row.reason) for one in asked] == [
        (house.world.run.id, "Team pulse was changed for course-1")
    ]


def test_nothing_is_saved_that_was_not_looked_at(house: House, ada: AdminTab) -> None:
    """A form with other settings than those of the page is shown its own effect first."""
    effect = look(ada, course(house), enabled="on")
    other = ada.send(course(house), **{**hidden(effect), "do": "save", "set.each": "50"})
    assert "What it would do" in other.text
    bare = {name: text for name, text in hidden(effect).items() if name != "seal"}
    assert "What it would do" in ada.send(course(house), **{**bare, "do": "save"}).text
    assert said(house) == {}


def test_sent_twice_is_saved_once(house: House, ada: AdminTab) -> None:
    effect = look(ada, course(house), enabled="on")
    assert [confirm(ada, course(house), effect).status for _ in range(2)] == [303, 303]
    assert len(log(house)) == 1


def test_two_administrators_at_once_hear_of_one_another(house: House, ada: AdminTab) -> None:
    with house.bridge.sessions.write() as session:
        link = admins.make_link(session, house.world.tenant.id, house.bridge.clock(), "Bea Brown")
    bea = AdminTab(house.client(), link).come_in()
    theirs = look(ada, course(house), enabled="on", **{"set.each": "20"})
    save(bea, course(house), enabled="off")
    late = confirm(ada, course(house), theirs)
    assert late.status == 409
    assert "Somebody changed it while you had this page open." in late.text
    assert "Bea Brown, 26 March 2026, 09:00, for the course course-1: Switch: from inherited to off" in late.text
    assert 'value="20"' in late.html
    once_more = ada.send(course(house), **{**hidden(late), "enabled": "on", "set.each": "20", "do": "look"})
    confirm(ada, course(house), once_more)
    assert said(house)[Place(Scope.COURSE, house.world.course.id)] == Word(True, {"each": 20.0})
    assert [one.who for one in log(house)] == ["Administrator", "Bea Brown"]


def test_going_back_keeps_what_was_typed(house: House, ada: AdminTab) -> None:
    effect = look(ada, course(house), enabled="on", **{"set.each": "33"})
    back = ada.send(course(house), **{**hidden(effect), "do": "edit"})
    assert 'value="33"' in back.html
    assert 'name="enabled" value="on" checked' in back.html


def test_back_to_what_is_inherited_takes_everything_out(house: House, ada: AdminTab) -> None:
    save(ada, course(house), enabled="on", **{"set.each": "25"})
    page = ada.fill(course(house), do="clear", enabled="on", **{"set.each": "25"})
    assert "Switch: from on to inherited" in page.text
    confirm(ada, course(house), page)
    assert said(house) == {}


def test_the_narrower_place_counts(house: House, ada: AdminTab) -> None:
    save(ada, lms(house), enabled="on", **{"set.each": "20", "set.days": "3"})
    save(ada, journey(house), **{"set.each": "30"})
    save(ada, course(house), enabled="off")
    assert decided(house) == (False, None)
    save(ada, course(house), **{"set.days": "5"})
    assert decided(house) == (True, (30.0, 5))


def decided(house: House) -> tuple[bool, tuple[float, int] | None]:
    with house.bridge.sessions.read() as session:
        run = house.world.run
        one = next(one for one in decide_all(session, house.bridge.registry, run) if one.key == KEY)
    settings = one.active.settings if one.active else None
    return one.on, (settings["each"], settings["days"]) if settings else None


def test_a_change_holds_in_every_process_at_once(house: House, ada: AdminTab) -> None:
    """Two applications on one database; the second was started before the change and is not started again."""
    other = create_app(replace(house.bridge, remotes={}))
    twin = replace(house, app=other)
    elsewhere = twin.ada().come_in()
    assert "Off in one run" in elsewhere.open(f"evaluators/{KEY}").text
    save(ada, course(house), enabled="on")
    assert "On in one run" in elsewhere.open(f"evaluators/{KEY}").text
    again(twin)
    assert "Team pulse" in twin.dario.open("overview").text


def test_a_change_is_undone_from_the_log(house: House, ada: AdminTab) -> None:
    save(ada, course(house), enabled="on", **{"set.each": "25"})
    save(ada, course(house), enabled="on", **{"set.each": "35"})
    (undo, _) = [link for link in ada.open("changes").links if "undo=" in link]
    page = ada.open(undo)
    assert "This is what stood here before Administrator changed it on 26 March 2026, 09:00." in page.text
    assert 'value="25"' in page.html
    effect = ada.send(course(house), **{**hidden(page), "enabled": "on", "set.each": "25", "do": "look"})
    confirm(ada, course(house), effect)
    assert said(house)[Place(Scope.COURSE, house.world.course.id)] == Word(True, {"each": 25.0})
    newest, undone, _ = log(house)
    assert newest.undoes == undone.id
    assert f"Takes back number {undone.id}" in ada.open("changes").text


def test_undoing_an_older_change_says_what_else_it_takes_back(house: House, ada: AdminTab) -> None:
    save(ada, course(house), enabled="on")
    save(ada, course(house), enabled="off")
    undo = [link for link in ada.open("changes").links if "undo=" in link][-1]
    assert "It was changed again since, one time by Administrator. This takes that back too." in ada.open(undo).text


def test_the_log_is_searched_and_exported(house: House, ada: AdminTab) -> None:
    save(ada, course(house), enabled="on", **{"set.each": "25"})
    save(ada, course(house, "success_case"), **{"set.seed": "7"})
    assert "Team pulse" in rows(ada.open("changes?q=each"))
    assert "Success case" not in rows(ada.open("changes?q=each"))
    assert "Success case" in rows(ada.open("changes?q=success"))
    assert "Team pulse" not in rows(ada.open("changes?evaluator=success_case"))
    assert "No change has that in it." in ada.open("changes?q=100%25").text
    exported = ada.open("changes.csv?evaluator=team_pulse")
    assert exported.answer.content_type == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(exported.html)))
    assert [(line["what"], line["from"], line["to"]) for line in table] == [
        ("Switch", "inherited", "on"),
        ("each", "inherited", "25"),
    ]


def test_a_spreadsheet_takes_nothing_of_the_export_for_a_formula(house: House, ada: AdminTab) -> None:
    save(ada, course(house), **{"set.names": "=cmd()"})
    (line,) = csv.DictReader(io.StringIO(ada.open("changes.csv").html))
    assert line["to"] == "'=cmd()"


def test_an_empty_log_says_so(ada: AdminTab) -> None:
    assert "Nobody changed anything yet" in ada.open("changes").text


def test_an_administrators_name_stands_on_top_and_in_the_log(house: House) -> None:
    with house.bridge.sessions.write() as session:
        link = admins.make_link(session, house.world.tenant.id, house.bridge.clock(), "Ada Kaya")
    ada = AdminTab(house.client(), link).come_in()
    assert "Ada Kaya" in ada.open("evaluators").text
    save(ada, course(house), enabled="on")
    assert "Ada Kaya" in rows(ada.open("changes"))
