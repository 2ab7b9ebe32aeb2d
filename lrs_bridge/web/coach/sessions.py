"""Logging a session: one form makes one statement for each person who was there, and nobody enters it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import marshmallow as ma
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.domain import coaching, routing
from lrs_bridge.domain.completion import SESSION_TYPES
from lrs_bridge.domain.events import Kind, statement_id_of
from lrs_bridge.domain.journey import Step
from lrs_bridge.domain.people import Role
from lrs_bridge.store import coaching_facts, coaching_notes
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import situations
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.coach import pairs
from lrs_bridge.web.coach.pairs import Coachee
from lrs_bridge.web.forms import Acting, Dated, Days, Form, WrongForm, act_for, dated, one_of, read, some_of, text
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_forms import FACTORS, Option
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import day_words, first_name, listed
from lrs_bridge.wiring import Bridge

LONGEST = 8 * 60  # minutes


@dataclass(frozen=True)
class Desk:
    """What the form needs: the coach's people of today with their situations, the steps, and sessions held."""

    run: RunRow
    people: Mapping[str, Coachee]
    seen: Mapping[str, Situation]
    steps: Mapping[str, Step]
    held: Sequence[coaching.Session]


class _Log(Dated):
    """`themes`: at most three, so that they say something."""

    minutes = fields.Integer(
        required=True,
        validate=validate.Range(5, LONGEST, error="Give the minutes, from 5 to 480."),
        error_messages=dict.fromkeys(("required", "null", "invalid"), "Give the minutes, for example 45."),
    )
    themes = fields.List(fields.String(validate=validate.OneOf(coaching.THEMES)), load_default=list)
    goal = fields.String(load_default="", validate=validate.OneOf(["", "yes"]))
    manager = fields.String(load_default="", validate=validate.OneOf(["", "yes"]))
    note = text()

    @ma.validates_schema(skip_on_field_errors=True)
    def few_themes(self, data: Mapping[str, Any], **_: Any) -> None:
        if len(set(data.get("themes", ()))) > coaching.THEMES_AT_MOST:
            raise ma.ValidationError("Choose three at most: those the session was mostly about.", "themes")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the form and taking a session back to the blueprint of the visit."""

    @pages.get("/coaching/log")
    def log_session() -> ResponseReturnValue:
        visit = current()
        with bridge.sessions.read() as session:
            desk = _desk(session, visit)
        who = [id_ for id_ in request.args.getlist("who") if id_ in desk.people]
        step = request.args.get("step") or next(iter(desk.steps), "")
        start = {"when": "today", "minutes": "45", "who": who, "step": step, "goal": "yes"}
        return _page(visit, desk, Form(start=start))

    @pages.post("/coaching/log")
    def keep_session() -> ResponseReturnValue:
        visit = current()
        with bridge.sessions.read() as session:
            desk = _desk(session, visit)
        try:
            data = read(_schema(desk, visit.today))
            there = [desk.people[id_] for id_ in dict.fromkeys(data["who"])]
            _check(desk, visit, there, data)
        except WrongForm as wrong:
            return _page(visit, desk, wrong.form), 422
        acts = [_act(desk, one, data) for one in there]

        def note(session: Session) -> Sequence[Act]:
            if data["note"]:
                pair = pairs.pair(visit, there[0].enrolment.id, visit.person_id)
                id_ = str(act_for(data["act"], "note"))
                coaching_notes.write(session, pairs.seal(bridge), pair, visit.person_id, id_, data["note"], visit.now)
            return ()

        keep(bridge, visit, *acts, first=note)
        return redirect(url_for("visit.coaching_room", saved="session"), 303)

    @pages.post("/coaching/sessions/<statement>/back")
    def take_session_back(statement: str) -> ResponseReturnValue:
        """A session that was logged by mistake is voided for everybody who was said to be there."""
        visit = current()
        with bridge.sessions.read() as session:
            pairs.all_of(session, visit)
            run = pairs.run_of(visit)
            held = coaching.sessions(run.journey, run.run, coaching_facts.held_by(session, run, {visit.account}))
        found = next((one for one in held if any(fact.id == statement for fact in one.facts)), None)
        if found is None:
            abort(404)
        try:
            data = read(Acting())
        except WrongForm:
            abort(400)
        acts = [
            Act(act_for(data["act"], fact.id), Kind.VOIDED, fact.registration, _role(fact.role), refers_to=fact.id)
            for fact in found.facts
            if fact.registration
        ]
        keep(bridge, visit, *acts)
        return redirect(url_for("visit.coaching_room", saved="back"), 303)


def _role(word: str | None) -> Role:
    return Role.MENTOR if word == Role.MENTOR else Role.COACH


def _desk(session: Session, visit: Visit) -> Desk:
    run = pairs.run_of(visit)
    people = {one.enrolment.id: one for one in pairs.all_of(session, visit) if one.today}
    seen = situations.of_enrolments(session, run, [one.enrolment for one in people.values()], visit.now)
    held = coaching.sessions(run.journey, run.run, coaching_facts.held_by(session, run, {visit.account}))
    roles = {one.role for one in people.values()}
    steps = {step.id: step for role in sorted(roles) for step in coaching.session_steps(run.journey, role)}
    return Desk(run, people, seen, steps, held)


def _schema(desk: Desk, today: date) -> Dated:
    made: dict[str, fields.Field[Any]] = {
        "step": one_of(list(desk.steps), "Choose which session it was."),
        "who": some_of(list(desk.people), "Choose who was there."),
    }
    return dated(_Log, made, Days(today))


def _check(desk: Desk, visit: Visit, there: Sequence[Coachee], data: Mapping[str, Any]) -> None:
    """Whether the session can have been with these people. Raises WrongForm."""
    step, day = desk.steps[data["step"]], data["day"] or visit.today
    if len(there) > 1 and step.type != "coaching_group":
        raise WrongForm({"who": "This is a session with one person. Log one for each."})
    if len(there) > 1 and data["note"]:
        raise WrongForm({"note": "A note is for one person. Write it on the page of whom it is about."})
    strange = [first_name(one.name) for one in there if not _fits(desk, one, step)]
    if strange:
        raise WrongForm({"step": f"This session is not on the path of {listed(strange)}. Choose another one."})
    early = [one for one in there if day < desk.seen[one.enrolment.id].window(step).opens]
    if early:
        opens = day_words(desk.seen[early[0].enrolment.id].window(step).opens)
        raise WrongForm({"date" if data["day"] else "when": f"These sessions begin on {opens}. Give a day since then."})
    known = {id_ for one in desk.held if (one.step, one.day) == (step.id, day) for id_ in one.registrations}
    twice = [first_name(one.name) for one in there if one.enrolment.id in known and not _sent_before(desk, one, data)]
    if twice:
        raise WrongForm({"who": f"You logged this session with {listed(twice)} on {day_words(day)} already."})


def _sent_before(desk: Desk, one: Coachee, data: Mapping[str, Any]) -> bool:
    """The very same form again, which does nothing a second time."""
    mine = statement_id_of(act_for(data["act"], one.enrolment.id))
    return any(fact.id == mine for held in desk.held for fact in held.facts)


def _fits(desk: Desk, one: Coachee, step: Step) -> bool:
    situation = desk.seen[one.enrolment.id]
    mine = step in coaching.session_steps(situation.journey, one.role)
    route = routing.decide(situation.journey, situation.record)
    return mine and step.type in SESSION_TYPES and route.takes_in(step)


def _act(desk: Desk, one: Coachee, data: Mapping[str, Any]) -> Act:
    step = desk.steps[data["step"]]
    mentor = step.type == "mentor_session"
    situation = desk.seen[one.enrolment.id]
    beside = situation.manager if data["manager"] and step.type == "coaching_2_1" else None
    return Act(
        id=act_for(data["act"], one.enrolment.id),
        kind=Kind.MENTORED if mentor else Kind.COACHED,
        registration=one.enrolment.id,
        role=Role.MENTOR if mentor else Role.COACH,
        step=step,
        day=data["day"],
        counterpart=beside,
        duration_seconds=60 * data["minutes"],
        data={
            "themes": [code for code in coaching.THEMES if code in data["themes"]],
            "goal-linked": bool(data["goal"]),
        },
    )


def _page(visit: Visit, desk: Desk, form: Form) -> str:
    people = [Option(id_, one.name) for id_, one in desk.people.items()]
    asked = any(step.corroborated_by is Role.PARTICIPANT for step in desk.steps.values())
    return render_template(
        "coach/log.html",
        visit=visit,
        form=form,
        steps=[Option(id_, step.title) for id_, step in desk.steps.items()],
        people=sorted(people, key=lambda one: not form.chosen("who", one.value)),
        themes=[Option(code, FACTORS[code]) for code in coaching.THEMES],
        pairs_with_manager=any(step.type == "coaching_2_1" for step in desk.steps.values()),
        asked=asked,
        who_link=None,
    )
