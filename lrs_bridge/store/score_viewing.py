"""Scores for pages: what has reached the gradebook, of everybody in a run."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.store.scores import ScoreRow


class Sent(NamedTuple):
    """A score as pages show it: `sent` is what the LMS has, `next_at` when it is tried again by itself."""

    enrolment_id: str
    indicator: str
    label: str
    state: str
    attempts: int
    sent: float | None
    next_at: datetime | None
    reason: str | None


_COLUMNS = [getattr(ScoreRow, name) for name in Sent._fields]


def of_run(session: Session, tenant_id: str, run_id: str) -> list[Sent]:
    """Everybody's, without the costs of rows that could be changed."""
    wanted = ScoreRow.tenant_id == tenant_id, ScoreRow.run_id == run_id
    return [Sent(*row) for row in session.execute(select(*_COLUMNS).where(*wanted))]
