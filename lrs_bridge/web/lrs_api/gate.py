"""What every request to `/xapi` passes: who asks, in which version, and how problems are told."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, cast

import orjson
from flask import Blueprint, Flask, Response, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from lrs_bridge.config import Settings
from lrs_bridge.lrs.problems import Conflict, Forbidden, Invalid
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.lrs_keys import Caller, authenticate
from lrs_bridge.store.statements import WriteTookTooLong
from lrs_bridge.store.trouble import UNAVAILABLE, Trouble, trouble
from lrs_bridge.web.flood import Flood
from lrs_bridge.web.lrs_api import origins
from lrs_bridge.web.lrs_api.alternate import PROBLEM, AlternateSyntax
from lrs_bridge.web.lrs_api.versions import VERSION_HEADER, VERSIONS, answered, spoken

_OPEN = "lrs_api.about"
MEGABYTE = 1024 * 1024


class LrsBridge(Protocol):
    """What the blueprint needs of the wired bridge."""

    @property
    def sessions(self) -> Sessions: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...


class NotAuthenticated(Exception):
    """No credentials, or not the right ones."""


def guard(blueprint: Blueprint, bridge: LrsBridge) -> None:
    """Authenticate and read the version before every request but `about`, and answer problems as JSON."""
    largest = bridge.settings.lrs_megabytes * MEGABYTE
    flood = Flood(bridge.settings.wrong_per_minute, "keys of the record store")

    @blueprint.record_once
    def unpack_alternate_syntax(state: BlueprintSetupState) -> None:
        """Before Flask looks at the method, by which it finds the view."""
        app = cast(Flask, state.app)
        app.wsgi_app = AlternateSyntax(app.wsgi_app, f"{blueprint.url_prefix}", largest)  # type: ignore[method-assign]

    @blueprint.before_request
    def enter() -> Response | None:
        request.max_content_length = largest
        if request.method == "OPTIONS":
            return origins.preflight()
        if problem := request.environ.get(PROBLEM):
            raise problem
        header = request.headers.get(VERSION_HEADER)
        g.xapi_version = spoken(header) or VERSIONS[-1]
        if request.endpoint == _OPEN:
            return None
        try:
            g.lrs_key = _who(bridge)
        except NotAuthenticated:
            flood.count(request.remote_addr, bridge.clock())
            raise
        if spoken(header) is None:
            raise Invalid(VERSION_HEADER, f"this header must name a version spoken here: {' or '.join(VERSIONS)}")
        return None

    @blueprint.after_app_request
    def seal(response: Response) -> Response:
        """Also what never came to a view, since there is no such resource or method."""
        if not request.path.startswith(f"{blueprint.url_prefix}/"):
            return response
        if request.blueprint != blueprint.name:
            response = _without_page(response)
        header = request.headers.get(VERSION_HEADER)
        needs_none = request.endpoint == _OPEN or request.method == "OPTIONS"
        response.headers[VERSION_HEADER] = VERSIONS[-1] if needs_none and not header else answered(header)
        origins.let_in(response)
        return response

    blueprint.register_error_handler(Invalid, lambda problem: answer_problem(400, str(problem)))
    blueprint.register_error_handler(Conflict, lambda problem: answer_problem(409, str(problem)))
    blueprint.register_error_handler(Forbidden, lambda problem: answer_problem(403, str(problem)))
    blueprint.register_error_handler(WriteTookTooLong, lambda _: _unavailable("busy"))
    for unavailable in UNAVAILABLE:
        blueprint.register_error_handler(unavailable, lambda problem: _unavailable(trouble(problem)))
    blueprint.register_error_handler(OSError, _disk)
    blueprint.register_error_handler(NotAuthenticated, _ask_for_credentials)
    blueprint.register_error_handler(HTTPException, _tell)


def need(*scopes: str) -> Caller:
    """The credential of this request, if it has one of the scopes. Raises Forbidden."""
    key: Caller = g.lrs_key
    if not key.may(*scopes):
        raise Forbidden(f"this key lacks the scope {' or '.join(scopes)}")
    return key


def answer_problem(status: int, message: str) -> Response:
    body = orjson.dumps({"error": message})
    return Response(body, status, content_type="application/json")


def _who(bridge: LrsBridge) -> Caller:
    given = request.authorization
    if given is None or given.type != "basic" or given.username is None or given.password is None:
        raise NotAuthenticated("give a key and its secret as HTTP Basic credentials")
    with bridge.sessions.values() as session:
        key = authenticate(session, given.username, given.password, bridge.settings.secret_key)
    if key is None:
        raise NotAuthenticated("this key and secret are not known")
    return key


def _without_page(response: Response) -> Response:
    """The problem of a request that found no view, told as the others are."""
    told = answer_problem(response.status_code, response.status.partition(" ")[2].lower())
    if isinstance(request.routing_exception, MethodNotAllowed):
        told.headers["Allow"] = ", ".join(request.routing_exception.valid_methods or ())
    return told


def _ask_for_credentials(problem: Exception) -> Response:
    response = answer_problem(401, str(problem))
    response.headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    return response


_WORDS: dict[Trouble, tuple[str, int]] = {
    "busy": ("the record store is busy", 5),
    "full": ("the disk of the record store is full", 60),
    "away": ("the database of the record store does not answer", 15),
}


def _unavailable(why: Trouble) -> Response:
    words, seconds = _WORDS[why]
    response = answer_problem(503, f"{words}; nothing was written, send the same again later")
    response.headers["Retry-After"] = str(seconds)
    return response


def _disk(problem: OSError) -> Response:
    """Where attachments wait there may be no room."""
    if problem.errno not in {errno.ENOSPC, errno.EDQUOT}:
        raise problem
    return _unavailable("full")


def _tell(problem: HTTPException) -> Response:
    response = answer_problem(problem.code or 500, problem.description or problem.name)
    for name, value in problem.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response
