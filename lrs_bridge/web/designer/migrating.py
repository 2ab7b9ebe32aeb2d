"""A run on another version of its journey: what would change, then doing it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.comparing import What
from lrs_bridge.domain.migrating import StepEffect, Turn, weakened
from lrs_bridge.flows import migrating
from lrs_bridge.flows.migrating import Effect
from lrs_bridge.flows.running import CannotRun
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.designer import board, change_words
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.forms import Form
from lrs_bridge.web.words import listed, number, plural, sentence, span
from lrs_bridge.wiring import Bridge

_FEWEST = 5  # people who were looked at, before anything is said of how many would change


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the look before, the deed, and taking it back."""
    at = f"{prefix}/runs/<run_id>/version"

    @pages.get(at)
    def design_migrate(run_id: str) -> ResponseReturnValue:
        desk = desk_of()
        return _page(bridge, desk, run_id, request.args.get("to", ""), None)

    @pages.post(at)
    def design_do_migrate(run_id: str) -> ResponseReturnValue:
        desk = desk_of()
        to = request.form.get("to", "")
        try:
            with bridge.sessions.write() as session:
                run = desk.run(session, run_id, lock=True)
                migrating.migrate(session, desk.who(), run, desk.version(session, to), request.form.get("seen", ""))
        except CannotRun as problem:
            return _page(bridge, desk, run_id, to, str(problem)), 409
        bridge.poke()
        return redirect(desk.url("design_run", run_id=run_id, saved="migrated"), 303)

    @pages.post(f"{at}/undo")
    def design_undo_migration(run_id: str) -> ResponseReturnValue:
        desk = desk_of()
        try:
            with bridge.sessions.write() as session:
                run = desk.run(session, run_id, lock=True)
                migrating.undo(session, desk.who(), run, request.form.get("change", ""))
        except CannotRun as problem:
            raise doors.Door(
                409,
                "This cannot be taken back any more",
                str(problem),
                (("Go back", "to the run and look at its version."), doors.HELP_DESK),
                reason="a migration that cannot be undone",
            ) from problem
        bridge.poke()
        return redirect(desk.url("design_run", run_id=run_id, saved="undone"), 303)


def _page(bridge: Bridge, desk: Desk, run_id: str, to: str, problem: str | None) -> str:
    effect: Effect | None = None
    with bridge.sessions.read() as session:
        run = desk.run(session, run_id)
        others = migrating.targets_of(session, run)
        target = next((one for one in others if one.id == to), None)
        if target is not None and run.closed is None:
            effect = migrating.preview(session, bridge.registry, run, target, desk.who())
    return desk.page(
        "migrate.html",
        run=run,
        problem=problem,
        form=Form(start={"to": to or (others[0].id if others else "")}),
        others=[{"value": one.id, "text": f"Version {one.version}", "more": one.title} for one in others],
        target=target,
        effect=effect,
        steps=[_step(one) for one in effect.steps] if effect else [],
        turns=[_turn(effect, key, turn) for key, turn in effect.turns.by_key.items()] if effect else [],
        few=effect is not None and effect.looked < _FEWEST,
        looked=_looked(effect) if effect else "",
        columns=_columns(effect) if effect else [],
        groups=change_words.told([one for one in effect.differences if one.part != "step"]) if effect else [],
        direction="back" if target is not None and target.version < run.journey_row.version else "on",
        warnings=_warnings(effect, run) if effect else [],
    )


def _step(one: StepEffect) -> dict[str, Any]:
    notes = []
    if one.what is What.WENT:
        if one.done:
            notes.append(
                f"{sentence(plural(one.done, 'person', 'people'))} did something about it. It stays on "
                "record, and does not count any more."
            )
        else:
            notes.append("Nobody did anything about it yet.")
    elif one.what is not What.CAME and one.done:
        notes.append(f"What {plural(one.done, 'person', 'people')} did about it stays counted.")
    if one.what is What.CAME and one.done:
        notes.append(f"{sentence(plural(one.done, 'person', 'people'))} did it before: that counts at once.")
    if one.retyped:
        notes.append(
            f"It was a {one.retyped}. What was done counts only where it is of the kind that is asked for now."
        )
    if one.over:
        notes.append("Its last day is over: it is late for everybody who has not done it.")
    days = []
    if one.before is not None and one.after is not None and one.before != one.after:
        days.append(f"{span(one.before.opens, one.before.due)} → {span(one.after.opens, one.after.due)}")
    elif (window := one.after or one.before) is not None:
        days.append(span(window.opens, window.due))
    return {
        "name": f"{one.step.id}: {one.step.title}",
        "owner": board.role_name(one.step.owner),
        "chip": change_words.chip(one.what),
        "days": days[0] if days else "",
        "notes": notes,
        "care": one.over or (one.what is What.WENT and one.done > 0) or bool(one.retyped),
    }


def _turn(effect: Effect, key: str, turn: Turn) -> dict[str, Any]:
    """Who would rise and fall only for what teachers see by name; of the rest whether anybody changes at all."""
    if effect.looked < _FEWEST:
        what = "Changes" if turn.changes else "Stays"
    elif key not in effect.named:
        what = "Changes for some" if turn.changes else "Stays for everybody"
    else:
        parts = [
            (turn.rise, "rises"),
            (turn.fall, "falls"),
            (turn.come, "has a value for the first time"),
            (turn.go, "has none any more"),
            (turn.stay, "stays"),
        ]
        what = sentence(listed([f"{word} for {number(count)}" for count, word in parts if count])) or "Stays"
    return {"title": effect.titles.get(key, key), "what": what, "changes": turn.changes > 0}


def _looked(effect: Effect) -> str:
    if effect.people == 0:
        return "Nobody takes part yet, so there is nothing to compute."
    if effect.looked < effect.people:
        return f"Computed for {effect.looked} of {effect.people} participants, to keep you from waiting."
    return f"Computed for all {plural(effect.people, 'participant')}." if effect.people > 1 else "One participant."


def _columns(effect: Effect) -> list[str]:
    found = []
    if effect.columns_gone:
        names = listed(list(effect.columns_gone))
        found.append(f"Not posted any more: {names}. What the LMS has stays there as it is.")
    if effect.columns_new:
        found.append(f"New in the gradebook: {listed(list(effect.columns_new))}.")
    return found


def _warnings(effect: Effect, run: RunRow) -> list[str]:
    found = [f"{key} could not be asked, so nothing is said about it." for key in effect.turns.failed]
    for step, old, new in weakened(run.journey, effect.target.journey):
        found.append(
            f"What people answer in {step.id} ({step.title}) is {old} now and would be {new}. Once somebody answered, "
            "this version cannot be given to the run: give the step another id in it, so that it is asked anew."
        )
    return found
