"""The participant's first page: the next step, the path, every step, moments, and what reaches the gradebook."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from flask import abort, render_template, request, url_for

from lrs_bridge.domain import completion
from lrs_bridge.domain.completion import StepProgress
from lrs_bridge.domain.evaluation import evaluate_person
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.people import Role, Run
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.store import scores
from lrs_bridge.web import audiences, moments, next_steps, paths, rows, situations, tiles
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import current, needs
from lrs_bridge.web.words import day_words, long_day, when
from lrs_bridge.wiring import Bridge

_SAVED = {
    "back": "The moment is taken back and counts no more.",
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
        situation = situations.of_one(session, run, enrolment, visit.now)
        active = active_evaluators(session, bridge.registry, run)
        posted = scores.scores_of_enrolment(session, visit.tenant_id, enrolment.id)
    evaluation = evaluate_person(
        active, situation.journey, situation.cohort, situation.person, situation.facts, visit.now
    )
    results = {result.indicator: result for result in evaluation.results}
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
        return tiles.tile(results[key], name, situation) if key in results else tiles.failed(key, name)

    return render_template(
        "journey.html",
        visit=visit,
        eyebrow=eyebrow(situation),
        saved=_SAVED.get(request.args.get("saved", "")),
        claims=[(claim, str(uuid4())) for claim in rows.claims(situation)],
        next=_hero(situation, progress, current_step),
        nothing_due=next_steps.nothing_due(progress),
        path=paths.draw(situation.journey, progress, current_step),
        headline=rows.headline(progress),
        phases=rows.phases(situation, _page),
        moments=moments.logged(situation),
        moments_later=moments.opens_later(situation),
        tiles=[tile(key, plan.label or titles[key]) for key, plan in plans.items()],
        own_tiles=[tile(key, titles[key]) for key in own_only],
        posted=_posted(situation, list(posted.values())),
        who=audiences.of_participant(situation, [plan.label or key for key, plan in plans.items()]),
        who_link="#who",
    )


def _page(step_id: str) -> str:
    return url_for("visit.step", step_id=step_id)


def eyebrow(situation: Situation) -> str:
    """Thursday 26 March, day 24 of 90"""
    where = day_of(situation.run, situation.journey, situation.today)
    return f"{long_day(situation.today)}, {where[:1].lower()}{where[1:]}"


def day_of(run: Run, journey: Journey, today: date) -> str:
    """Day 24 of 90, counted to the last day of a participant's required step; before and after it the kick-off."""
    day = (today - run.day_zero).days
    last = max((step.due_day for step in journey.owned_by(Role.PARTICIPANT) if step.required), default=0)
    if day < 0:
        return f"Kick-off {day_words(run.day_zero)}"
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
