"""Erasing a person: who they were goes, with all they wrote; what they did stays under a random id that nobody can
follow back. Totals that came out are not changed.

The record store has no way to delete (xAPI 1.0.3, Data 2.3.2): statements that name the person are voided, documents
about them go from the embedded store. What the data map says is done with every other table.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lrs_bridge.domain.data_map import Key
from lrs_bridge.domain.events import Event, Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.enrol import withdraw
from lrs_bridge.flows.record import record
from lrs_bridge.store import enrolments, erased, erasure_requests, people, personal, results, runs, studies, tenants
from lrs_bridge.store.documents import DocumentRow
from lrs_bridge.store.enrolments import Enrolment, RelationRow, RunRole
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.forwarded import ForwardedStatement
from lrs_bridge.store.people import Identity, PersonRow
from lrs_bridge.store.personal import Gone
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.unreadable import UnreadableStatement

log = logging.getLogger("lrs_bridge.privacy")


@dataclass(frozen=True)
class Traces:
    """What there is of a person. `named`: ids of statements that name them otherwise than by their random id, as other
    systems sent them; `documents`: such as other systems keep about them in the embedded store; `unread`: statements
    with their name or address that could not be read, or not yet."""

    person: PersonRow
    identities: Sequence[Identity]
    enrolled: Sequence[Enrolment]
    gone: Sequence[Gone]
    named: Sequence[str]
    documents: int
    unread: int


def look(session: Session, tenant_id: str, person_id: str) -> Traces | None:
    """What erasing would do; None for nobody, or somebody who was erased."""
    return _traces(session, tenant_id, person_id, do=False)


def erase(session: Session, tenant_id: str, person_id: str, by: str, now: datetime) -> Traces | None:
    """Erase somebody, in one transaction; None where there is nobody to erase, and nothing happens."""
    found = _traces(session, tenant_id, person_id, do=False)
    if found is None:
        return None
    _leave(session, tenant_id, found, now)
    _void(session, tenant_id, found, now)
    request = erasure_requests.open_of(session, tenant_id, person_id)
    if request is not None:
        erasure_requests.settle(session, tenant_id, request.id, by, now)
    names = [(one.issuer, one.sub) for one in found.identities]
    erased.keep(session, tenant_id, names, now.date())
    session.flush()
    _forget_documents(session, tenant_id, found)
    _forget_unread(session, tenant_id, found)
    studies.forget_reports(session, tenant_id, [row.id for row in found.enrolled])
    gone = personal.of_erased(session, tenant_id, _whose(found.person, found.enrolled), do=True)
    erased.entomb(session, tenant_id, person_id, by, now)
    session.expire_all()
    log.info("person %s was erased, %d statements voided", found.person.account, len(found.named))
    return Traces(found.person, (), found.enrolled, gone, found.named, found.documents, found.unread)


def _traces(session: Session, tenant_id: str, person_id: str, do: bool) -> Traces | None:
    person = people.get_person(session, tenant_id, person_id)
    if person is None or erased.tombs(session, tenant_id, [person_id]):
        return None
    identities = people.identities_of(session, tenant_id, [person_id]).get(person_id, [])
    enrolled = enrolments.enrolments_of_people(session, tenant_id, [person_id]).get(person_id, [])
    keys = [f"account|{one.issuer}|{one.sub}" for one in identities]
    if person.email:
        keys.append(f"mbox|mailto:{person.email}")
    named = session.scalars(
        select(FactRow.id).where(FactRow.tenant_id == tenant_id, FactRow.actor.in_(keys), FactRow.voided.is_(False))
    ).all()
    return Traces(
        person,
        identities,
        enrolled,
        personal.of_erased(session, tenant_id, _whose(person, enrolled), do),
        named,
        len(_documents(session, tenant_id, person, identities)),
        sum(len(ids) for ids in _unread(session, tenant_id, person, identities).values()),
    )


def _whose(person: PersonRow, enrolled: Sequence[Enrolment]) -> personal.Whose:
    return {
        Key.PERSON: [person.id],
        Key.ENROLMENT: [row.id for row in enrolled],
        Key.ACCOUNT: [person.account],
        Key.EMAIL: [person.email] if person.email else [],
    }


def _leave(session: Session, tenant_id: str, found: Traces, now: datetime) -> None:
    """Out of every run that goes on; relations and roles end today, and what hung on them is computed again."""
    touched = set()
    for enrolment in found.enrolled:
        run = runs.get_run(session, tenant_id, enrolment.run_id)
        if run is not None and run.closed is None:
            withdraw(session, run, enrolment, now)
            touched.add(enrolment.run_id)
    mine = (RelationRow.person_id == found.person.id) | (RelationRow.other_id == found.person.id)
    given = RunRole.tenant_id == tenant_id, RunRole.person_id == found.person.id
    rows: list[RelationRow | RunRole] = [
        *session.scalars(select(RelationRow).where(RelationRow.tenant_id == tenant_id, mine)),
        *session.scalars(select(RunRole).where(*given)),
    ]
    for row in rows:
        if row.end is None or row.end > now.date():
            row.end = now.date()
            touched.add(row.run_id)
    for run_id in touched:
        results.mark_due(session, tenant_id, run_id, run_id, now)


def _void(session: Session, tenant_id: str, found: Traces, now: datetime) -> None:
    """Ask the record to set aside what names the person; facts read from it go by the random id from now on."""
    tenant = tenants.get_tenant(session, tenant_id)
    chosen = FactRow.tenant_id == tenant_id, FactRow.id.in_(found.named)
    for id_, registration in session.execute(select(FactRow.id, FactRow.registration).where(*chosen)).all():
        enrolment = enrolments.get_enrolment(session, tenant_id, registration or "")
        enrolment = enrolment or next(iter(found.enrolled), None)
        run = runs.get_run(session, tenant_id, enrolment.run_id) if enrolment else None
        if run is not None and enrolment is not None:
            record(session, tenant, _voiding(run, enrolment.id, UUID(id_), now), now)
    session.flush()
    session.execute(update(FactRow).where(*chosen).values(actor=found.person.account, unclaimed=False))


def _voiding(run: RunRow, registration: str, statement: UUID, now: datetime) -> Event:
    return Event(
        id=uuid5(statement, "erased"),
        kind=Kind.VOIDED,
        at=now,
        actor="system",
        role=Role.SYSTEM,
        run=run.id,
        journey=run.journey_row.slug,
        version=run.journey_row.version,
        registration=registration,
        refers_to=str(statement),
    )


def _documents(session: Session, tenant_id: str, person: PersonRow, identities: Sequence[Identity]) -> list[str]:
    """The agents of documents that are this person, as they stand in the rows."""
    query = select(DocumentRow.agent).where(DocumentRow.tenant_id == tenant_id, DocumentRow.agent.is_not(None))
    return [agent for agent in session.scalars(query) if agent and _is(json.loads(agent), person, identities)]


def _is(agent: Mapping[str, Any], person: PersonRow, identities: Sequence[Identity]) -> bool:
    account = agent.get("account")
    if isinstance(account, Mapping):
        name = account.get("name")
        return name == person.account or (account.get("homePage"), name) in {
            (one.issuer, one.sub) for one in identities
        }
    return person.email is not None and str(agent.get("mbox", "")).lower() == f"mailto:{person.email}"


def _forget_documents(session: Session, tenant_id: str, found: Traces) -> None:
    agents = set(_documents(session, tenant_id, found.person, found.identities))
    session.execute(delete(DocumentRow).where(DocumentRow.tenant_id == tenant_id, DocumentRow.agent.in_(agents)))


def _unread(
    session: Session, tenant_id: str, person: PersonRow, identities: Sequence[Identity]
) -> dict[type[UnreadableStatement] | type[ForwardedStatement], list[str]]:
    """Ids of statements, by table, in which the address stands, or issuer and sub of one of their names."""
    found: dict[type[UnreadableStatement] | type[ForwardedStatement], list[str]] = {}
    for table in (UnreadableStatement, ForwardedStatement):
        rows = session.execute(select(table.id, table.body).where(table.tenant_id == tenant_id))
        found[table] = [id_ for id_, body in rows if _names(json.dumps(body).lower(), person, identities)]
    return found


def _names(text: str, person: PersonRow, identities: Sequence[Identity]) -> bool:
    if person.email and f"mailto:{person.email}" in text:
        return True
    return any(json.dumps(one.sub).lower() in text and one.issuer.lower() in text for one in identities)


def _forget_unread(session: Session, tenant_id: str, found: Traces) -> None:
    for table, ids in _unread(session, tenant_id, found.person, found.identities).items():
        session.execute(delete(table).where(table.tenant_id == tenant_id, table.id.in_(ids)))
