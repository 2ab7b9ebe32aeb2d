"""The page of messages: what was and is to be said, and where no mail server is set, the letters themselves.

With a mail server nobody here sees a letter's words or its links: they go to whom they are for, and to nobody else.
Without one, somebody has to pass them on by hand, so the page of a letter shows it, as a file for a mail program, too.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma
from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from lrs_bridge.domain.mailing import Letter, Mailbox, is_address
from lrs_bridge.flows.letters import NoLetter, compose
from lrs_bridge.mail.envelope import message_of
from lrs_bridge.store import message_links, message_wishes, messages, people
from lrs_bridge.store.messages import MessageRow, MessageState
from lrs_bridge.web import doors
from lrs_bridge.web.admin.visit import AdminVisit, current, page
from lrs_bridge.web.forms import Form, Trimmed, WrongForm, read
from lrs_bridge.web.words import when
from lrs_bridge.wiring import Bridge

_UTC = ZoneInfo("UTC")
SHOWN = 100
KINDS = {
    "week": "This week",
    "morning": "A morning’s news",
    "invitation": "Invitation and notice",
    "link": "A link that was asked for",
    "rating": "Somebody’s view is asked for",
    "nomination": "Somebody was named",
    "review": "A work to look at again",
}
STATES = {
    MessageState.WAITING: ("Waiting", "", "clock"),
    MessageState.SENT: ("Sent", "done", "check"),
    MessageState.BY_HAND: ("Passed on by hand", "done", "check"),
    MessageState.REFUSED: ("Refused", "stop", "alert"),
    MessageState.UNSURE: ("May have arrived", "care", "alert"),
    MessageState.STALE: ("Too late to be of use", "", "clock"),
    MessageState.DROPPED: ("Not sent", "", "eye"),
}


def _is_good(address: str) -> None:
    if address and not (is_address(address) and address.isascii()):
        raise ma.ValidationError("Give one address, for example learning@example.org.")


class _Sender(ma.Schema):
    address = Trimmed(load_default="", validate=_is_good)
    name = Trimmed(
        load_default="",
        validate=[
            validate.Length(max=100, error="Give a name of 100 characters at most."),
            validate.Regexp(r"^[^\x00-\x1f\x7f<>]*\Z", error="Give a name in one line, without angle brackets."),
        ],
    )


class _Ask(ma.Schema):
    person = fields.String(required=True)


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the pages and their buttons to the administrator's blueprint."""

    def shown(form: Form | None = None) -> str:
        admin = current()
        with bridge.sessions.read() as session:
            rows = messages.latest(session, admin.tenant_id, SHOWN)
            known = people.people_by_id(session, admin.tenant_id, [row.person_id for row in rows])
            sender = message_wishes.sender_of(session, admin.tenant_id)
            standing = messages.counts(session, admin.tenant_id)
        start = {"address": sender.address, "name": sender.name} if sender else {}
        return page(
            "admin/messages.html",
            "messages",
            request.args.get("saved"),
            rows=[_line(row, known[row.person_id].shown_name if row.person_id in known else "Nobody") for row in rows],
            standing=[(STATES[MessageState(state)][0], count) for state, count in sorted(standing.items())],
            by_mail=bridge.postman is not None,
            default=bridge.desk.sender,
            form=form or Form(start=start),
        )

    @rooms.get("/messages")
    def messages_() -> ResponseReturnValue:
        return shown()

    @rooms.post("/messages/sender")
    def set_sender() -> ResponseReturnValue:
        try:
            data = read(_Sender())
        except WrongForm as wrong:
            return shown(wrong.form), 422
        admin = current()
        sender = Mailbox(data["address"], data["name"]) if data["address"] else None
        with bridge.sessions.write() as session:
            message_wishes.set_sender(session, admin.tenant_id, sender)
        return redirect(url_for("admin.messages_", saved="sender"), 303)

    @rooms.get("/messages/<message_id>")
    def message(message_id: str) -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            row = _row(session, admin, message_id)
            person = people.get_person(session, admin.tenant_id, row.person_id)
            letter, problem = _letter(session, bridge, row, admin)
        return page(
            "admin/message.html",
            "messages",
            request.args.get("saved"),
            row=row,
            line=_line(row, person.shown_name if person else "Nobody"),
            letter=letter,
            problem=problem,
            paragraphs=_with_links(letter.text, bridge.settings.base_url) if letter else [],
            by_mail=bridge.postman is not None,
        )

    @rooms.get("/messages/<message_id>/letter.eml")
    def letter_file(message_id: str) -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.read() as session:
            letter, _ = _letter(session, bridge, _row(session, admin, message_id), admin)
        if letter is None:
            abort(404)
        answer = Response(message_of(letter, draft=True), mimetype="message/rfc822")
        answer.headers["Content-Disposition"] = 'attachment; filename="letter.eml"'
        return answer

    @rooms.post("/messages/<message_id>/by-hand")
    def passed_on(message_id: str) -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            row = _row(session, admin, message_id)
            if row.state == MessageState.WAITING and bridge.postman is None:
                messages.sent(session, row.id, admin.now, by_hand=True)
        return redirect(url_for("admin.messages_", saved="by_hand"), 303)

    @rooms.post("/messages/<message_id>/again")
    def send_again(message_id: str) -> ResponseReturnValue:
        admin = current()
        with bridge.sessions.write() as session:
            messages.again(session, admin.tenant_id, _row(session, admin, message_id).id, admin.now)
        return redirect(url_for("admin.messages_", saved="mail_again"), 303)

    @rooms.post("/messages/<message_id>/revoke")
    def revoke_links(message_id: str) -> ResponseReturnValue:
        """Close all open links of whoever this letter is for."""
        admin = current()
        with bridge.sessions.write() as session:
            row = _row(session, admin, message_id)
            message_links.revoke_all(session, admin.tenant_id, row.person_id, admin.now)
        return redirect(url_for("admin.message", message_id=message_id, saved="revoked_links"), 303)


def _row(session: Session, admin: AdminVisit, message_id: str) -> MessageRow:
    row = messages.get_message(session, admin.tenant_id, message_id)
    if row is None:
        raise doors.door_for(404)
    return row


def _letter(session: Session, bridge: Bridge, row: MessageRow, admin: AdminVisit) -> tuple[Letter | None, str | None]:
    """The letter where somebody has to pass it on, else why it is not shown."""
    if bridge.postman is not None:
        return (
            None,
            "A letter’s words and links are for its reader. They are shown here only where no mail server is set.",
        )
    if row.state != MessageState.WAITING or row.content is None:
        return None, "The words of a letter are kept only until it is out."
    try:
        return compose(session, bridge.desk, row, admin.now), None
    except NoLetter as nothing:
        return None, str(nothing)


def _line(row: MessageRow, name: str) -> dict[str, Any]:
    text, kind, sign = STATES[MessageState(row.state)]
    waits = row.state == MessageState.WAITING
    return {
        "id": row.id,
        "name": name,
        "what": KINDS.get(row.kind, row.kind),
        "chip": {"text": text, "kind": kind, "sign": sign},
        "since": when(row.created, _UTC),
        "sent": when(row.sent, _UTC) if row.sent else None,
        "next": when(row.next_at, _UTC) if waits else None,
        "reason": row.reason,
        "again": row.state in messages.TROUBLED and row.content is not None,
        "waits": waits,
    }


def _with_links(text: str, base_url: str) -> list[list[list[tuple[str, str | None]]]]:
    """Paragraphs of a plain text as lines, these as pieces, each with an address where it is one of ours."""
    blocks = (block.splitlines() for block in text.split("\n\n"))
    return [[_pieces(line, base_url) for line in lines if line.strip()] for lines in blocks if lines]


def _pieces(line: str, base_url: str) -> list[tuple[str, str | None]]:
    start = line.find(f"{base_url}/")
    return [(line, None)] if start < 0 else [(line[:start], None), (line[start:], line[start:])]
