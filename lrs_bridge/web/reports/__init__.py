"""The report of a study: composed for one audience, shown as a page and as a PDF, made, handed out and read."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.reports.making import add_pages as add_desk
from lrs_bridge.web.reports.reading import add_pages as add_shelf
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add them to the blueprint of the visit."""
    add_desk(pages, bridge)
    add_shelf(pages, bridge)
