"""Results for a page about one indicator: those of everybody in a run, without the indicators beside it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.store.results import ResultRow


def of_indicator(session: Session, tenant_id: str, run_id: str, indicator: str, kind: str) -> dict[str, ResultRow]:
    """By subject: an account, an area, or "" for the run itself. `kind` is `person` or `cohort`."""
    wanted = (
        ResultRow.tenant_id == tenant_id,
        ResultRow.run_id == run_id,
        ResultRow.indicator == indicator,
        ResultRow.kind == kind,
    )
    return {row.subject: row for row in session.scalars(select(ResultRow).where(*wanted))}
