"""People who asked to be erased, until an administrator says that it was seen to."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.store import erasure_requests, people, people_search
from lrs_bridge.web import doors
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the list and its button to the administrator's blueprint."""

    @rooms.get("/erasures")
    def erasures() -> ResponseReturnValue:
        admin, wanted = current(), request.args.get("q", "").strip()
        with bridge.sessions.read() as session:
            found = people_search.by_name_or_address(session, admin.tenant_id, wanted, 20) if wanted else []
            rows = erasure_requests.all_open(session, admin.tenant_id)
            known = people.people_by_id(session, admin.tenant_id, [row.person_id for row in rows])
        asked = [
            {
                "id": row.id,
                "person": row.person_id,
                "name": known[row.person_id].shown_name,
                "email": known[row.person_id].email,
                "account": known[row.person_id].account,
                "day": full_day(row.asked.date()),
            }
            for row in rows
            if row.person_id in known
        ]
        return page("admin/erasures.html", "erasures", request.args.get("saved"), asked=asked, q=wanted, found=found)

    @rooms.post("/erasures/<request_id>")
    def settle_erasure(request_id: str) -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            if not erasure_requests.settle(session, admin.tenant_id, request_id, admin.name, admin.now):
                raise doors.door_for(404)
        return redirect(url_for("admin.erasures", saved="erasure"), 303)
