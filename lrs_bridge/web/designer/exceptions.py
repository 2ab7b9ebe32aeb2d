"""One participant's path made to fit: group and days, steps taken away and given back, the route.

Waivers and routes go on record as statements by a teacher or designer of the course; administrators can look at them.
No route is shown to anybody but whoever decides about it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import fields
from sqlalchemy.orm import Session

from lrs_bridge.domain import completion
from lrs_bridge.domain.facts import Fact
from lrs_bridge.flows import excepting, running
from lrs_bridge.flows.excepting import Decider
from lrs_bridge.flows.running import CannotRun
from lrs_bridge.store import enrolments
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors, situations
from lrs_bridge.web.designer import board
from lrs_bridge.web.designer.desk import Desk, act_of_form
from lrs_bridge.web.forms import Acting, Form, Trimmed, WrongForm, read
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import day_words, full_day, span
from lrs_bridge.wiring import Bridge

_SAVED = {
    "days": "Kept. The numbers follow in a moment.",
    "waived": "The step does not count for this person, and they see by whom it was waived.",
    "given_back": "The step counts again.",
    "routed": "The route is kept. The person sees its steps, and nothing of a route.",
}


class OwnDays(Acting):
    group = Trimmed(load_default="", validate=lambda text: len(text) <= running.LONGEST_GROUP)
    enrolled = fields.Date(
        required=True,
        error_messages=dict.fromkeys(("required", "null", "invalid"), "Give the day on which they joined."),
    )
    own_day = fields.String(load_default="")


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the page of one participant."""
    at = f"{prefix}/runs/<run_id>/people/<enrolment_id>"

    @pages.get(at)
    def design_person(run_id: str, enrolment_id: str) -> ResponseReturnValue:
        return _page(bridge, desk_of(), run_id, enrolment_id)

    @pages.post(f"{at}/days")
    def design_person_days(run_id: str, enrolment_id: str) -> ResponseReturnValue:
        desk = desk_of()
        try:
            data = read(OwnDays())
            own = data["own_day"].strip()
            try:
                day_zero = date.fromisoformat(own) if own else None
            except ValueError:
                raise CannotRun("There is no such day. Leave it empty for the day of the run.", "own_day") from None
            with bridge.sessions.write() as session:
                run, enrolment = _one(session, desk, run_id, enrolment_id)
                running.set_person(session, desk.who(), run, enrolment, data["group"], data["enrolled"], day_zero)
        except WrongForm as wrong:
            return _page(bridge, desk, run_id, enrolment_id, wrong.form), 422
        except CannotRun as problem:
            form = WrongForm({problem.field: str(problem)}).form
            return _page(bridge, desk, run_id, enrolment_id, form), 422
        return _done(bridge, desk, run_id, enrolment_id, "days")

    def decided(
        run_id: str,
        enrolment_id: str,
        saved: str,
        work: Callable[[Session, Decider, RunRow, Enrolment], object],
    ) -> ResponseReturnValue:
        desk = desk_of()
        decider = _decider(desk)
        try:
            with bridge.sessions.write() as session:
                work(session, decider, *_one(session, desk, run_id, enrolment_id))
        except CannotRun as problem:
            form = WrongForm({problem.field: str(problem)}).form
            return _page(bridge, desk, run_id, enrolment_id, form), 422
        return _done(bridge, desk, run_id, enrolment_id, saved)

    @pages.post(f"{at}/waive")
    def design_waive(run_id: str, enrolment_id: str) -> ResponseReturnValue:
        step, act = request.form.get("step", ""), act_of_form()
        return decided(
            run_id,
            enrolment_id,
            "waived",
            lambda session, decider, run, one: excepting.waive(session, decider, run, one, step, act),
        )

    @pages.post(f"{at}/give-back")
    def design_give_back(run_id: str, enrolment_id: str) -> ResponseReturnValue:
        step, act = request.form.get("step", ""), act_of_form()

        def work(session: Session, decider: Decider, run: RunRow, enrolment: Enrolment) -> None:
            situation = situations.of_one(session, run, enrolment, decider.now)
            excepting.give_back(session, decider, run, enrolment, _waivers(situation, step), act)

        return decided(run_id, enrolment_id, "given_back", work)

    @pages.post(f"{at}/route")
    def design_route(run_id: str, enrolment_id: str) -> ResponseReturnValue:
        name, act = request.form.get("route", ""), act_of_form()
        return decided(
            run_id,
            enrolment_id,
            "routed",
            lambda session, decider, run, one: excepting.route(session, decider, run, one, name, act),
        )


def _done(bridge: Bridge, desk: Desk, run_id: str, enrolment_id: str, saved: str) -> ResponseReturnValue:
    bridge.poke()
    return redirect(desk.url("design_person", run_id=run_id, enrolment_id=enrolment_id, saved=saved), 303)


def _decider(desk: Desk) -> Decider:
    if desk.account is None:
        raise doors.not_yours(
            "What is said about one person goes on record under the name of a teacher or designer of the course. "
            "Open the tool from the course for that.",
            "an administrator decides about no participant",
        )
    return Decider(desk.account, desk.role, desk.now)


def _one(session: Session, desk: Desk, run_id: str, enrolment_id: str) -> tuple[RunRow, Enrolment]:
    run = desk.run(session, run_id)
    enrolment = enrolments.get_enrolment(session, desk.tenant_id, enrolment_id)
    if enrolment is None or enrolment.run_id != run.id:
        raise doors.Door(
            404,
            "This person has no part in this run",
            "They may have been taken out meanwhile.",
            (("Go back", "to the people of the run."), doors.HELP_DESK),
            reason="no such participant in this run",
        )
    return run, enrolment


def _waivers(situation: Situation, step_id: str) -> Sequence[Fact]:
    return situation.record.waived.get(step_id, ())


def _page(bridge: Bridge, desk: Desk, run_id: str, enrolment_id: str, form: Form | None = None) -> str:
    with bridge.sessions.read() as session:
        run, enrolment = _one(session, desk, run_id, enrolment_id)
        situation = situations.of_one(session, run, enrolment, desk.now)
        groups = running.groups_of(session, run)
    start = {
        "group": enrolment.area or "",
        "enrolled": enrolment.enrolled.isoformat(),
        "own_day": enrolment.day_zero.isoformat() if enrolment.day_zero else "",
    }
    shown = form or Form(start=start)
    if form is not None and "enrolled" not in request.form:  # another form of the page was sent
        shown = Form(start=start, errors=form.errors)
    routes = excepting.routes_of(run.journey)
    return desk.page(
        "person.html",
        run=run,
        enrolment=enrolment,
        name=situation.name,
        form=shown,
        note=_SAVED.get(request.args.get("saved", "")),
        groups=list(groups),
        run_day=full_day(run.day_zero),
        follows=any(step.from_enrolment for step in run.journey.steps),
        decides=desk.account is not None,
        own=desk.account == enrolment.person.account,
        waived=_waived(situation, run),
        steps=_waivable(situation, run),
        routes=[{"value": name, "text": name.replace("_", " ")} for name in routes],
        route=_route(situation) if routes else None,
        act=Form().act,
    )


def _waived(situation: Situation, run: RunRow) -> list[dict[str, str]]:
    found = []
    for step in excepting.waivable(run.journey):
        waiver = situation.record.waiver(step)
        if waiver is not None:
            by = situation.called(waiver.actor)
            day = day_words(situation.day(waiver))
            found.append({"id": step.id, "title": step.title, "what": f"Waived by {by}, {day}.", "act": Form().act})
    return found


def _waivable(situation: Situation, run: RunRow) -> list[dict[str, Any]]:
    found = []
    progress = completion.of(situation.journey, situation.evidence, situation.now).by_id
    for step in excepting.waivable(run.journey):
        known = progress.get(step.id)
        if situation.record.waiver(step) is None and not (known is not None and not known.on_route):
            window = situation.window(step)
            done = ", done" if known is not None and known.done else ""
            text = f"{step.title} ({board.role_name(step.owner)}, {span(window.opens, window.due)}{done})"
            found.append({"value": step.id, "text": text})
    return found


def _route(situation: Situation) -> dict[str, str]:
    route = completion.of(situation.journey, situation.evidence, situation.now).route
    if route.pending:
        return {"value": "", "what": "Not decided yet."}
    last = route.decided_by[-1] if route.decided_by else None
    how = "by a person" if last is not None and last.data.get("route") else "by the rules, from the assessment"
    when = f", {day_words(situation.day(last))}" if last is not None else ""
    name = route.name or ""
    return {"value": name, "what": f"{name.replace('_', ' ').capitalize()}, {how}{when}."}
