"""Who leads whom in a run, asked from the leaders' side, and leaders who are known by their e-mail only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.store.base import new_id
from lrs_bridge.store.enrolments import Enrolment, RelationRow, RunRole
from lrs_bridge.store.nominations import Nomination
from lrs_bridge.store.people import Identity, PersonRow
from lrs_bridge.store.platforms import Platform
from lrs_bridge.store.runs import Course, RunRow


def holding(session: Session, run: RunRow, other_id: str, day: date) -> list[RelationRow]:
    """Relations of this run in which somebody leads on that day."""
    return list(
        session.scalars(
            select(RelationRow).where(
                RelationRow.tenant_id == run.tenant_id,
                RelationRow.run_id == run.id,
                RelationRow.other_id == other_id,
                or_(RelationRow.start.is_(None), RelationRow.start <= day),
                or_(RelationRow.end.is_(None), RelationRow.end >= day),
            )
        )
    )


def all_of(session: Session, run: RunRow) -> list[RelationRow]:
    """Every relation of the run, whenever it holds."""
    wanted = RelationRow.tenant_id == run.tenant_id, RelationRow.run_id == run.id
    return list(session.scalars(select(RelationRow).where(*wanted).order_by(RelationRow.start, RelationRow.id)))


def led_by(session: Session, run: RunRow, other_id: str) -> list[RelationRow]:
    """Relations of this run in which somebody leads, whenever, oldest first."""
    wanted = RelationRow.tenant_id == run.tenant_id, RelationRow.run_id == run.id, RelationRow.other_id == other_id
    return list(session.scalars(select(RelationRow).where(*wanted).order_by(RelationRow.start, RelationRow.id)))


def enrolments_by_sub(session: Session, run: RunRow, issuer: str, subs: Iterable[str]) -> dict[str, Enrolment]:
    """The participants among these users of the LMS of that issuer, by its name for them."""
    rows = session.execute(
        select(Identity.sub, Enrolment)
        .join(Enrolment, Enrolment.person_id == Identity.person_id)
        .where(
            Identity.tenant_id == run.tenant_id,
            Identity.issuer == issuer,
            Identity.sub.in_(set(subs)),
            Enrolment.run_id == run.id,
        )
    )
    return {row.sub: row.Enrolment for row in rows}


def people_by_email(session: Session, tenant_id: str, emails: Iterable[str]) -> dict[str, list[PersonRow]]:
    """People by lower-case e-mail."""
    wanted = {email.lower() for email in emails}
    rows = session.scalars(
        select(PersonRow).where(PersonRow.tenant_id == tenant_id, func.lower(PersonRow.email).in_(wanted))
    )
    found: dict[str, list[PersonRow]] = {}
    for row in rows:
        found.setdefault((row.email or "").lower(), []).append(row)
    return found


def awaited(session: Session, tenant_id: str, issuer: str, email: str) -> PersonRow | None:
    """The one person who was named by this e-mail in a run of that LMS, confirmed or not; no LMS has sent them yet."""
    found = session.scalars(
        select(PersonRow)
        .where(
            PersonRow.tenant_id == tenant_id,
            PersonRow.email == email.lower(),
            ~exists().where(Identity.person_id == PersonRow.id),
            or_(
                _named_there(tenant_id, issuer, RelationRow).where(RelationRow.other_id == PersonRow.id).exists(),
                _named_there(tenant_id, issuer, RunRole).where(RunRole.person_id == PersonRow.id).exists(),
                _named_there(tenant_id, issuer, Nomination).where(Nomination.email == PersonRow.email).exists(),
            ),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _named_there(tenant_id: str, issuer: str, table: type[RelationRow | RunRole | Nomination]) -> Select[Any]:
    return (
        select(table.run_id)
        .join(RunRow, RunRow.id == table.run_id)
        .join(Course, Course.id == RunRow.course_id)
        .join(Platform, Platform.id == Course.platform_id)
        .where(Platform.issuer == issuer, Platform.tenant_id == tenant_id)
    )


def identify(session: Session, person: PersonRow, issuer: str, sub: str) -> None:
    """From now on this person is who the LMS calls `sub`."""
    session.add(Identity(id=new_id(), tenant_id=person.tenant_id, person_id=person.id, issuer=issuer, sub=sub))
    session.flush()


def leader_ids(session: Session, run: RunRow, kinds: Iterable[Role]) -> frozenset[str]:
    """Ids of everybody whom the run knows as one of these, by relation or by gift, whenever."""
    words = {str(kind) for kind in kinds}
    related = select(RelationRow.other_id).where(
        RelationRow.tenant_id == run.tenant_id, RelationRow.run_id == run.id, RelationRow.kind.in_(words)
    )
    given = select(RunRole.person_id).where(
        RunRole.tenant_id == run.tenant_id, RunRole.run_id == run.id, RunRole.role.in_(words)
    )
    return frozenset([*session.scalars(related), *session.scalars(given)])


def enrolled_users(session: Session, run: RunRow, issuer: str) -> list[tuple[str, Enrolment]]:
    """Everybody enrolled and not withdrawn, with what the LMS of that issuer calls them; others are left out."""
    rows = session.execute(
        select(Identity.sub, Enrolment)
        .join(Enrolment, Enrolment.person_id == Identity.person_id)
        .where(
            Identity.tenant_id == run.tenant_id,
            Identity.issuer == issuer,
            Enrolment.run_id == run.id,
            Enrolment.withdrawn.is_(None),
        )
        .order_by(Enrolment.id)
    )
    return [(row.sub, row.Enrolment) for row in rows]


def people_by_sub(session: Session, tenant_id: str, issuer: str, subs: Iterable[str]) -> dict[str, PersonRow]:
    """Known people by what the LMS of that issuer calls them."""
    rows = session.execute(
        select(Identity.sub, PersonRow)
        .join(PersonRow, PersonRow.id == Identity.person_id)
        .where(Identity.tenant_id == tenant_id, Identity.issuer == issuer, Identity.sub.in_(set(subs)))
    )
    return {row.sub: row.PersonRow for row in rows}


def never_came(session: Session, run: RunRow) -> frozenset[str]:
    """Ids of people who are something in this run and whom no LMS has sent yet."""
    rows = session.scalars(
        select(PersonRow.id).where(
            PersonRow.tenant_id == run.tenant_id,
            ~exists().where(Identity.person_id == PersonRow.id),
            or_(
                exists().where(RelationRow.other_id == PersonRow.id, RelationRow.run_id == run.id),
                exists().where(RunRole.person_id == PersonRow.id, RunRole.run_id == run.id),
            ),
        )
    )
    return frozenset(rows)
