"""`/metrics`: figures of the whole installation in Prometheus's text format, the same from every process.

What waits is counted in the database at the time of asking; what happened is added up there by all processes
(`store.tallies`). Labels are tenants, states and reasons from fixed lists, never people.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session

from lrs_bridge.lti import egress
from lrs_bridge.store import backlog, evaluator_watch, tallies, tenants, worker_signs
from lrs_bridge.store.backlog import Waiting
from lrs_bridge.wiring import Bridge

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]

COUNTED = {
    "launches": ("lrs_bridge_launches_total", "kind", "Launches that were let in, by what was launched"),
    "refusals": ("lrs_bridge_launch_refusals_total", "reason", "Logins and launches that were refused, by reason"),
    "delivered": ("lrs_bridge_statements_delivered_total", "", "Statements that the record store took"),
    "taken_in": ("lrs_bridge_statements_taken_in_total", "", "Statements and pages of them read from record stores"),
    "evaluated": ("lrs_bridge_evaluations_total", "", "People and groups evaluated"),
    "posted": ("lrs_bridge_scores_posted_total", "", "Scores that an LMS took"),
    "faults": ("lrs_bridge_faults_total", "", "Requests that ended with a fault of ours"),
}
"""Name of a tally -> name of the metric, its label, and what it counts."""


def pages(bridge: Bridge) -> Blueprint:
    """The blueprint. Open on an installation for trying out, at localhost; otherwise behind a token, or not there."""
    metrics = Blueprint("metrics", __name__)

    @metrics.get("/metrics")
    def figures() -> Response:
        _let_in(bridge)
        bridge.tally.add()
        with bridge.sessions.read() as session:
            text = "".join(_lines(session, bridge.clock()))
        return Response(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    return metrics


def _let_in(bridge: Bridge) -> None:
    token = bridge.settings.metrics_token
    if token is None:
        if not egress.is_loopback(bridge.settings.base_url):
            abort(404)
        return
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(403)


def _lines(session: Session, now: datetime) -> Iterable[str]:
    totals = tallies.totals(session)
    for name, (metric, label, what) in COUNTED.items():
        found = [(key, number) for (known, key), number in sorted(totals.items()) if known == name]
        samples: list[Sample] = [({label: key} if label else {}, number) for key, number in found]
        yield from _metric(metric, "counter", what, samples or [({}, 0)] if not label else samples)
    waiting = (
        ("statements", "Statements that have not arrived", backlog.statements(session)),
        ("scores", "Scores that the LMS does not have", backlog.scores(session)),
        ("evaluations", "People and groups due to be evaluated", backlog.evaluations(session, now)),
        ("messages", "Messages that wait, or failed", backlog.messages(session)),
        ("news", "News that listeners have not heard, by listener", backlog.news(session)),
    )
    everybody = [tenant.name for tenant in tenants.all_tenants(session)]
    for name, what, found_ in waiting:
        yield from _waiting(name, what, found_, everybody, now)
    yield from _failures(session)
    yield from _workers(session, now)


def _waiting(name: str, what: str, rows: Sequence[Waiting], everybody: Sequence[str], now: datetime) -> Iterable[str]:
    """How many there are, and the age of the oldest in seconds; 0 where a tenant has none."""
    known = {row.tenant for row in rows}
    none: list[Sample] = [({"tenant": tenant, "state": ""}, 0) for tenant in everybody if tenant not in known]
    labels = [{"tenant": row.tenant, "state": row.state} for row in rows]
    numbers: list[Sample] = [(label, row.number) for label, row in zip(labels, rows, strict=True)]
    ages: list[Sample] = [
        (label, max(0.0, (now - row.oldest).total_seconds()) if row.oldest else 0.0)
        for label, row in zip(labels, rows, strict=True)
    ]
    yield from _metric(f"lrs_bridge_{name}_waiting", "gauge", what, [*numbers, *none])
    yield from _metric(f"lrs_bridge_{name}_oldest_seconds", "gauge", f"{what}: age of the oldest", [*ages, *none])


def _failures(session: Session) -> Iterable[str]:
    failing: list[Sample] = []
    off: list[Sample] = []
    for tenant in tenants.all_tenants(session):
        for key, number in evaluator_watch.failing_count(session, tenant.id).items():
            failing.append(({"tenant": tenant.name, "evaluator": key}, number))
        off.append(({"tenant": tenant.name}, len(evaluator_watch.switched_off(session, tenant.id))))
    what = "People and groups about whom an evaluator fails"
    yield from _metric("lrs_bridge_evaluator_failing", "gauge", what, failing)
    yield from _metric("lrs_bridge_evaluators_off", "gauge", "Evaluators switched off after failures", off)


def _workers(session: Session, now: datetime) -> Iterable[str]:
    signs = [sign for sign in worker_signs.signs(session) if now - sign.seen < worker_signs.LATE_AFTER]
    last = worker_signs.last_sign(session)
    yield from _metric("lrs_bridge_workers", "gauge", "Workers seen lately", [({}, len(signs))])
    age: list[Sample] = [({}, max(0.0, (now - last).total_seconds()))] if last else []
    yield from _metric("lrs_bridge_worker_seen_seconds", "gauge", "Since the last sign of life of any worker", age)


def _metric(name: str, kind: str, what: str, samples: Iterable[Sample]) -> Iterable[str]:
    yield f"# HELP {name} {what}.\n# TYPE {name} {kind}\n"
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inside}}} {value:g}\n" if inside else f"{name} {value:g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
