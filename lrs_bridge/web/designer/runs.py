"""One run: its days, pilot or not, closing and opening again, its version, and what was done to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain import small_groups
from lrs_bridge.flows import currency, migrating, running
from lrs_bridge.flows.running import CannotRun, Who
from lrs_bridge.store import enrolments, pilot_remarks, recomputations, run_changes
from lrs_bridge.store.run_changes import RunAction, RunChange
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.designer import board
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.forms import Form
from lrs_bridge.web.words import full_day, plural, rounded, sentence, span, when
from lrs_bridge.wiring import Bridge

_SAVED = {
    "started": "The run is there. Whoever opens the link in the course as a learner takes part from now on.",
    "moved": "Every step has its new days. The numbers follow in the background.",
    "closed": "Nobody is reminded any more. What was done stays, and the gradebook is told that it is complete.",
    "reopened": "The run goes on.",
    "pilot": "This run is a pilot, and stays apart wherever runs are compared.",
    "no_pilot": "This run is compared with the others from now on.",
    "migrated": "The run has its new version. The numbers follow in the background, and the old ones stay until then.",
    "undone": "The run has the version it had before. The numbers follow in the background.",
}


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the page of a run, its buttons, and moving day zero with a look before."""

    at = f"{prefix}/runs/<run_id>"

    @pages.get(at)
    def design_run(run_id: str) -> ResponseReturnValue:
        return _run_page(bridge, desk_of(), run_id, None)

    def button(run_id: str, saved: str, work: Callable[[Session, Who, RunRow], object]) -> ResponseReturnValue:
        desk = desk_of()
        try:
            with bridge.sessions.write() as session:
                work(session, desk.who(), desk.run(session, run_id, lock=True))
        except CannotRun as problem:
            return _run_page(bridge, desk, run_id, str(problem)), 409
        bridge.poke()
        return redirect(desk.url("design_run", run_id=run_id, saved=saved), 303)

    @pages.post(f"{at}/close")
    def design_close_run(run_id: str) -> ResponseReturnValue:
        return button(run_id, "closed", running.close)

    @pages.post(f"{at}/reopen")
    def design_reopen_run(run_id: str) -> ResponseReturnValue:
        return button(run_id, "reopened", running.reopen)

    @pages.post(f"{at}/pilot")
    def design_pilot_run(run_id: str) -> ResponseReturnValue:
        pilot = request.form.get("pilot") == "yes"
        saved = "pilot" if pilot else "no_pilot"
        return button(run_id, saved, lambda session, who, run: running.set_pilot(session, who, run, pilot))

    @pages.get(f"{at}/day-zero")
    def design_day_zero(run_id: str) -> ResponseReturnValue:
        """The form, and with a day what it would change."""
        desk = desk_of()
        with bridge.sessions.read() as session:
            run = desk.run(session, run_id)
        return _day_zero_page(desk, run, request.args.get("day_zero", ""))

    @pages.post(f"{at}/day-zero")
    def design_move_run(run_id: str) -> ResponseReturnValue:
        desk = desk_of()
        day = _day(request.form.get("day_zero", ""))
        problem = "Give a day, for example 2 March 2026." if day is None else None
        if day is not None:
            try:
                with bridge.sessions.write() as session:
                    running.move(session, desk.who(), desk.run(session, run_id, lock=True), day)
            except CannotRun as found:
                problem = str(found)
        if problem is not None:
            with bridge.sessions.read() as session:
                run = desk.run(session, run_id)
            return _day_zero_page(desk, run, request.form.get("day_zero", ""), problem), 409
        bridge.poke()
        return redirect(desk.url("design_run", run_id=run_id, saved="moved"), 303)


def _shown(one: currency.Works) -> dict[str, Any]:
    return {
        "title": one.step.title,
        "current": one.current,
        "counts": (one.on_it, one.older, one.unnamed),
        "share": f"{rounded(100 * one.share)} %" if one.share is not None else "–",
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _run_page(bridge: Bridge, desk: Desk, run_id: str, problem: str | None) -> str:
    with bridge.sessions.read() as session:
        run = desk.run(session, run_id)
        changes = run_changes.changes_of(session, desk.tenant_id, run.id)
        others = migrating.targets_of(session, run)
        inside = enrolments.ids_on(session, desk.tenant_id, run.id, run.run.local_day(desk.now))
        groups = running.groups_of(session, run)
        renewing = recomputations.renewing_since(session, desk.tenant_id, run.id) is not None
        remarks = pilot_remarks.counts(session, run)
        works = currency.of_run(session, run, inside)
    undo = migrating.undoable(changes, run)
    newest = others[0].version if others and others[0].version > run.journey_row.version else None
    return desk.page(
        "run.html",
        run=run,
        problem=problem,
        note=_SAVED.get(request.args.get("saved", "")),
        form=Form(),
        lede=f"{run.course.title or 'Course without a title'}. {sentence(plural(len(inside), 'participant'))}.",
        facts=_facts(run),
        fixed=running.can_move(run, desk.now),
        others=[{"value": one.id, "text": f"Version {one.version}"} for one in others],
        newest=newest,
        undo=undo,
        groups=[{"name": name, "count": plural(count, "person", "people")} for name, count in groups.items()],
        renewing=renewing,
        remarks=remarks,
        works=[_shown(one) for one in works],
        works_hidden=desk.admin and len(inside) < small_groups.K,
        history=[_told(one, run) for one in changes],
    )


def _facts(run: RunRow) -> list[tuple[str, str]]:
    journey = run.journey
    last = max((step.window(run.day_zero, None).due for step in journey.steps), default=run.day_zero)
    first = min((step.window(run.day_zero, None).opens for step in journey.steps), default=run.day_zero)
    return [
        ("Kick-off (day zero)", full_day(run.day_zero)),
        ("First step opens", full_day(first)),
        ("Last day of the last step", full_day(last)),
        ("Times are in", run.time_zone),
    ]


def _told(change: RunChange, run: RunRow) -> dict[str, str]:
    words: dict[str, Callable[[], str]] = {
        RunAction.STARTED: lambda: f"Started, with the kick-off on {_day_words(change.new)}",
        RunAction.MOVED: lambda: f"Kick-off moved from {_day_words(change.old)} to {_day_words(change.new)}",
        RunAction.CLOSED: lambda: "Closed",
        RunAction.REOPENED: lambda: "Opened again",
        RunAction.ARCHIVED: lambda: "Archived",
        RunAction.PILOT: lambda: "Made a pilot" if change.new else "No pilot any more",
        RunAction.MIGRATED: lambda: (
            f"{'Taken back: version' if change.undoes else 'Version'} {change.old['version']} → {change.new['version']}"
        ),
    }
    return {
        "what": words[RunAction(change.action)](),
        "by": change.by,
        "when": f"{when(change.at, run.run.zone)} {change.at.astimezone(run.run.zone).year}",
    }


def _day_words(iso: str) -> str:
    return full_day(date.fromisoformat(iso))


def _day_zero_page(desk: Desk, run: RunRow, typed: str, problem: str | None = None) -> str:
    day = _day(typed)
    if typed and day is None:
        problem = problem or "There is no such day. Give it as 2026-03-02, or choose it from the calendar."
    fixed = running.can_move(run, desk.now)
    if day is not None and problem is None and fixed is None and day < run.run.local_day(desk.now):
        problem = "That day is over. Give today or a day to come."
    steps = _moved(run, day) if day is not None and day != run.day_zero and problem is None and fixed is None else []
    errors = {"day_zero": problem} if problem else {}
    return desk.page(
        "day_zero.html",
        run=run,
        form=Form(start={"day_zero": typed or run.day_zero.isoformat()}, errors=errors),
        fixed=fixed,
        day=day,
        same=day == run.day_zero,
        steps=steps,
    )


def _moved(run: RunRow, day: date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for step in sorted(run.journey.steps, key=lambda one: (one.opens_day, one.due_day)):
        old, new = step.window(run.day_zero, None), step.window(day, None)
        found.append(
            {
                "title": step.title,
                "owner": board.role_name(step.owner),
                "old": "From joining" if step.from_enrolment else span(old.opens, old.due),
                "new": "As before" if step.from_enrolment else span(new.opens, new.due),
            }
        )
    return found
