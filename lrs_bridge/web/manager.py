"""The manager's pages: what to do this week, their people, a word on a moment, a talk or a visit that took place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import support
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.support import ManagerStep, SupportState
from lrs_bridge.store import enrolments
from lrs_bridge.web import audiences, doors, leading, situations, step_forms, verify
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.deeds import Asks, Deed, offered
from lrs_bridge.web.forms import Acting, Dated, Form, WrongForm, act_for, dated, one_of, read, scale
from lrs_bridge.web.leading import Pages
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, first_name, long_day
from lrs_bridge.wiring import Bridge

LEVELS = (
    Option("1", "How it was received"),
    Option("2", "What was learned"),
    Option("3", "What is done differently"),
    Option("4", "What comes of it"),
)


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the manager's pages to the blueprint of the visit."""

    def one_of_mine(session: Session, enrolment_id: str) -> Situation:
        """The situation of one of the manager's own people. Raises Door for anybody else's."""
        visit = current()
        needs(visit, Role.MANAGER)
        if visit.run_row is None:
            abort(404)
        enrolment = enrolments.get_enrolment(session, visit.tenant_id, enrolment_id)
        mine = _my_people(session, visit)
        if enrolment is None or enrolment.run_id != visit.run_row.id or enrolment.person_id not in mine:
            raise doors.not_yours("You see the people who work with you, and nobody else.", "not this manager's person")
        return situations.of_one(session, visit.run_row, enrolment, visit.now)

    @pages.get("/people")
    def people() -> ResponseReturnValue:
        return show_people(bridge)

    @pages.get("/people/<enrolment>/moments/<statement>")
    def moment(enrolment: str, statement: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
        return verify.moment_page(current(), situation, verify.moment_of(situation, statement))

    @pages.post("/people/<enrolment>/moments/<statement>")
    def answer_moment(enrolment: str, statement: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
        fact = verify.moment_of(situation, statement)
        try:
            data = read(verify.Word())
        except WrongForm:
            abort(400)
        visit = current()
        keep(bridge, visit, *verify.word_acts(visit, situation, fact, data))
        there = url_for("visit.moment", enrolment=enrolment, statement=statement, saved=data["word"])
        return redirect(there, 303)

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
        return redirect(url_for("visit.people", saved="step"), 303)

    def _together(session: Session, situation: Situation, step: ManagerStep) -> list[Situation]:
        """Whom the act is about: this person, or for a step with the cohort everybody for whom it is still open."""
        visit = current()
        if step.step.counterpart != "cohort" or visit.run_row is None:
            return [situation]
        everybody = situations.of_some(session, visit.run_row, _my_people(session, visit), visit.now)
        return [one for one in everybody if (found := _led(one, step.step.id)) and not found.done] or [situation]


def _my_people(session: Session, visit: Visit) -> list[str]:
    run = visit.run_row
    if run is None:
        return []
    return enrolments.people_of(session, visit.tenant_id, run.id, visit.person_id, Role.MANAGER, visit.today)


def show_people(bridge: Bridge) -> str:
    """The manager's first page."""
    visit = current()
    needs(visit, Role.MANAGER)
    if visit.run_row is None:
        abort(404)
    with bridge.sessions.read() as session:
        mine = situations.of_some(session, visit.run_row, _my_people(session, visit), visit.now)
    to = Pages(
        moment=lambda enrolment, statement: url_for("visit.moment", enrolment=enrolment, statement=statement),
        step=lambda enrolment, step: url_for("visit.led_step", enrolment=enrolment, step_id=step),
    )
    rows = leading.people(mine, visit.account, to)
    todos = leading.this_week(rows)
    return render_template(
        "people.html",
        visit=visit,
        eyebrow=_eyebrow(visit),
        title=leading.title(todos),
        lede=leading.lede(rows),
        todos=todos,
        rows=rows,
        saved="Your people see it on their pages." if request.args.get("saved") == "step" else None,
        who=audiences.of_manager(audiences.sponsors_of(mine, visit.account)),
        who_link="#who",
    )


def _eyebrow(visit: Visit) -> str:
    """Friday 27 March, week 4 of 13"""
    run = visit.run_row
    if run is None:
        return long_day(visit.today)
    day, last = (visit.today - run.day_zero).days, run.journey.last_day
    if not 0 <= day <= last:
        return f"{long_day(visit.today)}, kick-off {day_words(run.day_zero)}"
    return f"{long_day(visit.today)}, week {day // 7 + 1} of {last // 7 + 1}"


def _led(situation: Situation, step_id: str) -> ManagerStep:
    found = support.of(situation.journey, situation.evidence, situation.now).by_id.get(step_id)
    if found is None:
        abort(404)
    return found


def _doable(situation: Situation, step: ManagerStep) -> Deed:
    deed = offered(situation.journey, step.step)
    state = step.state(situation.today)
    if deed is None or state is SupportState.UPCOMING or step.done:
        raise doors.Door(
            403,
            "There is nothing to do about this step now",
            f"It opens on {day_words(step.window.opens)}." if state is SupportState.UPCOMING else "It is done.",
            (("Go back", "to your people."), doors.HELP_DESK),
            reason="the manager's step is not open",
        )
    if deed.asks is Asks.APPROVAL and _plan(situation) is None:
        raise doors.Door(
            403,
            "There is no map to approve yet",
            f"{first_name(situation.name)} has not written the line of sight.",
            (("Go back", "to your people."), doors.HELP_DESK),
            reason="no plan to approve",
        )
    return deed


def _plan(situation: Situation) -> Fact | None:
    plans = [fact for fact in situation.of_kind(Kind.PLANNED) if fact.actor == situation.person.account]
    return plans[-1] if plans else None


class _Approval(Acting):
    agreed = one_of(("yes", "no"), "Say whether this is the goal you agreed on.")


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
        plan = _plan(situation)
        more = {"refers_to": plan.id if plan else None, "data": {"goal-agreed": data["agreed"] == "yes"}}
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
    plan = _plan(situation)
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
        open=deed is not None and not step.done and state is not SupportState.UPCOMING,
        opens=day_words(step.window.opens) if state is SupportState.UPCOMING else None,
        when=f"Was due {day_words(step.window.due)}." if late else f"Until {day_words(step.window.due)}.",
        done=[day_words(event.day) for event in step.events],
        levels=LEVELS,
        plan=[(label, note.texts.get(key)) for key, label in _MAP.items() if note.texts.get(key)] if note else None,
        has_plan=plan is not None,
        confirms=step.step.corroborated_by is Role.PARTICIPANT,
        here=url_for("visit.do_led_step", enrolment=situation.enrolment.id, step_id=step.step.id),
    )


_MAP = {
    "learning_outcome": "What they will be able to do",
    "moments": "In which moments",
    "performance_outcome": "What will be different",
    "business_rationale": "What it is good for",
}
