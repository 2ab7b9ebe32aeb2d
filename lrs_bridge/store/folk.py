"""Everybody in a run at a glance: values, not rows, since a list of hundreds changes none of them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lrs_bridge.store import people_search
from lrs_bridge.store.base import core, table_of
from lrs_bridge.store.enrolments import Enrolment, RelationRow, RunRole
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow


class Known(NamedTuple):
    """Somebody with a part in the run."""

    id: str
    account: str
    name: str | None
    email: str | None

    @property
    def shown_name(self) -> str:
        """As pages call people who take part, with an e-mail before the random name."""
        return self.name or self.email or f"Person {self.account[:4]}"


class Inside(NamedTuple):
    """A participant, or one who left; `withdrawn` is the first day out."""

    person_id: str
    area: str | None
    withdrawn: date | None


class Related(NamedTuple):
    """`other` is `person`'s `kind`."""

    person_id: str
    other_id: str
    kind: str


class Given(NamedTuple):
    """A role in the whole run."""

    person_id: str
    role: str


def everybody(session: Session, run: RunRow) -> list[Known]:
    columns = table_of(PersonRow).c
    wanted = columns.tenant_id == run.tenant_id, columns.id.in_(people_search.part_of(run.tenant_id, run.id))
    rows = core(session).execute(select(*(columns[name] for name in Known._fields)).where(*wanted))
    return [Known._make(row) for row in rows]


def enrolled(session: Session, run: RunRow) -> list[Inside]:
    columns = table_of(Enrolment).c
    wanted = columns.tenant_id == run.tenant_id, columns.run_id == run.id
    rows = core(session).execute(select(*(columns[name] for name in Inside._fields)).where(*wanted))
    return [Inside._make(row) for row in rows]


def related_on(session: Session, run: RunRow, day: date) -> list[Related]:
    """The relations that hold on this day, the first to begin first."""
    columns = table_of(RelationRow).c
    wanted = (
        columns.tenant_id == run.tenant_id,
        columns.run_id == run.id,
        or_(columns.start.is_(None), columns.start <= day),
        or_(columns.end.is_(None), columns.end >= day),
    )
    query = select(*(columns[name] for name in Related._fields)).where(*wanted).order_by(columns.start, columns.id)
    return [Related._make(row) for row in core(session).execute(query)]


def given_on(session: Session, run: RunRow, day: date) -> list[Given]:
    """The roles in the whole run that hold on this day."""
    columns = table_of(RunRole).c
    wanted = (
        columns.tenant_id == run.tenant_id,
        columns.run_id == run.id,
        or_(columns.start.is_(None), columns.start <= day),
        or_(columns.end.is_(None), columns.end >= day),
    )
    return [Given._make(row) for row in core(session).execute(select(columns.person_id, columns.role).where(*wanted))]
