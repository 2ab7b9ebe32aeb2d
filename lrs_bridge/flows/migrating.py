"""A running cohort on another version of its journey: what would change, doing it, and taking it back.

A run keeps its version until a person says otherwise. Nothing that people did is touched: statements name the version
in which they were made, and count for the step whose id they carry.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.comparing import Difference, compare
from lrs_bridge.domain.evaluation import Active, Ask, evaluate_person
from lrs_bridge.domain.events import Kind
from lrs_bridge.domain.facts import settle
from lrs_bridge.domain.indicators import Outcome
from lrs_bridge.domain.journey import Journey
from lrs_bridge.domain.migrating import StepEffect, Turns, steps_of, turns, weakened
from lrs_bridge.domain.people import Cohort, Role, Run
from lrs_bridge.domain.scope import share_out
from lrs_bridge.flows import recompute
from lrs_bridge.flows.activation import decide, layers_at, places_of
from lrs_bridge.flows.asking import Asking
from lrs_bridge.flows.grade import posted_indicators
from lrs_bridge.flows.running import CannotRun, Who
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import cohorts, enrolments, facts, journeys, plugin_settings, run_changes, run_comparison
from lrs_bridge.store.journeys import JourneyRow
from lrs_bridge.store.run_changes import RunAction, RunChange
from lrs_bridge.store.runs import RunRow

PEOPLE_AT_MOST = 30
"""Somebody waits for the page: of a larger run so many are looked at, always the same."""
SECONDS_AT_MOST = 5.0
_NOT_DOING = frozenset({Kind.REGISTERED, Kind.WITHDREW, Kind.WAIVED, Kind.VOIDED})


@dataclass(frozen=True)
class Effect:
    """What would change. `people` are in the run today, `looked` of them were looked at.

    `columns_gone`, `columns_new`: labels of gradebook columns. `pending`: indicators that are computed for groups only
    and follow afterwards.
    """

    target: JourneyRow
    differences: Sequence[Difference]
    steps: Sequence[StepEffect]
    turns: Turns
    titles: dict[str, str]
    people: int
    looked: int
    columns_gone: Sequence[str] = ()
    columns_new: Sequence[str] = ()
    named: frozenset[str] = field(default_factory=frozenset)


def preview(
    session: Session,
    registry: Registry,
    run: RunRow,
    target: JourneyRow,
    who: Who,
    ticks: Callable[[], float] = time.perf_counter,
) -> Effect:
    """The run as it is and as it would be; nothing is kept."""
    before, after, today = run.journey, target.journey, run.run.local_day(who.now)
    ids = enrolments.ids_on(session, run.tenant_id, run.id, today)
    some = enrolments.enrolments_by_id(session, run.tenant_id, ids[:PEOPLE_AT_MOST])
    cohort = cohorts.cohort_of_some(session, run, [some[id_] for id_ in sorted(some)])
    known = _facts(session, run, cohort)
    sides = [(journey, active_in(session, registry, run, journey)) for journey in (before, after)]
    with Asking(SECONDS_AT_MOST) as ask:
        pairs, failed, looked, done = _ask(sides, cohort, known, run.run, target, who, ticks, ask)
    labels = [_labels(journey, active) for journey, active in sides]
    return Effect(
        target=target,
        differences=compare(before, after),
        steps=steps_of(before, after, run.run, done, today),
        turns=Turns(turns(pairs), sorted(failed)),
        titles={one.key: one.evaluator.title for _, active in sides for one in active},
        people=len(ids),
        looked=looked,
        columns_gone=[label for key, label in labels[0].items() if key not in labels[1]],
        columns_new=[label for key, label in labels[1].items() if key not in labels[0]],
        named=frozenset(
            one.key for _, active in sides for one in active if one.evaluator.audience.get(Role.FACILITATOR) == "named"
        ),
    )


def active_in(session: Session, registry: Registry, run: RunRow, journey: Journey) -> list[Active]:
    """Who would be asked in the run, were it on this journey."""
    places = places_of(run)
    words = plugin_settings.words(session, run.tenant_id, places)
    decided = [decide(one, journey, layers_at(one.key, journey, places, words)) for one in registry.evaluators.values()]
    return [one.active for one in decided if one.active is not None]


def _labels(journey: Journey, active: Sequence[Active]) -> dict[str, str]:
    return {key: plan.label or key for key, plan in posted_indicators(journey, active).items()}


def _facts(session: Session, run: RunRow, cohort: Cohort) -> list[Any]:
    people = cohort.participants
    actors = [name for person in people for name in (person.account, *person.identities)]
    registrations = [person.registration for person in people if person.registration]
    return facts.facts_of_many(session, run.tenant_id, registrations, actors) if people else []


_Pairs = list[tuple[str, Outcome | None, Outcome | None]]


def _ask(
    sides: Sequence[tuple[Journey, Sequence[Active]]],
    cohort: Cohort,
    known: Sequence[Any],
    run: Run,
    target: JourneyRow,
    who: Who,
    ticks: Callable[[], float],
    ask: Ask,
) -> tuple[_Pairs, set[str], int, dict[str, int]]:
    """Each person's outcomes under both versions, until time is up."""
    settled, until = settle(known, who.now), ticks() + SECONDS_AT_MOST
    after_run = Run(run.id, target.slug, target.version, run.day_zero, run.time_zone)
    cohort_after = Cohort(after_run, cohort.home_page, cohort.people)
    shares = [share_out(cohort, journey, settled) for journey, _ in sides]
    pairs: _Pairs = []
    failed: set[str] = set()
    done: dict[str, int] = {}
    looked = 0
    for person in cohort.in_scope(run.local_day(who.now)):
        if ticks() > until:
            break
        looked += 1
        own = shares[0].get(person.account, ())
        for step in {fact.step for fact in own if fact.step and fact.kind not in _NOT_DOING}:
            done[step] = done.get(step, 0) + 1
        outcomes: list[dict[str, Outcome]] = []
        for number, (journey, active) in enumerate(sides):
            share = shares[number].get(person.account, ())
            around = cohort_after if number else cohort
            evaluation = evaluate_person(active, journey, around, person, share, who.now, ask)
            outcomes.append({one.indicator: one.outcome for one in evaluation.results})
            failed |= {failure.indicator for failure in evaluation.failures}
        keys = dict.fromkeys((*outcomes[0], *outcomes[1]))
        pairs += [(key, outcomes[0].get(key), outcomes[1].get(key)) for key in keys if key not in failed]
    return pairs, failed, looked, done


def targets_of(session: Session, run: RunRow) -> list[JourneyRow]:
    """The other versions that the run could have, the newest first."""
    found = journeys.versions(session, run.tenant_id, run.journey_row.slug)
    return [row for row in found if row.id != run.journey_id]


def migrate(
    session: Session, who: Who, run: RunRow, target: JourneyRow, seen: str, undoes: str | None = None
) -> RunChange | None:
    """Give the run this version, and have everybody evaluated again in the background. None: this form did it before.

    `seen`: the id of the version that the run had when the preview was shown. Raises CannotRun.
    """
    done = run_changes.made_by(session, run.tenant_id, run.id, who.act)
    if done is not None:
        return None
    if target.tenant_id != run.tenant_id or target.slug != run.journey_row.slug:
        raise CannotRun("That is a version of another journey. Start a run of it instead.", "to")
    if run.closed is not None:
        raise CannotRun("The run is closed. Open it again first.", "to")
    if seen != run.journey_id:
        raise CannotRun("Somebody gave the run another version meanwhile. Look at what would change once more.", "to")
    if target.id == run.journey_id:
        raise CannotRun(f"The run has version {target.version} already.", "to")
    _keeps_its_word(session, run, target)
    old = run.journey_row
    run.journey_row = target
    session.flush()
    noted = run_changes.note(
        session,
        run.tenant_id,
        run.id,
        who.act,
        RunAction.MIGRATED,
        {"id": old.id, "version": old.version},
        {"id": target.id, "version": target.version},
        who.name,
        who.now,
        undoes,
    )
    reason = f"The run was moved from version {old.version} to version {target.version} of its journey."
    recompute.ask(session, run.tenant_id, run_id=run.id, reason=reason, by=who.name, now=who.now)
    return noted


def _keeps_its_word(session: Session, run: RunRow, target: JourneyRow) -> None:
    """Whoever answered was told who would see it. Raises CannotRun where the new version would show more."""
    weaker = weakened(run.journey, target.journey)
    for step, old, new in weaker:
        if run_comparison.anybody_did(session, run.tenant_id, run.id, step.id):
            raise CannotRun(
                f"People answered {step.id} ({step.title}) as {old}, and version {target.version} makes it {new}. "
                "Give the step another id in a new version, so that it is asked anew.",
                "to",
            )


def undoable(changes: Sequence[RunChange], run: RunRow) -> RunChange | None:
    """The latest migration, while it holds and was not itself a taking back. `changes`: the newest first."""
    latest = next((one for one in changes if one.action == RunAction.MIGRATED), None)
    if latest is None or latest.undoes is not None or latest.new["id"] != run.journey_id or run.closed is not None:
        return None
    return latest


def undo(session: Session, who: Who, run: RunRow, change_id: str) -> RunChange | None:
    """Give the run back the version that it had. Raises CannotRun."""
    if run_changes.made_by(session, run.tenant_id, run.id, who.act) is not None:
        return None
    change = undoable(run_changes.changes_of(session, run.tenant_id, run.id), run)
    if change is None or change.id != change_id:
        raise CannotRun("There is nothing to take back: somebody changed the version since.", "to")
    old = journeys.get_journey(session, run.tenant_id, change.old["id"])
    if old is None:
        raise CannotRun("That version is no longer here.", "to")
    return migrate(session, who, run, old, run.journey_id, undoes=change.id)
