"""Archiving runs that are closed: what works all day has nothing to do with them any more.

Statements, facts, results and pages of the run stay as they are; opening it again undoes this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from lrs_bridge.flows.running import CannotRun, Who
from lrs_bridge.store import recomputations, rosters, run_changes, runs
from lrs_bridge.store.events import EventRow
from lrs_bridge.store.outbox import UNDELIVERED, OutboxState, OutboxStatement
from lrs_bridge.store.results import Due
from lrs_bridge.store.run_changes import RunAction
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.scores import ScoreRow, ScoreState


@dataclass(frozen=True)
class Archived:
    """Rows that went: proofs of delivery, and notes of who is to be evaluated when."""

    delivered: int
    due: int


def ready(session: Session, tenant_id: str, who: Who, rest: timedelta) -> Sequence[RunRow]:
    """The runs that were closed so long ago and are not archived yet."""
    return [run for run in runs.all_kept(session, tenant_id) if run.closed is not None and run.closed <= who.now - rest]


def archive(session: Session, who: Who, run: RunRow) -> Archived:
    """Take a closed run out of what works all day. Raises CannotRun while something of it is still on its way."""
    if run.closed is None:
        raise CannotRun("It is open. Close it first, on its page.")
    why_not = _on_its_way(session, run, who.now)
    if why_not is not None:
        raise CannotRun(why_not)
    if run.archived is None:
        run.archived = who.now
        run_changes.note(session, run.tenant_id, run.id, who.act, RunAction.ARCHIVED, None, None, who.name, who.now)
    rosters.stop(session, run.id)
    mine = select(EventRow.statement_id).where(EventRow.tenant_id == run.tenant_id, EventRow.run_id == run.id)
    proofs = OutboxStatement.statement_id.in_(mine), OutboxStatement.tenant_id == run.tenant_id
    delivered = delete(OutboxStatement).where(*proofs, OutboxStatement.state == OutboxState.DELIVERED)
    due = delete(Due).where(Due.tenant_id == run.tenant_id, Due.run_id == run.id)
    return Archived(_gone(session, delivered), _gone(session, due))


def _gone(session: Session, deletion: Delete) -> int:
    done = session.execute(deletion.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount


def _on_its_way(session: Session, run: RunRow, now: datetime) -> str | None:
    mine = select(EventRow.statement_id).where(EventRow.tenant_id == run.tenant_id, EventRow.run_id == run.id)
    waits = OutboxStatement.statement_id.in_(mine), OutboxStatement.state.in_(UNDELIVERED)
    statements = session.scalar(select(func.count()).select_from(OutboxStatement).where(*waits)) or 0
    if statements:
        return f"{statements} of its statements have not arrived in the record store: lrs-bridge outbox list."
    wanted = ScoreRow.run_id == run.id, ScoreRow.state.in_([ScoreState.WAITING, ScoreState.REFUSED])
    scores = session.scalar(select(func.count()).select_from(ScoreRow).where(*wanted)) or 0
    if scores:
        return f"{scores} of its scores have not arrived in the gradebook: see the page What waits."
    again = recomputations.renewing_since(session, run.tenant_id, run.id) is not None
    if again or session.scalar(
        select(exists().where(Due.run_id == run.id, or_(Due.renew.is_not(None), Due.at <= now)))
    ):
        return "It is being computed once more. Try again in a few minutes."
    return None
