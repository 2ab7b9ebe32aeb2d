"""A whole run evaluated from its statements, and from its facts, against only reading and decoding the statements."""

from __future__ import annotations

import gc
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import orjson
from sqlalchemy import insert

from bench import eleven, lives
from bench.installation import installed
from bench.measuring import Aim, Comparison
from lrs_bridge.domain.evaluation import evaluate_all, evaluate_groups, evaluate_person
from lrs_bridge.domain.facts import settle
from lrs_bridge.domain.indicators import Result
from lrs_bridge.domain.people import Cohort
from lrs_bridge.domain.scope import facts_of
from lrs_bridge.domain.shared import share
from lrs_bridge.store import facts as kept_facts
from lrs_bridge.store.statements import StatementRow, microseconds, moment_text
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.wiring import Bridge
from lrs_bridge.xapi.decoding import Reader

AIM = Aim(3, at_least=False)
PEER = "reading and decoding them: sqlite3 and orjson"
_AT_ONCE = 10_000
Took = tuple[float, float]
"""Seconds, and seconds of a processor."""


def measure(folder: Path, people: int = 10_000, each: int = 60, rounds: int = 3) -> list[Comparison]:
    """All eleven indicators of everybody, their leaders, the areas and the run. Both sides read the same rows by the
    same query. Processor time stands beside the time that passed, since others work on the machine."""
    cohort, statements = lives.run_of(people, eleven.events(each))
    path = _stored(folder / "record", statements)
    few = max(1, people // 10)
    some, theirs = lives.run_of(few, eleven.events(each))
    part = _stored(folder / "part", theirs)
    bridge, tenant = _kept(folder / "facts", theirs)
    del statements, theirs
    _say_memory(path, cohort)
    size = f"participants with {each} statements each"
    return [
        *_compared(
            f"all eleven indicators of {people:,} {size}, from the stored statements",
            lambda: evaluate_stored(path, cohort),
            lambda: _decode(path),
            rounds,
            AIM,
        ),
        *_compared(
            f"all eleven indicators of {few:,} {size}, from the table of facts, person by person",
            lambda: evaluate_kept(bridge, tenant, some),
            lambda: _decode(part),
            rounds,
        ),
    ]


def evaluate_stored(path: Path, cohort: Cohort) -> None:
    """What `lrs-bridge evaluate` does between opening its files and printing."""
    reader = Reader(cohort.home_page)
    facts = (reader.read(text) for text in _texts(path))
    evaluation = evaluate_all(eleven.evaluators(), eleven.journey(), cohort, facts, lives.NOON)
    assert not evaluation.failures
    assert len({result.indicator for result in evaluation.results}) == 11


def evaluate_kept(bridge: Bridge, tenant: Tenant, cohort: Cohort) -> None:
    """What computing a run again does, but for who takes part, which is known here, and for keeping the results."""
    active, journey, now = eleven.evaluators(), eleven.journey(), lives.NOON
    results: list[Result] = []
    with bridge.sessions.read() as session:
        for person in cohort.participants:
            names = (person.account, *person.identities)
            known = kept_facts.facts_of(session, tenant.id, person.registration or "", names)
            own = facts_of(person, journey, settle(known, now))
            results += evaluate_person(active, journey, cohort, person, own, now).results
        answers = kept_facts.facts_where(session, kept_facts.FactRow.registration.is_(None))
    shared = share(active, journey, cohort, settle(answers, now))
    assert not evaluate_groups(active, journey, cohort, results, now, shared).failures


def _decode(path: Path) -> None:
    for text in _texts(path):
        orjson.loads(text)


def _compared(
    what: str, ours: Callable[[], None], theirs: Callable[[], None], rounds: int, aim: Aim | None = None
) -> list[Comparison]:
    """Two lines of the same rounds, in turns after a first one that warms up: time, and processor time."""
    _took(ours), _took(theirs)
    both = [(_took(ours), _took(theirs)) for _ in range(rounds)]
    lines = []
    for place, name in enumerate((what, f"{what}: processor time")):
        mine, other = [one[place] for one, _ in both], [one[place] for _, one in both]
        ratios = tuple(a / b for a, b in zip(mine, other, strict=True))
        lines.append(Comparison(name, PEER, "ms", 1e3 * median(mine), 1e3 * median(other), ratios, aim))
    return lines


def _took(work: Callable[[], None]) -> Took:
    gc.collect()
    start, worked = perf_counter(), process_time()
    work()
    return perf_counter() - start, process_time() - worked


def _say_memory(path: Path, cohort: Cohort) -> None:
    """To stderr, that of a process of its own: what it needs before, and at most while it evaluates. Linux only."""
    if not Path("/proc/self/status").exists():
        return
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        before, peak = pool.submit(_memory, path, cohort).result()
    print(f"evaluating {len(cohort.participants):,}: {peak} MB at most, {before} MB of them before", file=sys.stderr)


def _memory(path: Path, cohort: Cohort) -> tuple[int, int]:
    eleven.evaluators()
    before = _most()
    evaluate_stored(path, cohort)
    return before, _most()


def _most() -> int:
    """The most memory that this process has had, in MB. (`ru_maxrss` would count that of the one that started it.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def _stored(folder: Path, statements: list[str]) -> Path:
    """A record as the embedded store keeps it, with what it sets in each statement."""
    bridge, tenant = installed(folder, lives.HOME, lives.NOON)
    first = microseconds(lives.NOON)
    account = {"homePage": lives.HOME, "name": "lrs-bridge"}
    authority = orjson.dumps({"objectType": "Agent", "account": account}).decode()
    row: dict[str, Any] = {"tenant_id": tenant.id, "refers_to": None, "voids": False, "voided": False}
    for start in range(0, len(statements), _AT_ONCE):
        some = enumerate(statements[start : start + _AT_ONCE], start=first + start)
        rows = [
            row
            | {
                "stored": place,
                "id": orjson.loads(text)["id"],
                "body": f'{{"stored":"{moment_text(place)}",{text[1:-1]},"version":"1.0.3","authority":{authority}}}',
            }
            for place, text in some
        ]
        with bridge.sessions.write() as session:
            session.execute(insert(StatementRow), rows)
    bridge.engine.dispose()
    return bridge.settings.data_dir / "lrs_bridge.db"


def _kept(folder: Path, statements: list[str]) -> tuple[Bridge, Tenant]:
    """The facts of these statements, as taking them in leaves them."""
    bridge, tenant = installed(folder, lives.HOME, lives.NOON)
    reader = Reader(lives.HOME)
    for start in range(0, len(statements), _AT_ONCE):
        facts = [reader.read(text) for text in statements[start : start + _AT_ONCE]]
        with bridge.sessions.write() as session:
            kept_facts.add(session, tenant.id, facts)
    return bridge, tenant


def _texts(path: Path) -> Iterator[str]:
    connection = sqlite3.connect(path)
    try:
        for (body,) in connection.execute("SELECT body FROM statement WHERE voided = 0 ORDER BY stored"):
            yield body
    finally:
        connection.close()
