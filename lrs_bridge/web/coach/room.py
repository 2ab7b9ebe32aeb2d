"""A coach's first page: the sessions of these weeks, their people, what was held, and how much there is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain import coaching
from lrs_bridge.domain.coaching import OpenStep
from lrs_bridge.domain.journey import Step
from lrs_bridge.store import coaching_facts
from lrs_bridge.web import situations
from lrs_bridge.web.audiences import of_coach
from lrs_bridge.web.coach import pairs
from lrs_bridge.web.coach.pairs import Coachee
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_forms import FACTORS
from lrs_bridge.web.visits import current
from lrs_bridge.web.words import (
    brief,
    day_words,
    first_name,
    initials,
    listed,
    long_day,
    number,
    plural,
    sentence,
    short_day,
)
from lrs_bridge.wiring import Bridge

_SAVED = {
    "session": "It is on the record of everybody who was there. Nobody has to enter it again.",
    "back": "The session is taken back and counts no more.",
}
_SHOWN = 12


@dataclass(frozen=True)
class Todo:
    """A step in which somebody waits for a session; one of a group names all of them."""

    heading: str
    text: str
    guide: Sequence[str]
    href: str
    due: date


@dataclass(frozen=True)
class Row:
    name: str
    initials: str
    href: str
    facts: Sequence[tuple[str, str, str | None]]


@dataclass(frozen=True)
class Held:
    """A session that was held, with what its coach may do about it."""

    statement: str
    act: str
    title: str
    text: str
    themes: str


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/coaching")
    def coaching_room() -> ResponseReturnValue:
        return show_coaching(bridge)


def show_coaching(bridge: Bridge) -> str:
    """The coach's first page."""
    visit = current()
    run = pairs.run_of(visit)
    with bridge.sessions.read() as session:
        everybody = pairs.all_of(session, visit)
        today = [one for one in everybody if one.today]
        seen = situations.of_enrolments(session, run, [one.enrolment for one in today], visit.now)
        facts = coaching_facts.held_by(session, run, {visit.account})
    held = coaching.sessions(run.journey, run.run, facts)
    waiting = [(one, open_) for one in today for open_ in _open(seen[one.enrolment.id], one)]
    todos = _todos(waiting)
    names = {one.enrolment.id: one.name for one in everybody}
    load = coaching.load(len(today), held, [open_ for _, open_ in waiting], visit.today)
    return render_template(
        "coach/room.html",
        visit=visit,
        eyebrow=long_day(visit.today),
        title=f"{sentence(plural(len(todos), 'thing'))} to hold" if todos else "Nothing to hold now",
        lede=_lede(today),
        saved=_SAVED.get(request.args.get("saved", "")),
        todos=todos[:3],
        more=todos[3:],
        rows=[_row(one, seen[one.enrolment.id], held) for one in today],
        former=[(one.name, url_for("visit.coachee", enrolment=one.enrolment.id)) for one in everybody if not one.today],
        held=[_held(one, run.journey.step_by_id, names) for one in held[:_SHOWN]],
        load=load,
        weeks=[(short_day(monday), count) for monday, count in load.weeks],
        mentor_only=bool(today) and all(one.role == "mentor" for one in today),
        who=of_coach(),
        who_link="#who",
    )


def _open(situation: Situation, one: Coachee) -> list[OpenStep]:
    steps = coaching.session_steps(situation.journey, one.role)
    return coaching.open_steps(situation.journey, situation.record, steps)


def _lede(today: Sequence[Coachee]) -> str:
    if not today:
        return "Nobody in this run has you as coach or mentor today."
    return f"You go along with {plural(len(today), 'person', 'people')}."


def _todos(waiting: Sequence[tuple[Coachee, OpenStep]]) -> list[Todo]:
    """What is due first at the head. A group is one thing; of the others each person is."""
    groups: dict[str, list[tuple[Coachee, OpenStep]]] = {}
    for one, open_ in waiting:
        alone = open_.step.type != "coaching_group"
        groups.setdefault(f"{open_.step.id} {one.enrolment.id if alone else ''}", []).append((one, open_))
    return sorted((_todo(found) for found in groups.values()), key=lambda todo: (todo.due, todo.heading))


def _todo(found: Sequence[tuple[Coachee, OpenStep]]) -> Todo:
    open_ = found[0][1]
    step = open_.step
    alone = step.type != "coaching_group"
    names = (
        listed([first_name(one.name) for one, _ in found])
        if len(found) <= 4
        else plural(len(found), "person", "people")
    )
    so_far = _so_far(open_) if alone and step.expected > 1 else ""
    day = day_words(open_.window.due)
    when = f"Was due {day}. Still worth holding." if open_.late else f"Until {day}."
    return Todo(
        heading=f"{_call(step)}: {names}",
        text=f"{step.title}. {when}{so_far}",
        guide=step.guide,
        href=url_for("visit.log_session", step=step.id, who=[one.enrolment.id for one, _ in found]),
        due=open_.window.due,
    )


def _so_far(open_: OpenStep) -> str:
    expected = number(open_.step.expected)
    return f" {sentence(number(open_.held))} of {expected} held." if open_.held else f" {sentence(expected)} to hold."


def _call(step: Step) -> str:
    return {"coaching_group": "Group", "coaching_2_1": "2-1 session"}.get(step.type, "Session")


def _row(one: Coachee, situation: Situation, held: Sequence[coaching.Session]) -> Row:
    with_them = [session for session in held if one.enrolment.id in session.registrations]
    facts: list[tuple[str, str, str | None]] = [
        ("Sessions with you", str(len(with_them)) if with_them else "None yet", None)
    ]
    if with_them:
        facts.append(("Last", short_day(with_them[0].day), None))
    for open_ in _open(situation, one)[:1]:
        until = "Was due" if open_.late else "Until"
        facts.append(
            (brief(open_.step.title)[:40], f"{until} {short_day(open_.window.due)}", "care" if open_.late else None)
        )
    return Row(one.name, initials(one.name), url_for("visit.coachee", enrolment=one.enrolment.id), facts)


def _held(one: coaching.Session, steps: dict[str, Step], names: dict[str, str]) -> Held:
    step = steps.get(one.step)
    there = [names.get(registration, "somebody") for registration in one.registrations]
    who = listed(sorted(there)) if len(there) <= 6 else plural(len(there), "person", "people")
    return Held(
        statement=one.facts[0].id,
        act=str(uuid4()),
        title=f"{day_words(one.day)}: {who}",
        text=step.title if step else "",
        themes=listed([FACTORS[theme] for theme in one.themes]),
    )
