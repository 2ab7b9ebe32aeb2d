"""A draft: its board with what is wrong and what is remarked, its text with a live check, and publishing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.comparing import compare
from lrs_bridge.domain.journey import Journey
from lrs_bridge.flows import designing
from lrs_bridge.flows.designing import CannotPublish, Checked, Stale
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.journeyfile import JourneyFileError, Problem, design_check, editing
from lrs_bridge.store import drafts, journeys
from lrs_bridge.store.drafts import DraftRow
from lrs_bridge.web import security
from lrs_bridge.web.designer import board
from lrs_bridge.web.designer.change_words import told
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.words import full_day
from lrs_bridge.wiring import Bridge

_SAVED = {
    "begun": "The draft is kept. Nobody but designers sees it until it is published and started in a course.",
    "next": "This is a draft of the next version. Runs keep theirs.",
    "there": "There is a draft from this version already, and this is it. Copy it for another one.",
    "copied": "This is a journey of its own now, with a name of its own.",
    "text": "The draft is kept.",
    "step": "The step is kept in the draft.",
    "added": "The step is in the draft.",
    "moved": "The step stands elsewhere now.",
    "gone": "The step is out of the draft.",
    "moment": "The moment is kept in the draft.",
    "moment_gone": "The moment is out of the draft.",
    "basics": "Kept in the draft.",
    "undone": "The last change is taken back.",
}
_UNDOABLE = frozenset({"text", "step", "added", "moved", "gone", "moment", "moment_gone", "basics"})
_SHOWN = 50
_STEP_KEY = re.compile(r"steps\[(\d+)\]")
_MOMENT_KEY = re.compile(r"moments\[(\d+)\]")


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the draft's first page, its text and publishing."""
    at = f"{prefix}/drafts/<draft_id>"

    @pages.get(at)
    def design_draft(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.draft(session, draft_id)
            base = journeys.get_journey(session, desk.tenant_id, row.base_id) if row.base_id else None
        checked = designing.check(row.source)
        saved = request.args.get("saved", "")
        return desk.page(
            "draft.html",
            draft=row,
            width="",
            note=_SAVED.get(saved),
            undo=saved in _UNDOABLE and row.previous is not None,
            lede=_lede(row, base.version if base else None),
            problems=problem_lines(desk, row.id, checked.problems),
            more=max(0, len(checked.problems) - _SHOWN),
            **content_of(row.source),
            remarks=remarks_of(checked.journey, bridge.registry, desk, row.id) if checked.journey else [],
            valid=checked.journey is not None,
            compare=desk.url("design_compare", old=base.id, new=row.id) if base and checked.journey else None,
        )

    @pages.get(f"{at}/text")
    def design_text(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.draft(session, draft_id)
        return _text_page(desk, row, row.source)

    @pages.post(f"{at}/text")
    def design_keep_text(draft_id: str) -> ResponseReturnValue:
        """Whatever was typed is kept, and shown again with what is wrong with it."""
        desk = desk_of()
        source = designing.tidy(request.form.get("source", ""))
        if len(source) > designing.LONGEST:
            with bridge.sessions.read() as session:
                row = desk.draft(session, draft_id)
            return _text_page(desk, row, source, too_long=True), 422
        try:
            with bridge.sessions.write() as session:
                row = desk.draft(session, draft_id, lock=True)
                designing.save(session, row, source, seen_by_form(), desk.name, desk.now)
        except Stale:
            with bridge.sessions.read() as session:
                row = desk.draft(session, draft_id)
            return _text_page(desk, row, source, stale=True), 409
        if designing.check(source).problems:
            return _text_page(desk, row, source, kept=True), 422
        return redirect(desk.url("design_draft", draft_id=draft_id, saved="text"), 303)

    @pages.post(f"{at}/check")
    def design_check_text(draft_id: str) -> ResponseReturnValue:
        """What is wrong with a text, for the page's script. Nothing is kept."""
        desk = desk_of()
        with bridge.sessions.read() as session:
            desk.draft(session, draft_id)
        checked = designing.check(designing.tidy(request.form.get("source", ""))[: designing.LONGEST])
        problems = [{"line": one.line, "key": one.key, "message": one.message} for one in checked.problems[:_SHOWN]]
        remarks = [one.text for one in design_check(checked.journey)] if checked.journey else []
        return jsonify(problems=problems, more=max(0, len(checked.problems) - _SHOWN), remarks=remarks)

    @pages.post(f"{at}/undo")
    def design_undo(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        try:
            with bridge.sessions.write() as session:
                row = desk.draft(session, draft_id, lock=True)
                designing.take_back(session, row, seen_by_form(), desk.name, desk.now)
        except Stale:
            return redirect(desk.url("design_draft", draft_id=draft_id), 303)
        return redirect(desk.url("design_draft", draft_id=draft_id, saved="undone"), 303)

    @pages.get(f"{at}/publish")
    def design_publish(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.draft(session, draft_id)
        return _publish_page(bridge, desk, row)

    @pages.post(f"{at}/publish")
    def design_do_publish(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        try:
            with bridge.sessions.write() as session:
                row = _even_published(session, desk, draft_id)
                version = designing.publish(session, row, seen_by_form(), desk.name, desk.now)
        except (Stale, CannotPublish):
            with bridge.sessions.read() as session:
                row = desk.draft(session, draft_id)
            return _publish_page(bridge, desk, row, stale=True), 409
        except JourneyFileError:
            return redirect(desk.url("design_draft", draft_id=draft_id), 303)
        bridge.poke()
        return redirect(desk.url("design_version", journey_id=version.id, saved="published"), 303)


def _even_published(session: Any, desk: Desk, draft_id: str) -> DraftRow:
    """A second press of the button finds the draft thrown away, and the version there."""
    row = drafts.get_draft(session, desk.tenant_id, draft_id, lock=True)
    return row if row is not None else desk.draft(session, draft_id)


def seen_by_form() -> int:
    """The revision that the form was drawn from; -1 fits none."""
    try:
        return int(request.form.get("seen", ""))
    except ValueError:
        return -1


def content_of(source: str) -> dict[str, Any]:
    """Board and moments of a file, as far as it can be read."""
    try:
        said = editing.typed(source, designing.FILE)
    except JourneyFileError:
        return {"readable": False, "board": board.draw({}), "moments": [], "behaviours": {}}
    return {"readable": True, "board": board.draw(said), "moments": moments_of(said), "behaviours": behaviours_of(said)}


def moments_of(said: Any) -> list[dict[str, Any]]:
    found = said.get("moments")
    rows = [(n, one) for n, one in enumerate(found) if isinstance(one, dict)] if isinstance(found, list) else []
    titles = behaviours_of(said)
    return [
        {
            "index": n,
            "id": one.get("id", ""),
            "title": one.get("title") or one.get("id") or "Untitled moment",
            "behaviours": [titles.get(id_, id_) for id_ in one.get("behaviours", []) if isinstance(id_, str)]
            if isinstance(one.get("behaviours"), list)
            else [],
        }
        for n, one in rows
    ]


def behaviours_of(said: Any) -> dict[str, str]:
    found = said.get("behaviours")
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return {str(one.get("id", "")): str(one.get("title") or one.get("id", "")) for one in rows if one.get("id")}


def _lede(row: DraftRow, base: int | None) -> str:
    since = f"It began as version {base}. " if base else ""
    return f"{since}Changed {full_day(row.changed.date())} by {row.by}. Nobody but designers sees it."


def problem_lines(desk: Desk, draft_id: str, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Each with its place, and the form that mends it."""
    return [
        {
            "where": f"Line {one.line}" + (f", {one.key}" if one.key else ""),
            "message": one.message,
            "href": _form_for(desk, draft_id, one.key),
        }
        for one in problems[:_SHOWN]
    ]


def _form_for(desk: Desk, draft_id: str, key: str) -> str:
    step, moment = _STEP_KEY.match(key), _MOMENT_KEY.match(key)
    if step:
        return desk.url("design_step", draft_id=draft_id, index=step[1])
    if moment:
        return desk.url("design_moment", draft_id=draft_id, index=moment[1])
    return desk.url("design_text", draft_id=draft_id)


def remarks_of(journey: Journey, registry: Registry, desk: Desk, draft_id: str | None) -> list[dict[str, Any]]:
    """The design check, and evaluators that the file names and nobody installed."""
    places = {step.id: index for index, step in enumerate(journey.steps)}

    def link(step: str) -> dict[str, str]:
        href = desk.url("design_step", draft_id=draft_id, index=places[step]) if draft_id else f"#step-{step}"
        return {"href": href, "text": step}

    found = [
        {"text": one.text, "steps": [link(step) for step in one.steps if step in places]}
        for one in design_check(journey)
    ]
    missing = [key for key in journey.evaluators or {} if key not in registry.evaluators]
    found += [{"text": f"The evaluator {key} is not installed here, and is left out.", "steps": []} for key in missing]
    return found


def _text_page(
    desk: Desk,
    row: DraftRow,
    source: str,
    *,
    kept: bool = False,
    stale: bool = False,
    too_long: bool = False,
) -> Response:
    checked: Checked = designing.check(source[: designing.LONGEST])
    page = desk.page(
        "text.html",
        draft=row,
        source=source,
        kept=kept,
        stale=stale,
        too_long=too_long,
        problems=problem_lines(desk, row.id, checked.problems),
        more=max(0, len(checked.problems) - _SHOWN),
        remarks=[one.text for one in design_check(checked.journey)] if checked.journey else [],
        rows=min(40, max(16, source.count("\n") + 2)),
        width="",
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = security.policy(g.frame_ancestors, script=True)
    return answer


def _publish_page(bridge: Bridge, desk: Desk, row: DraftRow, stale: bool = False) -> str:
    checked = designing.check(row.source)
    journey = checked.journey
    with bridge.sessions.read() as session:
        known = journeys.versions(session, desk.tenant_id, journey.slug) if journey else []
        number = designing.version_to_be(session, desk.tenant_id, journey) if journey else None
    newest = known[0] if known else None
    return desk.page(
        "publish.html",
        draft=row,
        stale=stale,
        journey=journey,
        number=number,
        renumbered=journey is not None and number != journey.version,
        problems=problem_lines(desk, row.id, checked.problems),
        newest=newest,
        changes=told(compare(newest.journey, journey)) if newest and journey else [],
        remarks=remarks_of(journey, bridge.registry, desk, row.id) if journey else [],
    )
