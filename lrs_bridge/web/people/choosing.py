"""Giving a role: which, to whom (somebody known, or a name and an e-mail), from when to when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import marshmallow as ma
from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.relating import GIVEN, RELATED
from lrs_bridge.flows import giving
from lrs_bridge.flows.directory import Somebody
from lrs_bridge.flows.relating import CannotChange
from lrs_bridge.store import enrolments, people, people_changes, people_search, relations
from lrs_bridge.store.people import PersonRow
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Acting, Form, Trimmed, WrongForm, read
from lrs_bridge.web.people.desk import Desk
from lrs_bridge.web.people.folk import role_word
from lrs_bridge.web.words import first_name, possessive, sentence
from lrs_bridge.wiring import Bridge

MOST = 20
SHORTEST = 2
_SAYS: Mapping[Role, str] = {
    Role.MANAGER: "Sees which steps took place and the moments to confirm",
    Role.COACH: "Coaches, with notes of their own",
    Role.MENTOR: "Meets and advises",
    Role.PEER: "Learns side by side, may confirm moments",
    Role.SPONSOR: "The manager’s manager: sees totals of five people or more",
    Role.EVALUATOR: "Runs the study; sees what took place, by name. Each look is noted",
    Role.ASSESSOR: "Scores on rubrics, without names",
    Role.GOAL_OWNER: "Says what the business wanted, and what came of it",
}
_NO_DAY = "There is no such day. Give it as 2026-03-31, or leave it empty."
_DAY_WRONG: dict[str, Any] = dict.fromkeys(("invalid", "null"), _NO_DAY)


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[..., Desk], prefix: str) -> None:
    """Add the form, in which a search is a GET that keeps what was chosen."""

    @pages.get(f"{prefix}/everybody/give")
    def choose_person(**place: str) -> ResponseReturnValue:
        desk = desk_of(**place)
        start = {"role": request.args.get("role", ""), "from": request.args.get("from", "")}
        return _page(bridge, desk, Form(start=start))

    @pages.post(f"{prefix}/everybody/give")
    def give_role(**place: str) -> ResponseReturnValue:
        desk = desk_of(**place)
        for_id = request.form.get("for", "")
        try:
            data = read(_Give(_roles(for_id)))
            with bridge.sessions.write() as session:
                hand = desk.hand(str(data["act"]))
                if people_changes.of_act(session, desk.tenant_id, desk.run.id, hand.act):
                    return redirect(desk.url("everybody"), 303)  # the same form twice is the same as once
                who = _who(session, desk, data)
                role = Role(data["role"])
                if for_id:
                    named = giving.name_leader(session, hand, for_id, who, role, data["from"], data["until"])
                else:
                    named = giving.give_role(session, hand, who, role, data["from"], data["until"])
                there, left = for_id or named.person.id, named.left
        except CannotChange as problem:
            return _page(bridge, desk, WrongForm({problem.field: str(problem)}).form), 422
        except WrongForm as wrong:
            return _page(bridge, desk, wrong.form), 422
        bridge.poke()
        saved = "given_out" if left else "given"
        return redirect(desk.url("one_of_all", person_id=there, saved=saved, act=hand.act), 303)


class _Give(Acting):
    who = Trimmed(load_default="")
    name = Trimmed(load_default="", validate=validate.Length(max=200, error="That is longer than 200 characters."))
    email = Trimmed(load_default="", validate=validate.Length(max=320, error="That is longer than an e-mail can be."))
    start = fields.Date(load_default=None, data_key="from", allow_none=True, error_messages=_DAY_WRONG)
    until = fields.Date(load_default=None, allow_none=True, error_messages=_DAY_WRONG)

    def __init__(self, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.roles = roles

    role = fields.String(required=True, error_messages=dict.fromkeys(("required", "null", "invalid"), "Choose a role."))

    @ma.pre_load
    def empty_days(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A date field that was left empty is sent as an empty text."""
        return {
            key: None if key in ("from", "until") and not str(value).strip() else value for key, value in data.items()
        }

    @ma.validates_schema
    def role_fits(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("role") not in {str(role) for role in self.roles}:
            raise ma.ValidationError("Choose a role.", "role")
        if not data.get("who") and not data.get("email"):
            raise ma.ValidationError("Choose somebody you found, or give an e-mail.", "who")

    @ma.post_load
    def name_days(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "from": data.pop("start")}


def _roles(for_id: str) -> Sequence[Role]:
    return RELATED if for_id else GIVEN


def _who(session: Session, desk: Desk, data: Mapping[str, Any]) -> Somebody:
    if data["who"] and data["who"] != "new":
        return giving.known_person(session, desk.run, data["who"])
    if not data["email"]:
        raise CannotChange("Give their e-mail, or choose somebody you found.", "email")
    return giving.by_email(session, desk.run, data["email"], data["name"])


def _page(bridge: Bridge, desk: Desk, form: Form) -> str:
    typed = request.form if request.method == "POST" else request.args
    for_id, words = typed.get("for", ""), " ".join(typed.get("q", "").split())[:100]
    with bridge.sessions.read() as session:
        person = _person(session, desk, for_id) if for_id else None
        roles = _offered(session, desk, person) if person else GIVEN
        found = people_search.known_to(session, desk.run, words, MOST + 1) if len(words) >= SHORTEST else ()
        near = relations.leader_ids(session, desk.run, (*RELATED, *GIVEN)) | _enrolled(session, desk, found)
    if person:
        title, back = f"Who is with {person.shown_name}", desk.url("one_of_all", person_id=person.id)
    else:
        title, back = "Give a role in this run", desk.url("everybody")
    return desk.page(
        "people/give.html",
        form=form,
        title=title,
        back={"href": back, "text": person.shown_name if person else "People"},
        for_id=for_id,
        first=first_name(person.shown_name) if person else None,
        roles=[_option(role, person) for role in roles],
        q=words,
        too_short=bool(words) and len(words) < SHORTEST,
        found=[{"value": one.id, "text": one.shown_name, "more": _told(one, near)} for one in found[:MOST]],
        more=len(found) > MOST,
        search=desk.url("choose_person"),
        send=desk.url("give_role"),
    )


def _option(role: Role, person: PersonRow | None) -> dict[str, str]:
    text = sentence(role_word(role))
    if role is Role.SPONSOR and person is not None:
        text = f"{possessive(first_name(person.shown_name))} own manager (sponsor)"
    return {"value": str(role), "text": text, "more": _SAYS[role]}


def _offered(session: Session, desk: Desk, person: PersonRow) -> Sequence[Role]:
    """A participant has a manager and others beside them; a manager has a sponsor."""
    inside = enrolments.enrolment_of(session, desk.tenant_id, desk.run.id, person.id) is not None
    leads = person.id in relations.leader_ids(session, desk.run, (Role.MANAGER,))
    beside = tuple(role for role in RELATED if role is not Role.SPONSOR)
    return (*(beside if inside else ()), *((Role.SPONSOR,) if leads else ()))


def _person(session: Session, desk: Desk, person_id: str) -> PersonRow:
    person = people.get_person(session, desk.tenant_id, person_id)
    if person is None or not people_search.has_part(session, desk.tenant_id, desk.run.id, person_id):
        raise doors.door_for(404)
    return person


def _enrolled(session: Session, desk: Desk, found: Sequence[PersonRow]) -> frozenset[str]:
    known = enrolments.enrolments_of_people(session, desk.tenant_id, [one.id for one in found])
    return frozenset(id_ for id_, rows in known.items() if any(row.run_id == desk.run.id for row in rows))


def _told(one: PersonRow, near: frozenset[str]) -> str:
    """What tells two of one name apart, and no more of people who have no part here than that."""
    if not one.email:
        return "No e-mail is known"
    if one.id in near:
        return one.email
    name, _, host = one.email.partition("@")
    return f"{name[:1]}…@{host}"
