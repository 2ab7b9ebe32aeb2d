"""`POST /ingest/statements`: the door for systems that forward statements, each with a key of its own.

Answers JSON, also to say no, and also where no view is met. One statement that cannot be taken does not hold up the
others: it is listed for the admin, and the answer names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from lrs_bridge.flows.receive import Received, receive
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import ingest_keys
from lrs_bridge.store.tenants import get_tenant
from lrs_bridge.web.flood import Flood
from lrs_bridge.wiring import Bridge

LARGEST = 8 * 1024 * 1024
MOST = 1000
_SECONDS = 5


class _Refused(Exception):
    """An answer that says no, and how it can be mended."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


def pages(bridge: Bridge) -> Blueprint:
    """The blueprint to register; it has no sessions, cookies or forms."""
    door = Blueprint("ingest", __name__, url_prefix="/ingest")
    flood = Flood(bridge.settings.wrong_per_minute, "keys of forwarding systems")

    @door.post("/statements")
    def take() -> Response:
        request.max_content_length = LARGEST
        token, now = _token(), bridge.clock()
        with bridge.sessions.read() as session:
            key = ingest_keys.authenticate(session, token, bridge.settings.secret_key)
            if key is None:
                flood.count(request.remote_addr, now)
                raise _not_let_in("This key is not known, or it was revoked.")
            tenant = get_tenant(session, key.tenant_id)
        done = receive(bridge.sessions, tenant, key, _statements(), why_refused, now)
        bridge.poke()
        return _answer(200, _told(done))

    @door.after_app_request
    def speak(response: Response) -> Response:
        """What met no view, since there is no such address or method, is told as the rest is."""
        if request.path.startswith(f"{door.url_prefix}/") and request.blueprint != door.name:
            return _unmet(response)
        return response

    door.register_error_handler(_Refused, lambda no: _answer(no.status, {"error": no.message}, no.headers))
    door.register_error_handler(OperationalError, _busy)
    door.register_error_handler(HTTPException, _tell)
    return door


def _token() -> str:
    """A bearer token, or the password of Basic credentials with any user name, which is all that some systems offer."""
    given = request.authorization
    token = given.token if given and given.type == "bearer" else given.password if given else None
    if not token:
        raise _not_let_in("Give the key as `Authorization: Bearer KEY`, or as the password of Basic credentials.")
    return str(token)


def _statements() -> list[Any]:
    if request.mimetype != "application/json":
        raise _Refused(415, "Send statements as application/json; attachments need a fileUrl.")
    if request.content_encoding:
        raise _Refused(415, "Send the body as it is, without Content-Encoding.")
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as problem:
        raise _Refused(400, f"The body is not JSON: {problem}.") from None
    statements = body if isinstance(body, list) else [body]
    if not all(isinstance(one, dict) for one in statements):
        raise _Refused(400, "The body has to be a statement, or a list of statements.")
    if len(statements) > MOST:
        raise _Refused(413, f"At most {MOST} statements at once; here are {len(statements)}.")
    return statements


def _told(done: Received) -> dict[str, Any]:
    """What became of them, in numbers, and which cannot be taken."""
    return {
        "taken": done.arrived.taken,
        "known": done.known,
        "skipped": done.arrived.skipped,
        "refused": [{"id": statement.get("id"), "reason": reason} for statement, reason in done.wrong],
    }


def _not_let_in(message: str) -> _Refused:
    return _Refused(401, message, {"WWW-Authenticate": 'Bearer realm="statements"'})


def _busy(_problem: Exception) -> Response:
    words = "The database is busy; nothing was taken. Send the same again."
    return _answer(503, {"error": words}, {"Retry-After": str(_SECONDS)})


def _tell(problem: HTTPException) -> Response:
    if problem.code == 413:
        return _answer(413, {"error": f"At most {LARGEST // 2**20} MB at once."})
    told = [(name, value) for name, value in problem.get_headers() if name == "Retry-After"]
    return _answer(problem.code or 500, {"error": problem.description or problem.name}, dict(told))


def _unmet(response: Response) -> Response:
    methods = response.headers.get("Allow")
    words = f"This address takes {methods}." if methods else "There is nothing at this address."
    return _answer(response.status_code, {"error": words}, {"Allow": methods} if methods else None)


def _answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers=headers, content_type="application/json")
