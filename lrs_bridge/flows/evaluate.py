"""Facts into indicators: one participant at a time, then (a little later and together) the groups of a run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active, Evaluation, evaluate_groups, evaluate_person
from lrs_bridge.domain.facts import settle
from lrs_bridge.domain.scope import facts_of, next_change
from lrs_bridge.domain.shared import Asked, share
from lrs_bridge.flows.grade import want_scores
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.hooks.settings import SettingsError, on_by_default, resolve
from lrs_bridge.store import cohorts, enrolments, facts, plugin_settings, results, runs
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.results import Due
from lrs_bridge.store.runs import RunRow
from lrs_bridge.store.shared_facts import shared_facts

log = logging.getLogger("lrs_bridge.evaluate")

GROUPS_WAIT = timedelta(seconds=2)  # several acts in a row make one computation of the cohort
AT_ONCE = 20


def evaluate_due(sessions: Sessions, registry: Registry, now: datetime, limit: int = AT_ONCE) -> int:
    """Evaluate whoever is due, in one transaction; answers how many. Failing leaves the others untouched.

    A stop before the commit leaves everything as it was, still due.
    """
    with sessions.write() as session:
        due = results.take_due(session, now, limit)
        for row in due:
            _evaluate_row(session, registry, row, now)
    return len(due)


def _evaluate_row(session: Session, registry: Registry, row: Due, now: datetime) -> None:
    work: Callable[[Session, Registry, Due, datetime], datetime | None]
    work = _evaluate_run if row.subject == row.run_id else _evaluate_enrolment
    try:
        with session.begin_nested():
            row.at = work(session, registry, row, now)
            row.failures = 0
    except Exception as problem:  # one broken journey or row must not stop the others
        log.exception("evaluation of %s failed", row.subject)
        wait = timedelta(minutes=min(60, 2**row.failures))
        results.mark_failed(row, f"{type(problem).__name__}: {problem}", now, wait)


def active_evaluators(session: Session, registry: Registry, run: RunRow) -> list[Active]:
    """Who is asked in this run: installed, and switched on by an admin or (unless switched off) by the journey.

    Settings: defaults < platform < journey (admin) < journey file < course. Wrong settings switch the
    evaluator off for this run, with a line in the log that says which.
    """
    layers = plugin_settings.settings_for(
        session, run.tenant_id, run.course.platform_id, run.journey.slug, run.course_id
    )
    named = run.journey.evaluators
    chosen: list[Active] = []
    for key, evaluator in registry.evaluators.items():
        own = [layer for layer in layers if layer.evaluator == key]
        switches = [layer.enabled for layer in own if layer.enabled is not None]
        by_itself = key in named if named is not None else on_by_default(evaluator, run.journey)
        if not (switches[-1] if switches else by_itself):
            continue
        wide = [layer.settings for layer in own if layer.scope == "platform"]
        near = [layer.settings for layer in own if layer.scope != "platform"]
        try:
            settings = resolve(evaluator, *wide, (named or {}).get(key, {}), *near)
        except SettingsError as problem:
            log.error("evaluator %s is left out of run %s: %s", key, run.id, problem)
            continue
        chosen.append(Active(evaluator, settings))
    return chosen


def _evaluate_enrolment(session: Session, registry: Registry, row: Due, now: datetime) -> datetime | None:
    enrolment = enrolments.get_enrolment(session, row.tenant_id, row.subject)
    run = runs.get_run(session, row.tenant_id, row.run_id)
    if enrolment is None or run is None:
        return None
    cohort = cohorts.cohort_of_one(session, run, enrolment)
    person = cohort.participants[0]
    known = facts.facts_of(session, row.tenant_id, enrolment.id, (person.account, *person.identities))
    own = facts_of(person, run.journey, settle(known, now))
    active = active_evaluators(session, registry, run)
    evaluation = evaluate_person(active, run.journey, cohort, person, own, now)
    row.reason = _reason(evaluation)
    computed = [result.indicator for result in evaluation.results]
    failed = [failure.indicator for failure in evaluation.failures]
    results.keep(session, row.tenant_id, run.id, evaluation.results)
    results.drop(session, run.id, "person", person.account, [*computed, *failed])
    want_scores(session, run, enrolment, active, evaluation.results, now)
    results.mark_due(session, row.tenant_id, run.id, run.id, now + GROUPS_WAIT)
    later = [fact.at for fact in known if fact.at > now]
    turns = next_change(run.journey, run.run, person, now)
    return min([*later, *([turns] if turns else [])], default=None)


def _evaluate_run(session: Session, registry: Registry, row: Due, now: datetime) -> datetime | None:
    run = runs.get_run(session, row.tenant_id, row.run_id)
    if run is None:
        return None
    cohort = cohorts.cohort_of(session, run)
    stored = results.results_of_run(session, row.tenant_id, run.id, "person")
    accounts = {person.account for person in cohort.participants}
    people = [r.result for r in stored if r.subject in accounts]
    active = active_evaluators(session, registry, run)
    known = shared_facts(session, run, Asked.by(active, run.journey), cohort.sponsors)
    shared = share(active, run.journey, cohort, settle(known, now))
    evaluation = evaluate_groups(active, run.journey, cohort, people, now, shared)
    row.reason = _reason(evaluation)
    results.keep(session, row.tenant_id, run.id, evaluation.results)
    results.drop(session, run.id, "cohort", None, [one.key for one in active])
    return min((fact.at for fact in known if fact.at > now), default=None)


def _reason(evaluation: Evaluation) -> str | None:
    """What the admin page shows of evaluators that failed on this subject."""
    lines = [f"{failure.indicator}: {failure.reason}" for failure in evaluation.failures]
    for line in lines:
        log.error("evaluator failed: %s", line)
    return "; ".join(lines)[:500] or None
