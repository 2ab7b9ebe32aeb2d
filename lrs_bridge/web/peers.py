"""Peers: colleagues whom a participant named, and whom they ask to confirm a moment. They see that moment only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role
from lrs_bridge.store import enrolments, people, replies
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import leading, situations, verify
from lrs_bridge.web.acts import keep
from lrs_bridge.web.forms import WrongForm, read
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words
from lrs_bridge.wiring import Bridge

ASKED = "ask_peer"  # the text of a note in which the ids of the people asked stand, one a line


@dataclass(frozen=True)
class Asked:
    """A moment about which the reader is asked; `said`: what they answered, in words."""

    name: str
    title: str
    day: str
    href: str
    said: str | None


def of(session: Session, run: RunRow, person_id: str, today: date) -> list[Option]:
    """The colleagues a participant may ask today."""
    rows = enrolments.relations_of(session, run.tenant_id, run.id, [person_id]).get(person_id, [])
    ids = [row.other_id for row in rows if row.kind == Role.PEER and row.span.holds_on(today)]
    known = people.people_by_id(session, run.tenant_id, ids) if ids else {}
    return sorted((Option(id_, one.shown_name) for id_, one in known.items()), key=lambda option: option.text)


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the list and the page of a moment to the blueprint of the visit."""

    @pages.get("/colleagues")
    def colleagues() -> ResponseReturnValue:
        return show_colleagues(bridge)

    @pages.get("/colleagues/<enrolment>/moments/<statement>")
    def colleague_moment(enrolment: str, statement: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation, fact = _asked(session, enrolment, statement)
            answered = replies.of_enrolments(session, current().tenant_id, [situation.enrolment.id])
        place = verify.Place(
            url_for("visit.answer_colleague", enrolment=enrolment, statement=statement),
            url_for("visit.colleagues"),
            "Back to your colleagues",
        )
        return verify.moment_page(current(), situation, fact, answered, place)

    @pages.post("/colleagues/<enrolment>/moments/<statement>")
    def answer_colleague(enrolment: str, statement: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            situation, fact = _asked(session, enrolment, statement)
        try:
            data = read(verify.Word())
        except WrongForm:
            abort(400)
        visit = current()
        keep(bridge, visit, *verify.word_acts(visit, situation, fact, data, Role.PEER))
        there = url_for("visit.colleague_moment", enrolment=enrolment, statement=statement, saved=data["word"])
        return redirect(there, 303)


def _asked(session: Session, enrolment_id: str, statement: str) -> tuple[Situation, Fact]:
    """A moment about which the reader is asked; for everybody else there is none."""
    visit = current()
    needs(visit, Role.PEER)
    for situation in _theirs(session, visit):
        fact = situation.by_id.get(statement)
        if situation.enrolment.id == enrolment_id and fact is not None and _asks(situation, fact, visit.person_id):
            return situation, fact
    abort(404)


def _theirs(session: Session, visit: Visit) -> list[Situation]:
    """Of everybody who named the reader, read together."""
    run = visit.run_row
    if run is None:
        return []
    ids = set(enrolments.people_of(session, visit.tenant_id, run.id, visit.person_id, Role.PEER, visit.today))
    rows = [row for row in enrolments.enrolments(session, visit.tenant_id, run.id) if row.person_id in ids]
    inside = [row for row in rows if row.withdrawn is None or row.withdrawn > visit.today]
    return list(situations.of_enrolments(session, run, inside, visit.now).values())


def _asks(situation: Situation, fact: Fact, person_id: str) -> bool:
    note = situation.notes.get(fact.id)
    own = fact.kind is Kind.APPLIED and fact.actor == situation.person.account
    return own and note is not None and person_id in note.texts.get(ASKED, "").split("\n")


def show_colleagues(bridge: Bridge) -> str:
    """What colleagues ask the reader, open questions first."""
    visit = current()
    needs(visit, Role.PEER)
    with bridge.sessions.read() as session:
        theirs = _theirs(session, visit)
    found = [
        _row(situation, fact, visit)
        for situation in theirs
        for fact in reversed(situation.facts)
        if _asks(situation, fact, visit.person_id)
    ]
    return render_template(
        "colleagues.html",
        visit=visit,
        asked=[one for one in found if one.said is None],
        answered=[one for one in found if one.said is not None],
        names=sorted(situation.name for situation in theirs),
        saved=request.args.get("saved"),
        who_link=None,
    )


def _row(situation: Situation, fact: Fact, visit: Visit) -> Asked:
    word = leading.word_of(situation, fact, visit.account)
    said = {Kind.VERIFIED: "You said it happened", Kind.DISPUTED: "You said it was different"}
    return Asked(
        name=situation.name,
        title=situation.moment_title(fact),
        day=day_words(situation.day(fact)),
        href=url_for("visit.colleague_moment", enrolment=situation.enrolment.id, statement=fact.id),
        said=said.get(word.kind) if word else None,
    )
