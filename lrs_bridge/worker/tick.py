"""One round of background work: what is due is delivered, taken in, evaluated and sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from lrs_bridge.flows import recompute, standing
from lrs_bridge.flows.administer import state_of
from lrs_bridge.flows.anonymously import close_boxes
from lrs_bridge.flows.deliver import deliver_due
from lrs_bridge.flows.evaluate import evaluate_due
from lrs_bridge.flows.ingest import Source, ingest
from lrs_bridge.flows.publishing import publish_ended
from lrs_bridge.flows.read_again import read_again
from lrs_bridge.flows.retaining import is_new_day, retain_due
from lrs_bridge.flows.roster import sync_due
from lrs_bridge.flows.send import send_due
from lrs_bridge.flows.taking_in import claim
from lrs_bridge.flows.tell import look_after, tell_due
from lrs_bridge.lrs.forwarding import why_refused
from lrs_bridge.store import arrivals, cursors, logins, tenants
from lrs_bridge.store import sessions as visits
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.wiring import Bridge

log = logging.getLogger("lrs_bridge.worker")

SWEEP_EVERY = timedelta(minutes=10)


def tick(
    bridge: Bridge,
    send: Callable[[], int] | None = None,
    sync: Callable[[], int] | None = None,
    deliver: Callable[[], int] | None = None,
    tell: Callable[[], int] | None = None,
    read: Callable[[], int] | None = None,
) -> int:
    """Do what is due once; answers how much was done, 0 when there was nothing.

    `send` sees to scores that are due, `sync` to rosters, `deliver` to statements, `tell` to listeners,
    `read` to what comes in; without them it is done here, and waited for.

    The parts do not depend on one another here: each finds its own work in the database, so one that fails
    (an LRS down, a broken plugin) leaves the others running.
    """
    with bridge.sessions.read() as session:
        found = tenants.all_tenants(session)
    done = _guarded("deliver", deliver) if deliver else sum(_deliver(bridge, tenant) for tenant in found)
    done += _guarded("ingest", read) if read else sum(read_of(bridge, tenant) for tenant in found)
    done += _guarded("evaluate", lambda: _evaluate(bridge))
    done += _guarded("grade", send or (lambda: send_due(bridge.sending)))
    done += _guarded("roster", sync or (lambda: sync_due(bridge.sessions, bridge.roster, bridge.clock, bridge.chance)))
    done += _guarded("tell", tell or (lambda: tell_due(bridge.telling)))
    return done


def begin(bridge: Bridge) -> None:
    """When a worker starts: what another version, other settings or another journey made is computed again."""
    standing.look(bridge.sessions, bridge.registry, bridge.clock())
    recompute.look(bridge.sessions, bridge.registry, bridge.clock())


def _evaluate(bridge: Bridge) -> int:
    done = evaluate_due(bridge.sessions, bridge.registry, bridge.clock(), rule=bridge.rule)
    bridge.tally.count("evaluated", number=done)
    return done


def _deliver(bridge: Bridge, tenant: Tenant) -> int:
    store = bridge.record_store(tenant.id)
    work = partial(deliver_due, bridge.sessions, store, tenant.id, bridge.clock, bridge.chance)
    return _guarded("deliver", lambda: work().claimed)


def read_of(bridge: Bridge, tenant: Tenant) -> int:
    """Take in what is new for one tenant, a page of each of its sources; answers how much it was."""
    return sum(_read(bridge, tenant, source) for source in bridge.sources(tenant.id))


def _read(bridge: Bridge, tenant: Tenant, source: Source) -> int:
    def read() -> int:
        done = ingest(bridge.sessions, tenant, source, bridge.clock, bridge.chance())
        return done.arrived.taken + done.goes_on

    return _guarded("ingest", read)


def sweep(bridge: Bridge) -> None:
    """Forget what is over: visits, logins, stores that are read no more. Try again what an update may have mended.

    Let out the last answers of anonymous surveys that are closed; once a day let out totals that have waited, and
    forget what has been kept for long enough. Say in the log what has waited for too long.
    """
    with bridge.sessions.write() as session:
        visits.sweep(session, bridge.clock())
        logins.sweep(session, bridge.clock())
        look_after(session, bridge.registry, bridge.clock())
        found = tenants.all_tenants(session)
    _guarded("answers", lambda: close_boxes(bridge.sessions, bridge.clock()))
    for tenant in found:
        _look_after(bridge, tenant)
        if is_new_day(bridge.sessions, tenant.id, bridge.clock()):
            _guarded("publishing", partial(publish_ended, bridge.sessions, tenant.id, bridge.clock()))
        _guarded("retention", partial(retain_due, bridge.sessions, tenant.id, bridge.terms, bridge.clock()))
    with bridge.sessions.read() as session:
        for tenant in found:
            for alarm in state_of(session, tenant.id, bridge.clock()).alarms():
                log.error("%s: %s", tenant.name, alarm)


def _look_after(bridge: Bridge, tenant: Tenant) -> None:
    """Forget stores that are read no more, find people who have come since, read what this version can read."""
    sources = [source.name for source in bridge.sources(tenant.id)]
    with bridge.sessions.write() as session:
        arrivals.sweep(session, tenant.id)
        cursors.forget_others(session, tenant.id, sources)
        claim(session, tenant.id, bridge.clock())
    read_again(bridge.sessions, tenant, why_refused, bridge.clock(), failed_before=True)


def _guarded(name: str, work: Callable[[], int]) -> int:
    try:
        return work()
    except Exception:  # the loop must outlive whatever happens in a round
        log.exception("%s failed, the next round tries again", name)
        return 0
