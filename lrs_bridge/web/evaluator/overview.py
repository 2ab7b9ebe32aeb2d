"""Where the study stands: what each part has come to, what is odd about the answers, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, url_for
from sqlalchemy.orm import Session

from lrs_bridge.domain.casework.sorting import Bucket
from lrs_bridge.domain.casework.stories import State
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reporting.audiences import TITLES, Audience
from lrs_bridge.flows.studying import Room
from lrs_bridge.store import enrolments, runs, sessions
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.evaluator.room import Answer, enter, page, who
from lrs_bridge.web.evaluator.wording import money, percent
from lrs_bridge.web.visits import Visit
from lrs_bridge.web.words import number, plural, sentence, when
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
        """Go on with the study of another run, as its evaluator and as nothing else."""
        visit, _ = who()
        run = next((one for one in _others(bridge, visit) if one.id == run_id), None)
        if run is None:
            raise doors.door_for(404)
        with bridge.sessions.write() as session:
            sessions.move_as_given(session, visit.token, run.id, run.course_id)
        return redirect(url_for("visit.study"), 303)


def show_study(bridge: Bridge) -> str:
    """The evaluator's first page."""
    visit, run, room = enter(bridge)
    return page(
        "overview", visit, room, "study", parts=_parts(room), others=_others(bridge, visit), made=_made(room, run)
    )


def _others(bridge: Bridge, visit: Visit) -> list[RunRow]:
    """Other runs in which the visitor was given the role of evaluator, and has it today; the latest first."""
    here = visit.run_row.id if visit.run_row else ""
    with bridge.sessions.read() as session:
        ids = enrolments.runs_with_role(session, visit.tenant_id, visit.person_id, Role.EVALUATOR)
        known = runs.runs_by_id(session, visit.tenant_id, [id_ for id_ in ids if id_ != here]).values()
        found = [one for one in known if Role.EVALUATOR in _roles(session, visit, one)]
    return sorted(found, key=lambda one: (one.day_zero, one.id), reverse=True)


def _roles(session: Session, visit: Visit, run: RunRow) -> frozenset[Role]:
    return enrolments.roles_on(session, visit.tenant_id, run.id, visit.person_id, run.run.local_day(visit.now))


def _made(room: Room, run: RunRow) -> list[tuple[str, str, str, tuple[str, ...], str | None]]:
    """Reports that were made: for whom, when by whom, the beginning of the hash, why not to hand it on, its id if it
    can be read."""
    return [
        (
            TITLES[Audience(one.audience)],
            f"{when(one.at, run.run.zone)}, {one.by}",
            one.inputs_hash[:12],
            one.stale,
            one.id if one.text is not None and not one.stale else None,
        )
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
            + (f", {number(drafts)} being written." if drafts else "."),
            bool(released),
        ),
    ]
