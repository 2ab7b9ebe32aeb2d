"""Listeners hear of what was committed: acts without their content, posted indicators that changed, nothing else."""

from __future__ import annotations

import pytest

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.flows.news import note_statements
from lrs_bridge.flows.tell import switch_on, tell_due
from lrs_bridge.hooks import Change, Heard, Recorded
from lrs_bridge.hooks.settings import SettingsError
from lrs_bridge.store import results, tenants
from tests.fakes.statements import statement
from tests.flows.house import SEAL, House
from tests.flows.world import World


@pytest.fixture
def house(world: World) -> House:
    return House(world)


def test_a_statement_is_told_once_the_record_has_it(house: House, world: World) -> None:
    ear = house.listener("ear", None, Heard.STATEMENTS)
    house.deliver()  # what was done before
    tell_due(house.telling())
    ear.heard.clear()
    world.act(Kind.COMPLETED, world.petra, step="S08")
    assert tell_due(house.telling()) == 0
    house.deliver()
    assert tell_due(house.telling()) == 1
    assert tell_due(house.telling()) == 0
    (told,) = ear.heard
    assert isinstance(told, Recorded)
    assert told.statement["id"] == told.id
    assert told.statement["actor"]["account"] == {"homePage": world.tenant.iri_base, "name": world.petra.account}


def test_a_listener_is_told_for_whom_and_what_it_may_use(house: House, world: World) -> None:
    """The tenant, its settings complete with defaults, and a way out that is made for these."""
    ear = house.listener()
    house.note(1)
    tell_due(house.telling())
    (call,) = ear.calls
    assert (call.tenant, call.home_page) == (world.tenant.name, world.tenant.iri_base)
    assert call.settings == {"url": "https://x", "often": 3}
    assert call.http == "a way to https://x"  # type: ignore[comparison-overlap]


def test_settings_lie_encrypted(house: House) -> None:
    house.listener()
    assert "https" not in house.row().sealed


def test_wrong_settings_are_refused_when_switching_on(house: House, world: World) -> None:
    house.listener(on=False)
    with world.sessions.write() as session, pytest.raises(SettingsError, match=r"ear\.adress: is no setting here"):
        switch_on(session, SEAL, world.tenant.id, house.installed["ear"], {"adress": "x"}, world.clock())


def test_a_posted_indicator_that_changes_is_told_with_what_it_was(house: House, world: World) -> None:
    ear = house.listener("ear", None, Heard.INDICATORS)
    house.evaluate()
    tell_due(house.telling())
    started = {one.indicator: one.value for one in ear.heard}
    ear.heard.clear()
    world.act(Kind.COMPLETED, world.petra, step="S08")
    house.evaluate()
    tell_due(house.telling())
    (change,) = ear.heard
    assert isinstance(change, Change)
    assert (change.indicator, change.title) == ("journey_completion", "Journey completion")
    assert (change.before, change.value) == (started["journey_completion"], 6.25)
    assert (change.account, change.registration) == (world.petra.account, world.enrolment.id)
    assert (change.run, change.journey, change.journey_version) == (world.run.id, "field-coaching-90", 1)


def test_what_did_not_change_is_not_told(house: House, world: World) -> None:
    ear = house.listener()
    house.evaluate()
    tell_due(house.telling())
    ear.heard.clear()
    world.clock.on(days=1)
    with world.sessions.write() as session:
        results.mark_due(session, world.tenant.id, world.run.id, world.enrolment.id, world.clock())
    house.evaluate()
    tell_due(house.telling())
    assert ear.heard == []


def test_indicators_without_a_column_stay_in_the_house(house: House, world: World) -> None:
    """Whoever takes part was told what is posted; a listener is one more recipient of that, and of nothing else."""
    ear = house.listener()
    world.act(Kind.APPLIED, world.petra, moment="M1", step="S13", score=Score(3), data={"behaviours": ["B1"]})
    house.evaluate()
    tell_due(house.telling())
    posted = {"journey_completion", "manager_engagement", "mtm_application", "success_case"}
    assert {one.indicator for one in ear.heard} <= posted
    assert "mtm_application" in {one.indicator for one in ear.heard}


def test_content_and_what_belongs_to_nobodys_enrolment_are_not_told(house: House, world: World) -> None:
    """How well it went, an answer without a name, a dispute between two people."""
    ear = house.listener("ear", None, Heard.STATEMENTS)
    house.deliver()
    tell_due(house.telling())
    ear.heard.clear()
    applied = world.act(Kind.APPLIED, world.petra, moment="M1", step="S13", score=Score(3), data={"behaviours": ["B1"]})
    assert applied.score
    with world.sessions.write() as session:
        note_statements(session, world.tenant.id, [statement(7)], world.clock())  # no registration
    house.deliver()
    tell_due(house.telling())
    (told,) = ear.heard
    assert "score" not in told.statement.get("result", {})


def test_without_a_listener_nothing_is_written(house: House, world: World) -> None:
    house.listener(on=False)
    world.act(Kind.COMPLETED, world.petra, step="S08")
    house.deliver()
    house.evaluate()
    assert house.waiting() == 0


def test_another_tenants_listener_hears_nothing(house: House, world: World) -> None:
    with world.sessions.write() as session:
        other = tenants.ensure_tenant(session, "other", "https://bridge.example", world.clock())
    ear = house.listener(on=False)
    with world.sessions.write() as session:
        switch_on(session, SEAL, other.id, house.installed["ear"], {"url": "https://x"}, world.clock())
    house.note(1)
    tell_due(house.telling())
    assert ear.calls == []
