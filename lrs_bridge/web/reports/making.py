"""The evaluator's desk of reports: choose for whom, look at it, make it, hand it out, and see who read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.casework.acts import Report
from lrs_bridge.domain.casework.study import Study
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reporting.audiences import TITLES, Audience
from lrs_bridge.domain.reporting.document import Document
from lrs_bridge.domain.reporting.telling import told
from lrs_bridge.flows import reporting, studying
from lrs_bridge.flows.studying import CannotDo, Room
from lrs_bridge.store import people, record_accesses
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.evaluator.room import Answer, back_to, enter, page, who
from lrs_bridge.web.forms import Acting, read
from lrs_bridge.web.insights.sheets import sheets
from lrs_bridge.web.reports import showing
from lrs_bridge.web.reports.compose import compose
from lrs_bridge.web.sponsor import impact
from lrs_bridge.web.words import when
from lrs_bridge.wiring import Bridge


@dataclass(frozen=True)
class Row:
    """One that was made. `state`: a chip; `readers`: who read it and when; `may`: it can be handed out now."""

    id: str
    title: str
    made: str
    stale: tuple[str, ...]
    state: dict[str, str]
    readers: list[str]
    open: bool
    may: bool
    hand_out: str | None


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add them to the blueprint of the visit."""

    @pages.get("/study/reports")
    def study_reports() -> Answer:
        visit, run, room = enter(bridge)
        with bridge.sessions.read() as session:
            rows = [_row(session, run, room, one) for one in reversed(room.study.reports)]
        return page("reports", visit, room, "study_reports", rows=rows, titles=TITLES)

    @pages.get("/study/reports/for/<audience>")
    def preview_report(audience: str) -> Answer:
        visit, run, room = enter(bridge)
        wanted = _audience(audience)
        with bridge.sessions.read() as session:
            study, document = make(session, bridge, run, wanted, visit.now)
            why = reporting.why_not(session, run, study, wanted)
        return page("preview", visit, room, "study_reports", audience=wanted, why=why, **showing.content(document))

    @pages.post("/study/reports/for/<audience>")
    def make_report(audience: str) -> Answer:
        visit, run = who()
        wanted, act = _audience(audience), str(read(Acting())["act"])
        try:
            with bridge.sessions.write() as session:
                study, document = make(session, bridge, run, wanted, visit.now)
                by = people.get_person(session, visit.tenant_id, visit.person_id)
                assert by is not None, "a visit is somebody's"
                seal, text = studying.seal_of(bridge.settings.secret_key), showing.written(document)
                reporting.keep(session, seal, run, by, act, study, wanted, text, visit.now)
        except CannotDo as problem:
            raise _cannot(problem) from None
        return back_to("study_reports", "report")

    @pages.get("/study/reports/<report>")
    def study_report(report: str) -> Answer:
        visit, _, room = enter(bridge)
        found = _report(room, report)
        document = showing.read(found)
        showing.note(bridge, visit, Role.EVALUATOR, found, "page")
        return page("report", visit, room, "study_reports", report=found, **showing.content(document))

    @pages.get("/study/reports/<report>/report.pdf")
    def study_report_pdf(report: str) -> ResponseReturnValue:
        visit, run, room = enter(bridge)
        found = _report(room, report)
        document = showing.read(found)
        showing.note(bridge, visit, Role.EVALUATOR, found, "PDF")
        return showing.as_file(run, document)

    @pages.post("/study/reports/<report>/hand-out")
    def hand_out_report(report: str) -> Answer:
        visit, run, room = enter(bridge)
        found, act = _report(room, report), str(read(Acting())["act"])
        try:
            with bridge.sessions.write() as session:
                by = people.get_person(session, visit.tenant_id, visit.person_id)
                assert by is not None, "a visit is somebody's"
                seal = studying.seal_of(bridge.settings.secret_key)
                reporting.hand_out(session, seal, run, by, act, found, visit.now)
        except CannotDo as problem:
            raise _cannot(problem) from None
        return back_to("study_reports", "hand_out", act)


def make(session: Session, bridge: Bridge, run: RunRow, audience: Audience, now: datetime) -> tuple[Study, Document]:
    """One version from the record as it is."""
    seal = studying.seal_of(bridge.settings.secret_key)
    study = reporting.study_for(session, seal, bridge.registry, run, audience, now)
    goal = impact.read(session, run)
    figures = reporting.figures_for(session, bridge.registry, run, audience, goal, now)
    tables = sheets(figures, run, TITLES[audience]) if figures is not None else []
    return study, compose(told(study, audience), tables)


def _audience(name: str) -> Audience:
    if name not in set(Audience):
        raise doors.door_for(404)
    return Audience(name)


def _report(room: Room, id_: str) -> Report:
    found = next((one for one in room.study.reports if one.id == id_), None)
    if found is None:
        raise doors.door_for(404)
    return found


def _cannot(problem: CannotDo) -> doors.Door:
    return doors.Door(
        409,
        "This report cannot go out now",
        str(problem),
        (("Go back", "to the reports."), doors.HELP_DESK),
        reason="a report that has to wait",
    )


def _row(session: Session, run: RunRow, room: Room, one: Report) -> Row:
    audience = Audience(one.audience)
    gone = one.text is None or bool(one.stale)
    newest = reporting.current(room.study.reports, audience)
    later = newest is not None and newest.at > one.at
    if gone:
        state = {"kind": "stop", "sign": "x", "text": "Withdrawn"}
    elif one.handed_out and later:
        state = {"kind": "", "sign": "minus", "text": "There is a newer one"}
    elif one.handed_out:
        state = {"kind": "done", "sign": "check", "text": "Handed out"}
    else:
        state = {"kind": "", "sign": "pencil", "text": "Only you can read it"}
    return Row(
        id=one.id,
        title=TITLES[audience],
        made=f"{when(one.at, run.run.zone)}, {one.by}. Made from {one.inputs_hash[:12]}.",
        stale=one.stale or (("Its words are erased.",) if one.text is None else ()),
        state=state,
        readers=_readers(session, run, one),
        open=not gone,
        may=not gone and one.handed_out is None and audience is not Audience.EVALUATOR,
        hand_out=one.hand_out,
    )


def _readers(session: Session, run: RunRow, one: Report) -> list[str]:
    looks = record_accesses.of_report(session, run.tenant_id, run.id, one.id)
    names = people.names(session, run.tenant_id, [look.account for look in looks if look.account])
    return [
        f"{names.get(look.account or '', 'Somebody')}, {look.role}, {when(look.at, run.run.zone)}" for look in looks
    ]
