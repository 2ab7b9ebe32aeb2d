"""One new statement, recorded and evaluated, in a run of many against the same in a run of few."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import orjson
from sqlalchemy import update
from sqlalchemy.orm import Session

from bench import lives
from bench.copying import Original, ids_in
from bench.installation import installed
from bench.measuring import Aim, Comparison, compare_costs
from lrs_bridge import journeyfile
from lrs_bridge.domain.events import Event, Kind, Score
from lrs_bridge.domain.people import Cohort, Person, Role
from lrs_bridge.flows.evaluate import GROUPS_WAIT, evaluate_due
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, journeys, people, platforms, runs
from lrs_bridge.store.outbox import OutboxState, OutboxStatement
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.wiring import Bridge

SAME = Aim(1.25, at_least=False)
ISSUER = "https://lms.example"
_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_OF_THE_RUN = ("tenant", "platform", "deployment", "journey", "course", "run", "line_item")


Account = tuple[str, str]
"""An account name and the registration that belongs to it."""


@dataclass
class Lived:
    """A run in a database of its own, with everybody's history in it; `turn` says whose act is next."""

    bridge: Bridge
    tenant: Tenant
    run_id: str
    participants: list[Account]
    turn: Iterator[int] = field(default_factory=count)

    def act_and_evaluate(self, times: int) -> float:
        """Seconds to record an application and evaluate its participant, this many times."""
        events = [self._application() for _ in range(times)]
        start = perf_counter()
        for event in events:
            with self.bridge.sessions.write() as session:
                assert record(session, self.tenant, event, lives.NOON)
            assert evaluate_due(self.bridge.sessions, self.bridge.registry, lives.NOON) == 1
        return perf_counter() - start

    def evaluate_groups(self) -> float:
        """Seconds to compute managers, sponsors, areas and the run anew."""
        self.act_and_evaluate(1)
        start = perf_counter()
        assert evaluate_due(self.bridge.sessions, self.bridge.registry, lives.NOON + GROUPS_WAIT, limit=1) == 1
        return perf_counter() - start

    def _application(self) -> Event:
        account, registration = self.participants[next(self.turn) * 7919 % len(self.participants)]
        return Event(
            id=uuid4(),
            kind=Kind.APPLIED,
            at=lives.NOON - timedelta(hours=1),
            actor=account,
            role=Role.PARTICIPANT,
            run=self.run_id,
            journey=lives.JOURNEY,
            version=lives.journey().version,
            registration=registration,
            step="S23",
            step_type="mtm_application",
            moment="M1",
            recorded=lives.NOON,
            score=Score(3, 0, 4),
            data={"behaviours": lives.journey().moment_by_id["M1"].behaviours[:1]},
        )


def measure(
    folder: Path, few: int = 10, times: int = 1000, each: int = 20, acts: int = 20, rounds: int = 7
) -> list[Comparison]:
    """A run of `few` participants, and one `times` as large whose people did the same."""
    small = _lived(folder / "few", few, each)
    large = _multiplied(small, folder / "many", times)
    many = f"{few * times:,}"
    one = compare_costs(
        f"one new statement: recorded, its participant evaluated, in a run of {many}",
        f"the same in a run of {few}",
        acts,
        lambda: large.act_and_evaluate(acts),
        lambda: small.act_and_evaluate(acts),
        rounds,
        SAME,
    )
    groups = compare_costs(
        f"managers, areas and the whole of a run of {many}: seconds later, once for all acts since",
        f"the same in a run of {few}",
        1,
        large.evaluate_groups,
        small.evaluate_groups,
        max(1, rounds // 3),
    )
    return [one, groups]


def _lived(folder: Path, few: int, each: int) -> Lived:
    """Everything in it was written by the flows themselves."""
    bridge, tenant = installed(folder, lives.HOME, lives.NOON)
    cohort = lives.first_cohort()
    chosen = {person.registration for person in cohort.participants[:few]}
    with bridge.sessions.write() as session:
        run = _run(session, tenant, cohort)
        _enrol(session, run, cohort, [p for p in cohort.people if p.registration is None or p.registration in chosen])
        for event in lives.events(each):
            if event.registration in chosen:
                record(session, tenant, event, lives.NOON)
        session.execute(update(OutboxStatement).values(state=OutboxState.DELIVERED, body=None))
    while evaluate_due(bridge.sessions, bridge.registry, lives.NOON):
        pass
    participants = [(p.account, p.registration or "") for p in cohort.participants[:few]]
    return Lived(bridge, tenant, cohort.run.id, participants)


def _run(session: Session, tenant: Tenant, cohort: Cohort) -> RunRow:
    platform = platforms.add_platform(
        session,
        tenant_id=tenant.id,
        name="The LMS",
        issuer=ISSUER,
        client_id="tool",
        auth_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
        jwks_url=f"{ISSUER}/jwks",
        now=lives.NOON,
    )
    course = runs.ensure_course(session, tenant.id, platform.id, "1", "course-1")
    course.lineitems_url = f"{ISSUER}/lineitems"
    source = journeyfile.sample_text(lives.JOURNEY)
    journey = journeys.install(session, tenant.id, source, lives.JOURNEY, lives.NOON)
    run = cohort.run
    return runs.add_run(session, course, journey, run.day_zero, run.time_zone, lives.NOON, run.id)


def _enrol(session: Session, run: RunRow, cohort: Cohort, members: list[Person]) -> None:
    known = {
        member.account: people.ensure_person(
            session, run.tenant_id, ISSUER, member.account, lives.NOON, account=member.account
        )
        for member in members
    }
    for member in members:
        person = known[member.account]
        if member.registration and member.enrolled:
            enrolments.enrol(
                session, run.tenant_id, run.id, person.id, member.enrolled, member.area, member.registration
            )
        groups = ((Role.MANAGER, member.managers), (Role.COACH, member.coaches), (Role.SPONSOR, member.sponsors))
        for kind, relations in groups:
            for one in relations:
                other = known[one.account].id
                enrolments.relate(session, run.tenant_id, run.id, person.id, other, kind, "bench", one.start, one.end)


def _multiplied(small: Lived, folder: Path, times: int) -> Lived:
    """The same database with all its people `times` over, under ids of their own."""
    bridge, _ = installed(folder, lives.HOME, lives.NOON)
    bridge.engine.dispose()
    small.bridge.engine.dispose()
    path = folder / "lrs_bridge.db"
    shutil.copy(small.bridge.settings.data_dir / "lrs_bridge.db", path)
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
        database.execute(f"PRAGMA {pragma}")
    indexes = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    participants = _copy_people(database, small.participants, times)
    for _, sql in indexes:
        database.execute(sql)
    database.execute("PRAGMA journal_mode = WAL")
    database.close()
    return Lived(bridge, small.tenant, small.run_id, participants)


def _copy_people(database: sqlite3.Connection, participants: list[Account], times: int) -> list[tuple[str, str]]:
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    kept = ids_in(orjson.dumps([rows.pop(name) for name in _OF_THE_RUN]).decode())
    original = Original(orjson.dumps([participants, rows]).decode(), kept)
    everybody = list(participants)
    database.execute("BEGIN")
    for number in range(1, times):
        more, copied = orjson.loads(original.copy(number)[0])
        everybody += more
        for name, values in copied.items():
            if values:
                marks = ",".join("?" * len(values[0]))
                database.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", values)
    database.execute("COMMIT")
    return everybody
