"""Privacy for administrators: what is held of whom and for how long, what retention forgot, and erasing a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.data_map import DATA_MAP, Holding, Kept
from lrs_bridge.domain.retention import Terms
from lrs_bridge.flows import erasing, retaining
from lrs_bridge.flows.erasing import Traces
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import retention_notes, runs
from lrs_bridge.store.retention_notes import RetentionNote
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.tables import METADATA
from lrs_bridge.web import doors
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.words import full_day, listed, when
from lrs_bridge.wiring import Bridge

_UTC = ZoneInfo("UTC")
_NAMES = "Who somebody is: names, addresses, how their LMS names them"
_UNKNOWN = Holding("Not yet classified.", "Not yet classified", Kept.ALWAYS)
_CLASSES = (("identity", "Who"), ("content", "What they say"), ("process", "What they do"))


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add data map, retention and the page about one person to the administrator's blueprint."""

    @rooms.get("/privacy")
    def data_map() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            posted = [_posted(session, bridge.registry, run) for run in _open(session, current().tenant_id)]
        tables = [_table(name, bridge.terms) for name in sorted(METADATA.tables)]
        return page(
            "admin/data_map.html",
            "data_map",
            None,
            tables=[one for one in tables if one["about"]],
            others=[one["name"] for one in tables if not one["about"]],
            posted=posted,
        )

    @rooms.get("/privacy/retention")
    def retention() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            due = retaining.retain(session, admin.tenant_id, bridge.terms, admin.now, dry=True)
            noted = retention_notes.newest(session, admin.tenant_id)
            known = {run.id: _run(run) for run in runs.all_runs(session, admin.tenant_id)}
            last = retention_notes.last_round(session, admin.tenant_id)
        return page(
            "admin/retention.html",
            "retention",
            request.args.get("saved"),
            terms=bridge.terms,
            due=[{"what": _what(one.what), "run": _run(one.run), "rows": one.rows} for one in due],
            noted=[_noted(one, known) for one in noted],
            last=when(last, _UTC) if last else None,
        )

    @rooms.post("/privacy/retention")
    def retain_now() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            retaining.retain(session, admin.tenant_id, bridge.terms, admin.now)
        return redirect(url_for("admin.retention", saved="retained"), 303)

    @rooms.get("/privacy/people/<person_id>")
    def look_at_person(person_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            found = erasing.look(session, current().tenant_id, person_id)
        if found is None:
            raise doors.door_for(404)
        return _preview(found, bridge)

    @rooms.post("/privacy/people/<person_id>")
    def erase_person(person_id: str) -> ResponseReturnValue:
        """Only with the tick, since it cannot be undone."""
        admin = current()
        sure = request.form.get("sure") == "yes"
        with bridge.sessions.write() as session:
            do = erasing.erase if sure else _only_look
            found = do(session, admin.tenant_id, person_id, admin.name, admin.now)
        if found is None:
            raise doors.door_for(404)
        if not sure:
            return _preview(found, bridge, "Tick that you are sure. Nothing has been erased."), 422
        bridge.poke()
        return redirect(url_for("admin.erasures", saved="erased"), 303)


def _only_look(session: Session, tenant_id: str, person_id: str, *_: object) -> Traces | None:
    return erasing.look(session, tenant_id, person_id)


def _preview(found: Traces, bridge: Bridge, problem: str | None = None) -> str:
    return page(
        "admin/erase.html",
        "erasures",
        None,
        person=found.person,
        goes=[(_what(one.table), "goes" if one.dropped else "is emptied", one.rows) for one in found.gone],
        runs=len(found.enrolled),
        named=len(found.named),
        documents=found.documents,
        unread=found.unread,
        remote=bridge.endpoint() is not None,
        problem=problem,
    )


def _table(name: str, terms: Terms) -> dict[str, Any]:
    one = DATA_MAP.get(name, _UNKNOWN)
    return {
        "name": name,
        "about": one.about_people or name not in DATA_MAP,
        "holds": one.holds,
        "seen": one.seen,
        "kept": terms.said(one.kept),
        "columns": [(word, getattr(one, kind)) for kind, word in _CLASSES if getattr(one, kind)],
    }


def _posted(session: Session, registry: Registry, run: RunRow) -> dict[str, str]:
    active = active_evaluators(session, registry, run)
    plans = posted_indicators(run.journey, active)
    titles = {one.key: one.evaluator.title for one in active}
    return {
        "run": _run(run),
        "posted": listed([plan.label or titles.get(key, key) for key, plan in plans.items()]) or "Nothing",
        "never": listed([title for key, title in titles.items() if key not in plans]) or "–",
    }


def _open(session: Session, tenant_id: str) -> Iterable[RunRow]:
    return runs.all_open(session, tenant_id)


def _run(run: RunRow | None) -> str:
    return f"{run.journey_row.title}, {full_day(run.day_zero)}" if run else "All runs"


def _what(name: str) -> str:
    return DATA_MAP[name].holds if name in DATA_MAP else _NAMES


def _noted(row: RetentionNote, known: dict[str, str]) -> Sequence[str]:
    run = known.get(row.run_id, "A run that is gone") if row.run_id else "All runs"
    return when(row.at, _UTC), _what(row.what), run, str(row.rows)
