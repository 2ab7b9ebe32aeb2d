"""The people file of a run, put together from its rows: what evaluators see of people."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Cohort, Person, Relation, Role
from lrs_bridge.store.enrolments import Enrolment, RelationRow, enrolments, relations_of
from lrs_bridge.store.people import Identity, identities_of, people_by_id
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tenants import get_tenant


def cohort_of(session: Session, run: RunRow) -> Cohort:
    """Everybody: participants with their relations, and everyone these name."""
    return _cohort(session, run, enrolments(session, run.tenant_id, run.id))


def cohort_of_one(session: Session, run: RunRow, enrolment: Enrolment) -> Cohort:
    """One participant and the people around them: costs the same in a run of any size."""
    return _cohort(session, run, [enrolment])


def _cohort(session: Session, run: RunRow, rows: Sequence[Enrolment]) -> Cohort:
    tenant_id = run.tenant_id
    own = relations_of(session, tenant_id, run.id, [row.person_id for row in rows])
    other_ids = {relation.other_id for group in own.values() for relation in group}
    theirs = relations_of(session, tenant_id, run.id, other_ids)
    other_ids |= {relation.other_id for group in theirs.values() for relation in group}
    accounts = {id_: p.account for id_, p in people_by_id(session, tenant_id, other_ids).items()}
    identities = identities_of(session, tenant_id, [row.person_id for row in rows])
    participants = [
        _participant(row, own.get(row.person_id, []), accounts, identities.get(row.person_id, [])) for row in rows
    ]
    known = {person.account for person in participants}
    roles = _roles([*own.values(), *theirs.values()])
    others = [
        Person(
            accounts[id_],
            roles[id_],
            sponsors=_named(Role.SPONSOR, theirs.get(id_, []), accounts),
        )
        for id_ in sorted(other_ids, key=accounts.__getitem__)
        if accounts[id_] not in known
    ]
    return Cohort(run.run, get_tenant(session, tenant_id).iri_base, (*participants, *others))


def _participant(
    row: Enrolment, relations: Sequence[RelationRow], accounts: dict[str, str], identities: Sequence[Identity]
) -> Person:
    keys = [f"account|{identity.issuer}|{identity.sub}" for identity in identities]
    if row.person.email:
        keys.append(f"mbox|mailto:{row.person.email}")
    return Person(
        account=row.person.account,
        role=Role.PARTICIPANT,
        registration=row.id,
        enrolled=row.enrolled,
        withdrawn=row.withdrawn,
        area=row.area,
        managers=_named(Role.MANAGER, relations, accounts),
        coaches=_named(Role.COACH, relations, accounts),
        identities=tuple(keys),
    )


def _named(kind: Role, relations: Sequence[RelationRow], accounts: dict[str, str]) -> tuple[Relation, ...]:
    return tuple(Relation(accounts[r.other_id], r.start, r.end) for r in relations if r.kind == kind)


def _roles(groups: Sequence[Sequence[RelationRow]]) -> dict[str, Role]:
    """What people are to others in the run, by person id; a manager who is also a coach counts as manager."""
    kinds: dict[str, set[str]] = {}
    for group in groups:
        for relation in group:
            kinds.setdefault(relation.other_id, set()).add(relation.kind)
    return {person_id: _foremost(of_one) for person_id, of_one in kinds.items()}


def _foremost(kinds: set[str]) -> Role:
    return next(Role(kind) for kind in (Role.MANAGER, Role.SPONSOR, Role.COACH, *sorted(kinds)) if kind in kinds)
