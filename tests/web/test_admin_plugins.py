"""Ada sees what is installed, and a form for an LMS, a journey or a course says what it takes and what is inherited."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.flows.switching import change, find_place
from lrs_bridge.hooks.registry import Failure
from lrs_bridge.store import (
    platforms,
    plugin_settings,
)
from lrs_bridge.store.plugin_changes import Who
from tests.personas import AdminTab, House, everybody
from tests.web.plugin_pages import (
    KEY,
    PULSE,
    asked,
    course,
    hidden,
    installed,
    lms,
    look,
    more_people,
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


def test_the_list_says_what_each_computes_who_sees_it_and_what_it_may_post(house: House, ada: AdminTab) -> None:
    text = ada.open("evaluators").text
    assert "Team pulse team_pulse 0.3.0 from northpeak 0.3.0 One value for each participant and run and area" in text
    assert "Seen by participants (their own) and course teachers (by name)" in text
    assert "In the gradebook, unless a journey’s file names other columns" in text
    assert "Never in the gradebook" in text
    assert "On in every run" in text


def test_a_strangers_plugin_is_off_until_somebody_switches_it_on(house: House, ada: AdminTab) -> None:
    assert "Off in one run" in ada.open(f"evaluators/{KEY}").text
    save(ada, lms(house), enabled="on")
    assert "On in one run" in ada.open(f"evaluators/{KEY}").text


def test_a_plugin_that_did_not_load_says_what_to_do(house: House, ada: AdminTab) -> None:
    broken = Failure("climate_check", "elsewhere 2.0", "could not be loaded: ImportError: No module named 'numbers2'")
    object.__setattr__(house.bridge, "registry", replace(house.bridge.registry, failures=(broken,)))
    text = ada.open("evaluators").text
    assert "No module named 'numbers2'" in text
    assert "Install what is missing, or update or uninstall the plugin, then start the tool again." in text


def test_what_is_set_for_a_plugin_that_is_gone_is_told_and_kept(house: House, ada: AdminTab) -> None:
    save(ada, course(house), enabled="on")
    rest = {key: one for key, one in house.bridge.registry.evaluators.items() if key != KEY}
    object.__setattr__(house.bridge, "registry", replace(house.bridge.registry, evaluators=rest))
    assert f"{KEY}: it is switched or set in one place." in ada.open("evaluators").text
    assert ada.open(f"evaluators/{KEY}").status == 404
    assert said(house)


# the form


def test_the_form_shows_help_and_the_usual_value_of_each_setting(house: House, ada: AdminTab) -> None:
    text = ada.open(course(house)).text
    assert "Each Points for each. Usually 10." in text
    assert "Strict Count nothing twice. Usually no." in text
    assert "Shares Of the value." in text
    assert "Deeds What is done. Usually 0.5." in text


def test_what_a_wider_place_set_is_shown_with_where_it_was_set(house: House, ada: AdminTab) -> None:
    save(ada, lms(house), enabled="on", **{"set.each": "20"})
    text = ada.open(course(house)).text
    assert "Usually 10. Here 20 by the LMS The LMS, unless you set it." in text
    assert "As inherited On, as the LMS The LMS says." in text
    save(ada, course(house), **{"set.each": "30"})
    assert "Set otherwise by the course course-1." in ada.open(lms(house)).text


@pytest.mark.parametrize(
    ("typed", "at", "says"),
    [
        ({"set.each": "0"}, "set.each", "Must be greater than or equal to 1"),
        ({"set.each": "many"}, "set.each", "Give a number"),
        ({"set.each": "nan"}, "set.each", "Give a number"),
        ({"set.days": "1.5"}, "set.days", "Give a whole number."),
        ({"set.days": "9" * 40}, "set.days", "Give a smaller number"),
        ({"set.k": "3"}, "set.k", "Must be greater than or equal to 5"),
        ({"set.strict": "perhaps"}, "set.strict", "Choose yes or no."),
        ({"set.mode": "theirs"}, "set.mode", "Must be one of: all, own."),
        ({"set.targets": "no colon here"}, "set.targets", "Give a name, a colon and a value"),
        ({"set.targets": "C1: high"}, "set.targets", "Give a number"),
        ({"set.shares.deeds": "0.9"}, "set.shares", "The weights must make 1 together, these make 1.4."),
        ({"set.speed": "1"}, "settings", "is no setting here."),
        ({"set.shares.looks": "1"}, "set.shares", "is no setting here."),
        ({"set.names": "x" * 4001}, "set.names", "a shorter text"),
        ({"enabled": "maybe"}, "enabled", "Choose one of the three."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    house: House, ada: AdminTab, typed: dict[str, str], at: str, says: str
) -> None:
    page = look(ada, course(house), **{"enabled": "on", "set.days": "21", **typed})
    assert page.status == 422
    assert f'href="#{at}"' in page.html
    assert says in page.text
    if "set.days" not in typed:
        assert 'value="21"' in page.html
    assert said(house) == {}


def test_every_sort_of_setting_is_kept_as_what_it_is(house: House, ada: AdminTab) -> None:
    typed = {
        "set.each": "12.5",
        "set.days": "7",
        "set.strict": "yes",
        "set.mode": "own",
        "set.targets": "C1: 3\r\nC2: 2.5\r\n",
        "set.names": "one\r\ntwo\r\n",
        "set.shares.deeds": "0.8",
        "set.shares.words": "0.2",
    }
    save(ada, course(house), enabled="on", **typed)
    kept = said(house)[Place(Scope.COURSE, house.world.course.id)]
    assert kept == Word(
        True,
        {
            "each": 12.5,
            "days": 7,
            "strict": True,
            "mode": "own",
            "targets": {"C1": 3.0, "C2": 2.5},
            "names": ["one", "two"],
            "shares": {"deeds": 0.8, "words": 0.2},
        },
    )
    page = ada.open(course(house))
    assert 'value="12.5"' in page.html
    assert "C1: 3.0\nC2: 2.5</textarea>" in page.html
    assert '<option value="yes" selected>' in page.html
    assert look(ada, course(house), **{**typed, "enabled": "on"}).status == 422  # nothing is different


def test_two_places_that_do_not_go_together_are_told_before_it_is_saved(house: House, ada: AdminTab) -> None:
    save(ada, course(house), **{"set.shares.deeds": "0.9", "set.shares.words": "0.1"})
    save(ada, course(house), **{"set.shares.deeds": "0.9", "set.shares.words": "0.1", "enabled": "on"})
    with house.bridge.sessions.write() as session:
        here = Place(Scope.COURSE, house.world.course.id)
        half = Word(True, {"shares": {"deeds": 0.5}})
        plugin_settings.put(session, house.world.tenant.id, KEY, here, half, house.bridge.clock())
    page = look(ada, lms(house), **{"set.shares.deeds": "0.7", "set.shares.words": "0.3"})
    assert page.status == 422
    assert "A narrower place sets something too, and the two do not go together" in page.text


def test_settings_of_an_older_version_are_told_and_taken_out_by_saving(house: House, ada: AdminTab) -> None:
    here = Place(Scope.COURSE, house.world.course.id)
    with house.bridge.sessions.write() as session:
        old = Word(True, {"each": 20, "pace": 3})
        plugin_settings.put(session, house.world.tenant.id, KEY, here, old, house.bridge.clock())
    assert "Left out of some runs: settings do not fit." in ada.open("evaluators").text
    assert "does not have: pace." in ada.open(course(house)).text
    save(ada, course(house), enabled="on", **{"set.each": "20"})
    assert said(house)[here] == Word(True, {"each": 20})
    assert "Left out" not in ada.open("evaluators").text


# doors


def test_nobody_else_gets_in(house: House) -> None:
    for name, tab in everybody(house):
        for room in (f"evaluators/{KEY}", course(house), "changes", "changes.csv"):
            assert house.client().get(f"/admin/s/{tab.token}/{room}").status_code == 403, (name, room)
            assert house.client().post(f"/admin/s/{tab.token}/{room}").status_code in (403, 405), (name, room)


def test_another_tenants_places_are_not_there(house: House, ada: AdminTab) -> None:
    assert house.stan.open().status == 200
    with house.bridge.sessions.read() as session:
        other = platforms.platforms_of_issuer(session, "https://other.example", "tool")[0]
    assert "Another LMS" not in ada.open(f"evaluators/{KEY}").text
    assert ada.open(f"evaluators/{KEY}/platform/{other.id}").status == 404
    with house.bridge.sessions.write() as session:
        who = Who("Theirs", "v")
        at = find_place(session, other.tenant_id, Place(Scope.PLATFORM, other.id))
        assert at is not None
        noted = change(
            session, other.tenant_id, PULSE, at, Word(True), seen=0, act=str(uuid4()), who=who, now=house.bridge.clock()
        )
        assert noted is not None
    assert "Theirs" not in ada.open("changes").text
    assert ada.open(f"{course(house)}?undo={noted.id}").status == 200
    assert "Theirs" not in ada.open(f"{course(house)}?undo={noted.id}").text


@pytest.mark.parametrize("where", ["file/x", "area/x", "platform/none", "journey/none", "course/none"])
def test_a_place_that_is_none_is_not_found(ada: AdminTab, where: str) -> None:
    assert ada.open(f"evaluators/{KEY}/{where}").status == 404


def test_a_form_of_somebody_else_changes_nothing(house: House, ada: AdminTab) -> None:
    effect = look(ada, course(house), enabled="on")
    assert ada.send(course(house), **{**hidden(effect), "do": "save", "csrf": "no"}).status == 403
    assert ada.send(course(house), **{**hidden(effect), "do": "save", "act": "no"}).status == 403
    assert said(house) == {}


@pytest.mark.parametrize("room", ["evaluators", f"evaluators/{KEY}"])
def test_pages_ask_the_database_the_same_number_of_times_whatever_the_runs_size(house: House, room: str) -> None:
    ada = house.ada().come_in()
    few = asked(house, ada, room)
    more_people(house, 30)
    assert asked(house, ada, room) == few


def test_the_effect_asks_the_database_the_same_number_of_times_whatever_the_runs_size(house: House) -> None:
    ada = house.ada().come_in()
    counts = []
    for more in (3, 40):
        more_people(house, more)
        form = hidden(ada.open(course(house)))
        counts.append(asked(house, ada, course(house), **{**form, "enabled": "on", "do": "look"}))
    assert counts[0] == counts[1]
