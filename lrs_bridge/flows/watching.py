"""What came in, for whoever watches: each place it comes from, how far that is, and who is not known here yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.flows.taking_in import wanted_here
from lrs_bridge.store import arrivals, cursors, facts, ingest_keys, people
from lrs_bridge.store.arrivals import Arrived
from lrs_bridge.store.cursors import Cursor, Lap
from lrs_bridge.store.ingest_keys import IngestKey

WEEK = timedelta(days=6)
"""Before today: seven days with it."""


@dataclass(frozen=True)
class Reading:
    """One record store. `again`: a lap through everything is under way."""

    name: str
    cursor: Cursor
    again: bool
    week: Arrived


@dataclass(frozen=True)
class Forwarding:
    """One forwarder."""

    key: IngestKey
    week: Arrived


@dataclass(frozen=True)
class Stranger:
    """Somebody of whom statements wait that complete a step: `actor` as another system calls them."""

    actor: str
    times: int
    latest: datetime


@dataclass(frozen=True)
class Sort:
    """A verb with an activity that came in and did not count. `wanted`: a journey looks for it, but what came names a
    registration that is nobody's here."""

    verb: str
    activity: str
    times: int
    latest: datetime
    wanted: bool


def readings(session: Session, tenant_id: str, now: datetime) -> list[Reading]:
    """The record stores that are read."""
    week = arrivals.counts_since(session, tenant_id, (now - WEEK).date())
    laps = cursors.cursors_of(session, tenant_id)
    again = {row.source for row in laps if row.lap == Lap.AGAIN and row.next_at is not None and row.next_at <= now}
    again |= {row.source for row in laps if row.lap == Lap.AGAIN and row.more is not None}
    return [
        Reading(row.source, row, row.source in again, week.get(row.source, Arrived()))
        for row in laps
        if row.lap == Lap.NEW
    ]


def forwarders(session: Session, tenant_id: str, now: datetime) -> list[Forwarding]:
    """The keys, those that are revoked last."""
    week = arrivals.counts_since(session, tenant_id, (now - WEEK).date())
    found = [Forwarding(key, week.get(key.source, Arrived())) for key in ingest_keys.keys_of(session, tenant_id)]
    return sorted(found, key=lambda one: one.key.revoked is not None)


def strangers(session: Session, tenant_id: str, limit: int = 50) -> Sequence[Stranger]:
    """The latest of those whose statements would count, if anybody here bore their name."""
    waiting = facts.unclaimed(session, tenant_id)
    times = Counter(fact.actor for fact in waiting)
    latest = {fact.actor: fact.at for fact in reversed(waiting)}
    known = people.people_by_agent(session, tenant_id, latest)
    return [Stranger(actor, times[actor], latest[actor]) for actor in times if actor not in known][:limit]


def passed_over(session: Session, tenant_id: str) -> list[Sort]:
    """The latest sorts of statements that did not count."""
    wanted = wanted_here(session, tenant_id)
    return [
        Sort(row.verb, row.activity, row.times, row.latest, (row.verb, row.activity) in wanted)
        for row in arrivals.passed_over(session, tenant_id)
    ]
