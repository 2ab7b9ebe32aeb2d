"""Who manages whom: a teacher or designer sends a file, sees what it would change, and has it done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.people import Role
from lrs_bridge.flows.relations import Change, Plan, import_relations, plan, template
from lrs_bridge.journeyfile.leaders import COLUMNS, LineProblem
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.forms import Form
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge

_NOT_UTF8 = LineProblem(1, "the file is not UTF-8 text. Save it as CSV, UTF-8.")
_NOTHING = "Choose a file, or paste its lines."


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the import of relations to the blueprint of the visit."""

    @pages.get("/leaders")
    def leaders() -> ResponseReturnValue:
        visit, _ = _allowed()
        return _page(visit, Form(), None, "")

    @pages.post("/leaders")
    def send_leaders() -> ResponseReturnValue:
        """Without `sure` a file is only tried; the page that shows what it would change sends it again with it."""
        visit, run = _allowed()
        text, problem = _sent()
        if problem is not None:
            return _page(visit, Form(), Plan((), (problem,), 0, ()), ""), 422
        if not text.strip():
            return _page(visit, Form(errors={"file": _NOTHING}), None, ""), 422
        if request.form.get("sure") != "yes":
            with bridge.sessions.read() as session:
                tried = plan(session, run, text, visit.today)
            return _page(visit, Form(), tried, text), (422 if tried.problems else 200)
        with bridge.sessions.write() as session:
            done = import_relations(session, run, text, visit.now)
        if done.problems:
            return _page(visit, Form(), done, text), 422
        bridge.poke()
        return redirect(url_for("visit.overview" if _sees_overview(visit) else "visit.leaders", saved="leaders"), 303)

    @pages.get("/leaders/template.csv")
    def leaders_template() -> ResponseReturnValue:
        visit, run = _allowed()
        with bridge.sessions.read() as session:
            made = template(session, run, visit.today)
        # Excel takes a file for UTF-8 only if it begins with a byte order mark.
        answer = Response("\ufeff" + made, mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="who-manages-whom.csv"'
        return answer


def _allowed() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, Role.FACILITATOR, Role.DESIGNER)
    if visit.run_row is None:
        raise doors.door_for(404)
    return visit, visit.run_row


def _sees_overview(visit: Visit) -> bool:
    return Role.FACILITATOR in visit.roles


def _sent() -> tuple[str, LineProblem | None]:
    """The text of the file, or what was pasted."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return request.form.get("lines", ""), None
    try:
        return file.read().decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return "", _NOT_UTF8


def _page(visit: Visit, form: Form, tried: Plan | None, text: str) -> str:
    return render_template(
        "leaders.html",
        visit=visit,
        form=form,
        plan=tried and replace(tried, problems=tried.problems[:100]),
        more=max(0, len(tried.problems) - 100) if tried else 0,
        changes=[_row(change) for change in tried.changes] if tried else [],
        text=text,
        columns=COLUMNS,
        saved="Who manages whom is as the file says." if request.args.get("saved") else None,
        overview=_sees_overview(visit),
    )


def _row(change: Change) -> dict[str, object]:
    return {
        "line": change.line,
        "participant": change.participant,
        "leader": change.leader,
        "role": str(change.role),
        "what": change.what,
        "days": _days(change.start, change.end),
    }


def _days(start: date | None, end: date | None) -> str:
    since = f"from {full_day(start)}" if start else "since the beginning"
    return f"{since} to {full_day(end)}" if end else since
