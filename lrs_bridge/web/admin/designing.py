"""The designer's pages for administrators: all journeys, and the runs of every course."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.designer import add_pages_for
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.wiring import Bridge


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add them to the administrator's blueprint."""

    def desk() -> Desk:
        admin = current()

        def shown(template: str, **content: object) -> str:
            return page(template, "design_library", None, **content)

        return Desk(
            tenant_id=admin.tenant_id,
            now=admin.now,
            csrf=admin.csrf,
            blueprint="admin",
            show=shown,
            name=admin.name,
            admin=True,
            layout="admin/frame.html",
        )

    add_pages_for(rooms, bridge, desk)
