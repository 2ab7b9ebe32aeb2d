"""Pages of the managers' manager and the goal owner: whether the chain works, what they give, what comes of it."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.sponsor import cases, giving, outcome, room, talks, tensions
from lrs_bridge.wiring import Bridge

show_chain = room.show_chain
show_outcome = outcome.show_outcome


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add them to the blueprint of the visit."""
    for module in (room, giving, talks, cases, outcome, tensions):
        module.add_pages(pages, bridge)
