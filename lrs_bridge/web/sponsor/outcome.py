"""The goal owner's page: the performance outcome with its history, entered by the one who owns the goal."""

from __future__ import annotations

from math import isfinite
from typing import Any

import marshmallow as ma
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from lrs_bridge.domain.people import Role
from lrs_bridge.domain.performance import EntryKind, Performance
from lrs_bridge.store import performance as kept
from lrs_bridge.store.performance import OutcomeEntry
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web.forms import Acting, Form, Trimmed, WrongForm, one_of, read
from lrs_bridge.web.sponsor import impact
from lrs_bridge.web.step_forms import Option
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import full_day, plain, when
from lrs_bridge.wiring import Bridge

KINDS = (
    Option("baseline", "Where it was before", "The baseline"),
    Option("target", "Where it is to be", "With the day by which"),
    Option("actual", "Where it is now", "Measured, as often as you like"),
)
_NAMES = {"baseline": "Before", "target": "Wanted", "actual": "Measured"}


class _Value(fields.Field[float]):
    """A number as people write it: 42, 3.5 or 3,5."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        given = str(value).strip().replace(" ", "").replace("\u202f", "")
        if given.count(",") == 1 and "." not in given:
            given = given.replace(",", ".")
        try:
            number = float(given)
        except ValueError:
            raise ma.ValidationError("Give a number, for example 42 or 3.5.") from None
        if not isfinite(number) or abs(number) > 1e12:
            raise ma.ValidationError("Give a number, for example 42 or 3.5.")
        return number


def _line(complaint: str, longest: int) -> fields.String:
    rules = [
        validate.Length(min=1, error=complaint),
        validate.Length(max=longest, error=f"Say it in fewer words, {longest} letters at most."),
    ]
    missing: dict[str, Any] = dict.fromkeys(("required", "null", "invalid"), complaint)
    return Trimmed(required=True, validate=rules, error_messages=missing)


class _Entry(Acting):
    kind = one_of([str(kind) for kind in EntryKind], "Choose what this value is.")
    measure = _line("Say what is measured, for example visits that end with a note.", 200)
    unit = _line("Say in what it is counted, for example % of visits.", 40)
    value = _Value(required=True, error_messages=dict.fromkeys(("required", "null"), "Give the value."))
    day = fields.Date(
        required=True,
        error_messages=dict.fromkeys(("required", "null", "invalid"), "Give the day of which it is true."),
    )
    source = _line("Say where the value comes from, for example the sales report of March.", 300)
    instead_of = fields.String(load_default="")


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/outcome")
    def outcome() -> ResponseReturnValue:
        return show_outcome(bridge)

    @pages.post("/outcome")
    def enter_outcome() -> ResponseReturnValue:
        visit, run = _who()
        with bridge.sessions.read() as session:
            found = impact.read(session, run)
        try:
            data = read(_Entry())
            _check(data, found, visit)
        except WrongForm as wrong:
            return _page(visit, run, found, wrong.form), 422
        with bridge.sessions.write() as session:
            kept.add(
                session,
                OutcomeEntry(
                    id=str(data["act"]),
                    tenant_id=visit.tenant_id,
                    run_id=run.id,
                    by_id=visit.person_id,
                    at=visit.now,
                    kind=data["kind"],
                    measure=data["measure"],
                    unit=data["unit"],
                    value=data["value"],
                    day=data["day"],
                    source=data["source"],
                    instead_of=data["instead_of"] or None,
                ),
            )
        return redirect(url_for("visit.outcome", saved="value"), 303)


def show_outcome(bridge: Bridge) -> str:
    """The goal owner's first page; `?correct=` proposes an entry to be put right."""
    visit, run = _who()
    with bridge.sessions.read() as session:
        found = impact.read(session, run)
    wrong = next((one for one in found.entries if one.id == request.args.get("correct")), None) if found else None
    start: dict[str, Any] = {"measure": run.journey.performance_path.get("performance_outcome", ""), "day": visit.today}
    if found is not None:
        start |= {"measure": found.measure, "unit": found.unit, "kind": "actual"}
    if wrong is not None:
        start |= {"kind": str(wrong.kind), "value": plain(wrong.value), "day": wrong.day, "source": wrong.source}
        start["instead_of"] = wrong.id
    return _page(visit, run, found, Form(start=start))


def _who() -> tuple[Visit, RunRow]:
    visit = current()
    needs(visit, Role.GOAL_OWNER)
    if visit.run_row is None:
        abort(404)
    return visit, visit.run_row


def _check(data: dict[str, Any], found: Performance | None, visit: Visit) -> None:
    """Raises WrongForm where the value cannot stand beside those that are there."""
    if data["kind"] == EntryKind.ACTUAL and data["day"] > visit.today:
        raise WrongForm({"day": "That day is still to come. Give the day on which it was measured."})
    if found is None:
        return
    if data["instead_of"] and all(one.id != data["instead_of"] for one in found.entries):
        raise WrongForm({"value": "What you put right is not there any more. Load the page again."})
    others = [one for one in found.entries if one.id not in found.replaced | {data["instead_of"], str(data["act"])}]
    if others and data["unit"] != found.unit:
        raise WrongForm(
            {"unit": f"The other values are in {found.unit}. Put them right first, or give this one in it."}
        )


def _page(visit: Visit, run: RunRow, found: Performance | None, form: Form) -> str:
    history = _history(found, run) if found else []
    return render_template(
        "sponsor/outcome.html",
        visit=visit,
        form=form,
        saved="It stands beside the impact rate from now on." if request.args.get("saved") else None,
        block=impact.block(found),
        history=history,
        path=run.journey.performance_path,
        kinds=KINDS,
        correcting=bool(form.typed("instead_of")),
        who_link=None,
    )


def _history(found: Performance, run: RunRow) -> list[tuple[str, str, str, str, str, str, bool]]:
    """Newest first: id, what, value, day, source, who entered it when, and whether it was put right later."""
    return [
        (
            one.id,
            _NAMES[one.kind],
            f"{plain(one.value)} {found.unit}",
            full_day(one.day),
            one.source,
            f"{one.by}, {when(one.entered, run.run.zone)}",
            one.id in found.replaced,
        )
        for one in reversed(found.entries)
    ]
