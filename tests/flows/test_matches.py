"""Statements of other systems complete steps through `matches`: whose they are, and when they count."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.launch import enter
from lrs_bridge.flows.taking_in import claim
from lrs_bridge.store import facts, people, results
from lrs_bridge.store.arrivals import Arrived
from tests.flows.elsewhere import CMI5, PETRA, look_for_it, passed, void
from tests.flows.reading import Reading
from tests.flows.world import ISSUER, World
from tests.plugins import installed

REGISTRY = installed()


@pytest.fixture
def reading(world: World) -> Reading:
    """Petra's LMS sends her e-mail, and her journey looks for the content."""
    look_for_it(world)
    with world.sessions.write() as session:
        person = people.ensure_person(session, world.tenant.id, ISSUER, "petra", world.clock())
        people.keep_contact(person, None, "Petra.Novak@Example.org")
    return Reading(world)


def credit(world: World) -> float:
    """How complete Petra's journey is, computed now."""
    while evaluate_due(world.sessions, REGISTRY, world.clock()):
        pass
    with world.sessions.read() as session:
        found = results.person_results(session, world.tenant.id, world.run.id, world.petra.account)
    return found["journey_completion"].value or 0.0


def account(home: str, name: str) -> dict[str, Any]:
    return {"account": {"homePage": home, "name": name}}


@pytest.mark.parametrize(
    "actor",
    [
        pytest.param(PETRA, id="as her LMS calls her"),
        pytest.param({"mbox": "mailto:petra.novak@example.org"}, id="by e-mail"),
        pytest.param({"mbox": "mailto:PETRA.NOVAK@example.org"}, id="by e-mail in other letters"),
    ],
)
def test_the_step_is_done_whatever_the_system_calls_her(world: World, reading: Reading, actor: dict[str, Any]):
    before = credit(world)
    assert reading.come(passed(actor)) == Arrived(taken=1)
    assert credit(world) > before


def test_the_step_is_done_by_her_pseudonym_too(world: World, reading: Reading):
    before = credit(world)
    reading.come(passed(account(world.tenant.iri_base, world.petra.account)))
    assert credit(world) > before


@pytest.mark.parametrize(
    "actor",
    [account(ISSUER, "somebody"), account("https://other.example", "petra"), {"mbox": "mailto:x@example.org"}],
)
def test_a_statement_about_somebody_else_is_not_hers(world: World, reading: Reading, actor: dict[str, Any]):
    before = credit(world)
    reading.come(passed(actor))
    assert credit(world) == before


def test_only_the_person_it_is_about_is_evaluated(world: World, reading: Reading):
    with world.sessions.write() as session:
        enter(session, world.launch("ben", CourseRole.LEARNER), world.clock())
    reading.nobody_is_due()
    reading.come(passed())
    assert set(reading.due) == {world.enrolment.id}


def test_it_may_come_before_its_person(world: World, reading: Reading):
    """Preparation is done before the first launch, and counts from then on."""
    assert reading.come(passed(account(ISSUER, "ben"))) == Arrived(taken=1)
    with world.sessions.write() as session:
        enter(session, world.launch("ben", CourseRole.LEARNER), world.clock())
        ben = people.person_by_identity(session, world.tenant.id, ISSUER, "ben")
    while evaluate_due(world.sessions, REGISTRY, world.clock()):
        pass
    with world.sessions.read() as session:
        found = results.person_results(session, world.tenant.id, world.run.id, ben.account)
    assert found["journey_completion"].value > 0


def test_whoever_has_one_e_mail_at_two_lmss_is_found_at_both(world: World, reading: Reading):
    with world.sessions.read() as session:
        asked = "mbox|mailto:petra.novak@example.org"
        assert people.people_by_agent(session, world.tenant.id, [asked]) == {asked: [world.petra.id]}
    with world.sessions.write() as session:
        other = people.ensure_person(
            session, world.tenant.id, "https://other.example", "7", world.clock(), email="petra.novak@example.org"
        )
        found = people.people_by_agent(session, world.tenant.id, [asked])
    assert set(found[asked]) == {world.petra.id, other.id}


def test_a_name_with_a_bar_in_it_is_found(world: World):
    with world.sessions.write() as session:
        person = people.ensure_person(session, world.tenant.id, ISSUER, "auth0|12", world.clock())
        asked = f"account|{ISSUER}|auth0|12"
        assert people.people_by_agent(session, world.tenant.id, [asked]) == {asked: [person.id]}


def test_nobody_of_another_tenant_is_found(world: World):
    with world.sessions.read() as session:
        assert not people.people_by_agent(session, str(uuid4()), [f"account|{ISSUER}|petra", world.petra.account])


def test_a_cmi5_statement_counts_under_whatever_registration_its_lms_gave_it(world: World, reading: Reading):
    before = credit(world)
    context = {"registration": str(uuid4()), "contextActivities": {"category": [{"id": CMI5}]}}
    assert reading.come(passed(context=context)) == Arrived(taken=1)
    assert credit(world) > before


def test_a_registration_of_nobody_makes_it_nobodys(world: World, reading: Reading):
    """Without it, or with hers, it would count: see docs/indicators.md."""
    assert reading.come(passed(context={"registration": str(uuid4())})) == Arrived(skipped=1)


def test_with_her_registration_it_counts(world: World, reading: Reading):
    before = credit(world)
    assert reading.come(passed(context={"registration": world.enrolment.id})) == Arrived(taken=1)
    assert credit(world) > before


@pytest.mark.parametrize(
    "change",
    [{"verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"}}, {"object": {"id": "https://content.example/x"}}],
)
def test_what_no_journey_looks_for_is_skipped(reading: Reading, change: dict[str, Any]):
    assert reading.come(passed(**change)) == Arrived(skipped=1)


@pytest.mark.parametrize("first", ["void", "statement"])
def test_what_the_system_takes_back_does_not_count(world: World, reading: Reading, first: str):
    before = credit(world)
    done = passed()
    both = [done, void(done["id"])]
    for statement in both if first == "statement" else reversed(both):
        reading.come(statement)
        credit(world)
    assert credit(world) == before
    assert Kind.COMPLETED not in reading.kinds


def test_whoever_gets_a_name_later_is_evaluated_then(world: World, reading: Reading):
    """Their LMS begins to send e-mails, months after the first launch."""
    with world.sessions.write() as session:
        ben = people.ensure_person(session, world.tenant.id, ISSUER, "ben", world.clock())
        enrolment, _ = enrol(session, world.run, ben, world.clock())
    reading.come(passed({"mbox": "mailto:ben@example.org"}))
    reading.nobody_is_due()
    with world.sessions.write() as session:
        assert claim(session, world.tenant.id, world.clock()) == 0
        people.keep_contact(people.get_person(session, world.tenant.id, ben.id), None, "ben@example.org")
    with world.sessions.write() as session:
        assert claim(session, world.tenant.id, world.clock()) == 1
        assert claim(session, world.tenant.id, world.clock()) == 0
    assert set(reading.due) == {enrolment.id}


def test_what_was_taken_back_waits_for_nobody(world: World, reading: Reading):
    done = passed({"mbox": "mailto:ben@example.org"})
    reading.come(done, void(done["id"]))
    with world.sessions.read() as session:
        assert facts.unclaimed(session, world.tenant.id) == []
