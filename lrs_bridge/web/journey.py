"""The participant's first page: the next step, the path, every step, moments, and what reaches the gradebook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

from flask import abort, render_template, request, url_for

from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import StepProgress
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.flows.own import Own
from lrs_bridge.flows.tell import listeners_on
from lrs_bridge.store import scores
from lrs_bridge.web import (
    audiences,
    moments,
    next_steps,
    notice,
    paths,
    peers,
    recognitions,
    rows,
    situations,
    step_page,
    tiles,
    upkeep,
)
from lrs_bridge.web.assessing import beside
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import current, needs
from lrs_bridge.web.why import past_chart
from lrs_bridge.web.words import day_words, long_day, when
from lrs_bridge.wiring import Bridge

_SAVED = {
    "back": "The moment is taken back and counts no more.",
    "answered": "Nobody can tell which answer is yours. It goes on together with others.",
    "answered_before": "You had answered already, and that answer stands: nobody can tell which one is yours.",
    "asked_peer": "Your colleague finds it on their page.",
    "consent": "You can change it as long as this journey is open.",
    "reply": "Whoever said it reads your sentence beside the moment.",
    "notice": "You find it again under “Your data”.",
    "asked": "Your manager finds it on their page and answers with one tap.",
    "moment": "It counts from now on.",
    "none": "A chance that did not come lowers what is asked of you once somebody confirms it.",
    "step": "It counts from now on.",
    "word": "Your word counts. You can change it as long as the step stands.",
}


def show_journey(bridge: Bridge) -> str:
    """The participant's first page."""
    visit = current()
    needs(visit, Role.PARTICIPANT)
    run, enrolment = visit.run_row, visit.enrolment
    if run is None or enrolment is None:
        abort(404)
    with bridge.sessions.read() as session:
        situation = situations.own(session, run, enrolment, visit.now)
        colleagues = peers.of(session, run, visit.person_id, visit.today)
        told = listeners_on(session, bridge.registry, visit.tenant_id)
        unread = notice.unread(session, visit)
        recognised = recognitions.of(session, run, visit.person_id, visit.today, situation)
        active = active_evaluators(session, bridge.registry, run)
        posted = scores.scores_of_enrolment(session, visit.tenant_id, enrolment.id)
        cards = beside.cards(session, run, situation)
        own = Own.read(session, visit.tenant_id, run.id, enrolment.id, situation.person.account, active)
    results = own.now(situation.journey, situation.cohort, situation.person, situation.facts, visit.now)
    plans = posted_indicators(situation.journey, active)
    titles = {one.key: one.evaluator.title for one in active}
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    current_step = next_steps.next_step(situation, progress)
    own_only = [
        one.key
        for one in active
        if one.key not in plans and one.key in results and one.evaluator.audience.get("participant") == "own"
    ]

    def tile(key: str, name: str) -> tiles.Tile:
        made = tiles.tile(results[key], name, situation) if key in results else tiles.failed(key, name)
        return replace(made, why=url_for("visit.why", indicator=key))

    moved = next((one for key in plans for one in active if one.key == key), None)

    return render_template(
        "journey.html",
        visit=visit,
        eyebrow=eyebrow(situation),
        saved=_SAVED.get(request.args.get("saved", "")),
        unread=unread,
        recognised=recognised,
        upkeep=upkeep.due(situation),
        map_answer=_open_answer(situation),
        interviews=_interviews(situation),
        cards=cards,
        claims=[(claim, str(uuid4())) for claim in rows.claims(situation)],
        next=_hero(situation, progress, current_step),
        nothing_due=next_steps.nothing_due(progress),
        path=paths.draw(situation.journey, progress, current_step, situation.answered),
        headline=rows.headline(progress),
        phases=rows.phases(situation, _page),
        moments=moments.logged(situation),
        moments_later=moments.opens_later(situation),
        tiles=[tile(key, plan.label or titles[key]) for key, plan in plans.items()],
        own_tiles=[tile(key, titles[key]) for key in own_only],
        moved=past_chart(active, moved, plans[moved.key].label or moved.key, situation, "You") if moved else None,
        posted=_posted(situation, list(posted.values())),
        who=audiences.of_participant(
            situation, [plan.label or key for key, plan in plans.items()], told, [one.text for one in colleagues]
        ),
        who_link="#who",
    )


def _open_answer(situation: Situation) -> step_page.MapAnswer | None:
    """What somebody wants changed in the line of sight, until it is."""
    answer = step_page.approval_of(situation)
    return answer if answer is not None and not answer.agreed and not answer.stale else None


def _interviews(situation: Situation) -> list[dict[str, str]]:
    """Interviews that somebody may hold with the participant, once their time has come."""
    return [
        {
            "href": url_for("visit.interview", step_id=step.id),
            "title": step.title,
            "state": step_page.consent_in_words(situation, step),
        }
        for step in situation.journey.of_type("interview")
        if step_page.asks_for_interview(step) and situation.window(step).opens <= situation.today
    ]


def _page(step_id: str) -> str:
    return url_for("visit.step", step_id=step_id)


def eyebrow(situation: Situation) -> str:
    """Thursday 26 March, day 24 of 90"""
    where = day_of(situation.person.starts(situation.run), situation.journey, situation.today)
    return f"{long_day(situation.today)}, {where[:1].lower()}{where[1:]}"


def day_of(day_zero: date, journey: Journey, today: date) -> str:
    """Day 24 of 90, counted to the last day of a participant's required step; before and after it the kick-off."""
    day = (today - day_zero).days
    last = max((step.due_day for step in journey.owned_by(Role.PARTICIPANT) if step.required), default=0)
    if day < 0:
        return f"Kick-off {day_words(day_zero)}"
    return f"Day {day} of {last}" if day <= last else f"Day {day}, the path was {last} days long"


def _hero(situation: Situation, progress: completion.Progress, row: StepProgress | None) -> next_steps.Next | None:
    if row is None:
        return None
    return next_steps.hero(situation, progress, row, _page, url_for("visit.no_chance"))


def _posted(situation: Situation, found: list[scores.ScoreRow]) -> str:
    """What the gradebook has: "Posted 26 March, 07:12"."""
    if any(row.state == scores.ScoreState.WAITING for row in found):
        return "On its way to the gradebook"
    sent = [row.sent_at for row in found if row.sent_at]
    return f"Posted {when(max(sent), situation.run.zone)}" if sent else "Nothing posted yet"
