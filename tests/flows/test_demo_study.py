"""The demo's run of half a year ago has a study from the model to the stories, and nobody's name in them."""

from __future__ import annotations

import pytest

from lrs_bridge.demo.earlier import DRAW_SEED, day_zero_before, write_earlier
from lrs_bridge.demo.told import NAMES
from lrs_bridge.domain.casework.factors import Source
from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import State, names_in
from lrs_bridge.domain.casework.study import Study
from lrs_bridge.flows import studying
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.hooks.registry import load
from lrs_bridge.store import people, runs
from lrs_bridge.store.engine import Sessions
from tests.flows.world import ISSUER, World, build

SECRET = "a secret of the tests"


@pytest.fixture
def world(sessions: Sessions) -> World:
    world = build(sessions)
    with sessions.write() as session:
        eva = people.ensure_person(session, world.tenant.id, ISSUER, "eva", world.clock(), name="Eva Lang")
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert run is not None
        write_earlier(session, load(), SECRET, world.platform_id, run, eva)
    return world


def study_of(world: World) -> Study:
    with world.sessions.read() as session:
        (run,) = [one for one in runs.all_runs(session, world.tenant.id) if one.id != world.run.id]
        assert run.day_zero == day_zero_before(world.run.day_zero)
        return studying.study_of(session, SECRET, load(), run, world.clock())


def test_the_study_is_whole(world: World) -> None:
    """Somebody is silent, somebody declined, a second source disagrees: not everything went well."""
    study = study_of(world)
    assert study.about.over
    assert (study.response.asked, study.response.answered) == (30, 24)
    assert study.board.counts == {Bucket.HIGH: 8, Bucket.MIDDLE: 9, Bucket.LOW: 7}
    assert study.seed == DRAW_SEED
    assert [one.instead_of is not None for one in study.sample].count(True) == 1
    assert len(study.interviews) == len(study.sample) == 14
    assert sum(study.verified(one) for one in study.interviews) == 5
    assert study.ranking.source is Source.INTERVIEWS
    assert study.ranking.gaps[0].factor == "manager_support"
    assert study.worth is not None
    assert study.worth.roi is not None
    assert study.worth.roi.point < 0 < study.worth.roi.high
    assert study.warnings == ()


def test_stories_of_success_and_of_failure_are_released_and_one_is_being_written(world: World) -> None:
    study = study_of(world)
    assert [story.from_high for story in study.outside.stories] == [True, True, False]
    assert [story.state for story in study.stories].count(State.DRAFT) == 1
    for story in study.stories:
        assert story.text
        assert names_in(f"{story.title}\n{story.text}", NAMES) == []


def test_small_areas_are_hidden_and_reports_say_so(world: World) -> None:
    """The west has four people."""
    study = study_of(world)
    hidden = {area.name for area in study.response.areas if area.why}
    assert "west" in hidden
    assert len(hidden) == 2
    assert len(study.notes) == 2


def test_the_run_has_no_columns_in_the_gradebook_of_the_lms(world: World) -> None:
    """Else a demo would begin with columns of people whom its LMS does not know."""
    with world.sessions.read() as session:
        (run,) = [one for one in runs.all_runs(session, world.tenant.id) if one.id != world.run.id]
        assert posted_indicators(run.journey, active_evaluators(session, load(), run)) == {}
        assert posted_indicators(run.journey, active_evaluators(session, load(), world.run))
