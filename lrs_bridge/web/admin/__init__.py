"""The administrator's pages, behind the one-time link of `lrs-bridge admin link`.

The link is opened with a GET that changes nothing (mail programs and chats look at links) and used up by a POST.
The visit is a token in the path, as everywhere.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.store import admin_acts, admins
from lrs_bridge.store.admin_acts import Outcome
from lrs_bridge.store.logins import digest
from lrs_bridge.web import doors, marks, security
from lrs_bridge.web.admin import (
    acts,
    arrivals,
    arriving,
    changes,
    connecting,
    connections,
    designing,
    erasure,
    evaluations,
    evaluators,
    listeners,
    messages,
    people,
    places,
    privacy,
    record,
    statements,
    waiting,
)
from lrs_bridge.web.admin.visit import ADMINISTRATOR, AdminVisit
from lrs_bridge.web.flood import Flood
from lrs_bridge.wiring import Bridge


@dataclass(frozen=True)
class _Link:
    """A link as the page shows it."""

    token: str
    csrf: str
    now: datetime


def pages(bridge: Bridge) -> list[Blueprint]:
    return [_door(bridge), _rooms(bridge)]


def _door(bridge: Bridge) -> Blueprint:
    door = Blueprint("admin_door", __name__, url_prefix="/admin/enter")
    flood = Flood(bridge.settings.wrong_per_minute, "links of administrators")

    @door.before_request
    def alone() -> None:
        g.frame_ancestors = ()

    @door.get("/<token>")
    def look(token: str) -> ResponseReturnValue:
        now = bridge.clock()
        with bridge.sessions.read() as session:
            if not admins.link_is_good(session, token, now):
                flood.count(request.remote_addr, now)
                raise _spent()
        answer = make_response(render_template("admin/enter.html", link=_Link(token, _csrf(bridge, token), now)))
        if not marks.marks_of(request.cookies):
            marks.leave(answer, secrets.token_urlsafe(24))
        return answer

    @door.post("/<token>")
    def enter(token: str) -> ResponseReturnValue:
        if not security.csrf_fits(request.form.get("csrf"), token, bridge.settings.secret_key):
            raise doors.reload_first()
        with bridge.sessions.write() as session:
            now = bridge.clock()
            known = marks.marks_of(request.cookies)
            visit = admins.redeem(session, token, now, digest(known[0]) if known else None)
            if visit is not None and (row := admins.find_admin_visit(session, visit, now)):
                who = row.name or ADMINISTRATOR
                admin_acts.note(session, row.tenant_id, who, row.token_hash, "enter", {}, Outcome.DONE, now)
        if visit is None:
            flood.count(request.remote_addr, bridge.clock())
            raise _spent()
        return redirect(url_for("admin.connections", token=visit), 303)

    return door


def _csrf(bridge: Bridge, token: str) -> str:
    return security.csrf_token(token, bridge.settings.secret_key)


def _spent() -> doors.Door:
    return doors.Door(
        403,
        "This link has been used or is too old",
        "A link for administrators works once, for a quarter of an hour.",
        (("Make a new one", "at the command line: lrs-bridge admin link"),),
        reason="the admin link is unknown, used or old",
    )


def _rooms(bridge: Bridge) -> Blueprint:
    rooms = Blueprint("admin", __name__, url_prefix="/admin/s/<token>")

    @rooms.url_value_preprocessor
    def take_token(_endpoint: str | None, values: dict[str, str] | None) -> None:
        g.token = values.pop("token") if values else ""

    @rooms.url_defaults
    def put_token(_endpoint: str, values: dict[str, str]) -> None:
        if "token" not in values:
            values["token"] = g.token

    @rooms.before_request
    def resolve() -> None:
        now = bridge.clock()
        g.frame_ancestors = ()
        with bridge.sessions.write() as session:
            row = admins.find_admin_visit(session, g.token, now)
            if row is None or (row.browser is not None and not marks.fits(request.cookies, row.browser)):
                raise _spent()
            admins.touch_admin_visit(session, g.token, now)
            tenant_id, name = row.tenant_id, row.name or ADMINISTRATOR
        key = bridge.settings.secret_key
        if request.method == "POST" and not security.csrf_fits(request.form.get("csrf"), g.token, key):
            raise doors.reload_first()
        g.admin = AdminVisit(tenant_id, _csrf(bridge, g.token), now, name)
        if request.method == "POST":
            acts.begin(bridge)

    @rooms.after_request
    def noted(response: Response) -> Response:
        acts.end(bridge, response)
        return response

    rooms_ = (
        acts,
        connections,
        connecting,
        evaluators,
        evaluations,
        places,
        changes,
        listeners,
        designing,
        erasure,
        people,
        privacy,
        record,
        arriving,
        waiting,
        messages,
        arrivals,
        statements,
    )
    for module in rooms_:
        module.add_pages(rooms, bridge)
    return rooms
