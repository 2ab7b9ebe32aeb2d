"""A run as a file and back: what is exported says all of it, and sent back it changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import GIVEN, RELATED, Span
from lrs_bridge.flows.relating import Hand
from lrs_bridge.flows.relations import import_relations, plan
from lrs_bridge.flows.relations_file import export_csv, export_people, read_file, read_text
from lrs_bridge.store import enrolments, people, relations, runs
from lrs_bridge.store.runs import RunRow
from tests.flows.world import ISSUER, World

FIRST = date(2026, 1, 1)
TODAY = date(2026, 3, 26)
PARTICIPANTS, LEADERS, ABOVE = ("ann", "bo", "cy"), ("lee", "max"), ("top",)
DAYS = st.one_of(st.none(), st.integers(0, 180).map(lambda n: FIRST + timedelta(n)))

Related = tuple[str, str, Role, date | None, date | None]
Given = tuple[str, Role, date | None, date | None]


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start, end = draw(DAYS), draw(DAYS)
    return Span(end, start) if start and end and end < start else Span(start, end)


@st.composite
def states(draw: st.DrawFn) -> tuple[list[Related], list[Given]]:
    """Who is what to whom, ever: nobody is the same to somebody twice on one day, and nobody leads in a circle."""
    related: list[Related] = []
    for _ in range(draw(st.integers(0, 8))):
        role = draw(st.sampled_from(RELATED))
        whose = LEADERS if role is Role.SPONSOR else PARTICIPANTS
        person = draw(st.sampled_from(whose))
        others = {Role.MANAGER: LEADERS, Role.SPONSOR: ABOVE}.get(role, (*PARTICIPANTS, *LEADERS))
        other, span = draw(st.sampled_from([one for one in others if one != person])), draw(spans())
        same = [Span(one[3], one[4]) for one in related if one[:3] == (person, other, role)]
        if not any(span.overlaps(one) for one in same):
            related.append((person, other, role, span.start, span.end))
    managing = {other for _, other, role, _, _ in related if role is Role.MANAGER}
    related = [one for one in related if one[2] is not Role.SPONSOR or one[0] in managing]
    named = st.tuples(st.sampled_from((*LEADERS, *ABOVE)), st.sampled_from(GIVEN))
    gifts = [
        (who, role, span.start, span.end)
        for who, role in draw(st.lists(named, unique=True, max_size=4))
        for span in [draw(spans())]
    ]
    return related, gifts


def new_run(session: Session, world: World) -> RunRow:
    """A run of its own in a course of its own, with the participants in it."""
    old = runs.get_run(session, world.tenant.id, world.run.id)
    assert old is not None
    course = runs.ensure_course(session, world.tenant.id, world.platform_id, "1", str(uuid4()))
    run = runs.add_run(session, course, old.journey_row, old.day_zero, old.time_zone, world.clock())
    for sub in PARTICIPANTS:
        enrolments.enrol(session, world.tenant.id, run.id, person(session, world, sub), FIRST)
    return run


def person(session: Session, world: World, sub: str) -> str:
    email = None if sub in ("bo", "max") else f"{sub}@example.org"
    return people.ensure_person(session, world.tenant.id, ISSUER, sub, world.clock(), name=f"={sub}", email=email).id


def fill(session: Session, world: World, run: RunRow, related: list[Related], gifts: list[Given]) -> None:
    for one, other, role, start, end in related:
        ids = person(session, world, one), person(session, world, other)
        enrolments.relate(session, world.tenant.id, run.id, *ids, role, "test", start, end)
    for who, role, start, end in gifts:
        enrolments.give_role(
            session, world.tenant.id, run.id, person(session, world, who), role, world.clock(), start, end
        )


def state(session: Session, run: RunRow) -> tuple[set[Any], set[Any]]:
    related = {(row.person_id, row.other_id, row.kind, row.start, row.end) for row in relations.all_of(session, run)}
    gifts = {
        (row.person_id, row.role, row.start, row.end) for row in enrolments.given_roles(session, run.tenant_id, run.id)
    }
    return related, gifts


@given(states())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_exported_changes_nothing_and_makes_the_same_run_elsewhere(
    world: World, made: tuple[list[Related], list[Given]]
) -> None:
    """As CSV with everything in it; as a people file, which says less, it changes nothing either."""
    with world.sessions.write() as session:
        run, empty = new_run(session, world), new_run(session, world)
        fill(session, world, run, *made)
        text = export_csv(session, run)
        for file in (("\ufeff" + text).encode(), export_people(session, run).encode()):
            sent = read_file(session, run, file)
            again = plan(session, run, sent.rows, sent.problems, TODAY)
            assert (again.changes, again.problems) == ([], [])
        sent = read_text(session, empty, text)
        done = import_relations(session, Hand(empty, world.clock(), "test"), sent.rows, sent.problems)
        assert done.problems == []
        assert state(session, empty) == state(session, run)


def test_a_people_file_of_another_run_or_place_is_refused(world: World) -> None:
    """Its accounts mean nothing here."""
    with world.sessions.write() as session:
        run, other = new_run(session, world), new_run(session, world)
        text = export_people(session, run)
        assert "another run" in str(read_text(session, other, text).problems[0])
        moved = text.replace(run_home(text), "https://elsewhere.example/tenants/x")
        assert "home_page is 'https://elsewhere.example/tenants/x'" in str(read_text(session, run, moved).problems[0])


def run_home(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("home_page:")).partition(": ")[2]


def test_a_people_file_gives_roles_and_relations(world: World) -> None:
    """By account; one that nobody has is named with its line."""
    with world.sessions.write() as session:
        run = new_run(session, world)
        account = {sub: account_of(session, world, sub) for sub in ("ann", "lee", "top")}
        text = export_people(session, run).replace(
            f"- account: {account['ann']}\n  role: participant\n",
            f"- account: {account['top']}\n  role: evaluator\n"
            f"- account: {account['ann']}\n  role: participant\n  managers:\n  - account: {account['lee']}\n",
        )
        sent = read_text(session, run, text)
        done = import_relations(session, Hand(run, world.clock(), "test"), sent.rows, sent.problems)
        assert [(change.what, change.role) for change in done.changes] == [
            ("is given", "evaluator"),
            ("begins", "manager"),
        ]
        ghost = read_text(session, run, text.replace(account["lee"], str(uuid4())))
        refused = plan(session, run, ghost.rows, ghost.problems, TODAY)
        assert [problem.text[:27] for problem in refused.problems] == ["nobody here has the account"]


def account_of(session: Session, world: World, sub: str) -> str:
    found = people.get_person(session, world.tenant.id, person(session, world, sub))
    assert found is not None
    return found.account


@pytest.mark.parametrize("change", [True, False])
def test_what_was_shown_is_what_is_done(world: World, change: bool) -> None:
    """If somebody changed things between, nothing is done and the plan is another."""
    with world.sessions.write() as session:
        run = new_run(session, world)
        person(session, world, "lee")
        rows = read_text(session, run, "participant,manager,from\nann@example.org,lee@example.org,2026-04-01\n").rows
        shown = plan(session, run, rows, (), TODAY).mark
        if change:
            fill(session, world, run, [("ann", "max", Role.MANAGER, None, None)], [])
        before = state(session, run)
        done = import_relations(session, Hand(run, world.clock(), "test"), rows, (), shown)
        assert (done.mark != shown) == change
        assert (state(session, run) == before) == change


def test_two_who_lead_each_other_are_refused_by_line(world: World) -> None:
    """Also where one of them stands in the file and the other in the run."""
    with world.sessions.write() as session:
        run = new_run(session, world)
        both = read_text(session, run, "participant,manager\nann@example.org,bo\nbo,ann@example.org\n").rows
        (problem,) = plan(session, run, both, (), TODAY).problems
        assert problem.line == 3
        assert "One of them leads" in problem.text
        fill(session, world, run, [("ann", "bo", Role.MANAGER, None, None)], [])
        (again,) = plan(session, run, both[1:], (), TODAY).problems
        assert again.line == 3
