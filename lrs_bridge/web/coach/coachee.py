"""Preparing for one person: their goal, what assessments say, their plan, their moments, and the notes of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import applications, coaching, completion, routing
from lrs_bridge.domain.applications import Standing
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.journey import Assessment
from lrs_bridge.store import coaching_facts, coaching_notes, people
from lrs_bridge.store.coaching_notes import Opened
from lrs_bridge.store.people import PersonRow
from lrs_bridge.web import rows, situations, step_fields
from lrs_bridge.web.audiences import of_notes
from lrs_bridge.web.coach import pairs
from lrs_bridge.web.coach.pairs import Coachee
from lrs_bridge.web.forms import Form
from lrs_bridge.web.moments import OUTCOMES
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.step_forms import FACTORS
from lrs_bridge.web.visits import Visit, current
from lrs_bridge.web.words import day_words, first_name, full_day, listed, plain, rounded
from lrs_bridge.wiring import Bridge

GOAL = (
    ("learning_outcome", "What they will be able to do"),
    ("moments", "In which moments"),
    ("performance_outcome", "What will be different"),
    ("business_rationale", "What it is good for"),
)
_SAVED = {
    "note": "The two of you can read it, and nobody else.",
    "gone": "The note is taken away for good.",
}
_OUTCOMES = {option.value: option.text for option in OUTCOMES}


@dataclass(frozen=True)
class Assessed:
    """An assessment of somebody's work: percent of the maximum, and the mean of the points by criterion."""

    title: str
    percent: str
    criteria: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Used:
    """A moment in which it was used: `did` are behaviours, `words` what the coachee wrote about it."""

    title: str
    day: str
    did: str
    came_of_it: str
    words: str | None
    confirmed: bool


@dataclass(frozen=True)
class NoteLine:
    """`text` is None where the key of this installation does not open it. `act`: the author may take it away."""

    id: str
    by: str
    day: str
    text: str | None
    mine: bool


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/coaching/<enrolment>")
    def coachee(enrolment: str) -> ResponseReturnValue:
        return show_coachee(bridge, enrolment, Form())


def show_coachee(bridge: Bridge, enrolment_id: str, form: Form) -> str:
    """One person, as far as the visitor may see them. Raises Door."""
    visit = current()
    run = pairs.run_of(visit)
    with bridge.sessions.read() as session:
        one = pairs.one_of(session, visit, enrolment_id)
        situation = situations.of_one(session, run, one.enrolment, visit.now) if one.today else None
        held = coaching.sessions(run.journey, run.run, coaching_facts.held_by(session, run, {visit.account}))
        notes, names = _notes(session, bridge, visit, one)
    open_ = _open(situation, one) if situation else []
    prepares = situation is not None and one.prepares
    return render_template(
        "coach/coachee.html",
        visit=visit,
        one=one,
        name=one.name,
        form=form,
        saved=_SAVED.get(request.args.get("saved", "")),
        lede=_lede(one, situation),
        open=[(each.step.title, _when(each)) for each in open_],
        log=url_for("visit.log_session", who=enrolment_id, step=open_[0].step.id if open_ else None),
        goal=goal_of(situation) if situation and prepares else None,
        approved=_approved(situation) if situation and prepares else None,
        assessed=_assessed(situation) if situation and prepares else [],
        plan=_plan(situation) if situation and prepares else [],
        used=_used(situation) if situation and prepares else [],
        prepares=prepares,
        sessions=[
            (day_words(each.day), listed([FACTORS[theme] for theme in each.themes]))
            for each in held
            if enrolment_id in each.registrations
        ],
        notes=lines_of(notes, names, visit),
        readers=_readers(notes, names, visit),
        who=of_notes(first_name(one.name)),
        who_link="#who",
    )


def _lede(one: Coachee, situation: Situation | None) -> str:
    if situation is None:
        until = f" until {full_day(one.last)}" if one.last else ""
        return f"You were their {one.role}{until}. Your notes stay with the two of you; nothing new is shown."
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    return f"{rows.headline(progress)}." if one.prepares else f"You are their {one.role}."


def _open(situation: Situation, one: Coachee) -> list[coaching.OpenStep]:
    steps = coaching.session_steps(situation.journey, one.role)
    return coaching.open_steps(situation.journey, situation.record, steps)


def _when(open_: coaching.OpenStep) -> str:
    day = day_words(open_.window.due)
    so_far = f"{open_.held} of {open_.step.expected} held. " if open_.step.expected > 1 else ""
    return f"{so_far}Was due {day}. Still worth holding." if open_.late else f"{so_far}Until {day}."


def goal_of(situation: Situation) -> list[tuple[str, str]]:
    """The latest line of sight in its writer's words; empty where there is none, or it was written elsewhere."""
    plans = [fact for fact in situation.of_kind(Kind.PLANNED) if fact.actor == situation.person.account]
    note = situation.notes.get(plans[-1].id) if plans else None
    return [(label, note.texts[key]) for key, label in GOAL if note.texts.get(key)] if note else []


def _approved(situation: Situation) -> str | None:
    plans = [fact for fact in situation.of_kind(Kind.PLANNED) if fact.actor == situation.person.account]
    words = [fact for fact in situation.of_kind(Kind.APPROVED) if plans and fact.target == plans[-1].id]
    if not words:
        return None
    return f"{first_name(situation.called(words[-1].actor))} approved it on {day_words(situation.day(words[-1]))}."


def _assessed(situation: Situation) -> list[Assessed]:
    """Means over the assessors, who stay unnamed."""
    found = []
    for step in situation.journey.of_type("assessment"):
        assessment = situation.journey.assessments.get(step.assessment or "")
        marks = routing.latest_marks(situation.journey, situation.record, step.id)
        if assessment is not None and marks:
            percent = fsum(mark.percent for mark in marks) / len(marks)
            criteria = _criteria(assessment, [mark.fact.data.get("criteria") or {} for mark in marks])
            found.append(Assessed(step.title, f"{rounded(percent)} %", criteria))
    return found


def _criteria(assessment: Assessment, points: Sequence[dict[str, float]]) -> list[tuple[str, str]]:
    found = []
    for criterion in assessment.criteria:
        given = [one[criterion.id] for one in points if criterion.id in one]
        if given:
            found.append((criterion.title, f"{plain(fsum(given) / len(given), 1)} of {plain(criterion.max)}"))
    return found


def _plan(situation: Situation) -> list[tuple[str, str]]:
    """Action plans with their day, newest first."""
    steps = {step.id for step in situation.journey.of_type("action_plan")}
    found = [
        (day_words(situation.day(fact)), step_fields.in_one_text(note.texts))
        for fact in situation.facts
        if fact.step in steps and (note := situation.notes.get(fact.id))
    ]
    return found[::-1]


def _used(situation: Situation) -> list[Used]:
    """Moments as their owner logged them, newest first; neither those kept to oneself nor what two people dispute."""
    titles = {behaviour.id: behaviour.title for behaviour in situation.journey.behaviours}
    found = applications.of(situation.journey, situation.evidence, situation.now).applications
    return [
        Used(
            title=situation.moment_title(one.fact),
            day=day_words(one.day),
            did=listed([titles[id_] for id_ in one.fact.data.get("behaviours", ()) if id_ in titles]),
            came_of_it=_OUTCOMES.get(plain(one.fact.score.raw), "") if one.fact.score else "",
            words=_words(situation, one.fact.id),
            confirmed=one.standing is Standing.VERIFIED,
        )
        for one in reversed(found)
        if situation.asks_for_a_word(one.fact)
    ]


def _words(situation: Situation, statement: str) -> str | None:
    note = situation.notes.get(statement)
    return note.texts.get("what_happened") if note else None


def _notes(session: Session, bridge: Bridge, visit: Visit, one: Coachee) -> tuple[list[Opened], dict[str, PersonRow]]:
    """Those of the two, and those of a coach before where the coachee lets this one read them."""
    id_, seal = one.enrolment.id, pairs.seal(bridge)
    shared = [
        each.coach_id
        for each in coaching_notes.consents(session, visit.tenant_id, id_)
        if one.today and each.reader_id == visit.person_id
    ]
    found = coaching_notes.of_enrolment(session, seal, visit.tenant_id, id_, [visit.person_id, *shared])
    return found, people.people_by_id(session, visit.tenant_id, {note.author_id for note in found} | set(shared))


def lines_of(notes: Sequence[Opened], names: dict[str, PersonRow], visit: Visit) -> list[NoteLine]:
    return [
        NoteLine(
            note.id,
            "You" if note.author_id == visit.person_id else names[note.author_id].shown_name,
            full_day(note.created.date()),
            note.text,
            note.author_id == visit.person_id,
        )
        for note in notes
    ]


def _readers(notes: Sequence[Opened], names: dict[str, PersonRow], visit: Visit) -> list[str]:
    """Coaches of before whose notes are among these."""
    return sorted({names[note.coach_id].shown_name for note in notes if note.coach_id in names} - {visit.name})
