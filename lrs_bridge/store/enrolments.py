"""Enrolments, roles and dated relations: who is in a run, as what, and whose manager somebody is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import Span
from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id
from lrs_bridge.store.people import PersonRow, shown_name


class Enrolment(Base):
    """A participant in a run; its id is the xAPI registration. `withdrawn` is the first day out.

    `day_zero`: from which this person's days are counted, where it is not the run's.
    """

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("run_id", "person_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    area: Mapped[str | None] = mapped_column(String(100))
    enrolled: Mapped[date]
    withdrawn: Mapped[date | None]
    day_zero: Mapped[date | None]

    person: Mapped[PersonRow] = relationship(lazy="joined", innerjoin=True)


class RelationRow(Base):
    """`other` is `person`'s manager, coach, mentor, peer or sponsor (`kind`) in this run, both days included."""

    __tablename__ = "relation"
    __table_args__ = (
        Index("ix_relation_run_person", "run_id", "person_id"),
        Index("ix_relation_run_other", "run_id", "other_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    other_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(20))
    start: Mapped[date | None]
    end: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(40))

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class RunRole(Base):
    """A role in the whole run, given on its people page, from one day to another, both included; None is open.

    One that is `participant` says no more than that somebody may take part although they have another role.
    """

    __tablename__ = "run_role"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    given: Mapped[datetime] = mapped_column(UtcDateTime)
    start: Mapped[date | None]
    end: Mapped[date | None]


def enrol(
    session: Session,
    tenant_id: str,
    run_id: str,
    person_id: str,
    day: date,
    area: str | None = None,
    enrolment_id: str | None = None,
) -> tuple[Enrolment, bool]:
    """The person's enrolment in the run, and whether it is new."""
    known = enrolment_of(session, tenant_id, run_id, person_id)
    if known is not None:
        return known, False
    row = Enrolment(
        id=enrolment_id or new_id(),
        tenant_id=tenant_id,
        run_id=run_id,
        person_id=person_id,
        area=area,
        enrolled=day,
    )
    session.add(row)
    session.flush()
    session.refresh(row, ["person"])
    return row, True


def enrolment_of(session: Session, tenant_id: str, run_id: str, person_id: str) -> Enrolment | None:
    return session.scalar(
        select(Enrolment).where(
            Enrolment.tenant_id == tenant_id, Enrolment.run_id == run_id, Enrolment.person_id == person_id
        )
    )


def get_enrolment(session: Session, tenant_id: str, enrolment_id: str) -> Enrolment | None:
    return session.scalar(select(Enrolment).where(Enrolment.tenant_id == tenant_id, Enrolment.id == enrolment_id))


def enrolments(session: Session, tenant_id: str, run_id: str) -> list[Enrolment]:
    return list(
        session.scalars(
            select(Enrolment).where(Enrolment.tenant_id == tenant_id, Enrolment.run_id == run_id).order_by(Enrolment.id)
        )
    )


def ids_on(session: Session, tenant_id: str, run_id: str, day: date) -> list[str]:
    """Of those enrolled and not withdrawn on this day, in an order that says nothing of them and stays the same."""
    inside = or_(Enrolment.withdrawn.is_(None), Enrolment.withdrawn > day)
    wanted = Enrolment.tenant_id == tenant_id, Enrolment.run_id == run_id, Enrolment.enrolled <= day, inside
    return list(session.scalars(select(Enrolment.id).where(*wanted).order_by(Enrolment.id)))


class Inside(NamedTuple):
    """Somebody who takes part, as pages about a whole run show them."""

    id: str
    person_id: str
    account: str
    name: str
    area: str | None


def inside_on(session: Session, tenant_id: str, run_id: str, day: date) -> list[Inside]:
    """Everybody enrolled and not withdrawn on this day, without the costs of rows that could be changed."""
    inside = or_(Enrolment.withdrawn.is_(None), Enrolment.withdrawn > day)
    wanted = Enrolment.tenant_id == tenant_id, Enrolment.run_id == run_id, Enrolment.enrolled <= day, inside
    columns = Enrolment.id, Enrolment.person_id, PersonRow.account, PersonRow.name, Enrolment.area
    rows = session.execute(select(*columns).join(PersonRow, PersonRow.id == Enrolment.person_id).where(*wanted))
    return [
        Inside(id_, person_id, account, shown_name(name, account), area) for id_, person_id, account, name, area in rows
    ]


def enrolments_by_id(session: Session, tenant_id: str, ids: Iterable[str]) -> dict[str, Enrolment]:
    rows = session.scalars(select(Enrolment).where(Enrolment.tenant_id == tenant_id, Enrolment.id.in_(set(ids))))
    return {row.id: row for row in rows}


def enrolments_of_people(session: Session, tenant_id: str, person_ids: Iterable[str]) -> dict[str, list[Enrolment]]:
    """In all runs, by person id."""
    found: dict[str, list[Enrolment]] = {}
    wanted = Enrolment.tenant_id == tenant_id, Enrolment.person_id.in_(set(person_ids))
    for row in session.scalars(select(Enrolment).where(*wanted)):
        found.setdefault(row.person_id, []).append(row)
    return found


def relate(
    session: Session,
    tenant_id: str,
    run_id: str,
    person_id: str,
    other_id: str,
    kind: Role,
    source: str,
    start: date | None = None,
    end: date | None = None,
    relation_id: str | None = None,
) -> RelationRow:
    """Add a dated relation; history is kept, so an end is set and nothing is overwritten."""
    row = RelationRow(
        id=relation_id or new_id(),
        tenant_id=tenant_id,
        run_id=run_id,
        person_id=person_id,
        other_id=other_id,
        kind=str(kind),
        start=start,
        end=end,
        source=source,
    )
    session.add(row)
    session.flush()
    return row


def relations_of(
    session: Session, tenant_id: str, run_id: str, person_ids: Iterable[str]
) -> dict[str, list[RelationRow]]:
    """Relations by the person they belong to, oldest first."""
    found: dict[str, list[RelationRow]] = {}
    rows = session.scalars(
        select(RelationRow)
        .where(
            RelationRow.tenant_id == tenant_id,
            RelationRow.run_id == run_id,
            RelationRow.person_id.in_(set(person_ids)),
        )
        .order_by(RelationRow.start, RelationRow.id)
    )
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def people_of(session: Session, tenant_id: str, run_id: str, other_id: str, kind: Role, day: date) -> list[str]:
    """Ids of the people whose manager (coach, ...) `other_id` is on that day."""
    return list(
        session.scalars(
            select(RelationRow.person_id)
            .where(
                RelationRow.tenant_id == tenant_id,
                RelationRow.run_id == run_id,
                RelationRow.other_id == other_id,
                RelationRow.kind == str(kind),
                or_(RelationRow.start.is_(None), RelationRow.start <= day),
                or_(RelationRow.end.is_(None), RelationRow.end >= day),
            )
            .distinct()
        )
    )


def pairs_on(session: Session, tenant_id: str, run_id: str, kind: Role, day: date) -> list[tuple[str, str]]:
    """Ids of people of the run, each with that of somebody who is their manager (coach, ...) on that day."""
    wanted = (
        RelationRow.tenant_id == tenant_id,
        RelationRow.run_id == run_id,
        RelationRow.kind == str(kind),
        or_(RelationRow.start.is_(None), RelationRow.start <= day),
        or_(RelationRow.end.is_(None), RelationRow.end >= day),
    )
    rows = session.execute(select(RelationRow.person_id, RelationRow.other_id).where(*wanted))
    return [(person_id, other_id) for person_id, other_id in rows]


def roles_in_run(session: Session, tenant_id: str, run_id: str, person_id: str) -> frozenset[Role]:
    """What a person is to the run by relation or by gift, ever, whatever the LMS calls them."""
    return frozenset(Role(word) for word, _, _ in role_days(session, tenant_id, run_id, person_id))


def roles_on(session: Session, tenant_id: str, run_id: str, person_id: str, day: date) -> frozenset[Role]:
    """What a person is to the run on this day: what they may see follows it. Taking part is the enrolment's word."""
    return frozenset(
        Role(word)
        for word, start, end in role_days(session, tenant_id, run_id, person_id)
        if word != Role.PARTICIPANT and (start is None or start <= day) and (end is None or day <= end)
    )


def role_days(
    session: Session, tenant_id: str, run_id: str, person_id: str
) -> list[tuple[str, date | None, date | None]]:
    """What a person is to the run by relation or by gift: (role, first day, last day), whenever. One query."""
    related = select(RelationRow.kind, RelationRow.start, RelationRow.end).where(
        RelationRow.tenant_id == tenant_id, RelationRow.run_id == run_id, RelationRow.other_id == person_id
    )
    given = select(RunRole.role, RunRole.start, RunRole.end).where(
        RunRole.tenant_id == tenant_id, RunRole.run_id == run_id, RunRole.person_id == person_id
    )
    return [(word, start, end) for word, start, end in session.execute(related.union(given)).all()]


def runs_with_role(session: Session, tenant_id: str, person_id: str, role: Role) -> list[str]:
    """Ids of all runs in which somebody was given this role, whenever it holds."""
    mine = RunRole.tenant_id == tenant_id, RunRole.person_id == person_id, RunRole.role == str(role)
    return list(session.scalars(select(RunRole.run_id).where(*mine)))


def given_roles(session: Session, tenant_id: str, run_id: str) -> list[RunRole]:
    """All roles of the run that were given, by person and role."""
    wanted = RunRole.tenant_id == tenant_id, RunRole.run_id == run_id
    return list(session.scalars(select(RunRole).where(*wanted).order_by(RunRole.person_id, RunRole.role)))


def given_role(session: Session, tenant_id: str, run_id: str, person_id: str, role: Role) -> RunRole | None:
    row = session.get(RunRole, {"run_id": run_id, "person_id": person_id, "role": str(role)})
    return row if row is not None and row.tenant_id == tenant_id else None


def give_role(
    session: Session,
    tenant_id: str,
    run_id: str,
    person_id: str,
    role: Role,
    now: datetime,
    start: date | None = None,
    end: date | None = None,
) -> RunRole:
    """Give a role; one that was given before has these days from now on."""
    row = given_role(session, tenant_id, run_id, person_id, role)
    if row is None:
        row = RunRole(run_id=run_id, person_id=person_id, role=str(role), tenant_id=tenant_id, given=now)
        session.add(row)
    row.start, row.end = start, end
    session.flush()
    return row
