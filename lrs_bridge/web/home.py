"""Where a launch arrives: the page of the role, the start of a run, or a friendly empty room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.administer import CannotStart, start_run
from lrs_bridge.store import enrolments, journeys, runs, sessions
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import coach, doors, evaluator, journey, manager, overview, peers, sponsor
from lrs_bridge.web.assessing import room as assessing_room
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import full_day, listed
from lrs_bridge.wiring import Bridge

_FIRST_PAGES: tuple[tuple[Role, Callable[[Bridge], str]], ...] = (
    (Role.FACILITATOR, overview.show_overview),
    (Role.PARTICIPANT, journey.show_journey),
    (Role.MANAGER, manager.show_people),
    (Role.COACH, coach.show_coaching),
    (Role.MENTOR, coach.show_coaching),
    (Role.SPONSOR, sponsor.show_chain),
    (Role.GOAL_OWNER, sponsor.show_outcome),
    (Role.ASSESSOR, assessing_room.show_room),
    (Role.EVALUATOR, evaluator.show_study),
    (Role.PEER, peers.show_colleagues),
)


class _Start(Acting):
    journey = text("Choose a journey.")
    day_zero = fields.Date(
        required=True,
        error_messages=dict.fromkeys(("required", "null", "invalid"), "Give the day of the kick-off."),
    )
    time_zone = text("Choose a time zone.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the first page and the start of a run to the blueprint of the visit."""

    @pages.get("/")
    def home() -> ResponseReturnValue:
        visit = current()
        if visit.run_row is None:
            return _without_run(bridge, visit)
        for role, page in _FIRST_PAGES:
            if role in visit.roles:
                return page(bridge)
        if Role.DESIGNER in visit.roles:
            return redirect(url_for("visit.design_library"), 303)
        with bridge.sessions.read() as session:
            days = enrolments.role_days(session, visit.tenant_id, visit.run_row.id, visit.person_id)
        if not visit.roles and coach.has_been({word for word, _, _ in days}):
            return coach.show_coaching(bridge)
        return render_template("empty.html", visit=visit, **(_not_today(visit, days) or _nothing_for(visit)))

    @pages.post("/start")
    def start() -> ResponseReturnValue:
        visit = current()
        _may_start(visit)
        if visit.run_row is not None:
            return redirect(visit.home, 303)
        try:
            data = read(_Start())
        except WrongForm as wrong:
            return _start_page(bridge, visit, wrong.form), 422
        try:
            with bridge.sessions.write() as session:
                _start(session, visit, data)
        except CannotStart as problem:
            return _start_page(bridge, visit, WrongForm({problem.field: str(problem)}).form), 422
        bridge.poke()
        return redirect(visit.home, 303)

    @pages.post("/open/<run_id>")
    def open_run(run_id: str) -> ResponseReturnValue:
        """Go on in one of several open runs of the course."""
        visit = current()
        _may_start(visit)
        with bridge.sessions.write() as session:
            run = runs.get_run(session, visit.tenant_id, run_id)
            if run is None or visit.course is None or run.course_id != visit.course.id:
                raise doors.door_for(404)
            sessions.move_to_run(session, visit.token, run.id)
        return redirect(visit.home, 303)


def _start(session: Session, visit: Visit, data: dict[str, Any]) -> None:
    course_id = visit.course.id if visit.course else ""
    run = start_run(
        session, visit.tenant_id, course_id, data["journey"], data["day_zero"], data["time_zone"], visit.now
    )
    sessions.move_to_run(session, visit.token, run.id)


def _may_start(visit: Visit) -> None:
    if Role.DESIGNER not in visit.roles:
        raise doors.not_yours("Starting a journey is for teachers and designers of the course.", "may not start a run")


def _without_run(bridge: Bridge, visit: Visit) -> str:
    if Role.DESIGNER in visit.roles and visit.course is not None:
        return _start_page(bridge, visit, Form(start={"time_zone": "UTC"}))
    if visit.course is None:
        what = "This link was opened outside a course, and a journey lives in one. Open it from your course."
        return render_template("empty.html", visit=visit, title="No course here", what=what)
    what = "Your teacher has not started one in this course yet. When it starts, your first step stands here."
    return render_template("empty.html", visit=visit, title="No journey here yet", what=what)


def _not_today(visit: Visit, days: Sequence[tuple[str, date | None, date | None]]) -> dict[str, str] | None:
    """What somebody was here until some day, or will be from one; nothing where they are something today."""
    if visit.roles:
        return None
    later = sorted((start, word) for word, start, _ in days if start is not None and start > visit.today)
    if later:
        start, word = later[0]
        what = f"You are {word.replace('_', ' ')} here from {full_day(start)}. What is for you stands here then."
        return {"title": "Nothing for you here yet", "what": what}
    before = sorted((end, word) for word, _, end in days if end is not None and end < visit.today)
    if not before:
        return None
    end, word = before[-1]
    what = (
        f"You were {word.replace('_', ' ')} here until {full_day(end)}. What you did stays, and nothing new is shown."
    )
    return {"title": "You have no part here any more", "what": what}


def _nothing_for(visit: Visit) -> dict[str, str]:
    if visit.roles:
        parts = listed(sorted(str(role) for role in visit.roles))
        return {
            "title": "Nothing waits for you here",
            "what": f"You are {parts} of this journey. There is no page for that here yet, and nothing is lost by it.",
        }
    return {
        "title": "Nothing for you here yet",
        "what": "You are in the course, and nobody has given you a part in this journey. Ask your teacher.",
    }


def _start_page(bridge: Bridge, visit: Visit, form: Form) -> str:
    with bridge.sessions.read() as session:
        installed = journeys.installed(session, visit.tenant_id)
        open_: list[RunRow] = runs.open_runs(session, visit.tenant_id, visit.course.id) if visit.course else []
    newest: dict[str, JourneyRow] = {}
    for row in installed:
        newest.setdefault(row.slug, row)
    return render_template(
        "start.html",
        visit=visit,
        form=form,
        journeys=[{"value": row.id, "text": row.title, "more": f"Version {row.version}"} for row in newest.values()],
        open_runs=open_,
        zones=sorted(available_timezones()),
    )
