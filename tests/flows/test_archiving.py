"""A run that is archived is out of the way, and loses nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lrs_bridge.domain.events import Kind
from lrs_bridge.flows import archiving, running
from lrs_bridge.flows.deliver import deliver
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.recompute import look
from lrs_bridge.flows.running import CannotRun, Who
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import results, rosters, runs, scores
from lrs_bridge.store.outbox import OutboxStatement
from lrs_bridge.store.results import Due
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.scores import ScoreRow, ScoreState
from lrs_bridge.store.statements import StatementRow
from tests.flows.world import World
from tests.plugins import installed


@pytest.fixture
def closed(world: World) -> World:
    """Petra did something; all of it has arrived, and the run is closed."""
    world.act(Kind.COMPLETED, world.petra, step="S08")
    world.clock.on(days=90)
    with world.sessions.write() as session:
        rosters.ask_for(session, world.tenant.id, world.run.id, world.clock())
        running.close(session, Who("Dario", world.clock()), run_of(session, world))
    settle(world)
    return world


def settle(world: World) -> None:
    """Everything is delivered, evaluated and posted."""
    deliver(world.sessions, record(world), world.tenant.id, world.clock(), 0.5)
    while evaluate_due(world.sessions, installed(), world.clock()):
        pass
    with world.sessions.write() as session:
        for row in session.scalars(select(ScoreRow)):
            row.state, row.next_at = ScoreState.POSTED, None


def record(world: World) -> EmbeddedRecordStore:
    return EmbeddedRecordStore(world.sessions, world.tenant.id, world.clock)


def run_of(session, world: World) -> RunRow:
    found = runs.get_run(session, world.tenant.id, world.run.id)
    assert found is not None
    return found


def archive(world: World) -> archiving.Archived:
    with world.sessions.write() as session:
        return archiving.archive(session, Who("Ada", world.clock()), run_of(session, world))


def rows(world: World, table) -> int:
    with world.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def values(world: World) -> dict[str, float | None]:
    with world.sessions.read() as session:
        found = results.person_results(session, world.tenant.id, world.run.id, world.petra.account)
        return {key: row.value for key, row in found.items()}


def test_what_works_all_day_has_nothing_of_an_archived_run(closed: World):
    """Neither due dates nor proofs of delivery, nor the run itself among those that are looked through."""
    delivered = rows(closed, OutboxStatement)
    gone = archive(closed)
    assert gone.delivered == delivered > 0
    assert gone.due >= 2
    assert rows(closed, OutboxStatement) == rows(closed, Due) == 0
    with closed.sessions.read() as session:
        assert runs.all_kept(session, closed.tenant.id) == runs.all_open(session, closed.tenant.id) == []
        assert rosters.platforms_due(session, closed.clock() + timedelta(days=2)) == []
        assert scores.counts(session, closed.tenant.id) == {}
    assert look(closed.sessions, installed(), closed.clock()) == 0


def test_statements_and_results_stay(closed: World):
    """The record and what was computed from it are what they were."""
    statements, before = rows(closed, StatementRow), values(closed)
    archive(closed)
    assert rows(closed, StatementRow) == statements > 0
    assert values(closed) == before
    assert before["journey_completion"] is not None


def test_an_open_run_is_not_archived(world: World):
    with pytest.raises(CannotRun, match="It is open"):
        archive(world)


def test_nothing_is_archived_while_something_is_on_its_way(closed: World):
    """A statement, an evaluation, a score: each is told with where to look."""
    closed.act(Kind.COMPLETED, closed.petra, step="S02")
    with pytest.raises(CannotRun, match="statements have not arrived"):
        archive(closed)
    deliver(closed.sessions, record(closed), closed.tenant.id, closed.clock(), 0.5)
    with pytest.raises(CannotRun, match="computed once more"):
        archive(closed)
    settle(closed)
    with closed.sessions.write() as session:
        session.scalars(select(ScoreRow)).first().state = ScoreState.REFUSED
    with pytest.raises(CannotRun, match="scores have not arrived"):
        archive(closed)
    settle(closed)
    archive(closed)


def test_a_run_that_is_opened_again_is_as_before(closed: World):
    """Its people are evaluated and fetched again."""
    archive(closed)
    closed.clock.on(minutes=1)
    with closed.sessions.write() as session:
        running.reopen(session, Who("Dario", closed.clock()), run_of(session, closed))
    with closed.sessions.read() as session:
        assert run_of(session, closed).archived is None
        assert rosters.platforms_due(session, closed.clock()) == [closed.platform_id]
    with closed.sessions.write() as session:
        session.scalars(select(results.ResultRow)).first().value = -1.0
    closed.clock.on(minutes=1)
    settle(closed)
    assert -1.0 not in values(closed).values()


def test_those_closed_long_ago_are_ready(closed: World):
    """Not those of yesterday, nor those that are archived already."""
    with closed.sessions.read() as session:
        who = Who("Ada", closed.clock() + timedelta(days=29))
        assert archiving.ready(session, closed.tenant.id, who, timedelta(days=30)) == []
        who = Who("Ada", closed.clock() + timedelta(days=31))
        assert [run.id for run in archiving.ready(session, closed.tenant.id, who, timedelta(days=30))] == [
            closed.run.id
        ]
    archive(closed)
    with closed.sessions.read() as session:
        assert archiving.ready(session, closed.tenant.id, who, timedelta(days=30)) == []
