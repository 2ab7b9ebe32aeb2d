"""A worker killed while it delivers: what it had in hand goes again, and the store holds each statement once.

The whole of it, fifty workers and 10,000 statements to the embedded store over HTTP, is `python -m bench.killing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from bench.killing import Trial, some_statements, verdict
from lrs_bridge.store.engine import connect
from tests.databases import DATABASES, POSTGRES
from tests.fakes.scripted_lrs import reset, scripted_lrs, store_and_say

KILLS = 4
NUMBER = 240


@contextmanager
def empty(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database that other processes can open, too."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'outbox.db'}"
        return
    assert POSTGRES
    schema, engine = f"k_{uuid4().hex}", connect(POSTGRES)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.mark.parametrize("kind", DATABASES)
def test_workers_are_killed_and_each_statement_is_there_once(kind: str, tmp_path: Path) -> None:
    """At moments drawn by lot, and with a line that breaks as well."""
    statements = some_statements(NUMBER)
    troubles = [None, store_and_say(500), None, None, reset(store=True)]
    with scripted_lrs(*troubles) as lrs, empty(kind, tmp_path) as database:
        outcome = Trial(database, (lrs.url, "key", "secret"), batch=10).run(statements, KILLS)
    assert verdict(outcome, statements) is None
    assert set(lrs.arrivals.values()) == {1}
    assert outcome.kills >= 1


def test_the_verdict_tells_what_was_lost_and_what_is_there_twice(tmp_path: Path) -> None:
    """Otherwise the trial above would prove nothing."""
    statements = some_statements(3)
    with scripted_lrs() as lrs, empty("sqlite", tmp_path) as database:
        outcome = Trial(database, (lrs.url, "key", "secret")).run(statements, 0)
    assert verdict(outcome, statements) is None
    outcome.kept[statements[0]["id"]] = 2
    assert str(verdict(outcome, statements)).startswith("0 lost, 1 twice")
    del outcome.kept[statements[0]["id"]]
    assert str(verdict(outcome, statements)).startswith("1 lost, 0 twice")
