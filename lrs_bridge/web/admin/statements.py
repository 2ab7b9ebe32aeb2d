"""Statements: the record as administrators see it, by name or, for a reason, as recorded; and who looked at it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import marshmallow as ma
from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import validate

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.viewing import Eyes
from lrs_bridge.store import record_accesses, runs, tenants
from lrs_bridge.store.record_accesses import Looked, Viewer
from lrs_bridge.store.sessions import hashed
from lrs_bridge.web import doors, forms
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.record_filter import Filter
from lrs_bridge.web.record_looks import Notebook, rows
from lrs_bridge.web.record_room import Room, Ways
from lrs_bridge.wiring import Bridge

_UTC = ZoneInfo("UTC")
_RECORD = "record"


_WHY = "Say in a few words why you need to see them."


class _Reason(ma.Schema):
    reason = forms.Trimmed(
        required=True,
        validate=[validate.Length(min=1, error=_WHY), validate.Length(max=200, error="200 characters are enough.")],
        error_messages={"required": _WHY},
    )


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add list, statement, export, the door to content and the notes of who looked to the administrator's blueprint."""

    @rooms.get("/statements")
    def statements() -> ResponseReturnValue:
        room = _room(bridge)
        return page("admin/statements.html", "statements", None, views=_views(room.eyes.content), **room.listing())

    @rooms.get("/statements/<id_>")
    def statement(id_: str) -> ResponseReturnValue:
        room = _room(bridge)
        _, content = room.one(id_)
        views = _views(room.eyes.content)
        return page("admin/statement.html", "statements", None, views=views, evidence=None, **content)

    @rooms.get("/statements/export")
    def export_statements() -> ResponseReturnValue:
        return _room(bridge).export()

    @rooms.get("/content")
    def ask_for_content() -> ResponseReturnValue:
        if _opened(bridge):
            return redirect(url_for("admin.statements", view=_RECORD))
        return _ask(forms.Form())

    @rooms.post("/content")
    def open_content() -> ResponseReturnValue:
        try:
            data = forms.read(_Reason())
        except forms.WrongForm as wrong:
            return _ask(wrong.form), 422
        _notebook(bridge, True).note(Looked.CONTENT, {"reason": data["reason"]}, None)
        return redirect(url_for("admin.statements", view=_RECORD), 303)

    @rooms.get("/looks")
    def looks() -> ResponseReturnValue:
        before = request.args.get("before", type=int)
        with bridge.sessions.read() as session:
            noted, more = rows(session, current().tenant_id, before, _UTC)
        return page("admin/looks.html", "looks", None, looks=noted, older=more)


def _ask(form: forms.Form) -> str:
    return page("admin/content.html", "statements", None, form=form, views=_views(True))


def _room(bridge: Bridge) -> Room:
    """Raises Door (403) for content that nobody said they need."""
    admin, content = current(), request.args.get("view") == _RECORD
    if content and not _opened(bridge):
        raise _say_why()
    with bridge.sessions.read() as session:
        home_page = tenants.get_tenant(session, admin.tenant_id).iri_base
        known = {run.id: run for run in runs.all_runs(session, admin.tenant_id)}
    endpoint = bridge.endpoint()
    return Room(
        sessions=bridge.sessions,
        eyes=Eyes(admin.tenant_id, home_page, content=content, remote=endpoint is not None),
        notebook=_notebook(bridge, content),
        filter=Filter(admin.tenant_id, _UTC, known, named=not content),
        ways=Ways(
            "admin.statements", "admin.statement", "admin.export_statements", {"view": _RECORD} if content else {}
        ),
        elsewhere=endpoint.name if endpoint else None,
    )


def _opened(bridge: Bridge) -> bool:
    with bridge.sessions.read() as session:
        return record_accesses.content_opened(session, current().tenant_id, hashed(g.token))


def _notebook(bridge: Bridge, content: bool) -> Notebook:
    admin = current()
    viewer = Viewer(str(Role.ADMIN), visit=hashed(g.token))
    return Notebook(bridge.sessions, admin.tenant_id, viewer, content, admin.now)


def _say_why() -> doors.Door:
    return doors.Door(
        403,
        "Say first why you need to see it",
        "Statements as recorded hold what people answered and how they were rated.",
        (("Go to Statements,", "choose As recorded, and say why. It is noted."),),
        reason="content was asked for without a reason",
    )


def _views(content: bool) -> list[dict[str, object]]:
    """The two ways to look, as tabs. They lead to lists: a statement with a name has no way to its own content."""
    return [
        {"href": url_for("admin.statements"), "text": "With names", "here": not content},
        {"href": url_for("admin.ask_for_content"), "text": "As recorded", "here": content},
    ]
