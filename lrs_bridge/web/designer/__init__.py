"""Designing journeys and running them: the library, drafts, versions, previews, runs and what is special in them.

The same pages for teachers and designers in the course (`/s/<token>/design`) and for administrators
(`/admin/s/<token>/design`): a `Desk` says who sits there, and which runs are theirs.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template

from lrs_bridge.domain.people import Role
from lrs_bridge.web.designer import (
    draft,
    exceptions,
    library,
    migrating,
    moments,
    previewing,
    remarks,
    run_people,
    runs,
    starting,
    steps,
    versions,
)
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.visits import current, needs
from lrs_bridge.wiring import Bridge

PREFIX = "/design"


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    def desk() -> Desk:
        visit = current()
        needs(visit, Role.DESIGNER)

        def shown(template: str, **content: object) -> str:
            return render_template(template, visit=visit, who_link=None, of_any_journey=True, **content)

        return Desk(
            tenant_id=visit.tenant_id,
            now=visit.now,
            csrf=visit.csrf,
            blueprint="visit",
            show=shown,
            name=visit.name,
            account=visit.account,
            role=Role.FACILITATOR if Role.FACILITATOR in visit.roles else Role.DESIGNER,
            course=visit.course,
        )

    add_pages_for(pages, bridge, desk)


def add_pages_for(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk]) -> None:
    """Add the pages of whoever `desk_of` says."""
    of_runs = starting, runs, migrating, run_people, exceptions, remarks
    modules = (library, draft, steps, moments, versions, previewing, *of_runs)
    for module in modules:
        module.add_pages(pages, bridge, desk_of, PREFIX)
