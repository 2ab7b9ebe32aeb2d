"""Starting a run: a version, a course, the day of the kick-off, a time zone, and whether it is a pilot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from lrs_bridge.flows import running
from lrs_bridge.flows.running import CannotStart
from lrs_bridge.store import journeys, runs
from lrs_bridge.web import doors
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.wiring import Bridge


class Start(Acting):
    version = text("Choose a version.")
    course = text()
    day_zero = fields.Date(
        required=True,
        error_messages=dict.fromkeys(("required", "null", "invalid"), "Give the day of the kick-off."),
    )
    time_zone = text("Choose a time zone.")
    pilot = fields.String(load_default="")


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the form."""

    @pages.get(f"{prefix}/runs/new")
    def design_new_run() -> ResponseReturnValue:
        desk = desk_of()
        start = {"version": request.args.get("version", ""), "time_zone": "UTC"}
        return _page(bridge, desk, Form(start=start))

    @pages.post(f"{prefix}/runs/new")
    def design_start_run() -> ResponseReturnValue:
        desk = desk_of()
        try:
            data = read(Start())
            course_id = data["course"] if desk.admin else desk.course.id if desk.course else ""
            with bridge.sessions.write() as session:
                run = running.start(
                    session,
                    desk.who(),
                    desk.tenant_id,
                    course_id,
                    data["version"],
                    data["day_zero"],
                    data["time_zone"],
                    pilot=bool(data["pilot"]),
                )
        except WrongForm as wrong:
            return _page(bridge, desk, wrong.form), 422
        except CannotStart as problem:
            return _page(bridge, desk, WrongForm({_FIELDS.get(problem.field, problem.field): str(problem)}).form), 422
        bridge.poke()
        return redirect(desk.url("design_run", run_id=run.id, saved="started"), 303)


_FIELDS = {"journey": "version"}


def _page(bridge: Bridge, desk: Desk, form: Form) -> str:
    if not desk.admin and desk.course is None:
        raise doors.Door(
            403,
            "A run lives in a course",
            "You came in from outside of one. Open the tool from the course in which the run is to be.",
            (doors.BACK, doors.HELP_DESK),
            reason="no course to start a run in",
        )
    with bridge.sessions.read() as session:
        rows = journeys.installed(session, desk.tenant_id)
        courses = runs.courses(session, desk.tenant_id) if desk.admin else []
    newest: dict[str, Any] = {}
    for row in rows:
        newest.setdefault(row.slug, row)
    chosen = form.typed("version")
    first = [row for row in rows if row is newest[row.slug] or row.id == chosen]
    return desk.page(
        "start.html",
        form=form,
        versions=[{"value": row.id, "text": row.title, "more": f"Version {row.version}"} for row in first],
        courses=[{"value": one.id, "text": one.title or one.context_id} for one in courses],
        zones=sorted(available_timezones()),
    )
