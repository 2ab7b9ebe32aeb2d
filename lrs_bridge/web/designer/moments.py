"""The forms of the moments that matter with their behaviours, and of what a journey has once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lrs_bridge.flows import designing
from lrs_bridge.flows.designing import FILE, Stale
from lrs_bridge.journeyfile import editing
from lrs_bridge.store.drafts import DraftRow
from lrs_bridge.web.designer import fields
from lrs_bridge.web.designer.changing import change, item_of, press, read, said_in, whereabouts
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.designer.draft import behaviours_of
from lrs_bridge.web.forms import Form
from lrs_bridge.wiring import Bridge

_MOMENT_FIELDS = ("id", "title", "behaviours", "new_behaviours")


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the forms. `index` is a place in the file's list; `new` is a moment to come."""
    at = f"{prefix}/drafts/<draft_id>"

    @pages.get(f"{at}/moments/<int:index>")
    def design_moment(draft_id: str, index: int) -> ResponseReturnValue:
        desk = desk_of()
        row, said = read(bridge, desk, draft_id)
        errors = fields.complaints(designing.check(row.source).problems, f"moments[{index}]", _MOMENT_FIELDS)
        form = Form(start=_moment_start(item_of(said, "moments", index)), errors=errors)
        return _moment_page(desk, row, said, index, form)

    @pages.get(f"{at}/moments/new")
    def design_new_moment(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        row, said = read(bridge, desk, draft_id)
        return _moment_page(desk, row, said, None, Form(start={"id": fields.free_id(said, "moments", "M")}))

    def keep_moment(desk: Desk, draft_id: str, index: int | None) -> ResponseReturnValue:
        values = fields.moment_values(request.form)
        new = fields.lines(request.form.get("new_behaviours", ""))
        place = [index or 0]

        def work(text: str) -> str:
            chosen = list(values["behaviours"] or [])
            for title in new:
                id_ = fields.free_id(editing.typed(text, FILE), "behaviours", "B")
                text = editing.add(text, FILE, "behaviours", {"id": id_, "title": title})
                chosen.append(id_)
            told = values | {"behaviours": chosen or None}
            if index is not None:
                return editing.put(text, FILE, ("moments", index), told)
            place[0] = len(fields.items(editing.typed(text, FILE), "moments"))
            return editing.add(text, FILE, "moments", told)

        try:
            row = change(bridge, desk, draft_id, work)
        except (Stale, IndexError):
            row, said = read(bridge, desk, draft_id)
            form = Form(data=request.form)
            return _moment_page(desk, row, said, whereabouts(said, "moments"), form, stale=True), 409
        errors = fields.complaints(designing.check(row.source).problems, f"moments[{place[0]}]", _MOMENT_FIELDS)
        if errors:
            typed = MultiDict(request.form)
            typed.setlist("behaviours", list(item_of(said_in(row), "moments", place[0]).get("behaviours") or []))
            typed["new_behaviours"] = ""
            return _moment_page(desk, row, said_in(row), place[0], Form(data=typed, errors=errors), kept=True), 422
        return redirect(desk.url("design_draft", draft_id=draft_id, saved="moment", anchor="moments"), 303)

    @pages.post(f"{at}/moments/<int:index>")
    def design_keep_moment(draft_id: str, index: int) -> ResponseReturnValue:
        return keep_moment(desk_of(), draft_id, index)

    @pages.post(f"{at}/moments/new")
    def design_add_moment(draft_id: str) -> ResponseReturnValue:
        return keep_moment(desk_of(), draft_id, None)

    @pages.post(f"{at}/moments/<int:index>/remove")
    def design_remove_moment(draft_id: str, index: int) -> ResponseReturnValue:
        desk = desk_of()
        return press(
            desk,
            draft_id,
            "moment_gone",
            lambda: change(bridge, desk, draft_id, lambda text: editing.remove(text, FILE, "moments", index)),
        )

    @pages.get(f"{at}/basics")
    def design_basics(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()
        row, said = read(bridge, desk, draft_id)
        errors = fields.basics_complaints(designing.check(row.source).problems)
        return _basics_page(desk, row, Form(start=fields.basics_form(said), errors=errors))

    @pages.post(f"{at}/basics")
    def design_keep_basics(draft_id: str) -> ResponseReturnValue:
        desk = desk_of()

        def work(text: str) -> str:
            for path, values in fields.basics_values(request.form):
                text = editing.put(text, FILE, path, values)
            return text

        try:
            row = change(bridge, desk, draft_id, work)
        except Stale:
            row, _ = read(bridge, desk, draft_id)
            return _basics_page(desk, row, Form(data=request.form), stale=True), 409
        errors = fields.basics_complaints(designing.check(row.source).problems)
        if errors:
            return _basics_page(desk, row, Form(data=request.form, errors=errors), kept=True), 422
        return redirect(desk.url("design_draft", draft_id=draft_id, saved="basics"), 303)


def _moment_start(moment: Mapping[str, Any]) -> dict[str, Any]:
    behaviours = moment.get("behaviours")
    return {
        "id": fields.text_of(moment.get("id")),
        "title": fields.text_of(moment.get("title")),
        "behaviours": behaviours if isinstance(behaviours, list) else [],
    }


def _moment_page(
    desk: Desk,
    row: DraftRow,
    said: Mapping[str, Any],
    index: int | None,
    form: Form,
    *,
    kept: bool = False,
    stale: bool = False,
) -> str:
    was = fields.text_of(item_of(said, "moments", index).get("id")) if index is not None else ""
    return desk.page(
        "moment.html",
        draft=row,
        index=index,
        was=was,
        form=form,
        kept=kept,
        stale=stale,
        behaviours=[{"value": id_, "text": title, "more": id_} for id_, title in behaviours_of(said).items()],
        title=(form.typed("title") or was or "A moment") if index is not None else "A new moment that matters",
    )


def _basics_page(desk: Desk, row: DraftRow, form: Form, *, kept: bool = False, stale: bool = False) -> str:
    return desk.page(
        "basics.html",
        draft=row,
        form=form,
        kept=kept,
        stale=stale,
        basics=fields.BASICS,
        purpose=fields.PURPOSE,
        path=fields.PATH,
        targets=fields.TARGETS,
    )
