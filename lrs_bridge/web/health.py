"""Health, for load balancers and whoever watches.

`/health/live`: the process answers. `/health/ready`: it can do its work: database there, tables up to date; it says
since when no worker was seen, without being the less ready for it, since people can act and read meanwhile.
`/health/worker`: somebody does the background work.
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from lrs_bridge.store import worker_signs
from lrs_bridge.store.migrate import is_current
from lrs_bridge.store.worker_signs import LATE_AFTER
from lrs_bridge.wiring import Bridge

_AWAY = "The database does not answer."


def pages(bridge: Bridge) -> Blueprint:
    health = Blueprint("health", __name__, url_prefix="/health")

    @health.get("/live")
    def live() -> ResponseReturnValue:
        return jsonify(status="live")

    @health.get("/ready")
    def ready() -> ResponseReturnValue:
        try:
            if not is_current(bridge.engine):
                return jsonify(status="not ready", reason="The tables are not up to date: lrs-bridge db upgrade."), 503
            return jsonify(status="ready", worker=_worker(_last_sign(), bridge.clock()))
        except SQLAlchemyError:
            return jsonify(status="not ready", reason=_AWAY), 503

    @health.get("/worker")
    def worker() -> ResponseReturnValue:
        try:
            said = _worker(_last_sign(), bridge.clock())
        except SQLAlchemyError:
            return jsonify(status="unknown", reason=_AWAY), 503
        if said["status"] == "at work":
            return jsonify(said)
        return jsonify(**said, reason="Nobody does the background work: lrs-bridge worker."), 503

    def _last_sign() -> datetime | None:
        with bridge.sessions.read() as session:
            return worker_signs.last_sign(session)

    return health


def _worker(last: datetime | None, now: datetime) -> dict[str, str | None]:
    if last is None:
        return {"status": "never seen", "seen": None}
    return {"status": "at work" if now - last < LATE_AFTER else "late", "seen": last.isoformat(timespec="seconds")}
