"""What a link does that was placed by deep linking: it leads to its page, whoever opens it, whenever it was placed."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.flows.launch import enter
from lrs_bridge.store import journeys, runs
from tests.fakes.launching import NOON
from tests.personas import House

SLUG = "field-coaching-90"


@pytest.mark.parametrize(
    ("custom", "who", "page"),
    [
        ({"step": "S08"}, "petra", "steps/S08"),
        ({"step": "removed-since"}, "petra", ""),
        ({"dashboard": "journey"}, "petra", "journey"),
        ({"dashboard": "journey"}, "dario", ""),
        ({"dashboard": "people"}, "mark", "people"),
        ({"dashboard": "people"}, "petra", ""),
        ({"dashboard": "overview"}, "dario", "overview"),
        ({"dashboard": "overview"}, "petra", ""),
        ({"dashboard": "unknown"}, "dario", ""),
    ],
)
def test_a_placed_link_leads_to_its_page_or_to_the_first_page_of_a_role(
    custom: dict[str, str], who: str, page: str, house: House
) -> None:
    """Nobody meets a closed door behind a link of their course."""
    role = CourseRole.INSTRUCTOR if who == "dario" else CourseRole.LEARNER
    launch = house.world.launch(who, role, custom={"journey": SLUG} | custom)
    with house.bridge.sessions.write() as session:
        entered = enter(session, launch, house.bridge.clock())
    assert entered.path.split("/", 3)[3] == page
    shown = house.client().get(entered.path, follow_redirects=True)
    assert shown.status_code == 200


def test_a_link_that_was_placed_before_there_is_a_run(house: House) -> None:
    """A teacher may start one, a learner finds a friendly page."""
    custom = {"journey": SLUG, "step": "S08"}
    teacher = house.tab("dario", CourseRole.INSTRUCTOR, context_id="course-9", custom=custom).open()
    learner = house.tab("petra", context_id="course-9", custom=custom).open()
    assert "Start a journey" in teacher.text
    assert "No journey here yet" in learner.text


def test_a_link_of_a_copied_course_finds_the_run_of_the_copy(house: House) -> None:
    """Its run stays behind in the old course; its journey holds."""
    with house.bridge.sessions.write() as session:
        course = runs.ensure_course(session, house.world.tenant.id, house.world.platform_id, "1", "copy")
        row = journeys.installed(session, house.world.tenant.id)[0]
        copy = runs.add_run(session, course, row, NOON.date(), "Europe/Berlin", NOON).id
    launch = house.world.launch(
        "petra", CourseRole.LEARNER, context_id="copy", custom={"journey": SLUG, "run": house.world.run.id}
    )
    with house.bridge.sessions.write() as session:
        assert enter(session, launch, house.bridge.clock()).run_id == copy
