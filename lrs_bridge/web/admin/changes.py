"""The log of who switched or set which evaluator where: to search, to undo, to take along as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.switching import COLUMN, SWITCH, Place, Word, changes
from lrs_bridge.store import plugin_changes
from lrs_bridge.store.plugin_changes import PluginChange, Search
from lrs_bridge.web.admin.evaluators import SCOPE_NAMES, names_of
from lrs_bridge.web.admin.schema_form import in_words
from lrs_bridge.web.admin.visit import current, page
from lrs_bridge.web.words import clock, full_day
from lrs_bridge.wiring import Bridge

AT_ONCE = 50
_UTC = ZoneInfo("UTC")
_NAMES = {SWITCH: "Switch", COLUMN: "Column in the gradebook"}
_WORDS = {
    SWITCH: {None: "inherited", True: "on", False: "off"},
    COLUMN: {None: "inherited", True: "yes", False: "no"},
}
_HEAD = ("number", "time", "who", "visit", "evaluator", "where", "place", "what", "from", "to", "undoes")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def add_pages(rooms: Blueprint, bridge: Bridge) -> None:
    """Add the log and its export to the administrator's blueprint."""

    @rooms.get("/changes", endpoint="changes")
    def show() -> ResponseReturnValue:
        admin, search = current(), _search(bridge)
        before = request.args.get("before", type=int)
        with bridge.sessions.read() as session:
            rows = plugin_changes.newest(session, admin.tenant_id, search, AT_ONCE + 1, before)
            names = names_of(session, admin.tenant_id)
        shown = rows[:AT_ONCE]
        asked: dict[str, Any] = {
            name: text for name in ("evaluator", "q") if (text := request.args.get(name, "").strip())
        }
        titles = {key: one.title for key, one in bridge.registry.evaluators.items()}
        return page(
            "admin/changes.html",
            "changes",
            None,
            rows=[_row(one, names, titles) for one in shown],
            asked=asked,
            evaluators=sorted(titles.items(), key=lambda one: one[1]),
            older=url_for("admin.changes", **asked, before=shown[-1].id) if len(rows) > AT_ONCE else None,
            export=url_for("admin.export_changes", **asked),
        )

    @rooms.get("/changes.csv")
    def export_changes() -> ResponseReturnValue:
        tenant_id, search = current().tenant_id, _search(bridge)

        def pieces() -> Iterator[str]:
            yield line_of(_HEAD)
            with bridge.sessions.read() as session:
                for one in plugin_changes.every(session, tenant_id, search):
                    yield from map(line_of, _csv_rows(one))

        headers = {"Content-Disposition": 'attachment; filename="evaluator-changes.csv"'}
        return Response(pieces(), content_type="text/csv; charset=utf-8", headers=headers)


def told(one: PluginChange, names: Mapping[Place, str]) -> dict[str, Any]:
    """A change in words: who, when, where, and what from what to what."""
    was, became = one.words
    return {
        "id": one.id,
        "who": one.who,
        "when": at(one.at),
        "place": f"{SCOPE_NAMES[one.place.scope]} {names.get(one.place, one.place_name)}",
        "lines": lines_of(was, became),
        "undoes": one.undoes,
    }


def lines_of(was: Word, became: Word) -> list[dict[str, Any]]:
    """Each thing that changed: what, from what, to what."""
    return [
        {
            "what": _NAMES.get(change.path, change.path),
            "setting": change.path not in _NAMES,
            "from": _said(change.path, change.was),
            "to": _said(change.path, change.became),
        }
        for change in changes(was, became)
    ]


def at(moment: datetime) -> str:
    """26 March 2026, 09:00"""
    return f"{full_day(moment.astimezone(_UTC).date())}, {clock(moment, _UTC)}"


def _said(path: str, value: Any) -> str:
    if path in _WORDS:
        return _WORDS[path][value]
    return "inherited" if value is None else in_words(value)


def _search(bridge: Bridge) -> Search:
    text = request.args.get("q", "").strip()[:200]
    every = bridge.registry.evaluators.values()
    titles = [one.key for one in every if text and text.casefold() in one.title.casefold()]
    return Search(request.args.get("evaluator") or None, text, titles)


def _row(one: PluginChange, names: Mapping[Place, str], titles: Mapping[str, str]) -> dict[str, Any]:
    known = one.place in names and one.evaluator in titles
    address: dict[str, Any] = {"key": one.evaluator, "scope": one.scope, "place_id": one.scope_id}
    return {
        **told(one, names),
        "title": titles.get(one.evaluator, one.evaluator),
        "visit": one.visit[:8],
        "undo": url_for("admin.place", **address, undo=one.id) if known else None,
    }


def _csv_rows(one: PluginChange) -> Iterator[tuple[Any, ...]]:
    was, became = one.words
    for line in lines_of(was, became):
        where = (one.evaluator, SCOPE_NAMES[one.place.scope], one.place_name)
        what = (line["what"], line["from"], line["to"], one.undoes or "")
        yield (one.id, one.at.isoformat(), one.who, one.visit[:8], *where, *what)


def line_of(cells: tuple[Any, ...]) -> str:
    """One line of CSV (RFC 4180). What a spreadsheet would take for a formula stands behind an apostrophe."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{text}" if (text := str(cell)).startswith(_FORMULA) else text for cell in cells])
    return out.getvalue()
