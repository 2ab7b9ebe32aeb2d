"""The participant's pages: the journey with its next step, doing a step, logging a moment, answering for a talk."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import StepProgress, StepState
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import audiences, doors, moments, rows, situations, step_forms
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.deeds import Asks, Deed, offered, survey_of
from lrs_bridge.web.forms import Acting, Form, WrongForm, one_of, read
from lrs_bridge.web.journey import show_journey
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, first_name, long_day
from lrs_bridge.wiring import Bridge

_OPEN = (StepState.OPEN, StepState.OVERDUE)
_DONE = (StepState.DONE, StepState.DONE_LATE)
_AGAIN = (Asks.MAP, Asks.SURVEY)  # the latest plan and the latest answers count


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the participant's pages to the blueprint of the visit."""

    def own(session: Session) -> tuple[Visit, RunRow, Situation]:
        visit = current()
        needs(visit, Role.PARTICIPANT)
        if visit.run_row is None or visit.enrolment is None:
            abort(404)
        return visit, visit.run_row, situations.of_one(session, visit.run_row, visit.enrolment, visit.now)

    @pages.get("/journey")
    def journey() -> ResponseReturnValue:
        return show_journey(bridge)

    @pages.get("/steps/<step_id>")
    def step(step_id: str) -> ResponseReturnValue:
        if Role.PARTICIPANT not in current().roles:
            return redirect(current().home, 303)
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        progress = _step(situation, step_id)
        deed = offered(situation.journey, progress.step)
        if deed is not None and deed.asks is Asks.MOMENT and progress.state(situation.today) in _OPEN:
            return _log_page(visit, situation, moments.fresh(situation, step_id))
        form = step_forms.fresh(situation, progress.step, deed) if deed else Form()
        return _step_page(visit, situation, progress, deed, form)

    @pages.post("/steps/<step_id>")
    def do_step(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        progress = _step(situation, step_id)
        deed = _doable(situation, progress)
        try:
            data = read(step_forms.schema(situation, progress.step, deed))
        except WrongForm as wrong:
            return _step_page(visit, situation, progress, deed, wrong.form), 422
        keep(bridge, visit, step_forms.act(situation, progress.step, deed, data))
        return redirect(url_for("visit.journey", saved="step"), 303)

    @pages.get("/log")
    def log() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        return _log_page(visit, situation, moments.fresh(situation, request.args.get("step")))

    @pages.post("/log")
    def log_moment() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        _moments_open(situation)
        try:
            data = read(moments.schema(situation))
        except WrongForm as wrong:
            return _log_page(visit, situation, wrong.form), 422
        keep(bridge, visit, first=lambda session: [moments.act(session, visit, situation, data)])
        asked = data["ask"] == "yes" and situation.manager is not None
        return redirect(url_for("visit.journey", saved="asked" if asked else "moment"), 303)

    @pages.get("/no-chance")
    def no_chance() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        return _no_chance_page(visit, situation, Form(start={"when": "today"}))

    @pages.post("/no-chance")
    def log_no_chance() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        _moments_open(situation)
        try:
            data = read(moments.no_chance_schema(situation))
        except WrongForm as wrong:
            return _no_chance_page(visit, situation, wrong.form), 422
        keep(bridge, visit, moments.no_chance(situation, data))
        return redirect(url_for("visit.journey", saved="none"), 303)

    @pages.post("/moments/<statement>/back")
    def take_back(statement: str) -> ResponseReturnValue:
        """The participant voids a moment of their own; what was said about it goes with it."""
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        fact = situation.by_id.get(statement)
        if fact is None or fact.kind not in moments.KINDS or fact.actor != visit.account:
            abort(404)
        try:
            data = read(Acting())
        except WrongForm:
            abort(400)
        keep(bridge, visit, moments.back(situation, fact, data))
        return redirect(url_for("visit.journey", saved="back"), 303)

    @pages.post("/claims/<statement>")
    def answer_claim(statement: str) -> ResponseReturnValue:
        """The participant's word on a talk the manager says took place; the latest one counts."""
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        claim = rows.claim_of(situation, statement)
        if claim is None:
            abort(404)
        try:
            data = read(_Word())
        except WrongForm:
            abort(400)
        kind = Kind.CONFIRMED if data["word"] == "yes" else Kind.DISPUTED
        keep(
            bridge,
            visit,
            Act(data["act"], kind, situation.enrolment.id, Role.PARTICIPANT, claim.step, refers_to=statement),
        )
        return redirect(url_for("visit.journey", saved="word"), 303)


class _Word(Acting):
    word = one_of(("yes", "no"), "Say whether it took place.")


def _step(situation: Situation, step_id: str) -> StepProgress:
    """One of the participant's own steps; a step of another route or role is not there for them."""
    progress = completion.of(situation.journey, situation.evidence, situation.now).by_id.get(step_id)
    if progress is None or progress.state(situation.today) is StepState.OFF_ROUTE:
        abort(404)
    return progress


def _doable(situation: Situation, progress: StepProgress) -> Deed:
    """What can be done about the step now. Raises Door when it cannot."""
    deed = offered(situation.journey, progress.step)
    state = progress.state(situation.today)
    if deed is None:
        raise _shut("This step is not done here", "Somebody else does it, or it cannot be done on this page yet.")
    if state is StepState.UPCOMING:
        raise _shut("This step is not open yet", f"It opens on {day_words(progress.window.opens)}.")
    if state is StepState.WAIVED:
        raise _shut("This step was waived for you", "There is nothing to do, and it does not count.")
    return deed


def _moments_open(situation: Situation) -> None:
    why = moments.opens_later(situation)
    if why:
        raise _shut("No moment can be logged yet", why)


def _shut(title: str, what: str) -> doors.Door:
    return doors.Door(403, title, what, (("Go back", "to your journey."), doors.HELP_DESK), reason=title)


def _step_page(visit: Visit, situation: Situation, progress: StepProgress, deed: Deed | None, form: Form) -> str:
    state = progress.state(situation.today)
    open_ = deed is not None and (state in _OPEN or (state in _DONE and deed.asks in _AGAIN))
    survey = survey_of(situation.journey, progress.step)
    return render_template(
        "step.html",
        visit=visit,
        step=progress.step,
        deed=deed,
        open=open_,
        form=form,
        state=_in_words(situation, progress, state),
        written=_written(situation, progress),
        questions=step_forms.questions(survey) if survey else (),
        survey=survey,
        maps=step_forms.MAP_TEXTS,
        moments=[step_forms.Option(moment.id, moment.title) for moment in situation.journey.moments],
        factors=[step_forms.Option(code, words) for code, words in step_forms.FACTORS.items()],
        who=audiences.of_step(situation, progress.step, survey, deed),
    )


def _in_words(situation: Situation, progress: StepProgress, state: StepState) -> str:
    window = progress.window
    if state in _DONE:
        return f"Done {day_words(progress.credited[-1].day)}."
    if state is StepState.WAIVED:
        return "Waived for you. It does not count."
    if state is StepState.UPCOMING:
        return f"Opens {day_words(window.opens)}."
    if state is StepState.OVERDUE:
        return f"Was due {day_words(window.due)}."
    so_far = f" {len(progress.completions)} of {progress.step.expected} so far." if progress.step.expected > 1 else ""
    return f"By {long_day(window.due)}.{so_far}"


def _written(situation: Situation, progress: StepProgress) -> list[tuple[str, str]]:
    """What the participant wrote for this step, as (day, text)."""
    found = []
    for done in progress.completions:
        for fact in done.facts:
            note = situation.notes.get(fact.id)
            for name, text in (note.texts if note else {}).items():
                if name not in {"ask", "talk"}:
                    found.append((day_words(done.day), text))
    return found


def _log_page(visit: Visit, situation: Situation, form: Form) -> str:
    options = moments.moment_options(situation)
    manager = situation.manager
    return render_template(
        "log.html",
        visit=visit,
        form=form,
        later=moments.opens_later(situation),
        moments=[*options, step_forms.Option(moments.OWN, "A moment of my own")],
        own=moments.OWN,
        behaviours=[step_forms.Option(b.id, b.title) for b in situation.journey.behaviours],
        outcomes=moments.OUTCOMES,
        manager=first_name(situation.called(manager)) if manager else None,
        who=audiences.of_moment(situation),
    )


def _no_chance_page(visit: Visit, situation: Situation, form: Form) -> str:
    manager = situation.manager
    return render_template(
        "no_chance.html",
        visit=visit,
        form=form,
        later=moments.opens_later(situation),
        moments=moments.moment_options(situation),
        manager=first_name(situation.called(manager)) if manager else None,
        who=audiences.of_moment(situation),
    )
