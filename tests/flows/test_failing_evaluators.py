"""A failing evaluator hurts nobody else: recorded and timed, switched off by rule, tried before it is back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lrs_bridge.domain.evaluators import Level
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.failing import Rule, Standing
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.flows import recompute, standing
from lrs_bridge.flows.administer import state_of
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.flows.evaluate import GROUPS_WAIT, LEASE, evaluate_due
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import evaluator_watch, people, results
from lrs_bridge.store.evaluator_watch import EvaluatorFailure, EvaluatorWatch
from lrs_bridge.store.results import Due, ResultRow
from tests.flows.test_stopping import Stopped
from tests.flows.world import ISSUER, World
from tests.plugins import installed

BAD = "mtm_application"
RULE = Rule()
QUICK = Rule(seconds=0.15)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return installed()


def breaking(registry: Registry, function: Callable[..., Any], version: str | None = None) -> Registry:
    one = registry.evaluators[BAD]
    broken = replace(one, functions={Level.PERSON: function}, version=version or one.version)
    return replace(registry, evaluators={**registry.evaluators, BAD: broken})


def raising(error: BaseException) -> Callable[..., Any]:
    def function(*_: object) -> None:
        raise error

    return function


def settle(world: World, registry: Registry, rule: Rule = RULE) -> None:
    for _ in range(2):
        while evaluate_due(world.sessions, registry, world.clock(), rule=rule):
            pass
        world.clock.on(seconds=GROUPS_WAIT.total_seconds())


def join(world: World, number: int) -> None:
    with world.sessions.write() as session:
        for index in range(number):
            person = people.ensure_person(session, world.tenant.id, ISSUER, f"p{index}", world.clock())
            enrol(session, world.run, person, datetime(2026, 2, 10, 9, 0, tzinfo=UTC))


def watch(world: World, key: str = BAD) -> EvaluatorWatch:
    with world.sessions.read() as session:
        return [row for row in evaluator_watch.watches(session, world.tenant.id) if row.evaluator == key][-1]


def failures(world: World) -> list[EvaluatorFailure]:
    with world.sessions.read() as session:
        return evaluator_watch.failing(session, world.tenant.id)


def of_petra(world: World) -> dict[str, ResultRow]:
    with world.sessions.read() as session:
        return results.person_results(session, world.tenant.id, world.run.id, world.petra.account)


def act(world: World) -> None:
    world.clock.on(minutes=1)
    world.act(Kind.COMPLETED, world.petra, step="S08")


def test_what_failed_about_whom_and_how_often_is_recorded(world: World, registry: Registry):
    broken = breaking(registry, raising(ZeroDivisionError("no luck\nwith a second line")))
    settle(world, broken)
    first = world.clock()
    act(world)
    settle(world, broken)
    (failure,) = failures(world)
    assert (failure.evaluator, failure.due, failure.whom) == (BAD, world.enrolment.id, world.petra.account)
    assert (failure.kind, failure.reason, failure.times) == ("error", "ZeroDivisionError: no luck", 2)
    assert failure.first < first < failure.last
    assert failure.made_by == f"{registry.evaluators[BAD].version} of {registry.evaluators[BAD].distribution}"


def test_it_is_forgotten_when_the_evaluator_answers_about_the_same_person(world: World, registry: Registry):
    settle(world, breaking(registry, raising(KeyError("x"))))
    act(world)
    settle(world, registry)
    assert failures(world) == []
    assert of_petra(world)[BAD].old_since is None


def test_the_others_are_right_and_what_was_there_stays_marked_as_old(world: World, registry: Registry):
    settle(world, registry)
    before = of_petra(world)
    act(world)
    settle(world, breaking(registry, raising(MemoryError())))
    after = of_petra(world)
    assert after[BAD].computed == before[BAD].computed
    assert after[BAD].old_since is not None
    assert after["journey_completion"].value > before["journey_completion"].value
    assert [key for key, row in after.items() if row.old_since] == [BAD]
    act(world)
    settle(world, registry)
    assert of_petra(world)[BAD].old_since is None


WRONG = [
    None,
    50,
    Outcome(float("nan")),
    Outcome(-1.0),
    Outcome(1e308),
    Outcome(1.0, components={"of": {1, 2}}),
    Outcome(1.0, components={"huge": "x" * 2_000_000}),
    Outcome(1.0, components={"large": 2**70}),
    Outcome(1.0, components={"posted": "all"}),
    Outcome(1.0, components={"text": "\ud800"}),
    Outcome(1.0, evidence=(7,)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("answer", WRONG, ids=range(len(WRONG)))
def test_a_wrong_answer_is_a_failure_of_its_evaluator_alone(world: World, registry: Registry, answer: Any):
    settle(world, breaking(registry, lambda *_: answer))
    assert {failure.kind for failure in failures(world)} == {"wrong"}
    assert BAD not in of_petra(world)
    assert "journey_completion" in of_petra(world)


def test_a_plugin_that_asks_the_process_to_end_does_not_end_it(world: World, registry: Registry):
    settle(world, breaking(registry, raising(SystemExit("bye"))))
    assert [failure.reason for failure in failures(world)] == ["SystemExit: bye"]
    assert "journey_completion" in of_petra(world)


def _for_ever(*_: object) -> None:
    while True:
        pass


def _for_ever_and_deaf(*_: object) -> Outcome:
    """Catches what stops it, twice."""
    for _attempt in range(2):
        with suppress(BaseException):
            _for_ever()
    return _for_ever()  # type: ignore[func-returns-value]


@pytest.mark.parametrize("function", [_for_ever, _for_ever_and_deaf])
def test_an_endless_loop_is_stopped_and_the_others_are_there(world: World, registry: Registry, function: Any):
    settle(world, breaking(registry, function), QUICK)
    (failure,) = failures(world)
    assert (failure.kind, failure.reason) == ("slow", "It took longer than 0.15 seconds and was stopped.")
    assert failure.seconds > 0.15
    assert "journey_completion" in of_petra(world)
    assert watch(world).worst > 0.15


def test_how_long_an_evaluator_takes_is_known(world: World, registry: Registry):
    join(world, 5)
    settle(world, registry)
    row = watch(world, "journey_completion")
    assert row.calls >= 6
    assert 0 < row.seconds / row.calls <= row.worst < 1
    assert row.worst_at is not None


def test_failing_for_everybody_switches_off_and_is_an_alarm(world: World, registry: Registry):
    join(world, 12)
    broken = breaking(registry, raising(ZeroDivisionError("no luck")))
    settle(world, broken)
    row = watch(world)
    assert row.state == Standing.OFF
    assert row.why.startswith("It failed ")
    asked = row.failures
    act(world)
    settle(world, broken)
    assert watch(world).failures == asked
    with world.sessions.read() as session:
        alarms = state_of(session, world.tenant.id, world.clock()).alarms()
    assert f"evaluators are switched off after failures: {BAD}" in alarms


def test_while_it_is_off_the_values_before_stay_and_are_marked_when_something_newer_happened(
    world: World, registry: Registry
):
    join(world, 12)
    settle(world, registry)
    broken = breaking(registry, raising(ZeroDivisionError("no luck")))
    with world.sessions.write() as session:
        recompute.ask(session, world.tenant.id, reason="", by="", now=world.clock())
    settle(world, broken)
    assert watch(world).state == Standing.OFF
    act(world)
    settle(world, broken)
    assert of_petra(world)[BAD].old_since is not None
    with world.sessions.read() as session:
        groups = results.results_of_run(session, world.tenant.id, world.run.id, "cohort")
    assert [row.indicator for row in groups if row.old_since] == [BAD]


def _off(world: World, registry: Registry) -> Registry:
    join(world, 12)
    broken = breaking(registry, raising(ZeroDivisionError("no luck")))
    settle(world, broken)
    assert watch(world).state == Standing.OFF
    return broken


def _try_again(world: World) -> None:
    with world.sessions.write() as session:
        standing.try_again(session, world.tenant.id, BAD, watch(world).made_by, world.clock())


def test_it_is_tried_on_one_person_and_off_again_if_it_fails(world: World, registry: Registry):
    broken = _off(world, registry)
    before = watch(world).failures
    _try_again(world)
    assert watch(world).state == Standing.TRIAL
    settle(world, broken)
    row = watch(world)
    assert (row.state, row.failures) == (Standing.OFF, before + 1)
    assert row.why == "tried again, and failed: ZeroDivisionError: no luck"


def test_after_a_good_trial_everybody_is_computed_again(world: World, registry: Registry):
    _off(world, registry)
    _try_again(world)
    settle(world, registry)
    settle(world, registry)
    assert watch(world).state == Standing.ON
    assert failures(world) == []
    with world.sessions.read() as session:
        rows = results.results_of_run(session, world.tenant.id, world.run.id, "person")
    assert len([row for row in rows if row.indicator == BAD]) == 13


def test_a_new_version_is_tried_on_one_person_when_a_worker_starts(world: World, registry: Registry):
    _off(world, registry)
    newer = breaking(registry, registry.evaluators[BAD].functions[Level.PERSON], "99.0")
    standing.look(world.sessions, newer, world.clock())
    recompute.look(world.sessions, newer, world.clock())
    assert watch(world).state == Standing.TRIAL
    for _ in range(3):
        settle(world, newer)
    assert (watch(world).state, watch(world).made_by.split()[0]) == (Standing.ON, "99.0")
    assert of_petra(world)[BAD].result.version == "99.0"


def test_what_is_on_cannot_be_tried(world: World, registry: Registry):
    settle(world, registry)
    with pytest.raises(standing.CannotTry, match="It is on"):
        _try_again(world)


def test_who_takes_the_process_down_is_known_after_two_restarts(world: World, registry: Registry):
    """The first time it may have been anything; the second time it is noted whom was asked."""
    deadly = breaking(registry, raising(Stopped()))
    for _ in range(2):
        with pytest.raises(Stopped):
            evaluate_due(world.sessions, deadly, world.clock())
        world.clock.on(seconds=LEASE.total_seconds() + 1)
    settle(world, deadly)
    assert [(failure.kind, failure.whom) for failure in failures(world)] == [("ended", world.petra.account)]
    assert watch(world).state == Standing.OFF
    assert "journey_completion" in of_petra(world)


def test_a_process_killed_for_another_reason_blames_nobody(world: World, registry: Registry):
    calls: list[int] = []

    def once(*_: object) -> Outcome:
        calls.append(1)
        if len(calls) == 1:
            raise Stopped
        return Outcome(50.0)

    broken = breaking(registry, once)
    with pytest.raises(Stopped):
        evaluate_due(world.sessions, broken, world.clock())
    world.clock.on(seconds=LEASE.total_seconds() + 1)
    settle(world, broken)
    assert of_petra(world)[BAD].value == 50
    with world.sessions.read() as session:
        row = session.get_one(Due, world.enrolment.id)
    assert (row.tries, row.in_hand, row.lease) == (0, None, None)
    assert watch(world).state == Standing.ON


def test_who_acts_while_an_evaluator_is_at_work_does_not_wait_for_it(world: World, registry: Registry):
    """No transaction is open while evaluators are asked; what is done meanwhile is looked at in the next round."""
    one = registry.evaluators[BAD].functions[Level.PERSON]
    acted: list[datetime] = []

    def act_meanwhile(*arguments: Any) -> Outcome:
        if not acted:
            world.clock.on(seconds=1)
            acted.append(world.clock())
            world.act(Kind.COMPLETED, world.petra, step="S08")
        return one(*arguments)

    acting = breaking(registry, act_meanwhile)
    assert evaluate_due(world.sessions, acting, world.clock()) > 0
    assert of_petra(world)["journey_completion"].value == 0
    settle(world, acting)
    assert of_petra(world)["journey_completion"].value > 0


def test_what_a_slow_worker_found_does_not_go_before_what_a_later_one_did(world: World, registry: Registry):
    """Its lease ran out, and somebody else evaluated the same person."""
    one = registry.evaluators[BAD].functions[Level.PERSON]
    others: list[int] = []

    def overtaken(*arguments: Any) -> Outcome:
        if not others:
            others.append(1)
            world.clock.on(seconds=LEASE.total_seconds() + 1)
            evaluate_due(world.sessions, registry, world.clock())
        return one(*arguments)

    began = world.clock()
    evaluate_due(world.sessions, breaking(registry, overtaken), began)
    assert of_petra(world)["journey_completion"].computed == world.clock()
