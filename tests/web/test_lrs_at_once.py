"""Many clients at once, on threads and in processes: order, completeness and honesty of what a follower is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from lrs_bridge.store import lrs_keys
from lrs_bridge.store.engine import Sessions
from tests.web.lrs import STATEMENTS, Client, Lrs
from tests.web.writers import Place, client_of, everything, writing


@pytest.fixture
def place(sessions: Sessions, tmp_path: Path) -> Place:
    """How another process finds the database of this test."""
    url = sessions.engine.url
    if sessions.engine.dialect.name == "postgresql":
        with sessions.read() as session:
            schema = session.scalar(text("SELECT current_schema()"))
        url = url.update_query_dict({"options": f"-csearch_path={schema}"})
    credentials = Lrs(sessions, tmp_path).client(lrs_keys.ALL).credentials
    assert credentials
    return Place(url.render_as_string(hide_password=False), credentials)


class Follower:
    """Reads by since and ascending, in pages, as whoever copies a record does."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.seen: list[tuple[str, str]] = []
        self.promises: list[tuple[datetime, frozenset[str]]] = []

    def look(self) -> None:
        """Everything since the last statement seen; what was promised at the beginning has to be among it."""
        since = f"&since={self.seen[-1][1]}" if self.seen else ""
        path, through = f"{STATEMENTS}?ascending=true&limit=7{since}", None
        while path:
            answer = self._client.send("GET", path)
            assert answer.status_code == 200, answer.text
            through = through or datetime.fromisoformat(answer.headers["X-Experience-API-Consistent-Through"])
            self.seen += [(one["id"], one["stored"]) for one in answer.get_json()["statements"]]
            path = answer.get_json()["more"]
        assert through
        self.promises.append((through, frozenset(id_ for id_, _ in self.seen)))


def test_a_follower_sees_every_statement_once_and_in_order_while_processes_write(
    sessions: Sessions, place: Place
) -> None:
    """No gap that is filled later, nothing twice, and what Consistent-Through covers is there already."""
    follower = Follower(client_of(sessions, place.credentials))
    with writing(place) as processes:
        while any(process.is_alive() for process in processes):
            follower.look()
    follower.look()
    assert [process.exitcode for process in processes] == [0] * len(processes)
    ids, stored = zip(*follower.seen, strict=True)
    assert list(stored) == sorted(set(stored))
    assert sorted(ids) == sorted(everything())
    for through, known in follower.promises:
        assert {id_ for id_, at in follower.seen if datetime.fromisoformat(at) <= through} <= known
