"""By the link of a letter: somebody named by a participant says whether it is so, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows import nomination_letters
from lrs_bridge.flows.relating import CannotChange
from lrs_bridge.store import message_links, people
from lrs_bridge.store.message_links import MessageLink
from lrs_bridge.store.nominations import Nomination, NominationState
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.people.folk import role_word
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import day_words
from lrs_bridge.wiring import Bridge

_ASKS: Mapping[Role, str] = {
    Role.MANAGER: "Two things a week at most, about ten minutes, by links in a message. You see which steps took "
    "place, and the moments they ask you to confirm.",
    Role.COACH: "You hold sessions with them, and see their goals, assessments and moments in the course.",
    Role.MENTOR: "You meet and advise them, and see their goals and moments in the course.",
    Role.PEER: "You learn side by side. You see the moments they ask you to confirm, and nothing else.",
}


@dataclass(frozen=True)
class Answered:
    """What became of it, for whoever opens the link once more."""

    title: str
    what: str


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the question and its two buttons to the blueprint of the visit."""

    @pages.get("/named")
    def named() -> ResponseReturnValue:
        visit = current()
        with bridge.sessions.read() as session:
            _, run, nomination = _asked(session, visit)
            person = people.get_person(session, visit.tenant_id, nomination.person_id)
        return render_template(
            "named.html",
            visit=visit,
            who_link=None,
            name=person.shown_name if person else "Somebody",
            role=role_word(nomination.role),
            asks=_ASKS[Role(nomination.role)],
            journey=run.journey.title,
            when=day_words(nomination.made.astimezone(run.run.zone).date()),
        )

    @pages.post("/named")
    def answer_named() -> ResponseReturnValue:
        visit = current()
        word = request.form.get("word")
        if word not in ("yes", "no"):
            raise doors.door_for(400)
        try:
            with bridge.sessions.write() as session:
                link, run, _ = _asked(session, visit)
                nomination_letters.answer(session, run, link, word == "yes", visit.now)
        except CannotChange as problem:
            raise doors.Door(
                409,
                "This cannot be confirmed",
                str(problem),
                (("Tell whoever named you,", "or whoever looks after the course."), doors.HELP_DESK),
                reason="a nomination that cannot be decided by its link",
            ) from problem
        bridge.poke()
        token = message_links.token_of(bridge.settings.secret_key, link.id)
        return redirect(url_for("link.look", token=token), 303)


def _asked(session: Session, visit: Visit) -> tuple[MessageLink, RunRow, Nomination]:
    run, link = visit.run_row, visit.link
    nomination = nomination_letters.nomination_of(session, run, link) if run and link else None
    if run is None or link is None or nomination is None:
        raise doors.door_for(404)
    return link, run, nomination


def answered(nomination: Nomination, run: RunRow, reader: str) -> Answered | None:
    """Words for a link that was used, or whose question is over; None while it waits. `reader`: a person's id."""
    if nomination.waits:
        return None
    day = day_words((nomination.decided or nomination.made).astimezone(run.run.zone).date())
    own = nomination.by_id == reader
    if nomination.state == NominationState.WITHDRAWN:
        return Answered("Nothing is asked of you any more", f"It was taken back on {day}, by whoever named you.")
    if nomination.state == NominationState.CONFIRMED:
        what = "What is yours to do comes by message, or stands in the course." if own else "Nothing is left to answer."
        return Answered("You confirmed it" if own else "It was confirmed already", f"On {day}. {what}")
    what = "Nobody sees anything by it, and nothing more is sent." if own else "Nothing is left to answer."
    return Answered("You said that it is not so" if own else "It was answered already", f"On {day}. {what}")
