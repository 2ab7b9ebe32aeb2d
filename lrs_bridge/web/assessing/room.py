"""The assessor's room: works by code, never a name; one's own score first, those of others when all have scored."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.assessing import masked
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import assessing
from lrs_bridge.flows.assessing import CannotAssess, Scoring, Sheet, rubric_of
from lrs_bridge.store import enrolments, hand_ins, notes, people
from lrs_bridge.store.hand_ins import Assignment, HandIn
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.assessing import rubric as rubrics
from lrs_bridge.web.forms import Form, WrongForm, read
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, number, plain, plural, rounded, sentence
from lrs_bridge.wiring import Bridge

_SAVED = {
    "scored": "Your points are kept. They can be changed until everybody has scored the work.",
    "declined": "Somebody else is asked. Nobody is told why.",
}


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/assessing")
    def assessing_room() -> ResponseReturnValue:
        return show_room(bridge)

    @pages.get("/assessing/<assignment_id>")
    def assess(assignment_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _page(session, _asked(session, assignment_id), None)

    @pages.post("/assessing/<assignment_id>")
    def keep_score(assignment_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            asked = _asked(session, assignment_id)
            rubric = rubric_of(asked.run.journey, asked.run.journey.step_by_id[asked.sheet.row.step])
            try:
                data = read(rubrics.schema(rubric))
            except WrongForm as wrong:
                return _page(session, asked, wrong.form), 422
        visit = asked.visit
        points = rubrics.points_of(data, rubric)
        scoring = Scoring(visit.account, visit.person_id, Role.ASSESSOR, points, data["comment"], data["act"])
        try:
            with bridge.sessions.write() as session:
                row = hand_ins.by_id(session, asked.run, [asked.sheet.row.id])[asked.sheet.row.id]
                assessing.score(session, asked.run, row, scoring, visit.now)
        except CannotAssess as problem:
            with bridge.sessions.read() as session:
                return _page(session, asked, WrongForm({problem.field: str(problem)}).form), 409
        bridge.poke()
        return redirect(url_for("visit.assessing_room", saved="scored"), 303)

    @pages.post("/assessing/<assignment_id>/decline")
    def decline(assignment_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            asked = _asked(session, assignment_id)
        if asked.visit.account in asked.sheet.scores:
            raise doors.Door(
                403,
                "You have scored this work",
                "Your points stay. Change them as long as not everybody has scored it.",
                (("Go back", "to what you are asked to score."), doors.HELP_DESK),
                reason="declined after scoring",
            )
        with bridge.sessions.write() as session:
            row = hand_ins.get_assignment(session, asked.run, assignment_id)
            if row is not None:
                assessing.decline(session, asked.run, row, asked.visit.now)
        return redirect(url_for("visit.assessing_room", saved="declined"), 303)


@dataclass(frozen=True)
class _Asked:
    """One work that this assessor was asked to score."""

    visit: Visit
    run: RunRow
    assignment: Assignment
    sheet: Sheet


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, Role.ASSESSOR)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _asked(session: Session, assignment_id: str) -> _Asked:
    visit, run = _who()
    assignment = hand_ins.get_assignment(session, run, assignment_id)
    if assignment is None or assignment.assessor_id != visit.person_id or assignment.declined is not None:
        raise doors.door_for(404)
    row = hand_ins.by_id(session, run, [assignment.hand_in_id])[assignment.hand_in_id]
    return _Asked(visit, run, assignment, assessing.sheets(session, run, [row])[row.id])


def show_room(bridge: Bridge) -> str:
    """The assessor's first page."""
    visit, run = _who()
    with bridge.sessions.read() as session:
        mine = [one for one in hand_ins.assignments_of(session, run, visit.person_id) if one.declined is None]
        rows = hand_ins.by_id(session, run, [one.hand_in_id for one in mine])
        sheets = assessing.sheets(session, run, list(rows.values()))
    waiting = [one for one in mine if visit.account not in sheets[one.hand_in_id].scores]
    scored = [one for one in mine if visit.account in sheets[one.hand_in_id].scores]
    return render_template(
        "assessing/room.html",
        visit=visit,
        saved=_SAVED.get(request.args.get("saved", "")),
        title=f"{sentence(plural(len(waiting), 'work'))} to score" if waiting else "Nothing to score",
        waiting=[_line(run, visit.account, one, sheets[one.hand_in_id]) for one in waiting],
        scored=[_line(run, visit.account, one, sheets[one.hand_in_id]) for one in scored],
        who_link=None,
    )


def _line(run: RunRow, account: str, assignment: Assignment, sheet: Sheet) -> dict[str, object]:
    step = run.journey.step_by_id[sheet.row.step]
    return {
        "id": assignment.id,
        "code": sheet.row.code,
        "title": step.title,
        "due": day_words(step.window(run.day_zero, None).due),
        "closed": not sheet.may_change(account),
    }


def _page(session: Session, asked: _Asked, form: Form | None) -> str:
    sheet, visit, run = asked.sheet, asked.visit, asked.run
    step = run.journey.step_by_id[sheet.row.step]
    rubric = rubric_of(run.journey, step)
    own = sheet.scores.get(visit.account)
    names = _names(session, run, sheet.row)
    note = notes.notes_of(session, run.tenant_id, sheet.row.enrolment_id).get(own.fact.id) if own else None
    start = {**rubrics.start_of(own.points), "comment": note.texts.get("comment", "") if note else ""} if own else {}
    others = [score for account, score in sorted(sheet.scores.items()) if account != visit.account]
    return render_template(
        "assessing/assess.html",
        visit=visit,
        step=step,
        code=sheet.row.code,
        assignment=asked.assignment.id,
        text=masked(sheet.row.text, names),
        link=sheet.row.link,
        form=form or Form(start=start),
        questions=rubrics.questions(rubric),
        version=rubric.rubric_version,
        own=rounded(own.percent) if own else None,
        closed=not sheet.may_change(visit.account),
        lines=rubrics.lines(rubric, own.points) if own else [],
        others=[
            {
                "name": f"Another assessor{f' ({number(place)})' if len(others) > 1 else ''}",
                "percent": rounded(score.percent),
                "points": {key: plain(value, 1) for key, value in score.points.items()},
            }
            for place, score in enumerate(others, 1)
        ]
        if not sheet.may_change(visit.account)
        else [],
        who_link=None,
    )


def _names(session: Session, run: RunRow, row: HandIn) -> list[str]:
    """Names that would tell whose work it is: the author's and those of whoever is with them."""
    author = enrolments.get_enrolment(session, run.tenant_id, row.enrolment_id)
    if author is None:
        return []
    related = enrolments.relations_of(session, run.tenant_id, run.id, [author.person_id]).get(author.person_id, [])
    known = people.people_by_id(session, run.tenant_id, [author.person_id, *(one.other_id for one in related)])
    return [text for person in known.values() for text in (person.name, person.email) if text]
