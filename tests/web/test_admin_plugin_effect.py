"""The effect of a change on one run, before anything is kept or posted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lrs_bridge.domain.evaluators import Level
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.store import (
    enrolments,
    platforms,
    results,
    scores,
)
from tests.personas import AdminTab, House
from tests.web.plugin_pages import (
    KEY,
    PULSE,
    again,
    confirm,
    course,
    installed,
    lms,
    log,
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


def test_the_effect_is_shown_before_anything_is_kept_or_posted(house: House, ada: AdminTab) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08")
    house.acted(Kind.COMPLETED, "ben", "ben", step="S08")
    house.evaluate()
    page = look(ada, lms(house), enabled="on", column="on")
    assert "Column in the gradebook: from inherited to yes" in page.text
    assert "Switch: from inherited to on" in page.text
    assert "Switch Off On" in page.text
    assert "People with a value – 3 of 3" in page.text
    assert "On average – 7" in page.text
    assert "A new column, “Team pulse”, out of 100: three scores of three people." in page.text
    assert "It reaches the one run here" in page.text
    assert said(house) == {}
    assert log(house) == []
    with house.bridge.sessions.read() as session:
        found = results.person_results(session, house.world.tenant.id, house.world.run.id, house.world.petra.account)
        waiting = scores.scores_of_run(session, house.world.tenant.id, house.world.run.id)
    assert KEY not in found
    assert KEY not in {row.indicator for row in waiting}


def test_changed_settings_are_shown_before_and_after(house: House, ada: AdminTab) -> None:
    house.acted(Kind.COMPLETED, "petra", step="S08")
    save(ada, lms(house), enabled="on")
    page = look(ada, lms(house), enabled="on", **{"set.each": "40"})
    assert "each : from inherited to 40" in page.text
    assert "Of 3 values, one becomes higher." in page.text
    assert "0 to 20 3 2" in page.text
    assert "40 to 60 0 1" in page.text


def test_a_run_without_data_or_people_is_called_that(house: House, ada: AdminTab) -> None:
    assert "Nobody has done anything in this run yet." in look(ada, lms(house), enabled="on").text
    with house.bridge.sessions.write() as session:
        for row in enrolments.enrolments(session, house.world.tenant.id, house.world.run.id):
            row.withdrawn = datetime(2026, 3, 1, tzinfo=UTC).date()
    assert (
        "Nobody is in this run today, so there is nothing to compute yet." in look(ada, lms(house), enabled="on").text
    )


def test_of_content_nothing_is_told_that_few_people_stand_behind(house: House, ada: AdminTab) -> None:
    """Whoever declares nobody to see it by name has content."""
    installed(house, replace(PULSE, audience={Role.PARTICIPANT: "own"}))
    house.acted(Kind.COMPLETED, "petra", step="S08")
    text = look(ada, lms(house), enabled="on").text
    assert "Fewer than five people stand behind it" in text
    assert "People with a value – 3 of 3" in text
    assert "On average" not in text
    assert "People by value" not in text


def test_content_is_told_of_enough_people_when_the_run_is_over(house: House, ada: AdminTab) -> None:
    installed(house, replace(PULSE, audience={Role.PARTICIPANT: "own"}))
    more_people(house, 9)
    for number in range(6):
        house.acted(Kind.COMPLETED, f"p{number}", f"p{number}", step="S08")
    assert "Averages and spread are told when the run is over." in look(ada, lms(house), enabled="on").text
    house.world.clock.now = datetime(2026, 9, 1, tzinfo=UTC)
    over = house.ada().come_in()
    text = look(over, lms(house), enabled="on").text
    assert "On average – 5" in text
    save(over, lms(house), enabled="on")
    again = look(over, lms(house), enabled="on", **{"set.each": "20"}).text
    assert "Of 12 values, 6 become others." in again


def test_an_evaluator_that_fails_says_so_in_the_effect(house: House, ada: AdminTab) -> None:
    def fails(*_: object) -> Outcome:
        raise ZeroDivisionError("no teams here")

    installed(house, replace(PULSE, functions={Level.PERSON: fails}))
    text = look(ada, lms(house), enabled="on").text
    assert (
        "With the change, three values could not be computed. The first reason: ZeroDivisionError: no teams here"
        in text
    )


def test_the_effect_of_a_place_that_another_overrules_is_none(house: House, ada: AdminTab) -> None:
    save(ada, course(house), enabled="off")
    text = look(ada, lms(house), enabled="on").text
    assert "In this run nothing changes. The course says so itself." in text
    assert "It reaches no run here" in text


def test_switching_off_leaves_the_column_with_its_scores(house: House, ada: AdminTab) -> None:
    save(ada, lms(house), enabled="on", column="on")
    again(house)
    with house.bridge.sessions.read() as session:
        before = {
            row.key: row.wanted for row in scores.scores_of_run(session, house.world.tenant.id, house.world.run.id)
        }
    assert (house.enrolments["ben"].id, KEY) in before
    page = look(ada, lms(house), enabled="off", column="on")
    assert "Its column, “Team pulse”, stays in the gradebook with the scores that are there" in page.text
    confirm(ada, lms(house), page)
    again(house)
    with house.bridge.sessions.read() as session:
        rows = scores.scores_of_run(session, house.world.tenant.id, house.world.run.id)
    assert {row.key: row.wanted for row in rows} == before


def test_a_column_that_the_journey_does_not_name_has_to_be_chosen(house: House, ada: AdminTab) -> None:
    page = look(ada, lms(house), enabled="on")
    assert "The journey’s file says which columns there are, and this is not among them." in page.text
    assert "A new column" not in page.text


def test_a_column_can_be_taken_out_and_its_scores_stay(house: House, ada: AdminTab) -> None:
    again(house)
    key = "journey_completion"
    page = look(ada, course(house, key), column="off")
    assert "“Journey completion”, stays in the gradebook with the scores that are there" in page.text
    confirm(ada, course(house, key), page)
    with house.bridge.sessions.read() as session:
        active = active_evaluators(session, house.bridge.registry, house.world.run)
    assert key in {one.key for one in active}
    assert key not in posted_indicators(house.world.run.journey, active)


def test_what_never_posts_cannot_be_made_to(house: House, ada: AdminTab) -> None:
    where = course(house, "reaction")
    assert "Column in the gradebook" not in ada.open(where).text
    assert ada.fill(where, do="look", enabled="on", column="on").status == 422


def test_a_place_without_a_run_says_that_there_is_nothing_to_see(house: House, ada: AdminTab) -> None:
    with house.bridge.sessions.write() as session:
        empty = platforms.add_platform(
            session,
            tenant_id=house.world.tenant.id,
            name="Empty LMS",
            issuer="https://empty.example",
            client_id="tool",
            auth_url="https://empty.example/auth",
            token_url="https://empty.example/token",
            jwks_url="https://empty.example/jwks",
            deployment_ids=["1"],
            now=house.bridge.clock(),
        ).id
    where = f"evaluators/{KEY}/platform/{empty}"
    page = look(ada, where, enabled="on")
    assert "There is no run here yet. What you save holds for those to come." in page.text
    assert confirm(ada, where, page).status == 303
