"""The report as its readers find it: the version of their role, once the evaluator handed it out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.casework.acts import Report
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.reporting.audiences import READERS, TITLES, Audience, audiences_of
from lrs_bridge.flows import reporting, studying
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.reports import showing
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import when
from lrs_bridge.wiring import Bridge

_OWN = frozenset(Audience) - {Audience.EVALUATOR}
ROLES = tuple(sorted({role for audience in _OWN for role in READERS[audience]}))


@dataclass(frozen=True)
class Row:
    """`report` None: nothing is handed out. `gone`: one was, and is withdrawn."""

    title: str
    report: Report | None
    made: str
    gone: bool


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add them to the blueprint of the visit."""

    @pages.get("/reports")
    def reports() -> ResponseReturnValue:
        visit, run = _who()
        made = _made(bridge, run, visit)
        rows = [_row(made, audience, run) for audience in _for(visit)]
        return render_template("reports/list.html", visit=visit, rows=rows, who_link=None)

    @pages.get("/reports/<report>")
    def report(report: str) -> ResponseReturnValue:
        visit, run = _who()
        found = _one(bridge, visit, run, report)
        document = showing.read(found)
        showing.note(bridge, visit, _role(visit, found), found, "page")
        return render_template(
            "reports/report.html", visit=visit, report=found, who_link=None, **showing.content(document)
        )

    @pages.get("/reports/<report>/report.pdf")
    def report_pdf(report: str) -> ResponseReturnValue:
        visit, run = _who()
        found = _one(bridge, visit, run, report)
        document = showing.read(found)
        showing.note(bridge, visit, _role(visit, found), found, "PDF")
        return showing.as_file(run, document)


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, *ROLES)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _for(visit: Visit) -> list[Audience]:
    return [audience for audience in audiences_of(visit.roles) if audience in _OWN]


def _made(bridge: Bridge, run: RunRow, visit: Visit) -> tuple[Report, ...]:
    with bridge.sessions.read() as session:
        seal = studying.seal_of(bridge.settings.secret_key)
        return studying.open_room(session, seal, bridge.registry, run, visit.now).study.reports


def _one(bridge: Bridge, visit: Visit, run: RunRow, id_: str) -> Report:
    """The one of their own that stands. Raises Door for every other, as if it were not there."""
    made = _made(bridge, run, visit)
    known = next((one for one in made if one.id == id_ and one.handed_out is not None), None)
    if known is None or Audience(known.audience) not in _for(visit):
        raise doors.door_for(404)
    newest = reporting.current(made, Audience(known.audience))
    if newest is None or newest.id != known.id:
        raise showing.withdrawn(newer=newest is not None)
    return known


def _row(made: tuple[Report, ...], audience: Audience, run: RunRow) -> Row:
    newest = reporting.current(made, audience)
    out = [one for one in made if one.audience == audience and one.handed_out is not None]
    at = when(newest.at, run.run.zone) if newest else ""
    return Row(TITLES[audience], newest, at, bool(out) and newest is None)


def _role(visit: Visit, report: Report) -> Role:
    return next(role for role in sorted(READERS[Audience(report.audience)]) if role in visit.roles)
