"""Where the study stands: what each part has come to, what is odd about the answers, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, url_for

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import State
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.studying import Room
from lrs_bridge.store import enrolments, runs, sessions
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.evaluator.room import Answer, enter, page, who
from lrs_bridge.web.evaluator.wording import money, percent
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import plural, sentence, when
from lrs_bridge.wiring import Bridge


@dataclass(frozen=True)
class Part:
    """One part of the study: where it is, what it has come to, and whether it is done."""

    endpoint: str
    title: str
    says: str
    done: bool


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/study")
    def study() -> Answer:
        return show_study(bridge)

    @pages.post("/study/of/<run_id>")
    def study_of_run(run_id: str) -> Answer:
        """Go on with the study of another run of the course, of which the visitor is evaluator too."""
        visit, _ = who()
        with bridge.sessions.write() as session:
            run = runs.get_run(session, visit.tenant_id, run_id)
            if run is None or run.id not in {one.id for one in _others(bridge, visit)}:
                raise doors.door_for(404)
            sessions.move_to_run(session, visit.token, run.id)
        return redirect(url_for("visit.study"), 303)


def show_study(bridge: Bridge) -> str:
    """The evaluator's first page."""
    visit, run, room = enter(bridge)
    return page(
        "overview", visit, room, "study", parts=_parts(room), others=_others(bridge, visit), made=_made(room, run)
    )


def _others(bridge: Bridge, visit: Visit) -> list[RunRow]:
    """Other runs of the course in which the visitor is evaluator today."""
    if visit.course is None or visit.run_row is None:
        return []
    with bridge.sessions.read() as session:
        known = [
            one for one in runs.runs_of_course(session, visit.tenant_id, visit.course.id) if one.id != visit.run_row.id
        ]
        return [
            one
            for one in known
            if Role.EVALUATOR
            in enrolments.roles_on(session, visit.tenant_id, one.id, visit.person_id, one.run.local_day(visit.now))
        ]


def _made(room: Room, run: RunRow) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Reports that were made: for whom, when by whom, the beginning of the hash, why not to hand it on."""
    return [
        (one.audience, f"{when(one.at, run.run.zone)}, {one.by}", one.inputs_hash[:12], one.stale)
        for one in reversed(room.study.reports)
    ]


def _parts(room: Room) -> list[Part]:
    study = room.study
    response, counts = study.response, study.board.counts
    changed = [part.title.lower() for part in study.model if part.changed]
    rate = f" ({percent(response.rate)})" if response.rate is not None and response.asked >= 10 else ""
    released = len(study.released)
    drafts = sum(story.state in (State.DRAFT, State.CHECKED) for story in study.stories)
    held, verified = len(study.interviews), sum(study.verified(one) for one in study.interviews)
    ranking = study.ranking
    top = ranking.gaps[0].title if ranking.comparable and ranking.gaps else None
    return [
        Part(
            "visit.study_model",
            "Impact model",
            f"Changed for this study: {', '.join(changed)}." if changed else "As the journey has it.",
            all(part.text for part in study.model),
        ),
        Part(
            "visit.study_survey",
            "Survey",
            f"{response.answered} of {response.asked} answered{rate}." if response.asked else "Nobody takes part yet.",
            bool(response.answered),
        ),
        Part(
            "visit.study_board",
            "Sort and draw",
            f"High {counts[Bucket.HIGH]}, Middle {counts[Bucket.MIDDLE]}, Low {counts[Bucket.LOW]}. "
            + (
                f"{sentence(plural(len(study.sample), 'person', 'people'))} drawn, seed {study.seed}."
                if study.drawn
                else "Nobody drawn yet."
            ),
            study.drawn is not None,
        ),
        Part(
            "visit.study_interviews",
            "Interviews",
            f"{sentence(plural(held, 'interview'))} held, {verified} confirmed by a second source.",
            bool(held) and all(one.registration in study.interviews for one in study.sample),
        ),
        Part(
            "visit.study_factors",
            "Factors",
            f"Widest gap: {top}." if top else "Nothing to compare yet.",
            top is not None,
        ),
        Part(
            "visit.study_value",
            "Value",
            f"{money(study.worth.value.point, study.money.currency)} realised."
            if study.worth
            else study.why_no_worth or "",
            study.worth is not None,
        ),
        Part(
            "visit.study_stories",
            "Stories",
            f"{sentence(plural(released, 'story', 'stories'))} released"
            + (f", {drafts} being written." if drafts else "."),
            bool(released),
        ),
    ]
