"""A round of the participant's: their own view, who else is asked, and, when the round is over, what all said."""

from __future__ import annotations

from datetime import date
from typing import Any

import marshmallow as ma
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.rating import UNNAMED, K, Source
from lrs_bridge.flows import asking_raters, rating
from lrs_bridge.flows.asking_raters import CannotAsk
from lrs_bridge.flows.rating import Answer
from lrs_bridge.flows.rounds import Round, read_round, rounds_of
from lrs_bridge.store import enrolments, people, raters
from lrs_bridge.store.raters import RaterState
from lrs_bridge.web import doors
from lrs_bridge.web.assessing import levels
from lrs_bridge.web.forms import Acting, Form, Trimmed, WrongForm, one_of, read
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, long_day, number, plural, sentence
from lrs_bridge.wiring import Bridge

_SAVED = {
    "own": "It is your view. You can change it as long as the round is open.",
    "asked": "They get a link by e-mail, and need no account.",
    "back": "They are not asked any more. An answer that came already stays, since nobody can tell which one it is.",
}
_AS = {str(Source.PEER): "A colleague", str(Source.REPORT): "Somebody else"}


class _Asking(Acting):
    """Somebody known (`who`), or an e-mail."""

    who = fields.List(fields.String(), load_default=list)
    source = one_of(list(_AS), "Say what they are to you.")
    email = Trimmed(load_default="", validate=validate.Length(max=320, error="That is longer than an e-mail can be."))
    name = Trimmed(load_default="", validate=validate.Length(max=200, error="That is longer than 200 characters."))

    @ma.validates_schema(skip_on_field_errors=True)
    def names_somebody(self, data: Any, **_: Any) -> None:
        if not data["who"] and not data["email"]:
            raise ma.ValidationError("Choose somebody, or give an e-mail.", "email")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/round/<step_id>")
    def own_round(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _page(session, *_own(session, step_id))

    @pages.post("/round/<step_id>")
    def rate_oneself(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, round_ = _own(session, step_id)
            _is_open(round_)
            try:
                data = read(levels.schema(round_.run.journey.capabilities, of_others=False))
            except WrongForm as wrong:
                return _page(session, visit, round_, own=wrong.form), 422
        given = Answer(visit.person_id, visit.account, Source.SELF, levels.levels_of(data), data["act"])
        with bridge.sessions.write() as session:
            round_ = _own(session, step_id)[1]
            rating.answer(session, round_, given)
            asking_raters.tell_managers(session, bridge.settings.secret_key, round_)
        bridge.poke()
        return redirect(url_for("visit.own_round", step_id=step_id, saved="own"), 303)

    @pages.post("/round/<step_id>/ask")
    def ask_rater(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, round_ = _own(session, step_id)
        _is_open(round_)
        try:
            data = read(_Asking())
            with bridge.sessions.write() as session:
                _ask(session, bridge, step_id, data)
        except (WrongForm, CannotAsk) as problem:
            form = problem.form if isinstance(problem, WrongForm) else WrongForm({problem.field: str(problem)}).form
            with bridge.sessions.read() as session:
                return _page(session, visit, round_, asking=form), 422
        bridge.poke()
        return redirect(url_for("visit.own_round", step_id=step_id, saved="asked", _anchor="ask"), 303)

    @pages.post("/round/<step_id>/back/<rater_id>")
    def take_rater_back(step_id: str, rater_id: str) -> ResponseReturnValue:
        with bridge.sessions.write() as session:
            visit, round_ = _own(session, step_id)
            row = raters.get(session, visit.tenant_id, rater_id)
            if row is None or row.enrolment_id != round_.enrolment.id or row.step != step_id:
                raise doors.door_for(404)
            if not round_.is_closed:
                asking_raters.take_back(row)
        return redirect(url_for("visit.own_round", step_id=step_id, saved="back", _anchor="ask"), 303)

    @pages.get("/round/<step_id>/of/<enrolment>")
    def round_of_coachee(step_id: str, enrolment: str) -> ResponseReturnValue:
        """For the coach, where the journey has the round with them."""
        visit = current()
        needs(visit, Role.COACH)
        with bridge.sessions.read() as session:
            round_ = _of_coachee(session, visit, step_id, enrolment)
        return _told_page(visit, round_)


def _own(session: Session, step_id: str) -> tuple[Visit, Round]:
    visit = current()
    needs(visit, Role.PARTICIPANT)
    run, enrolment = visit.run_row, visit.enrolment
    step = the_round(visit, step_id)
    if run is None or enrolment is None:
        raise doors.door_for(404)
    return visit, read_round(session, run, enrolment, step, visit.now)


def the_round(visit: Visit, step_id: str) -> Step:
    steps = rounds_of(visit.run_row.journey) if visit.run_row else ()
    step = next((step for step in steps if step.id == step_id), None)
    if step is None:
        raise doors.door_for(404)
    return step


def _of_coachee(session: Session, visit: Visit, step_id: str, enrolment_id: str) -> Round:
    step = the_round(visit, step_id)
    run = visit.run_row
    enrolment = enrolments.get_enrolment(session, visit.tenant_id, enrolment_id)
    if run is None or enrolment is None or enrolment.run_id != run.id:
        raise doors.door_for(404)
    coached = enrolments.people_of(session, run.tenant_id, run.id, visit.person_id, Role.COACH, visit.today)
    if step.counterpart != Role.COACH or enrolment.person_id not in coached:
        raise doors.not_yours(
            "What people say about somebody is for that person.", "a round that is not for this coach"
        )
    return read_round(session, run, enrolment, step, visit.now)


def _is_open(round_: Round) -> None:
    if not round_.is_open:
        raise doors.Door(
            403,
            "This round is not open",
            "It has not begun, or it is over and has been told. Nothing is added to it any more.",
            (("Go back", "to your journey."), doors.HELP_DESK),
            reason="the round is not open",
        )


def _ask(session: Session, bridge: Bridge, step_id: str, data: dict[str, Any]) -> None:
    """Everybody chosen, and whoever has an e-mail beside them. Raises CannotAsk."""
    visit, round_ = _own(session, step_id)
    key, source = bridge.settings.secret_key, Source(data["source"])
    offered = {one["value"] for one in _peers(session, visit, round_)}
    known = people.people_by_id(session, visit.tenant_id, [id_ for id_ in data["who"] if id_ in offered])
    for person in known.values():
        asking_raters.ask_person(session, key, round_, person, source)
    if data["email"]:
        asking_raters.ask(session, key, round_, data["email"], data["name"], source)


def _peers(session: Session, visit: Visit, round_: Round) -> list[dict[str, str]]:
    """Peers of the participant in the run who are not asked yet."""
    asked = {row.person_id for row in round_.asked}
    related = enrolments.relations_of(session, visit.tenant_id, round_.run.id, [visit.person_id])
    ids = [
        one.other_id
        for one in related.get(visit.person_id, ())
        if one.kind == Role.PEER and one.span.holds_on(visit.today) and one.other_id not in asked
    ]
    known = people.people_by_id(session, visit.tenant_id, ids)
    return [{"value": id_, "text": known[id_].shown_name} for id_ in dict.fromkeys(ids) if id_ in known]


def _page(session: Session, visit: Visit, round_: Round, own: Form | None = None, asking: Form | None = None) -> str:
    run, step = round_.run, round_.step
    mine = {id_: fact.score.raw for id_, fact in round_.own(visit.account).items() if fact.score}
    known = people.people_by_id(session, visit.tenant_id, [row.person_id for row in round_.asked])
    window = step.window(
        run.day_zero if round_.enrolment.day_zero is None else round_.enrolment.day_zero, round_.enrolment.enrolled
    )
    start = {levels.PREFIX + id_: str(int(points)) for id_, points in mine.items()}
    return render_template(
        "assessing/round.html",
        visit=visit,
        step=step,
        saved=_SAVED.get(request.args.get("saved", "")),
        state=_state(round_, window.opens, window.due, visit.today),
        opens=day_words(window.opens) if window.opens > visit.today else None,
        open=round_.is_open,
        last=day_words(window.last),
        own=own or Form(start=start),
        rated=bool(mine),
        questions=levels.questions(run.journey.capabilities, of_others=False),
        asking=asking or Form(start={"source": str(Source.PEER)}),
        peers=_peers(session, visit, round_),
        kinds=[{"value": value, "text": text} for value, text in _AS.items()],
        asked=[
            {"id": row.id, "name": _called(known, row.person_id), "as": _AS.get(row.source, "")} for row in round_.asked
        ],
        answered=_answered(round_),
        fewest=K,
        told=_told(round_) if round_.is_closed else None,
        who_link=None,
    )


def _called(known: dict[str, people.PersonRow], person_id: str) -> str:
    person = known.get(person_id)
    return (person.name or person.email or person.shown_name) if person else "Somebody"


def _answered(round_: Round) -> str | None:
    """How many have answered, and never who."""
    if not round_.asked:
        return None
    done = sum(row.state == RaterState.ANSWERED for row in round_.asked)
    return f"{sentence(number(done)) if done else 'None'} of {number(len(round_.asked))} have answered."


def _state(round_: Round, opens: date, due: date, today: date) -> str:
    if opens > today:
        return f"Opens {day_words(opens)}."
    if round_.is_closed:
        return "This round is over."
    return (
        f"By {long_day(due)}." if today <= due else f"Was due {day_words(due)}. It is open until enough have answered."
    )


def _told(round_: Round) -> dict[str, Any]:
    told = round_.told
    return {
        "rows": levels.table(told, round_.run.journey.capabilities),
        "hidden": levels.called(told.hidden) if told.hidden else None,
        "none": not any(view.sources[0] in UNNAMED for view in told.views),
    }


def _told_page(visit: Visit, round_: Round) -> str:
    name = round_.enrolment.person.shown_name
    return render_template(
        "assessing/told.html",
        visit=visit,
        step=round_.step,
        name=name,
        told=_told(round_) if round_.is_closed else None,
        fewest=K,
        back=url_for("visit.home"),
        count=plural(len(round_.asked), "person", "people"),
        who_link=None,
    )
