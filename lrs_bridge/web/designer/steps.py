"""The form of each step of a draft: changed, added, moved, taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.flows import designing
from lrs_bridge.flows.designing import FILE, Stale
from lrs_bridge.journeyfile import editing
from lrs_bridge.store.drafts import DraftRow
from lrs_bridge.web.designer import fields
from lrs_bridge.web.designer.changing import change, item_of, press, read, said_in, whereabouts
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.forms import Form
from lrs_bridge.wiring import Bridge

_STEP_FIELDS = (*fields.STEP_KEYS, "matches_verb", "matches_activity")


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the forms. `index` is a place in the file's list; `new` is a step to come."""
    at = f"{prefix}/drafts/<draft_id>"

    @pages.get(f"{at}/steps/<int:index>")
    def design_step(draft_id: str, index: int) -> ResponseReturnValue:
        desk = desk_of()
        row, said = read(bridge, desk, draft_id)
        step = item_of(said, "steps", index)
        errors = fields.complaints(designing.check(row.source).problems, f"steps[{index}]", _STEP_FIELDS)
        return _step_page(desk, row, said, index, Form(start=fields.step_form(step), errors=errors))

    @pages.get(f"{at}/steps/new")
    def design_new_step(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        row, said = read(bridge, desk, draft_id)
        start = fields.step_form({}) | {"id": fields.free_id(said, "steps", "S")}
        start |= {key: request.args[key] for key in ("phase", "owner") if key in request.args}
        return _step_page(desk, row, said, None, Form(start=start))

    @pages.post(f"{at}/steps/<int:index>")
    def design_keep_step(draft_id: str, index: int) -> ResponseReturnValue:
        desk = desk_of()
        values = fields.step_values(request.form)
        try:
            row = change(bridge, desk, draft_id, lambda text: editing.put(text, FILE, ("steps", index), values))
        except (Stale, IndexError):
            return _stale_step(desk, *read(bridge, desk, draft_id))
        errors = fields.complaints(designing.check(row.source).problems, f"steps[{index}]", _STEP_FIELDS)
        if errors:
            form = Form(data=request.form, errors=errors)
            return _step_page(desk, row, said_in(row), index, form, kept=True), 422
        return redirect(desk.url("design_draft", draft_id=draft_id, saved="step", anchor=_anchor(values)), 303)

    @pages.post(f"{at}/steps/new")
    def design_add_step(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        values = fields.step_values(request.form)
        place = [0]

        def work(text: str) -> str:
            place[0] = fields.place_for(editing.typed(text, FILE), str(values["phase"] or ""))
            return editing.add(text, FILE, "steps", values, place[0])

        try:
            row = change(bridge, desk, draft_id, work)
        except Stale:
            return _stale_step(desk, *read(bridge, desk, draft_id))
        errors = fields.complaints(designing.check(row.source).problems, f"steps[{place[0]}]", _STEP_FIELDS)
        if errors:
            form = Form(data=request.form, errors=errors)
            return _step_page(desk, row, said_in(row), place[0], form, kept=True), 422
        return redirect(desk.url("design_draft", draft_id=draft_id, saved="added", anchor=_anchor(values)), 303)

    @pages.post(f"{at}/steps/<int:index>/move")
    def design_move_step(draft_id: str, index: int) -> ResponseReturnValue:
        """One place up or down in the file, which is the order of steps with the same days."""
        desk = desk_of()
        down = request.form.get("way") == "down"

        def work(text: str) -> str:
            count = len(fields.items(editing.typed(text, FILE), "steps"))
            to = min(max(index + (1 if down else -1), 0), count - 1)
            return editing.move(text, FILE, "steps", index, to)

        return press(desk, draft_id, "moved", lambda: change(bridge, desk, draft_id, work))

    @pages.post(f"{at}/steps/<int:index>/remove")
    def design_remove_step(draft_id: str, index: int) -> ResponseReturnValue:
        desk = desk_of()
        return press(
            desk,
            draft_id,
            "gone",
            lambda: change(bridge, desk, draft_id, lambda text: editing.remove(text, FILE, "steps", index)),
        )


def _anchor(values: Mapping[str, Any]) -> str:
    return f"step-{values['id']}"


def _stale_step(desk: Desk, row: DraftRow, said: Mapping[str, Any]) -> ResponseReturnValue:
    form = Form(data=request.form)
    return _step_page(desk, row, said, whereabouts(said, "steps"), form, stale=True), 409


def _step_page(
    desk: Desk,
    row: DraftRow,
    said: Mapping[str, Any],
    index: int | None,
    form: Form,
    *,
    kept: bool = False,
    stale: bool = False,
) -> str:
    typed = {key: form.typed(key) for key in fields.STEP_KEYS}
    was = fields.text_of(item_of(said, "steps", index).get("id")) if index is not None else ""
    return desk.page(
        "step.html",
        draft=row,
        index=index,
        was=was,
        form=form,
        kept=kept,
        stale=stale,
        options=fields.step_options(said, typed),
        title=(form.typed("title") or was or "A step") if index is not None else "A new step",
        rare=any(typed[key] for key in ("grace_days", "route", "from")) or bool(form.typed("matches_verb")),
    )
