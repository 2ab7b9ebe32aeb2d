"""What a page asks of the database, counted on every page of the walk: the same in a run of any size."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import event

from bench import pages as bench_pages
from bench.touring import House, Tour
from bench.visiting import crowded
from lrs_bridge.store import enrolments

pytestmark = pytest.mark.xdist_group("browser")  # where the walk is

TEAMS = LEADERS = 2


@pytest.fixture(scope="module")
def houses(walk: tuple[Path, House, Tour], tmp_path_factory: pytest.TempPathFactory) -> list[House]:
    """One has twice as many managers and coaches as the other, and each of them twice as many people."""
    folder, house, _ = walk
    return [
        crowded(folder, house, tmp_path_factory.mktemp("crowd"), teams, leaders)
        for teams, leaders in ((1, 1), (TEAMS, LEADERS))
    ]


def test_no_page_asks_more_in_a_larger_run(walk: tuple[Path, House, Tour], houses: list[House]) -> None:
    """24 participants and 96: every guest's pages take as many queries in both."""
    pages = walk[2].pages()
    counts = {str(stop): [queries(house, stop.path) for house in houses] for stop in pages}
    assert {page: count for page, count in counts.items() if count[0] != count[1]} == {}
    assert len(counts) > 200


def test_there_are_that_many_more(houses: list[House]) -> None:
    """Otherwise the counts would say little."""
    few, many = map(participants, houses)
    assert many == TEAMS * LEADERS * few


def test_the_pages_can_be_timed(walk: tuple[Path, House, Tour], houses: list[House]) -> None:
    """What `python -m bench pages` does with all of them; how long it takes is asserted nowhere."""
    stops = walk[2].pages()[:3]
    taken = bench_pages.timed(houses[0], stops, rounds=2)
    assert [len(seconds) for seconds in taken.values()] == [2, 2, 2]
    _, worked, *_ = bench_pages.told(taken, people=24)
    assert worked.ours == max(1e3 * median(one.worked for one in seconds) for seconds in taken.values())


def queries(house: House, path: str) -> int:
    """The pages were opened in the walk, so whatever a first look notes is there already."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(house.bridge.engine, "before_cursor_execute", note)
    try:
        answer = house.client().get(path)
    finally:
        event.remove(house.bridge.engine, "before_cursor_execute", note)
    assert answer.status_code == 200, path
    return len(asked)


def participants(house: House) -> int:
    with house.bridge.sessions.read() as session:
        return len(enrolments.enrolments(session, house.tenant_id, house.people.run_id))
