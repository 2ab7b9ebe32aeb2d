"""The facilitator's pages: who was at an event, what participants ask, who is on which path."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.facilitator import asking, events, questions, roll, routes
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""
    for module in (events, roll, questions, asking, routes):
        module.add_pages(pages, bridge)
