"""Changing a draft by a form: read, held against what the form was drawn from, changed, kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.flows import designing
from lrs_bridge.flows.designing import FILE, Stale
from lrs_bridge.journeyfile import JourneyFileError, editing
from lrs_bridge.store.drafts import DraftRow
from lrs_bridge.web import doors
from lrs_bridge.web.designer import fields
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.designer.draft import seen_by_form
from lrs_bridge.wiring import Bridge


def change(bridge: Bridge, desk: Desk, draft_id: str, work: Callable[[str], str]) -> DraftRow:
    """Keep the draft changed by `work`. Raises Stale, Door, IndexError."""
    with bridge.sessions.write() as session:
        row = desk.draft(session, draft_id, lock=True)
        if seen_by_form() != row.revision:
            raise Stale
        try:
            text = work(row.source)
        except JourneyFileError as error:
            raise _only_as_text(error) from error
        designing.save(session, row, text, row.revision, desk.name, desk.now)
        return row


def read(bridge: Bridge, desk: Desk, draft_id: str) -> tuple[DraftRow, Mapping[str, Any]]:
    """The draft, and what stands in it. Raises Door."""
    with bridge.sessions.read() as session:
        row = desk.draft(session, draft_id)
    return row, said_in(row)


def said_in(row: DraftRow) -> Mapping[str, Any]:
    """What stands in the draft. Raises Door where it cannot be read: then only its text can be mended."""
    try:
        editing.require_editable(row.source, FILE)
        return editing.typed(row.source, FILE)
    except JourneyFileError as error:
        raise _only_as_text(error) from error


def _only_as_text(error: JourneyFileError) -> doors.Door:
    first = error.problems[0]
    why = f"line {first.line}, {first.message}"
    return doors.Door(
        409,
        "This draft can only be changed as text now",
        f"Its text cannot be taken apart into forms: {why} Open the text of the draft and mend that first. "
        "Nothing is lost.",
        (("Go back", "to the draft, and open its text."), doors.HELP_DESK),
        reason="the draft cannot be read",
    )


def item_of(said: Mapping[str, Any], key: str, index: int) -> Mapping[str, Any]:
    found = fields.items(said, key)
    if index >= len(found):
        raise doors.Door(
            404,
            "This is not in the draft any more",
            "Somebody took it out, or it stands elsewhere now.",
            (("Go back", "to the draft."), doors.HELP_DESK),
            reason="no such item in the draft",
        )
    return found[index]


def press(desk: Desk, draft_id: str, saved: str, work: Callable[[], object]) -> ResponseReturnValue:
    """A button of one item. What somebody changed meanwhile is shown first, and nothing done."""
    try:
        work()
    except (Stale, IndexError):
        raise doors.Door(
            409,
            "Somebody changed the draft meanwhile",
            "Nothing was done, since the steps may stand elsewhere now.",
            (("Go back,", "load the draft again and look."), doors.HELP_DESK),
            reason="the draft changed since the page was drawn",
        ) from None
    return redirect(desk.url("design_draft", draft_id=draft_id, saved=saved), 303)


def whereabouts(said: Mapping[str, Any], key: str) -> int | None:
    """Where the item stands now that the form was about; None: nowhere, so that it would be added."""
    was = request.form.get("was", "")
    ids = [fields.text_of(one.get("id")) for one in fields.items(said, key)]
    return ids.index(was) if was and was in ids else None
