"""Presence from a list: pasted or sent, looked at line by line, and done when somebody says so."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from lrs_bridge.domain.attending import Seat
from lrs_bridge.domain.roll_call import LONGEST, Guest, Line, read_roll
from lrs_bridge.flows.attending import Room, Tick, mark, read_room
from lrs_bridge.journeyfile.sheets import NotText, decoded
from lrs_bridge.web.facilitator.events import after, day_is_possible, room_page, the_meeting, who
from lrs_bridge.web.forms import Acting, WrongForm, read
from lrs_bridge.web.visits import Visit
from lrs_bridge.wiring import Bridge

_NOTHING = "Paste some lines, or choose a file."
_SHOWN = 200


class _Roll(Acting):
    on = fields.Date(required=True, error_messages=dict.fromkeys(("required", "null", "invalid"), "Give the day."))
    lines = fields.String(load_default="")
    sure = fields.String(load_default="")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the dry run, whose page sends the same list again when it is to be done."""

    @pages.post("/events/<step_id>/list")
    def roll_of_event(step_id: str) -> ResponseReturnValue:
        visit, run = who()
        meeting = the_meeting(run, step_id)
        try:
            data = read(_Roll())
            day_is_possible(run, data["on"], visit.today)
            text = _sent(data["lines"])
        except WrongForm as wrong:
            with bridge.sessions.read() as session:
                room = read_room(session, run, meeting, visit.today, visit.now)
            return room_page(visit, run, room, wrong.form), 422
        if data["sure"] != "yes":
            with bridge.sessions.read() as session:
                room = read_room(session, run, meeting, data["on"], visit.now)
            return _dry_run(visit, room, read_roll(text, _guests(room)), text, data["act"])
        with bridge.sessions.write() as session:
            room = read_room(session, run, meeting, data["on"], visit.now)
            meant = {line.account for line in read_roll(text, _guests(room)) if line.account}
            change = mark(session, run, room, Tick(visit.account, meant, (), data["act"]), visit.now)
        bridge.poke()
        return redirect(after(step_id, data["on"], change), 303)


def _sent(lines: str) -> str:
    """The file, or what was pasted. Raises WrongForm."""
    file = request.files.get("file")
    if file is None or not file.filename:
        text = lines
    else:
        try:
            text = decoded(file.read()).text
        except NotText as problem:
            raise WrongForm({"file": f"The file cannot be read: {problem}"}) from problem
    if not text.strip():
        raise WrongForm({"lines": _NOTHING})
    if len(text) > LONGEST:
        raise WrongForm({"lines": "That is more than 100,000 characters. Split the list."})
    return text


def _guests(room: Room) -> list[Guest]:
    return [Guest(seat.account, seat.name, seat.email) for seat in room.seats]


def _dry_run(visit: Visit, room: Room, lines: tuple[Line, ...], text: str, act: UUID) -> str:
    seats = {seat.account: seat for seat in room.seats}
    first: dict[str, Line] = {}
    for line in lines:
        if line.account:
            first.setdefault(line.account, line)
    found = [_found(seats[account], line) for account, line in first.items()]
    problems = [line for line in lines if line.problem]
    return render_template(
        "facilitator/roll.html",
        visit=visit,
        step=room.meeting.step,
        day=room.day,
        act=act,
        text=text,
        new=[one for one in found if not one["known"]],
        known=[one["name"] for one in found if one["known"]],
        problems=problems[:_SHOWN],
        more=max(0, len(problems) - _SHOWN),
        who_link=None,
    )


def _found(seat: Seat, line: Line) -> dict[str, object]:
    return {"name": seat.name, "role": str(seat.role), "line": line.number, "known": seat.present}
