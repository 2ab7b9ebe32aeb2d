"""The run overview for teachers: indicators, steps due so far, the gradebook, everybody in the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active
from lrs_bridge.domain.people import Role
from lrs_bridge.domain.publications import Publication
from lrs_bridge.flows.evaluate import active_evaluators
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.store import (
    enrolments,
    publications,
    recomputations,
    result_viewing,
    results,
    rosters,
    runs,
    score_viewing,
    scores,
)
from lrs_bridge.store.enrolments import Inside
from lrs_bridge.store.result_viewing import Brief
from lrs_bridge.store.results import ResultRow
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.score_viewing import Sent
from lrs_bridge.store.scores import ScoreState
from lrs_bridge.web import charts, due_steps, figures, roster, situations
from lrs_bridge.web import crowd as crowds
from lrs_bridge.web.aggregates import aggregate, tells_more_than_posted
from lrs_bridge.web.charts import Chart
from lrs_bridge.web.crowd import Crowd
from lrs_bridge.web.facilitator.tools import tools
from lrs_bridge.web.journey import day_of
from lrs_bridge.web.parts import Part, part_of
from lrs_bridge.web.run_explanations import spread_chart
from lrs_bridge.web.tiles import Tile
from lrs_bridge.web.visits import Visit, current, needs
from lrs_bridge.web.words import day_words, listed, plural, when
from lrs_bridge.wiring import Bridge

COMPLETION = "journey_completion"  # the only column that is meant for course totals
_DONE = ("in time", "late", "open")
_SAVED = {
    "again": "What waited or was refused goes out again now.",
    "again_for": "What was refused for this person goes out again now.",
    "totals": "We do not ask again.",
    "roster": "The people of the course are fetched in the background.",
    "leaders": "Who manages whom is as the file says, and the numbers follow.",
}


def add_pages(pages: Blueprint, bridge: Bridge) -> None:
    """Add the teacher's pages to the blueprint of the visit."""

    def run_of(visit: Visit) -> RunRow:
        needs(visit, Role.FACILITATOR)
        if visit.run_row is None:
            abort(404)
        return visit.run_row

    @pages.get("/overview")
    def overview() -> ResponseReturnValue:
        return show_overview(bridge)

    @pages.post("/overview/again")
    def send_again() -> ResponseReturnValue:
        visit = current()
        run = run_of(visit)
        with bridge.sessions.write() as session:
            scores.try_again(session, visit.tenant_id, run.id, visit.now)
        bridge.poke()
        return redirect(url_for("visit.overview", saved="again"), 303)

    @pages.post("/overview/again/<enrolment_id>")
    def send_again_for(enrolment_id: str) -> ResponseReturnValue:
        """One person's refused scores; an LMS that is left alone for a while stays so."""
        visit = current()
        run = run_of(visit)
        with bridge.sessions.write() as session:
            enrolment = enrolments.get_enrolment(session, visit.tenant_id, enrolment_id)
            if enrolment is None or enrolment.run_id != run.id:
                abort(404)
            scores.try_again_for(session, visit.tenant_id, [enrolment.id], visit.now)
        bridge.poke()
        return redirect(url_for("visit.overview", saved="again_for", _anchor="gb"), 303)

    @pages.post("/overview/totals")
    def confirm_totals() -> ResponseReturnValue:
        """A teacher says that only journey completion counts in the course total."""
        visit = current()
        run = run_of(visit)
        with bridge.sessions.write() as session:
            row = runs.get_run(session, visit.tenant_id, run.id)
            if row is not None and row.totals_confirmed is None:
                row.totals_confirmed = visit.now
        return redirect(url_for("visit.overview", saved="totals"), 303)


def show_overview(bridge: Bridge) -> str:
    """The teacher's first page."""
    visit = current()
    needs(visit, Role.FACILITATOR)
    run = visit.run_row
    if run is None:
        abort(404)
    with bridge.sessions.read() as session:
        crowd = crowds.read(session, run, visit.now)
        active = active_evaluators(session, bridge.registry, run)
        found = _Numbers.read(session, run, crowd, active)
        sync = rosters.sync_of(session, run.tenant_id, run.id)
        at_hand = tools(session, run)
        renewing = recomputations.renewing_since(session, run.tenant_id, run.id) is not None
        part = _part(crowd)
        rows = enrolments.enrolments_by_id(session, run.tenant_id, [one.id for one in part.items])
        near = situations.of_enrolments(session, run, list(rows.values()), visit.now)
    plans = {key: plan.label or key for key, plan in posted_indicators(run.journey, active).items()}
    shown = _shown(active, plans)
    steps = due_steps.steps_due(run.journey, crowd.headways.values())
    return render_template(
        "overview.html",
        visit=visit,
        saved=_SAVED.get(request.args.get("saved", "")),
        eyebrow=f"Version {run.journey.version}, kick-off {day_words(run.day_zero)}",
        title=day_of(run.day_zero, run.journey, visit.today),
        lede=_lede(crowd),
        tools=at_hand,
        as_of=_as_of(found.cohort, run),
        renewing=renewing,
        count=len(crowd),
        unknown=plural(crowd.unknown, "person", "people") if crowd.unknown else None,
        with_manager=due_steps.with_manager(crowd.headways.values()),
        tiles=list(_tiles(active, shown, found, crowd, run, visit)),
        steps=steps,
        charts=list(_charts(active, shown, found, steps)),
        columns=figures.columns(plans, found.scores, len(crowd)),
        refused=_refused(found.scores, crowd, plans, run),
        next_try=_next_try(found.scores, run),
        totals_open=run.totals_confirmed is None and len(plans) > 1,
        only_total=plans.get(COMPLETION),
        others=[label for key, label in plans.items() if key != COMPLETION],
        labels=list(plans.values()),
        people=figures.people(
            list(near.values()), _by(found.people), _scores_by(found.scores), plans, _posted_only(active)
        ),
        part=part,
        roster=roster.panel(sync, run),
        who_link=None,
        width="",
    )


def _part(crowd: Crowd) -> Part[Inside]:
    """The page of people that the address asks for: those with something open come first."""
    ordered = sorted(crowd.people, key=lambda one: (-crowd.overdue(one.id), one.name))
    return part_of(ordered, request.args.get("page", 1, int))


def _tiles(
    active: list[Active], shown: dict[str, str], found: _Numbers, crowd: Crowd, run: RunRow, visit: Visit
) -> Iterator[Tile]:
    """What a teacher sees by name first, then totals; each leads to what it is made of."""
    posted_only = _posted_only(active)
    by_key = {row.indicator: row for row in found.cohort}
    by_active = {one.key: one for one in active}
    for key, label in {**shown, **_totals(active)}.items():
        row = by_key.get(key)
        if row is None:
            continue
        own = [one for one in found.people if one.indicator == key]
        if key not in shown or tells_more_than_posted(own, key in posted_only):
            tile = aggregate(by_active[key], row, label, found.published.get(key), own, run, visit).tile
        else:
            tile = figures.cohort_tile(row, label, crowd, found.people)
        yield replace(tile, why=url_for("visit.why_run", indicator=key))


def _charts(
    active: list[Active], shown: dict[str, str], found: _Numbers, steps: list[due_steps.StepLine]
) -> Iterator[Chart]:
    """Where a teacher looks rather than reads: the steps by phase, and how the values seen by name are spread."""
    for whose, title in (("Participant", "Participants’ steps due so far"), ("Manager", "Managers’ steps due so far")):
        chart = charts.shares(title, "Before, during and after", due_steps.by_phase(steps, whose), _DONE)
        if chart is not None:
            yield chart
    posted_only = _posted_only(active)
    bounds = {one.key: one.evaluator.bounds for one in active}
    for key, label in shown.items():
        values = [row.value for row in found.people if row.indicator == key and row.value is not None]
        chart = None if key in posted_only else spread_chart(values, bounds[key], label)
        if chart is not None:
            yield chart


@dataclass(frozen=True)
class _Numbers:
    """What the store holds about a run's indicators and scores; of people those who are in it today."""

    cohort: list[ResultRow]
    people: list[Brief]
    scores: list[Sent]
    published: dict[str, Publication]

    @classmethod
    def read(cls, session: Session, run: RunRow, crowd: Crowd, active: Iterable[Active]) -> _Numbers:
        cohort = [row for row in results.results_of_run(session, run.tenant_id, run.id, "cohort") if not row.subject]
        keys = [one.key for one in active]
        people = result_viewing.briefs_of_people(session, run.tenant_id, run.id, keys)
        accounts, ids = {one.account for one in crowd.people}, {one.id for one in crowd.people}
        sent = score_viewing.of_run(session, run.tenant_id, run.id)
        return cls(
            cohort,
            [row for row in people if row.subject in accounts],
            [row for row in sent if row.enrolment_id in ids],
            publications.shown(session, run.tenant_id, run.id),
        )


def _shown(active: list[Active], plans: dict[str, str]) -> dict[str, str]:
    """The indicators a teacher may see with names, which need no small-group rule, and what is posted."""
    seen = {one.key: one.evaluator.audience.get(Role.FACILITATOR) for one in active}
    titles = {one.key: one.evaluator.title for one in active}
    order = [*plans, *(key for key in seen if key not in plans)]
    return {key: plans.get(key, titles[key]) for key in order if seen.get(key) in ("named", "posted")}


def _totals(active: list[Active]) -> dict[str, str]:
    """The indicators of which a teacher sees the whole run and nobody in it."""
    return {
        one.key: one.evaluator.title for one in active if one.evaluator.audience.get(Role.FACILITATOR) == "aggregate"
    }


def _posted_only(active: list[Active]) -> frozenset[str]:
    """Indicators of which a teacher sees what the gradebook sees, and no more."""
    return frozenset(one.key for one in active if one.evaluator.audience.get(Role.FACILITATOR) != "named")


def _lede(crowd: Crowd) -> str:
    return f"{plural(len(crowd), 'participant').capitalize()}, {plural(crowd.managers, 'manager')}."


def _as_of(cohort: list[ResultRow], run: RunRow) -> str | None:
    return when(max(row.computed for row in cohort), run.run.zone) if cohort else None


def _by(rows: list[Brief]) -> dict[str, dict[str, Brief]]:
    found: dict[str, dict[str, Brief]] = {}
    for row in rows:
        found.setdefault(row.subject, {})[row.indicator] = row
    return found


def _scores_by(rows: list[Sent]) -> dict[str, dict[str, Sent]]:
    found: dict[str, dict[str, Sent]] = {}
    for row in rows:
        found.setdefault(row.enrolment_id, {})[row.indicator] = row
    return found


def _refused(rows: list[Sent], crowd: Crowd, plans: dict[str, str], run: RunRow) -> list[dict[str, str]]:
    """One message per person and reason, with the time of the next try by itself, if there is one."""
    names = {one.id: one.name for one in crowd.people}
    found: dict[tuple[str, str], list[Sent]] = {}
    for row in rows:
        if row.state == ScoreState.REFUSED:
            found.setdefault((row.enrolment_id, row.reason or "It gave no reason."), []).append(row)
    return [
        {
            "enrolment": enrolment,
            "name": names[enrolment],
            "labels": listed([plans.get(row.indicator, row.label) for row in refused]),
            "count": plural(len(refused), "score"),
            "reason": reason,
            "next": _earliest(refused, run) or "",
        }
        for (enrolment, reason), refused in found.items()
    ]


def _next_try(rows: list[Sent], run: RunRow) -> str | None:
    """When the next waiting score goes out; None when nothing waits."""
    return _earliest([row for row in rows if row.state == ScoreState.WAITING], run)


def _earliest(rows: list[Sent], run: RunRow) -> str | None:
    times = [row.next_at for row in rows if row.next_at]
    return when(min(times), run.run.zone) if times else None
