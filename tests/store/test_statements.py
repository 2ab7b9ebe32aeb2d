"""The embedded record store: order, filters, pages, voiding, references, conflicts, many writers."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from lrs_bridge.lrs import appending, intake
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.lrs.problems import Conflict, Invalid
from lrs_bridge.store import statement_queries as queries
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.statement_queries import StatementFilter
from lrs_bridge.store.statement_references import LONGEST_CHAIN
from lrs_bridge.store.statement_terms import Kind, agent_value
from lrs_bridge.store.statements import moment_of
from lrs_bridge.store.tenants import ensure_tenant
from tests.fakes.clock import FakeClock
from tests.fakes.statements import DONE, HOME, about, agent, statement, uuid, voiding


class Record:
    """One tenant's record, as a test speaks to it."""

    def __init__(self, sessions: Sessions, name: str = "main") -> None:
        self.sessions = sessions
        self.clock = FakeClock()
        with sessions.write() as session:
            self.tenant = ensure_tenant(session, name, "https://tool.example.org", self.clock()).id
        self.writer = intake.Writer(self.tenant, agent("writer"), key=f"key of {name}")

    def add(self, *statements: dict[str, Any]) -> None:
        batch = intake.prepare_batch(statements, self.writer, "1.0.0")
        appending.write(self.sessions, self.tenant, batch, self.clock)

    def found(self, *terms: tuple[Kind, str], limit: int = 100, **bounds: Any) -> list[dict[str, Any]]:
        with self.sessions.read() as session:
            rows, _ = queries.page(session, self.tenant, StatementFilter(terms, **bounds), limit)
        return [orjson.loads(row.body) for row in rows]

    def ids(self, *terms: tuple[Kind, str], **bounds: Any) -> list[str]:
        return [one["id"] for one in self.found(*terms, ascending=True, **bounds)]

    def one(self, number: int, voided: bool = False) -> bool:
        with self.sessions.read() as session:
            return queries.find(session, self.tenant, uuid(number), voided) is not None


@pytest.fixture
def record(sessions: Sessions) -> Record:
    return Record(sessions)


def numbers(*wanted: int) -> list[str]:
    return [uuid(number) for number in wanted]


def _without_id(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != "id"}


def is_agent(name: str, broad: bool = False) -> tuple[Kind, str]:
    value = agent_value(agent(name))
    assert value
    return ("related_agent" if broad else "agent", value)


def test_stored_grows_strictly_even_while_the_clock_stands_still_or_goes_back(record: Record) -> None:
    """The order of `stored` is the order of writing, whatever the clock does."""
    record.add(statement(1), statement(2))
    record.clock.forward(hours=-1)
    record.add(statement(3))
    stored = [one["stored"] for one in record.found(ascending=True)]
    assert stored == sorted(set(stored))
    assert record.ids() == numbers(1, 2, 3)


def test_two_tenants_never_see_each_other(record: Record, sessions: Sessions) -> None:
    """The same id may be in two records, and no filter of one finds what is in the other."""
    other = Record(sessions, "other")
    record.add(statement(1))
    other.add(statement(1, "carol"))
    assert [one["actor"] for one in record.found(("verb", DONE))] == [agent("alice")]
    assert other.ids(is_agent("alice")) == []


def test_what_the_store_sets_is_set_and_the_rest_is_kept_as_it_came(record: Record) -> None:
    """Nulls in extensions, spelling of timestamps, texts: as sent. stored, authority, version: ours."""
    sent = statement(1, result={"extensions": {"https://example.org/x": None}}, timestamp="2026-09-01T12:00:00+02:00")
    record.add(sent)
    (kept,) = record.found()
    assert {name: kept[name] for name in sent} == sent
    assert kept["authority"] == agent("writer")
    assert kept["version"] == "1.0.0"
    assert datetime.fromisoformat(kept["stored"]) == record.clock()


def test_a_statement_without_id_and_time_gets_both(record: Record) -> None:
    """The time is that of `stored`."""
    bare = statement(1)
    del bare["id"], bare["timestamp"]
    record.add(bare)
    (kept,) = record.found()
    assert kept["timestamp"] == kept["stored"]
    assert kept["id"]


FILTERS: list[tuple[str, list[tuple[Kind, str]], list[int]]] = [
    ("everything", [], [1, 2, 3, 4, 5]),
    ("the actor", [is_agent("alice")], [1, 3, 5]),
    ("a member of a group that acted", [is_agent("dora")], [4]),
    ("the instructor counts only broadly", [is_agent("ivan")], []),
    ("broadly, the instructor too", [is_agent("ivan", broad=True)], [2]),
    ("broadly, the authority too", [is_agent("writer", broad=True)], [1, 2, 3, 4, 5]),
    ("the object", [("activity", f"{HOME}/steps/step-1")], [1, 2, 4]),
    ("a parent counts only broadly", [("activity", f"{HOME}/run")], []),
    ("broadly, a parent too", [("related_activity", f"{HOME}/run")], [3]),
    ("broadly, inside a SubStatement too", [("related_activity", f"{HOME}/steps/inner")], [5]),
    ("an activity inside a SubStatement counts only broadly", [("activity", f"{HOME}/steps/inner")], []),
    ("an agent inside a SubStatement counts only broadly", [is_agent("eve")], []),
    ("broadly, its agents too", [is_agent("eve", broad=True)], [5]),
    ("registration, whatever its case", [("registration", uuid(0xABC))], [3]),
    ("two filters at once", [is_agent("alice"), ("activity", f"{HOME}/steps/step-1")], [1]),
    ("what the key wrote", [("writer", "key of main")], [1, 2, 3, 4, 5]),
    ("what another key wrote", [("writer", "key of nobody")], []),
]


@pytest.mark.parametrize(("terms", "expected"), [row[1:] for row in FILTERS], ids=[row[0] for row in FILTERS])
def test_a_filter_finds_exactly_what_the_specification_says(
    record: Record, terms: list[tuple[Kind, str]], expected: list[int]
) -> None:
    """One world of statements, one question each (Communication 2.1.3)."""
    record.add(
        statement(1),
        statement(2, "bob", context={"instructor": agent("ivan")}),
        statement(
            3,
            activity="step-2",
            context={"registration": uuid(0xABC).upper(), "contextActivities": {"parent": {"id": f"{HOME}/run"}}},
        ),
        statement(4, actor={"objectType": "Group", "member": [agent("dora"), agent("emil")]}),
        statement(5, object={"objectType": "SubStatement", **_without_id(statement(6, "eve", "inner"))}),
    )
    assert record.ids(*terms) == numbers(*expected)


def test_since_is_exclusive_and_until_inclusive(record: Record) -> None:
    """Both look at `stored`."""
    moments = []
    for number in (1, 2, 3):
        moments.append(record.clock.forward(seconds=1))
        record.add(statement(number))
    assert record.ids(since=moments[0]) == numbers(2, 3)
    assert record.ids(until=moments[1]) == numbers(1, 2)


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_show_every_statement_once_while_others_write(record: Record, ascending: bool) -> None:
    """Ascending, new statements come at the end; descending, they do not disturb what is being read."""
    record.add(*(statement(number) for number in range(1, 8)))
    seen: list[str] = []
    cursor = None
    while True:
        with record.sessions.read() as session:
            wanted = StatementFilter([("verb", DONE)], ascending=ascending, cursor=cursor)
            rows, goes_on = queries.page(session, record.tenant, wanted, 3)
        seen += [orjson.loads(row.body)["id"] for row in rows]
        if len(seen) == 3:
            record.add(statement(8))
        if not goes_on:
            break
        cursor = rows[-1].stored
    assert seen == (numbers(*range(1, 9)) if ascending else numbers(*range(7, 0, -1)))


@pytest.mark.parametrize("batches", [[[1], [2]], [[2], [1]], [[1, 2]], [[2, 1]]])
def test_a_statement_is_voided_whichever_came_first(record: Record, batches: list[list[int]]) -> None:
    """2 voids 1: 1 is found only as voided, 2 is found as any other (Data 2.3.2)."""
    made = {1: statement(1), 2: voiding(2, 1)}
    for batch in batches:
        record.add(*(made[number] for number in batch))
    assert (record.one(1), record.one(1, voided=True)) == (False, True)
    assert record.ids() == numbers(2)


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 2, 1], [2, 3, 1]])
def test_a_statement_that_voids_cannot_be_voided(record: Record, order: list[int]) -> None:
    """3 tries to void 2, which voids 1: 2 stands, and 1 stays voided."""
    made = {1: statement(1), 2: voiding(2, 1), 3: voiding(3, 2)}
    for number in order:
        record.add(made[number])
    assert record.one(2)
    assert record.one(1, voided=True)


@pytest.mark.parametrize("batches", [[[1], [2], [3]], [[3], [2], [1]], [[2], [1], [3]], [[3, 1, 2]], [[1, 2, 3]]])
def test_a_statement_is_found_by_what_it_refers_to_however_far_and_in_any_order(
    record: Record, batches: list[list[int]]
) -> None:
    """3 refers to 2, 2 to 1, 1 is about alice: a search for alice finds all three (Communication 2.1.3)."""
    made = {1: statement(1), 2: about(2, 1), 3: about(3, 2, "carol")}
    for batch in batches:
        record.add(*(made[number] for number in batch))
    assert sorted(record.ids(is_agent("alice"))) == numbers(1, 2, 3)
    assert sorted(record.ids(is_agent("bob"))) == numbers(2, 3)
    assert record.ids(is_agent("carol")) == numbers(3)


def test_statements_that_refer_to_each_other_in_a_circle_do_no_harm(record: Record) -> None:
    """Nobody should write them, and nobody is stopped from it."""
    record.add(about(1, 2, "alice"), about(2, 1, "bob"))
    assert record.ids(is_agent("alice")) == numbers(1, 2)


def test_a_verdict_on_a_voided_statement_is_still_found_by_its_subject(record: Record) -> None:
    """Voiding hides the target, not those who refer to it (Communication 2.1.4)."""
    record.add(statement(1), about(2, 1), voiding(3, 1))
    assert record.ids(is_agent("alice")) == numbers(2, 3)


def test_the_same_statement_again_changes_nothing(record: Record) -> None:
    """Not even when its display and its timestamp's spelling differ."""
    record.add(statement(1))
    (before,) = record.found()
    record.clock.forward(seconds=9)
    record.add(statement(1, verb={"id": DONE}, timestamp="2026-09-01T12:00:00+02:00"), statement(2))
    assert record.found(ascending=True)[0] == before
    assert record.ids() == numbers(1, 2)


def test_another_statement_with_the_same_id_is_refused_and_takes_its_batch_with_it(record: Record) -> None:
    """Batches are atomic."""
    record.add(statement(1))
    with pytest.raises(Conflict, match=uuid(1)):
        record.add(statement(2), statement(1, "mallory"))
    assert record.ids() == numbers(1)


def test_a_batch_with_one_bad_statement_or_one_id_twice_writes_nothing(record: Record) -> None:
    """The message names the place."""
    with pytest.raises(Invalid, match=r"statements\[1\]\.actor"):
        record.add(statement(1), {**statement(2), "actor": {}})
    with pytest.raises(Invalid, match="same id"):
        record.add(statement(1), statement(1))
    assert record.ids() == []


def test_the_bridge_delivers_the_good_and_is_told_about_the_bad(record: Record) -> None:
    """Through the port, one bad statement does not hold up the others."""
    store = EmbeddedRecordStore(record.sessions, record.tenant, record.clock)
    record.add(statement(1))
    answers = store.write([statement(1), statement(1, "mallory"), {**statement(2), "verb": {}}, statement(3)])
    assert [answer.statement_id for answer in answers] == numbers(1, 1, 2, 3)
    assert [answer.reason is None for answer in answers] == [True, False, False, True]
    assert "verb.id" in str(answers[2].reason)
    assert record.ids() == numbers(1, 3)


def test_an_idle_record_is_consistent_through_a_recent_time(record: Record) -> None:
    """A little before now, so that no write still in flight can appear behind it."""
    record.add(statement(1))
    with record.sessions.read() as session:
        assert queries.consistent_through(session, record.clock()) == record.clock()
        later = record.clock.forward(hours=1)
        through = queries.consistent_through(session, later)
    assert timedelta(0) < later - through < timedelta(minutes=1)


def test_many_writers_and_a_follower_who_misses_nothing_and_sees_nothing_twice(record: Record) -> None:
    """Eight threads write; a reader follows by since and ascending as ingestion does, and gets each statement once."""
    writers, each = 8, 12
    store = EmbeddedRecordStore(record.sessions, record.tenant, lambda: datetime.now(UTC))
    failures: list[BaseException] = []

    def write(start: int) -> None:
        try:
            for offset in range(0, each, 3):
                outcomes = store.write([statement(start + offset + n) for n in range(3)])
                assert all(outcome.reason is None for outcome in outcomes)
        except BaseException as problem:
            failures.append(problem)

    threads = [threading.Thread(target=write, args=(number * 1000,)) for number in range(1, writers + 1)]
    for thread in threads:
        thread.start()
    seen: list[dict[str, Any]] = []
    while any(thread.is_alive() for thread in threads):
        seen += _follow(store, seen)
    for thread in threads:
        thread.join()
    seen += _follow(store, seen)
    assert failures == []
    stored = [one["stored"] for one in seen]
    assert stored == sorted(set(stored))
    assert sorted(one["id"] for one in seen) == sorted(
        uuid(number * 1000 + offset) for number in range(1, writers + 1) for offset in range(each)
    )


def _follow(store: EmbeddedRecordStore, seen: list[dict[str, Any]]) -> Iterable[Any]:
    since = datetime.fromisoformat(seen[-1]["stored"]) if seen else None
    return store.read(since).statements


def test_the_port_reads_page_after_page(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """`more` leads through the record and ends with None."""
    monkeypatch.setattr("lrs_bridge.lrs.embedded.PAGE", 2)
    record.add(*(statement(number) for number in range(1, 6)))
    store = EmbeddedRecordStore(record.sessions, record.tenant, record.clock)
    seen, more = [], None
    while True:
        page = store.read(None, more)
        seen += [one["id"] for one in page.statements]
        more = page.more
        if more is None:
            break
    assert seen == numbers(1, 2, 3, 4, 5)
    assert page.consistent_through == moment_of_last(record)


def moment_of_last(record: Record) -> datetime:
    with record.sessions.read() as session:
        rows, _ = queries.page(session, record.tenant, StatementFilter(), 1)
    return moment_of(rows[0].stored)


@pytest.mark.parametrize("forwards", [True, False])
def test_a_chain_without_end_costs_no_more_than_the_longest_that_is_followed(record: Record, forwards: bool) -> None:
    """Beyond it a statement is no longer found by what stands at the other end."""
    last = LONGEST_CHAIN + 10
    chain = [statement(1, activity="deep"), *(about(number, number - 1) for number in range(2, last + 1))]
    for one in chain if forwards else reversed(chain):
        record.add(one)
    found = record.ids(("activity", f"{HOME}/steps/deep"), limit=500)
    assert found == sorted(numbers(*range(1, LONGEST_CHAIN + 2)), reverse=not forwards)


def test_of_a_batch_that_is_partly_there_only_the_rest_is_appended(record: Record) -> None:
    """In the order of the batch; what is there keeps its place."""
    record.add(statement(2))
    record.add(statement(1), statement(2), statement(3))
    assert record.ids() == numbers(2, 1, 3)


def test_a_page_of_large_statements_is_short_and_goes_on(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends when it has grown large enough, and holds at least one."""
    record.add(*(statement(number, result={"response": "x" * 5000}) for number in range(1, 6)))
    monkeypatch.setattr(queries, "LARGEST_PAGE", 6000)
    with record.sessions.read() as session:
        rows, goes_on = queries.page(session, record.tenant, StatementFilter(ascending=True), 5)
        monkeypatch.setattr(queries, "LARGEST_PAGE", 0)
        one, more = queries.page(session, record.tenant, StatementFilter(ascending=True), 5)
    assert (len(rows), goes_on, len(one), more) == (2, True, 1, True)
