"""The tool with its real clients, an LMS that misbehaves on demand, and what has to hold in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from lrs_bridge.domain.scores import ActivityProgress
from lrs_bridge.flows.roster import sync_due
from lrs_bridge.flows.send import Sending, send_due
from lrs_bridge.lti.gradebook import AgsGradebook
from lrs_bridge.lti.roster import NrpsRoster
from lrs_bridge.store import relations, rosters, scores
from lrs_bridge.store.rosters import RosterSync
from lrs_bridge.store.scores import ScoreRow, ScoreState
from tests.fakes.platform import FakePlatform
from tests.flows.world import ISSUER, World

COLUMNS = ("journey_completion", "manager_engagement")
PEOPLE = ("petra", "jonas", "nina")
MEMBERS, GROUPS = f"{ISSUER}/courses/1/members", f"{ISSUER}/courses/1/groups"
MINUTE = timedelta(minutes=1)
ROUNDS = 12
ONE_DATABASE = pytest.mark.parametrize("sessions", ["sqlite"], indirect=True)
"""For long lists of what an LMS may say, which no database makes a difference to; a few of each run on both."""


def row(user: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"user_id": user, "roles": list(roles or ("Learner",)), "status": "Active", "name": user.title(), **more}


@dataclass
class Campus:
    """The tool with its real clients, the LMS, and the rest of the world, which nobody may write to."""

    world: World
    lms: FakePlatform
    strangers: FakePlatform
    gradebook: AgsGradebook
    roster: NrpsRoster
    enrolled: dict[str, str] = field(default_factory=dict)

    def want(self, given: float | None, *users: str, columns: tuple[str, ...] = COLUMNS) -> None:
        with self.world.sessions.write() as session:
            for user in users or PEOPLE:
                for column in columns:
                    scores.want(
                        session,
                        self.world.tenant.id,
                        self.world.run.id,
                        self.enrolled[user],
                        column,
                        column,
                        given,
                        100.0,
                        ActivityProgress.IN_PROGRESS,
                        self.world.clock(),
                    )

    def send(self, at_once: int = 3) -> None:
        send_due(Sending(self.world.sessions, self.gradebook, self.world.clock, lambda: 0.5, at_once))

    def days(self) -> None:
        """Time enough for every wait that is shorter than a day, or until nothing waits."""
        for _ in range(ROUNDS):
            self.send()
            self.world.clock.now += 10 * MINUTE
            with self.world.sessions.read() as session:
                if not scores.counts(session, self.world.tenant.id).get(ScoreState.WAITING):
                    return

    def score(self, user: str, column: str = COLUMNS[0]) -> ScoreRow:
        with self.world.sessions.read() as session:
            return session.get_one(ScoreRow, (self.enrolled[user], column))

    @property
    def shown(self) -> dict[tuple[str, str], float | None]:
        """What a teacher sees in the columns of this run: by indicator and person."""
        tags = {item["id"]: item["tag"] for item in self.lms.line_items}
        return {(tags[item], user): given for (item, user), given in self.lms.grades.items()}

    def fetch_people(self, ask: bool = True) -> RosterSync:
        with self.world.sessions.write() as session:
            if ask:
                rosters.ask_for(session, self.world.tenant.id, self.world.run.id, self.world.clock())
        sync_due(self.world.sessions, self.roster, self.world.clock, lambda: 0.5)
        with self.world.sessions.read() as session:
            found = rosters.sync_of(session, self.world.tenant.id, self.world.run.id)
        assert found is not None
        return found

    @property
    def inside(self) -> set[str]:
        with self.world.sessions.read() as session:
            return {sub for sub, _ in relations.enrolled_users(session, self.world.run, ISSUER)}

    def check(self, given: float | None = 50.0) -> None:
        """Everything is there, once; nothing went to strangers, or out of order, or in a form that erases."""
        assert self.shown == {(column, user): given for column in COLUMNS for user in PEOPLE}
        assert sorted(item["tag"] for item in self.lms.line_items) == sorted(COLUMNS)
        assert {self.score(user, column).state for user in PEOPLE for column in COLUMNS} == {ScoreState.POSTED}
        assert self.strangers.asked == []
        assert {sent["gradingProgress"] for _, sent in self.lms.scores} == {"FullyGraded"}
