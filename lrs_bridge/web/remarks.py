"""In a pilot: whoever has a part in it says what should be different about a step, and reads what became of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from sqlalchemy.orm import Session

from lrs_bridge.domain import completion
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.store import pilot_remarks
from lrs_bridge.store.pilot_remarks import PilotRemark
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors, situations
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.web.paths import shown
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import day_words
from lrs_bridge.wiring import Bridge


class _Remark(Acting):
    words = text("Write what you noticed, one sentence is enough.")
    about = fields.String(load_default="")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page and its form to the blueprint of the visit."""

    @pages.get("/remarks")
    def remarks() -> ResponseReturnValue:
        visit, run = _who()
        return _page(bridge, visit, run, Form(start={"about": request.args.get("about", "")}))

    @pages.post("/remarks")
    def leave_remark() -> ResponseReturnValue:
        visit, run = _who()
        try:
            data = read(_Remark())
        except WrongForm as wrong:
            return _page(bridge, visit, run, wrong.form), 422
        with bridge.sessions.write() as session:
            about = data["about"] if data["about"] in {step.id for step in _steps(session, visit, run)} else None
            remark = PilotRemark(
                id=str(data["act"]),
                tenant_id=visit.tenant_id,
                run_id=run.id,
                author_id=visit.person_id,
                role=str(_role(visit)),
                step=about,
                text=data["words"],
                made=visit.now,
            )
            pilot_remarks.add(session, remark)
        return redirect(url_for("visit.remarks", saved="yes"), 303)


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    run = visit.run_row
    if run is None or not run.is_pilot:
        raise doors.door_for(404)
    if not visit.roles:
        raise doors.not_yours("It is for the people who have a part in this pilot.", "no role in the run")
    return visit, run


def _role(visit: Visit) -> Role:
    return next(role for role in Role if role in visit.roles)


def _steps(session: Session, visit: Visit, run: RunRow) -> list[Step]:
    """A participant's own path; of others the steps that they do or that are done with them, of the teacher all."""
    if Role.PARTICIPANT in visit.roles and visit.enrolment is not None:
        situation = situations.of_one(session, run, visit.enrolment, visit.now)
        return [row.step for row in shown(completion.of(situation.journey, situation.evidence, situation.now))]
    if visit.roles & {Role.FACILITATOR, Role.DESIGNER}:
        return list(run.journey.steps)
    return [step for step in run.journey.steps if step.owner in visit.roles or step.counterpart in visit.roles]


def _page(bridge: Bridge, visit: Visit, run: RunRow, form: Form) -> str:
    """By the link of a letter, which may be forwarded, without what was said before."""
    with bridge.sessions.read() as session:
        steps = _steps(session, visit, run)
        own = [] if visit.link else pilot_remarks.of_author(session, visit.tenant_id, run.id, visit.person_id)
    return render_template(
        "remarks.html",
        visit=visit,
        form=form,
        saved=request.args.get("saved") == "yes",
        steps=[{"value": step.id, "text": step.title} for step in steps],
        rows=[_row(one, run) for one in own],
        who_link=None,
    )


def _row(one: PilotRemark, run: RunRow) -> dict[str, Any]:
    step = run.journey.step_by_id.get(one.step or "")
    return {
        "text": one.text,
        "step": step.title if step else None,
        "made": day_words(one.made.astimezone(run.run.zone).date()),
        "word": one.word,
        "settled": day_words(one.settled.astimezone(run.run.zone).date()) if one.settled else None,
    }
