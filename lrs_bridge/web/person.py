"""One participant as the course teacher sees them: indicators with what they are made of, and what was sent."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.store import enrolments, results, scores
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors, evidence, situations
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page of one participant to the blueprint of the visit."""

    @pages.get("/people/<enrolment>")
    def person(enrolment: str) -> ResponseReturnValue:
        """Where a submission review launch leads (LTI Submission Review 1.0), and the overview's names."""
        visit = current()
        needs(visit, Role.FACILITATOR)
        if visit.run_row is None:
            raise doors.door_for(404)
        with bridge.sessions.read() as session:
            row = _enrolment(session, visit, visit.run_row, enrolment)
            return _page(session, bridge, visit, visit.run_row, row)


def _enrolment(session: Session, visit: Visit, run: RunRow, enrolment_id: str) -> Enrolment:
    row = enrolments.get_enrolment(session, visit.tenant_id, enrolment_id)
    if row is None or row.run_id != run.id:
        raise doors.Door(
            404,
            "This person is not in the journey",
            "The course knows them, and they have not taken part in this journey. They come in when they open it from "
            "the course, or when you fetch the people of the course on the overview.",
            (("Go to the start page", "of this journey: it has everybody who takes part."), doors.HELP_DESK),
            reason="no such participant in this run",
        )
    return row


def _page(session: Session, bridge: Bridge, visit: Visit, run: RunRow, row: Enrolment) -> str:
    situation = situations.of_one(session, run, row, visit.now)
    active = active_evaluators(session, bridge.registry, run)
    plans = {key: plan.label or key for key, plan in posted_indicators(run.journey, active).items()}
    seen = {one.key: one.evaluator.audience.get(Role.FACILITATOR) for one in active}
    titles = {one.key: one.evaluator.title for one in active}
    order = [*plans, *(key for key in seen if key not in plans)]
    shown = {key: plans.get(key, titles[key]) for key in order if seen.get(key) in ("named", "posted")}
    found = results.person_results(session, visit.tenant_id, run.id, situation.person.account)
    sent = scores.scores_of_enrolment(session, visit.tenant_id, row.id)

    def panel(key: str, name: str) -> evidence.Panel:
        made = evidence.panel(key, name, found.get(key), sent.get(key), situation, seen[key] == "posted", key in plans)
        return replace(made, why=url_for("visit.why_of", enrolment=row.id, indicator=key))

    return render_template(
        "person.html",
        visit=visit,
        name=situation.name,
        back={"href": url_for("visit.overview"), "text": "The run"},
        lede=_lede(row, situation),
        panels=[panel(key, name) for key, name in shown.items()],
        who_link=None,
    )


def _lede(row: Enrolment, situation: situations.Situation) -> str:
    since = f"In the journey since {full_day(row.enrolled)}"
    left = f", left on {full_day(row.withdrawn)}" if row.withdrawn and row.withdrawn <= situation.today else ""
    manager = f" Managed by {situation.called(situation.manager)}." if situation.manager else " No manager is named."
    return f"{since}{left}.{manager}"
