"""Walking through the record: every statement once and in order, whatever the filter, at a bounded cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from lrs_bridge.domain.events import Kind
from lrs_bridge.lrs.embedded import EmbeddedRecordStore
from lrs_bridge.store import facts, people, people_search, record_accesses, record_viewing
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.record_accesses import Looked, Viewer
from lrs_bridge.store.record_viewing import Search
from lrs_bridge.store.tenants import ensure_tenant, get_tenant
from lrs_bridge.xapi.names import run as run_iri
from lrs_bridge.xapi.reading import read
from tests.fakes.clock import FakeClock
from tests.fakes.statements import about, statement, uuid, voiding

APPLIED = "https://w3id.org/xapi/dod-isd/verbs/applied"
RUN = "a1e0c9b8-d7f6-4e5d-8c4b-3a2918070605"


class Record:
    """One tenant's record, and what a reader sees of it in batches."""

    def __init__(self, sessions: Sessions, name: str = "main") -> None:
        self.sessions, self.clock = sessions, FakeClock()
        with sessions.write() as session:
            tenant = ensure_tenant(session, name, "https://tool.example.org", self.clock())
        self.tenant, self.home = tenant.id, tenant.iri_base
        self.store = EmbeddedRecordStore(sessions, self.tenant, self.clock)

    def own(self, number: int, person: str = "alice", run: str = RUN, **more: Any) -> dict[str, Any]:
        """A statement with our account and in a run."""
        made = statement(number, person, **more)
        made["actor"]["account"]["homePage"] = self.home
        activity = {"id": run_iri(self.home, run)}
        return made | {"context": {"contextActivities": {"grouping": [activity]}}}

    def add(self, *statements: dict[str, Any], read_too: bool = True) -> None:
        assert all(answer.arrived for answer in self.store.write(statements))
        if read_too:
            with self.sessions.write() as session:
                facts.add(session, self.tenant, [read(one, self.home) for one in statements])

    def walk(self, search: Search, size: int) -> list[str]:
        """Ids in the order of the walk, batch after batch."""
        found: list[str] = []
        before: int | None = None
        with self.sessions.read() as session:
            while True:
                batch = record_viewing.batch(session, self.tenant, self.home, search, before, size)
                assert batch.looked <= size
                found += [kept.id for kept in batch.found]
                before = batch.last
                if before is None:
                    return found


@pytest.fixture
def record(sessions: Sessions) -> Record:
    return Record(sessions)


def ids(*numbers: int) -> list[str]:
    return [uuid(number) for number in numbers]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_each_statement_comes_once_the_newest_first(record: Record, size: int) -> None:
    """Whatever the size of a batch, also where it ends with the record."""
    record.add(*[record.own(number) for number in range(1, 8)])
    assert record.walk(Search(), size) == ids(7, 6, 5, 4, 3, 2, 1)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_person_is_found_by_what_they_do_and_by_what_is_about_them(record: Record, size: int) -> None:
    """The ends of several indexes are merged; nothing comes twice."""
    about_alice = record.own(2, "bob")
    about_alice["context"]["registration"] = uuid(99)
    both = record.own(3, "alice")
    both["context"]["registration"] = uuid(99)
    record.add(record.own(1, "alice"), about_alice, both, record.own(4, "bob"))
    assert record.walk(Search(actors=("alice",), registrations=(uuid(99),)), size) == ids(3, 2, 1)


def test_people_of_other_systems_are_found_by_their_keys(record: Record) -> None:
    """An account of an LMS, an e-mail address."""
    by_mail = statement(1) | {"actor": {"mbox": "mailto:a@example.org"}}
    by_account = statement(2) | {"actor": {"account": {"homePage": "https://lms.example", "name": "7|8"}}}
    record.add(by_mail, by_account, statement(3))
    found = record.walk(Search(actors=("mbox|mailto:a@example.org", "account|https://lms.example|7|8")), 10)
    assert found == ids(2, 1)


def test_filters_narrow_together(record: Record) -> None:
    """Run, verb and step; a step is known from what was read."""
    applied = {"id": APPLIED}
    in_step = record.own(1, verb=applied)
    in_step["context"]["extensions"] = {"https://w3id.org/xapi/learning-journey/extensions/step": "S1"}
    record.add(in_step, record.own(2, verb=applied), record.own(3), record.own(4, run=uuid(5), verb=applied))
    assert record.walk(Search(kind=Kind.APPLIED, run_id=RUN), 1) == ids(2, 1)
    assert record.walk(Search(kind=Kind.APPLIED, run_id=RUN, step="S1"), 1) == ids(1)


def test_days_bound_when_it_happened(record: Record) -> None:
    """The second bound is not in it."""
    days = [f"2026-09-0{day}T10:00:00Z" for day in (1, 2, 3)]
    record.add(*[record.own(number, timestamp=day) for number, day in enumerate(days, 1)])
    until = datetime(2026, 9, 3, 10, tzinfo=UTC)
    assert record.walk(Search(since=datetime(2026, 9, 2, tzinfo=UTC), until=until), 10) == ids(2)


def test_what_was_never_read_may_fit(record: Record) -> None:
    """Whoever asks reads it and decides; only what is known not to fit is left out."""
    record.add(record.own(1), read_too=False)
    assert record.walk(Search(step="S1"), 10) == ids(1)


def test_voided_statements_are_asked_for(record: Record) -> None:
    """Left out, with the others, or alone."""
    record.add(record.own(1), record.own(2), voiding(3, 1))
    assert record.walk(Search(), 10) == ids(3, 2)
    assert record.walk(Search(voided=None), 10) == ids(3, 2, 1)
    assert record.walk(Search(voided=True), 10) == ids(1)


def test_references_are_followed_both_ways(record: Record) -> None:
    """By the id that is referred to, voided or not."""
    record.add(record.own(1), about(2, 1), voiding(3, 2), record.own(4))
    with record.sessions.read() as session:
        back = record_viewing.referring(session, record.tenant, uuid(1).upper(), 10)
        known = record_viewing.by_ids(session, record.tenant, [uuid(2), uuid(9)])
    assert [kept.id for kept in back] == ids(2)
    assert {id_: kept.voided for id_, kept in known.items()} == {uuid(2): True}


def test_another_tenant_sees_nothing_of_it(sessions: Sessions) -> None:
    """Neither walking nor by id nor by reference."""
    record, other = Record(sessions), Record(sessions, "other")
    record.add(record.own(1), about(2, 1))
    searches = [Search(), Search(run_id=RUN), Search(actors=("alice",)), Search(kind=Kind.COMPLETED)]
    assert [other.walk(search, 10) for search in searches] == [[]] * 4
    with sessions.read() as session:
        assert record_viewing.by_ids(session, other.tenant, ids(1)) == {}
        assert record_viewing.referring(session, other.tenant, uuid(1), 10) == []


def test_a_batch_asks_the_same_number_of_questions_whatever_is_in_the_record(record: Record) -> None:
    """The places, the statements, and a count for each filter."""
    search = Search(kind=Kind.COMPLETED, run_id=RUN)
    counts = []
    for more in (1, 300):
        record.add(*[record.own(number) for number in range(more * 1000, more * 1000 + more)])
        asked: list[str] = []

        def count(_c: Any, _cursor: Any, text: str, *_: Any) -> None:
            asked.append(text)  # noqa: B023 - the listener goes before the next turn

        event.listen(record.sessions.engine, "before_cursor_execute", count)
        with record.sessions.read() as session:
            record_viewing.batch(session, record.tenant, record.home, search, None, 26)
        event.remove(record.sessions.engine, "before_cursor_execute", count)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5


def test_people_are_found_by_a_part_of_their_name(record: Record) -> None:
    """A whole name wins over names that hold it; signs that a database reads otherwise are plain letters."""
    with record.sessions.write() as session:
        for name in ("Ann Lee", "Ann Leeson", "Örjan 100%_", "Bob"):
            people.add_person(session, record.tenant, record.clock(), name)
    with record.sessions.read() as session:

        def found(text: str) -> list[str | None]:
            return [person.name for person in people_search.named(session, record.tenant, text, 10)]

        assert found("ann") == ["Ann Lee", "Ann Leeson"]
        assert found("ann lee") == ["Ann Lee"]
        assert found("Örjan") == ["Örjan 100%_"]
        assert found("%") == found("_") == ["Örjan 100%_"]
        assert found("zoe") == []


def test_looks_are_listed_newest_first_in_pages(record: Record) -> None:
    """Those of the tenant, with what was asked; an export gets its number at its end."""
    other = Record(record.sessions, "other")
    viewer = Viewer("evaluator", account="eva", run_id=RUN)
    with record.sessions.write() as session:

        def note(tenant: str, count: int | None) -> int:
            looked = Looked.EXPORT if count is None else Looked.LIST
            return record_accesses.note(
                session, tenant, viewer, looked, False, {"verb": "applied"}, count, record.clock()
            )

        numbers = [note(record.tenant, 1), note(record.tenant, None), note(record.tenant, 3)]
        note(other.tenant, 4)
        record_accesses.finished(session, numbers[1], 17)
    with record.sessions.read() as session:
        first = record_accesses.newest(session, record.tenant, 2)
        rest = record_accesses.newest(session, record.tenant, 2, first[-1].id)
        assert get_tenant(session, record.tenant)
    assert [row.count for row in (*first, *rest)] == [3, 17, 1]
    assert (rest[0].account, rest[0].run_id, rest[0].filter) == ("eva", RUN, {"verb": "applied"})
