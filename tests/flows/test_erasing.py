"""Erasing somebody: who they were and what they wrote goes, what they did stays under a random id."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.launch import CourseRole
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.erasing import Traces, erase, look
from lrs_bridge.flows.launch import enter
from lrs_bridge.store import (
    enrolments,
    erased,
    erasure_requests,
    facts,
    message_links,
    notes,
    people,
    personal,
    sessions,
)
from lrs_bridge.store.base import new_id
from lrs_bridge.store.documents import DocumentRow
from lrs_bridge.store.erased import ErasedIdentity, ErasedPerson
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.message_links import TaskKind
from lrs_bridge.store.outbox import OutboxStatement
from lrs_bridge.store.tables import METADATA
from tests.flows.world import ISSUER, World

ADDRESS = "petra.novak@firm.example"


def _live(world: World) -> None:
    """Petra has a name, an address, a note, a link, a visit and an act."""
    act = world.act(Kind.COMPLETED, world.petra, step="S08")
    with world.sessions.write() as session:
        petra = people.get_person(session, world.tenant.id, world.petra.id)
        assert petra is not None
        petra.email = ADDRESS
        notes.write_note(
            session,
            world.tenant.id,
            world.run.id,
            world.enrolment.id,
            petra.id,
            str(act.id),
            "application",
            {"what_happened": "I told Tom Berger about it."},
            world.clock(),
        )
        sessions.open_visit(session, world.tenant.id, petra.id, world.platform_id, [], world.clock())
        message_links.make_link(
            session,
            "secret",
            world.tenant.id,
            world.run.id,
            world.mark.id,
            world.enrolment.id,
            TaskKind.STEP,
            "S07",
            world.clock(),
        )


def _erase(world: World) -> Traces:
    with world.sessions.write() as session:
        found = erase(session, world.tenant.id, world.petra.id, "Ada", world.clock())
    assert found is not None
    return found


def _everything(world: World) -> str:
    """All that the database holds, as text."""
    with world.sessions.read() as session:
        return "\n".join(str(row) for table in METADATA.sorted_tables for row in session.execute(select(table)))


def test_nothing_of_who_they_were_or_wrote_is_left_anywhere(world: World):
    _live(world)
    assert all(word in _everything(world) for word in ("Petra Novak", ADDRESS, "Tom Berger"))
    _erase(world)
    left = _everything(world)
    assert not [word for word in ("Petra", "petra", ADDRESS, "Tom Berger") if word in left]


def test_what_they_did_stays_under_the_random_id_with_a_tombstone(world: World):
    _live(world)
    _erase(world)
    with world.sessions.read() as session:
        kinds = {fact.kind for fact in facts.facts_of(session, world.tenant.id, world.enrolment.id)}
        enrolment = enrolments.get_enrolment(session, world.tenant.id, world.enrolment.id)
        relations = enrolments.relations_of(session, world.tenant.id, world.run.id, [world.petra.id])
        assert enrolment is not None
        assert enrolment.withdrawn == world.clock().date()
        assert [one.end for one in relations[world.petra.id]] == [world.clock().date()]
        assert erased.tombs(session, world.tenant.id).keys() == {world.petra.id}
    assert {Kind.REGISTERED, Kind.COMPLETED, Kind.WITHDREW} <= kinds


def test_visits_and_links_end_at_once(world: World):
    _live(world)
    _erase(world)
    with world.sessions.read() as session:
        for table in ("visit", "message_link", "identity"):
            column = METADATA.tables[table].c.tenant_id
            owner = session.execute(select(METADATA.tables[table]).where(column == world.tenant.id)).all()
            assert not [row for row in owner if world.petra.id in row]


def test_the_preview_counts_what_goes_and_changes_nothing(world: World):
    _live(world)
    before = _everything(world)
    with world.sessions.read() as session:
        seen = look(session, world.tenant.id, world.petra.id)
    assert seen is not None
    assert _everything(world) == before
    told = {one.table: one.rows for one in seen.gone}
    assert told == {one.table: one.rows for one in _erase(world).gone}
    assert {"person", "identity", "note", "visit", "message_link"} <= told.keys()


def test_the_lms_cannot_make_them_again(world: World):
    _live(world)
    _erase(world)
    launch = world.launch("petra", CourseRole.LEARNER)
    with pytest.raises(ErasedPerson), world.sessions.write() as session:
        enter(session, launch, world.clock())
    with world.sessions.write() as session:
        assert not erased.is_erased(session, world.tenant.id, ISSUER, "mark")
        assert erased.readmit(session, world.tenant.id, ISSUER, "petra")
        enter(session, launch, world.clock())
        again = people.person_by_identity(session, world.tenant.id, ISSUER, "petra")
        assert again is not None
        assert again.account != world.petra.account


def test_how_the_lms_named_them_cannot_be_tried_out_with_the_database_alone(world: World):
    world.sessions.key = "the secret of this installation"
    _live(world)
    _erase(world)
    with world.sessions.write() as session:
        kept = session.scalars(select(ErasedIdentity.hash)).all()
        assert erased.is_erased(session, world.tenant.id, ISSUER, "petra")
    world.sessions.key = "a guess"
    with world.sessions.write() as session:
        assert not erased.is_erased(session, world.tenant.id, ISSUER, "petra")
    assert len(kept) == 1
    assert "petra" not in kept[0]


def test_statements_that_name_them_are_voided_in_the_record(world: World):
    _live(world)
    theirs = Fact(
        str(uuid4()),
        Kind.COMPLETED,
        world.clock(),
        f"mbox|mailto:{ADDRESS}",
        "http://adlnet.gov/expapi/verbs/completed",
        registration=world.enrolment.id,
        step="S09",
    )
    with world.sessions.write() as session:
        facts.add(session, world.tenant.id, [theirs])
    found = _erase(world)
    assert list(found.named) == [theirs.id]
    with world.sessions.read() as session:
        bodies: list[Any] = list(session.scalars(select(OutboxStatement.body)))
        kept = session.scalar(select(FactRow).where(FactRow.id == theirs.id))
        assert kept is not None
        assert (kept.actor, kept.voided) == (world.petra.account, True)
    voids = [body for body in bodies if body and body["verb"]["id"] == "http://adlnet.gov/expapi/verbs/voided"]
    assert [body["object"]["id"] for body in voids] == [theirs.id]


def _document(world: World, agent: str) -> DocumentRow:
    key = new_id().encode()[:16]
    return DocumentRow(
        shelf=key,
        place=key,
        tenant_id=world.tenant.id,
        kind="agents/profile",
        agent=agent,
        id="preferences",
        content_type="text/plain",
        content=b"x",
        etag="x",
        updated=world.clock(),
    )


def test_documents_about_them_go_and_those_of_somebody_else_of_the_same_name_elsewhere_stay(world: World):
    _live(world)
    other = '{"account":{"homePage":"https://other.example","name":"petra"}}'
    with world.sessions.write() as session:
        session.add(_document(world, f'{{"account":{{"homePage":"{ISSUER}","name":"petra"}}}}'))
        session.add(_document(world, f'{{"mbox":"mailto:{ADDRESS}"}}'))
        session.add(_document(world, other))
    assert _erase(world).documents == 2
    with world.sessions.read() as session:
        assert list(session.scalars(select(DocumentRow.agent))) == [other]


def test_a_request_is_settled_by_it_and_erasing_twice_is_once(world: World):
    _live(world)
    with world.sessions.write() as session:
        erasure_requests.ask(session, world.tenant.id, world.petra.id, world.clock())
    _erase(world)
    with world.sessions.write() as session:
        assert not erasure_requests.all_open(session, world.tenant.id)
        assert erase(session, world.tenant.id, world.petra.id, "Ada", world.clock()) is None
        assert erase(session, "another", world.mark.id, "Ada", world.clock()) is None


def test_a_manager_who_is_erased_leads_nobody_from_tomorrow_on(world: World):
    with world.sessions.write() as session:
        assert erase(session, world.tenant.id, world.mark.id, "Ada", world.clock()) is not None
    with world.sessions.read() as session:
        led = enrolments.people_of(
            session, world.tenant.id, world.run.id, world.mark.id, Role.MANAGER, date(2026, 12, 1)
        )
    assert not led


def test_the_map_names_only_columns_and_keys_that_fit(world: World):
    """Whatever it says is done can be done, on every database."""
    everything = {key: ["nobody"] for key in personal.Key}
    with world.sessions.write() as session:
        assert personal.of_erased(session, world.tenant.id, everything, do=True) == []
        tables = list(METADATA.tables)
        assert personal.of_over(session, world.tenant.id, everything, tables, do=True) == []
