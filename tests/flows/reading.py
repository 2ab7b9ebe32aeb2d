"""A record store that a world reads, round by round, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows.ingest import Source, ingest
from lrs_bridge.store import arrivals, cohorts, cursors, facts, unreadable
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.cursors import Cursor, Lap
from lrs_bridge.store.results import Due
from tests.fakes.record_store import FakeRecordStore
from tests.flows.world import World


@dataclass
class Reading:
    """`source` can be changed: how the store is read."""

    world: World
    store: FakeRecordStore = field(default_factory=FakeRecordStore)
    source: Source = field(init=False)

    def __post_init__(self) -> None:
        self.source = Source("https://lrs.example/xapi/", self.store)

    def change(self, **settings: Any) -> None:
        self.source = replace(self.source, **settings)

    def sent(self, *statements: dict[str, Any]) -> None:
        """Other systems wrote these into the store."""
        self.store.write(statements)

    def round(self) -> Arrived:
        """A second later, one round."""
        self.world.clock.on(seconds=1)
        return ingest(self.world.sessions, self.world.tenant, self.source, self.world.clock, 0.5).arrived

    def come(self, *statements: dict[str, Any]) -> Arrived:
        self.sent(*statements)
        return self.round()

    @property
    def facts(self) -> list[Fact]:
        """What counts for Petra."""
        world = self.world
        with world.sessions.read() as session:
            person = cohorts.cohort_of_one(session, world.run, world.enrolment).participants[0]
            names = (person.account, *person.identities)
            return facts.facts_of(session, world.tenant.id, world.enrolment.id, names)

    @property
    def kinds(self) -> list[Kind]:
        return [fact.kind for fact in self.facts]

    def cursor(self, lap: Lap = Lap.NEW) -> Cursor:
        with self.world.sessions.read() as session:
            return cursors.get_cursor(session, self.world.tenant.id, self.source.name, lap)

    @property
    def counted(self) -> Arrived:
        with self.world.sessions.read() as session:
            found = arrivals.counts_since(session, self.world.tenant.id, date(2026, 1, 1))
        return sum(found.values(), Arrived())

    @property
    def unreadable(self) -> dict[str, str]:
        """Reasons by id."""
        with self.world.sessions.read() as session:
            return {row.id: row.reason for row in unreadable.listed(session, self.world.tenant.id)}

    def nobody_is_due(self) -> None:
        with self.world.sessions.write() as session:
            for row in session.query(Due):
                row.at = None

    @property
    def due(self) -> dict[str, datetime]:
        """Who is to be evaluated, by enrolment or run."""
        with self.world.sessions.read() as session:
            return {row.subject: row.at for row in session.query(Due) if row.at is not None}
