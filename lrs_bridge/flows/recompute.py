"""Computing again: what is asked for, by whom and why, how far it has come; never before what people do now.

Old values stay and are shown until the new ones are there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.making import changes, keeps_less, made_with
from lrs_bridge.flows.activation import decide_all
from lrs_bridge.hooks.registry import Registry
from lrs_bridge.store import recomputations, results, runs, tenants
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.recomputations import Progress, Recomputation
from lrs_bridge.store.results import Taken
from lrs_bridge.store.runs import RunRow

log = logging.getLogger("lrs_bridge.evaluate")

BY_ITSELF = "the tool itself"
AGAIN_AFTER = timedelta(minutes=10)
"""How long a run is left alone after it was asked for, whatever is found to differ: processes of two versions side by
side would have each other's work done again without an end."""


def ask(
    session: Session,
    tenant_id: str,
    *,
    reason: str,
    by: str,
    now: datetime,
    run_id: str | None = None,
    course_id: str | None = None,
    journey: str | None = None,
    platform_id: str | None = None,
) -> int:
    """Have everything evaluated again, in the background; answers how many runs.

    Those runs of the tenant for which all that is named holds (`journey`: a slug); with nothing named, all. A closed
    run is only computed again if it is named itself. `reason` and `by` are shown to admins. Costs the same whatever
    the size of the runs; one that is under way begins anew. The caller rings the bell (`Bridge.poke`).
    """
    wanted = recomputations.runs_within(tenant_id, run_id, course_id, journey, platform_id)
    return recomputations.ask(session, tenant_id, wanted, reason, by, now)


def ask_where_made_with(session: Session, tenant_id: str, evaluator: str, reason: str, by: str, now: datetime) -> None:
    """The same for all runs in which this evaluator is asked."""
    for run_id, made in recomputations.made_with(session, tenant_id).items():
        if evaluator in made["evaluators"]:
            ask(session, tenant_id, run_id=run_id, reason=reason, by=by, now=now)


def somebody_asked(session: Session, tenant_id: str, evaluator: str) -> tuple[str, str] | None:
    """A run in which this evaluator is asked, and an enrolment in it."""
    for run_id, made in recomputations.made_with(session, tenant_id).items():
        if evaluator in made["evaluators"]:
            subject = results.somebody_of(session, tenant_id, run_id)
            if subject is not None:
                return run_id, subject
    return None


def take(session: Session, registry: Registry, now: datetime, limit: int, until: datetime) -> list[Taken]:
    """Take up some who wait to be computed again, of the run that was asked for first; see that it begins and ends."""
    others: list[str] = []
    while True:
        row = recomputations.next_open(session, others)
        if row is None:
            return []
        if row.began is None:
            recomputations.begin(session, row, now)
            row.made_with = _made_or_none(session, registry, row) or row.made_with
        taken = results.take_renewals(session, row.run_id, now, limit, until)
        if taken:
            return taken
        if results.is_renewed(session, row.run_id):
            row.finished = now
            log.info("run %s is computed again, %d people: %s", row.run_id, row.total, row.reason)
        session.flush()
        others.append(row.run_id)


def made_of(session: Session, registry: Registry, run: RunRow) -> dict[str, Any]:
    """What the run's results are made with by now."""
    return made_with(run.journey, run.run, [d.active for d in decide_all(session, registry, run) if d.active])


def _made_or_none(session: Session, registry: Registry, row: Recomputation) -> dict[str, Any] | None:
    try:
        run = runs.get_run(session, row.tenant_id, row.run_id)
        return None if run is None else made_of(session, registry, run)
    except Exception:  # a journey that cannot be read fails for its own people, and keeps nobody else waiting
        log.exception("what run %s is made with cannot be told", row.run_id)
        return None


def notice(session: Session, run: RunRow, made: Mapping[str, Any], now: datetime) -> bool:
    """Compare with what the run's results were made with, and have them computed again where that differs.

    False: it differs, and the run was asked for only just now; whoever is evaluated like this is to be looked at again.
    """
    known = recomputations.get(session, run.tenant_id, run.id)
    if known is None or known.made_with is None:
        recomputations.put_made_with(session, run.tenant_id, run.id, made)
        return True
    found = changes(known.made_with, made)
    if not found:
        return True
    if known.asked is not None and now - known.asked < AGAIN_AFTER:
        return False
    ask(session, run.tenant_id, run_id=run.id, reason=" ".join(found), by=BY_ITSELF, now=now)
    recomputations.put_made_with(session, run.tenant_id, run.id, made)
    return True


def look(sessions: Sessions, registry: Registry, now: datetime) -> int:
    """When a worker starts: ask for the runs that were made with something else; answers how many.

    Closed ones only where pages need more of their people than was kept when they were evaluated.
    """
    found: list[tuple[RunRow, str, dict[str, Any]]] = []
    with sessions.read() as session:
        for tenant in tenants.all_tenants(session):
            known = recomputations.made_with(session, tenant.id)
            for run in runs.all_open(session, tenant.id):
                found += _differs(session, registry, run, known.get(run.id))
            for run_id, made in recomputations.made_with(session, tenant.id, closed=True).items():
                closed = runs.get_run(session, tenant.id, run_id) if keeps_less(made) else None
                found += _differs(session, registry, closed, made) if closed is not None else []
    if found:
        with sessions.write() as session:
            for run, reason, made in found:
                ask(session, run.tenant_id, run_id=run.id, reason=reason, by=BY_ITSELF, now=now)
                recomputations.put_made_with(session, run.tenant_id, run.id, made)
    return len(found)


def _differs(
    session: Session, registry: Registry, run: RunRow, known: Mapping[str, Any] | None
) -> list[tuple[RunRow, str, dict[str, Any]]]:
    try:
        made = made_of(session, registry, run)
    except Exception:  # a journey that cannot be read must not keep the worker from starting
        log.exception("what run %s is made with cannot be told", run.id)
        return []
    if known is not None:
        found = changes(known, made)
        return [(run, " ".join(found), made)] if found else []
    if not results.any_of(session, run.tenant_id, run.id):
        return []
    return [(run, "It is not known what its results were made with.", made)]


@dataclass(frozen=True)
class Outlook:
    """All recomputations of a tenant under way: `done` of `total` people in `runs` runs, since when, how long still.

    `left` None: nothing can be said yet. `waiting`: runs that have not begun, whose people are not counted.
    """

    runs: int
    waiting: int
    done: int
    total: int
    since: datetime | None
    left: timedelta | None


def outlook(found: list[Progress], now: datetime) -> Outlook:
    """How far all of it has come."""
    begun = [one for one in found if one.row.began is not None]
    total = sum(one.row.total for one in begun)
    done = total - sum(one.left for one in begun)
    since = min((one.row.asked for one in found if one.row.asked is not None), default=None)
    began = min((one.row.began for one in begun if one.row.began is not None), default=None)
    return Outlook(len(found), len(found) - len(begun), done, total, since, how_long(done, total, began, now))


def how_long(done: int, total: int, began: datetime | None, now: datetime) -> timedelta | None:
    """At the pace so far; None where there is none yet."""
    if began is None or done <= 0 or now <= began:
        return None
    return (now - began) / done * max(0, total - done)
