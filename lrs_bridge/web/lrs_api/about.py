"""GET /xapi/about: which versions are spoken here. The only resource that asks for no credentials."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from lrs_bridge.web.lrs_api.gate import VERSIONS


def add_routes(blueprint: Blueprint) -> None:
    @blueprint.get("/about")
    def about() -> Response:
        return Response(orjson.dumps({"version": list(VERSIONS)}), content_type="application/json")
