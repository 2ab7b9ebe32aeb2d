"""What is written down about scores that have arrived, also where it is about nobody any more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, event

from lrs_bridge.domain.scores import ActivityProgress, Score
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.store import scores
from lrs_bridge.store.scores import ScoreRow, ScoreState
from tests.fakes.gradebook import FakeGradebook
from tests.flows.world import World

KEYS = [f"indicator_{number}" for number in range(8)]


def _want_all(world: World, given: float) -> None:
    person = world.tenant.id, world.run.id, world.enrolment.id
    with world.sessions.write() as session:
        for key in KEYS:
            scores.want(session, *person, key, key, given, 100.0, ActivityProgress.IN_PROGRESS, world.clock())


def _states(world: World) -> dict[str, str]:
    with world.sessions.read() as session:
        return {row.indicator: row.state for row in scores.scores_of_run(session, world.tenant.id, world.run.id)}


def test_however_many_scores_have_arrived_they_are_read_at_once(world: World) -> None:
    """Each with what is wanted of it by then."""
    _want_all(world, 50.0)
    asked: list[str] = []

    def remember(_conn: Any, _cursor: Any, statement: str, *_: object) -> None:
        asked.append(statement)

    with world.sessions.write() as session:
        claimed = scores.scores_of_run(session, world.tenant.id, world.run.id)
    _want_all(world, 60.0)
    event.listen(world.sessions.engine, "before_cursor_execute", remember)
    with world.sessions.write() as session:
        found = scores.current(session, claimed)
    event.remove(world.sessions.engine, "before_cursor_execute", remember)
    assert len(asked) == 1
    assert {key: row.wanted for (_, key), row in found.items()} == dict.fromkeys(KEYS, 60.0)


class ErasingGradebook(FakeGradebook):
    """While the LMS takes its first score, somebody here erases that score."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.gone: str | None = None

    def send(self, platform_id: str, line_item_url: str, score: Score) -> None:
        super().send(platform_id, line_item_url, score)
        if self.gone is None:
            self.gone = self.columns[line_item_url].tag
            with self._world.sessions.write() as session:
                session.execute(delete(ScoreRow).where(ScoreRow.indicator == self.gone))


def test_a_score_that_was_erased_on_its_way_holds_up_no_other(world: World) -> None:
    """There is nothing to write down about it any more."""
    _want_all(world, 50.0)
    book = ErasingGradebook(world)
    assert send_due(Sending(world.sessions, book, world.clock, lambda: 0.5, at_once=1)) == len(KEYS)
    assert _states(world) == {key: ScoreState.POSTED for key in KEYS if key != book.gone}
