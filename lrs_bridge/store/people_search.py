"""Finding people by a part of their name, in a tenant or among everybody who has a part in a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from lrs_bridge.store import people
from lrs_bridge.store.enrolments import Enrolment, RelationRow, RunRole
from lrs_bridge.store.people import Identity, PersonRow
from lrs_bridge.store.platforms import Platform
from lrs_bridge.store.runs import Course, RunRow


def named(session: Session, tenant_id: str, text: str, limit: int, run_id: str | None = None) -> Sequence[PersonRow]:
    """People whose name has `text` in it, by name; somebody with exactly this name is enough."""
    query = select(PersonRow).where(
        PersonRow.tenant_id == tenant_id,
        or_(PersonRow.name.icontains(text, autoescape=True), PersonRow.name.contains(text, autoescape=True)),
    )
    if run_id is not None:
        query = query.where(PersonRow.id.in_(part_of(tenant_id, run_id)))
    found = session.scalars(query.order_by(PersonRow.name, PersonRow.id).limit(limit)).all()
    exactly = [person for person in found if (person.name or "").casefold() == text.casefold()]
    return exactly or found


def in_run(session: Session, tenant_id: str, run_id: str, limit: int) -> Sequence[PersonRow]:
    """Everybody with a part in the run whose name is known, by name."""
    query = select(PersonRow).where(
        PersonRow.tenant_id == tenant_id, PersonRow.name.is_not(None), PersonRow.id.in_(part_of(tenant_id, run_id))
    )
    return session.scalars(query.order_by(PersonRow.name, PersonRow.id).limit(limit)).all()


def has_part(session: Session, tenant_id: str, run_id: str, person_id: str) -> bool:
    part = select(PersonRow.id).where(PersonRow.id == person_id, PersonRow.id.in_(part_of(tenant_id, run_id)))
    return session.scalar(part.where(PersonRow.tenant_id == tenant_id)) is not None


def part_of(tenant_id: str, run_id: str) -> Select[Any]:
    """Ids of everybody who takes part or is something to somebody in the run, now or ever."""

    def of(table: type[Enrolment | RelationRow | RunRole], column: str) -> Select[Any]:
        return select(getattr(table, column)).where(table.tenant_id == tenant_id, table.run_id == run_id)

    parts = of(Enrolment, "person_id"), of(RelationRow, "person_id"), of(RelationRow, "other_id")
    together = parts[0].union(*parts[1:], of(RunRole, "person_id")).subquery()
    return select(together.c[0])


def keys_of(
    session: Session, tenant_id: str, person: PersonRow, run_id: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How statements name a person: agent keys (see `xapi.reading`) of their acts, and registrations."""
    known = people.identities_of(session, tenant_id, [person.id]).get(person.id, ())
    actors = [person.account, *(f"account|{one.issuer}|{one.sub}" for one in known)]
    if person.email:
        actors.append(f"mbox|mailto:{person.email}")
    query = select(Enrolment.id).where(Enrolment.tenant_id == tenant_id, Enrolment.person_id == person.id)
    if run_id is not None:
        query = query.where(Enrolment.run_id == run_id)
    return tuple(actors), tuple(session.scalars(query))


def known_to(session: Session, run: RunRow, text: str, limit: int) -> Sequence[PersonRow]:
    """People whose name or e-mail has `text` in it, by name: those of this run, and whom the run's LMS has sent."""
    sent = (
        select(Identity.person_id)
        .join(Platform, and_(Platform.issuer == Identity.issuer, Platform.tenant_id == Identity.tenant_id))
        .join(Course, Course.platform_id == Platform.id)
        .where(Identity.tenant_id == run.tenant_id, Course.id == run.course_id)
    )
    fits = or_(
        PersonRow.name.icontains(text, autoescape=True),
        PersonRow.name.contains(text, autoescape=True),
        PersonRow.email.contains(text.lower(), autoescape=True),
    )
    known = or_(PersonRow.id.in_(part_of(run.tenant_id, run.id)), PersonRow.id.in_(sent))
    query = select(PersonRow).where(PersonRow.tenant_id == run.tenant_id, fits, known)
    return session.scalars(query.order_by(PersonRow.name, PersonRow.id).limit(limit)).all()


def by_name_or_address(session: Session, tenant_id: str, text: str, limit: int) -> Sequence[PersonRow]:
    """People by a part of their name, or by their whole e-mail address."""
    if "@" not in text:
        return named(session, tenant_id, text, limit)
    query = select(PersonRow).where(PersonRow.tenant_id == tenant_id, PersonRow.email == text.lower())
    return session.scalars(query.order_by(PersonRow.id).limit(limit)).all()
