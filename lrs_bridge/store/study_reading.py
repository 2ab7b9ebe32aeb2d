"""What a success case study reads of everybody in a run, and no more: who takes part, one answer each, who said no."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.store.base import core, table_of
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.json_parts import part_of
from lrs_bridge.store.notes import Note
from lrs_bridge.store.people import PersonRow
from lrs_bridge.store.runs import RunRow

_NO = "no"  # what a note's `talk` says of somebody who would rather not


class Enrolled(NamedTuple):
    """Somebody who takes part or did; `withdrawn` is the first day out."""

    registration: str
    account: str
    area: str | None
    enrolled: date
    withdrawn: date | None

    def in_scope(self, day: date) -> bool:
        """Enrolled and not withdrawn on this local day."""
        return self.enrolled <= day and (self.withdrawn is None or day < self.withdrawn)


class Answer(NamedTuple):
    """What somebody said in a survey; `body` is that of the fact."""

    id: str
    registration: str
    actor: str
    at: datetime
    body: Mapping[str, Any]

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.body.get("data", {})
        return found


def registrations(session: Session, run: RunRow) -> list[str]:
    """Of everybody who ever was in the run."""
    row = table_of(Enrolment).c
    wanted = row.tenant_id == run.tenant_id, row.run_id == run.id
    return list(core(session).execute(select(row.id).where(*wanted).order_by(row.id)).scalars())


def everybody(session: Session, run: RunRow) -> list[Enrolled]:
    """All who ever were in the run, by registration."""
    row, person = table_of(Enrolment).c, table_of(PersonRow).c
    columns = row.id, person.account, row.area, row.enrolled, row.withdrawn
    wanted = row.tenant_id == run.tenant_id, row.run_id == run.id, person.id == row.person_id
    return [Enrolled(*one) for one in core(session).execute(select(*columns).where(*wanted).order_by(row.id))]


def answers(session: Session, run: RunRow, steps: Collection[str], until: datetime) -> list[Answer]:
    """To these steps, in order of time, those that stand."""
    row = table_of(FactRow).c
    wanted = (
        row.tenant_id == run.tenant_id,
        row.run_id == run.id,
        row.kind == str(Kind.ANSWERED),
        row.step.in_(steps),
        row.registration.is_not(None),
        row.voided.is_(False),
        row.at <= until,
    )
    query = select(row.id, row.registration, row.actor, row.at, row.body).where(*wanted).order_by(row.at, row.id)
    return [Answer(*one) for one in core(session).execute(query)]


def said_no(session: Session, run: RunRow, ids: Collection[str]) -> set[str]:
    """Of these statements those with which somebody said that they would rather not talk."""
    talk = part_of(session, Note.texts, "talk")
    wanted = Note.tenant_id == run.tenant_id, Note.run_id == run.id, Note.statement_id.in_(ids)
    return {id_ for id_, word in session.execute(select(Note.statement_id, talk).where(*wanted)) if word == _NO}
