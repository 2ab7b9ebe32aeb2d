"""Results for pages: those of everybody in a run, of one indicator, or of all without what makes them repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from lrs_bridge.domain.indicators import Outcome, Status
from lrs_bridge.store.json_parts import part_of
from lrs_bridge.store.results import ResultRow


class Brief(NamedTuple):
    """Somebody's latest value of an indicator, without evidence, settings and hash."""

    indicator: str
    subject: str
    value: float | None
    status: str
    components: Mapping[str, Any]

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.value, Status(self.status), components=self.components)


def briefs_of_people(session: Session, tenant_id: str, run_id: str, indicators: Iterable[str]) -> list[Brief]:
    """Of everybody in the run. The database takes the components out of the body, which is ten times their size."""
    wanted = (
        ResultRow.tenant_id == tenant_id,
        ResultRow.run_id == run_id,
        ResultRow.kind == "person",
        ResultRow.indicator.in_(set(indicators)),
    )
    parts = part_of(session, ResultRow.body, "components")
    rows = session.execute(
        select(ResultRow.indicator, ResultRow.subject, ResultRow.value, ResultRow.status, parts).where(*wanted)
    )
    return [
        Brief(indicator, subject, value, status, orjson.loads(text)) for indicator, subject, value, status, text in rows
    ]


def component_of_people(session: Session, tenant_id: str, run_id: str, indicator: str, name: str) -> dict[str, Any]:
    """One component of everybody's latest value, by account, where they have it."""
    wanted = (
        ResultRow.tenant_id == tenant_id,
        ResultRow.run_id == run_id,
        ResultRow.kind == "person",
        ResultRow.indicator == indicator,
    )
    part = part_of(session, ResultRow.body, "components", name)
    rows = session.execute(select(ResultRow.subject, part).where(*wanted))
    return {account: orjson.loads(text) for account, text in rows if text is not None}


def of_indicator(session: Session, tenant_id: str, run_id: str, indicator: str, kind: str) -> dict[str, ResultRow]:
    """By subject: an account, an area, or "" for the run itself. `kind` is `person` or `cohort`."""
    wanted = (
        ResultRow.tenant_id == tenant_id,
        ResultRow.run_id == run_id,
        ResultRow.indicator == indicator,
        ResultRow.kind == kind,
    )
    return {row.subject: row for row in session.scalars(select(ResultRow).where(*wanted))}
