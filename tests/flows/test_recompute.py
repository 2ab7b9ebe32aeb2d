"""Computing again: everybody of a run, behind what people do, with progress, and with the old values until then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.switching import Place, Scope, Word
from lrs_bridge.flows import recompute
from lrs_bridge.flows.enrol import enrol
from lrs_bridge.flows.evaluate import GROUPS_WAIT, LEASE, evaluate_due
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import headways, people, plugin_settings, recomputations, results, scores
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.headways import HeadwayRow
from lrs_bridge.store.recomputations import Recomputation
from lrs_bridge.store.results import Due, ResultRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.scores import ScoreRow
from tests.flows.elsewhere import look_for_it
from tests.flows.test_stopping import Fuse, Stopped, StoppingSessions
from tests.flows.world import ISSUER, World
from tests.plugins import installed


@pytest.fixture(scope="module")
def registry() -> Registry:
    return installed()


def _settle(world: World, registry: Registry) -> None:
    for _ in range(2):
        while evaluate_due(world.sessions, registry, world.clock()):
            pass
        world.clock.on(seconds=GROUPS_WAIT.total_seconds())


def _join(world: World, number: int) -> list[Enrolment]:
    """More participants."""
    joined = []
    with world.sessions.write() as session:
        for index in range(number):
            person = people.ensure_person(session, world.tenant.id, ISSUER, f"p{index}", world.clock())
            joined.append(enrol(session, world.run, person, datetime(2026, 2, 10, 9, 0, tzinfo=UTC))[0])
    return joined


def _ask(world: World, **within: Any) -> int:
    with world.sessions.write() as session:
        return recompute.ask(session, world.tenant.id, reason="Weights changed.", by="Ada", now=world.clock(), **within)


def _row(world: World) -> Recomputation:
    with world.sessions.read() as session:
        return session.get_one(Recomputation, world.run.id)


def _outlook(world: World) -> recompute.Outlook:
    with world.sessions.read() as session:
        return recompute.outlook(recomputations.under_way(session, world.tenant.id), world.clock())


def _computed(world: World) -> dict[tuple[str, str, str], datetime]:
    with world.sessions.read() as session:
        return {(row.kind, row.subject, row.indicator): row.computed for row in session.scalars(select(ResultRow))}


def _say(session: Any, world: World, evaluator: str, word: Word) -> None:
    """What an administrator says of an evaluator in the course."""
    plugin_settings.put(session, world.tenant.id, evaluator, Place(Scope.COURSE, world.course.id), word, world.clock())


class Counting:
    """Evaluators that count how often each is asked, by indicator and subject."""

    def __init__(self, registry: Registry) -> None:
        self.asked: list[tuple[str, str | None]] = []
        one = registry.evaluators["journey_completion"]
        functions = {level: self._counted(function) for level, function in one.functions.items()}
        counting = replace(one, functions=functions)
        self.registry = replace(registry, evaluators={**registry.evaluators, one.key: counting})

    def _counted(self, function: Any) -> Any:
        def count(journey: Any, evidence: Any, *rest: Any) -> Any:
            self.asked.append((evidence.subject.kind, evidence.subject.account))
            return function(journey, evidence, *rest)

        return count


def test_everybody_of_the_run_is_computed_again_and_the_groups_once(world: World, registry: Registry):
    _join(world, 25)
    _settle(world, registry)
    counting = Counting(registry)
    before = _computed(world)
    world.clock.on(minutes=1)
    assert _ask(world, run_id=world.run.id) == 1
    while evaluate_due(world.sessions, counting.registry, world.clock()):
        pass
    people_asked = [account for kind, account in counting.asked if kind == "person"]
    assert len(people_asked) == len(set(people_asked)) == 26
    assert [kind for kind, _ in counting.asked].count("cohort") == 1
    assert counting.asked[-1][0] == "cohort"
    after = _computed(world)
    assert after.keys() == before.keys()
    assert set(after.values()) == {world.clock()}
    assert _row(world).finished == world.clock()


def test_who_acts_meanwhile_goes_first(world: World, registry: Registry):
    """A round takes a few of those who wait at most, and whoever acted in the next one."""
    _join(world, 40)
    _settle(world, registry)
    _ask(world)
    evaluate_due(world.sessions, registry, world.clock())
    assert 0 < _outlook(world).done < 41
    world.clock.on(seconds=1)
    world.act(Kind.COMPLETED, world.petra, step="S08")
    evaluate_due(world.sessions, registry, world.clock())
    assert _computed(world)["person", world.petra.account, "journey_completion"] == world.clock()
    assert _outlook(world).done < 41


def test_while_many_act_nobody_is_computed_again(world: World, registry: Registry):
    joined = _join(world, 25)
    _settle(world, registry)
    _ask(world)
    with world.sessions.write() as session:
        for enrolment in joined:
            results.mark_due(session, world.tenant.id, world.run.id, enrolment.id, world.clock())
    assert evaluate_due(world.sessions, registry, world.clock()) == 20
    with world.sessions.read() as session:
        row = session.get_one(Recomputation, world.run.id)
        assert row.began is None


def test_how_far_it_has_come_and_how_long_still(world: World, registry: Registry):
    _join(world, 29)
    _settle(world, registry)
    asked = world.clock()
    _ask(world)
    assert _outlook(world) == recompute.Outlook(1, 1, 0, 0, asked, None)
    evaluate_due(world.sessions, registry, world.clock())
    world.clock.on(seconds=10)
    found = _outlook(world)
    assert (found.runs, found.waiting, found.total, found.since) == (1, 0, 30, asked)
    assert found.left == timedelta(seconds=10) / found.done * (30 - found.done)
    _settle(world, registry)
    assert _outlook(world).runs == 0


@pytest.mark.parametrize(
    ("done", "total", "minutes", "left"),
    [(0, 10, 5, None), (5, 10, 5, timedelta(minutes=5)), (10, 10, 5, timedelta(0)), (12, 10, 5, timedelta(0))],
)
def test_how_long_still_is_at_the_pace_so_far(done: int, total: int, minutes: int, left: timedelta | None):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert recompute.how_long(done, total, now - timedelta(minutes=minutes), now) == left


def test_a_clock_that_is_behind_tells_no_time_left():
    """The process that began has another clock than the one that shows the page."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert recompute.how_long(5, 10, now + timedelta(minutes=1), now) is None


def test_old_values_stay_and_are_told_to_be_old_until_the_new_are_there(world: World, registry: Registry):
    _settle(world, registry)
    before = _computed(world)
    world.clock.on(minutes=1)
    _ask(world)
    assert _computed(world) == before
    with world.sessions.read() as session:
        since = recomputations.renewing_since(session, world.tenant.id, world.run.id)
    assert since is not None
    assert all(computed < since for computed in before.values())
    _settle(world, registry)
    with world.sessions.read() as session:
        assert recomputations.renewing_since(session, world.tenant.id, world.run.id) is None


def test_settings_that_change_give_new_values_and_new_scores(world: World, registry: Registry):
    applied = {"moment": "M1", "step": "S13", "score": Score(3), "data": {"behaviours": ["B1"]}}
    world.act(Kind.APPLIED, world.petra, **applied)
    _settle(world, registry)
    with world.sessions.write() as session:
        for row in _scores(session, world).values():
            scores.accepted(row, row.wanted, row.maximum, row.progress, world.clock(), world.clock())
        before = _scores(session, world)["mtm_application"].wanted
        _say(session, world, "mtm_application", Word(True, {"factors": {"self": 0.1}}))
    _ask(world, course_id=world.course.id)
    _settle(world, registry)
    with world.sessions.read() as session:
        found = results.person_results(session, world.tenant.id, world.run.id, world.petra.account)
        assert found["mtm_application"].result.params["factors"]["self"] == 0.1
        sent = _scores(session, world)
    assert sent["mtm_application"].wanted < before
    assert {key for key, row in sent.items() if row.state == "waiting"} == {"mtm_application"}


def _scores(session: Any, world: World) -> dict[str, ScoreRow]:
    return scores.scores_of_enrolment(session, world.tenant.id, world.enrolment.id)


def test_a_score_whose_value_is_the_same_is_not_sent_again(world: World, registry: Registry):
    world.act(Kind.COMPLETED, world.petra, step="S08")
    _settle(world, registry)
    with world.sessions.write() as session:
        for row in _scores(session, world).values():
            scores.accepted(row, row.wanted, row.maximum, row.progress, world.clock(), world.clock())
        before = {key: (row.state, row.next_at, row.stamp) for key, row in _scores(session, world).items()}
    world.clock.on(hours=1)
    _ask(world)
    _settle(world, registry)
    with world.sessions.read() as session:
        after = {key: (row.state, row.next_at, row.stamp) for key, row in _scores(session, world).items()}
    assert after == before
    assert {state for state, *_ in after.values()} == {"posted"}


def test_only_what_is_named_is_computed_again(world: World, registry: Registry):
    _settle(world, registry)
    assert _ask(world, journey="another-journey") == 0
    assert _ask(world, platform_id="another-platform") == 0
    assert _ask(world, journey=world.run.journey.slug, platform_id=world.platform_id) == 1
    with world.sessions.write() as session:
        assert recompute.ask(session, "another-tenant", reason="", by="", now=world.clock(), run_id=world.run.id) == 0


def test_asking_while_it_is_under_way_begins_anew(world: World, registry: Registry):
    _join(world, 20)
    _settle(world, registry)
    _ask(world)
    evaluate_due(world.sessions, registry, world.clock())
    world.clock.on(minutes=1)
    _ask(world)
    _settle(world, registry)
    assert min(_computed(world).values()) >= _row(world).asked


def _as_version(registry: Registry, version: str) -> Registry:
    newer = replace(registry.evaluators["success_case"], version=version)
    return replace(registry, evaluators={**registry.evaluators, "success_case": newer})


def test_a_new_version_is_noticed_when_a_worker_starts(world: World, registry: Registry):
    _settle(world, registry)
    assert recompute.look(world.sessions, registry, world.clock()) == 0
    newer = _as_version(registry, "9.9")
    assert recompute.look(world.sessions, newer, world.clock()) == 1
    assert _row(world).reason == f"success_case is now 9.9 of {_distribution(registry)}, and was {_version(registry)}."
    _settle(world, newer)
    with world.sessions.read() as session:
        found = results.person_results(session, world.tenant.id, world.run.id, world.petra.account)
    assert found["success_case"].result.version == "9.9"
    assert recompute.look(world.sessions, newer, world.clock()) == 0


def _distribution(registry: Registry) -> str:
    return registry.evaluators["success_case"].distribution


def _version(registry: Registry) -> str:
    return f"{registry.evaluators['success_case'].version} of {_distribution(registry)}"


def test_results_of_an_installation_before_this_are_computed_once(world: World, registry: Registry):
    _settle(world, registry)
    with world.sessions.write() as session:
        session.delete(session.get_one(Recomputation, world.run.id))
    assert recompute.look(world.sessions, registry, world.clock()) == 1
    assert recompute.look(world.sessions, registry, world.clock()) == 0


@pytest.mark.parametrize("closed", [False, True])
def test_of_whom_less_was_kept_than_pages_need_all_is_kept_once(world: World, registry: Registry, closed: bool):
    """As an earlier version left it, in an open run and in one that is closed but not archived."""
    _settle(world, registry)
    _keep_less(world)
    with world.sessions.write() as session:
        run = session.get_one(RunRow, world.run.id)
        run.closed = world.clock() if closed else None
    assert recompute.look(world.sessions, registry, world.clock()) == 1
    assert _row(world).reason == "More is kept of how far people have come."
    _settle(world, registry)
    with world.sessions.read() as session:
        assert len(headways.reached_of_run(session, world.tenant.id, world.run.id)) == 1
    assert recompute.look(world.sessions, registry, world.clock()) == 0


def test_an_archived_run_is_left_as_it_is(world: World, registry: Registry):
    _settle(world, registry)
    _keep_less(world)
    with world.sessions.write() as session:
        run = session.get_one(RunRow, world.run.id)
        run.closed = run.archived = world.clock()
    assert recompute.look(world.sessions, registry, world.clock()) == 0


def _keep_less(world: World) -> None:
    with world.sessions.write() as session:
        recomputed = session.get_one(Recomputation, world.run.id)
        recomputed.made_with = {key: kept for key, kept in recomputed.made_with.items() if key != "headway"}
        for row in session.scalars(select(HeadwayRow)):
            row.body = {key: kept for key, kept in row.body.items() if key != "reached"}


def test_an_act_notices_settings_that_nobody_told_of(world: World, registry: Registry):
    """Somebody changed the table by hand."""
    _join(world, 3)
    _settle(world, registry)
    with world.sessions.write() as session:
        _say(session, world, "success_case", Word(False, {}))
    world.act(Kind.COMPLETED, world.petra, step="S08")
    _settle(world, registry)
    assert _row(world).reason == "success_case is no longer asked."
    assert _row(world).finished is not None
    assert not [key for key in _computed(world) if key[2] == "success_case"]


def test_a_run_that_gets_another_version_of_its_journey_is_computed_again(world: World, registry: Registry):
    _settle(world, registry)
    look_for_it(world)
    assert recompute.look(world.sessions, registry, world.clock()) == 1
    assert _row(world).reason.startswith("The journey is now")


def test_two_versions_side_by_side_do_not_have_each_others_work_done_for_ever(world: World, registry: Registry):
    """Whoever is evaluated by the other version is looked at again a quarter of an hour later."""
    _settle(world, registry)
    newer = _as_version(registry, "9.9")
    recompute.look(world.sessions, newer, world.clock())
    _settle(world, newer)
    world.act(Kind.COMPLETED, world.petra, step="S08")
    _settle(world, registry)
    assert _row(world).finished is not None
    assert _row(world).reason.startswith("success_case is now 9.9")
    world.clock.on(minutes=16)
    _settle(world, newer)
    with world.sessions.read() as session:
        found = results.person_results(session, world.tenant.id, world.run.id, world.petra.account)
    assert found["success_case"].result.version == "9.9"


def test_stopping_anywhere_and_starting_again_computes_everybody(world: World, registry: Registry):
    _join(world, 12)
    _settle(world, registry)
    places, stopped = 0, True
    while stopped:
        places += 1
        world.clock.on(minutes=2)
        _ask(world)
        asked = world.clock()
        stopped = _stop_at(world, registry, places)
        world.clock.on(seconds=LEASE.total_seconds() + 1)
        _settle(world, registry)
        assert _row(world).finished is not None
        assert min(_computed(world).values()) >= asked
        with world.sessions.read() as session:
            assert not session.scalar(select(func.count()).select_from(Due).where(Due.renew.is_not(None)))
    assert places > 8, "a stop can show in more places than that"


def _stop_at(world: World, registry: Registry, places: int) -> bool:
    sessions = StoppingSessions(world.sessions.engine, Fuse(places))
    try:
        while evaluate_due(sessions, registry, world.clock()):
            pass
    except Stopped:
        return True
    return False


def test_a_journey_that_cannot_be_read_any_more_stops_neither_the_others_nor_the_look(world: World, registry: Registry):
    _settle(world, registry)
    with world.sessions.write() as session:
        row = session.get_one(type(world.run.journey_row), world.run.journey_row.id)
        row.source = "journey: [this is: broken"
    _ask(world)
    assert recompute.look(world.sessions, registry, world.clock()) == 0
    for _ in range(5):
        evaluate_due(world.sessions, registry, world.clock())
        world.clock.on(seconds=1)
    assert _computed(world)
