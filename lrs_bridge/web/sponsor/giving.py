"""What a sponsor gives: a talk with a manager, a message to everybody, a case of their own, a step that is done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError, fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.store import sponsor_words
from lrs_bridge.store.sponsor_words import Gift, SponsorWord
from lrs_bridge.web import doors
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.forms import Acting, Form, Trimmed, WrongForm, act_for, read, text
from lrs_bridge.web.sponsor import reach
from lrs_bridge.web.sponsor.reach import OwnStep, Reach
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import day_words
from lrs_bridge.wiring import Bridge

AGENDA = (
    ("5 minutes", "Why this, why now: what the business needs from it."),
    ("15 minutes", "The result you are proudest of, and what your people did for it."),
    ("15 minutes", "The challenge of today: where it gets stuck, and what you would like to see instead."),
    ("10 minutes", "One or two real cases that people can work on; who else should be asked."),
)
CLEAN = (
    Option("people", "No names of people, and nothing by which they are known"),
    Option("customers", "No customers, products or places"),
    Option("figures", "No figures that only one case can have"),
    Option("dates", "No dates that tell which case it was"),
)
_NOBODY = "Nobody takes part under your managers yet, so there is nobody whom it could be about."


class _Message(Acting):
    words = text("Write what you want to say, a few sentences are enough.")
    link = Trimmed(
        load_default="",
        validate=[
            validate.Length(max=2000, error="That is too long for a link."),
            validate.Regexp(r"(https?://\S+)?\Z", error="A link begins with https:// or http://."),
        ],
    )


class _Case(Acting):
    words = text("Tell the case in a few sentences.")
    clean = fields.List(
        fields.String(),
        load_default=list,
        validate=lambda ticked: all_clean(ticked),
    )


def all_clean(ticked: list[str]) -> bool:
    if set(ticked) < {option.value for option in CLEAN}:
        raise ValidationError("Go through the list and tick each line: the case leaves your hands without them.")
    return True


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the forms to the blueprint of the visit."""

    def mine(session: Session, step_id: str, *types: str) -> tuple[Visit, Reach, OwnStep]:
        visit = current()
        found = reach.of(session, visit)
        for one in reach.own_steps(session, visit, found):
            if one.step.id == step_id and (not types or one.step.type in types):
                return visit, found, one
        abort(404)

    @pages.get("/chain/message/<step_id>")
    def sponsor_message(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, one = mine(session, step_id, "sponsor_message")
        return _page("message", visit, one, Form())

    @pages.post("/chain/message/<step_id>")
    def send_message(step_id: str) -> ResponseReturnValue:
        return give(step_id, Gift.MESSAGE, _Message())

    @pages.get("/chain/case/<step_id>")
    def sponsor_case(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, one = mine(session, step_id, "content_request")
        return _page("case", visit, one, Form())

    @pages.post("/chain/case/<step_id>")
    def give_case(step_id: str) -> ResponseReturnValue:
        return give(step_id, Gift.CASE, _Case())

    def give(step_id: str, kind: Gift, schema: Any) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            types = {Gift.MESSAGE: "sponsor_message", Gift.CASE: "content_request"}
            visit, found, one = mine(session, step_id, types[kind])
        _open(one, visit)
        try:
            data = read(schema)
        except WrongForm as wrong:
            return _page(str(kind), visit, one, wrong.form), 422
        about = found.members if kind is Gift.MESSAGE else found.members[:1]
        if not about:
            return _page(str(kind), visit, one, WrongForm({"words": _NOBODY}).form), 422
        word = SponsorWord(
            id=str(data["act"]),
            tenant_id=visit.tenant_id,
            run_id=found.run.id,
            author_id=visit.person_id,
            kind=str(kind),
            step=one.step.id,
            text=data["words"],
            link=data.get("link") or None,
            created=visit.now,
        )

        def words(session: Session) -> list[Act]:
            sponsor_words.give(session, word)
            return []

        acts = [_act(one, act_for(data["act"], row.id), row.id) for row in about]
        keep(bridge, visit, *acts, first=words)
        return redirect(url_for("visit.sponsor_room", saved=str(kind)), 303)

    @pages.post("/chain/talks/<step_id>/<manager>")
    def talked_with(step_id: str, manager: str) -> ResponseReturnValue:
        """The talk took place, today; the manager confirms it where the journey asks for it."""
        with bridge.sessions.read() as session:
            visit, found, one = mine(session, step_id)
        pair = next((pair for pair in found.managers if pair[0].id == manager), None)
        if pair is None or not one.with_managers:
            abort(404)
        _open(one, visit)
        data = _read_act()
        person, about = pair
        if any(fact.counterpart == person.account for fact in one.done):
            return redirect(url_for("visit.sponsor_room", saved="talk"), 303)
        talk = Act(
            id=data["act"],
            kind=Kind.TALKED_WITH,
            registration=about.id,
            role=Role.SPONSOR,
            step=one.step,
            counterpart=person.account,
            data={"level": one.step.level or 4},
        )
        keep(bridge, visit, talk)
        return redirect(url_for("visit.sponsor_room", saved="talk"), 303)

    @pages.post("/chain/steps/<step_id>")
    def sponsor_step(step_id: str) -> ResponseReturnValue:
        """A step that a button does: a check-in with the group, a report that was read."""
        with bridge.sessions.read() as session:
            visit, found, one = mine(session, step_id)
        if one.step.type in ("sponsor_message", "content_request") or one.with_managers:
            abort(404)
        _open(one, visit)
        data = _read_act()
        about = found.members if one.step.counterpart == "cohort" else found.members[:1]
        keep(bridge, visit, *(_act(one, act_for(data["act"], row.id), row.id) for row in about))
        return redirect(url_for("visit.sponsor_room", saved="step"), 303)


def _read_act() -> dict[str, Any]:
    try:
        return read(Acting())
    except WrongForm:
        abort(400)


def _act(one: OwnStep, id_: Any, registration: str) -> Act:
    kinds = {"acknowledge": Kind.ACKNOWLEDGED, "recognition": Kind.RECOGNISED, "live_event": Kind.ATTENDED}
    return Act(id_, kinds.get(one.step.type, Kind.COMPLETED), registration, Role.SPONSOR, one.step)


def _open(one: OwnStep, visit: Visit) -> None:
    if one.window.opens > visit.today:
        raise doors.Door(
            403,
            "This step is not open yet",
            f"It opens on {day_words(one.window.opens)}.",
            (("Go back", "to the first page."), doors.HELP_DESK),
            reason="the sponsor's step is not open",
        )


def _page(name: str, visit: Visit, one: OwnStep, form: Form) -> str:
    return render_template(
        f"sponsor/{name}.html",
        visit=visit,
        step=one.step,
        form=form,
        done=day_words(one.done[-1].at.date()) if one.done else None,
        opens=day_words(one.window.opens) if one.window.opens > visit.today else None,
        agenda=AGENDA,
        clean=CLEAN,
        who_link=None,
    )
