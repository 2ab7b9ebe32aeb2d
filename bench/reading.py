"""Statements out of the embedded record store: one by its id, and filtered pages of a record a hundred times larger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from bench import lives
from bench.growing import grow
from bench.installation import installed
from bench.measuring import Aim, Comparison, Work, compare_costs
from bench.storing import credentials
from lrs_bridge.lrs import appending, intake
from lrs_bridge.lrs.asking import read_question
from lrs_bridge.store import statement_queries as queries
from lrs_bridge.web import create_app
from lrs_bridge.wiring import Bridge

BY_ID, SAME = Aim(3, at_least=False), Aim(1.25, at_least=False)
_SELECT = "SELECT stored, body FROM statement WHERE tenant_id = ? AND id = ? AND voided = 0"
_BATCH = 500


def measure(folder: Path, few: int = 10_000, times: int = 100, reads: int = 200, rounds: int = 7) -> list[Comparison]:
    """A record of `few` statements, and one `times` as large with the same at its end."""
    small, tenant_id = _filled(folder / "small", few)
    (folder / "large").mkdir()
    with closing(sqlite3.connect(folder / "small" / "lrs_bridge.db")) as database:
        database.execute("VACUUM INTO ?", (str(folder / "large" / "lrs_bridge.db"),))
    many = grow(folder / "large" / "lrs_bridge.db", times)
    large, _ = installed(folder / "large", lives.HOME, datetime.now(UTC))
    compared = _by_id(large, folder / "large", tenant_id, reads, rounds)
    for what, asked in _questions(small, tenant_id).items():
        ours, theirs = (_pages(bridge, tenant_id, asked, reads // 10) for bridge in (large, small))
        said = f"a page of 100 of {many:,} statements: {what}"
        compared.append(compare_costs(said, f"of {few:,}", reads // 10, ours, theirs, rounds, SAME))
    return compared


def _filled(folder: Path, wanted: int) -> tuple[Bridge, str]:
    bridge, tenant = installed(folder, lives.HOME, datetime.now(UTC))
    authority = {"objectType": "Agent", "account": {"homePage": lives.HOME, "name": "benchmark"}}
    writer = intake.Writer(tenant.id, authority, "benchmark")
    texts = (text for copied, _ in lives.copies(lives.events(27)) for text in copied)
    while batch := [orjson.loads(text) for text in islice(texts, min(_BATCH, wanted))]:
        prepared = intake.prepare_batch(batch, writer, "1.0.0")
        appending.write(bridge.sessions, tenant.id, prepared, lambda: datetime.now(UTC))
        wanted -= len(batch)
    return bridge, tenant.id


def _by_id(bridge: Bridge, folder: Path, tenant_id: str, reads: int, rounds: int) -> list[Comparison]:
    """Through the store's function, and through Flask; the peer is SQLite in the same process."""
    database = sqlite3.connect(folder / "lrs_bridge.db", isolation_level=None)
    chosen = "SELECT id FROM statement WHERE voided = 0 ORDER BY random() LIMIT ?"
    ids = [row[0] for row in database.execute(chosen, (reads,))]
    client, headers = create_app(bridge).test_client(), credentials(bridge, tenant_id)

    def through_http(id_: str) -> None:
        if client.get(f"/xapi/statements?statementId={id_}", headers=headers).status_code != 200:
            raise RuntimeError(id_)

    def nothing(_id: str) -> None:
        client.get("/health/live", headers=headers)

    def through_store(id_: str) -> None:
        with bridge.sessions.values() as glance:
            queries.find(glance, tenant_id, id_, voided=False)

    own = _each(ids, lambda id_: database.execute(_SELECT, (tenant_id, id_)).fetchone())
    peer = "the same row by sqlite3, connection and statement kept"
    return [
        compare_costs(what, peer, reads, _each(ids, ours), own, rounds, aim)
        for what, ours, aim in (
            ("a statement by its id, through Flask's test client", through_http, BY_ID),
            ("a statement by its id, through the store's function", through_store, BY_ID),
            ("nothing at all, through Flask's test client", nothing, None),
        )
    ]


def _each(ids: list[str], read: Callable[[str], object]) -> Work:
    def once() -> float:
        start = perf_counter()
        for id_ in ids:
            read(id_)
        return perf_counter() - start

    return once


def _questions(bridge: Bridge, tenant_id: str) -> dict[str, dict[str, str]]:
    """What is asked, as the parameters of a request, about what the last statements speak of."""
    with bridge.sessions.read() as session:
        found, _ = queries.page(session, tenant_id, queries.StatementFilter(), 100)
    statements = [orjson.loads(one.body) for one in found]
    one: dict[str, Any] = next(each for each in statements if "/steps/" in each["object"].get("id", ""))
    agent = json.dumps({"account": one["actor"]["account"]})
    run = one["context"]["contextActivities"]["grouping"][0]["id"]
    verb, activity = one["verb"]["id"], one["object"]["id"]
    return {
        "the newest": {},
        "of a verb": {"verb": verb},
        "of a person": {"agent": agent},
        "of a registration": {"registration": one["context"]["registration"]},
        "of a step": {"activity": activity},
        "of a run, broadly": {"activity": run, "related_activities": "true"},
        "of a step and a verb": {"activity": activity, "verb": verb},
        "of a person and a verb": {"agent": agent, "verb": verb},
        "since the hundredth from the end": {"since": statements[-1]["stored"], "ascending": "true"},
    }


def _pages(bridge: Bridge, tenant_id: str, asked: dict[str, str], reads: int) -> Work:
    wanted = read_question({name: [value] for name, value in asked.items()}).filter

    def once() -> float:
        start = perf_counter()
        for _ in range(reads):
            with bridge.sessions.read() as session:
                queries.page(session, tenant_id, wanted, 100)
        return perf_counter() - start

    return once
