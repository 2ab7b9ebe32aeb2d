"""What a participant wrote in steps that are with their manager: plans, works and reports, for the manager to read."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import StepProgress
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments
from lrs_bridge.web import doors, situations, step_page
from lrs_bridge.web.deeds import Asks, offered
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import current, needs
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/people/<enrolment>/work")
    def shared_work(enrolment: str) -> ResponseReturnValue:
        visit = current()
        needs(visit, Role.MANAGER)
        run = visit.run_row
        if run is None:
            raise doors.door_for(404)
        with bridge.sessions.read() as session:
            row = enrolments.get_enrolment(session, visit.tenant_id, enrolment)
            mine = enrolments.people_of(session, visit.tenant_id, run.id, visit.person_id, Role.MANAGER, visit.today)
            if row is None or row.run_id != run.id or row.person_id not in mine:
                raise doors.not_yours("You see the people who work with you, and nobody else.", "not their manager")
            situation = situations.of_one(session, run, row, visit.now)
        return render_template(
            "shared_work.html",
            visit=visit,
            name=situation.name,
            works=[
                (row.step.title, step_page.written(situation, row, offered(situation.journey, row.step))[-1:])
                for row in shared(situation)
            ],
            back={"href": url_for("visit.people"), "text": "Your people"},
            who_link=None,
        )


def shared(situation: Situation) -> list[StepProgress]:
    """The participant's steps with their manager in which something stands to read."""
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    return [
        row
        for row in progress.steps
        if row.step.counterpart == Role.MANAGER and row.completions and _is_fields(situation, row)
    ]


def _is_fields(situation: Situation, row: StepProgress) -> bool:
    deed = offered(situation.journey, row.step)
    return deed is not None and deed.asks is Asks.FIELDS
