"""Statements into the embedded record store over HTTP, against the same rows into SQLite and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def measure(folder: Path, batch: int = 100, batches: int = 10, rounds: int = 5) -> list[Comparison]:
    """Each round sends `batches` more; both databases grow alike, in WAL mode with full sync."""
    bodies = list(_bodies(batch, batches * (rounds + 1)))
    rows, empty = _rows_of(folder / "rows", bodies)
    amount, compared = batch * batches, []
    with _served(folder / "server") as send:
        ours, theirs = _sending(send, bodies, batches), _inserting(empty, folder / "peer-1.db", rows, batches)
        what = f"statements over HTTP to gunicorn with one worker, {batch} a request"
        compared.append(compare_rates(what, _PEER, "statements", amount, ours, theirs, rounds, AIM))
    ours = _sending(_in_process(folder / "client"), bodies, batches)
    theirs = _inserting(empty, folder / "peer-2.db", rows, batches)
    what = f"statements through Flask's test client, {batch} a request"
    compared.append(compare_rates(what, _PEER, "statements", amount, ours, theirs, rounds, AIM))
    return compared


def _bodies(batch: int, wanted: int) -> Iterator[bytes]:
    statements = (text for texts, _ in lives.copies(each=27) for text in texts)
    for _ in range(wanted):
        yield f"[{','.join(islice(statements, batch))}]".encode()


def _sending(send: Send, bodies: list[bytes], batches: int) -> Work:
    waiting = iter(bodies)

    def once() -> float:
        due = list(islice(waiting, batches))
        start = perf_counter()
        for body in due:
            send(body)
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
def _served(folder: Path) -> Iterator[Send]:
    """A connection to a gunicorn of its own that stays open."""
    with served(folder) as (endpoint, key, secret):
        connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=60)
        headers = _headers(key, secret)

        def send(body: bytes) -> None:
            connection.request("POST", "/xapi/statements", body, headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {told[:500]!r}")

        try:
            yield send
        finally:
            connection.close()


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
