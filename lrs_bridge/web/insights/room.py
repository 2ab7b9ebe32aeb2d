"""The page of a run's results, and the same as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.insights.figures import Figures
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import insights
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.insights import Reader
from lrs_bridge.store.record_accesses import Looked, Viewer
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.trouble import UNAVAILABLE
from lrs_bridge.web import doors, sights
from lrs_bridge.web.insights import files
from lrs_bridge.web.insights.cells import Sheet
from lrs_bridge.web.insights.sheets import sheets
from lrs_bridge.web.record_looks import TOTALS, Notebook
from lrs_bridge.web.sights import Sight
from lrs_bridge.web.sponsor import impact, reach
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import plural, sentence
from lrs_bridge.wiring import Bridge

READERS: Mapping[Role, str] = {
    Role.EVALUATOR: "Evaluator",
    Role.DESIGNER: "Designer",
    Role.FACILITATOR: "Course teacher",
    Role.SPONSOR: "Sponsor",
}
"""Who reads the results; the first of these that somebody is says in which role they took a file out."""
_BY_NAME = frozenset({Role.EVALUATOR, Role.FACILITATOR})
_EXPECTATIONS = frozenset({Role.EVALUATOR, Role.DESIGNER, Role.SPONSOR})
_GOAL = frozenset({Role.EVALUATOR, Role.SPONSOR})
_BEYOND = frozenset({Role.EVALUATOR, Role.SPONSOR})
"""Who was given their part by somebody of the run; a course alone makes teachers, and what they see ends with it."""
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add page and files to the blueprint of the visit."""

    @pages.get("/results")
    def run_results() -> ResponseReturnValue:
        visit, run = _who()
        figures, found = _read(bridge, visit, run)
        return render_template(
            "insights/results.html",
            visit=visit,
            eyebrow=visit.journey.title if visit.journey else None,
            lede=_lede(figures),
            sheets={sheet.key: sheet for sheet in found},
            csv=url_for("visit.run_results_csv"),
            excel=url_for("visit.run_results_excel"),
            chain=url_for("visit.sponsor_room") if figures.own_chain else None,
            who_link=None,
            width="",
        )

    @pages.get("/results.csv")
    def run_results_csv() -> ResponseReturnValue:
        return _file(bridge, "csv", "text/csv; charset=utf-8", files.as_csv)

    @pages.get("/results.xlsx")
    def run_results_excel() -> ResponseReturnValue:
        return _file(bridge, "xlsx", _EXCEL, files.as_excel)


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, *READERS)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _read(bridge: Bridge, visit: Visit, run: RunRow) -> tuple[Figures, list[Sheet]]:
    """The figures for this reader as tables, for the page and for each file; what is held back is noted."""
    with bridge.sessions.read() as session:
        active = active_evaluators(session, bridge.registry, run)
        told = frozenset(one.key for one in active if sights.of_run(one.evaluator, visit.roles) in _SEEN)
        reader = Reader(
            told=told,
            names=bool(visit.roles & _BY_NAME),
            expectations=bool(visit.roles & _EXPECTATIONS),
            goal=bool(visit.roles & _GOAL),
            beyond=bool(visit.roles & _BEYOND),
            chain_of=_own_people(session, visit),
        )
        goal = impact.read(session, run) if reader.goal else None
        figures = insights.gather(session, run, active, reader, goal, visit.now)
        noted = insights.is_noted(session, run, figures)
    if not noted:
        with suppress(*UNAVAILABLE), bridge.sessions.write() as session:  # a full disk can still be read
            insights.note_held(session, run, figures, visit.now)
    return figures, sheets(figures, run, _role(visit)[1])


_SEEN = (Sight.NAMED, Sight.TOTAL)


def _own_people(session: Session, visit: Visit) -> frozenset[str] | None:
    """For a sponsor who is nothing else here the people of their managers, as on their first page."""
    if visit.roles & _BY_NAME or Role.SPONSOR not in visit.roles:
        return None
    return frozenset(row.person.account for row in reach.of(session, visit).members)


def _role(visit: Visit) -> tuple[Role, str]:
    return next((role, name) for role, name in READERS.items() if role in visit.roles)


def _lede(figures: Figures) -> str:
    if not figures.people:
        return "Nobody takes part yet."
    return f"{sentence(plural(figures.people, 'participant'))}. Totals, and no person in them."


def _file(bridge: Bridge, ending: str, kind: str, made: Callable[[list[Sheet]], bytes]) -> Response:
    """One file, noted before it goes out."""
    visit, run = _who()
    _, found = _read(bridge, visit, run)
    content = made(found)
    viewer = Viewer(str(_role(visit)[0]), account=visit.account, run_id=run.id)
    notebook = Notebook(bridge.sessions, visit.tenant_id, viewer, False, visit.now)
    notebook.note(Looked.EXPORT, {TOTALS: f"results.{ending}"}, files.count(found))
    answer = Response(content, content_type=kind)
    name = f"results-{run.journey_row.slug}-{run.day_zero.isoformat()}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
