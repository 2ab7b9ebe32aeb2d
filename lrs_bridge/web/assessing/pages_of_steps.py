"""Steps of a participant that have a page of their own, beside the pages that all steps share."""

from __future__ import annotations

from flask import url_for

from lrs_bridge.domain.journey import Step
from lrs_bridge.flows.rounds import ROUND


def page_of(step: Step) -> str:
    """The address of the step's own page."""
    if step.type == ROUND:
        return url_for("visit.own_round", step_id=step.id)
    return url_for("visit.own_work", step_id=step.id)
