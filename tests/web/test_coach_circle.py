"""The circle: one's own themes beside those of all other coaches, of five people at least with five more behind."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.store import enrolments, people
from tests.flows.world import ISSUER
from tests.personas import House


def of_cora(house: House, names: list[str]) -> None:
    """Cora coaches these people, who joined in February, and had a session with each about timing."""
    run, now = house.world.run, house.bridge.clock()
    with house.bridge.sessions.write() as session:
        cora = people.ensure_person(session, run.tenant_id, ISSUER, "cora", now, name="Cora Diaz")
        for name in names:
            person = people.ensure_person(session, run.tenant_id, ISSUER, name, now, name=name.title())
            house.people[name] = person
            house.enrolments[name], _ = enrol(session, run, person, now.replace(month=2, day=10))
            enrolments.relate(session, run.tenant_id, run.id, person.id, cora.id, Role.COACH, "test", date(2026, 2, 1))
    house.people["cora"] = cora
    for name in names:
        house.acted(Kind.COACHED, "cora", about=name, role=Role.COACH, step="S16", data={"themes": ["timing"]})


def held(house: House, name: str, *themes: str) -> None:
    house.acted(Kind.COACHED, "carl", about=name, role=Role.COACH, step="S16", data={"themes": list(themes)})


def test_one_s_own_themes_are_counted_by_people(house: House) -> None:
    """Two sessions with one person about the same thing are one person."""
    carl = house.carl
    held(house, "petra", "personal")
    held(house, "petra", "personal", "timing")
    held(house, "ben", "timing")
    text = carl.open("coaching/circle").text
    assert "With you, of 2" in text
    assert "The timing 2" in text
    assert "Something personal 1" in text


@pytest.mark.parametrize(("count", "shown"), [(9, False), (10, True), (14, True)])
def test_five_of_the_others_are_shown_when_five_more_follow(house: House, count: int, shown: bool) -> None:
    """Of fourteen only the first five: the rest waits for a batch of its own."""
    carl = house.carl
    held(house, "ben", "timing")
    of_cora(house, [f"p{number}" for number in range(count)])
    text = carl.open("coaching/circle").text
    assert ("With the others, of 5" in text) is shown
    assert ("once ten of their people had a session" in text) is not shown


def test_at_the_end_of_the_run_all_are_in(house: House) -> None:
    """The last publication has everybody."""
    carl = house.carl
    of_cora(house, [f"p{number}" for number in range(7)])
    house.world.clock.now = datetime(2026, 7, 1, 9, tzinfo=UTC)
    carl = house.tab("carl")
    assert "With the others, of 7" in carl.open("coaching/circle").text


def test_what_all_have_in_common_stands_in_words(house: House) -> None:
    """All of the others named timing: a number would tell what each of them said."""
    carl = house.carl
    of_cora(house, [f"p{number}" for number in range(10)])
    assert "The timing 0 nearly all" in carl.open("coaching/circle").text


def test_a_coach_alone_is_told_so(house: House) -> None:
    """An empty circle says what comes next."""
    text = house.carl.open("coaching/circle").text
    assert "You are the only coach of this run so far." in text
    assert "No themes yet" in text
