"""Assessing: work handed in and its result, the assessor's room, the desk of whoever looks after the
scoring; views of one person by several people."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.assessing import capabilities, desk, rate, room, rounds, work
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""
    for module in (work, room, desk, rounds, rate, capabilities):
        module.add_pages(pages, bridge)
