"""How many works of a run are on the current version of their template or rubric, on the page of the run."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.store import notes
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.enrolments import Enrolment
from tests.flows.world import build
from tests.personas import House, Page, move_in
from tests.web.crowds import cells_of, crowd, keep

JOURNEY = """
journey: one-model
version: 1
title: One model for everybody
assessments:
  plan: {rubric_version: 2, criteria: [{id: a, title: Clear, max: 4}]}
steps:
  - {id: D, phase: during, type: artefact, owner: participant, title: Our document,
     template: "Coaching document, version 3", opens_day: -30, due_day: 60}
  - {id: F, phase: during, type: artefact, owner: participant, title: Free work, opens_day: -30, due_day: 60}
  - {id: A, phase: during, type: assessment, owner: assessor, with: participant, title: The plan, assessment: plan,
     opens_day: -30, due_day: 60}
"""
OLD, NEW = "Coaching document, version 2", "coaching document version 3"


@pytest.fixture
def house(sessions: Sessions) -> House:
    return move_in(build(sessions, JOURNEY))


def wrote(house: House, row: Enrolment, template: str, minutes: int = 60) -> None:
    world, id_ = house.world, str(uuid4())
    at = house.bridge.clock() - timedelta(minutes=minutes)
    verb = "http://activitystrea.ms/schema/1.0/complete"
    work = Fact(id_, Kind.COMPLETED, at, row.person.account, verb, registration=row.id, run=world.run.id, step="D")
    keep(house, [work])
    texts = {"title": "Ours", "template": template}
    with house.bridge.sessions.write() as session:
        notes.write_note(
            session, world.tenant.id, world.run.id, row.id, row.person_id, id_, str(Kind.COMPLETED), texts, at
        )


def scored(house: House, row: Enrolment, version: int) -> None:
    at = house.bridge.clock() - timedelta(minutes=30)
    verb, data = "http://adlnet.gov/expapi/verbs/scored", {"rubric-version": version}
    fact = Fact(
        str(uuid4()), Kind.ASSESSED, at, "irene", verb, registration=row.id, run=house.world.run.id, step="A", data=data
    )
    keep(house, [fact])


def page_of(house: House) -> Page:
    return house.dario.open(f"design/runs/{house.world.run.id}")


def told(page: Page) -> list[list[str]]:
    texts = [text for label, text in cells_of(page) if label in COLUMNS]
    return [texts[start : start + len(COLUMNS)] for start in range(0, len(texts), len(COLUMNS))]


COLUMNS = ("Current version", "On it", "On older ones", "On none", "Share on it")


def test_works_are_counted_on_the_current_version_and_on_older_ones(house: House) -> None:
    """Whoever wrote anew counts once, by the newest; how it is spelled makes no other version."""
    rows = crowd(house, north=5)
    for row, template in zip(rows, (NEW, NEW, OLD, "", OLD), strict=True):
        wrote(house, row, template)
    wrote(house, rows[4], "Coaching document, version 3", minutes=5)
    for row, version in zip(rows, (2, 1, 1), strict=False):
        scored(house, row, version)
    assert told(page_of(house)) == [
        ["Coaching document, version 3", "3", "1", "1", "60 %"],
        ["Rubric, version 2", "1", "2", "0", "33 %"],
    ]


def test_a_step_without_a_template_and_people_who_left_count_nowhere(house: House) -> None:
    rows = crowd(house, north=5)
    for row in rows:
        wrote(house, row, NEW)
    crowd(house, south=5)
    page = page_of(house)
    assert told(page)[0] == ["Coaching document, version 3", "0", "0", "0", "–"]
    assert "Free work" not in page.text


def test_of_four_people_an_administrator_reads_no_figures(house: House) -> None:
    """The teacher of the course knows who wrote what; participants open no such page."""
    for row in crowd(house, north=4):
        wrote(house, row, OLD)
    path = f"design/runs/{house.world.run.id}"
    ada = house.ada().come_in().open(path)
    assert told(ada) == []
    assert "Fewer than five people" in ada.text
    assert told(page_of(house))[0][1:] == ["0", "4", "0", "0 %"]
    assert house.petra.open(path).status == 403


def test_the_form_of_a_work_proposes_the_current_template(house: House) -> None:
    assert 'value="Coaching document, version 3"' in house.petra.open("steps/D").html
    assert "Coaching document" not in house.petra.open("steps/F").html
