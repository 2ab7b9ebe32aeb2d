"""GET and HEAD of /xapi/activities: an activity as the store knows it (Communication 2.5)."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request

from lrs_bridge.lrs.parameters import once_each, read_iri
from lrs_bridge.lrs.problems import Invalid
from lrs_bridge.store import activities, lrs_keys
from lrs_bridge.web.lrs_api.conditions import settle
from lrs_bridge.web.lrs_api.gate import LrsBridge, need

_MAY = tuple(scope for scope in lrs_keys.SCOPES if scope != lrs_keys.WRITE)


def add_routes(blueprint: Blueprint, bridge: LrsBridge) -> None:
    @blueprint.get("/activities")
    def activity() -> Response:
        """With its definition where there is one; an unknown activity is one without."""
        key = need(*_MAY)
        given = once_each(request.args.to_dict(flat=False), frozenset({"activityId"}))
        if not given:
            raise Invalid("activityId", "is missing")
        id_ = read_iri(given, "activityId")
        with bridge.sessions.read() as session:
            found = activities.definitions(session, key.tenant_id, [id_])
        known = {"definition": found[id_]} if id_ in found else {}
        response = Response(
            orjson.dumps({"objectType": "Activity", "id": id_, **known}), content_type="application/json"
        )
        return settle(response)
