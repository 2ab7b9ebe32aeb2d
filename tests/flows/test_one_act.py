"""What one act costs: the same in a run of ten and of ten thousand, by what the database is asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from lrs_bridge.domain.events import Kind, Score
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.store import enrolments, facts, people
from tests.flows.world import ISSUER, World
from tests.plugins import installed

# A table with few rows whatever the size of the run, so that reading all of a tenant's or a run's is no matter.
SMALL = {"tenant", "platform", "run", "course", "journey", "line_item", "plugin_setting", "listener", "run_role"}
SMALL |= {"recomputation", "evaluator_watch"}
EARLIEST = "evaluation_due USING COVERING INDEX ix_evaluation_due_tenant_id_at"
"""Who of the tenant has waited longest is the first entry of an index: one look, however many wait."""
STEP = re.compile(r"(?:SCAN|SEARCH) (\w+)(?: USING.*? \((.*)\))?")


def test_one_act_reads_no_table_of_the_run_or_the_tenant(world: World) -> None:
    """SQLite finds every row by a person, an enrolment or a statement."""
    engine = world.sessions.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL decides by its statistics")
    _surround(world)
    asked: dict[str, Any] = {}

    @event.listens_for(engine, "before_cursor_execute")
    def remember(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked[statement] = parameters

    act = {"step": "S13", "moment": "M1", "score": Score(3, 0, 4), "data": {"behaviours": ["asks"]}}
    world.act(Kind.APPLIED, world.petra, recorded=world.clock(), **act)
    assert evaluate_due(world.sessions, installed(), world.clock()) > 0
    event.remove(engine, "before_cursor_execute", remember)
    with engine.connect() as connection:
        plans = {
            (statement, row[3])
            for statement, parameters in asked.items()
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        }
    wide = {(plan, statement) for statement, plan in plans if _is_wide(plan)}
    assert plans
    assert not wide


def test_statements_without_an_enrolment_are_found_by_who_made_them(world: World) -> None:
    """Not by having none: there are as many anonymous answers as people."""
    engine = world.sessions.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL decides by its statistics")
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def remember(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    with world.sessions.read() as session:
        facts.facts_of(session, world.tenant.id, "an enrolment", ("petra",))
    event.remove(engine, "before_cursor_execute", remember)
    with engine.connect() as connection:
        statement, parameters = asked[-1]
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any("(tenant_id=? AND registration=?)" in step for step in steps)
    assert any("(tenant_id=? AND actor=?)" in step for step in steps)


def _surround(world: World) -> None:
    """More people around Petra: from three ids on, SQLite weighs an index by tenant against them."""
    with world.sessions.write() as session:
        tenant_id, now = world.tenant.id, world.clock()
        for kind in (Role.COACH, Role.MENTOR, Role.SPONSOR):
            other = people.ensure_person(session, tenant_id, ISSUER, str(kind), now)
            enrolments.relate(session, tenant_id, world.run.id, world.petra.id, other.id, kind, "test")


def _is_wide(plan: str) -> bool:
    if EARLIEST in plan:
        return False
    found = STEP.match(plan)
    if found is None or found[1].removesuffix("_1") in SMALL:
        return False
    return found[2] is None or found[2] in {"tenant_id=?", "run_id=?", "run_id=? AND kind=?"}
