"""What a run came to, for sponsors, for learning and development, and for evaluators: a page and files of the same."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.insights import room
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add them to the blueprint of the visit."""
    room.add_pages(pages, bridge)
