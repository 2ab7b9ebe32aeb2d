"""The participant's questions to whoever facilitates, with the answers that came."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from lrs_bridge.domain import completion
from lrs_bridge.domain.answering import in_words, usual_wait
from lrs_bridge.domain.people import Role
from lrs_bridge.store import questions as kept
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.questions import Question
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors, situations
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.web.paths import shown
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import when
from lrs_bridge.wiring import Bridge


class _Asked(Acting):
    question = text("Write your question.")
    about = fields.String(load_default="")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/ask")
    def own_questions() -> ResponseReturnValue:
        visit, run, enrolment = _who()
        return _page(bridge, visit, run, enrolment, Form(start={"about": request.args.get("about", "")}))

    @pages.post("/ask")
    def ask() -> ResponseReturnValue:
        visit, run, enrolment = _who()
        try:
            data = read(_Asked())
        except WrongForm as wrong:
            return _page(bridge, visit, run, enrolment, wrong.form), 422
        about = data["about"] if data["about"] in run.journey.step_by_id else None
        with bridge.sessions.write() as session:
            kept.ask(session, run, enrolment.id, str(data["act"]), data["question"], about, visit.now)
        return redirect(url_for("visit.own_questions", saved="yes"), 303)


def _who() -> tuple[Visit, RunRow, Enrolment]:
    visit = current()
    needs(visit, Role.PARTICIPANT)
    if visit.run_row is None or visit.enrolment is None:
        raise doors.door_for(404)
    return visit, visit.run_row, visit.enrolment


def _page(bridge: Bridge, visit: Visit, run: RunRow, enrolment: Enrolment, form: Form) -> str:
    with bridge.sessions.read() as session:
        rows = kept.of_enrolment(session, visit.tenant_id, enrolment.id)
        waits = kept.waits(session, run)
        situation = situations.of_one(session, run, enrolment, visit.now)
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    wait = usual_wait(waits)
    return render_template(
        "facilitator/ask.html",
        visit=visit,
        form=form,
        saved=request.args.get("saved") == "yes",
        wait=in_words(wait) if wait else None,
        steps=[{"value": row.step.id, "text": row.step.title} for row in shown(progress)],
        rows=[_row(row, run) for row in rows],
        who_link=None,
    )


def _row(row: Question, run: RunRow) -> dict[str, object]:
    step = run.journey.step_by_id.get(row.step or "")
    return {
        "text": row.text,
        "step": step.title if step else None,
        "asked": when(row.asked, run.run.zone),
        "answer": row.answer,
        "answered": when(row.answered, run.run.zone) if row.answered else None,
    }
