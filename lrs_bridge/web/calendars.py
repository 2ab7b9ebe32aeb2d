"""Calendar files to take away: one step's day, for whoever has to be there."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort

from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.mailing import DATED, entry_of
from lrs_bridge.domain.people import Role
from lrs_bridge.web import situations
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import current, needs
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the participant's files to the blueprint of the visit; a manager's are beside their steps."""

    @pages.get("/steps/<step_id>/dates.ics")
    def step_dates(step_id: str) -> Response:
        visit = current()
        needs(visit, Role.PARTICIPANT)
        if visit.run_row is None or visit.enrolment is None:
            abort(404)
        step = visit.run_row.journey.step_by_id.get(step_id)
        if step is None or step.owner is not Role.PARTICIPANT:
            abort(404)
        with bridge.sessions.read() as session:
            situation = situations.of_one(session, visit.run_row, visit.enrolment, visit.now)
        return file_of(bridge, situation, step, None, visit.now)


def has_dates(step: Step) -> bool:
    """Whether people meet for this step, so that it belongs in a calendar."""
    return step.type in DATED


def file_of(bridge: Bridge, situation: Situation, step: Step, name: str | None, now: datetime) -> Response:
    """The file of one step. `name`: whom a manager meets. Raises NotFound for a step without a day."""
    if not has_dates(step):
        abort(404)
    host = urlsplit(bridge.settings.base_url).hostname or "localhost"
    entry = entry_of(step, situation.window(step), situation.enrolment.id, host, name)
    text = bridge.desk.mailing.calendar([entry], now)
    answer = Response(text, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{step.id}.ics"'
    return answer
