"""The evaluator's pages: the success case study, from the impact model to the stories, and the record of the run."""

from __future__ import annotations

from flask import Blueprint

from lrs_bridge.web.evaluator import (
    board,
    case,
    desk,
    drawing,
    factors,
    log,
    model,
    overview,
    statements,
    stories,
    survey,
    talking,
    value,
)
from lrs_bridge.wiring import Bridge

show_study = overview.show_study


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add them to the blueprint of the visit."""
    rooms = (overview, model, survey, board, drawing, talking, case, desk, factors, value, stories, log, statements)
    for module in rooms:
        module.add_pages(pages, bridge)
