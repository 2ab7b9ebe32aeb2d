"""What participants ask: those without an answer first, and how long people usually wait."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.answering import in_words, usual_wait
from lrs_bridge.store import enrolments
from lrs_bridge.store import questions as kept
from lrs_bridge.store.questions import Question
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.facilitator.events import who
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import when
from lrs_bridge.wiring import Bridge


class _Answer(Acting):
    answer = text("Write an answer.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/questions")
    def questions() -> ResponseReturnValue:
        visit, run = who()
        return _page(bridge, visit, run, None, Form())

    @pages.post("/questions/<question_id>")
    def answer_question(question_id: str) -> ResponseReturnValue:
        visit, run = who()
        try:
            data = read(_Answer())
        except WrongForm as wrong:
            return _page(bridge, visit, run, question_id, wrong.form), 422
        with bridge.sessions.write() as session:
            question = kept.get(session, run, question_id)
            if question is None:
                raise doors.door_for(404)
            kept.answer(question, data["answer"], visit.person_id, visit.now)
        return redirect(url_for("visit.questions", saved="yes"), 303)


def _page(bridge: Bridge, visit: Visit, run: RunRow, wrong_at: str | None, form: Form) -> str:
    with bridge.sessions.read() as session:
        rows, waits = kept.of_run(session, run), kept.waits(session, run)
        asked = enrolments.enrolments_by_id(session, visit.tenant_id, [row.enrolment_id for row in rows])
    names = {id_: one.person.shown_name for id_, one in asked.items()}
    wait = usual_wait(waits)
    shown = [_row(row, names, run, form if row.id == wrong_at else None) for row in rows]
    return render_template(
        "facilitator/questions.html",
        visit=visit,
        saved=request.args.get("saved") == "yes",
        wait=in_words(wait) if wait else None,
        waiting=[one for one in shown if one["answer"] is None],
        answered=[one for one in shown if one["answer"] is not None],
        who_link=None,
    )


def _row(row: Question, names: dict[str, str], run: RunRow, form: Form | None) -> dict[str, object]:
    step = run.journey.step_by_id.get(row.step or "")
    return {
        "id": row.id,
        "name": names.get(row.enrolment_id, "Somebody"),
        "text": row.text,
        "step": step.title if step else None,
        "asked": when(row.asked, run.run.zone),
        "answer": row.answer,
        "after": in_words(row.answered - row.asked) if row.answered else None,
        "form": form or Form(start={"answer": row.answer or ""}),
    }
