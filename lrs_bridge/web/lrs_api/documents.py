"""GET, HEAD, PUT, POST and DELETE of the document resources (xAPI 1.0.3, Communication 2.2, 2.3, 2.6, 2.7)."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from lrs_bridge.lrs import documents
from lrs_bridge.lrs.documents import PreconditionFailed, Resource, Unguarded
from lrs_bridge.store import lrs_keys
from lrs_bridge.store.lrs_keys import Caller
from lrs_bridge.web.lrs_api.conditions import conditions, settle
from lrs_bridge.web.lrs_api.gate import LrsBridge, answer_problem, need

# A document is whatever a client sent. It never runs as a page of ours, even where a browser comes to show it.
_POLICY = "default-src 'none'; sandbox"


def add_routes(blueprint: Blueprint, bridge: LrsBridge) -> None:
    for resource in documents.RESOURCES:
        blueprint.add_url_rule(
            f"/{resource.kind}",
            resource.kind.replace("/", "_"),
            _view(resource, bridge),
            methods=["GET", "PUT", "POST", "DELETE"],
        )
    blueprint.register_error_handler(PreconditionFailed, lambda problem: answer_problem(412, str(problem)))
    blueprint.register_error_handler(Unguarded, lambda problem: answer_problem(409, str(problem)))


def _view(resource: Resource, bridge: LrsBridge) -> Callable[[], Response]:
    answers = {"GET": _get, "HEAD": _get, "PUT": _put, "POST": _post, "DELETE": _delete}
    return lambda: answers[request.method](resource, bridge)


def _get(resource: Resource, bridge: LrsBridge) -> Response:
    key = need(_scope(resource), lrs_keys.READ_ALL, lrs_keys.ALL)
    address = _address(resource, key, listing=True)
    if address.id is None:
        found, updated = documents.ids(bridge.sessions, address)
        response = Response(orjson.dumps(found), content_type=documents.JSON)
        return settle(response, updated)
    document = documents.get(bridge.sessions, address)
    if document is None:
        return answer_problem(404, "there is no such document here")
    response = Response(document.content, content_type=document.content_type)
    response.headers["Content-Security-Policy"] = _POLICY
    return settle(response, document.updated, document.etag)


def _put(resource: Resource, bridge: LrsBridge) -> Response:
    address = _address(resource, _writer(resource), single=True)
    documents.put(bridge.sessions, resource, address, _sent(), conditions(), g.xapi_version, bridge.clock)
    return Response(status=204)


def _post(resource: Resource, bridge: LrsBridge) -> Response:
    address = _address(resource, _writer(resource), single=True)
    documents.post(bridge.sessions, address, _sent(), conditions(), bridge.clock)
    return Response(status=204)


def _delete(resource: Resource, bridge: LrsBridge) -> Response:
    """Only states are deleted by the shelf."""
    address = _address(resource, _writer(resource), single=not resource.registered)
    documents.delete(bridge.sessions, address, conditions())
    return Response(status=204)


def _scope(resource: Resource) -> str:
    return lrs_keys.STATE if resource.registered else lrs_keys.PROFILE


def _writer(resource: Resource) -> Caller:
    return need(_scope(resource), lrs_keys.ALL)


def _address(resource: Resource, key: Caller, *, single: bool = False, listing: bool = False) -> documents.Address:
    given = request.args.to_dict(flat=False)
    return documents.read_address(resource, key.tenant_id, given, g.xapi_version, single=single, listing=listing)


def _sent() -> tuple[str, bytes]:
    content = request.get_data()
    # In chunks, werkzeug cuts what is too large at the limit and says nothing.
    if request.content_length is None and len(content) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge
    return documents.check_type(request.headers.get("Content-Type", "")), content
