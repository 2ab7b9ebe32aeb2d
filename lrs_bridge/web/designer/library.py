"""All journeys of the tenant: versions, drafts and templates; beginning a draft, copying, throwing away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.flows import designing
from lrs_bridge.journeyfile import JourneyFileError, sample, sample_text, samples
from lrs_bridge.store import drafts, journeys, runs
from lrs_bridge.store.drafts import DraftRow
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.forms import Form
from lrs_bridge.web.words import full_day, plural, sentence
from lrs_bridge.wiring import Bridge

_SAVED = {
    "removed": "The draft is thrown away.",
    "restored": "The draft is back.",
}
_EMPTY = "empty"


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the library, and the ways to a new draft."""

    @pages.get(prefix)
    def design_library() -> ResponseReturnValue:
        return show_library(bridge, desk_of())

    @pages.get(f"{prefix}/new")
    def design_new() -> ResponseReturnValue:
        return _new_page(bridge, desk_of(), Form(start={"template": request.args.get("template", "")}))

    @pages.post(f"{prefix}/new")
    def design_begin() -> ResponseReturnValue:
        desk = desk_of()
        source = _sent()
        try:
            with bridge.sessions.write() as session:
                if source.strip():
                    draft = designing.begin(session, desk.tenant_id, source, desk.name, desk.now)
                else:
                    text = _template(desk, session, request.form.get("template", ""))
                    draft = designing.copy_of(session, desk.tenant_id, text, desk.name, desk.now)
        except _NothingChosen as problem:
            return _new_page(bridge, desk, Form(data=request.form, errors={problem.field: str(problem)})), 422
        return redirect(desk.url("design_draft", draft_id=draft.id, saved="begun"), 303)

    @pages.post(f"{prefix}/versions/<journey_id>/edit")
    def design_next(journey_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.write() as session:
            version = desk.version(session, journey_id)
            known = drafts.draft_from(session, desk.tenant_id, version.id)
            draft = known or designing.next_version(session, version, desk.name, desk.now)
        return redirect(desk.url("design_draft", draft_id=draft.id, saved="there" if known else "next"), 303)

    @pages.post(f"{prefix}/versions/<journey_id>/copy")
    def design_copy(journey_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.write() as session:
            source = desk.version(session, journey_id).source
            draft = designing.copy_of(session, desk.tenant_id, source, desk.name, desk.now)
        return redirect(desk.url("design_draft", draft_id=draft.id, saved="copied"), 303)

    @pages.post(f"{prefix}/drafts/<draft_id>/copy")
    def design_copy_draft(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.write() as session:
            row = desk.draft(session, draft_id)
            try:
                draft = designing.copy_of(session, desk.tenant_id, row.source, desk.name, desk.now)
            except JourneyFileError:  # not YAML yet: copied as it is
                draft = designing.begin(session, desk.tenant_id, row.source, desk.name, desk.now)
        return redirect(desk.url("design_draft", draft_id=draft.id, saved="copied"), 303)

    @pages.post(f"{prefix}/drafts/<draft_id>/remove")
    def design_remove(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.write() as session:
            drafts.remove_draft(session, desk.draft(session, draft_id, lock=True), desk.now)
        return redirect(desk.url("design_library", saved="removed", undo=draft_id), 303)

    @pages.post(f"{prefix}/drafts/<draft_id>/restore")
    def design_restore(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.write() as session:
            row = drafts.get_draft(session, desk.tenant_id, draft_id, lock=True)
            if row is None:
                desk.draft(session, draft_id)  # says that it is not here
            else:
                row.removed = None
        return redirect(desk.url("design_library", saved="restored"), 303)

    @pages.get(f"{prefix}/versions/<journey_id>/file.yaml")
    def design_version_file(journey_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.version(session, journey_id)
        return _file(row.source, f"{row.slug}-{row.version}.yaml")

    @pages.get(f"{prefix}/drafts/<draft_id>/file.yaml")
    def design_draft_file(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.draft(session, draft_id)
        name = "".join(sign for sign in row.slug if sign.isascii() and (sign.isalnum() or sign in "-_.")) or "journey"
        return _file(row.source, f"{name}-draft.yaml")


class _NothingChosen(ValueError):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="application/yaml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _sent() -> str:
    """The uploaded file, or what was pasted."""
    file = request.files.get("file")
    if file is None or not file.filename:
        source = request.form.get("source", "")
    else:
        try:
            source = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            source = ""
    return source


def _template(desk: Desk, session: Any, chosen: str) -> str:
    if request.files.get("file"):
        raise _NothingChosen("file", "This is no text in UTF-8. Save the journey as plain text, and send it again.")
    if chosen == _EMPTY:
        return designing.SKELETON
    if chosen in samples():
        return sample_text(chosen)
    row = journeys.get_journey(session, desk.tenant_id, chosen)
    if row is None:
        raise _NothingChosen("template", "Choose what to begin with, or send a file.")
    return row.source


def show_library(bridge: Bridge, desk: Desk) -> str:
    """The first page of a designer."""
    with bridge.sessions.read() as session:
        installed = journeys.installed(session, desk.tenant_id)
        making = drafts.drafts(session, desk.tenant_id)
        counts = runs.counts_by_version(session, desk.tenant_id)
        own = _own_runs(session, desk)
    saved = request.args.get("saved", "")
    return desk.page(
        "library.html",
        note=_SAVED.get(saved),
        undo=request.args.get("undo") if saved == "removed" else None,
        journeys=[_journey(desk, rows, counts) for rows in _by_slug(installed)],
        drafts=[_draft(desk, row) for row in making],
        runs=[run_line(desk, run) for run in own if run.closed is None],
        closed=[run_line(desk, run) for run in own if run.closed is not None],
    )


def _own_runs(session: Any, desk: Desk) -> list[RunRow]:
    if desk.admin:
        return list(reversed(runs.all_runs(session, desk.tenant_id)))
    return runs.runs_of_course(session, desk.tenant_id, desk.course.id) if desk.course else []


def _by_slug(rows: Sequence[JourneyRow]) -> list[list[JourneyRow]]:
    found: dict[str, list[JourneyRow]] = {}
    for row in rows:
        found.setdefault(row.slug, []).append(row)
    return list(found.values())


def _journey(desk: Desk, rows: Sequence[JourneyRow], counts: dict[str, int]) -> dict[str, Any]:
    newest = rows[0]
    count = sum(counts.get(row.id, 0) for row in rows)
    by = f" by {newest.by}" if newest.by else ""
    return {
        "title": newest.title,
        "href": desk.url("design_version", journey_id=newest.id),
        "what": f"Version {newest.version}, {full_day(newest.created.date())}{by}.",
        "more": sentence(f"{plural(len(rows), 'version')}, {plural(count, 'run')}."),
        "all": desk.url("design_versions", slug=newest.slug),
        "edit": desk.url("design_next", journey_id=newest.id),
        "copy": desk.url("design_copy", journey_id=newest.id),
    }


def _draft(desk: Desk, row: DraftRow) -> dict[str, Any]:
    return {
        "title": row.title,
        "href": desk.url("design_draft", draft_id=row.id),
        "what": f"{row.slug}. Changed {full_day(row.changed.date())} by {row.by}.",
        "remove": desk.url("design_remove", draft_id=row.id),
    }


def run_line(desk: Desk, run: RunRow) -> dict[str, Any]:
    """A run in a list."""
    return {
        "title": run.journey_row.title,
        "href": desk.url("design_run", run_id=run.id),
        "where": run.course.title or "Course without a title",
        "what": f"Version {run.journey_row.version}, kick-off {full_day(run.day_zero)}.",
        "day_zero": full_day(run.day_zero),
        "pilot": run.is_pilot,
        "closed": f"Closed {full_day(run.closed.date())}" if run.closed else None,
    }


def _new_page(bridge: Bridge, desk: Desk, form: Form) -> str:
    with bridge.sessions.read() as session:
        installed = journeys.installed(session, desk.tenant_id)
    known = {row.slug for row in installed}
    options = [{"value": _EMPTY, "text": "A short one", "more": "Six steps that no journey should miss, to be filled"}]
    for slug in samples():
        if slug not in known:
            options.append({"value": slug, "text": sample(slug).title, "more": "A sample that comes with the tool"})
    for rows in _by_slug(installed):
        more = f"Version {rows[0].version}, {plural(len(rows[0].journey.steps), 'step')}"
        options.append({"value": rows[0].id, "text": rows[0].title, "more": more})
    return desk.page("new.html", form=form, templates=options)
