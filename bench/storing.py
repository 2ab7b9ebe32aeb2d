"""Statements into the embedded record store over HTTP, against the same rows into SQLite and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from bench import lives
from bench.installation import installed
from bench.measuring import Aim, Comparison, Work, compare_rates
from bench.serving import served
from lrs_bridge.store.lrs_keys import ALL, add_key
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge

AIM = Aim(0.5, at_least=True)
_PEER = "the same rows and indexes by sqlite3's executemany, one transaction a batch"

Send = Callable[[bytes], None]


@dataclass(frozen=True)
class Rows:
    """What one batch leaves in the tables `statement` and `statement_term`."""

    statements: list[tuple[object, ...]]
    terms: list[tuple[object, ...]]


def measure(folder: Path, batch: int = 100, batches: int = 20, rounds: int = 5) -> list[Comparison]:
    """Each round sends `batches` more; both databases grow alike, in WAL mode with full sync."""
    bodies = list(_bodies(batch, batches * (rounds + 1)))
    rows, empty = _rows_of(folder / "rows", bodies)
    amount, compared = batch * batches, []
    for senders, workers, said, aim in (
        (4, 2, "from four senders to gunicorn with a worker for each core", AIM),
        (1, 1, "from one sender to gunicorn with one worker", None),
    ):
        with _served(folder / f"server-{senders}", workers, senders) as sends:
            ours = _sending(sends, bodies, batches)
            theirs = _inserting(empty, folder / f"peer-{senders}.db", rows, batches)
            what = f"statements over HTTP {said}, {batch} a request"
            compared.append(compare_rates(what, _PEER, "statements", amount, ours, theirs, rounds, aim))
    ours = _sending([_in_process(folder / "client")], bodies, batches)
    theirs = _inserting(empty, folder / "peer-0.db", rows, batches)
    what = f"statements through Flask's test client, {batch} a request"
    compared.append(compare_rates(what, _PEER, "statements", amount, ours, theirs, rounds))
    return compared


def _bodies(batch: int, wanted: int) -> Iterator[bytes]:
    statements = (text for texts, _ in lives.copies(lives.events(27)) for text in texts)
    for _ in range(wanted):
        yield f"[{','.join(islice(statements, batch))}]".encode()


def _sending(sends: Sequence[Send], bodies: list[bytes], batches: int) -> Work:
    """Each sender takes its share of the bodies, one request after another."""
    waiting = iter(bodies)

    def share(number: int, due: list[bytes]) -> None:
        for body in due[number :: len(sends)]:
            sends[number](body)

    def once() -> float:
        due = list(islice(waiting, batches))
        with ThreadPoolExecutor(len(sends)) as senders:
            start = perf_counter()
            for done in [senders.submit(share, number, due) for number in range(len(sends))]:
                done.result()
            return perf_counter() - start

    return once


def _inserting(emptied: Path, copy: Path, rows: list[Rows], batches: int) -> Work:
    shutil.copy(emptied, copy)
    database = sqlite3.connect(copy, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        database.execute(f"PRAGMA {pragma}")
    waiting = iter(rows)

    def once() -> float:
        due = list(islice(waiting, batches))
        start = perf_counter()
        for batch in due:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?, ?)", batch.statements)
            database.executemany("INSERT INTO statement_term VALUES (?, ?)", batch.terms)
            database.execute("COMMIT")
        return perf_counter() - start

    return once


def _rows_of(folder: Path, bodies: list[bytes]) -> tuple[list[Rows], Path]:
    """What the bodies become in our tables, and a database file like ours without any statement."""
    send, path = _in_process(folder), folder / "lrs_bridge.db"
    for body in bodies:
        send(body)
    database = sqlite3.connect(path, isolation_level=None)
    statements = database.execute("SELECT * FROM statement ORDER BY stored").fetchall()
    terms: dict[object, list[tuple[object, ...]]] = {}
    for term in database.execute("SELECT term, stored FROM statement_term ORDER BY term, stored"):
        terms.setdefault(term[1], []).append(term)
    size = len(statements) // len(bodies)
    groups = [statements[first : first + size] for first in range(0, len(statements), size)]
    rows = [Rows(group, sorted(term for row in group for term in terms[row[0]])) for group in groups]
    empty = folder / "empty.db"
    database.execute("VACUUM INTO ?", (str(empty),))
    database.close()
    with sqlite3.connect(empty) as copy:
        copy.execute("DELETE FROM statement_term")
        copy.execute("DELETE FROM statement")
    copy.close()
    return rows, empty


def _in_process(folder: Path) -> Send:
    bridge, tenant = installed(folder, lives.HOME, datetime.now(UTC))
    headers = credentials(bridge, tenant.id)
    client = create_app(bridge).test_client()

    def send(body: bytes) -> None:
        answer = client.post("/xapi/statements", data=body, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status}: {answer.text[:500]}")

    return send


@contextmanager
def _served(folder: Path, workers: int, senders: int) -> Iterator[list[Send]]:
    """Connections to a gunicorn of its own that stay open."""
    with served(folder, workers) as (endpoint, key, secret), ExitStack() as opened:
        sends = []
        for _ in range(senders):
            connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
            opened.callback(connection.close)
            sends.append(_over(connection, _headers(key, secret)))
        yield sends


def _over(connection: HTTPConnection, headers: dict[str, str]) -> Send:
    def send(body: bytes) -> None:
        connection.request("POST", "/xapi/statements", body, headers)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {told[:500]!r}")

    return send


def credentials(bridge: Bridge, tenant_id: str) -> dict[str, str]:
    """The headers of a new key with every scope."""
    with bridge.sessions.write() as session:
        row, secret = add_key(session, tenant_id, "benchmark", [ALL], bridge.settings.secret_key, bridge.clock())
    return _headers(row.key, secret)


def _headers(key: str, secret: str) -> dict[str, str]:
    return {
        "Authorization": f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}",
        "Content-Type": "application/json",
        "X-Experience-API-Version": "1.0.3",
    }
