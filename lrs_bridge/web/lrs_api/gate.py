"""What every request to `/xapi` passes: who asks, in which version, and how problems are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import orjson
from flask import Blueprint, Response, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from lrs_bridge.config import Settings
from lrs_bridge.lrs.problems import Conflict, Forbidden, Invalid
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.lrs_keys import LrsKey, authenticate
from lrs_bridge.store.statements import WriteTookTooLong

VERSION_HEADER = "X-Experience-API-Version"
VERSIONS = ("1.0.3", "2.0.0")
_ONE, _TWO = re.compile(r"1\.0(?:\.\d+)?"), re.compile(r"2\.0(?:\.\d+)?")
_OPEN = "lrs_api.about"
_MEGABYTE = 1024 * 1024


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

    @blueprint.before_request
    def enter() -> None:
        request.max_content_length = bridge.settings.lrs_megabytes * _MEGABYTE
        g.xapi_version = VERSIONS[0]
        if request.endpoint == _OPEN:
            g.xapi_version = _version(request.headers.get(VERSION_HEADER, "")) or VERSIONS[-1]
            return
        g.lrs_key = _who(bridge)
        version = _version(request.headers.get(VERSION_HEADER, ""))
        if version is None:
            raise Invalid(VERSION_HEADER, "this header must be 1.0, 1.0.x or 2.0.x")
        g.xapi_version = version

    @blueprint.after_request
    def name_version(response: Response) -> Response:
        response.headers[VERSION_HEADER] = g.get("xapi_version", VERSIONS[0])
        return response

    blueprint.register_error_handler(Invalid, lambda problem: answer_problem(400, str(problem)))
    blueprint.register_error_handler(Conflict, lambda problem: answer_problem(409, str(problem)))
    blueprint.register_error_handler(Forbidden, lambda problem: answer_problem(403, str(problem)))
    blueprint.register_error_handler(WriteTookTooLong, _busy)
    blueprint.register_error_handler(OperationalError, _busy)
    blueprint.register_error_handler(NotAuthenticated, _ask_for_credentials)
    blueprint.register_error_handler(HTTPException, _tell)


def need(*scopes: str) -> LrsKey:
    """The credential of this request, if it has one of the scopes. Raises Forbidden."""
    key: LrsKey = g.lrs_key
    if not key.may(*scopes):
        raise Forbidden(f"this key lacks the scope {' or '.join(scopes)}")
    return key


def answer_problem(status: int, message: str) -> Response:
    body = orjson.dumps({"error": message})
    return Response(body, status, content_type="application/json")


def _who(bridge: LrsBridge) -> LrsKey:
    given = request.authorization
    if given is None or given.type != "basic" or given.username is None or given.password is None:
        raise NotAuthenticated("give a key and its secret as HTTP Basic credentials")
    with bridge.sessions.read() as session:
        key = authenticate(session, given.username, given.password, bridge.settings.secret_key)
    if key is None:
        raise NotAuthenticated("this key and secret are not known")
    return key


def _version(header: str) -> str | None:
    """The version we answer in: the latest patch of the one asked for (Communication 3.3)."""
    if _ONE.fullmatch(header):
        return VERSIONS[0]
    return VERSIONS[1] if _TWO.fullmatch(header) else None


def _ask_for_credentials(problem: Exception) -> Response:
    response = answer_problem(401, str(problem))
    response.headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    return response


def _busy(_problem: Exception) -> Response:
    response = answer_problem(503, "the record store is busy; nothing was written, send the same again later")
    response.headers["Retry-After"] = "5"
    return response


def _tell(problem: HTTPException) -> Response:
    response = answer_problem(problem.code or 500, problem.description or problem.name)
    for name, value in problem.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response
