"""What whole runs came to, and whether anything was done in them: for setting versions and runs beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.facts import FactRow
from lrs_bridge.store.results import ResultRow

_SAID_NOTHING = (str(Kind.WAIVED), str(Kind.ROUTED))


def whole_runs(session: Session, tenant_id: str, run_ids: Sequence[str], indicators: Sequence[str]) -> list[ResultRow]:
    """The results about runs as a whole, without areas, of these indicators. One query."""
    query = select(ResultRow).where(
        ResultRow.tenant_id == tenant_id,
        ResultRow.run_id.in_(run_ids),
        ResultRow.indicator.in_(indicators),
        ResultRow.kind == "cohort",
        ResultRow.subject == "",
    )
    return list(session.scalars(query))


def anybody_did(session: Session, tenant_id: str, run_id: str, step: str) -> bool:
    """Whether something was done about this step in the run, by or for anybody, and not voided."""
    query = (
        select(FactRow.id)
        .join(Enrolment, Enrolment.id == FactRow.registration)
        .where(
            FactRow.tenant_id == tenant_id,
            Enrolment.run_id == run_id,
            FactRow.step == step,
            FactRow.kind.not_in(_SAID_NOTHING),
            FactRow.voided.is_(False),
        )
    )
    return session.scalar(query.limit(1)) is not None
