"""How evaluators stand: who is asked, what became of each question, who is switched off by rule and who is back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active, Failure
from lrs_bridge.domain.failing import Call, Fault, Rule, Standing, after
from lrs_bridge.domain.indicators import Subject
from lrs_bridge.domain.making import made_by
from lrs_bridge.flows import recompute
from lrs_bridge.flows.asking import Timing
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import evaluator_watch, results, tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.evaluator_watch import EvaluatorFailure, EvaluatorWatch
from lrs_bridge.store.results import Taken

log = logging.getLogger("lrs_bridge.evaluate")

SAMPLED = timedelta(seconds=10)
"""How often good answers are counted: what is timed between is not written down, so that an act costs no more."""


@dataclass(frozen=True)
class Standings:
    """The evaluators of a tenant that are watched, by key and version."""

    rows: Mapping[tuple[str, str], EvaluatorWatch]

    @classmethod
    def of(cls, session: Session, tenant_id: str) -> Standings:
        return cls({(row.evaluator, row.made_by): row for row in evaluator_watch.watches(session, tenant_id)})

    def find(self, one: Active) -> EvaluatorWatch | None:
        return self.rows.get((one.key, made_by(one.evaluator)))

    def asked(self, active: Iterable[Active], subject: str) -> list[Active]:
        """Those that are asked about this enrolment or run: all that are on, and what is tried on it."""
        return [one for one in active if self._is_asked(one, subject)]

    def _is_asked(self, one: Active, subject: str) -> bool:
        row = self.find(one)
        if row is None or row.state == Standing.ON:
            return True
        return row.state == Standing.TRIAL and row.trial == subject


def note_calls(
    session: Session,
    tenant_id: str,
    standings: Standings,
    asked: Sequence[tuple[Taken, Active, Call]],
    rule: Rule,
    now: datetime,
) -> None:
    """Remember how evaluators behaved; switch off whom the rule says, and on who passed the trial."""
    by_key: dict[str, list[tuple[Taken, Active, Call]]] = {}
    for one in asked:
        by_key.setdefault(one[1].key, []).append(one)
    for key, own in sorted(by_key.items()):
        active, calls = own[0][1], [call for _, _, call in own]
        known = standings.find(active)
        if known is not None and not _is_news(known, calls, rule, now):
            continue
        row = evaluator_watch.locked(session, tenant_id, key, made_by(active.evaluator), now)
        if row.state == Standing.TRIAL:
            calls = [call for taken, _, call in own if taken.subject == row.trial]
        row.count(calls, now)
        before, conduct = Standing(row.state), after(row.conduct, calls, rule, now)
        row.put_conduct(conduct, now)
        if before is not conduct.standing:
            _tell(session, tenant_id, row, before, now)


def _is_news(known: EvaluatorWatch, calls: Iterable[Call], rule: Rule, now: datetime) -> bool:
    if known.state != Standing.ON or known.in_a_row or known.last is None or now - known.last >= SAMPLED:
        return True
    return any(call.fault is not None or call.seconds > min(known.worst, rule.seconds) for call in calls)


def _tell(session: Session, tenant_id: str, row: EvaluatorWatch, before: Standing, now: datetime) -> None:
    if row.state == Standing.OFF:
        log.error("evaluator %s, %s, is switched off: %s", row.evaluator, row.made_by, row.why)
    elif before is Standing.TRIAL:
        log.warning("evaluator %s, %s, is on again", row.evaluator, row.made_by)
        reason = f"{row.evaluator} was off and answers again."
        recompute.ask_where_made_with(session, tenant_id, row.evaluator, reason, recompute.BY_ITSELF, now)


def note_failures(
    session: Session,
    taken: Taken,
    failures: Sequence[Failure],
    asked: Mapping[str, Active],
    seconds: Mapping[tuple[str, Subject], float],
    now: datetime,
) -> None:
    """Keep what fails about this enrolment or run at present; the trace goes to the log."""
    for failure in failures:
        log.error("evaluator %s failed: %s", failure.indicator, failure.reason, exc_info=failure.error)
    if not failures and not taken.failing:
        return
    known = {
        (row.evaluator, row.whom): row for row in evaluator_watch.failures_of(session, taken.tenant_id, taken.subject)
    }
    present = {(failure.indicator, whom_of(failure.subject)): failure for failure in failures}
    over = [row for key, row in known.items() if key not in present and row.evaluator in asked]
    evaluator_watch.forget_failures(session, over)
    for (key, whom), failure in present.items():
        row = known.get((key, whom))
        if row is None:
            row = EvaluatorFailure(tenant_id=taken.tenant_id, due=taken.subject, evaluator=key, whom=whom, times=0)
            row.run_id, row.first = taken.run_id, now
            session.add(row)
        row.kind, row.reason, row.last = str(failure.fault), failure.reason, now
        row.times += 1
        row.made_by = made_by(asked[key].evaluator)
        row.seconds = seconds.get((key, failure.subject), 0.0)


def whom_of(subject: Subject) -> str:
    """As results name it: an account, an area, or empty for the run."""
    return subject.account or subject.area or ""


def calls_of(
    taken: Taken, asked: Mapping[str, Active], timings: Iterable[Timing], failures: Iterable[Failure]
) -> list[tuple[Taken, Active, Call]]:
    """Each question with what became of it."""
    failed = {(failure.indicator, failure.subject): failure for failure in failures}
    found = []
    for timing in timings:
        failure = failed.pop((timing.key, timing.subject), None)
        found.append((taken, asked[timing.key], _call(timing.subject, timing.seconds, failure)))
    found += [(taken, asked[key], _call(subject, 0.0, failure)) for (key, subject), failure in failed.items()]
    return found


def _call(subject: Subject, seconds: float, failure: Failure | None) -> Call:
    fault: Fault | None = failure.fault if failure else None
    return Call("|".join(subject.sort_key), seconds, fault, failure.reason if failure else "")


class CannotTry(ValueError):
    """There is nobody on whom an evaluator could be tried, or nothing to try."""


def try_again(session: Session, tenant_id: str, evaluator: str, by_version: str, now: datetime) -> None:
    """Ask an evaluator that is off about one person or group; a good answer switches it on. Raises CannotTry."""
    row = evaluator_watch.locked(session, tenant_id, evaluator, by_version, now)
    if row.state == Standing.ON:
        raise CannotTry("It is on.")
    _try_on_somebody(session, row, now)


def _try_on_somebody(session: Session, row: EvaluatorWatch, now: datetime) -> None:
    failed = evaluator_watch.latest_failure(session, row.tenant_id, row.evaluator)
    chosen = (failed.run_id, failed.due) if failed else recompute.somebody_asked(session, row.tenant_id, row.evaluator)
    if chosen is None:
        raise CannotTry("Nobody is in a run in which it is asked.")
    if row.state != Standing.TRIAL:
        row.state, row.since = str(Standing.TRIAL), now
    row.trial = chosen[1]
    results.mark_due(session, row.tenant_id, chosen[0], chosen[1], now)


def look(sessions: Sessions, registry: Registry, now: datetime) -> None:
    """When a worker starts: a new version of an evaluator that is off is tried on one person."""
    with sessions.write() as session:
        for tenant in tenants.all_tenants(session):
            look_for_new_versions(session, registry, tenant.id, now)


def look_for_new_versions(session: Session, registry: Registry, tenant_id: str, now: datetime) -> None:
    """A version that was never asked, of an evaluator that is off, is tried on one person first."""
    rows = evaluator_watch.watches(session, tenant_id)
    for key, one in registry.evaluators.items():
        version = made_by(one)
        own = [row for row in rows if row.evaluator == key]
        if own and all(row.made_by != version for row in own) and own[-1].state != Standing.ON:
            row = evaluator_watch.locked(session, tenant_id, key, version, now)
            row.state, row.since, row.why = str(Standing.OFF), now, "The version before was switched off."
            try:
                _try_on_somebody(session, row, now)
            except CannotTry:
                row.state = str(Standing.ON)
