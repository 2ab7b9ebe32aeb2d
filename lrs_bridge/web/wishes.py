"""What a person wants to get: from their own page, and by the link in every letter, which needs no visit.

The link's page is where `List-Unsubscribe` leads: one POST with `List-Unsubscribe=One-Click` (RFC 8058) stops it all,
and carries no mark of ours, since a mail program sends it. Opening the page changes nothing.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from sqlalchemy.orm import Session

from lrs_bridge.domain.reminders import Wishes
from lrs_bridge.mail import writing
from lrs_bridge.store import message_wishes, people
from lrs_bridge.store.people import PersonRow
from lrs_bridge.web import doors, security
from lrs_bridge.web.flood import Flood
from lrs_bridge.web.forms import WrongForm, one_of, read
from lrs_bridge.web.visits import current
from lrs_bridge.wiring import Bridge

_ONE_CLICK = "One-Click"


class _Choice(ma.Schema):
    weekly = fields.Boolean(load_default=False)
    morning = fields.Boolean(load_default=False)
    language = one_of(tuple(writing.languages()), "Choose one of the languages.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/messages")
    def messages() -> ResponseReturnValue:
        visit = current()
        with bridge.sessions.read() as session:
            content = _content(session, visit.tenant_id, visit.person_id)
        return render_template("messages.html", visit=visit, saved=request.args.get("saved"), **content)

    @pages.post("/messages")
    def choose_messages() -> ResponseReturnValue:
        visit = current()
        _keep(bridge, visit.tenant_id, visit.person_id)
        return redirect(url_for("visit.messages", saved="yes"), 303)


def wish_pages(bridge: Bridge) -> Blueprint:
    """`/mail/<token>`: the same by the link in a letter."""
    pages = Blueprint("wishes", __name__, url_prefix="/mail")
    flood = Flood(bridge.settings.wrong_per_minute, "links to wishes")
    key = bridge.settings.secret_key

    @pages.before_request
    def alone() -> None:
        g.frame_ancestors = ()

    def whose(session: Session, token: str) -> PersonRow:
        person_id = message_wishes.person_of(key, token)
        person = session.get(PersonRow, person_id) if person_id else None
        if person is None:
            flood.count(request.remote_addr, bridge.clock())
            raise _unknown()
        return person

    @pages.get("/<token>")
    def look(token: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            person = whose(session, token)
            content = _content(session, person.tenant_id, person.id)
        csrf = security.csrf_token(token, key)
        return render_template(
            "messages_by_link.html", csrf=csrf, here=request.path, saved=request.args.get("saved"), **content
        )

    @pages.post("/<token>")
    def choose(token: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            person = whose(session, token)
        if request.form.get("List-Unsubscribe") == _ONE_CLICK:
            with bridge.sessions.write() as session:
                stopped = Wishes(weekly=False, morning=False)
                message_wishes.wish(session, person.tenant_id, person.id, stopped, bridge.clock())
            return "Stopped.\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
        if not security.csrf_fits(request.form.get("csrf"), token, key):
            raise doors.reload_first()
        _keep(bridge, person.tenant_id, person.id)
        return redirect(url_for("wishes.look", token=token, saved="yes"), 303)

    return pages


def _keep(bridge: Bridge, tenant_id: str, person_id: str) -> None:
    try:
        data: dict[str, Any] = read(_Choice())
    except WrongForm as wrong:
        raise doors.door_for(400) from wrong
    wishes = Wishes(data["weekly"], data["morning"])
    with bridge.sessions.write() as session:
        message_wishes.wish(session, tenant_id, person_id, wishes, bridge.clock(), data["language"])


def _content(session: Session, tenant_id: str, person_id: str) -> dict[str, Any]:
    """What the page shows: the address as it is known to the person themselves, never more than a hint of it."""
    person = people.get_person(session, tenant_id, person_id)
    row = message_wishes.wishes_of(session, tenant_id, [person_id]).get(person_id)
    told = row.language if row and row.language else person.locale if person else None
    return {
        "wishes": row.wishes if row else Wishes(),
        "language": writing.nearest(told),
        "languages": writing.languages(),
        "address": _hint(person.email) if person and person.email else None,
    }


def _hint(address: str) -> str:
    """p…@example.org"""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _unknown() -> doors.Door:
    return doors.Door(
        403,
        "This link does not open anything",
        "A part of it is missing, or it is not one of ours. Nothing was changed.",
        (("Copy the whole link", "from the foot of one of our messages."), doors.HELP_DESK),
        reason="the link to what a person gets is unknown",
    )
