"""GET /xapi/about: versions and limits. The only resource that asks for no credentials (Communication 2.8)."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request

from lrs_bridge.lrs.asking import LARGEST_PAGE
from lrs_bridge.lrs.parameters import once_each
from lrs_bridge.web.lrs_api.gate import LrsBridge
from lrs_bridge.web.lrs_api.versions import VERSIONS
from lrs_bridge.xapi.names import PROFILE

LIMITS = f"{PROFILE}/extensions/limits"


def add_routes(blueprint: Blueprint, bridge: LrsBridge) -> None:
    limits = {"request-megabytes": bridge.settings.lrs_megabytes, "page-statements": LARGEST_PAGE}
    told = {"version": list(VERSIONS), "extensions": {LIMITS: limits}}

    @blueprint.get("/about")
    def about() -> Response:
        once_each(request.args.to_dict(flat=False), frozenset())
        return Response(orjson.dumps(told), content_type="application/json")
