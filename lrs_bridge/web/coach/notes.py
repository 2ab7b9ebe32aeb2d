"""Notes: written by the coach on a person's page, by the coachee on theirs; taken away by whoever wrote them."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.store import coaching_notes
from lrs_bridge.web import doors
from lrs_bridge.web.coach import pairs
from lrs_bridge.web.coach.coachee import show_coachee
from lrs_bridge.web.forms import Acting, WrongForm, read, text
from lrs_bridge.web.visits import current
from lrs_bridge.wiring import Bridge


class NoteForm(Acting):
    """A few sentences."""

    note = text("Write a sentence or two.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add writing and taking away to the blueprint of the visit."""

    @pages.post("/coaching/<enrolment>/notes")
    def write_note(enrolment: str) -> ResponseReturnValue:
        visit = current()
        with bridge.sessions.read() as session:
            one = pairs.one_of(session, visit, enrolment)
        if not one.today:
            raise doors.not_yours("You are no longer their coach, so nothing new is written.", "a former coach")
        try:
            data = read(NoteForm())
        except WrongForm as wrong:
            return show_coachee(bridge, enrolment, wrong.form), 422
        pair, seal = pairs.pair(visit, enrolment, visit.person_id), pairs.seal(bridge)
        with bridge.sessions.write() as session:
            coaching_notes.write(session, seal, pair, visit.person_id, str(data["act"]), data["note"], visit.now)
        return redirect(url_for("visit.coachee", enrolment=enrolment, saved="note", _anchor="notes"), 303)

    @pages.post("/coaching/<enrolment>/notes/<note>/away")
    def remove_note(enrolment: str, note: str) -> ResponseReturnValue:
        visit = current()
        with bridge.sessions.write() as session:
            pairs.one_of(session, visit, enrolment)
            if not coaching_notes.remove(session, visit.tenant_id, note, visit.person_id):
                abort(404)
        return redirect(url_for("visit.coachee", enrolment=enrolment, saved="gone", _anchor="notes"), 303)
