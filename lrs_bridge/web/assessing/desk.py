"""The desk of whoever looks after the scoring: what came in, who has how much to do, and how far assessors agree.

Agreement is told by code: who may see it knows people by name elsewhere, and nobody needs to know whose work it is to
see that two assessors read a rubric differently.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import assessing as rules
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import assessing
from lrs_bridge.flows.assessing import Sheet, assessed_steps, rubric_of
from lrs_bridge.store import enrolments, hand_ins, people
from lrs_bridge.store.hand_ins import Assignment
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import plural, rounded, span
from lrs_bridge.wiring import Bridge

_SHARING = (Role.FACILITATOR, Role.DESIGNER)
_AGREEMENT = (Role.DESIGNER, Role.EVALUATOR)
_SAVED = {
    "shared": "Every work has its assessors now, as far as there are enough of them.",
    "more": "One more assessor is asked. The result waits until they have scored.",
    "nobody": "There is nobody left to ask who does not know whose work it is. Give more people the role of assessor.",
}


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/assessments")
    def assessments() -> ResponseReturnValue:
        visit, run = _who(*_SHARING, Role.EVALUATOR)
        with bridge.sessions.read() as session:
            return _page(session, visit, run)

    @pages.post("/assessments/share")
    def share_out() -> ResponseReturnValue:
        visit, run = _who(*_SHARING)
        with bridge.sessions.write() as session:
            assessing.share_out(session, run, visit.now)
        return redirect(url_for("visit.assessments", saved="shared"), 303)

    @pages.post("/assessments/<code>/more")
    def ask_one_more(code: str) -> ResponseReturnValue:
        visit, run = _who(*_AGREEMENT)
        with bridge.sessions.write() as session:
            row = next((row for row in hand_ins.of_run(session, run) if row.code == code), None)
            if row is None:
                raise doors.door_for(404)
            sheet = assessing.sheets(session, run, [row])[row.id]
            asked = not sheet.closed or assessing.ask_one_more(session, run, row, visit.now)
        return redirect(url_for("visit.assessments", saved="more" if asked else "nobody"), 303)


def _who(*roles: Role) -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, *roles)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _page(session: Session, visit: Visit, run: RunRow) -> str:
    rows = hand_ins.of_run(session, run)
    sheets = assessing.sheets(session, run, rows)
    given = hand_ins.assignments_of_run(session, run)
    inside = enrolments.ids_on(session, run.tenant_id, run.id, visit.today)
    shares = bool(visit.roles & set(_SHARING))
    judges = bool(visit.roles & set(_AGREEMENT))
    return render_template(
        "assessing/desk.html",
        visit=visit,
        saved=_SAVED.get(request.args.get("saved", "")),
        steps=[
            _step(run, step, [sheet for sheet in sheets.values() if sheet.row.step == step.id], inside, judges)
            for step in assessed_steps(run.journey)
        ],
        shares=shares,
        judges=judges,
        load=_load(session, run, visit, given, sheets) if shares else [],
        lacking=sum(len(sheet.asked) < rules.ASSESSORS for sheet in sheets.values()),
        wanted=rules.ASSESSORS,
        who_link=None,
    )


def _step(run: RunRow, step: Step, sheets: list[Sheet], inside: list[str], judges: bool) -> dict[str, Any]:
    window = step.window(run.day_zero, None)
    handed = [sheet for sheet in sheets if sheet.row.enrolment_id in set(inside)]
    return {
        "id": step.id,
        "title": step.title,
        "when": span(window.opens, window.due),
        "handed": f"{len(handed)} of {len(inside)}",
        "scored": f"{sum(sheet.closed for sheet in handed)} of {len(handed)}",
        "agreement": _agreement(run, step, sheets) if judges else None,
    }


def _agreement(run: RunRow, step: Step, sheets: list[Sheet]) -> dict[str, Any] | None:
    rubric = rubric_of(run.journey, step)
    scored = {sheet.row.code: list(sheet.scores.values()) for sheet in sheets if sheet.closed}
    found = rules.agreement(scored, rubric)
    if found.usual is None:
        return None
    titles = {criterion.id: criterion.title for criterion in rubric.criteria}
    widest = sorted(found.criteria.items(), key=lambda one: (-one[1], one[0]))
    return {
        "usual": rounded(found.usual),
        "count": plural(len(found.artefacts), "work"),
        "criteria": [{"title": titles[id_], "apart": f"{rounded(100 * share)} %"} for id_, share in widest],
        "wide": [
            {
                "code": one.code,
                "percents": " and ".join(f"{rounded(percent)} %" for percent in one.percents),
                "criteria": ", ".join(titles[id_] for id_ in one.criteria),
            }
            for one in found.artefacts
            if one.is_wide
        ],
    }


def _load(
    session: Session, run: RunRow, visit: Visit, given: list[Assignment], sheets: dict[str, Sheet]
) -> list[dict[str, Any]]:
    """What each assessor was asked for and has done, by name."""
    ids = {*assessing.assessors_of(session, run, visit.now), *(one.assessor_id for one in given)}
    known = people.people_by_id(session, run.tenant_id, ids)
    found = []
    for id_, person in sorted(known.items(), key=lambda one: one[1].shown_name):
        mine = [one for one in given if one.assessor_id == id_ and one.declined is None]
        done = sum(person.account in sheets[one.hand_in_id].scores for one in mine if one.hand_in_id in sheets)
        found.append({"name": person.shown_name, "asked": len(mine), "done": done, "open": len(mine) - done})
    return found
