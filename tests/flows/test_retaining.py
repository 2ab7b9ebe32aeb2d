"""What has been kept for long enough goes once a day; a dry run tells what would go and changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.retention import Terms
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.retaining import NAMES, Forgotten, retain, retain_due
from lrs_bridge.store import notes, people, record_accesses, results, retention_notes, runs
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.notes import Note
from lrs_bridge.store.record_accesses import Looked, RecordAccess, Viewer
from lrs_bridge.store.tables import METADATA
from tests.flows.world import World
from tests.plugins import installed

TERMS = Terms()


def _live(world: World) -> None:
    """An act with a text, the run's figures, and a look at the record."""
    act = world.act(Kind.COMPLETED, world.petra, step="S08")
    with world.sessions.write() as session:
        notes.write_note(
            session,
            world.tenant.id,
            world.run.id,
            world.enrolment.id,
            world.petra.id,
            str(act.id),
            "application",
            {"what_happened": "It went well."},
            world.clock(),
        )
        viewer = Viewer(str(Role.ADMIN), visit="x")
        record_accesses.note(session, world.tenant.id, viewer, Looked.LIST, False, {}, 1, world.clock())
    registry = installed()
    for _ in range(2):
        while evaluate_due(world.sessions, registry, world.clock()):
            pass
        world.clock.on(seconds=5)


def _months(world: World, months: int) -> datetime:
    """So many months, and a few days, after the run's last day."""
    return world.clock.on(days=months * 31 + 120)


def _retain(world: World, terms: Terms = TERMS, dry: bool = False) -> dict[str, int]:
    with world.sessions.write() as session:
        return _told(retain(session, world.tenant.id, terms, world.clock(), dry))


def _told(found: list[Forgotten]) -> dict[str, int]:
    return {one.what: one.rows for one in found}


def _rows(world: World) -> dict[str, int]:
    with world.sessions.read() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
        }


def test_while_a_run_goes_on_nothing_goes(world: World):
    _live(world)
    before = _rows(world)
    assert _retain(world) == {}
    assert {**_rows(world), "retention_note": 0} == before


def test_texts_go_after_twelve_months_and_what_was_done_stays(world: World):
    _live(world)
    _months(world, 12)
    assert _retain(world) == {"note": 1}
    left = _rows(world)
    assert left["note"] == 0
    assert left["fact"] > 0
    assert left["result"] > 0


def test_what_people_did_and_who_they_were_goes_after_twenty_four_and_totals_stay(world: World):
    _live(world)
    with world.sessions.read() as session:
        totals = results.results_of_run(session, world.tenant.id, world.run.id, "cohort")
        told = {row.indicator: row.value for row in totals}
    _months(world, 24)
    gone = _retain(world)
    assert {"note", "fact", "event", "result", "record_access", NAMES} <= gone.keys()
    with world.sessions.read() as session:
        left = results.results_of_run(session, world.tenant.id, world.run.id, "cohort")
        assert {row.indicator: row.value for row in left} == told
        petra = people.get_person(session, world.tenant.id, world.petra.id)
        run = runs.get_run(session, world.tenant.id, world.run.id)
        assert petra is not None
        assert run is not None
        assert (petra.name, petra.account) == (None, world.petra.account)
        assert run.closed is not None


def test_a_dry_run_tells_the_same_and_changes_nothing(world: World):
    _live(world)
    _months(world, 24)
    before = _rows(world)
    told = _retain(world, dry=True)
    assert _rows(world) == before
    assert told == _retain(world)
    assert _retain(world) == {}


def test_terms_are_settings(world: World):
    _live(world)
    world.clock.on(days=200)
    assert _retain(world) == {}
    assert _retain(world, Terms(words=1)) == {"note": 1}


def test_it_is_done_once_a_day_and_noted(world: World):
    _live(world)
    _months(world, 12)
    assert retain_due(world.sessions, world.tenant.id, TERMS, world.clock()) == 1
    with world.sessions.write() as session:
        session.add(Note(**_note(world)))
    assert retain_due(world.sessions, world.tenant.id, TERMS, world.clock.on(hours=23)) == 0
    assert retain_due(world.sessions, world.tenant.id, TERMS, world.clock.on(hours=2)) == 1
    with world.sessions.read() as session:
        noted = retention_notes.newest(session, world.tenant.id)
    assert [(one.what, one.run_id, one.rows) for one in noted] == [("note", world.run.id, 1)] * 2


def _note(world: World) -> dict[str, object]:
    return {
        "statement_id": "later",
        "tenant_id": world.tenant.id,
        "run_id": world.run.id,
        "enrolment_id": world.enrolment.id,
        "author_id": world.petra.id,
        "kind": "application",
        "texts": {"what_happened": "Another."},
        "created": world.clock(),
    }


def test_statements_of_people_who_never_came_go_after_a_year(world: World):
    with world.sessions.write() as session:
        for id_, age in (("old", 400), ("young", 300)):
            session.add(
                FactRow(
                    tenant_id=world.tenant.id,
                    id=id_,
                    kind="completed",
                    actor="mbox|mailto:somebody@firm.example",
                    at=world.clock() - timedelta(days=age),
                    body={},
                    unclaimed=True,
                )
            )
    assert _retain(world) == {"fact": 1}
    with world.sessions.read() as session:
        assert session.scalars(select(FactRow.id).where(FactRow.unclaimed)).all() == ["young"]


def test_another_tenants_data_is_left_alone(world: World):
    _live(world)
    _months(world, 24)
    before = _rows(world)
    with world.sessions.write() as session:
        assert retain(session, "another", TERMS, world.clock(), dry=True) == []
        assert session.scalar(select(func.count()).select_from(RecordAccess)) == before["record_access"]
