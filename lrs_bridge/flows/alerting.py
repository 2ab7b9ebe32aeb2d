"""Alerts: what goes on for too long is told to whoever keeps the installation running, once, and that it is over.

Told at least once: a stop between telling and noting it tells it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lrs_bridge.domain.alerting import Limits, Notice, Trouble
from lrs_bridge.domain.delivery import Refused, Unavailable
from lrs_bridge.domain.mailing import Unsure
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.flows.administer import state_of
from lrs_bridge.flows.ports import AlertChannel
from lrs_bridge.store import alerts, tenants
from lrs_bridge.store.alerts import AlertRow
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.tenants import Tenant

log = logging.getLogger("lrs_bridge.alerts")

LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Alerting:
    """`channels` by name; without any, nothing is told. `always`: what is wrong whatever the database says."""

    sessions: Sessions
    channels: Mapping[str, AlertChannel]
    limits: Limits
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    always: Sequence[Trouble] = ()


def alert_due(alerting: Alerting) -> int:
    """Look at every tenant, and tell what began or is over; answers how much was told."""
    if not alerting.channels:
        return 0
    with alerting.sessions.read() as session:
        found = tenants.all_tenants(session)
    return sum(_alert(alerting, tenant) for tenant in found)


def _alert(alerting: Alerting, tenant: Tenant) -> int:
    now = alerting.clock()
    with alerting.sessions.read() as session:
        troubles = state_of(session, tenant.id, now).troubles(alerting.limits)
    if tenant.name == tenants.MAIN:
        troubles = [*troubles, *alerting.always]
    with alerting.sessions.write() as session:
        alerts.note(session, tenant.id, troubles, list(alerting.channels), now)
        claimed = alerts.claim(session, tenant.id, now, LEASE)
    return sum(_tell(alerting, tenant, row) for row in claimed)


def _tell(alerting: Alerting, tenant: Tenant, row: AlertRow) -> int:
    """What could not be told is tried again after half a minute, later after an hour at the most."""
    notice = Notice(tenant.name, row.key, row.text, row.began, row.ended)
    reason = trouble_with(alerting.channels[row.channel], notice)
    now = alerting.clock()
    with alerting.sessions.write() as session:
        if reason is None:
            alerts.told(session, row, now)
            return 1
        log.error("an alert could not be told by %s: %s", row.channel, reason)
        wait = next_attempt(now, row.attempts + 5, alerting.chance())
        alerts.postpone(session, row, reason, wait)
    return 0


def trouble_with(channel: AlertChannel, notice: Notice) -> str | None:
    """Tell it; why that did not work, or None. What may have arrived counts as told."""
    try:
        channel.tell(notice)
    except (Unavailable, Refused) as problem:
        return problem.reason
    except Unsure:
        return None
    return None


def trial(tenant: str, now: datetime) -> Notice:
    """What is told to try a channel."""
    return Notice(tenant, "test", "This is a test: nothing is wrong.", now)
