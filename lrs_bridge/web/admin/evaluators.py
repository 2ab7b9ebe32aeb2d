"""Evaluators: which plugins are installed, what they yield, and which could not be loaded and why."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.evaluators import Evaluator, Posting
from lrs_bridge.web.admin.visit import page
from lrs_bridge.wiring import Bridge

_LEVELS = {"person": "participant", "manager": "manager", "sponsor": "sponsor", "cohort": "cohort"}


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the page to the administrator's blueprint."""

    @rooms.get("/evaluators")
    def evaluators() -> ResponseReturnValue:
        known = sorted(bridge.registry.evaluators.values(), key=lambda one: one.title)
        return page(
            "admin/evaluators.html",
            "evaluators",
            None,
            failures=bridge.registry.failures,
            posted=[_row(one) for one in known if one.posting is not Posting.NEVER],
            shown=[_row(one) for one in known if one.posting is Posting.NEVER],
        )


def _row(one: Evaluator) -> dict[str, str]:
    levels = [_LEVELS.get(level, str(level)) for level in one.levels]
    return {
        "title": one.title,
        "key": one.key,
        "version": one.version,
        "distribution": one.distribution,
        "levels": ", ".join(f"one value per {level}" for level in levels),
    }
