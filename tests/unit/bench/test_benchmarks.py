"""The benchmarks run, on very little, and their arithmetic holds. What they measure is not asserted anywhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from bench import delivering, evaluating, gradebook, lives, reading, recording, storing
from bench.__main__ import line
from bench.copying import Original, ids_in
from bench.growing import grow
from bench.measuring import Aim, Comparison, compare_costs, compare_rates

ONE, OTHER = "0b4f3f0c-3a5e-4c57-9c53-6f4d0c1f7a01", "0b4f3f0c-3a5e-4c57-9c53-6f4d0c1f7a02"


def test_ours_and_theirs_take_turns_after_a_warm_up() -> None:
    """A burst of work elsewhere on the machine then meets both."""
    turns: list[str] = []

    def work(name: str, seconds: float) -> float:
        turns.append(name)
        return seconds

    compared = compare_rates("x", "y", "things", 10, lambda: work("a", 2.0), lambda: work("b", 1.0), rounds=2)
    assert turns == ["a", "b"] * 3
    assert (compared.ours, compared.theirs, compared.ratios) == (5.0, 10.0, (0.5, 0.5))


def test_a_cost_is_ours_to_theirs() -> None:
    """Three times as slow is 3, in milliseconds for each."""
    compared = compare_costs("x", "y", 10, lambda: 3.0, lambda: 1.0, rounds=3, aim=Aim(3, at_least=False))
    assert (compared.ours, compared.ratio, compared.met) == (300.0, 3.0, True)


def test_an_aim_that_is_missed_is_said_to_be_missed() -> None:
    """The table hides nothing."""
    compared = Comparison("x", "y", "ms", 1.0, 2.0, (0.4, 0.5, 0.9), Aim(1, at_least=True))
    assert compared.met is False
    assert line(compared).endswith("| **0.50** (0.40 - 0.90) | at least 1 | no |")


def test_a_copy_has_other_ids_in_the_same_places() -> None:
    """And the same ones again for the same number."""
    original = Original(f"{ONE} met {OTHER}, {ONE} stayed", kept=[OTHER])
    text, ids = original.copy(1)
    assert text == f"{ids[ONE]} met {OTHER}, {ids[ONE]} stayed"
    assert ids[ONE] != ONE
    assert original.copy(1)[0] == text != original.copy(2)[0]


def test_a_run_has_as_many_participants_as_were_asked_for() -> None:
    """Also where that is no multiple of the cohort; the statements of those left out are left out too."""
    cohort, statements = lives.run_of(30, lives.events(5))
    registrations = {person.registration for person in cohort.participants}
    assert len(registrations) == 30
    named = {one["context"].get("registration") for one in map(orjson.loads, statements)}
    assert named - {None} <= registrations
    assert ids_in(statements[0])


def test_a_record_that_has_grown_has_copies_with_people_of_their_own(tmp_path: Path) -> None:
    """Under other ids, found by as many verbs as before, and each person by as few statements."""
    path = tmp_path / "record.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE statement (stored, tenant_id, id, refers_to, voids, voided, body);"
            "CREATE TABLE statement_term (term BLOB, stored, PRIMARY KEY (term, stored)) WITHOUT ROWID;"
        )
        for number in range(300):
            row = (number, "t", f"{number:036}", None, 0, 0, f'{{"id":"{number:036}"}}')
            database.execute("INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            terms = [(b"v" * 16, number), (f"person{number // 10:010}".encode(), number)]
            database.executemany("INSERT INTO statement_term VALUES (?, ?)", terms)
        database.commit()
    assert grow(path, 3) == 900
    with closing(sqlite3.connect(path)) as database:
        counts = dict(database.execute("SELECT term, count(*) FROM statement_term GROUP BY term").fetchall())
        bodies = database.execute("SELECT id, body FROM statement").fetchall()
    assert counts.pop(b"v" * 16) == 900
    assert (len(counts), set(counts.values())) == (90, {10})
    assert len(set(bodies)) == 900
    assert all(body == f'{{"id":"{id_}"}}' for id_, body in bodies)


@pytest.mark.parametrize(
    ("benchmark", "sizes"),
    [
        (delivering, {"amount": 30, "acts": 2, "rounds": 1}),
        (evaluating, {"people": 24, "each": 5, "rounds": 1}),
        (gradebook, {"people_count": 12, "rounds": 1}),
        (reading, {"few": 200, "times": 2, "reads": 10, "rounds": 1}),
        (recording, {"few": 2, "times": 3, "each": 5, "acts": 1, "rounds": 1}),
        (storing, {"batch": 2, "batches": 1, "rounds": 1}),
    ],
)
def test_a_benchmark_runs(benchmark, sizes: dict[str, int], tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """From its set-up to its lines of the table."""
    compared = benchmark.measure(tmp_path, **sizes)
    assert compared
    assert all(one.ratio > 0 and line(one) for one in compared)


def test_the_benchmark_of_launches_runs(tmp_path: Path) -> None:
    """Where its peer is installed: `pip install '.[bench]'`."""
    pytest.importorskip("pylti1p3")
    from bench import launching

    compared = launching.measure(tmp_path, launches=2, rounds=1)
    assert all(one.ratio > 0 for one in compared)
