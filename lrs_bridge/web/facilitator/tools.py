"""What a facilitator has at hand from the run's first page: where it leads, and how much waits there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from lrs_bridge.domain.attending import meetings
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.assessing import assessed_steps
from lrs_bridge.flows.excepting import routes_of
from lrs_bridge.store import questions, sponsor_words
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.sponsor_words import Gift


@dataclass(frozen=True)
class Tool:
    """A link; `waiting`: how many things wait there, in words, where any do."""

    href: str
    text: str
    waiting: str | None = None


def tools(session: Session, run: RunRow) -> list[Tool]:
    """In the order in which a day needs them."""
    found = []
    if meetings(run.journey):
        found.append(Tool(url_for("visit.events"), "Who was there"))
    asked = questions.count_waiting(session, run)
    found.append(Tool(url_for("visit.questions"), "Questions", f"{asked} waiting" if asked else None))
    if assessed_steps(run.journey):
        found.append(Tool(url_for("visit.assessments"), "Assessments"))
    if any(step.owner is Role.SPONSOR for step in run.journey.of_type("content_request")):
        cases = sponsor_words.of_run(session, run.tenant_id, run.id, Gift.CASE)
        unthanked = sum(not case.thanks for case in cases)
        found.append(Tool(url_for("visit.cases"), "Cases of sponsors", f"{unthanked} to thank" if unthanked else None))
    found.append(Tool(url_for("visit.all_tensions"), "What will get in the way"))
    if routes_of(run.journey):
        found.append(Tool(url_for("visit.routes"), "Who goes which way"))
    return found
