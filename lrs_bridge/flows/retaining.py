"""Retention: what has been kept for long enough is forgotten, once a day; a dry run tells what would be."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from lrs_bridge.domain.data_map import DATA_MAP, Key
from lrs_bridge.domain.retention import Terms, is_due, months_after, tables_kept
from lrs_bridge.store import enrolments, personal, retention_notes, runs
from lrs_bridge.store.admin_acts import AdminAct
from lrs_bridge.store.base import Base
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.enrolments import Enrolment, RelationRow, RunRole
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.people import Identity, PersonRow
from lrs_bridge.store.record_accesses import RecordAccess
from lrs_bridge.store.runs import RunRow

log = logging.getLogger("lrs_bridge.privacy")

EVERY = timedelta(hours=24)
NAMES = "names"
"""What is told of people who are in no run any more that is younger: who they are goes."""


@dataclass(frozen=True)
class Forgotten:
    """`what` is a table, or `names`; `run` None: of no run in particular."""

    what: str
    run: RunRow | None
    rows: int


def retain_due(sessions: Sessions, tenant_id: str, terms: Terms, now: datetime) -> int:
    """Once a day forget what is due; answers how many rows went."""
    if not is_new_day(sessions, tenant_id, now):
        return 0
    with sessions.write() as session:
        return sum(one.rows for one in retain(session, tenant_id, terms, now))


def is_new_day(sessions: Sessions, tenant_id: str, now: datetime) -> bool:
    """Whether the last look is a day ago."""
    with sessions.read() as session:
        last = retention_notes.last_round(session, tenant_id)
    return last is None or now - last >= EVERY


def retain(session: Session, tenant_id: str, terms: Terms, now: datetime, dry: bool = False) -> list[Forgotten]:
    """Forget what is due, and note it; `dry`: only tell what is, and change nothing."""
    found = [one for one in _all(session, tenant_id, terms, now, not dry) if one.rows]
    if not dry:
        for one in found:
            run_id = one.run.id if one.run else None
            retention_notes.note(session, tenant_id, one.what, run_id, one.rows, now)
            log.info("retention: %d rows of %s, run %s", one.rows, one.what, run_id)
        retention_notes.note(session, tenant_id, retention_notes.ROUND, None, sum(one.rows for one in found), now)
    return found


def ended_on(run: RunRow) -> date:
    """When a run was or will be over: closed, or its last day past."""
    last = run.day_zero + timedelta(days=run.journey.last_day)
    return run.run.local_day(run.closed) if run.closed is not None else last


def _all(session: Session, tenant_id: str, terms: Terms, now: datetime, do: bool) -> Iterator[Forgotten]:
    old = []
    for run in runs.all_runs(session, tenant_id):
        today = run.run.local_day(now)
        ended = ended_on(run)
        if is_due(ended, terms.words, today):
            yield from _of_run(session, run, words=True, do=do)
        if is_due(ended, terms.process, today):
            old.append(run)
            if do and run.closed is None:
                run.closed = now  # its totals stay as they are: a closed run is not computed again
            yield from _of_run(session, run, words=False, do=do)
    yield Forgotten(NAMES, None, _names(session, tenant_id, [run.id for run in old], do))
    accesses = RecordAccess.tenant_id == tenant_id, RecordAccess.at < _before(now, terms.access)
    yield Forgotten("record_access", None, _rows(session, RecordAccess, accesses, do))
    acts = AdminAct.tenant_id == tenant_id, AdminAct.at < _before(now, terms.access)
    yield Forgotten("admin_act", None, _rows(session, AdminAct, acts, do))
    waiting = FactRow.tenant_id == tenant_id, FactRow.unclaimed.is_(True), FactRow.at < _before(now, terms.waiting)
    yield Forgotten("fact", None, _rows(session, FactRow, waiting, do))


def _of_run(session: Session, run: RunRow, *, words: bool, do: bool) -> Iterator[Forgotten]:
    ids = [row.id for row in enrolments.enrolments(session, run.tenant_id, run.id)]
    whose = {Key.RUN: [run.id], Key.ENROLMENT: ids}
    for gone in personal.of_over(session, run.tenant_id, whose, tables_kept(DATA_MAP, words), do):
        yield Forgotten(gone.table, run, gone.rows)


def _names(session: Session, tenant_id: str, old: Sequence[str], do: bool) -> int:
    """Who somebody is goes with the process facts of the last run they were in; they may come again as somebody new."""
    inside, elsewhere = (
        {
            id_
            for column, run in _places()
            for id_ in session.scalars(select(column).where(run.in_(old) if chosen else run.not_in(old)))
        }
        for chosen in (True, False)
    )
    known = PersonRow.tenant_id == tenant_id, PersonRow.name.is_not(None) | PersonRow.email.is_not(None)
    found = set(session.scalars(select(PersonRow.id).where(*known))) & (inside - elsewhere)
    if do:
        for person in session.scalars(select(PersonRow).where(PersonRow.id.in_(found))):
            person.name = person.email = person.locale = None
        session.execute(delete(Identity).where(Identity.tenant_id == tenant_id, Identity.person_id.in_(found)))
    return len(found)


def _places() -> Iterator[tuple[ColumnElement[str], ColumnElement[str]]]:
    for column, run in (
        (Enrolment.person_id, Enrolment.run_id),
        (RelationRow.person_id, RelationRow.run_id),
        (RelationRow.other_id, RelationRow.run_id),
        (RunRole.person_id, RunRole.run_id),
    ):
        yield column.expression, run.expression


def _before(now: datetime, months: int) -> datetime:
    day = months_after(now.date(), -months)
    return datetime.combine(day, now.timetz())


def _rows(session: Session, table: type[Base], wanted: Sequence[ColumnElement[bool]], do: bool) -> int:
    if do:
        return int(getattr(session.execute(delete(table).where(*wanted)), "rowcount", 0))
    return session.scalar(select(func.count()).select_from(table).where(*wanted)) or 0
