"""Who goes which way: whoever the rules cannot place is placed by a person, with a reason.

For the course teacher, who sees everybody, and for a coach, who sees those they coach and the percent of the
assessment. No route is shown to participants, managers or sponsors, nor leaves the tool but as a coarse statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from sqlalchemy.orm import Session

from lrs_bridge.domain import routing
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.groups import mean
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import excepting
from lrs_bridge.flows.excepting import Decider
from lrs_bridge.flows.running import CannotRun
from lrs_bridge.flows.standing_routes import Standing, read_routes
from lrs_bridge.store import enrolments, notes
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Acting, Form, WrongForm, one_of, read, text
from lrs_bridge.web.parts import AT_ONCE, Part, part_of
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, plural, rounded, sentence
from lrs_bridge.wiring import Bridge

_SAVED = "The way is kept. They see its steps, and nothing of a route."


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/routes")
    def routes() -> ResponseReturnValue:
        who = _who()
        with bridge.sessions.read() as session:
            return _page(session, who, None, Form())

    @pages.post("/routes/<enrolment>")
    def choose_route(enrolment: str) -> ResponseReturnValue:
        who = _who()
        try:
            data = read(_choice(who.run))
            with bridge.sessions.write() as session:
                _decide(session, who, enrolment, data)
        except (WrongForm, CannotRun) as problem:
            form = problem.form if isinstance(problem, WrongForm) else WrongForm({problem.field: str(problem)}).form
            with bridge.sessions.read() as session:
                return _page(session, who, enrolment, form), 422
        bridge.poke()
        return redirect(url_for("visit.routes", saved="yes"), 303)


@dataclass(frozen=True)
class _Who:
    visit: Visit
    run: RunRow
    role: Role


def _who() -> _Who:
    visit = current()
    needs(visit, Role.FACILITATOR, Role.COACH)
    if visit.run_row is None or not excepting.routes_of(visit.run_row.journey):
        raise doors.door_for(404)
    return _Who(visit, visit.run_row, Role.FACILITATOR if Role.FACILITATOR in visit.roles else Role.COACH)


def _choice(run: RunRow) -> Any:
    return Acting.from_dict(
        {
            "route": one_of(excepting.routes_of(run.journey), "Choose a way."),
            "reason": text("Say why, in a sentence. It stays here."),
            "seen": fields.String(load_default=""),
        }
    )()


def _mine(session: Session, who: _Who) -> Sequence[Standing]:
    """Everybody, or those whom a coach accompanies today; nobody decides about themselves."""
    visit, run = who.visit, who.run
    coached: set[str] | None = None
    if who.role is Role.COACH:
        coached = set(enrolments.people_of(session, run.tenant_id, run.id, visit.person_id, Role.COACH, visit.today))
    found = read_routes(session, run, visit.now)
    return [one for one in found if one.person_id != visit.person_id and (coached is None or one.person_id in coached)]


def _decide(session: Session, who: _Who, enrolment_id: str, data: dict[str, Any]) -> None:
    enrolment = enrolments.get_enrolment(session, who.visit.tenant_id, enrolment_id)
    if enrolment is None or enrolment.id not in {one.enrolment_id for one in _mine(session, who)}:
        raise doors.door_for(404)
    act: UUID = data["act"]
    decider = Decider(who.visit.account, who.role, who.visit.now)
    statement = excepting.route(session, decider, who.run, enrolment, data["route"], act)
    notes.write_note(
        session,
        who.visit.tenant_id,
        who.run.id,
        enrolment.id,
        who.visit.person_id,
        statement,
        str(Kind.ROUTED),
        {"reason": data["reason"]},
        who.visit.now,
    )


def _page(session: Session, who: _Who, wrong_at: str | None, form: Form) -> str:
    found = sorted(_mine(session, who), key=lambda one: one.route.name is not None)
    part = _part(found, wrong_at)
    written = notes.notes_of_many(session, who.visit.tenant_id, [one.enrolment_id for one in part.items])
    rows = [
        _row(who, one, written.get(one.enrolment_id, {}), form if one.enrolment_id == wrong_at else None)
        for one in part.items
    ]
    open_ = sum(one.route.name is None for one in found)
    return render_template(
        "facilitator/routes.html",
        visit=who.visit,
        saved=_SAVED if request.args.get("saved") == "yes" else None,
        lede=f"{sentence(plural(open_, 'person', 'people'))} without a way yet." if open_ else "Everybody has a way.",
        open=[row for row in rows if row["route"] is None],
        placed=[row for row in rows if row["route"] is not None],
        part=part,
        options=[{"value": name, "text": way(name)} for name in excepting.routes_of(who.run.journey)],
        steps=_steps(who.run),
        who_link=None,
    )


def _part(found: Sequence[Standing], wrong_at: str | None) -> Part[Standing]:
    """The page that the address asks for, or that of the form that came back."""
    place = next((place for place, one in enumerate(found) if one.enrolment_id == wrong_at), None)
    at = request.args.get("page", 1, int) if place is None else place // AT_ONCE + 1
    return part_of(found, at)


def way(name: str) -> str:
    return sentence(name.replace("_", " "))


def _steps(run: RunRow) -> list[tuple[str, list[str]]]:
    """What each way has in it, so that nobody decides by a name alone."""
    return [
        (way(name), [step.title for step in run.journey.steps if step.route == name])
        for name in excepting.routes_of(run.journey)
    ]


def _row(who: _Who, one: Standing, written: Any, form: Form | None) -> dict[str, Any]:
    run, route = who.run, one.route
    percent = mean([mark.percent for mark in one.marks])
    last = route.decided_by[-1] if route.decided_by else None
    by_hand = last is not None and last.kind is Kind.ROUTED and last.role != Role.SYSTEM
    note = written.get(last.id) if last is not None else None
    return {
        "enrolment": one.enrolment_id,
        "name": one.name,
        "route": way(route.name) if route.name else None,
        "value": route.name or "",
        "how": _how(run, route, by_hand),
        "reason": note.texts.get("reason") if note and by_hand else None,
        "percent": f"{rounded(percent)} % of the points" if percent is not None and who.role is Role.COACH else None,
        "assessed": percent is not None,
        "form": form or Form(start={"route": route.name or ""}),
    }


def _how(run: RunRow, route: routing.Route, by_hand: bool) -> str:
    if not route.decided_by:
        return "Nothing was assessed." if route.pending else "As the journey says where nothing was assessed."
    day = day_words(run.run.local_day(route.decided_by[-1].at))
    return f"Decided by a person, {day}." if by_hand else f"By the rules, {day}."
