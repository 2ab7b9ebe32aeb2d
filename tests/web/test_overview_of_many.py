"""The overview of a large run: how far people came is kept with their results, and a page shows some of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lrs_bridge.domain import headway
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.insights.funnel import Stage
from lrs_bridge.flows.launch import enrol
from lrs_bridge.store import enrolments, headways, people
from lrs_bridge.web import crowd, situations
from tests.flows.world import ISSUER
from tests.personas import House


def fill(house: House, count: int) -> None:
    """So many more participants, who have done nothing yet."""
    now = house.bridge.clock()
    with house.bridge.sessions.write() as session:
        for number in range(count):
            name = f"Person {number:02}"
            row = people.ensure_person(session, house.world.tenant.id, ISSUER, f"p{number}", now, name=name)
            enrol(session, house.world.run, row, now - timedelta(days=30))


def test_what_is_kept_is_what_a_look_at_the_person_says(house: House) -> None:
    """Steps in time, late and open, of participant and manager, and moments with their confirmation."""
    house.acted(Kind.COMPLETED, "petra", step="S08")
    house.acted(Kind.TALKED_WITH, "mark", step="S14", data={"level": 3})
    house.acted(Kind.COMPLETED, "ben", "ben", step="S08", at=house.bridge.clock() - timedelta(days=20))
    house.evaluate()
    run, now = house.world.run, house.bridge.clock()
    with house.bridge.sessions.read() as session:
        kept = headways.of_run(session, run.tenant_id, run.id)
        rows = enrolments.enrolments(session, run.tenant_id, run.id)
        seen = situations.of_enrolments(session, run, rows, now)
    assert kept == {id_: headway.of(one.journey, one.evidence, one.now) for id_, one in seen.items()}
    petra = kept[house.enrolments["petra"].id]
    assert petra.own["S08"].how is headway.How.LATE
    assert petra.overdue > 0
    assert petra.reached == {Stage.ENROLLED}
    assert headway.Headway.from_dict(petra.as_dict()) == petra


def test_a_teacher_goes_through_a_large_run_page_by_page(house: House) -> None:
    """Those with something open first, then by name; a page that is not there is the last one."""
    fill(house, 30)
    for _ in range(3):
        house.evaluate()
    dario = house.dario
    pages = [dario.open(f"overview?page={number}") for number in (1, 2, 99)]
    assert [page.status for page in pages] == [200, 200, 200]
    shown = [{f"Person {n:02}" for n in range(30) if f"Person {n:02} " in page.text} for page in pages]
    assert shown[0] | shown[1] == {f"Person {number:02}" for number in range(30)}
    assert shown[0] & shown[1] == set()
    assert shown[2] == shown[1]
    assert "page 1 of 2" in pages[0].text
    assert "The next people" in pages[0].text
    assert "The people before" in pages[1].text
    assert "33 participants" in pages[0].text.lower()


def test_what_somebody_did_a_moment_ago_is_on_the_page(house: House) -> None:
    """Before anybody is evaluated again; of the others what was kept is shown."""
    house.evaluate()
    before = house.dario.open().text
    assert "two worked examples Participant – – 3" in before
    house.world.clock.on(seconds=5)
    house.acted(Kind.COMPLETED, "petra", step="S08")
    assert "two worked examples Participant – 1 2" in house.dario.open().text


def test_of_very_many_newcomers_the_page_says_that_some_are_still_to_be_looked_at(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks at some itself, and never at more than it has time for."""
    monkeypatch.setattr(crowd, "LOOKED_AT", 10)
    fill(house, 30)
    text = house.dario.open().text
    assert "33 participants" in text
    assert "23 people still to be looked at" in text
    for _ in range(3):
        house.evaluate()
    assert "still to be looked at" not in house.dario.open().text
