"""`python -m bench.killing`: a worker is killed again and again while it delivers; each statement is to be there once.

The worker is a process of its own with the outbox, the client and the flow of the product; it is killed with SIGKILL at
moments drawn by lot, mostly in the middle of something. Its successor's clock is a lease ahead, so that what the dead
one had leased is due. The store speaks HTTP: by default the embedded one, served by gunicorn with two workers.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import orjson
import requests
from sqlalchemy import func, select

from bench import lives
from bench.serving import served
from lrs_bridge.flows.deliver import LEASE, deliver
from lrs_bridge.lrs.endpoint import Endpoint
from lrs_bridge.lrs.remote import RemoteRecordStore
from lrs_bridge.store import outbox, tenants
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.outbox import OutboxState, OutboxStatement
from lrs_bridge.store.tables import METADATA

LONGEST_PHASE = 0.02
"""Seconds: a kill comes up to that long after the moment that was drawn, so that it meets every phase of a batch."""

_LAST = 5
"""So many workers may end in peace: one that finds a line broken leaves the rest for the next."""

Store = tuple[str, str, str]
"""Endpoint, key and secret."""


@dataclass(frozen=True)
class Outcome:
    """`kills` that met a worker at work; `kept`: how often the store shows each id; `left`: what has not arrived."""

    kills: int
    kept: Counter[str]
    left: outbox.Waiting
    seconds: float


@dataclass(frozen=True)
class Trial:
    """An outbox at `database`, a store, and how much a worker sends at a time."""

    database: str
    store: Store
    batch: int = 25

    def sessions(self) -> Sessions:
        return Sessions(connect(self.database))

    def run(self, statements: list[dict[str, Any]], kills: int, seed: int = 1) -> Outcome:
        """Fill the outbox, kill so many workers, and let one finish."""
        began, random, sessions = time.perf_counter(), Random(seed), self.sessions()
        tenant_id = _fill(sessions, statements)
        span, done = 3 * len(statements) // (2 * (kills + 1)), 0
        for number in range(kills):
            done += self._kill_one(sessions, tenant_id, number, random.randrange(span + 1), random)
        for number in range(kills, kills + _LAST):
            with self._worker(tenant_id, number) as worker:
                worker.join()
            with sessions.read() as session:
                left = outbox.summary(session, tenant_id)
            if not left.waiting:
                break
        sessions.engine.dispose()
        return Outcome(done, self._kept(), left, time.perf_counter() - began)

    def _kill_one(self, sessions: Sessions, tenant_id: str, number: int, more: int, random: Random) -> bool:
        """Kill a worker when `more` statements have arrived, or a moment later; answers whether it was at work."""
        enough = _arrived(sessions) + more
        with self._worker(tenant_id, number) as worker:
            while worker.is_alive() and _arrived(sessions) < enough:
                time.sleep(0.001)
            time.sleep(random.uniform(0, LONGEST_PHASE))
            met = worker.is_alive()
            worker.kill()
            worker.join()
        return met

    @contextmanager
    def _worker(self, tenant_id: str, number: int) -> Iterator[Any]:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        here, there = context.Pipe()
        worker = context.Process(target=_work, args=(self, tenant_id, number, there), daemon=True)
        worker.start()
        here.recv()
        yield worker

    def client(self) -> RemoteRecordStore:
        http = requests.Session()
        http.trust_env = False
        return RemoteRecordStore(Endpoint(*self.store, http))

    def _kept(self) -> Counter[str]:
        """Every statement that the store shows, page by page."""
        client, kept = self.client(), Counter[str]()
        page = client.read(None)
        while True:
            kept.update(str(one["id"]) for one in page.statements)
            if page.more is None:
                return kept
            page = client.read(None, page.more)


def _work(trial: Trial, tenant_id: str, number: int, told: Connection) -> None:
    """Deliver until nothing is due, with a clock that is so many leases ahead."""
    logging.disable()
    sessions, client = trial.sessions(), trial.client()
    ahead = number * (LEASE + timedelta(seconds=1))
    told.send("at work")
    while deliver(sessions, client, tenant_id, datetime.now(UTC) + ahead, 0.0, trial.batch).claimed:
        """There may be more."""


def _fill(sessions: Sessions, statements: list[dict[str, Any]]) -> str:
    METADATA.create_all(sessions.engine)
    now = datetime.now(UTC)
    with sessions.write() as session:
        tenant_id = tenants.ensure_tenant(session, tenants.MAIN, lives.HOME, now).id
        for number, one in enumerate(statements, -len(statements)):
            outbox.put(session, tenant_id, one, now + timedelta(milliseconds=number))
    return tenant_id


def _arrived(sessions: Sessions) -> int:
    wanted = OutboxStatement.state == OutboxState.DELIVERED
    with sessions.read() as session:
        return session.scalar(select(func.count()).select_from(OutboxStatement).where(wanted)) or 0


def some_statements(number: int) -> list[dict[str, Any]]:
    texts = (text for texts, _ in lives.copies(lives.events(27)) for text in texts)
    return [orjson.loads(text) for text in islice(texts, number)]


def verdict(outcome: Outcome, statements: list[dict[str, Any]]) -> str | None:
    """What is wrong with an outcome; None where each statement is there once and nothing waits."""
    wanted = {one["id"] for one in statements}
    lost, twice = wanted - outcome.kept.keys(), [id_ for id_, times in outcome.kept.items() if times > 1]
    if lost or twice or outcome.left != outbox.Waiting() or outcome.kept.keys() - wanted:
        return f"{len(lost)} lost, {len(twice)} twice, left {outcome.left}, {len(outcome.kept)} kept"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.killing", description=__doc__)
    parser.add_argument("--statements", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="an empty database for the outbox; a SQLite file where none is given")
    asked = parser.parse_args()
    logging.getLogger("lrs_bridge").setLevel(logging.ERROR)
    statements = some_statements(asked.statements)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "server", workers=2) as (endpoint, key, secret):
        database = asked.database or f"sqlite:///{Path(folder) / 'outbox.db'}"
        outcome = Trial(database, (endpoint, key, secret)).run(statements, asked.kills, asked.seed)
    wrong = verdict(outcome, statements)
    print(f"{asked.statements} statements, {asked.kills} workers killed, {outcome.kills} of them at work")
    print(wrong or f"each statement is in the store once, nothing waits; {outcome.seconds:.0f} s")
    sys.exit(wrong is not None)


if __name__ == "__main__":
    main()
