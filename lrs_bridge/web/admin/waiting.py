"""What waits: statements, scores and evaluations that did not go through, each with its reason and its next attempt."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.flows.administer import state_of
from lrs_bridge.store import enrolments, outbox, record_pauses, results, scores
from lrs_bridge.store.outbox import OutboxState
from lrs_bridge.web.admin.visit import AdminVisit, current, page
from lrs_bridge.web.words import when
from lrs_bridge.wiring import Bridge

_UTC = ZoneInfo("UTC")


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the page and its buttons to the administrator's blueprint."""

    @rooms.get("/waiting")
    def waiting() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            content = {
                "state": state_of(session, admin.tenant_id, admin.now),
                "statements": _statements(session, admin),
                "scores": _scores(session, admin),
                "evaluations": _evaluations(session, admin),
            }
        return page("admin/waiting.html", "waiting", request.args.get("saved"), **content)

    @rooms.post("/waiting/statements")
    def replay_statements() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            outbox.replay(session, admin.tenant_id, admin.now)
            record_pauses.end(session, admin.tenant_id)
        return _looked()

    @rooms.post("/waiting/scores")
    def retry_scores() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            scores.try_again(session, admin.tenant_id, None, admin.now)
        return _looked()

    def _looked() -> ResponseReturnValue:
        bridge.poke()
        return redirect(url_for("admin.waiting", saved="again"), 303)


def _next(at: datetime | None) -> str:
    return f"{when(at, _UTC)} UTC" if at else "when you say so"


def _statements(session: Session, admin: AdminVisit) -> list[dict[str, str]]:
    return [
        {
            "what": row.statement_id,
            "since": f"{when(row.created, _UTC)} UTC",
            "reason": row.reason or "",
            "next": _next(None if row.state == OutboxState.DEAD else row.next_at),
        }
        for row in outbox.undelivered(session, admin.tenant_id, limit=100, troubled=True)
    ]


def _scores(session: Session, admin: AdminVisit) -> list[dict[str, str]]:
    found = []
    for row in scores.refused_or_retrying(session, admin.tenant_id):
        enrolment = enrolments.get_enrolment(session, admin.tenant_id, row.enrolment_id)
        found.append(
            {
                "what": f"{row.label}, {enrolment.person.shown_name}" if enrolment else row.label,
                "since": f"{row.attempts} tries" if row.attempts != 1 else "one try",
                "reason": row.reason or "",
                "next": _next(row.next_at),
            }
        )
    return found


def _evaluations(session: Session, admin: AdminVisit) -> list[dict[str, str]]:
    return [
        {"what": row.subject, "since": "", "reason": row.reason or "", "next": _next(row.at)}
        for row in results.failing(session, admin.tenant_id)
    ]
