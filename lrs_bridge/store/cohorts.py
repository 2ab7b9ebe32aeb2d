"""The people file of a run, put together from its rows: what evaluators see of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Cohort, Person, Relation, Role
from lrs_bridge.store.enrolments import Enrolment, RelationRow, enrolments, given_roles
from lrs_bridge.store.people import accounts_of, subs_of
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tenants import get_tenant


def cohort_of(session: Session, run: RunRow) -> Cohort:
    """Everybody: participants with their relations, everyone these name, and whoever was given a role in the run."""
    return _cohort(session, run, enrolments(session, run.tenant_id, run.id))


def cohort_of_one(session: Session, run: RunRow, enrolment: Enrolment) -> Cohort:
    """One participant and the people around them: costs the same in a run of any size."""
    return _cohort(session, run, [enrolment])


def cohort_of_some(session: Session, run: RunRow, rows: Sequence[Enrolment]) -> Cohort:
    """These participants and the people around them."""
    return _cohort(session, run, rows)


def _cohort(session: Session, run: RunRow, rows: Sequence[Enrolment]) -> Cohort:
    tenant_id = run.tenant_id
    own = _relations(session, run, [row.person_id for row in rows])
    other_ids = {relation.other_id for group in own.values() for relation in group}
    theirs = _relations(session, run, other_ids)
    other_ids |= {relation.other_id for group in theirs.values() for relation in group}
    given = _given(session, run)
    other_ids |= given.keys()
    accounts = accounts_of(session, tenant_id, other_ids)
    identities = subs_of(session, tenant_id, [row.person_id for row in rows])
    participants = [
        _participant(row, own.get(row.person_id, []), accounts, identities.get(row.person_id, []), given)
        for row in rows
    ]
    known = {person.account for person in participants}
    kinds = _kinds([*own.values(), *theirs.values()], given)
    others = [
        _other(accounts[id_], kinds[id_], _named(Role.SPONSOR, theirs.get(id_, []), accounts))
        for id_ in sorted(other_ids, key=accounts.__getitem__)
        if accounts[id_] not in known
    ]
    return Cohort(run.run, get_tenant(session, tenant_id).iri_base, (*participants, *others))


class _Tie(NamedTuple):
    """A relation, without the costs of a row that could be changed: a large run has thousands."""

    person_id: str
    other_id: str
    kind: str
    start: date | None
    end: date | None


_TIE = [getattr(RelationRow, name) for name in _Tie._fields]


def _relations(session: Session, run: RunRow, person_ids: Iterable[str]) -> dict[str, list[_Tie]]:
    """By the person they belong to, oldest first."""
    mine = RelationRow.tenant_id == run.tenant_id, RelationRow.run_id == run.id
    wanted = select(*_TIE).where(*mine, RelationRow.person_id.in_(set(person_ids)))
    found: dict[str, list[_Tie]] = {}
    for row in session.execute(wanted.order_by(RelationRow.start, RelationRow.id)):
        found.setdefault(row[0], []).append(_Tie(*row))
    return found


def _given(session: Session, run: RunRow) -> dict[str, frozenset[Role]]:
    """Roles in the whole run by person id: a handful, however many take part."""
    found: dict[str, set[Role]] = {}
    for row in given_roles(session, run.tenant_id, run.id):
        if row.role != Role.PARTICIPANT:
            found.setdefault(row.person_id, set()).add(Role(row.role))
    return {id_: frozenset(roles) for id_, roles in found.items()}


def _participant(
    row: Enrolment,
    relations: Sequence[_Tie],
    accounts: dict[str, str],
    identities: Sequence[tuple[str, str]],
    given: Mapping[str, frozenset[Role]],
) -> Person:
    keys = [f"account|{issuer}|{sub}" for issuer, sub in identities]
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
        also=given.get(row.person_id, frozenset()),
        day_zero=row.day_zero,
    )


def _other(account: str, kinds: frozenset[Role], sponsors: tuple[Relation, ...]) -> Person:
    foremost = _foremost(kinds)
    return Person(account, foremost, sponsors=sponsors, also=kinds - {foremost})


def _named(kind: Role, relations: Sequence[_Tie], accounts: dict[str, str]) -> tuple[Relation, ...]:
    return tuple(Relation(accounts[r.other_id], r.start, r.end) for r in relations if r.kind == kind)


def _kinds(groups: Sequence[Sequence[_Tie]], given: Mapping[str, frozenset[Role]]) -> dict[str, frozenset[Role]]:
    """What people are in the run, by person id."""
    kinds: dict[str, set[Role]] = {id_: set(roles) for id_, roles in given.items()}
    for group in groups:
        for relation in group:
            kinds.setdefault(relation.other_id, set()).add(Role(relation.kind))
    return {id_: frozenset(roles) for id_, roles in kinds.items()}


def _foremost(kinds: frozenset[Role]) -> Role:
    """A manager who is also a coach counts as manager."""
    return next(kind for kind in (Role.MANAGER, Role.SPONSOR, Role.COACH, *sorted(kinds)) if kind in kinds)
