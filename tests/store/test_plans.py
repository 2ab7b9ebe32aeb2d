"""PostgreSQL finds by an index what is asked all day: its own plans are read, in tables with rows enough to matter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from lrs_bridge.flows.administer import state_of
from lrs_bridge.store import (
    backlog,
    due_scores,
    enrolments,
    facts,
    launches,
    listeners,
    messages,
    outbox,
    people,
    results,
    rosters,
    runs,
    scores,
    statement_queries,
)
from lrs_bridge.store import sessions as visits
from lrs_bridge.store.engine import Sessions, connect
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.statement_queries import StatementFilter
from lrs_bridge.store.statement_terms import term
from lrs_bridge.store.tables import METADATA
from tests.databases import POSTGRES
from tests.flows.world import World, build

pytestmark = pytest.mark.skipif(not POSTGRES, reason="LRS_BRIDGE_TEST_POSTGRES_URL is not set")

RUNS, PEOPLE, A_FEW = 2000, 4000, 300
BIG = {"enrolment", "event", "evaluation_due", "fact", "identity", "message", "outbox_statement", "person", "run"}
BIG |= {"roster_sync", "score", "statement", "statement_term", "visit"}
"""Tables that grow with what is over. None of the questions below may read one from end to end."""

FILL = """
INSERT INTO course (id, tenant_id, platform_id, deployment_id, context_id)
  SELECT 'course-' || n, :tenant, :platform, '1', 'context-' || n FROM generate_series(1, :runs) n;
INSERT INTO run (id, tenant_id, journey_id, course_id, day_zero, time_zone, created, closed, archived, pilot)
  SELECT 'run-' || n, :tenant, :journey, 'course-' || n, '2024-03-04', 'Europe/Berlin', :old, :old, :old, false
  FROM generate_series(1, :runs) n;
INSERT INTO person (id, tenant_id, account, name, email, created)
  SELECT 'person-' || n, :tenant, gen_random_uuid()::text, 'Name', n || '@example.com', :old
  FROM generate_series(1, :people) n;
INSERT INTO identity (id, tenant_id, person_id, issuer, sub)
  SELECT 'identity-' || n, :tenant, 'person-' || n, 'https://lms.example', 'sub-' || n
  FROM generate_series(1, :people) n;
INSERT INTO enrolment (id, tenant_id, run_id, person_id, enrolled)
  SELECT 'enrolment-' || n, :tenant, 'run-' || (1 + n % :runs), 'person-' || n, '2024-03-01'
  FROM generate_series(1, :people) n;
INSERT INTO evaluation_due (subject, tenant_id, run_id, at, failures)
  SELECT 'enrolment-' || n, :tenant, 'run-' || (1 + n % :runs), NULL, 0 FROM generate_series(1, :people) n;
INSERT INTO roster_sync (run_id, tenant_id, state, pages, members, joined, left_run, attempts)
  SELECT 'run-' || n, :tenant, 'done', 1, 10, 10, 0, 0 FROM generate_series(1, :runs) n;
INSERT INTO score (enrolment_id, indicator, tenant_id, run_id, maximum, progress, label, state, attempts, next_at)
  SELECT 'enrolment-' || n, 'indicator-' || i, :tenant, 'run-' || (1 + n % :runs), 100, 'Completed', 'x', 'posted', 0,
  :old FROM generate_series(1, :people) n, generate_series(1, 4) i;
INSERT INTO outbox_statement (statement_id, tenant_id, state, attempts, next_at, created, delivered)
  SELECT 'statement-' || n, :tenant, 'delivered', 0, :old, :old, :old FROM generate_series(1, :people * 5) n;
INSERT INTO event (id, tenant_id, run_id, enrolment_id, kind, actor, at, recorded, statement_id, data)
  SELECT 'statement-' || n, :tenant, 'run-' || (1 + n % :runs), 'enrolment-' || (1 + n % :people), 'completed', 'a',
  :old, :old, 'statement-' || n, '{}' FROM generate_series(1, :people * 5) n;
INSERT INTO fact (tenant_id, id, kind, registration, run_id, actor, step, at, body, voided, unclaimed)
  SELECT :tenant, 'statement-' || n, 'completed', 'enrolment-' || (1 + n % :people), 'run-' || (1 + n % :runs),
  'actor-' || (1 + n % :people), 'S' || n % 30, :old + n * interval '1 second', '{"verb": "v"}', false, false
  FROM generate_series(1, :people * 5) n;
INSERT INTO statement (stored, tenant_id, id, voids, voided, body)
  SELECT n, :tenant, 'statement-' || n, false, false, repeat('x', 200) FROM generate_series(1, :people * 5) n;
INSERT INTO statement_term (term, stored)
  SELECT substring(sha256((i * 100000 + CASE i WHEN 1 THEN n % 7 ELSE n % :people END)::text::bytea) for 16), n
  FROM generate_series(1, :people * 5) n, generate_series(1, 4) i;
INSERT INTO statement_term (term, stored) SELECT :term, n * 100 FROM generate_series(1, 40) n;
INSERT INTO message (id, tenant_id, person_id, key, kind, state, attempts, next_at, good_until, created, sent)
  SELECT 'message-' || n, :tenant, 'person-' || n, 'key-' || n, 'week', 'sent', 0, :old, :old, :old, :old
  FROM generate_series(1, :people) n;
INSERT INTO visit (token_hash, tenant_id, person_id, platform_id, course_roles, created, seen)
  SELECT 'hash-' || n, :tenant, 'person-' || n, :platform, '[]', :now, :now FROM generate_series(1, :people) n
"""


@dataclass
class Full:
    """A world with two thousand runs that are over beside the one that is open."""

    world: World

    def plans(self, ask: Callable[[Session], object]) -> dict[str, list[dict[str, Any]]]:
        """What PostgreSQL did for each query that is asked, as it explains it itself, by the query's text."""
        asked: list[tuple[str, Any]] = []
        engine = self.world.sessions.engine

        def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            asked.append((statement, parameters))

        with self.world.sessions.write() as session:
            event.listen(engine, "before_cursor_execute", note)
            try:
                ask(Session(session.connection()))
            finally:
                event.remove(engine, "before_cursor_execute", note)
            cursor = session.connection().connection.cursor()
            found = {}
            for statement, parameters in asked:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
                plan = cursor.fetchone()[0]
                found[statement] = list(_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
            session.rollback()
        assert found
        return found


def _looked_at(node: dict[str, Any]) -> float:
    """How many rows of a table a step had in hand, whether it kept them or not."""
    dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float((node["Actual Rows"] + dropped) * node["Actual Loops"])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


@pytest.fixture(scope="module")
def full() -> Iterator[Full]:
    assert POSTGRES
    schema = f"p_{uuid4().hex}"
    engine = connect(f"{POSTGRES}?options=-csearch_path%3D{schema}%20-csynchronous_commit%3Doff")
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    METADATA.create_all(engine)
    world = build(Sessions(engine))
    _fill(engine, world)
    yield Full(world)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def _fill(engine: Engine, world: World) -> None:
    bound = {
        "tenant": world.tenant.id,
        "platform": world.platform_id,
        "journey": world.run.journey_id,
        "runs": RUNS,
        "people": PEOPLE,
        "old": datetime(2024, 9, 1, tzinfo=UTC),
        "now": world.clock(),
        "term": term(world.tenant.id, "registration", "enrolment-7"),
    }
    with engine.begin() as connection:
        for statement in FILL.split(";\n"):
            found = {name: value for name, value in bound.items() if f":{name}" in statement}
            connection.execute(text(statement), found)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


Ask = Callable[[Full, Session], object]


def _first_page(full: Full, session: Session, **wanted: Any) -> object:
    return statement_queries.page(session, full.world.tenant.id, StatementFilter(**wanted), 100)


def _launch(full: Full, session: Session) -> object:
    return launches.find(session, full.world.launch("sub-7"), None)


MINUTE = timedelta(minutes=1)
QUESTIONS: dict[str, Ask] = {
    "which tenants have statements to deliver": lambda f, s: outbox.tenants_due(s, f.world.clock()),
    "claim statements": lambda f, s: outbox.claim(s, f.world.tenant.id, f.world.clock(), 100, MINUTE),
    "which platforms have scores to send": lambda f, s: due_scores.platforms_due(s, f.world.clock()),
    "claim scores": lambda f, s: due_scores.claim(s, f.world.platform_id, f.world.clock(), 50, MINUTE),
    "take up evaluations": lambda f, s: results.take_due(s, f.world.clock(), 50, f.world.clock() + MINUTE),
    "claim a roster": lambda f, s: rosters.claim(s, f.world.clock(), MINUTE),
    "which tenants have letters to send": lambda f, s: messages.tenants_due(s, f.world.clock()),
    "claim letters": lambda f, s: messages.claim(s, f.world.tenant.id, f.world.clock(), 50, MINUTE),
    "room for letters": lambda f, s: messages.room(s, f.world.clock(), 60),
    "news to tell": lambda f, s: listeners.due(s, f.world.clock()),
    "statements since": lambda f, s: _first_page(f, s, since=datetime(1970, 1, 1, tzinfo=UTC), ascending=True),
    "the newest statements": lambda f, s: _first_page(f, s),
    "statements of a registration": lambda f, s: _first_page(f, s, terms=[("registration", "enrolment-7")]),
    "a statement by its id": lambda f, s: statement_queries.find(s, f.world.tenant.id, "statement-7", False),
    "facts of a person": lambda f, s: facts.facts_of(s, f.world.tenant.id, "enrolment-7", ["actor-7"]),
    "facts of a run": lambda f, s: facts.facts_where(
        s, FactRow.tenant_id == f.world.tenant.id, FactRow.run_id == "run-7"
    ),
    "what a launch finds": _launch,
    "a visit": lambda f, s: visits.find_visit(s, "a token", f.world.clock()),
    "visits that are over": lambda f, s: visits.sweep(s, f.world.clock() - timedelta(days=2)),
    "who goes by an identity": lambda f, s: people.person_by_identity(
        s, f.world.tenant.id, "https://lms.example", "sub-7"
    ),
    "people of an address": lambda f, s: people.people_by_agent(s, f.world.tenant.id, ["mbox 7@example.com"]),
    "enrolments of a run": lambda f, s: enrolments.enrolments(s, f.world.tenant.id, "run-7"),
    "scores of a person": lambda f, s: scores.scores_of_enrolment(s, f.world.tenant.id, "enrolment-7"),
    "runs of a tenant that are open": lambda f, s: runs.all_open(s, f.world.tenant.id),
    "runs of a tenant that are not archived": lambda f, s: runs.all_kept(s, f.world.tenant.id),
    "metrics of statements": lambda f, s: backlog.statements(s),
    "metrics of scores": lambda f, s: backlog.scores(s),
    "metrics of letters": lambda f, s: backlog.messages(s),
    "scores by LMS": lambda f, s: backlog.scores_by_platform(s, f.world.tenant.id),
    "the state of a tenant": lambda f, s: state_of(s, f.world.tenant.id, f.world.clock()),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_asked_all_day_is_found_by_an_index(full: Full, name: str) -> None:
    """No table that grows with what is over is read from end to end, nor an index of all that the tenant has."""
    plans = full.plans(lambda session: QUESTIONS[name](full, session))
    of_big = [
        (node, f"{node['Relation Name']} by: {statement}")
        for statement, nodes in plans.items()
        for node in nodes
        if node.get("Relation Name") in BIG
    ]
    assert [where for node, where in of_big if node["Node Type"] == "Seq Scan"] == []
    assert [where for node, where in of_big if _looked_at(node) > A_FEW] == []


@pytest.mark.parametrize(
    ("name", "table"),
    [("claim statements", "outbox_statement"), ("claim scores", "score"), ("take up evaluations", "evaluation_due")],
)
def test_workers_skip_what_another_has_in_hand(full: Full, name: str, table: str) -> None:
    """The rows are locked as they are read, and their number is limited before."""
    plans = full.plans(lambda session: QUESTIONS[name](full, session))
    locking = [(sql, nodes) for sql, nodes in plans.items() if "SKIP LOCKED" in sql and table in sql]
    assert locking
    for _, nodes in locking:
        assert any(node["Node Type"] == "LockRows" for node in nodes)
        assert any(node["Node Type"] == "Limit" for node in nodes)


def test_the_tables_are_large_enough_for_this_to_mean_something(full: Full) -> None:
    """A question without an index is answered by reading through, and noticed."""
    plans = full.plans(lambda session: session.execute(text("SELECT * FROM score WHERE label = 'y'")))
    assert [node["Relation Name"] for nodes in plans.values() for node in nodes] == ["score"]
    assert [node["Node Type"] for nodes in plans.values() for node in nodes] == ["Seq Scan"]
