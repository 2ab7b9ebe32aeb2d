"""What people of a pilot said, by step, for whoever designs: read, and settled with a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.store import people, pilot_remarks
from lrs_bridge.store.pilot_remarks import PilotRemark
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.designer import board
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.forms import Acting, Form, WrongForm, read, text
from lrs_bridge.web.words import day_words, plural, sentence
from lrs_bridge.wiring import Bridge


class _Word(Acting):
    word = text("Write what becomes of it, one sentence is enough.")


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the log of a pilot and settling a remark."""

    at = f"{prefix}/runs/<run_id>/remarks"

    @pages.get(at)
    def design_remarks(run_id: str) -> ResponseReturnValue:
        return _page(bridge, desk_of(), run_id, None, Form())

    @pages.post(f"{at}/<remark_id>")
    def design_settle_remark(run_id: str, remark_id: str) -> ResponseReturnValue:
        desk = desk_of()
        try:
            data = read(_Word())
        except WrongForm as wrong:
            return _page(bridge, desk, run_id, remark_id, wrong.form), 422
        with bridge.sessions.write() as session:
            remark = pilot_remarks.get(session, desk.run(session, run_id), remark_id)
            if remark is None:
                raise doors.door_for(404)
            pilot_remarks.settle(remark, data["word"], desk.now)
        return redirect(desk.url("design_remarks", run_id=run_id, saved="yes"), 303)


def _page(bridge: Bridge, desk: Desk, run_id: str, wrong_at: str | None, form: Form) -> str:
    with bridge.sessions.read() as session:
        run = desk.run(session, run_id)
        rows = pilot_remarks.of_run(session, run)
        names = {} if desk.admin else _names(people.people_by_id(session, desk.tenant_id, {r.author_id for r in rows}))
    shown = [_row(row, run, names, form if row.id == wrong_at else None) for row in rows]
    open_ = [one for one in shown if one["settled"] is None]
    return desk.page(
        "remarks.html",
        run=run,
        thanks=request.args.get("saved") == "yes",
        lede=_lede(run, len(rows), len(open_)),
        groups=_by_step(run, open_),
        settled=[one for one in shown if one["settled"] is not None],
    )


def _lede(run: RunRow, all_: int, open_: int) -> str:
    where = run.course.title or "Course without a title"
    said = f"{sentence(plural(all_, 'remark'))}, {open_ or 'none'} of them open." if all_ else "No remarks yet."
    return f"{where}. {said}"


def _names(found: Mapping[str, people.PersonRow]) -> dict[str, str]:
    return {id_: one.shown_name for id_, one in found.items()}


def _row(one: PilotRemark, run: RunRow, names: Mapping[str, str], form: Form | None) -> dict[str, Any]:
    role = board.role_name(one.role)
    local = run.run.zone
    return {
        "id": one.id,
        "step": one.step,
        "who": f"{names[one.author_id]}, {role.lower()}" if one.author_id in names else role,
        "text": one.text,
        "made": day_words(one.made.astimezone(local).date()),
        "word": one.word,
        "settled": day_words(one.settled.astimezone(local).date()) if one.settled else None,
        "form": form or Form(start={"word": one.word or ""}),
        "title": _title(run, one.step),
    }


def _title(run: RunRow, step: str | None) -> str:
    known = run.journey.step_by_id.get(step or "")
    return known.title if known else "The journey as a whole"


def _by_step(run: RunRow, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the journey's order, what is about no step at the end."""
    order = {step.id: place for place, step in enumerate(run.journey.steps)}
    known: dict[str | None, list[dict[str, Any]]] = {}
    for row in rows:
        known.setdefault(row["step"] if row["step"] in order else None, []).append(row)
    places = sorted(known, key=lambda step: order.get(step or "", len(order)))
    return [{"title": _title(run, step), "rows": known[step]} for step in places]
