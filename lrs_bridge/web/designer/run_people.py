"""The participants of a run as far as their path differs: groups, own days, and the way to waivers and routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.flows import running
from lrs_bridge.store import enrolments
from lrs_bridge.store.enrolments import Enrolment
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.forms import Form
from lrs_bridge.web.words import full_day, plural, sentence
from lrs_bridge.wiring import Bridge

PAGE = 50


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the list, in which many are put in a group at once."""
    at = f"{prefix}/runs/<run_id>/people"

    @pages.get(at)
    def design_people(run_id: str) -> ResponseReturnValue:
        return _page(bridge, desk_of(), run_id, None)

    @pages.post(at)
    def design_group(run_id: str) -> ResponseReturnValue:
        desk = desk_of()
        chosen = request.form.getlist("who")
        group = " ".join(request.form.get("group", "").split())
        leave = request.form.get("word") == "none"
        problem = None
        if not chosen:
            problem = "Choose somebody first."
        elif not group and not leave:
            problem = "Give the group a name."
        elif len(group) > running.LONGEST_GROUP:
            problem = "The name is longer than 100 characters. Shorten it."
        if problem is not None:
            return _page(bridge, desk, run_id, problem), 422
        with bridge.sessions.write() as session:
            run = desk.run(session, run_id, lock=True)
            found = enrolments.enrolments_by_id(session, desk.tenant_id, chosen[: PAGE * 2])
            inside = {id_: one for id_, one in found.items() if one.run_id == run.id}
            running.put_in_group(session, desk.who(), run, inside, None if leave else group)
        bridge.poke()
        more = {"q": request.form.get("q", ""), "page": request.form.get("page", "")}
        return redirect(desk.url("design_people", run_id=run_id, saved="grouped", **more), 303)


def _page(bridge: Bridge, desk: Desk, run_id: str, problem: str | None) -> str:
    values = request.values
    words = " ".join(values.get("q", "").split())[:100]
    with bridge.sessions.read() as session:
        run = desk.run(session, run_id)
        everybody = enrolments.enrolments(session, desk.tenant_id, run.id)
        groups = running.groups_of(session, run)
    today = run.run.local_day(desk.now)
    inside = [one for one in everybody if one.withdrawn is None or one.withdrawn > today]
    found = [one for one in inside if words.casefold() in _name(one).casefold() or words == (one.area or "")]
    found.sort(key=lambda one: (_name(one).casefold(), one.id))
    pages = max(1, -(-len(found) // PAGE))
    here = min(max(1, values.get("page", 1, int)), pages)
    form = Form(data=request.form, errors={"group": problem}) if problem else Form()
    return desk.page(
        "people.html",
        run=run,
        width="",
        form=form,
        note="The group is kept, and the numbers follow." if request.args.get("saved") == "grouped" else None,
        lede=f"{sentence(plural(len(inside), 'participant'))}. Here a path is made to fit one person.",
        q=words,
        rows=[_row(desk, run, one) for one in found[(here - 1) * PAGE : here * PAGE]],
        count=len(found),
        anybody=bool(inside),
        groups=list(groups),
        last=pages,
        at=here,
        earlier=desk.url("design_people", run_id=run.id, q=words, page=here - 1) if here > 1 else None,
        later=desk.url("design_people", run_id=run.id, q=words, page=here + 1) if here < pages else None,
    )


def _name(one: Enrolment) -> str:
    return one.person.name or one.person.email or one.person.shown_name


def _row(desk: Desk, run: RunRow, one: Enrolment) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": _name(one),
        "href": desk.url("design_person", run_id=run.id, enrolment_id=one.id),
        "group": one.area or "–",
        "joined": full_day(one.enrolled),
        "own": full_day(one.day_zero) if one.day_zero else "As the run",
    }
