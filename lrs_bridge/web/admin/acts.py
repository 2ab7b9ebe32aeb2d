"""The record of what administrators did: every form they sent and every file they took out.

A form is noted before it is read, so that nothing is done which does not stand here, and what came of it when it is
answered. What was typed is not noted: logs of their own say what settings became (`changes`, `listeners`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.store import admin_acts, journeys, people, platforms, runs
from lrs_bridge.store.admin_acts import AdminAct, Outcome
from lrs_bridge.store.sessions import hashed
from lrs_bridge.store.trouble import UNAVAILABLE
from lrs_bridge.web.admin.act_words import BLUEPRINT, OUTCOMES, told_of
from lrs_bridge.web.admin.changes import at, line_of
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge

AT_ONCE = 50
_HEAD = ("number", "time", "who", "visit", "what", "form", "about", "ids", "outcome")


def begin(bridge: Bridge) -> None:
    """Note the form that an administrator sends, before anything else is done with it."""
    g.act = _note(bridge, Outcome.BEGUN)


def end(bridge: Bridge, response: Response) -> None:
    """What came of the form; or that a file was taken out."""
    if "admin" not in g:
        return
    if "act" in g:
        status = response.status_code
        came = Outcome.DONE if status < 400 else Outcome.REFUSED if status < 500 else Outcome.BROKEN
        # What was done is done; where this cannot be said, it stands there as begun.
        with suppress(*UNAVAILABLE), bridge.sessions.write() as session:
            admin_acts.settle(session, current().tenant_id, g.act, came)
    elif response.headers.get("Content-Disposition", "").startswith("attachment"):
        _note(bridge, Outcome.DONE)


def _note(bridge: Bridge, outcome: Outcome) -> int:
    admin, what = current(), (request.endpoint or "").removeprefix(BLUEPRINT)
    about = {name: str(value)[:200] for name, value in (request.view_args or {}).items()}
    with bridge.sessions.write() as session:
        return admin_acts.note(session, admin.tenant_id, admin.name, hashed(g.token), what, about, outcome, admin.now)


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the record and its export to the administrator's blueprint."""

    @rooms.get("/acts", endpoint="acts")
    def show() -> ResponseReturnValue:
        admin, text = current(), _text()
        before = request.args.get("before", type=int)
        with bridge.sessions.read() as session:
            found = admin_acts.newest(session, admin.tenant_id, text, AT_ONCE + 1, before)
            rows = [_row(session, one) for one in found[:AT_ONCE]]
        older = url_for("admin.acts", q=text or None, before=rows[-1]["id"]) if len(found) > AT_ONCE else None
        return page("admin/acts.html", "acts", None, rows=rows, asked=text, older=older)

    @rooms.get("/acts.csv")
    def export_acts() -> ResponseReturnValue:
        tenant_id, text = current().tenant_id, _text()

        def pieces() -> Iterator[str]:
            yield line_of(_HEAD)
            with bridge.sessions.read() as session:
                for one in admin_acts.every(session, tenant_id, text):
                    yield line_of(_cells(_row(session, one), one))

        headers = {"Content-Disposition": 'attachment; filename="administrators.csv"'}
        return Response(pieces(), content_type="text/csv; charset=utf-8", headers=headers)


def _text() -> str:
    return request.args.get("q", "").strip()[:200]


def _row(session: Session, one: AdminAct) -> dict[str, Any]:
    return {
        "id": one.id,
        "who": one.who,
        "visit": one.visit[:8],
        "when": at(one.at),
        "what": told_of(one.what),
        "about": _about(session, one.tenant_id, one.about),
        "outcome": OUTCOMES[Outcome(one.outcome)],
    }


def _cells(row: Mapping[str, Any], one: AdminAct) -> tuple[Any, ...]:
    ids = " ".join(f"{name}={value}" for name, value in sorted(one.about.items()))
    return (one.id, one.at.isoformat(), one.who, row["visit"], row["what"], one.what, row["about"], ids, one.outcome)


def _about(session: Session, tenant_id: str, ids: Mapping[str, str]) -> str:
    """What the ids of an address are called today, as far as they are still known."""
    said = []
    if run := runs.get_run(session, tenant_id, ids.get("run_id", "")):
        said.append(f"run of {run.journey.title} from {full_day(run.day_zero)}")
    if journey := journeys.get_journey(session, tenant_id, ids.get("journey_id", "")):
        said.append(f"{journey.title}, version {journey.version}")
    if person := people.get_person(session, tenant_id, ids.get("person_id", "")):
        said.append(person.shown_name)
    platform = platforms.get_platform(session, ids.get("id_", ""))
    if platform is not None and platform.tenant_id == tenant_id:
        said.append(platform.name)
    return "; ".join([*said, *(ids[name] for name in ("key", "scope") if name in ids)])
