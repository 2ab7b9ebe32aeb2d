"""The people of each run, for administrators: a list of runs, and the pages that teachers have in the course."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lrs_bridge.store import runs
from lrs_bridge.web import doors
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.people import add_pages_for
from lrs_bridge.web.people.desk import Desk
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the list and the pages of each run to the administrator's blueprint."""

    def desk(run_id: str) -> Desk:
        admin = current()
        with bridge.sessions.read() as session:
            run = runs.get_run(session, admin.tenant_id, run_id)
        if run is None:
            raise doors.door_for(404)

        def shown(template: str, **content: object) -> str:
            return page(template, "people_runs", None, **content)

        return Desk(
            run=run,
            now=admin.now,
            csrf=admin.csrf,
            blueprint="admin",
            show=shown,
            admin=admin.name,
            layout="admin/frame.html",
            place={"run_id": run_id},
        )

    @rooms.get("/runs")
    def people_runs() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            known = [
                {
                    "href": desk(run.id).url("everybody"),
                    "title": run.journey.title,
                    "where": run.course.title or run.course.context_id,
                    "when": f"Kick-off {full_day(run.day_zero)}{', closed' if run.closed else ''}",
                }
                for run in reversed(runs.all_runs(session, current().tenant_id))
            ]
        return page("people/runs.html", "people_runs", request.args.get("saved"), runs=known)

    add_pages_for(rooms, bridge, desk, "/runs/<run_id>")
