"""The manager's pages: what to do this week, their people, a word on a moment, a talk or a visit that took place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import marshmallow as ma
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import support
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.support import ManagerStep, SupportState
from lrs_bridge.flows.links import Task, send_link
from lrs_bridge.store import enrolments, replies
from lrs_bridge.store.message_links import TaskKind
from lrs_bridge.web import audiences, calendars, doors, leading, maps, notice, situations, step_forms, verify
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.assessing import beside
from lrs_bridge.web.deeds import Asks, Deed, offered
from lrs_bridge.web.forms import Acting, Dated, Form, WrongForm, act_for, dated, one_of, read, scale, text
from lrs_bridge.web.leading import Pages
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit, current, needs, page_of
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
            answered = replies.of_enrolments(session, current().tenant_id, [situation.enrolment.id])
        return verify.moment_page(current(), situation, verify.moment_of(situation, statement), answered)

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

    @pages.post("/people/<enrolment>/links/<any(moment, step):task>/<ref>")
    def ask_for_link(enrolment: str, task: str, ref: str) -> ResponseReturnValue:
        """From a look at one's people by link: a link of its own for one of the things there."""
        with bridge.sessions.read() as session:
            situation = one_of_mine(session, enrolment)
        visit = current()
        wanted = Task(visit.person_id, situation.enrolment.id, TaskKind(task), ref)
        with bridge.sessions.write() as session:
            if visit.run_row is not None:
                send_link(session, bridge.settings.secret_key, visit.run_row, wanted, visit.now)
        bridge.poke()
        return redirect(url_for("visit.people", saved="link"), 303)

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
        cards = [] if visit.link else beside.asked(session, visit.run_row, visit.person_id, visit.now)
        unread = notice.unread(session, visit)
    to = _by_link() if visit.link else _PAGES
    rows = leading.people(mine, visit.account, to)
    todos = leading.this_week(rows)
    return render_template(
        "people.html",
        visit=visit,
        eyebrow=_eyebrow(visit),
        unread=unread,
        title=leading.title(todos),
        lede=leading.lede(rows),
        todos=todos,
        rows=rows,
        cards=cards,
        saved="Your people see it on their pages." if request.args.get("saved") == "step" else None,
        sent=request.args.get("saved") == "link",
        who=audiences.of_manager(audiences.sponsors_of(mine, visit.account)),
        who_link="#who",
    )


_PAGES = Pages(
    moment=lambda enrolment, statement: url_for("visit.moment", enrolment=enrolment, statement=statement),
    step=lambda enrolment, step: url_for("visit.led_step", enrolment=enrolment, step_id=step),
    work=lambda enrolment: url_for("visit.shared_work", enrolment=enrolment),
)


def _by_link() -> Pages:
    """Who came to look by a link gets each thing by a link of its own: addresses that forms are sent to."""

    def to(task: TaskKind) -> Callable[[str, str], str]:
        return lambda enrolment, ref: url_for("visit.ask_for_link", enrolment=enrolment, task=str(task), ref=ref)

    return Pages(moment=to(TaskKind.MOMENT), step=to(TaskKind.STEP))


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
