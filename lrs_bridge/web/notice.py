"""The notice: on one page what is recorded, who sees it, what reaches the gradebook and how long; in each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.flows.tell import listeners_on
from lrs_bridge.store import notices
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Form
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import full_day, listed
from lrs_bridge.wiring import Bridge

WORDING = 1
"""Raised when the text says something else than before, so that people read it again."""


@dataclass(frozen=True)
class _Part:
    """What one role is told. `recorded` of what they do; `seen` by whom."""

    recorded: str
    seen: str


_PARTS: Mapping[Role, _Part] = {
    Role.PARTICIPANT: _Part(
        "Which steps you did and when; which moments you used, on which day, with which behaviours and result; "
        "the numbers you give in surveys. What you write in words is kept in this tool only.",
        "You see everything. Your manager sees which of your steps took place, and the moments you ask them to "
        "confirm. Your course teacher sees which steps took place, and the scores below. Everybody else sees figures "
        "of five people or more. Your own page names everybody, under “Who sees what”.",
    ),
    Role.MANAGER: _Part(
        "Which of your steps with each of your people took place and when, and your word on the moments they ask you "
        "about.",
        "Each of your people sees the steps you share with them, and your answers about their moments. The course "
        "teacher sees which of your steps took place. Your own manager sees how the chain works as a whole, and no "
        "score with your name.",
    ),
    Role.SPONSOR: _Part(
        "Which of your steps took place and when. Messages and cases that you give are kept in this tool.",
        "The people you address read your message. The course teacher sees which of your steps took place.",
    ),
    Role.COACH: _Part(
        "Which sessions you held, when, how long, and under which of the fixed themes. Notes are kept apart, "
        "encrypted.",
        "You and your coachee see the notes. Others see that a session took place, and themes of five people or more.",
    ),
    Role.PEER: _Part(
        "Your word on a moment that a colleague asks you about.",
        "Your colleague sees your answer with your name.",
    ),
    Role.FACILITATOR: _Part(
        "Whom you ticked as present, and what you waived or decided for somebody.",
        "Participants see what concerns them, with your name. Changes to people and roles are listed with who made "
        "them.",
    ),
    Role.ASSESSOR: _Part(
        "The points you gave on the rubric, under a random name.",
        "Participants see their result. Other assessors of the same work see nothing of yours before they have scored.",
    ),
    Role.EVALUATOR: _Part(
        "Each look at somebody’s steps is noted, with who looked, when and at what.",
        "Administrators see these notes.",
    ),
    Role.DESIGNER: _Part(
        "Which versions of a journey you made, and which runs you changed.",
        "Teachers, designers and administrators see who changed what.",
    ),
}
_SAME = {Role.MENTOR: Role.COACH}
KEPT = (
    "What you write is kept for {words} months after the end of the run, and what took place for {process}; figures of "
    "groups stay. The record store keeps statements under random names. You can take your data out, and ask to be "
    "erased, at any time."
)


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page and its one button to the blueprint of the visit."""

    @pages.get("/notice")
    def read_notice() -> ResponseReturnValue:
        visit, run = _who()
        with bridge.sessions.read() as session:
            active = active_evaluators(session, bridge.registry, run)
            told = listeners_on(session, bridge.registry, visit.tenant_id)
            read = notices.read_by(session, visit.tenant_id, run.id, visit.person_id)
        plans = posted_indicators(run.journey, active)
        titles = {one.key: one.evaluator.title for one in active}
        roles = told_roles(visit)
        days = [read[role].read for role in roles if role in read and read[role].wording == WORDING]
        return render_template(
            "notice.html",
            visit=visit,
            form=Form(),
            parts=[(str(role).replace("_", " "), _PARTS[_SAME.get(role, role)]) for role in roles],
            posted=[plan.label or titles[key] for key, plan in plans.items()],
            listeners=listed(told),
            kept=KEPT.format(words=bridge.settings.keep_words, process=bridge.settings.keep_process),
            goal=run.journey.title,
            read=full_day(run.run.local_day(max(days))) if len(days) == len(roles) else None,
            saved=request.args.get("saved"),
            who_link=None,
        )

    @pages.post("/notice")
    def have_read_notice() -> ResponseReturnValue:
        visit, run = _who()
        with bridge.sessions.write() as session:
            roles = [str(role) for role in told_roles(visit)]
            notices.put(session, visit.tenant_id, run.id, visit.person_id, roles, WORDING, visit.now)
        return redirect(f"{visit.home}?saved=notice", 303)


def told_roles(visit: Visit) -> Sequence[Role]:
    """The reader's roles that the notice has something to say to."""
    return [role for role in Role if role in visit.roles and _SAME.get(role, role) in _PARTS]


def unread(session: Session, visit: Visit) -> str | None:
    """The address of the notice, for somebody who has not read this wording in all their roles."""
    if visit.run_row is None or visit.link is not None:
        return None
    read = notices.read_by(session, visit.tenant_id, visit.run_row.id, visit.person_id)
    missing = [role for role in told_roles(visit) if role not in read or read[role].wording != WORDING]
    return url_for("visit.read_notice") if missing else None


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    if visit.run_row is None:
        raise doors.door_for(404)
    if not told_roles(visit):
        raise doors.not_yours("It is for the people who have a part in this journey.", "no role in the run")
    return visit, visit.run_row
