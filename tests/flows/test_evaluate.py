"""Acting changes the indicators of one person, then those of the run; what fails is shown and tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lrs_bridge.domain.evaluators import Level
from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.flows.evaluate import GROUPS_WAIT, evaluate_due
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import plugin_settings, results, scores
from lrs_bridge.store.results import Due, ResultRow
from tests.flows.world import World
from tests.plugins import installed


@pytest.fixture(scope="module")
def registry() -> Registry:
    return installed()


def _settle(world: World, registry: Registry) -> None:
    """Evaluate whoever is due now and, a little later, the run."""
    while evaluate_due(world.sessions, registry, world.clock()):
        pass
    world.clock.on(seconds=GROUPS_WAIT.total_seconds())
    while evaluate_due(world.sessions, registry, world.clock()):
        pass


def _results(world: World) -> dict[str, ResultRow]:
    with world.sessions.read() as session:
        return results.person_results(session, world.tenant.id, world.run.id, world.petra.account)


def _cohort(world: World) -> dict[str, float | None]:
    with world.sessions.read() as session:
        rows = results.results_of_run(session, world.tenant.id, world.run.id, "cohort")
    return {row.indicator: row.value for row in rows if row.subject == ""}


def test_everybody_enrolled_has_one_result_for_each_indicator(world: World, registry: Registry):
    _settle(world, registry)
    assert set(_results(world)) == {
        "coaching_reach",
        "journey_completion",
        "line_of_sight",
        "manager_engagement",
        "mtm_application",
        "skill_gain",
        "success_case",
    }
    assert _results(world)["success_case"].status == "not_started"


def test_doing_a_step_raises_the_persons_completion_and_the_cohorts(world: World, registry: Registry):
    _settle(world, registry)
    before = _results(world)["journey_completion"].value
    world.act(Kind.COMPLETED, world.petra, step="S08")
    _settle(world, registry)
    after = _results(world)["journey_completion"]
    assert before == 0
    assert after.value == 6.25  # 1 of 16: her route is open, so both routes' steps are left out
    assert _cohort(world)["journey_completion"] == after.value


def test_what_is_posted_waits_for_the_gradebook(world: World, registry: Registry):
    world.act(Kind.COMPLETED, world.petra, step="S08")
    _settle(world, registry)
    with world.sessions.read() as session:
        waiting = scores.scores_of_enrolment(session, world.tenant.id, world.enrolment.id)
    assert waiting["journey_completion"].wanted == 6.25
    assert waiting["journey_completion"].progress == "InProgress"
    assert "success_case" not in waiting


def test_a_fact_of_one_person_evaluates_that_person_only(world: World, registry: Registry):
    _settle(world, registry)
    world.act(Kind.COMPLETED, world.petra, step="S08")
    assert evaluate_due(world.sessions, registry, world.clock()) == 1


def test_the_next_evaluation_is_due_when_the_calendar_can_change_something(world: World, registry: Registry):
    _settle(world, registry)
    with world.sessions.read() as session:
        due = session.get_one(Due, world.enrolment.id).at
    assert due is not None
    assert world.clock() < due <= world.clock() + timedelta(days=7)
    world.clock.now = due
    assert evaluate_due(world.sessions, registry, due) == 1


def _breaking(registry: Registry, key: str) -> Registry:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such luck")

    evaluators = dict(registry.evaluators)
    evaluators[key] = replace(evaluators[key], functions={Level.PERSON: broken})
    return replace(registry, evaluators=evaluators)


def test_a_broken_evaluator_leaves_the_others_running_and_says_why(world: World, registry: Registry):
    _settle(world, _breaking(registry, "mtm_application"))
    assert "journey_completion" in _results(world)
    assert "mtm_application" not in _results(world)
    with world.sessions.read() as session:
        assert "no such luck" in session.get_one(Due, world.enrolment.id).reason


def test_a_broken_evaluator_keeps_the_value_it_gave_before(world: World, registry: Registry):
    world.act(Kind.APPLIED, world.petra, moment="M1", step="S13", score=Score(3), data={"behaviours": ["B1"]})
    _settle(world, registry)
    before = _results(world)["mtm_application"].value
    assert before
    world.act(Kind.COMPLETED, world.petra, step="S08")
    _settle(world, _breaking(registry, "mtm_application"))
    assert _results(world)["mtm_application"].value == before


def test_an_evaluator_switched_off_for_a_course_is_no_longer_asked(world: World, registry: Registry):
    _settle(world, registry)
    with world.sessions.write() as session:
        plugin_settings.put(
            session,
            world.tenant.id,
            "success_case",
            Place(Scope.COURSE, world.course.id),
            Word(False, {}),
            world.clock(),
        )
        results.mark_due(session, world.tenant.id, world.run.id, world.enrolment.id, world.clock())
    _settle(world, registry)
    assert "success_case" not in _results(world)
    assert "success_case" not in _cohort(world)


def test_a_strangers_evaluator_is_asked_where_an_admin_switches_it_on(world: World, registry: Registry):
    stranger = replace(registry.evaluators["mtm_application"], key="strangers_own", distribution="strangers 1.0")
    both = replace(registry, evaluators={**registry.evaluators, "strangers_own": stranger})
    _settle(world, both)
    assert "strangers_own" not in _results(world)
    with world.sessions.write() as session:
        plugin_settings.put(
            session,
            world.tenant.id,
            "strangers_own",
            Place(Scope.COURSE, world.course.id),
            Word(True, {}),
            world.clock(),
        )
        results.mark_due(session, world.tenant.id, world.run.id, world.enrolment.id, world.clock())
    _settle(world, both)
    assert "strangers_own" in _results(world)


def test_wrong_settings_leave_only_their_evaluator_out(world: World, registry: Registry):
    with world.sessions.write() as session:
        plugin_settings.put(
            session,
            world.tenant.id,
            "mtm_application",
            Place(Scope.PLATFORM, world.platform_id),
            Word(True, {"x": 1}),
            world.clock(),
        )
    _settle(world, registry)
    assert "mtm_application" not in _results(world)
    assert "journey_completion" in _results(world)
