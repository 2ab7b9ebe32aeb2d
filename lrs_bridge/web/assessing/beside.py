"""What assessing asks of a participant beside their steps, and what it has to tell, as cards on their first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.rounds import requests_to
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.assessing import work
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.words import day_words, first_name, listed


@dataclass(frozen=True)
class Card:
    """`main`: something waits for the participant."""

    title: str
    text: str
    href: str
    link: str
    main: bool = False


def cards(session: Session, run: RunRow, situation: Situation) -> list[Card]:
    """Work to hand in first, then what was scored."""
    found = [*_work(session, run, situation), *asked(session, run, situation.enrolment.person_id, situation.now)]
    if run.journey.capabilities:
        text = "Your capabilities in words, and what comes next."
        found.append(Card("Where you stand", text, url_for("visit.own_capabilities"), "Look"))
    return sorted(found, key=lambda card: not card.main)


def asked(session: Session, run: RunRow, person_id: str, now: datetime) -> list[Card]:
    """Whose work somebody is asked to say how they see it; one line, however many ask."""
    rounds = requests_to(session, run, person_id, now)
    if not rounds:
        return []
    names = listed([first_name(one.enrolment.person.shown_name) for one in rounds[:3]])
    more = f" and {len(rounds) - 3} more" if len(rounds) > 3 else ""
    title = f"How do you see the work of {names}{more}?"
    return [
        Card(title, "They ask for your view. About five minutes each.", url_for("visit.rate_list"), "Say how", True)
    ]


def _work(session: Session, run: RunRow, situation: Situation) -> list[Card]:
    steps = [step for step in work.steps_of(situation) if step.owner is not Role.PARTICIPANT]
    sheets = work.sheets_of(session, run, situation) if steps else {}
    found = []
    for step in steps:
        window = situation.window(step)
        href = url_for("visit.own_work", step_id=step.id)
        sheet = sheets.get(step.id)
        if window.opens > situation.today:
            continue
        if sheet is not None and sheet.closed:
            text = "Your work was scored."
            found.append(Card(step.title, text, href, "See the result" if work.told(step) else "Open it"))
        elif sheet is not None:
            found.append(Card(step.title, "Handed in. It is scored without your name.", href, "Open it"))
        elif not work.scores_on(situation, step):
            late = window.is_over(situation.today)
            when = f"Was due {day_words(window.due)}." if late else f"By {day_words(window.due)}."
            found.append(
                Card(
                    step.title,
                    f"{when} Hand in your work; it is scored without your name.",
                    href,
                    "Hand it in",
                    main=not late,
                )
            )
        elif work.told(step):
            found.append(Card(step.title, "Your work was scored.", href, "See the result"))
    return found
