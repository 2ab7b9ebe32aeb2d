"""The embedded record store over HTTP: xAPI's resources under `/xapi`."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.lrs_api import about, activities, agents, documents, statements
from lrs_bridge.web.lrs_api.gate import LrsBridge, guard


def lrs_api(bridge: LrsBridge) -> Blueprint:
    """The blueprint to register; it has no sessions, cookies or forms, only Basic authentication (see `gate`)."""
    blueprint = Blueprint("lrs_api", __name__, url_prefix="/xapi")
    guard(blueprint, bridge)
    about.add_routes(blueprint, bridge)
    statements.add_routes(blueprint, bridge)
    documents.add_routes(blueprint, bridge)
    activities.add_routes(blueprint, bridge)
    agents.add_routes(blueprint, bridge)
    return blueprint
