"""The evaluator's numbers: every indicator of the run with its spread, and everybody's values with the way to why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lrs_bridge.domain.evaluation import Active
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.publications import Publication, Rule
from lrs_bridge.flows import insights
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.store import enrolments, publications, result_history, result_viewing, results
from lrs_bridge.store.publications import Suppression
from lrs_bridge.store.result_history import Point
from lrs_bridge.store.result_viewing import Brief
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.web import doors, run_explanations, sights, tiles
from lrs_bridge.web.aggregates import aggregate
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.parts import part_of
from lrs_bridge.web.sights import Sight
from lrs_bridge.web.sponsor import impact
from lrs_bridge.web.tiles import Tile
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import plural, sentence, when
from lrs_bridge.wiring import Bridge

_EVALUATOR = frozenset({Role.EVALUATOR})
_WHY_HELD = {
    Rule.FEW: "Too few people",
    Rule.COMPLEMENT: "A smaller group could be found by taking it from the total",
    Rule.TIME: "Too few were new since the number before",
    Rule.ALIKE: "Those who were new all said the same",
}


@dataclass(frozen=True)
class Figure:
    """One indicator of the run: its tile and its pictures."""

    tile: Tile
    charts: Sequence[Chart]


@dataclass(frozen=True)
class Row:
    """One participant: by indicator, in the order of the columns, what is shown and where it leads."""

    name: str
    cells: Sequence[tuple[str, str, str]]


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the page to the blueprint of the visit."""

    @pages.get("/numbers")
    def numbers() -> ResponseReturnValue:
        visit = current()
        needs(visit, Role.EVALUATOR)
        run = visit.run_row
        if run is None:
            raise doors.door_for(404)
        with bridge.sessions.read() as session:
            active = active_evaluators(session, bridge.registry, run)
            inside = enrolments.inside_on(session, run.tenant_id, run.id, visit.today)
            cohort = {
                row.indicator: row
                for row in results.results_of_run(session, run.tenant_id, run.id, "cohort")
                if not row.subject
            }
            people = result_viewing.briefs_of_people(session, run.tenant_id, run.id, [one.key for one in active])
            past = result_history.of_run(session, run.tenant_id, run.id)
            outcome = impact.block(impact.read(session, run))
            published = publications.shown(session, run.tenant_id, run.id)
            held = publications.held_back(session, run.tenant_id, run.id)
        accounts = {row.account for row in inside}
        of_each: dict[str, dict[str, Brief]] = {}
        for row in people:
            if row.subject in accounts:
                of_each.setdefault(row.indicator, {})[row.subject] = row
        seen = [one for one in active if sights.of_run(one.evaluator, _EVALUATOR) is not None and one.key in cohort]
        named = [one for one in seen if sights.of_run(one.evaluator, _EVALUATOR) is Sight.NAMED and one.key in of_each]
        part = part_of(sorted(inside, key=lambda row: row.name), request.args.get("page", 1, int))
        figures = [
            _figure(
                one,
                cohort[one.key],
                list(of_each.get(one.key, {}).values()),
                past.get(one.key, []),
                published.get(one.key),
                run,
                visit,
            )
            for one in seen
        ]
        titles = {**insights.PLACES, **{one.key: one.evaluator.title for one in active}}
        return render_template(
            "numbers.html",
            visit=visit,
            lede=f"{sentence(plural(len(inside), 'participant'))}. What is anonymous is shown in totals only.",
            tiles=[one.tile for one in figures],
            outcome=outcome,
            charts=[chart for one in figures for chart in one.charts],
            columns=[one.evaluator.title for one in named],
            people=[
                Row(row.name, [_cell(one, of_each[one.key].get(row.account), row.id) for one in named])
                for row in part.items
            ],
            part=part,
            held=[_held(row, titles, run) for row in held],
            who_link=None,
            width="",
        )


def _figure(
    one: Active,
    row: ResultRow,
    people: Sequence[Brief],
    past: Sequence[Point],
    published: Publication | None,
    run: RunRow,
    visit: Visit,
) -> Figure:
    name, bounds = one.evaluator.title, one.evaluator.bounds
    values = [row.value for row in people if row.value is not None]
    if sights.of_run(one.evaluator, _EVALUATOR) is Sight.NAMED:
        tile = tiles.tile_of(
            one.key, name, row.result.outcome, run_explanations.said(row.result.outcome, one.evaluator.words), None
        )
        pictures = [
            run_explanations.spread_chart(values, bounds, name),
            run_explanations.phase_chart(people),
            run_explanations.history_chart(past, name, bounds),
        ]
    else:
        found = aggregate(one, row, name, published, people, run, visit)
        tile = found.tile
        pictures = [run_explanations.bands_chart(found.bands, name)]
    why = url_for("visit.why_run", indicator=one.key)
    return Figure(replace(tile, why=why), [chart for chart in pictures if chart is not None])


def _held(row: Suppression, titles: dict[str, str], run: RunRow) -> dict[str, str]:
    """A suppression in words."""
    return {
        "what": titles.get(row.indicator, row.indicator) + (f", {row.area}" if row.area else ", the whole run"),
        "why": _WHY_HELD[Rule(row.rule)],
        "people": str(row.n),
        "since": when(row.since, run.run.zone),
        "until": when(row.ended, run.run.zone) if row.ended else "Still",
    }


def _cell(one: Active, row: Brief | None, enrolment: str) -> tuple[str, str, str]:
    shown, _ = run_explanations.shown(row, posted_only=False)
    return one.evaluator.title, shown, url_for("visit.why_of", enrolment=enrolment, indicator=one.key)
