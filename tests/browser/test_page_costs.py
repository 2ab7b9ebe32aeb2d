"""What a page asks of the database, counted on every page of the walk: the same in a run of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bench.touring import House, Tour
from bench.visiting import crowded
from lrs_bridge.store import enrolments

pytestmark = pytest.mark.xdist_group("browser")

TIMES = 4


@pytest.fixture(scope="module")
def houses(walk: tuple[Path, House, Tour], tmp_path_factory: pytest.TempPathFactory) -> list[House]:
    """One with four times as many participants as the other, and so with four times as many for each who leads them."""
    folder, house, _ = walk
    return [crowded(folder, house, tmp_path_factory.mktemp("crowd"), times, leaders=False) for times in (1, TIMES)]


def test_no_page_asks_more_in_a_larger_run(walk: tuple[Path, House, Tour], houses: list[House]) -> None:
    """25 participants and 100, teams of four and of sixteen: every guest's pages take as many queries in both."""
    pages = walk[2].pages()
    counts = {str(stop): [queries(house, stop.path) for house in houses] for stop in pages}
    assert {page: count for page, count in counts.items() if count[0] != count[1]} == {}
    assert len(counts) > 200


def test_there_are_that_many_more(houses: list[House]) -> None:
    """Otherwise the counts would say little."""
    few, many = map(participants, houses)
    assert many == TIMES * few


def queries(house: House, path: str) -> int:
    """The second time, since the first may note that somebody looked."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    client = house.client()
    client.get(path)
    event.listen(house.bridge.engine, "before_cursor_execute", note)
    try:
        answer = client.get(path)
    finally:
        event.remove(house.bridge.engine, "before_cursor_execute", note)
    assert answer.status_code == 200, path
    return len(asked)


def participants(house: House) -> int:
    with house.bridge.sessions.read() as session:
        return len(enrolments.enrolments(session, house.tenant_id, house.people.run_id))
