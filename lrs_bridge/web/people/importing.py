"""Who is what to whom, from a file: a person sends it, sees what it would change, and has exactly that done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.flows.relations import SOURCE, Plan, import_relations, plan
from lrs_bridge.flows.relations_file import Sent, export_csv, export_people, read_file, read_text, template
from lrs_bridge.flows.relations_settling import Change
from lrs_bridge.journeyfile.leaders import COLUMNS, LineProblem
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.forms import Form
from lrs_bridge.web.people.desk import Desk
from lrs_bridge.web.people.folk import days, role_word
from lrs_bridge.web.people.taking_back import Imported, imported
from lrs_bridge.wiring import Bridge

LONGEST = 400_000  # characters: what is confirmed is sent again in a field of a form
_SHOWN = 100
_NOTHING = "Choose a file, or paste its lines."
_TOO_LONG = LineProblem(1, "that is more than 400,000 characters. Split the file, or use the command line.")


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[..., Desk], prefix: str) -> None:
    """Add the import, the template and the exports."""

    def shown(desk: Desk, form: Form, tried: Plan | None = None, sent: Sent | None = None, moved: bool = False) -> str:
        with bridge.sessions.read() as session:
            before = imported(session, desk)
        return _page(desk, form, before, tried, sent, moved)

    @pages.get(f"{prefix}/leaders")
    def leaders(**place: str) -> ResponseReturnValue:
        return shown(desk_of(**place), Form())

    @pages.post(f"{prefix}/leaders")
    def send_leaders(**place: str) -> ResponseReturnValue:
        """Without `sure` a file is only tried; the page that shows what it would change sends it again with it."""
        desk = desk_of(**place)
        with bridge.sessions.read() as session:
            sent = _sent(session, desk.run)
        if not sent.text.strip() and not sent.problems:
            return shown(desk, Form(errors={"file": _NOTHING})), 422
        mark = request.form.get("shown", "")
        if request.form.get("sure") != "yes" or not mark:
            with bridge.sessions.read() as session:
                tried = plan(session, desk.run, sent.rows, sent.problems, desk.today)
            return shown(desk, Form(), tried, sent), (422 if tried.problems else 200)
        with bridge.sessions.write() as session:
            done = import_relations(session, desk.hand(source=SOURCE), sent.rows, sent.problems, mark)
        if done.problems or (done.changes and done.mark != mark):
            return shown(desk, Form(), done, sent, moved=not done.problems), (422 if done.problems else 409)
        bridge.poke()
        return redirect(desk.url("everybody", saved="leaders"), 303)

    @pages.get(f"{prefix}/leaders/template.csv")
    def leaders_template(**place: str) -> ResponseReturnValue:
        desk = desk_of(**place)
        with bridge.sessions.read() as session:
            return _csv(template(session, desk.run, desk.today), "who-manages-whom.csv")

    @pages.get(f"{prefix}/leaders/everybody.csv")
    def leaders_csv(**place: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _csv(export_csv(session, desk_of(**place).run), "people-of-the-run.csv")

    @pages.get(f"{prefix}/leaders/people.yaml")
    def leaders_people_file(**place: str) -> ResponseReturnValue:
        with bridge.sessions.read() as session:
            return _file(export_people(session, desk_of(**place).run), "application/yaml", "people.yaml")


def _csv(text: str, name: str) -> Response:
    """Excel takes a file for UTF-8 only if it begins with a byte order mark."""
    return _file("\ufeff" + text, "text/csv", name)


def _file(text: str, kind: str, name: str) -> Response:
    answer = Response(text, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _sent(session: Session, run: RunRow) -> Sent:
    """The file, or what was pasted."""
    file = request.files.get("file")
    lines = request.form.get("lines", "")
    if file is None or not file.filename:
        sent = read_text(session, run, lines) if lines.strip() else Sent("", (), ())
    else:
        sent = read_file(session, run, file.read())
    return sent if len(sent.text) <= LONGEST else Sent("", (), (_TOO_LONG,))


def _page(
    desk: Desk, form: Form, before: Sequence[Imported], tried: Plan | None, sent: Sent | None, moved: bool
) -> str:
    return desk.page(
        "people/leaders.html",
        form=form,
        before=before,
        plan=tried and replace(tried, problems=tried.problems[:_SHOWN]),
        mark=tried.mark if tried else "",
        more=max(0, len(tried.problems) - _SHOWN) if tried else 0,
        changes=[_row(change) for change in tried.changes] if tried else [],
        text=sent.text if sent else "",
        note=sent.note if sent else None,
        moved=moved,
        columns=COLUMNS,
    )


def _row(change: Change) -> dict[str, object]:
    return {
        "line": change.line,
        "participant": change.participant or "The whole run",
        "leader": change.leader,
        "role": role_word(change.role),
        "what": change.what,
        "days": days(change.start, change.end),
    }
