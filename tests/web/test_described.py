"""What the sources of this project describe, where no other test holds it. `docs/coverage.md` has the whole list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.journeyfile import journey as journey_file
from lrs_bridge.store import headways
from lrs_bridge.store.engine import Sessions
from tests.flows.world import build
from tests.personas import House, move_in
from tests.web.own_steps import every_step

LEVELS = """
journey: levels
version: 1
title: Talks on four levels
steps:
  - {id: P, phase: before, type: acknowledge, owner: participant, title: Read, opens_day: 0, due_day: 60}
""" + "".join(
    f"""  - {{id: T{level}, phase: during, type: conversation, owner: manager, with: participant, title: Talk {level},
     level: {level}, opens_day: 0, due_day: 60, guide: ["Question of level {level}?"]}}
"""
    for level in (1, 2, 3, 4)
)


def at(house: House, who: str, step: str) -> str:
    return f"people/{house.enrolments[who].id}/steps/{step}"


@pytest.mark.parametrize("name", ["petra", "mark", "nina", "carl", "sofia", "dario", "eva", "irene"])
def test_the_shared_purpose_stands_on_everybody_s_first_page(house: House, name: str) -> None:
    """Where, how and why, in the journey's own words; a stranger reads nothing of it."""
    words = house.world.run.journey.purpose
    assert set(words) == {"where", "how", "why"}
    text = getattr(house, name).open().text
    for said in ("Where we are going", *words.values()):
        assert said in text
    assert "Where we are going" not in house.stan.open().text


@pytest.mark.parametrize(
    ("step", "day", "button", "kind"),
    [
        ("S10", datetime(2026, 3, 2, 15, tzinfo=UTC), "I was there", Kind.ATTENDED),
        ("S18", datetime(2026, 3, 26, 9, tzinfo=UTC), "I watched one", Kind.OBSERVED),
        ("S27", datetime(2026, 5, 18, 9, tzinfo=UTC), "I did it", Kind.RECOGNISED),
    ],
)
def test_a_manager_says_that_a_step_of_theirs_is_done(
    house: House, step: str, day: datetime, button: str, kind: Kind
) -> None:
    """One tap and a day; the participant reads it, and another team's manager neither sees nor does it."""
    house.world.clock.now = day
    assert house.nina.open(at(house, "petra", step)).status == 403
    mark = house.mark
    assert button in mark.open(at(house, "petra", step)).text
    assert mark.fill(at(house, "petra", step), when="today").status == 303
    (fact,) = house.facts("petra", kind)
    assert (fact.step, fact.role, fact.actor) == (step, Role.MANAGER, house.people["mark"].account)
    assert "So far: " in mark.open(at(house, "petra", step)).text


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_each_level_of_talk_has_its_own_guide_and_goes_on_record(sessions: Sessions, level: int) -> None:
    """Kirkpatrick's four, so that it can be seen which of them are never talked about."""
    house = move_in(build(sessions, LEVELS))
    mark, step = house.mark, f"T{level}"
    page = mark.open(at(house, "petra", step))
    assert f"Question of level {level}?" in page.text
    assert f"Question of level {level % 4 + 1}?" not in page.text
    mark.fill(at(house, "petra", step), when="today", level=str(level))
    (fact,) = house.facts("petra", Kind.TALKED_WITH)
    assert fact.data["level"] == level


def test_a_work_carries_the_version_of_its_template(sessions: Sessions) -> None:
    """One model instead of one for each department: it can be read which version a work was written on."""
    house = every_step(sessions)
    petra = house.petra
    work = {"title": "Guide", "words": "One page.", "template": "Coaching document, version 3", "guardian": "Ben"}
    assert petra.fill("steps/P8", **work).status == 303
    text = petra.open("steps/P8").text
    assert "Coaching document, version 3" in text
    assert "Ben" in text


def test_practice_is_no_application(sessions: Sessions) -> None:
    """Safely first, then harder: it has a difficulty of its own, and counts for no moment on the job."""
    house = every_step(sessions)
    house.petra.fill("steps/P5", moment="M1", difficulty="3", words="With Ben, as a customer who hesitates")
    house.evaluate()
    (fact,) = house.facts("petra", Kind.PRACTISED)
    assert fact.data["difficulty"] == 3
    assert house.facts("petra", Kind.APPLIED) == []
    run = house.world.run
    with house.bridge.sessions.read() as session:
        assert headways.of_run(session, run.tenant_id, run.id)[house.enrolments["petra"].id].applications == 0


def test_a_sponsor_checks_in_at_the_end_of_the_year(house: House) -> None:
    """Long after the course the step waits on her page, and one button does it, for all who take part."""
    assert house.sofia.open("chain").status == 200
    house.world.clock.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    page = house.sofia.open("chain")
    assert "Year-end check-in" in page.text
    sofia = house.sofia
    assert sofia.fill("chain/steps/S30", "chain").status == 303
    assert {fact.role for fact in house.facts("petra") if fact.step == "S30"} == {Role.SPONSOR}
    assert house.mark.open("chain").status == 403


OWN_TYPE = """
journey: own-type
version: 1
title: With a step of a plugin
steps:
  - {id: P, phase: during, type: field_visit, owner: participant, title: Visit somebody, opens_day: 0, due_day: 60}
"""


def test_a_type_of_a_plugin_is_done_with_one_button(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bridge knows nothing of it but that it is a step."""
    monkeypatch.setattr(journey_file, "STEP_TYPES", journey_file.STEP_TYPES | {"field_visit"})
    house = move_in(build(sessions, OWN_TYPE))
    assert "I have done it" in house.petra.open("steps/P").text
    assert house.petra.fill("steps/P").status == 303
    assert [(fact.kind, fact.step) for fact in house.facts("petra")][-1] == (Kind.COMPLETED, "P")
    assert house.mark.open("steps/P").status != 200
