"""Evaluations: what is computed again and how far that has come, how evaluators behave, and what fails about whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluators import Evaluator
from lrs_bridge.domain.failing import Standing
from lrs_bridge.domain.making import made_by
from lrs_bridge.flows import recompute, standing
from lrs_bridge.flows.administer import in_time
from lrs_bridge.store import evaluator_watch, people, recomputations, runs
from lrs_bridge.store.evaluator_watch import EvaluatorFailure, EvaluatorWatch
from lrs_bridge.store.recomputations import Progress, Recomputation
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.admin.visit import AdminVisit, current, page
from lrs_bridge.web.words import plural, rounded, sentence, when
from lrs_bridge.wiring import Bridge

_UTC = ZoneInfo("UTC")
_LISTED = 100
_SHAPES = ("bad", "care", "ok")
_FAULTS = {
    "error": "It raised an error.",
    "wrong": "It answered what is no answer.",
    "slow": "It took too long.",
    "ended": "The process ended.",
}


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the page and its buttons to the administrator's blueprint."""

    @rooms.get("/evaluations")
    def evaluations() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            content = _content(session, bridge, admin)
        return page("admin/evaluations.html", "evaluations", request.args.get("saved"), **content)

    @rooms.post("/evaluations/again")
    def compute_again() -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            reason = "An administrator asked for it."
            recompute.ask(session, admin.tenant_id, reason=reason, by=admin.name, now=admin.now)
        return _looked("computed_again")

    @rooms.post("/evaluations/try")
    def try_evaluator() -> ResponseReturnValue:
        admin = current()
        declared = bridge.registry.evaluators.get(request.form.get("evaluator", ""))
        if declared is None:
            return _looked("not_installed")
        try:
            with bridge.sessions.write() as session:
                standing.try_again(session, admin.tenant_id, declared.key, made_by(declared), admin.now)
        except standing.CannotTry:
            return _looked("not_tried")
        return _looked("tried")

    def _looked(saved: str) -> ResponseReturnValue:
        bridge.poke()
        return redirect(url_for("admin.evaluations", saved=saved), 303)


def _content(session: Session, bridge: Bridge, admin: AdminVisit) -> dict[str, object]:
    """A fixed number of queries, whatever the runs' size."""
    tenant_id = admin.tenant_id
    under_way = recomputations.under_way(session, tenant_id, _LISTED)
    done = recomputations.latest_done(session, tenant_id)
    failing = evaluator_watch.failing(session, tenant_id, _LISTED)
    ids = {one.row.run_id for one in under_way} | {row.run_id for row in done} | {row.run_id for row in failing}
    of_runs = runs.runs_by_id(session, tenant_id, ids)
    names = people.names(session, tenant_id, [row.whom for row in failing])
    watches = {(row.evaluator, row.made_by): row for row in evaluator_watch.watches(session, tenant_id)}
    counts = evaluator_watch.failing_count(session, tenant_id)
    known = sorted(bridge.registry.evaluators.values(), key=lambda one: one.title)
    conducts = [_conduct(one, watches.get((one.key, made_by(one))), counts.get(one.key, 0)) for one in known]
    return {
        "under_way": [_progress(one, of_runs, admin.now) for one in under_way],
        "open_count": recomputations.count_open(session, tenant_id),
        "done": [_finished(row, of_runs) for row in done],
        "evaluators": sorted(conducts, key=lambda one: _SHAPES.index(str(one["shape"]))),
        "failing": [_failure(row, of_runs, names, bridge.registry.evaluators) for row in failing],
        "failing_count": sum(counts.values()),
    }


def _run_words(run: RunRow | None) -> str:
    return f"{run.course.title or run.course.context_id}: {run.journey_row.title}" if run else "A run"


def _at(moment: datetime | None) -> str:
    return f"{when(moment, _UTC)} UTC" if moment else ""


def _progress(one: Progress, of_runs: Mapping[str, RunRow], now: datetime) -> dict[str, object]:
    row = one.row
    done = max(0, row.total - one.left)
    left = recompute.how_long(done, row.total, row.began, now)
    if row.began is None:
        text, length = "Waits for its turn.", 0.0
    else:
        text = f"{done} of {row.total} people." if one.left else "All people are done, the groups follow."
        length = 100.0 * done / row.total if row.total else 100.0
        if one.left:
            text += f" About {in_time(left)} still." if left is not None else " How long it takes is not known yet."
    return {
        "name": _run_words(of_runs.get(row.run_id)),
        "text": text,
        "length": f"{length:.1f}",
        "why": f"{row.reason} Asked for on {_at(row.asked)} by {row.by}.",
    }


def _finished(row: Recomputation, of_runs: Mapping[str, RunRow]) -> dict[str, str]:
    took = in_time(row.finished - row.asked) if row.finished and row.asked else ""
    return {
        "name": _run_words(of_runs.get(row.run_id)),
        "text": f"{plural(row.total, 'person', 'people')}, done on {_at(row.finished)}, after {took}.",
        "why": f"{row.reason} Asked for by {row.by}.",
    }


def _conduct(one: Evaluator, row: EvaluatorWatch | None, failing: int) -> dict[str, object]:
    state = Standing(row.state) if row else Standing.ON
    return {
        "key": one.key,
        "title": one.title,
        "meta": f"{one.version}, from {one.distribution}",
        "shape": "bad" if state is not Standing.ON else "care" if failing else "ok",
        "text": _state_words(row, state, failing),
        "times": _times(row),
        "last": f"Last failure on {_at(row.last_failure)}: {row.last_reason}" if row and row.last_failure else "",
        "off": state is not Standing.ON,
    }


def _state_words(row: EvaluatorWatch | None, state: Standing, failing: int) -> str:
    if row is not None and state is Standing.OFF:
        return f"Off since {_at(row.since)}. {sentence(row.why or '')}"
    if row is not None and state is Standing.TRIAL:
        return f"Is being tried on one person or group since {_at(row.since)}. Until it answers well it is off."
    if failing:
        return f"Fails about {plural(failing, 'person or group', 'people or groups')}."
    return "No trouble." if row else "Has not been asked yet."


def _times(row: EvaluatorWatch | None) -> str:
    if row is None or not row.calls:
        return ""
    worst = f" and {_span(row.worst)} at worst, on {_at(row.worst_at)}" if row.worst_at else ""
    return f"An answer takes {_span(row.seconds / row.calls)} on average{worst}."


def _span(seconds: float) -> str:
    """0.8 ms; 12.3 s"""
    if seconds < 0.0001:
        return "less than 0.1 ms"
    return f"{rounded(seconds, 1)} s" if seconds >= 1 else f"{rounded(seconds * 1000, 1)} ms"


def _failure(
    row: EvaluatorFailure, of_runs: Mapping[str, RunRow], names: Mapping[str, str], known: Mapping[str, Evaluator]
) -> dict[str, str]:
    whom = names.get(row.whom) or (f"Area {row.whom}" if row.whom else "The whole run")
    declared = known.get(row.evaluator)
    times = "once" if row.times == 1 else f"{row.times} times"
    return {
        "whom": whom,
        "run": _run_words(of_runs.get(row.run_id)),
        "what": declared.title if declared else row.evaluator,
        "fault": _FAULTS.get(row.kind, ""),
        "reason": row.reason,
        "when": f"{sentence(times)}, {'on' if row.times == 1 else 'last on'} {_at(row.last)}",
    }
