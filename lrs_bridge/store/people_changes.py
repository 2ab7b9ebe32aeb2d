"""What changed in who is what to whom in a run, when and by whom: rows are added and never changed.

Names are not kept, only who it was, so that an erased person is erased here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lrs_bridge.store.base import Base, Id, UtcDateTime, new_id


class Action(StrEnum):
    """`MOVED`: it holds on other days than before. `GONE`: it had not held on any day, and is taken out."""

    BEGAN = "began"
    MOVED = "moved"
    GONE = "gone"


class PeopleChange(Base):
    """`other` is (or was) `person`'s `role`; without `other`, `person` has it in the whole run.

    Days as those of a relation, before and after. `act` is shared by what was done at once; `undoes` is the act that
    this one took back. `by_id` is nobody for the command line, administrators and an LMS.
    """

    __tablename__ = "people_change"
    __table_args__ = (
        Index("ix_people_change_run_person", "run_id", "person_id"),
        Index("ix_people_change_run_other", "run_id", "other_id"),
        Index("ix_people_change_run_act", "run_id", "act"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("tenant.id"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    act: Mapped[str] = mapped_column(Id)
    undoes: Mapped[str | None] = mapped_column(Id)
    place: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(10))
    role: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    other_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    relation_id: Mapped[str | None] = mapped_column(Id)
    old_start: Mapped[date | None]
    old_end: Mapped[date | None]
    start: Mapped[date | None]
    end: Mapped[date | None]


def add(session: Session, row: PeopleChange) -> None:
    row.id = new_id()
    session.add(row)


def of_act(session: Session, tenant_id: str, run_id: str, act: str) -> list[PeopleChange]:
    """What was done at once, in order."""
    wanted = PeopleChange.tenant_id == tenant_id, PeopleChange.run_id == run_id, PeopleChange.act == act
    return list(session.scalars(select(PeopleChange).where(*wanted).order_by(PeopleChange.place)))


def is_undone(session: Session, tenant_id: str, run_id: str, act: str) -> bool:
    wanted = PeopleChange.tenant_id == tenant_id, PeopleChange.run_id == run_id, PeopleChange.undoes == act
    return session.scalar(select(PeopleChange.id).where(*wanted).limit(1)) is not None


@dataclass(frozen=True)
class ActRow:
    """What was done at once: how many lines of history it has, when and by whom, and whether it was taken back."""

    act: str
    at: datetime
    source: str
    by_id: str | None
    count: int
    undone: bool


def acts_of(session: Session, tenant_id: str, run_id: str, source: str, most: int) -> list[ActRow]:
    """The newest acts with this source, whoever sat at the desk."""
    mine = PeopleChange.tenant_id == tenant_id, PeopleChange.run_id == run_id
    from_there = or_(PeopleChange.source == source, PeopleChange.source.startswith(f"{source}, "))
    at, count = func.min(PeopleChange.at), func.count()
    rows = session.execute(
        select(PeopleChange.act, at, func.min(PeopleChange.source), func.min(PeopleChange.by_id), count)
        .where(*mine, from_there, PeopleChange.undoes.is_(None))
        .group_by(PeopleChange.act)
        .order_by(at.desc(), PeopleChange.act)
        .limit(most)
    ).all()
    acts = [row[0] for row in rows]
    undone = set(session.scalars(select(PeopleChange.undoes).where(*mine, PeopleChange.undoes.in_(acts))))
    return [ActRow(act, when, word, by_id, lines, act in undone) for act, when, word, by_id, lines in rows]


def about(session: Session, tenant_id: str, run_id: str, person_id: str, most: int) -> list[PeopleChange]:
    """What concerns one person, from either side, newest first."""
    concerns = or_(PeopleChange.person_id == person_id, PeopleChange.other_id == person_id)
    wanted = PeopleChange.tenant_id == tenant_id, PeopleChange.run_id == run_id, concerns
    newest = PeopleChange.at.desc(), PeopleChange.place.desc()
    return list(session.scalars(select(PeopleChange).where(*wanted).order_by(*newest).limit(most)))


def by_act(session: Session, tenant_id: str, run_id: str, most: int) -> list[PeopleChange]:
    """The newest changes of the run."""
    wanted = PeopleChange.tenant_id == tenant_id, PeopleChange.run_id == run_id
    newest = PeopleChange.at.desc(), PeopleChange.place.desc()
    return list(session.scalars(select(PeopleChange).where(*wanted).order_by(*newest).limit(most)))
