"""From the outbox into a trivial record store on the same machine, against tincan's client with the same statements."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import Any

import orjson
import requests
from sqlalchemy import delete
from tincan import RemoteLRS, Statement

from bench import lives
from bench.installation import installed
from bench.measuring import Aim, Comparison, compare_costs, compare_rates, timed
from lrs_bridge.flows.deliver import BATCH, deliver_due
from lrs_bridge.store import outbox
from lrs_bridge.store.outbox import OutboxStatement
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.wiring import Bridge
from lrs_bridge.worker.deliveries import Deliveries, delivery_lanes

AIM = Aim(1, at_least=True)
_ALONE = 20
"""tincan sends a statement alone so many times more slowly that it gets this much less to do."""


class _Store(BaseHTTPRequestHandler):
    """Takes everything: reads the JSON, remembers the ids, answers them."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    ids: set[str] = set()  # noqa: RUF012

    def do_POST(self) -> None:
        batch = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ids = [one["id"] for one in batch]
        self.ids.update(ids)
        self._answer(200, orjson.dumps(ids))

    def do_PUT(self) -> None:
        self.ids.add(orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))["id"])
        self._answer(204, b"")

    def do_GET(self) -> None:
        about = self.path.endswith("/about")
        self._answer(200, orjson.dumps({"version": ["1.0.3"]} if about else len(self.ids)))

    def do_DELETE(self) -> None:
        self.ids.clear()
        self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _run(told: Connection) -> None:
    gc.disable()
    server = _Server(("127.0.0.1", 0), _Store)
    told.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def _store() -> Iterator[str]:
    """The store in a process of its own; answers its endpoint."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/xapi/"
    finally:
        process.terminate()
        process.join()


@dataclass(frozen=True)
class Outbox:
    """An installation whose record is that store, and what it has to deliver."""

    bridge: Bridge
    tenant: Tenant
    endpoint: str
    statements: Sequence[Any]

    def send(self, most: int | None = None) -> None:
        """What the client alone does: every statement gets its answer."""
        store, due = self.bridge.record_store(self.tenant.id), self.statements[:most]
        for first in range(0, len(due), BATCH):
            if not all(answer.arrived for answer in store.write(due[first : first + BATCH])):
                raise RuntimeError("a statement did not arrive")

    def deliver(self) -> float:
        """Everything waits, which is not timed; then everything is delivered: claimed, sent, settled."""
        self._forget()
        now = self.bridge.clock()
        with self.bridge.sessions.write() as session:
            for number, one in enumerate(self.statements, 1 - len(self.statements)):
                outbox.put(session, self.tenant.id, one, now + timedelta(milliseconds=number))
        start = perf_counter()
        store = self.bridge.record_store(self.tenant.id)
        done = deliver_due(self.bridge.sessions, store, self.tenant.id, self.bridge.clock, self.bridge.chance)
        seconds = perf_counter() - start
        self._check(done.arrived)
        return seconds

    def _forget(self) -> None:
        self.bridge.http.delete(self.endpoint)
        with self.bridge.sessions.write() as session:
            session.execute(delete(OutboxStatement))

    def _check(self, arrived: int) -> None:
        kept = self.bridge.http.get(self.endpoint + "kept").json()
        if not arrived == kept == len(self.statements):
            raise RuntimeError(f"of {len(self.statements)} statements {arrived} were delivered and {kept} kept")


def measure(folder: Path, amount: int = 10_000, acts: int = 20, rounds: int = 5) -> list[Comparison]:
    """The same statements of our own profile, some 1.2 kB each, by both; tincan's are authored before, untimed."""
    texts = islice((text for texts, _ in lives.copies(lives.events(27)) for text in texts), amount)
    statements = [orjson.loads(text) for text in texts]
    authored = [Statement(one) for one in statements]
    few = max(1, amount // _ALONE)
    gc.freeze()  # what the benchmark holds in its hands would be searched again and again, as garbage of either
    with _store() as endpoint:
        ours = _installed(folder, endpoint, statements)
        client = RemoteLRS(version="1.0.3", endpoint=endpoint, username="key", password="secret")
        by_list = timed(partial(_by_list, client, authored))
        one_by_one = timed(partial(_one_by_one, client, authored[:few]))
        return [
            compare_rates(
                f"{amount:,} statements by our client to a store that takes everything, {BATCH} a request",
                f"tincan 1.0.0, save_statements, {BATCH} a request",
                *("statements", amount, timed(ours.send), by_list, rounds, AIM),
            ),
            compare_rates(
                f"{few:,} statements by our client, {BATCH} a request",
                "tincan 1.0.0, save_statement, one a request",
                *("statements", few, timed(partial(ours.send, few)), one_by_one, rounds, AIM),
            ),
            compare_rates(
                f"{amount:,} statements from the outbox on a SQLite file: claimed, sent, settled",
                f"tincan 1.0.0, save_statements, {BATCH} a request, without an outbox",
                *("statements", amount, ours.deliver, by_list, rounds),
            ),
            _latency(ours, client, authored, acts, rounds),
        ]


def _installed(folder: Path, endpoint: str, statements: Sequence[Any]) -> Outbox:
    bridge, tenant = installed(folder, lives.HOME, datetime.now(UTC))
    settings = replace(bridge.settings, lrs_url=endpoint, lrs_key="key", lrs_secret="secret", allow_private=True)
    return Outbox(replace(bridge, settings=settings, http=_plain()), tenant, endpoint, statements)


def _plain() -> requests.Session:
    http = requests.Session()
    http.trust_env = False
    return http


def _by_list(client: RemoteLRS, statements: Sequence[Statement]) -> None:
    for first in range(0, len(statements), BATCH):
        if not client.save_statements(statements[first : first + BATCH]).success:
            raise RuntimeError("tincan's batch was not taken")


def _one_by_one(client: RemoteLRS, statements: Sequence[Statement]) -> None:
    for one in statements:
        if not client.save_statement(one).success:
            raise RuntimeError("tincan's statement was not taken")


def _latency(ours: Outbox, client: RemoteLRS, authored: Sequence[Statement], acts: int, rounds: int) -> Comparison:
    """From the commit of an act to the store's answer, with the worker's poke, one act after the other."""
    arrived = Event()
    store = ours.bridge.record_store(ours.tenant.id)
    write = store.write

    def note(batch: Sequence[Any]) -> Any:
        answers = write(batch)
        arrived.set()
        return answers

    def act_and_wait() -> float:
        ours._forget()
        lanes = delivery_lanes(ours.bridge, lambda: None)
        deliveries = Deliveries(lanes.look)
        deliveries.start()
        start = perf_counter()
        for one in ours.statements[:acts]:
            arrived.clear()
            with ours.bridge.sessions.write() as session:
                outbox.put(session, ours.tenant.id, one, ours.bridge.clock())
            deliveries.poke()
            arrived.wait()
        seconds = perf_counter() - start
        deliveries.stop()
        lanes.stop()
        return seconds

    store.write = note  # type: ignore[method-assign]
    what = "one act after another: committed, the worker poked, the store answered"
    peer = "tincan 1.0.0, save_statement: the caller waits for the store"
    alone = timed(partial(_one_by_one, client, authored[:acts]))
    try:
        return compare_costs(what, peer, acts, act_and_wait, alone, rounds)
    finally:
        del store.write  # type: ignore[method-assign]
