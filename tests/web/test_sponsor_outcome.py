"""The goal owner enters what the journey is for; it stands beside the impact rate, with its history."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people
from tests.flows.world import ISSUER
from tests.personas import House, Page, Tab

BEFORE = {
    "kind": "baseline",
    "measure": "Visits that end with a note",
    "unit": "% of visits",
    "value": "12,5",
    "day": "2026-02-20",
    "source": "Count of February",
}


def greta(house: House) -> Tab:
    """The owner of the goal."""
    run, now = house.world.run, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        person = people.ensure_person(session, run.tenant_id, ISSUER, "greta", now, name="Greta Holm")
        enrolments.give_role(session, run.tenant_id, run.id, person.id, Role.GOAL_OWNER, now)
    return house.tab("greta", CourseRole.NONE)


def enter(tab: Tab, **fields: str) -> Page:
    return tab.fill("outcome", **{**BEFORE, **fields})


@pytest.mark.parametrize("name", ["petra", "mark", "dario", "eva", "carl", "sofia", "stan"])
def test_only_the_goal_owner_enters_values(house: House, name: str) -> None:
    """For looking and for sending."""
    hidden = greta(house).open("outcome").hidden()
    tab = getattr(house, name)
    assert tab.open("outcome").status == 403
    assert tab.send("outcome", **hidden, **BEFORE).status == 403


def test_the_page_begins_with_the_journey_s_own_words(house: House) -> None:
    """Nothing entered: an empty state, and the performance outcome as proposed measure."""
    page = greta(house).open()
    assert "The goal owner has not entered" in page.text
    assert "Every field visit ends with a coaching note that the sales person acts on" in page.html


def test_values_are_entered_and_stand_beside_the_impact_rate(house: House) -> None:
    """Baseline, target and actual, with day and source, for sponsor and evaluator."""
    owner = greta(house)
    assert "It stands beside the impact rate" in owner.follow(enter(owner)).text
    enter(owner, kind="target", value="60", day="2026-06-30", source="Plan of the year")
    enter(owner, kind="actual", value="20", day="2026-03-10", source="Count of March")
    enter(owner, kind="actual", value="36.25", day="2026-03-24", source="Second count of March")
    house.evaluate()
    for page in (house.sofia.open(), house.eva.open("numbers"), owner.open("outcome")):
        for said in ("12.5 % of visits", "60 % of visits", "36.25 % of visits", "24 March 2026, Second count of March"):
            assert said in page.text
        assert "50 % of the way." in page.text
    assert "20 % of visits" in owner.open("outcome").text


def test_a_value_is_put_right_and_its_history_kept(house: House) -> None:
    """The old one stays in the list, marked."""
    owner = greta(house)
    enter(owner)
    link = next(href for href in owner.open("outcome").links if "correct=" in href)
    form = owner.open(link)
    assert "Put a value right" in form.text
    assert 'value="12.5"' in form.html
    hidden = form.hidden()
    assert owner.send("outcome", **{**hidden, **BEFORE, "value": "14"}).status == 303
    text = owner.open("outcome").text
    assert "Before 20 February 2026, Count of February 14 % of visits" in text
    assert "put right later 12.5 % of visits" in text


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"kind": ""}, "Choose what this value is."),
        ({"value": "many"}, "Give a number, for example 42 or 3.5."),
        ({"value": "nan"}, "Give a number, for example 42 or 3.5."),
        ({"unit": " "}, "Say in what it is counted"),
        ({"source": ""}, "Say where the value comes from"),
        ({"day": "2026-02-31"}, "Give the day of which it is true."),
        ({"kind": "actual", "day": "2026-03-27"}, "That day is still to come."),
        ({"instead_of": "somebody else's"}, "not there any more"),
    ],
)
def test_a_value_that_cannot_be_is_explained_and_kept_in_the_form(
    house: House, fields: dict[str, str], complaint: str
) -> None:
    """What, where and how to mend it."""
    owner = greta(house)
    enter(owner)
    answer = enter(owner, **{"measure": "My own words", **fields})
    assert answer.status == 422
    assert complaint in answer.text
    assert "My own words" in answer.html


def test_all_values_have_one_unit(house: House) -> None:
    """Days cannot stand beside percent."""
    owner = greta(house)
    enter(owner)
    assert "The other values are in % of visits." in enter(owner, kind="target", unit="days").text
