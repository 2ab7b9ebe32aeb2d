"""The record of one run, for whoever evaluates it: what took place, by name, without what people answered or rated."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.facts import Fact
from lrs_bridge.domain.people import Role
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.viewing import Eyes
from lrs_bridge.store import enrolments, results, tenants
from lrs_bridge.store.record_accesses import Viewer
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.record_filter import Filter
from lrs_bridge.web.record_looks import Notebook
from lrs_bridge.web.record_room import Room, Ways
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.wiring import Bridge


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add list, statement and export to the blueprint of the visit."""

    @pages.get("/statements")
    def statements() -> ResponseReturnValue:
        return show_statements(bridge)

    @pages.get("/statements/<id_>")
    def statement(id_: str) -> ResponseReturnValue:
        visit, run = _who()
        seen, content = _room(bridge, visit, run).one(id_)
        evidence = _evidence(bridge, visit, run, seen.fact)
        return render_template("statement.html", visit=visit, who_link=None, evidence=evidence, **content)

    @pages.get("/statements/export")
    def export_statements() -> ResponseReturnValue:
        return _room(bridge, *_who()).export()


def show_statements(bridge: Bridge) -> str:
    """The list, newest first."""
    visit, run = _who()
    return render_template("statements.html", visit=visit, who_link=None, **_room(bridge, visit, run).listing())


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, Role.EVALUATOR)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _room(bridge: Bridge, visit: Visit, run: RunRow) -> Room:
    with bridge.sessions.read() as session:
        home_page = tenants.get_tenant(session, visit.tenant_id).iri_base
    endpoint = bridge.endpoint()
    viewer = Viewer(str(Role.EVALUATOR), account=visit.account, run_id=run.id)
    return Room(
        sessions=bridge.sessions,
        eyes=Eyes(visit.tenant_id, home_page, run.id, remote=endpoint is not None),
        notebook=Notebook(bridge.sessions, visit.tenant_id, viewer, False, visit.now),
        filter=Filter(visit.tenant_id, run.run.zone, {run.id: run}, only_run=run),
        ways=Ways("visit.statements", "visit.statement", "visit.export_statements", {}),
        elsewhere=endpoint.name if endpoint else None,
    )


def _evidence(bridge: Bridge, visit: Visit, run: RunRow, fact: Fact | None) -> dict[str, Any] | None:
    """Which of the participant's indicators the statement counts for, as far as an evaluator sees them by name, each
    with the way to what else it is made of."""
    if fact is None or fact.registration is None:
        return None
    with bridge.sessions.read() as session:
        enrolment = enrolments.get_enrolment(session, visit.tenant_id, fact.registration)
        if enrolment is None or enrolment.run_id != run.id:
            return None
        found = results.person_results(session, visit.tenant_id, run.id, enrolment.person.account)
        active = active_evaluators(session, bridge.registry, run)
    links = [
        {
            "text": one.evaluator.title,
            "href": url_for("visit.why_of", enrolment=enrolment.id, indicator=one.key),
        }
        for one in active
        if one.evaluator.audience.get(Role.EVALUATOR) == "named"
        and one.key in found
        and fact.id in found[one.key].result.outcome.evidence
    ]
    return {"links": links, "name": enrolment.person.shown_name} if links else None
