"""Logging a moment, a chance that did not come, and the words that go to and fro about moments and talks."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.people import Role
from lrs_bridge.store import replies
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import again, audiences, doors, moments, peers, rows, situations, step_forms
from lrs_bridge.web.acts import Act, keep
from lrs_bridge.web.forms import Acting, Form, WrongForm, one_of, read, text
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import first_name
from lrs_bridge.wiring import Bridge

_SAVED_BEFORE = "To change it, take the moment back on your journey and log it as it was."


class _Word(Acting):
    word = one_of(("yes", "no"), "Say whether it took place.")


class _Reply(Acting):
    words = text("Write one sentence.")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the pages to the blueprint of the visit."""

    def own(session: Session) -> tuple[Visit, RunRow, Situation]:
        visit = current()
        needs(visit, Role.PARTICIPANT)
        if visit.run_row is None or visit.enrolment is None:
            abort(404)
        return visit, visit.run_row, situations.own(session, visit.run_row, visit.enrolment, visit.now)

    @pages.get("/log")
    def log() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, run, situation = own(session)
            colleagues = peers.of(session, run, visit.person_id, visit.today)
        return log_page(visit, situation, colleagues, moments.fresh(situation, request.args.get("step")))

    @pages.post("/log")
    def log_moment() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, run, situation = own(session)
            colleagues = peers.of(session, run, visit.person_id, visit.today)
        _moments_open(situation)
        try:
            data = read(moments.schema(situation, [one.value for one in colleagues]))
        except WrongForm as wrong:
            return log_page(visit, situation, colleagues, wrong.form), 422
        if again.sent(situation, moments.as_sent(situation, data)) is again.Sent.CHANGED:
            raise again.saved_before(_SAVED_BEFORE)
        keep(bridge, visit, first=lambda session: [moments.act(session, visit, situation, data)])
        return redirect(url_for("visit.journey", saved=_told(situation, data["ask"] == "yes", data["ask_peer"])), 303)

    @pages.get("/no-chance")
    def no_chance() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        return _no_chance_page(visit, situation, Form(start={"when": "today"}))

    @pages.post("/no-chance")
    def log_no_chance() -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        _moments_open(situation)
        try:
            data = read(moments.no_chance_schema(situation))
        except WrongForm as wrong:
            return _no_chance_page(visit, situation, wrong.form), 422
        act = moments.no_chance(situation, data)
        if again.sent(situation, act) is again.Sent.CHANGED:
            raise again.saved_before(_SAVED_BEFORE)
        keep(bridge, visit, act)
        return redirect(url_for("visit.journey", saved="none"), 303)

    @pages.post("/moments/<statement>/back")
    def take_back(statement: str) -> ResponseReturnValue:
        """The participant voids a moment of their own; what was said about it goes with it."""
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        fact = situation.by_id.get(statement)
        if fact is None or fact.kind not in moments.KINDS or fact.actor != visit.account:
            abort(404)
        try:
            data = read(Acting())
        except WrongForm:
            abort(400)
        keep(bridge, visit, moments.back(situation, fact, data))
        return redirect(url_for("visit.journey", saved="back"), 303)

    @pages.post("/words/<statement>/reply")
    def reply(statement: str) -> ResponseReturnValue:
        """A sentence back to whoever confirmed or disputed one of the participant's moments."""
        with bridge.sessions.read() as session:
            visit, run, situation = own(session)
        word = moments.word_on_mine(situation, statement)
        if word is None:
            abort(404)
        try:
            data = read(_Reply())
        except WrongForm:
            raise doors.Door(
                422,
                "Your sentence is missing",
                "Write one sentence, 4,000 letters at most, and send it again.",
                (("Go back", "to your journey."), doors.HELP_DESK),
                reason="an empty or overlong reply",
            ) from None
        with bridge.sessions.write() as session:
            replies.write(session, run.tenant_id, situation.enrolment.id, word.id, data["words"], visit.now)
        return redirect(url_for("visit.journey", saved="reply"), 303)

    @pages.post("/claims/<statement>")
    def answer_claim(statement: str) -> ResponseReturnValue:
        """The participant's word on a talk the manager says took place; the latest one counts."""
        with bridge.sessions.read() as session:
            visit, _, situation = own(session)
        claim = rows.claim_of(situation, statement)
        if claim is None:
            abort(404)
        try:
            data = read(_Word())
        except WrongForm:
            abort(400)
        kind = Kind.CONFIRMED if data["word"] == "yes" else Kind.DISPUTED
        keep(
            bridge,
            visit,
            Act(data["act"], kind, situation.enrolment.id, Role.PARTICIPANT, claim.step, refers_to=statement),
        )
        return redirect(url_for("visit.journey", saved="word"), 303)


def _told(situation: Situation, manager: bool, colleagues: list[str]) -> str:
    if manager and situation.manager is not None:
        return "asked"
    return "asked_peer" if colleagues else "moment"


def _moments_open(situation: Situation) -> None:
    why = moments.opens_later(situation)
    if why:
        title = "No moment can be logged yet"
        raise doors.Door(403, title, why, (("Go back", "to your journey."), doors.HELP_DESK), reason=title)


def log_page(visit: Visit, situation: Situation, colleagues: list[step_forms.Option], form: Form) -> str:
    options = moments.moment_options(situation)
    manager = situation.manager
    return render_template(
        "log.html",
        visit=visit,
        form=form,
        later=moments.opens_later(situation),
        moments=[*options, step_forms.Option(moments.OWN, "A moment of my own")],
        own=moments.OWN,
        behaviours=[step_forms.Option(b.id, b.title) for b in situation.journey.behaviours],
        outcomes=moments.OUTCOMES,
        manager=first_name(situation.called(manager)) if manager else None,
        colleagues=colleagues,
        who=audiences.of_moment(situation),
    )


def _no_chance_page(visit: Visit, situation: Situation, form: Form) -> str:
    manager = situation.manager
    return render_template(
        "no_chance.html",
        visit=visit,
        form=form,
        later=moments.opens_later(situation),
        moments=moments.moment_options(situation),
        manager=first_name(situation.called(manager)) if manager else None,
        who=audiences.of_moment(situation),
    )
