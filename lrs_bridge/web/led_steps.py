"""A manager's steps with one of their people, or with all at once: a talk, a visit, an approval, an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import support
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.support import ManagerStep, SupportState
from lrs_bridge.web import calendars, doors, maps, situations, step_forms
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.deeds import Asks, Deed, offered
from lrs_bridge.web.forms import Acting, Dated, Form, WrongForm, act_for, dated, one_of, read, scale, text
from lrs_bridge.web.link_scope import page_of
from lrs_bridge.web.mine import my_people, one_of_mine
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import day_words, first_name
from lrs_bridge.wiring import Bridge

LEVELS = (
    Option("1", "How it was received"),
    Option("2", "What was learned"),
    Option("3", "What is done differently"),
    Option("4", "What comes of it"),
)


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page of a step, its form and its dates to the blueprint of the visit."""

    @pages.get("/people/<enrolment>/steps/<step_id>")
    def led_step(enrolment: str, step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
            together = _together(session, situation, _led(situation, step_id))
        step = _led(situation, step_id)
        return _step_page(current(), situation, step, together, _fresh(step.step))

    @pages.post("/people/<enrolment>/steps/<step_id>")
    def do_led_step(enrolment: str, step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
            together = _together(session, situation, _led(situation, step_id))
        step = _led(situation, step_id)
        deed = _doable(situation, step)
        visit = current()
        try:
            data = read(_schema(situation, step.step, deed))
        except WrongForm as wrong:
            return _step_page(visit, situation, step, together, wrong.form), 422
        keep(bridge, visit, *(_step_act(one, step.step, deed, data) for one in together))
        if visit.link:
            return redirect(page_of(visit.link, saved="step"), 303)
        return redirect(url_for("visit.people", saved="step"), 303)

    @pages.get("/people/<enrolment>/steps/<step_id>/dates.ics")
    def led_step_dates(enrolment: str, step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
        step = _led(situation, step_id).step
        name = None if step.counterpart == "cohort" else first_name(situation.name)
        return calendars.file_of(bridge, situation, step, name, current().now)


def _together(session: Session, situation: Situation, step: ManagerStep) -> list[Situation]:
    """Whom the act is about: this person, or for a step with the cohort everybody for whom it is still open."""
    visit = current()
    if step.step.counterpart != "cohort" or visit.run_row is None:
        return [situation]
    everybody = situations.of_some(session, visit.run_row, my_people(session, visit), visit.now)
    return [one for one in everybody if (found := _led(one, step.step.id)) and not found.done] or [situation]


def _led(situation: Situation, step_id: str) -> ManagerStep:
    found = support.of(situation.journey, situation.evidence, situation.now).by_id.get(step_id)
    if found is None:
        abort(404)
    return found


def _doable(situation: Situation, step: ManagerStep) -> Deed:
    deed = offered(situation.journey, step.step)
    state = step.state(situation.today)
    if deed is None or state is SupportState.UPCOMING or (step.done and not _looks_again(situation, deed)):
        raise doors.Door(
            403,
            "There is nothing to do about this step now",
            f"It opens on {day_words(step.window.opens)}." if state is SupportState.UPCOMING else "It is done.",
            (("Go back", "to your people."), doors.HELP_DESK),
            reason="the manager's step is not open",
        )
    if deed.asks is Asks.APPROVAL and maps.latest_plan(situation) is None:
        raise doors.Door(
            403,
            "There is no map to approve yet",
            f"{first_name(situation.name)} has not written the line of sight.",
            (("Go back", "to your people."), doors.HELP_DESK),
            reason="no plan to approve",
        )
    return deed


def _looks_again(situation: Situation, deed: Deed | None) -> bool:
    """A line of sight that was changed after the manager's answer is theirs to look at again."""
    return deed is not None and deed.asks is Asks.APPROVAL and maps.changed_since(situation)


class _Approval(Acting):
    agreed = one_of(("yes", "no"), "Say whether this is the goal you agreed on.")
    comment = text()

    @ma.validates_schema(skip_on_field_errors=True)
    def says_what_to_change(self, data: dict[str, Any], **_: Any) -> None:
        if data["agreed"] == "no" and not data["comment"]:
            raise ma.ValidationError("Say in a sentence what to change.", "comment")


def _schema(situation: Situation, step: Step, deed: Deed) -> ma.Schema:
    if deed.asks is Asks.APPROVAL:
        return _Approval()
    days = step_forms.days_of(situation, step)
    if deed.asks is Asks.TALK:
        return dated(Dated, {"level": scale(1, 4, "Say what the talk was about.")}, days)
    return Dated(days)


def _fresh(step: Step) -> Form:
    return Form(start={"when": "today", "level": step.level or ""})


def _step_act(situation: Situation, step: Step, deed: Deed, data: dict[str, Any]) -> Act:
    more: dict[str, Any] = {}
    if deed.asks is Asks.TALK:
        more["data"] = {"level": data["level"]}
    elif deed.asks is Asks.APPROVAL:
        plan = maps.latest_plan(situation)
        more = {
            "refers_to": plan.id if plan else None,
            "data": {"goal-agreed": data["agreed"] == "yes"},
            "texts": {"comment": data["comment"]},
        }
    return Act(
        id=act_for(data["act"], situation.enrolment.id),
        kind=deed.kind,
        registration=situation.enrolment.id,
        role=Role.MANAGER,
        step=step,
        day=data.get("day"),
        **more,
    )


def _step_page(visit: Visit, situation: Situation, step: ManagerStep, together: Sequence[Situation], form: Form) -> str:
    deed = offered(situation.journey, step.step)
    state = step.state(situation.today)
    plan = maps.latest_plan(situation)
    note = situation.notes.get(plan.id) if plan else None
    late = step.window.is_over(situation.today)
    return render_template(
        "led_step.html",
        visit=visit,
        step=step.step,
        deed=deed,
        form=form,
        name=situation.name,
        names=[one.name for one in together],
        open=deed is not None
        and (not step.done or _looks_again(situation, deed))
        and state is not SupportState.UPCOMING,
        opens=day_words(step.window.opens) if state is SupportState.UPCOMING else None,
        when=f"Was due {day_words(step.window.due)}." if late else f"Until {day_words(step.window.due)}.",
        done=[day_words(event.day) for event in step.events],
        levels=LEVELS,
        plan=[(label, note.texts.get(key)) for key, label in _MAP.items() if note.texts.get(key)] if note else None,
        has_plan=plan is not None,
        confirms=step.step.corroborated_by is Role.PARTICIPANT,
        enrolment=situation.enrolment.id,
        here=url_for("visit.do_led_step", enrolment=situation.enrolment.id, step_id=step.step.id),
    )


_MAP = {
    "learning_outcome": "What they will be able to do",
    "moments": "In which moments",
    "performance_outcome": "What will be different",
    "business_rationale": "What it is good for",
}
