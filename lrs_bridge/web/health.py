"""`/health/live`: the process answers. `/health/ready`: it can do its work: database there, tables up to date."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.migrate import is_current


def pages(sessions: Sessions) -> Blueprint:
    health = Blueprint("health", __name__, url_prefix="/health")

    @health.get("/live")
    def live() -> ResponseReturnValue:
        return jsonify(status="live")

    @health.get("/ready")
    def ready() -> ResponseReturnValue:
        try:
            current = is_current(sessions.engine)
        except SQLAlchemyError:
            return jsonify(status="not ready", reason="The database does not answer."), 503
        if not current:
            return jsonify(status="not ready", reason="The tables are not up to date: lrs-bridge db upgrade."), 503
        return jsonify(status="ready")

    return health
