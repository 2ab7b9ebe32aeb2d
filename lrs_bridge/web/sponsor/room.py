"""A sponsor's first page: the one question to ask, what is theirs to do, and whether the chain works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain import chain
from lrs_bridge.domain.chain import ChainStep
from lrs_bridge.store import people, result_viewing, sponsor_words
from lrs_bridge.store.sponsor_words import Gift
from lrs_bridge.web.audiences import of_sponsor
from lrs_bridge.web.sponsor import impact, reach
from lrs_bridge.web.sponsor.reach import OwnStep, Reach
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import brief, day_words, long_day, plural, sentence
from lrs_bridge.wiring import Bridge

_SAVED = {
    "talk": "It is on the record. Whom you talked with sees it.",
    "message": "Your people read it on their pages.",
    "case": "Whoever designs the journey reads it, thanks you and says what becomes of it.",
    "step": "It is on the record.",
}


@dataclass(frozen=True)
class Todo:
    """One thing of the sponsor's own. `people`: (person id, name, act) of managers still to talk with; `href` opens a
    form; `act` is for a step that one button does."""

    step: str
    heading: str
    when: str
    href: str | None = None
    button: str = ""
    people: Sequence[tuple[str, str, str]] = ()
    act: str | None = None
    done: bool = False


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/chain")
    def sponsor_room() -> ResponseReturnValue:
        return show_chain(bridge)


def show_chain(bridge: Bridge) -> str:
    """The sponsor's first page."""
    visit = current()
    with bridge.sessions.read() as session:
        mine = reach.of(session, visit)
        own = reach.own_steps(session, visit, mine)
        of_run = visit.tenant_id, mine.run.id
        signs = result_viewing.component_of_people(session, *of_run, "manager_engagement", "help_hinder")
        rate = impact.impact(session, mine.run, visit)
        outcome = impact.block(impact.read(session, mine.run))
        cases = [
            word
            for word in sponsor_words.of_run(session, visit.tenant_id, mine.run.id, Gift.CASE)
            if word.author_id == visit.person_id and word.thanks
        ]
        thankers = people.people_by_id(session, visit.tenant_id, {word.thanked_by or "" for word in cases})
    accounts = {row.person.account for row in mine.members}
    links = chain.chain(mine.run.journey, (sign or {} for one, sign in signs.items() if one in accounts))
    open_ = [one for one in own if one.is_open(visit.today)]
    week = max(0, (visit.today - mine.run.day_zero).days // 7)
    asked = chain.question([one.step for one in open_], links, week)
    return render_template(
        "sponsor/room.html",
        visit=visit,
        eyebrow=long_day(visit.today),
        lede=_lede(mine),
        saved=_SAVED.get(request.args.get("saved", "")),
        question=asked.text,
        because=_because(asked.because) if asked.because else None,
        todos=[_todo(one, visit) for one in open_ if visit.link is None or visit.link.ref == one.step.id],
        elsewhere=[one.step.title for one in open_ if visit.link is not None and visit.link.ref != one.step.id],
        later=[
            (one.step.title, f"From {day_words(one.window.opens)}") for one in own if one.window.opens > visit.today
        ],
        given=[(one.step.title, day_words(mine.run.run.local_day(one.done[-1].at))) for one in own if one.is_done()],
        links=links,
        weak=chain.weakest(links),
        impact=rate,
        outcome=outcome,
        thanks=[(thankers[word.thanked_by or ""].shown_name, word.thanks) for word in cases],
        who=of_sponsor(),
        who_link="#who",
    )


def _lede(mine: Reach) -> str:
    if not mine.members:
        return "Nobody takes part under your managers yet."
    managers = plural(len(mine.managers), "manager")
    people = sentence(plural(len(mine.members), "participant"))
    return f"{people}, {managers}. You see how often steps took place, never a person."


def _because(link: ChainStep) -> str:
    return f"Because “{brief(link.step.title)}” took place {link.took_place} of {link.of} times so far."


def _todo(one: OwnStep, visit: Visit) -> Todo:
    step, day = one.step, day_words(one.window.due)
    when = f"Was due {day}. Still worth doing." if one.window.is_over(visit.today) else f"Until {day}."
    if step.type == "sponsor_message":
        return Todo(step.id, step.title, when, url_for("visit.sponsor_message", step_id=step.id), "Write the message")
    if step.type == "content_request":
        return Todo(step.id, step.title, when, url_for("visit.sponsor_case", step_id=step.id), "Prepare the call")
    if one.with_managers:
        people = [(person.id, person.shown_name, str(uuid4())) for person, _ in one.waiting]
        return Todo(step.id, step.title, when, people=people)
    return Todo(step.id, step.title, when, act=str(uuid4()), button="It is done")
