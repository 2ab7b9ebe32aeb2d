"""The notes of who looked at the record: kept before anything is shown, and told to administrators."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.store import people, record_accesses, runs
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.record_accesses import Looked, RecordAccess, Viewer
from lrs_bridge.web.record_filter import VOIDED
from lrs_bridge.web.words import clock, full_day
from lrs_bridge.xapi import labels

log = logging.getLogger("lrs_bridge.record")

PAGE = 50
TOTALS = "totals"
"""In the filter of a look: the name of a file that held totals and nobody by name."""
_LOOKED = {
    Looked.LIST: "Opened the list",
    Looked.STATEMENT: "Opened a statement",
    Looked.EXPORT: "Exported",
    Looked.CASE: "Opened a case of the study",
    Looked.REPORT: "Read a report of the study",
    Looked.CONTENT: "Asked to see content",
}


@dataclass(frozen=True)
class Notebook:
    """Where the looks of one viewer are noted. `content`: they see content and no names."""

    sessions: Sessions
    tenant_id: str
    viewer: Viewer
    content: bool
    now: datetime

    def note(self, looked: Looked, wanted: Mapping[str, str], count: int | None) -> int:
        """Keep a look and write its line in the log, which names nobody."""
        with self.sessions.write() as session:
            number = record_accesses.note(
                session, self.tenant_id, self.viewer, looked, self.content, wanted, count, self.now
            )
        who = self.viewer.account or f"visit {(self.viewer.visit or '')[:8]}"
        asked = ", ".join(f"{name} {text}" for name, text in wanted.items() if name != "reason") or "no filter"
        view = "with content" if self.content else "with names"
        log.info("look %s: %s %s, %s %s, %s, %s shown", number, self.viewer.role, who, looked, view, asked, count)
        return number

    def export(self, wanted: Mapping[str, str], pieces: Iterator[tuple[str, int]]) -> Iterator[str]:
        """The pieces of an export, noted at the first and with their number at the last, or when the reader goes."""
        number = self.note(Looked.EXPORT, wanted, None)
        return self._counted(number, pieces)

    def _counted(self, number: int, pieces: Iterator[tuple[str, int]]) -> Iterator[str]:
        sent = 0
        try:
            for piece, held in pieces:
                sent += held
                yield piece
        finally:
            with self.sessions.write() as session:
                record_accesses.finished(session, number, sent)
            log.info("look %s: the export held %s statements", number, sent)


def rows(
    session: Session, tenant_id: str, before: int | None, zone: ZoneInfo
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of notes for administrators, and the number of its last where there are more."""
    found = record_accesses.newest(session, tenant_id, PAGE + 1, before)
    shown = found[:PAGE]
    accounts = {one.account for one in shown if one.account} | {one.filter.get("person") for one in shown}
    names = people.names(session, tenant_id, [account for account in accounts if account])
    rows_ = [_row(session, tenant_id, one, names, zone) for one in shown]
    return rows_, shown[-1].id if len(found) > PAGE else None


def _row(
    session: Session, tenant_id: str, access: RecordAccess, names: Mapping[str, str], zone: ZoneInfo
) -> dict[str, Any]:
    who = (
        f"Administrator, visit {(access.visit or '')[:8]}"
        if access.account is None
        else names.get(access.account, "Somebody")
    )
    run_id = access.run_id or access.filter.get("run")
    run = runs.get_run(session, tenant_id, run_id) if run_id else None
    asked = [*told(access.filter, names), *([f"the run from {full_day(run.day_zero)}"] if run else [])]
    view = "totals" if TOTALS in access.filter else "as recorded" if access.content else "with names"
    looked = Looked(access.looked)
    return {
        "when": f"{full_day(access.at.astimezone(zone).date())}, {clock(access.at, zone)}",
        "who": who if access.account is None else f"{who}, {access.role}",
        "what": _LOOKED[looked] if looked is Looked.CONTENT else f"{_LOOKED[looked]}, {view}",
        "asked": ", ".join(asked) or "everything",
        "count": "–" if access.count is None else str(access.count),
    }


def told(wanted: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    """A filter in words; `names` of people by account."""
    for name, text in wanted.items():
        if name == "verb":
            yield labels.deeds().get(Kind(text), text).lower()
        elif name == "person":
            yield f"by or about {names.get(text, 'somebody who is gone')}"
        elif name == "reason":
            yield f"“{text}”"
        elif name == "voided":
            yield VOIDED[text].lower()
        elif name == TOTALS:
            yield f"file {text}"
        elif name not in ("run", "report"):
            yield f"{name} {text}"
