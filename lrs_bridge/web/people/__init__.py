"""The people of a run: who is what to whom, given, ended, imported, confirmed, with its history.

The same pages for teachers and designers in the course (`/s/<token>/everybody`) and for administrators
(`/admin/s/<token>/runs/<run>/everybody`): a `Desk` says for which run, and who sits at it.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template

from lrs_bridge.domain.people import Role
from lrs_bridge.web import doors
from lrs_bridge.web.people import choosing, deciding, everybody, importing, one, taking_back
from lrs_bridge.web.people.desk import Desk
from lrs_bridge.web.visits import current, needs
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    def desk() -> Desk:
        visit = current()
        needs(visit, Role.FACILITATOR, Role.DESIGNER)
        if visit.run_row is None:
            raise doors.door_for(404)

        def shown(template: str, **content: object) -> str:
            return render_template(template, visit=visit, who_link=None, **content)

        return Desk(
            run=visit.run_row,
            now=visit.now,
            csrf=visit.csrf,
            blueprint="visit",
            show=shown,
            by_id=visit.person_id,
            sees_numbers=Role.FACILITATOR in visit.roles,
        )

    add_pages_for(pages, bridge, desk, "")


def add_pages_for(pages: Blueprint, bridge: Bridge, desk_of: Callable[..., Desk], prefix: str) -> None:
    """Add the pages of whoever `desk_of` says, at addresses that begin with `prefix`."""
    for module in (everybody, choosing, one, deciding, importing, taking_back):
        module.add_pages(pages, bridge, desk_of, prefix)
