"""The participant's work: handed in, changed until it is scored, and its result; or scored by themselves.

Text and one link, and no file: documents carry the names of their authors, and a link is opened where it lives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import validate
from sqlalchemy.orm import Session

from lrs_bridge.domain import assessing as rules
from lrs_bridge.domain import completion
from lrs_bridge.domain.assessing import Score
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.journey import Assessment, Step
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import assessing
from lrs_bridge.flows.assessing import CannotAssess, Scoring, Sheet, rubric_of
from lrs_bridge.store import hand_ins
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors, situations
from lrs_bridge.web.assessing import rubric as rubrics
from lrs_bridge.web.forms import Acting, Form, Trimmed, WrongForm, read
from lrs_bridge.web.situations import Situation
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, long_day, plain, plural, rounded
from lrs_bridge.wiring import Bridge

LONGEST = 20_000  # characters: three pages of text, several times


class _Work(Acting):
    text = Trimmed(
        load_default="",
        validate=validate.Length(max=LONGEST, error="That is longer than 20,000 characters. Shorten it."),
    )
    link = Trimmed(load_default="", validate=validate.Length(max=2000, error="That link is too long."))

    @ma.validates_schema(skip_on_field_errors=True)
    def is_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data["text"] and not data["link"]:
            raise ma.ValidationError("Paste your work, or give a link to it.", "text")
        if data["link"] and not is_web_address(data["link"]):
            raise ma.ValidationError("Give a whole link that begins with https://.", "link")


def is_web_address(link: str) -> bool:
    try:
        validate.URL(schemes={"http", "https"}, require_tld=False)(link)
    except ma.ValidationError:
        return False
    return True


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page of one assessment to the blueprint of the visit."""

    def own(session: Session, step_id: str) -> _Own:
        visit = current()
        needs(visit, Role.PARTICIPANT)
        if visit.run_row is None or visit.enrolment is None:
            raise doors.door_for(404)
        situation = situations.of_one(session, visit.run_row, visit.enrolment, visit.now)
        step = next((step for step in steps_of(situation) if step.id == step_id), None)
        if step is None:
            raise doors.door_for(404)
        found = sheets_of(session, visit.run_row, situation)
        return _Own(visit, visit.run_row, situation, step, found.get(step.id), found)

    @pages.get("/own-work/<step_id>")
    def own_work(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _page(own(session, step_id))

    @pages.post("/own-work/<step_id>")
    def hand_in(step_id: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            found = own(session, step_id)
        if found.opens_later:
            raise doors.Door(
                403,
                "This is not open yet",
                f"It opens on {day_words(found.situation.window(found.step).opens)}.",
                (("Go back", "to your journey."), doors.HELP_DESK),
                reason="the assessment is not open",
            )
        try:
            if found.by_oneself:
                _assess_oneself(bridge, found)
            else:
                data = read(_Work())
                with bridge.sessions.write() as session:
                    assessing.hand_in(
                        session,
                        found.run,
                        found.situation.enrolment.id,
                        found.step,
                        data["text"],
                        data["link"] or None,
                        found.visit.now,
                    )
        except WrongForm as wrong:
            return _page(found, wrong.form), 422
        except CannotAssess as problem:
            return _page(found, WrongForm({problem.field: str(problem)}).form), 422
        bridge.poke()
        return redirect(url_for("visit.own_work", step_id=step_id, saved="yes"), 303)


@dataclass(frozen=True)
class _Own:
    """One assessment from its author's side. `all`: their sheets by step, to compare before with after."""

    visit: Visit
    run: RunRow
    situation: Situation
    step: Step
    sheet: Sheet | None
    all: Mapping[str, Sheet]

    @property
    def by_oneself(self) -> bool:
        return self.step.owner is Role.PARTICIPANT

    @property
    def opens_later(self) -> bool:
        return self.situation.window(self.step).opens > self.situation.today

    @property
    def rubric(self) -> Assessment:
        return rubric_of(self.situation.journey, self.step)


def steps_of(situation: Situation) -> list[Step]:
    """The assessments on the participant's path: none of another route, none that was taken away."""
    route = completion.of(situation.journey, situation.evidence, situation.now).route
    return [
        step
        for step in situation.journey.of_type("assessment")
        if step.assessment in situation.journey.assessments
        and route.takes_in(step)
        and situation.record.waiver(step) is None
    ]


def sheets_of(session: Session, run: RunRow, situation: Situation) -> dict[str, Sheet]:
    rows = list(hand_ins.of_enrolment(session, run.tenant_id, situation.enrolment.id).values())
    found = assessing.sheets(session, run, rows)
    return {sheet.row.step: sheet for sheet in found.values()}


def _assess_oneself(bridge: Bridge, found: _Own) -> None:
    data = read(rubrics.schema(found.rubric))
    visit = found.visit
    points = rubrics.points_of(data, found.rubric)
    scoring = Scoring(visit.account, visit.person_id, Role.PARTICIPANT, points, "", data["act"])
    with bridge.sessions.write() as session:
        assessing.assess_oneself(session, found.run, found.situation.enrolment.id, found.step, scoring, visit.now)


def _page(found: _Own, form: Form | None = None) -> str:
    scores = scores_on(found.situation, found.step)
    closed = found.sheet.closed if found.sheet else bool(scores)
    row = found.sheet.row if found.sheet else None
    start = {"text": row.text, "link": row.link or ""} if row else {}
    if found.by_oneself:
        mine = scores.get(found.situation.person.account)
        start = rubrics.start_of(mine.points) if mine else {}
    return render_template(
        "assessing/work.html",
        visit=found.visit,
        step=found.step,
        state=_state(found, closed, scores),
        saved=request.args.get("saved") == "yes" and form is None,
        form=form or Form(start=start),
        opens=day_words(found.situation.window(found.step).opens) if found.opens_later else None,
        by_oneself=found.by_oneself,
        questions=rubrics.questions(found.rubric),
        can_change=not closed and not (found.sheet and found.sheet.scores),
        row=row,
        result=_result(found, scores) if closed and told(found.step) else None,
        hidden=closed and not told(found.step),
        who_link=None,
    )


def told(step: Step) -> bool:
    """Whether the journey has the participant see the result: the step is theirs, or with them."""
    return Role.PARTICIPANT in (step.owner, step.counterpart)


def scores_on(situation: Situation, step: Step) -> dict[str, Score]:
    facts = [fact for fact in situation.record.by_step.get(step.id, ()) if fact.kind is Kind.ASSESSED]
    return rules.scores_of(facts, rubric_of(situation.journey, step))


def _state(found: _Own, closed: bool, scores: Mapping[str, Score]) -> str:
    window = found.situation.window(found.step)
    if found.opens_later:
        return f"Opens {day_words(window.opens)}."
    if closed:
        return "Scored."
    if found.sheet is not None:
        begun = "It is being scored." if scores else "It can be changed until somebody has scored it."
        handed = found.situation.run.local_day(found.sheet.row.changed)
        return f"Handed in {day_words(handed)}. {begun}"
    late = window.is_over(found.situation.today)
    return f"Was due {day_words(window.due)}." if late else f"By {long_day(window.due)}."


def _result(found: _Own, scores: Mapping[str, Score]) -> dict[str, Any] | None:
    result = rules.result_of(scores.values())
    if result is None:
        return None
    before = _before(found)
    notes = found.situation.notes
    comments = [notes[score.fact.id].texts.get("comment") for score in scores.values() if score.fact.id in notes]
    by = "by yourself" if found.by_oneself else f"by {plural(result.assessors, 'assessor')}"
    return {
        "percent": rounded(result.percent),
        "by": by,
        "lines": rubrics.lines(found.rubric, result.points),
        "before": before,
        "comments": [comment for comment in comments if comment],
    }


def _before(found: _Own) -> dict[str, Any] | None:
    """The result of the same rubric that came before, where there is one."""
    steps = [step for step in steps_of(found.situation) if step.assessment == found.step.assessment]
    steps.sort(key=lambda step: found.situation.window(step).opens)
    earlier: Iterable[Step] = steps[: steps.index(found.step)]
    for step in reversed(list(earlier)):
        sheet = found.all.get(step.id)
        result = rules.result_of(scores_on(found.situation, step).values())
        if result is not None and (sheet is None or sheet.closed) and told(step):
            return {
                "title": step.title,
                "percent": rounded(result.percent),
                "points": {key: plain(value, 1) for key, value in result.points.items()},
            }
    return None
