"""The record: the store that holds it, put to the test, and what has not arrived there yet."""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.probing import Probed, Verdict
from lrs_bridge.flows.administer import STUCK_AFTER, State, in_time, state_of
from lrs_bridge.flows.outbox import as_dict, replay_now, set_aside
from lrs_bridge.flows.probe import probe_record
from lrs_bridge.store import outbox, record_probes
from lrs_bridge.store.outbox import OutboxState, OutboxStatement, Place
from lrs_bridge.web.admin.visit import Health, current, page
from lrs_bridge.web.words import plural, sentence, when
from lrs_bridge.wiring import TEST_SECONDS, Bridge

log = logging.getLogger("lrs_bridge.web")

AT_ONCE = 50
_UTC = ZoneInfo("UTC")
_SHAPES = {Verdict.OK: "ok", Verdict.CARE: "care", Verdict.BAD: "bad", Verdict.LEFT_OUT: "care"}


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the page, its buttons and the export to the administrator's blueprint."""

    @rooms.get("/record")
    def record() -> ResponseReturnValue:
        return show(None)

    def show(problem: str | None) -> str:
        admin, after = current(), _place()
        endpoint = bridge.endpoint()
        with bridge.sessions.read() as session:
            rows = outbox.undelivered(session, admin.tenant_id, _state(), AT_ONCE + 1, after)
            state = state_of(session, admin.tenant_id, admin.now)
            probed = record_probes.latest(session, admin.tenant_id, endpoint.name) if endpoint else None
        shown = rows[:AT_ONCE]
        return page(
            "admin/record.html",
            "record",
            request.args.get("saved"),
            url=endpoint.name if endpoint else None,
            content_stays=endpoint is not None and not bridge.settings.lrs_content,
            probed=_probed(probed) if probed else None,
            state=state,
            sending=sending(state),
            rows=[_row(row, state) for row in shown],
            chosen=_state(),
            problem=problem,
            more=_name(shown[-1]) if len(rows) > AT_ONCE else None,
        )

    @rooms.post("/record/test")
    def test_record() -> ResponseReturnValue:
        endpoint, tenant_id = bridge.endpoint(TEST_SECONDS), current().tenant_id
        if endpoint is None:
            abort(404)
        probe_record(bridge.sessions, bridge.probe(endpoint, tenant_id), tenant_id, write=True)
        return redirect(url_for("admin.record", saved="tested"), 303)

    @rooms.post("/record/replay")
    def replay() -> ResponseReturnValue:
        admin, id_ = current(), request.form.get("id")
        with bridge.sessions.write() as session:
            done = replay_now(session, admin.tenant_id, admin.now, [id_] if id_ else None)
        bridge.poke()
        return redirect(url_for("admin.record", saved="again" if done else "on_its_way"), 303)

    @rooms.post("/record/<statement>/aside")
    def leave(statement: str) -> ResponseReturnValue:
        admin = current()
        try:
            with bridge.sessions.write() as session:
                if outbox.find(session, admin.tenant_id, statement) is None:
                    abort(404)
                why = request.form.get("why", "")
                done = set_aside(session, admin.tenant_id, [statement], admin.name, why, admin.now)
        except ValueError as problem:
            return show(str(problem)), 422
        return redirect(url_for("admin.record", saved="left" if done else "on_its_way"), 303)

    @rooms.get("/record/outbox.json")
    def export() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            found = outbox.undelivered(session, admin.tenant_id, _state())
        log.warning("an administrator exported %d statements of the outbox of tenant %s", len(found), admin.tenant_id)
        body = orjson.dumps([as_dict(row, content=False) for row in found], option=orjson.OPT_INDENT_2)
        headers = {"Content-Disposition": 'attachment; filename="outbox.json"'}
        return Response(body, content_type="application/json", headers=headers)


def _state() -> OutboxState | None:
    wanted = request.args.get("state")
    return OutboxState(wanted) if wanted in {state.value for state in outbox.EVERY} else None


def _place() -> Place | None:
    """Behind which row the page goes on; from the beginning where the address is not one of ours."""
    created, _, id_ = request.args.get("after", "").partition("_")
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return None
    return (moment, id_) if moment.tzinfo else None


def _name(row: OutboxStatement) -> str:
    return f"{row.created.isoformat()}_{row.statement_id}"


def sending(state: State) -> Health:
    """Whether statements get out, in a sentence."""
    if state.paused_until is not None:
        text = f"{sentence(state.paused_for or '')} Nothing is sent before {_at(state.paused_until)}."
        return Health("Sending", "bad", text)
    if state.statements_dead:
        text = f"{sentence(plural(state.statements_dead, 'statement'))} the store will not take. They wait for you."
        return Health("Sending", "bad", text)
    if state.oldest_statement is None:
        return Health("Sending", "ok", "All sent.")
    age = state.now - state.oldest_statement
    text = f"{sentence(plural(state.statements_waiting, 'statement'))} waiting, the oldest for {in_time(age)}."
    return Health("Sending", "bad" if age > STUCK_AFTER else "care", text)


def _row(row: OutboxStatement, state: State) -> dict[str, str]:
    dead, aside = row.state == OutboxState.DEAD, row.state == OutboxState.ASIDE
    on_its_way = row.lease_until is not None and row.lease_until > state.now
    soonest = max(row.next_at, state.paused_until or row.next_at)
    return {
        "id": row.statement_id,
        "state": row.state,
        "chip": "Set aside" if aside else "Given up" if dead else "On its way" if on_its_way else "Waiting",
        "kind": "stop" if dead else "",
        "sign": "alert" if dead else "clock",
        "since": _at(row.created),
        "tries": "one try" if row.attempts == 1 else f"{row.attempts} tries" if row.attempts else "not tried yet",
        "reason": row.reason or state.paused_for or "",
        "aside": f"{row.aside_by}, {_at(row.aside_at)}: {row.aside_for}" if aside and row.aside_at else "",
        "next": "when you say so" if dead or aside else "now" if soonest <= state.now else _at(soonest),
    }


def _probed(probed: Probed) -> dict[str, object]:
    """What needs a look first; what is fine can be unfolded."""
    found = [
        {"about": one.about, "shape": _SHAPES[one.verdict], "text": one.text, "advice": one.advice}
        for one in probed.findings
    ]
    fine = [one for one in found if one["shape"] == "ok"]
    return {
        "at": _at(probed.at),
        "conclusion": probed.conclusion,
        "look": [one for one in found if one not in fine],
        "fine": fine,
        "number": sentence(plural(len(fine), "thing")),
    }


def _at(moment: datetime) -> str:
    return f"{when(moment, _UTC)} UTC"
