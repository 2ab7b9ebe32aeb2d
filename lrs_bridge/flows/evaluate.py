"""Facts into indicators: one participant at a time, then (a little later and together) the groups of a run.

What people do goes first; then some of those who wait to be computed again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from lrs_bridge.domain.evaluation import Active, Evaluation, Failure
from lrs_bridge.domain.failing import Call, Fault, Rule
from lrs_bridge.domain.making import made_with
from lrs_bridge.flows import recompute, standing
from lrs_bridge.flows.activation import decide_all
from lrs_bridge.flows.asking import Asking, Timing
from lrs_bridge.flows.standing import Standings
from lrs_bridge.flows.subjects import GROUPS_WAIT, Groups, Participant, Setting, Subject, without
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import results, runs
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.results import Due, Taken
from lrs_bridge.store.runs import RunRow

__all__ = ["AT_ONCE", "GROUPS_WAIT", "active_evaluators", "evaluate_due"]

log = logging.getLogger("lrs_bridge.evaluate")

AT_ONCE = 20
RENEWED_AT_ONCE = 10
LEASE = timedelta(seconds=60)
"""After that, whoever was taken up by a process that is gone is due again."""
FRESH_SECONDS, RENEW_SECONDS = 2.0, 0.25
"""How long to go on before what was found is written: somebody may have acted meanwhile."""
ONCE_MORE = timedelta(minutes=15)
"""When to look again at somebody whom a process evaluated that may be of another version than its neighbours."""
RULE = Rule()


def evaluate_due(sessions: Sessions, registry: Registry, now: datetime, limit: int = AT_ONCE, rule: Rule = RULE) -> int:
    """Evaluate whoever is due, then, where that is soon done, some who wait to be computed again; answers how many.

    Failing leaves the others untouched. A stop at any moment leaves everybody due, a minute later at most.
    """
    with sessions.jot() as session:
        due = results.take_due(session, now, limit, now + LEASE)
        more = min(RENEWED_AT_ONCE, limit - len(due))
        again = recompute.take(session, registry, now, more, now + LEASE) if more > 0 else []
    batch = _Batch(sessions, registry, now, rule)
    people, groups = [one for one in due if not one.of_run], [one for one in due if one.of_run]
    done = batch.work(people, FRESH_SECONDS) + batch.work(groups, FRESH_SECONDS)
    return done + batch.work(again, RENEW_SECONDS)


def active_evaluators(session: Session, registry: Registry, run: RunRow) -> list[Active]:
    """Who is asked in this run: what `flows.activation` decides, with a line in the log for wrong settings, which
    switch an evaluator off here."""
    chosen: list[Active] = []
    for decision in decide_all(session, registry, run):
        if decision.faults:
            log.error("evaluator %s is left out of run %s: %s", decision.key, run.id, decision.problem)
        if decision.active is not None:
            chosen.append(decision.active)
    return chosen


@dataclass
class _Done:
    """What became of one who was taken up. `subject` None: there is nobody any more; `problem`: why it failed."""

    taken: Taken
    subject: Subject | None = None
    evaluation: Evaluation = field(default_factory=Evaluation)
    timings: Sequence[Timing] = ()
    problem: str | None = None

    @property
    def asked(self) -> dict[str, Active]:
        return {one.key: one for one in self.subject.setting.active} if self.subject else {}

    @property
    def calls(self) -> list[tuple[Taken, Active, Call]]:
        return standing.calls_of(self.taken, self.asked, self.timings, self.evaluation.failures)


class _Batch:
    """Some who are evaluated one after another and written down together."""

    def __init__(self, sessions: Sessions, registry: Registry, now: datetime, rule: Rule) -> None:
        self._sessions, self._registry, self._now, self._rule = sessions, registry, now, rule
        self._runs: dict[str, tuple[RunRow, list[Active]] | None] = {}
        self._standings: dict[str, Standings] = {}

    def work(self, taken: Sequence[Taken], seconds: float) -> int:
        """Evaluate them, but begin with nobody when the time is over; answers how many were done."""
        if not taken:
            return 0
        until = time.monotonic() + seconds
        done: list[_Done] = []
        for one in taken:
            if done and time.monotonic() > until:
                break
            done.append(self._evaluate(one))
        with self._sessions.write() as session:
            for finished in sorted(done, key=lambda one: one.taken.run_id):  # two workers lock rows in the same order
                self._keep(session, finished)
            for left in taken[len(done) :]:
                results.put_back(session, left, self._now)
            self._note(session, done)
        return len(done)

    def _evaluate(self, taken: Taken) -> _Done:
        try:
            with self._sessions.read() as session:
                subject = self._read(session, taken)
            if subject is None:
                return _Done(taken)
            evaluation, timings = self._ask(subject, taken)
        except Exception as problem:  # one broken journey or row must not stop the others
            log.exception("evaluation of %s failed", taken.subject)
            return _Done(taken, problem=f"{type(problem).__name__}: {problem}")
        return _Done(taken, subject, evaluation, timings)

    def _read(self, session: Session, taken: Taken) -> Subject | None:
        if taken.run_id not in self._runs:
            run = runs.get_run(session, taken.tenant_id, taken.run_id)
            self._runs[taken.run_id] = (run, active_evaluators(session, self._registry, run)) if run else None
        if taken.tenant_id not in self._standings:
            self._standings[taken.tenant_id] = Standings.of(session, taken.tenant_id)
        known = self._runs[taken.run_id]
        if known is None:
            return None
        run, active = known
        asked = self._standings[taken.tenant_id].asked(active, taken.subject)
        setting = Setting(run, active, without(asked, taken.in_hand), self._now)
        return Groups.read(session, setting) if taken.of_run else Participant.read(session, setting, taken)

    def _ask(self, subject: Subject, taken: Taken) -> tuple[Evaluation, list[Timing]]:
        """Where an earlier try did not come to an end, each evaluator is noted before it is asked."""
        note = partial(self._put_in_hand, taken)
        with Asking(self._rule.seconds, held=note, before=note if taken.again else None) as asking:
            evaluation = subject.evaluate(asking)
        if taken.in_hand is not None and taken.in_hand in {one.key for one in subject.setting.active}:
            evaluation = replace(evaluation, failures=(*evaluation.failures, _ended(subject, taken.in_hand)))
        return evaluation, asking.timings

    def _put_in_hand(self, taken: Taken, key: str | None) -> None:
        with self._sessions.jot() as session:
            results.put_in_hand(session, taken.subject, key)

    def _keep(self, session: Session, done: _Done) -> None:
        row = results.held(session, done.taken)
        if row is None:
            return
        try:
            if done.problem is not None:
                raise _Failed(done.problem)
            with session.begin_nested():
                self._keep_one(session, row, done)
        except Exception as problem:  # what cannot be kept of one must not stop the others
            text = str(problem) if isinstance(problem, _Failed) else f"{type(problem).__name__}: {problem}"
            if not isinstance(problem, _Failed):
                log.exception("evaluation of %s failed", done.taken.subject)
            wait = timedelta(minutes=min(60, 2 ** min(row.failures, 6)))
            results.mark_failed(row, done.taken, text, self._now, wait)

    def _keep_one(self, session: Session, row: Due, done: _Done) -> None:
        subject, failures = done.subject, done.evaluation.failures
        if subject is None:
            results.finish(row, done.taken, None)
            return
        at = subject.keep(session, done.evaluation)
        seconds = {(timing.key, timing.subject): timing.seconds for timing in done.timings}
        standing.note_failures(session, done.taken, failures, done.asked, seconds, self._now)
        row.reason = _reason(failures) or (row.reason if subject.setting.off else None)
        setting = subject.setting
        made = made_with(setting.run.journey, setting.run.run, setting.active)
        if not recompute.notice(session, setting.run, made, self._now):
            at = min(at or self._now + ONCE_MORE, self._now + ONCE_MORE)
        results.finish(row, done.taken, at, subject.seen, subject.renewed)

    def _note(self, session: Session, done: Sequence[_Done]) -> None:
        for tenant_id, standings in self._standings.items():
            calls = [call for one in done if one.taken.tenant_id == tenant_id for call in one.calls]
            standing.note_calls(session, tenant_id, standings, calls, self._rule, self._now)


class _Failed(Exception):
    """It could not even be read; the text says why."""


def _ended(subject: Subject, key: str) -> Failure:
    return Failure(key, subject.about, "The process ended, or was ended, while it was at work.", Fault.ENDED)


def _reason(failures: Sequence[Failure]) -> str | None:
    """What the admin page shows of evaluators that failed on this subject."""
    return "; ".join(f"{failure.indicator}: {failure.reason}" for failure in failures)[:500] or None
