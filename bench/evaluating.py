"""A whole run evaluated from its statements, against only reading and decoding the same statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert

from bench import lives
from bench.installation import installed
from bench.measuring import Aim, Comparison, compare_costs, timed
from lrs_bridge.domain.evaluation import evaluate_all
from lrs_bridge.store.statements import StatementRow, microseconds
from lrs_bridge.xapi.reading import read

AIM = Aim(3, at_least=False)


def measure(folder: Path, people: int = 1000, each: int = 60, rounds: int = 3) -> list[Comparison]:
    """All evaluators of the journey, and the groups. Both sides read the same rows by the same query, with orjson."""
    cohort, statements = lives.run_of(people, each)
    path = _stored(folder, statements)
    active, journey = lives.evaluators(), lives.journey()

    def evaluate() -> None:
        facts = (read(statement, cohort.home_page) for statement in _decoded(path))
        evaluation = evaluate_all(active, journey, cohort, facts, lives.NOON)
        assert not evaluation.failures

    def decode() -> None:
        for _ in _decoded(path):
            pass

    what = f"evaluating {people:,} participants with {each} statements each, from the stored statements"
    peer = "reading and decoding them: sqlite3 and orjson"
    return [compare_costs(what, peer, 1, timed(evaluate), timed(decode), rounds, AIM)]


def _stored(folder: Path, statements: list[str]) -> Path:
    bridge, tenant = installed(folder, lives.HOME, lives.NOON)
    first = microseconds(lives.NOON)
    row: dict[str, Any] = {"tenant_id": tenant.id, "refers_to": None, "voids": False, "voided": False}
    rows = [
        row | {"stored": first + number, "id": orjson.loads(text)["id"], "body": text}
        for number, text in enumerate(statements)
    ]
    with bridge.sessions.write() as session:
        session.execute(insert(StatementRow), rows)
    bridge.engine.dispose()
    return bridge.settings.data_dir / "lrs_bridge.db"


def _decoded(path: Path) -> Iterator[Any]:
    connection = sqlite3.connect(path)
    try:
        for (body,) in connection.execute("SELECT body FROM statement WHERE voided = 0 ORDER BY stored"):
            yield orjson.loads(body)
    finally:
        connection.close()
