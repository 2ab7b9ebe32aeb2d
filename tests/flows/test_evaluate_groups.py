"""What reaches the groups of a run from the store: acts of sponsors, and answers without a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from lrs_bridge.domain.evaluation import Active, evaluate_all
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.journey import LineItemPlan
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import GROUPS_WAIT, active_evaluators, evaluate_due
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import cohorts, enrolments, facts, people, results
from tests.flows.world import ISSUER, World
from tests.plugins import installed

NEVER = ("sponsor_engagement", "skill_gain", "capability_progress", "line_of_sight", "coaching_reach")
SAID = ("reaction", "transfer_climate")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return installed()


def _settle(world: World, registry: Registry) -> None:
    while evaluate_due(world.sessions, registry, world.clock()):
        pass
    world.clock.on(seconds=GROUPS_WAIT.total_seconds())
    while evaluate_due(world.sessions, registry, world.clock()):
        pass


def _keep(world: World, *new: Fact) -> None:
    with world.sessions.write() as session:
        facts.add(session, world.tenant.id, new)
        results.mark_due(session, world.tenant.id, world.run.id, world.run.id, world.clock())


def _answer(world: World, points: int, **parts: object) -> Fact:
    fact = Fact(
        str(uuid4()),
        Kind.ANSWERED,
        world.clock() - timedelta(days=1),
        str(uuid4()),
        "http://adlnet.gov/expapi/verbs/answered",
        step="S11",
        run=world.run.id,
        data={"answers": {"recommend": points}},
    )
    return fact._replace(**parts)  # type: ignore[arg-type]


def _of(world: World, indicator: str, kind: str = "cohort") -> Result:
    with world.sessions.read() as session:
        rows = results.results_of_run(session, world.tenant.id, world.run.id, kind)
    return next(row.result for row in rows if row.indicator == indicator)


def _sofia(world: World) -> str:
    """Mark's sponsor; her account."""
    with world.sessions.write() as session:
        sofia = people.ensure_person(session, world.tenant.id, ISSUER, "sofia", world.clock())
        since = date(2026, 1, 1)
        enrolments.relate(session, world.tenant.id, world.run.id, world.mark.id, sofia.id, Role.SPONSOR, "test", since)
        return sofia.account


def test_answers_without_a_name_make_the_runs_reaction(world: World, registry: Registry):
    """Under five there is no value; those of another run and of another step change nothing."""
    _keep(
        world,
        *[_answer(world, 9) for _ in range(4)],
        _answer(world, 0, run=str(uuid4())),
        _answer(world, 0, step="S25"),
    )
    _settle(world, registry)
    assert (_of(world, "reaction").value, _of(world, "reaction").outcome.n) == (None, 4)
    _keep(world, _answer(world, 4))
    _settle(world, registry)
    assert _of(world, "reaction").value == pytest.approx(60)


def test_a_voided_answer_never_was(world: World, registry: Registry):
    given = [_answer(world, 9) for _ in range(6)]
    _keep(world, *given, _answer(world, 0)._replace(kind=Kind.VOIDED, target=given[0].id))
    _settle(world, registry)
    assert _of(world, "reaction").outcome.n == 5


def test_an_answer_dated_ahead_counts_when_its_day_has_come(world: World, registry: Registry):
    ahead = world.clock() + timedelta(hours=3)
    _keep(world, *[_answer(world, 9) for _ in range(4)], _answer(world, 9, at=ahead))
    _settle(world, registry)
    assert _of(world, "reaction").value is None
    world.clock.on(hours=4)
    _settle(world, registry)
    assert _of(world, "reaction").value == 100


def test_a_sponsors_act_reaches_the_sponsors_value(world: World, registry: Registry):
    account = _sofia(world)
    act = _answer(
        world, 0, kind=Kind.ACKNOWLEDGED, actor=account, step="S07", role="sponsor", registration=world.enrolment.id
    )
    _keep(world, act._replace(at=world.clock() - timedelta(days=26)))
    _settle(world, registry)
    sponsor = _of(world, "sponsor_engagement", "person")
    assert sponsor.subject.account == account
    assert sponsor.outcome.components["steps"] == {"S02": 0.0, "S07": 1.0}
    assert _of(world, "sponsor_engagement").value == sponsor.value


def test_the_store_and_a_file_of_statements_give_the_same_groups(world: World, registry: Registry):
    account = _sofia(world)
    act = _answer(world, 0, kind=Kind.TALKED_WITH, actor=account, step="S07", role="sponsor")
    word = _answer(world, 0, kind=Kind.CONFIRMED, actor=world.mark.account, role="manager", target=act.id, step=None)
    _keep(world, *[_answer(world, n) for n in range(3, 10)], act, word)
    _settle(world, registry)
    with world.sessions.read() as session:
        cohort = cohorts.cohort_of(session, world.run)
        active = active_evaluators(session, registry, world.run)
        stored = results.results_of_run(session, world.tenant.id, world.run.id, "cohort")
        record = [row.fact for row in session.query(facts.FactRow)]
    at = max(row.computed for row in stored)
    offline = evaluate_all(active, world.run.journey, cohort, record, at)
    expected = {r.indicator: r.as_dict() for r in offline.results if r.subject.kind == "cohort"}
    assert {row.indicator: row.result.as_dict() for row in stored if row.computed == at} == expected
    assert expected["reaction"]["value"] is not None


def test_nothing_of_the_seven_has_a_column_whatever_a_journey_says(world: World, registry: Registry):
    """Not when a journey file asks for it, nor with any label."""
    named = {key: LineItemPlan(100.0, key) for key in registry.evaluators}
    journey = replace(world.run.journey, gradebook=named, evaluators={key: {} for key in registry.evaluators})
    active = [Active(one, {}) for one in registry.evaluators.values()]
    plans = posted_indicators(journey, active)
    assert set(plans) == {"journey_completion", "manager_engagement", "mtm_application", "success_case"}
    assert not set(plans) & {*NEVER, *SAID}
