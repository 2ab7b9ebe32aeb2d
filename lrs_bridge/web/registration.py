"""`/lti/register`, where an LMS sends its administrator to connect us; and configurations for LMSs that read a file.

A GET registers, as LMSs expect: they open it in a frame or a window of their own, with a token that is good once. That
is safe because nothing comes of it here until this tool's own admin approves (LRS_BRIDGE_REGISTRATION).
"""

from __future__ import annotations

import logging
import threading

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request

from lrs_bridge.lti.registration import Fault, RegistrationRefused, read_configuration, register
from lrs_bridge.lti.setup import canvas_configuration
from lrs_bridge.store import tenants
from lrs_bridge.store.platforms import PlatformTakenError, Standing
from lrs_bridge.store.registrations import TooManyWaitingError, keep_registered
from lrs_bridge.web import doors, security
from lrs_bridge.web.doors import Door
from lrs_bridge.web.flood import Flood
from lrs_bridge.web.storage import opened_from
from lrs_bridge.wiring import Bridge

log = logging.getLogger("lrs_bridge.lti")

AT_ONCE = 4
"""Registrations under way at the same time: each holds a thread while a stranger's server takes its time."""

READ_FIRST_SECONDS = 10
"""How long the page stays before it closes itself, where there is something to pass on to this tool's admin."""

_AGAIN = ("Begin again in your LMS:", "its pass for registering is good once, and for a short time.")
_BY_HAND = ("Or register by hand:", "the admin of this tool has the addresses to paste on the page Connect an LMS.")
_TITLES = {
    Fault.OFF: "This tool is connected by hand",
    Fault.BUSY: "Others are registering right now",
    Fault.FULL: "Too many registrations wait already",
    Fault.TENANT: "There is no such place to register at",
    Fault.TAKEN: "This LMS is registered already",
}
_TITLE = "We could not register with your LMS"
_WHAT = {
    Fault.OFF: "Its admin has switched off that LMSs register themselves. Ask them for the addresses to paste.",
    Fault.BUSY: "Wait a minute, then begin again in your LMS.",
    Fault.FULL: "The admin of this tool has to look at those first. Tell them.",
    Fault.TENANT: "The address was not copied as a whole. Ask the admin of this tool for it.",
    Fault.TAKEN: "What came now does not fit what we know of it, so nothing was changed.",
    Fault.ADDRESS: "Your LMS opens this page with its own addresses, and they did not come along as they should.",
    Fault.UNREACHED: "We could not read your LMS's configuration.",
    Fault.REFUSED: "Your LMS did not take our registration.",
}
_NOT_UNDERSTOOD = "What your LMS says of itself is not as the specification has it, so we did not go on."


def registration_pages(bridge: Bridge) -> Blueprint:
    """The blueprint, on the clock, database, network and settings of `bridge`."""
    pages = Blueprint("registration", __name__)
    under_way = threading.BoundedSemaphore(AT_ONCE)
    flood = Flood(bridge.settings.wrong_per_minute, "registrations")

    @pages.errorhandler(RegistrationRefused)
    def refused(refusal: RegistrationRefused) -> Response:
        g.frame_ancestors = _around(request.args.get("openid_configuration"))
        answer = doors.show(_door(refusal), bridge.clock(), log)
        if refusal.status == 429:
            answer.headers["Retry-After"] = "60"
        return answer

    @pages.get("/lti/register", defaults={"tenant": tenants.MAIN})
    @pages.get("/lti/register/<tenant>")
    def enrol(tenant: str) -> Response:
        if request.method == "HEAD":  # whoever looks whether the page is there does not register
            return make_response("")
        flood.count(request.remote_addr, bridge.clock())
        if not under_way.acquire(blocking=False):
            raise RegistrationRefused(Fault.BUSY, f"{AT_ONCE} registrations are under way.", 429)
        try:
            return _registered(bridge, tenant)
        finally:
            under_way.release()

    @pages.get("/lti/config/canvas.json")
    def canvas() -> Response:
        return jsonify(canvas_configuration(bridge.settings.base_url))

    return pages


def _registered(bridge: Bridge, tenant: str) -> Response:
    if bridge.settings.registration == "off":
        raise RegistrationRefused(Fault.OFF, "LRS_BRIDGE_REGISTRATION is off.", 403)
    tenant_id = _tenant(bridge, tenant)
    token = request.args.get("registration_token")
    configuration = read_configuration(bridge.strangers, request.args.get("openid_configuration", ""), token)
    told = register(bridge.strangers, configuration, token, bridge.settings.base_url)
    trusted = bridge.settings.registration == "auto" and not configuration.elsewhere
    standing = Standing.APPROVED if trusted else Standing.WAITING
    try:
        with bridge.sessions.write() as session:
            platform, known = keep_registered(session, tenant_id, told, standing, bridge.clock())
    except PlatformTakenError as error:
        raise RegistrationRefused(Fault.TAKEN, str(error), 409) from error
    except TooManyWaitingError as error:
        raise RegistrationRefused(Fault.FULL, str(error), 429) from error
    log.info("registration of %s (%s): %s%s", told.issuer, platform.id, platform.standing, ", known" if known else "")
    waits = platform.standing != Standing.APPROVED
    page = render_template(
        "registered.html", platform=platform, known=known, waits=waits, seconds=READ_FIRST_SECONDS if waits else 0
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = security.policy(
        _around(told.issuer, configuration.registration_url), script=True
    )
    return answer


def _tenant(bridge: Bridge, name: str) -> str:
    with bridge.sessions.read() as session:
        try:
            return tenants.tenant_named(session, name).id
        except tenants.UnknownTenantError as error:
            raise RegistrationRefused(Fault.TENANT, "No tenant has this name.", 404) from error


def _around(*urls: str | None) -> set[str]:
    """Who may show the answer in a frame: the LMS that asks, before anybody has let it in. There is nothing in it that
    a foreign page could make somebody click."""
    return security.origins_of([*urls, opened_from(request)])


def _door(refusal: RegistrationRefused) -> Door:
    return Door(
        refusal.status,
        _TITLES.get(refusal.fault, _TITLE),
        _WHAT.get(refusal.fault, _NOT_UNDERSTOOD),
        (_AGAIN, _BY_HAND),
        details=refusal.details,
        reason=str(refusal),
    )
