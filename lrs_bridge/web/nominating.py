"""Whom a participant names: their manager, a coach, a mentor or a peer, until somebody confirms it or they take it
back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows import nominate, nomination_letters
from lrs_bridge.flows.relating import CannotChange, Hand
from lrs_bridge.store import enrolments, nominations, people
from lrs_bridge.store.nominations import Nomination, NominationState
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Acting, Form, Trimmed, WrongForm, one_of, read
from lrs_bridge.web.people.folk import days, role_word
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, sentence
from lrs_bridge.wiring import Bridge

_SAVED = {
    "named": "They confirm it by a message, or whoever looks after the run does. Until then they see nothing of yours.",
    "back": "It is taken back, and nobody is told.",
}
_SAYS = {
    Role.MANAGER: "Whom you work for: sees which steps took place and the moments you ask them to confirm",
    Role.COACH: "Coaches you in this journey",
    Role.MENTOR: "Meets and advises you",
    Role.PEER: "Learns side by side with you",
}
_STATES = {
    NominationState.WAITING: ("clock", None, "Not confirmed yet"),
    NominationState.CONFIRMED: ("check", "done", "Confirmed"),
    NominationState.REFUSED: ("alert", "care", "Not confirmed: ask your course teacher"),
    NominationState.WITHDRAWN: ("minus", None, "Taken back"),
}


class _Naming(Acting):
    role = one_of([str(role) for role in nominate.NAMED], "Choose what they are to you.")
    name = Trimmed(load_default="", validate=validate.Length(max=200, error="That is longer than 200 characters."))
    email = fields.String(
        required=True,
        validate=validate.Length(min=1, max=320, error="Give their e-mail."),
        error_messages=dict.fromkeys(("required", "null", "invalid"), "Give their e-mail."),
    )


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page and its two forms to the blueprint of the visit."""

    @pages.get("/with-me")
    def with_me() -> ResponseReturnValue:
        visit, run = _who()
        return _page(bridge, visit, run, Form(start={"role": str(Role.MANAGER)}))

    @pages.post("/with-me")
    def name_somebody() -> ResponseReturnValue:
        visit, run = _who()
        try:
            data = read(_Naming())
            with bridge.sessions.write() as session:
                person = people.get_person(session, visit.tenant_id, visit.person_id)
                if person is None:
                    raise doors.door_for(404)
                role, email = Role(data["role"]), data["email"].strip()
                hand = _hand(visit, run)
                row = nominate.nominate(session, hand, person, role, email, data["name"], data["act"])
                nomination_letters.tell(session, bridge.settings.secret_key, run, row, visit.now)
        except WrongForm as wrong:
            return _page(bridge, visit, run, wrong.form), 422
        except CannotChange as problem:
            return _page(bridge, visit, run, WrongForm({problem.field: str(problem)}).form), 422
        bridge.poke()
        return redirect(url_for("visit.with_me", saved="named"), 303)

    @pages.post("/with-me/<nomination_id>/back")
    def take_name_back(nomination_id: str) -> ResponseReturnValue:
        visit, run = _who()
        with bridge.sessions.write() as session:
            row = nominations.get(session, visit.tenant_id, run.id, nomination_id)
            if row is None or row.person_id != visit.person_id:
                raise doors.door_for(404)
            if row.waits:
                nominate.withdraw(session, _hand(visit, run), row)
        return redirect(url_for("visit.with_me", saved="back"), 303)


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, Role.PARTICIPANT)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _hand(visit: Visit, run: RunRow) -> Hand:
    return Hand(run, visit.now, nominate.NOMINATION, visit.person_id)


def _page(bridge: Bridge, visit: Visit, run: RunRow, form: Form) -> str:
    with bridge.sessions.read() as session:
        named = nominations.of_person(session, visit.tenant_id, run.id, visit.person_id)
        beside = _with_me(session, visit, run)
    return render_template(
        "with_me.html",
        visit=visit,
        who_link=None,
        form=form,
        saved=_SAVED.get(request.args.get("saved", "")),
        roles=[{"value": str(role), "text": sentence(role_word(role)), "more": _SAYS[role]} for role in nominate.NAMED],
        named=[_named(one, run) for one in named[:50]],
        beside=beside,
    )


def _with_me(session: Session, visit: Visit, run: RunRow) -> list[dict[str, str]]:
    rows = enrolments.relations_of(session, visit.tenant_id, run.id, [visit.person_id]).get(visit.person_id, [])
    now = [row for row in rows if row.span.holds_on(visit.today)]
    known = people.people_by_id(session, visit.tenant_id, [row.other_id for row in now])
    return [
        {
            "text": f"{sentence(role_word(row.kind))}: {known[row.other_id].name or 'somebody who has not come yet'}",
            "days": sentence(days(row.start, row.end)),
        }
        for row in now
    ]


def _named(one: Nomination, run: RunRow) -> dict[str, Any]:
    sign, kind, text = _STATES[NominationState(one.state)]
    when = (one.decided or one.made).astimezone(run.run.zone).date()
    return {
        "id": one.id,
        "what": f"{sentence(role_word(one.role))}: {one.name or one.email}",
        "email": one.email if one.name else None,
        "sign": sign,
        "kind": kind,
        "text": f"{text}, {day_words(when)}",
        "waits": one.waits,
    }
