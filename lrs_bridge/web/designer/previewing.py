"""A journey as each role would see it in any week, with nobody's data: nothing is recorded by looking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lrs_bridge.domain import completion
from lrs_bridge.domain.journey import Journey, Step
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import designing
from lrs_bridge.flows.excepting import routes_of
from lrs_bridge.web import doors, leading, next_steps, paths, rows, step_forms
from lrs_bridge.web.deeds import survey_of
from lrs_bridge.web.designer import board
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.designer.imagining import MANAGER, PARTICIPANT, Imagined, weeks
from lrs_bridge.web.leading import Pages
from lrs_bridge.web.words import first_name, long_day, span
from lrs_bridge.wiring import Bridge

_ALWAYS = (Role.PARTICIPANT, Role.MANAGER, Role.SPONSOR, Role.COACH)


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the preview of a version and of a draft."""

    @pages.get(f"{prefix}/versions/<journey_id>/preview")
    def design_preview(journey_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.version(session, journey_id)
        back = {"href": desk.url("design_version", journey_id=row.id), "text": f"{row.title}, version {row.version}"}
        here = desk.url("design_preview", journey_id=row.id)
        return _page(desk, row.journey, back, here)

    @pages.get(f"{prefix}/drafts/<draft_id>/preview")
    def design_preview_draft(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.draft(session, draft_id)
        journey = designing.check(row.source).journey
        if journey is None:
            raise doors.Door(
                409,
                "This draft has to be mended first",
                "It can be looked at as soon as nothing in it is wrong. What is wrong stands on the draft’s page.",
                (("Go back", "to the draft."), doors.HELP_DESK),
                reason="the draft is not valid",
            )
        back = {"href": desk.url("design_draft", draft_id=row.id), "text": f"{row.title}, draft"}
        return _page(desk, journey, back, desk.url("design_preview_draft", draft_id=row.id))


def _page(desk: Desk, journey: Journey, back: dict[str, str], here: str) -> str:
    role = _role(journey)
    all_weeks = weeks(journey)
    asked = request.args.get("go", request.args.get("week", 0, int), int)
    week = min(max(asked, all_weeks.start), all_weeks.stop - 1)
    routes = routes_of(journey)
    route = request.args.get("route", "")
    imagined = Imagined(
        journey,
        day_zero=_day_zero(desk),
        week=week,
        diligent=request.args.get("done", "yes") != "no",
        route=route if route in routes else None,
    )
    content = _CONTENT.get(role, _of_others)(imagined, role)
    return desk.page(
        "preview.html",
        back=back,
        address=here,
        role=str(role),
        role_name=board.role_name(role),
        week=week,
        weeks=[{"value": n, "text": _week_words(n)} for n in all_weeks],
        earlier=week - 1 if week - 1 in all_weeks else None,
        later=week + 1 if week + 1 in all_weeks else None,
        roles=[{"value": str(one), "text": board.role_name(one)} for one in _roles(journey)],
        routes=routes,
        route=imagined.route or "",
        diligent=imagined.diligent,
        eyebrow=f"{long_day(imagined.today)}, {_week_words(week).lower()}",
        purpose=journey.purpose,
        names=(first_name(PARTICIPANT), first_name(MANAGER)),
        **content,
    )


def _week_words(week: int) -> str:
    if week == 0:
        return "Week of the kick-off"
    count = abs(week)
    weeks_ = "1 week" if count == 1 else f"{count} weeks"
    return f"{weeks_} {'after' if week > 0 else 'before'} the kick-off"


def _roles(journey: Journey) -> list[Role]:
    return [role for role in board.ROLE_ORDER if role in _ALWAYS or journey.owned_by(role)]


def _role(journey: Journey) -> Role:
    asked = request.args.get("role", "")
    return next((role for role in _roles(journey) if role == asked), Role.PARTICIPANT)


def _day_zero(desk: Desk) -> date:
    """A kick-off on the Monday to come: any day would do."""
    today = desk.now.date()
    return today + timedelta(days=7 - today.weekday())


def _of_participant(imagined: Imagined, _role: Role) -> dict[str, Any]:
    situation = imagined.situation()
    progress = completion.of(situation.journey, situation.evidence, situation.now)
    following = next_steps.next_step(situation, progress)

    def page(step_id: str) -> str:
        return f"#behind-{step_id}"

    hero = next_steps.hero(situation, progress, following, page, "#behind") if following else None
    open_ = [row.step for row in paths.shown(progress) if row.state(progress.today) in _OPEN]
    return {
        "kind": "participant",
        "next": hero,
        "nothing_due": next_steps.nothing_due(progress),
        "path": paths.draw(situation.journey, progress, following),
        "headline": rows.headline(progress),
        "phases": rows.phases(situation, page),
        "behind": [_behind(imagined.journey, step) for step in open_],
    }


_OPEN = (completion.StepState.OPEN, completion.StepState.OVERDUE)


def _of_manager(imagined: Imagined, _role: Role) -> dict[str, Any]:
    situation = imagined.situation()
    to = Pages(moment=lambda _enrolment, _statement: "#", step=lambda _enrolment, _step: "#")
    people = leading.people([situation], MANAGER, to)
    todos = leading.this_week(people)
    return {
        "kind": "manager",
        "title": leading.title(todos),
        "lede": leading.lede(people),
        "todos": todos,
        "rows": people,
    }


def _of_others(imagined: Imagined, role: Role) -> dict[str, Any]:
    """Their steps of that week, those to come, and those that were."""
    today = imagined.today
    now: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    for step in sorted(imagined.journey.owned_by(role), key=lambda one: (one.opens_day, one.due_day)):
        window = step.window(imagined.day_zero, imagined.day_zero)
        where = earlier if window.is_over(today) else later if window.opens > today + timedelta(days=6) else now
        where.append({**_behind(imagined.journey, step), "days": span(window.opens, window.due)})
    return {"kind": "other", "now": now, "coming": later, "over": earlier}


def _behind(journey: Journey, step: Step) -> dict[str, Any]:
    """What stands on the page of a step: its guide, and the questions of its survey or the criteria of its rubric."""
    survey = survey_of(journey, step)
    assessment = journey.assessments.get(step.assessment or "")
    asks: Sequence[str] = ()
    if survey is not None:
        asks = [question.title for question in step_forms.questions(survey)]
    elif assessment is not None:
        asks = [f"{one.title} (of {one.max:g})" for one in assessment.criteria]
    return {
        "id": step.id,
        "title": step.title,
        "type": board.type_name(step.type),
        "guide": step.guide,
        "asks": asks,
        "privacy": survey.confidentiality if survey else None,
        "optional": not step.required,
    }


_CONTENT: dict[Role, Callable[[Imagined, Role], dict[str, Any]]] = {
    Role.PARTICIPANT: _of_participant,
    Role.MANAGER: _of_manager,
}
