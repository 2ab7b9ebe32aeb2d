"""The events of a run, and the list of one: who was there, ticked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import marshmallow as ma
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from lrs_bridge.domain.attending import IN_THE_ROOM, Change, Meeting, Seat, meeting_of, meetings
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.attending import Room, Tick, mark, read_room
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Acting, Form, WrongForm, read
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, listed, number, plural, sentence, span
from lrs_bridge.wiring import Bridge

LONGEST_MINUTES = 24 * 60
_GROUPS = {Role.PARTICIPANT: "Participants", Role.MANAGER: "Managers", Role.SPONSOR: "Sponsors"}
_NO_DAY = "Give the day of the event, for example 24 March."


class TickedList(Acting):
    """`ticked` and `seen` are accounts; `everybody` a role all of whose people were there."""

    on = fields.Date(required=True, error_messages=dict.fromkeys(("required", "null", "invalid"), _NO_DAY))
    ticked = fields.List(fields.String(), load_default=list)
    seen = fields.List(fields.String(), load_default=list)
    everybody = fields.String(load_default="")
    minutes = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, LONGEST_MINUTES, error="Give minutes, from 1 to 1440, or leave it empty."),
        error_messages={"invalid": "Give minutes as a whole number, for example 90, or leave it empty."},
    )

    @ma.pre_load
    def empty_is_nothing(self, data: Any, **_: Any) -> Any:
        """A number field that was left empty is sent as an empty text."""
        plain = {key: data.getlist(key) if key in ("ticked", "seen") else data[key] for key in data}
        if not str(plain.get("minutes", "")).strip():
            plain["minutes"] = None
        return plain


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    @pages.get("/events")
    def events() -> ResponseReturnValue:
        visit, run = who()
        return render_template("facilitator/events.html", visit=visit, rows=_rows(run, visit), who_link=None)

    @pages.get("/events/<step_id>")
    def event(step_id: str) -> ResponseReturnValue:
        visit, run = who()
        meeting = the_meeting(run, step_id)
        day, wrong = _asked_day(run, meeting, visit.today)
        with bridge.sessions.read() as session:
            room = read_room(session, run, meeting, day, visit.now)
        form = Form(errors={"on": wrong} if wrong else {})
        return room_page(visit, run, room, form), 422 if wrong else 200

    @pages.post("/events/<step_id>")
    def tick_event(step_id: str) -> ResponseReturnValue:
        visit, run = who()
        meeting = the_meeting(run, step_id)
        try:
            data = read(TickedList())
            day_is_possible(run, data["on"], visit.today)
        except WrongForm as wrong:
            day, _ = _asked_day(run, meeting, visit.today)
            with bridge.sessions.read() as session:
                room = read_room(session, run, meeting, day, visit.now)
            return room_page(visit, run, room, wrong.form), 422
        with bridge.sessions.write() as session:
            room = read_room(session, run, meeting, data["on"], visit.now)
            everybody = {seat.account for seat in room.seats if seat.role == data["everybody"]}
            ticked = Tick(visit.account, {*data["ticked"], *everybody}, data["seen"], data["act"], data["minutes"])
            change = mark(session, run, room, ticked, visit.now)
        bridge.poke()
        return redirect(after(step_id, data["on"], change), 303)


def who() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, Role.FACILITATOR)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def the_meeting(run: RunRow, step_id: str) -> Meeting:
    meeting = meeting_of(run.journey, step_id)
    if meeting is None:
        raise doors.door_for(404)
    return meeting


def after(step_id: str, day: date, change: Change) -> str:
    """Back to the list, with what was changed in its address."""
    come = len({one.seat.account for one in change.come})
    gone = len({fact.actor for fact in change.gone})
    return url_for("visit.event", step_id=step_id, on=day.isoformat(), come=come, gone=gone)


def day_is_possible(run: RunRow, day: date, today: date) -> None:
    """Raises WrongForm for a day to come, and for one long before the run."""
    wrong = _why_not(run, day, today)
    if wrong is not None:
        raise WrongForm({"on": wrong})


def _why_not(run: RunRow, day: date, today: date) -> str | None:
    if day > today:
        return "That day is still to come. Give the day of the event."
    if (run.day_zero - day).days > 366:
        return "That is more than a year before the run. Give the day of the event."
    return None


def _asked_day(run: RunRow, meeting: Meeting, today: date) -> tuple[date, str | None]:
    """The day in the address, or when the event was planned, today at the latest; and what is wrong with it."""
    planned = min(today, meeting.step.window(run.day_zero, None).opens)
    given = request.values.get("on", "")
    if not given:
        return planned, None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return planned, f"There is no such day. {_NO_DAY}"
    wrong = _why_not(run, day, today)
    return (planned, wrong) if wrong else (day, None)


def _rows(run: RunRow, visit: Visit) -> list[dict[str, object]]:
    found = []
    for meeting in meetings(run.journey):
        window = meeting.step.window(run.day_zero, None)
        roles = [_GROUPS[role].lower() for role in IN_THE_ROOM if role in meeting.own]
        found.append(
            {
                "id": meeting.step.id,
                "title": meeting.step.title,
                "when": span(window.opens, window.due),
                "own": f"A step of {listed(roles)}." if roles else "",
                "later": window.opens > visit.today,
            }
        )
    return found


def room_page(visit: Visit, run: RunRow, room: Room, form: Form) -> str:
    step = room.meeting.step
    window = step.window(run.day_zero, None)
    groups = [group for role in IN_THE_ROOM if (group := _group(room, role, form)) is not None]
    return render_template(
        "facilitator/room.html",
        visit=visit,
        step=step,
        planned=span(window.opens, window.due),
        day=room.day,
        told=_told(),
        form=form,
        groups=groups,
        seen=[seat.account for seat in room.seats if seat.said],
        aside=plural(room.aside, "participant") if room.aside else None,
        leaders=_leaders_there(room),
        who_link=None,
    )


def _group(room: Room, role: Role, form: Form) -> dict[str, object] | None:
    seats = room.of(role)
    if not seats:
        return None
    return {
        "role": str(role),
        "title": _GROUPS[role],
        "there": sum(seat.present for seat in seats),
        "of": len(seats),
        "seats": [_seat(seat, form) for seat in seats],
    }


def _seat(seat: Seat, form: Form) -> dict[str, object]:
    ticked = form.chosen("ticked", seat.account) if form.data is not None else seat.present
    return {"account": seat.account, "name": seat.name, "ticked": ticked, "says": _says(seat), "fixed": seat.elsewhere}


def _says(seat: Seat) -> str | None:
    if seat.elsewhere:
        return "Another system says so."
    if seat.other_days and not seat.said:
        return f"There on {listed([day_words(day) for day in seat.other_days])}."
    return None


def _leaders_there(room: Room) -> str | None:
    """How many leaders were in the room, in a sentence; their presence is half of what a kick-off is for."""
    seats: Sequence[Seat] = [*room.of(Role.MANAGER), *room.of(Role.SPONSOR)]
    if not seats:
        return None
    there = sum(seat.present for seat in seats)
    return f"{sentence(number(there)) if there else 'None'} of {plural(len(seats), 'leader')} in the room"


def _told() -> str | None:
    """What the list changed, from the address of the page."""
    come, gone = (request.args.get(name, 0, int) for name in ("come", "gone"))
    if "come" not in request.args:
        return None
    parts = [f"{plural(come, 'person was', 'people were')} added" if come else ""]
    parts.append(f"{plural(gone, 'person was', 'people were')} taken off" if gone else "")
    text = listed([part for part in parts if part])
    return f"{sentence(text)}." if text else "The list is as it was."
