"""A published version with its board and check, all versions and runs of a journey, and two versions compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.comparing import compare
from lrs_bridge.domain.people import Role
from lrs_bridge.flows import designing
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import drafts, journeys, run_comparison, runs
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors
from lrs_bridge.web.aggregates import fewest
from lrs_bridge.web.designer.change_words import told
from lrs_bridge.web.designer.desk import Desk
from lrs_bridge.web.designer.draft import content_of, remarks_of
from lrs_bridge.web.designer.library import run_line
from lrs_bridge.web.words import full_day, plural, rounded, sentence
from lrs_bridge.wiring import Bridge

_SAVED = {"published": "This version is published. It never changes; what comes after it is a version of its own."}


def add_pages(pages: Blueprint, bridge: Bridge, desk_of: Callable[[], Desk], prefix: str) -> None:
    """Add the pages."""

    @pages.get(f"{prefix}/versions/<journey_id>")
    def design_version(journey_id: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            row = desk.version(session, journey_id)
            others = [one for one in journeys.versions(session, desk.tenant_id, row.slug) if one.id != row.id]
            found = runs.runs_of_journey(session, desk.tenant_id, row.slug, desk.course_id)
        by = f" by {row.by}" if row.by else ""
        return desk.page(
            "version.html",
            version=row,
            journey=row.journey,
            width="",
            note=_SAVED.get(request.args.get("saved", "")),
            lede=f"Published {full_day(row.created.date())}{by}. It does not change any more.",
            **content_of(row.source),
            remarks=remarks_of(row.journey, bridge.registry, desk, None),
            others=others,
            runs=[run_line(desk, run) for run in found if run.journey_id == row.id],
            may_start=desk.admin or desk.course is not None,
        )

    @pages.get(f"{prefix}/journeys/<slug>")
    def design_versions(slug: str) -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            rows = journeys.versions(session, desk.tenant_id, slug)
            if not rows:
                raise doors.door_for(404)
            counts = runs.counts_by_version(session, desk.tenant_id)
            found = runs.runs_of_journey(session, desk.tenant_id, slug, desk.course_id)
            table = _comparison(session, bridge.registry, desk, found)
        return desk.page(
            "journey.html",
            title=rows[0].title,
            slug=slug,
            width="",
            versions=[
                {
                    "version": row.version,
                    "href": desk.url("design_version", journey_id=row.id),
                    "when": full_day(row.created.date()) + (f", {row.by}" if row.by else ""),
                    "runs": plural(counts.get(row.id, 0), "run"),
                    "compare": desk.url("design_compare", old=rows[n + 1].id, new=row.id) if n + 1 < len(rows) else "",
                }
                for n, row in enumerate(rows)
            ],
            choices=[{"value": row.id, "text": f"Version {row.version}"} for row in rows],
            **table,
        )

    @pages.get(f"{prefix}/compare")
    def design_compare() -> ResponseReturnValue:
        desk = desk_of()
        with bridge.sessions.read() as session:
            sides = [_side(session, desk, request.args.get(name, "")) for name in ("old", "new")]
        old, new = sides
        return desk.page(
            "compare.html",
            old=old,
            new=new,
            groups=told(compare(old["journey"], new["journey"])),
        )


def _side(session: Session, desk: Desk, id_: str) -> dict[str, Any]:
    """A version, or a draft that can be read. Raises Door."""
    version = journeys.get_journey(session, desk.tenant_id, id_)
    if version is not None:
        href = desk.url("design_version", journey_id=version.id)
        return {"journey": version.journey, "name": f"version {version.version}", "href": href, "title": version.title}
    row = drafts.get_draft(session, desk.tenant_id, id_)
    journey = designing.check(row.source).journey if row is not None and row.removed is None else None
    if row is None or journey is None:
        raise doors.Door(
            404,
            "There is nothing to compare",
            "One of the two is not here any more, or is a draft that has to be mended first.",
            (("Go back", "to the journeys."), doors.HELP_DESK),
            reason="nothing to compare",
        )
    href = desk.url("design_draft", draft_id=row.id)
    return {"journey": journey, "name": "the draft", "href": href, "title": row.title}


def _comparison(session: Session, registry: Registry, desk: Desk, found: Sequence[RunRow]) -> dict[str, Any]:
    """Runs beside each other, pilots in a table of their own.

    Only means over a whole run, of indicators that teachers see by name; none of fewer than five people.
    """
    keys = [key for key, one in registry.evaluators.items() if one.audience.get(Role.FACILITATOR) == "named"]
    rows = run_comparison.whole_runs(session, desk.tenant_id, [run.id for run in found], keys)
    shown = [key for key in keys if any(row.indicator == key for row in rows)]
    by_run: dict[str, dict[str, ResultRow]] = {}
    for row in rows:
        by_run.setdefault(row.run_id, {})[row.indicator] = row
    lines = [(run, _line(desk, run, by_run.get(run.id, {}), shown)) for run in found]
    return {
        "labels": [registry.evaluators[key].title for key in shown],
        "runs": [line for run, line in lines if not run.is_pilot],
        "pilots": [line for run, line in lines if run.is_pilot],
    }


def _line(desk: Desk, run: RunRow, values: dict[str, ResultRow], keys: Sequence[str]) -> dict[str, Any]:
    people = max((row.result.outcome.n for row in values.values()), default=0)
    return {
        **run_line(desk, run),
        "name": f"{run.course.title or 'Course without a title'}, {full_day(run.day_zero)}",
        "version": run.journey_row.version,
        "state": "Closed" if run.closed else "Open",
        "people": sentence(plural(people, "person", "people")) if people else "–",
        "cells": [_cell(values.get(key)) for key in keys],
    }


def _cell(row: ResultRow | None) -> str:
    if row is None or row.value is None:
        return "Not yet"
    return rounded(row.value) if row.result.outcome.n >= fewest(row.result) else "Hidden"
