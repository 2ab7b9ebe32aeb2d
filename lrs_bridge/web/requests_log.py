"""Each request gets an id, which stands in all its log lines and in its answer; one line says how it ended.

The line names the rule of the address, `/s/<token>/week`, and never the address.
"""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from lrs_bridge import logs
from lrs_bridge.wiring import Bridge

log = logging.getLogger("lrs_bridge.access")

_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
_QUIET = ("/health/", "/metrics", "/static/")


def install(app: Flask, bridge: Bridge) -> None:
    """Ids and lines for all requests; behind proxies, where each request came from."""
    proxies = bridge.settings.proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-ID", "") if proxies else ""
        g.began = perf_counter()
        g.request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        logs.REQUEST.set(g.request_id)
        logs.LAUNCH.set(logs.launch_of(request.path))

    @app.after_request
    def end(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers["X-Request-ID"] = g.request_id
        if response.status_code == 500:
            bridge.tally.count("faults")
        milliseconds = round((perf_counter() - g.began) * 1000, 1)
        rule = str(request.url_rule or "unknown address")
        level = logging.DEBUG if request.path.startswith(_QUIET) else logging.INFO
        data = {"method": request.method, "rule": rule, "status": response.status_code, "milliseconds": milliseconds}
        log.log(
            level,
            "%s %s %d in %s ms",
            request.method,
            rule,
            response.status_code,
            milliseconds,
            extra={"data": data},
        )
        return response

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        logs.REQUEST.set(None)
        logs.LAUNCH.set(None)
