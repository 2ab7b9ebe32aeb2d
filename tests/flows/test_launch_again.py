"""Launches by people who have been here: what they tell is kept, and where they tell nothing, little is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from lrs_bridge.domain.launch import CourseRole, Launch, Services
from lrs_bridge.flows.launch import Entered, Lasting, enter
from lrs_bridge.store import people, runs
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sessions import find_visit
from tests.flows.world import ISSUER, LINEITEMS, World

LEARNER = CourseRole.LEARNER


def _enter(world: World, sub: str, *roles: CourseRole, **more: Any) -> Entered:
    changed = {name: more.pop(name) for name in ("name", "email") if name in more}
    with world.sessions.write() as session:
        return enter(session, replace(world.launch(sub, *roles, **more), **changed), world.clock())


@contextmanager
def _asked(world: World) -> Iterator[list[str]]:
    """The first words of what the database is asked meanwhile."""
    asked: list[str] = []

    def remember(_conn: Any, _cursor: Any, statement: str, *_: object) -> None:
        asked.append(" ".join(statement.split()[: 3 if statement.startswith("INSERT") else 1]))

    event.listen(world.sessions.engine, "before_cursor_execute", remember)
    yield asked
    event.remove(world.sessions.engine, "before_cursor_execute", remember)


def test_somebody_known_costs_one_query_and_one_visit(world: World) -> None:
    """Also where the launch offers the services and the column that it offered before."""
    services = Services(lineitem=f"{ISSUER}/items/7", lineitems=LINEITEMS, memberships=f"{ISSUER}/members")
    told: dict[str, Any] = {"services": services, "context_title": "Sales academy", "email": "Petra@example.com"}
    _enter(world, "petra", LEARNER, **told)
    with _asked(world) as asked:
        _enter(world, "petra", LEARNER, **told)
    assert asked == ["SELECT", "INSERT INTO visit"]


def test_a_visit_alone_need_not_outlast_a_power_cut(world: World) -> None:
    """Somebody who is known and enrolled may be let in by a transaction that does not wait for the disk."""
    _enter(world, "petra", LEARNER)
    with world.sessions.jot() as session:
        entered = enter(session, world.launch("petra", LEARNER), world.clock(), lasts=False)
    assert entered.run_id == world.run.id


@pytest.mark.parametrize(
    "launch",
    [
        pytest.param(lambda world: world.launch("nobody knows", LEARNER), id="somebody new"),
        pytest.param(lambda world: world.launch("petra", CourseRole.MENTOR), id="a mentor with a claim"),
        pytest.param(lambda world: replace(world.launch("petra", LEARNER), email="new@example.com"), id="a new e-mail"),
        pytest.param(
            lambda world: world.launch("petra", LEARNER, services=Services(lineitem=f"{ISSUER}/items/9")),
            id="a new column",
        ),
    ],
)
def test_all_else_has_to(world: World, launch: Callable[[World], Launch]) -> None:
    _enter(world, "petra", LEARNER)
    with pytest.raises(Lasting), world.sessions.jot() as session:
        enter(session, launch(world), world.clock(), lasts=False)
    with world.sessions.write() as session:
        assert enter(session, launch(world), world.clock()).run_id == world.run.id


def test_an_enrolment_has_to_as_well(world: World) -> None:
    with world.sessions.write() as session:
        enter(session, world.launch("tom", CourseRole.INSTRUCTOR), world.clock())
    with pytest.raises(Lasting), world.sessions.jot() as session:
        enter(session, world.launch("tom", LEARNER), world.clock(), lasts=False)


def test_a_link_to_a_step_costs_no_more(world: World) -> None:
    """What a version of a journey says is read once."""
    for _ in range(2):
        with _asked(world) as asked:
            entered = _enter(world, "petra", LEARNER, name="Petra Novak", custom={"step": "S08"})
    assert entered.path.endswith("/steps/S08")
    assert asked == ["SELECT", "INSERT INTO visit"]


def test_what_the_next_launch_tells_otherwise_is_kept(world: World) -> None:
    """Name and e-mail of the person; title and services of the course; what it leaves out stays."""
    _enter(world, "petra", LEARNER, email="petra@example.com", context_title="Sales academy")
    services = Services(lineitems=f"{ISSUER}/other", memberships=f"{ISSUER}/members", groups=f"{ISSUER}/groups")
    _enter(world, "petra", LEARNER, name="Petra Nováková", context_title="Sales academy 2", services=services)
    _enter(world, "petra", LEARNER, name=None, services=Services())
    with world.sessions.read() as session:
        person = people.person_by_identity(session, world.tenant.id, ISSUER, "petra")
        course = runs.get_course(session, world.tenant.id, world.course.id)
        assert person is not None
        assert course is not None
        assert (person.id, person.name, person.email) == (world.petra.id, "Petra Nováková", "petra@example.com")
        assert (course.title, course.lineitems_url) == ("Sales academy 2", f"{ISSUER}/other")
        assert (course.memberships_url, course.groups_url) == (f"{ISSUER}/members", f"{ISSUER}/groups")


def test_a_run_that_was_closed_meanwhile_is_entered_by_its_own_links_only(world: World) -> None:
    """Whether a run is open is asked at every launch."""
    assert _enter(world, "petra", LEARNER).run_id == world.run.id
    with world.sessions.write() as session:
        session.get_one(RunRow, world.run.id).closed = world.clock()
    assert _enter(world, "petra", LEARNER).run_id is None
    assert _enter(world, "petra", LEARNER, custom={"journey": "field-coaching-90"}).run_id is None
    assert _enter(world, "petra", LEARNER, custom={"run": world.run.id}).run_id == world.run.id


def test_the_same_sub_at_another_lms_is_somebody_else(world: World) -> None:
    """An LMS names people for itself: its name for one says nothing of another's."""
    launch = replace(world.launch("petra", LEARNER), issuer="https://other.example", name="Petra Novak")
    with world.sessions.write() as session:
        entered = enter(session, launch, world.clock())
    with world.sessions.read() as session:
        visit = find_visit(session, entered.path.split("/")[2], world.clock())
        other = people.person_by_identity(session, world.tenant.id, "https://other.example", "petra")
        assert visit is not None
        assert other is not None
        assert visit.person_id == other.id != world.petra.id
