"""A view of somebody else's capabilities: by link without an account, or from one's own pages."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.rating import UNNAMED, K, Source
from lrs_bridge.flows import rating
from lrs_bridge.flows.rating import Answer
from lrs_bridge.flows.rounds import Round, rater_of, read_round, requests_to, source_of
from lrs_bridge.store import enrolments
from lrs_bridge.store.raters import RaterState
from lrs_bridge.web import doors
from lrs_bridge.web.assessing import levels
from lrs_bridge.web.assessing.rounds import the_round
from lrs_bridge.web.forms import Form, WrongForm, read
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import day_words, first_name
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/rate")
    def rate_list() -> ResponseReturnValue:
        visit = current()
        if visit.run_row is None:
            raise doors.door_for(404)
        with bridge.sessions.read() as session:
            rounds = requests_to(session, visit.run_row, visit.person_id, visit.now)
        return render_template(
            "assessing/rate_list.html", visit=visit, rows=[_row(one) for one in rounds], who_link=None
        )

    @pages.get("/rate/<enrolment>/<step_id>")
    def rate(enrolment: str, step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, round_, source = _asked(session, enrolment, step_id)
            return _page(visit, round_, source, _state(session, visit, round_))

    @pages.post("/rate/<enrolment>/<step_id>")
    def keep_rating(enrolment: str, step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, round_, source = _asked(session, enrolment, step_id)
            state = _state(session, visit, round_)
            again = url_for("visit.rate", enrolment=enrolment, step_id=step_id, saved="yes")
            if state == RaterState.ANSWERED:
                return redirect(again, 303)
            try:
                data = read(levels.schema(round_.run.journey.capabilities, of_others=True))
            except WrongForm as wrong:
                return _page(visit, round_, source, state, wrong.form), 422
            if not round_.is_open:
                return redirect(again, 303)
        given = Answer(visit.person_id, visit.account, source, levels.levels_of(data), data["act"])
        with bridge.sessions.write() as session:
            visit, round_, _ = _asked(session, enrolment, step_id)
            if _state(session, visit, round_) != RaterState.ANSWERED and round_.is_open:
                rating.answer(session, round_, given)
        bridge.poke()
        return redirect(again, 303)

    @pages.post("/rate/<enrolment>/<step_id>/decline")
    def decline_rating(enrolment: str, step_id: str) -> ResponseReturnValue:
        with bridge.sessions.write() as session:
            visit, round_, _ = _asked(session, enrolment, step_id)
            rating.decline(session, round_, visit.person_id)
        return render_template("assessing/rated.html", visit=visit, declined=True, who_link=None)


def _asked(session: Session, enrolment_id: str, step_id: str) -> tuple[Visit, Round, Source]:
    """The round, and as what the visitor is asked. Raises Door for everybody who is not."""
    visit = current()
    run = visit.run_row
    step = the_round(visit, step_id)
    enrolment = enrolments.get_enrolment(session, visit.tenant_id, enrolment_id)
    if run is None or enrolment is None or enrolment.run_id != run.id:
        raise doors.door_for(404)
    round_ = read_round(session, run, enrolment, step, visit.now)
    source = source_of(session, round_, visit.person_id)
    if source is None:
        raise doors.not_yours("Whoever takes part asks the people whose view they want.", "not asked for a rating")
    return visit, round_, source


def _state(session: Session, visit: Visit, round_: Round) -> str | None:
    row = rater_of(session, round_.run, visit.person_id, round_.enrolment.id, round_.step.id)
    return row.state if row is not None else None


def _row(round_: Round) -> dict[str, str]:
    due = round_.step.window(round_.enrolment.day_zero or round_.run.day_zero, round_.enrolment.enrolled).due
    return {
        "href": url_for("visit.rate", enrolment=round_.enrolment.id, step_id=round_.step.id),
        "name": round_.enrolment.person.shown_name,
        "title": round_.step.title,
        "due": day_words(due),
    }


def _page(visit: Visit, round_: Round, source: Source, state: str | None, form: Form | None = None) -> str:
    name = round_.enrolment.person.shown_name
    if state == RaterState.ANSWERED or not round_.is_open:
        return render_template(
            "assessing/rated.html", visit=visit, answered=state == RaterState.ANSWERED, name=name, who_link=None
        )
    mine = round_.own(visit.account)
    start = {levels.PREFIX + id_: str(int(fact.score.raw)) for id_, fact in mine.items() if fact.score}
    return render_template(
        "assessing/rate.html",
        visit=visit,
        step=round_.step,
        name=name,
        first=first_name(name),
        form=form or Form(start=start),
        questions=levels.questions(round_.run.journey.capabilities, of_others=True),
        unnamed=source in UNNAMED,
        fewest=K,
        saved=request.args.get("saved") == "yes" and form is None,
        here={"enrolment": round_.enrolment.id, "step_id": round_.step.id},
        who_link=None,
    )
