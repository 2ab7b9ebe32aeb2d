"""From the outbox into the record store: leased, sent without a transaction, settled; the same ids again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lrs_bridge.domain.delivery import Delivered, Refused, Unavailable
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.flows.ports import RecordStore
from lrs_bridge.store import outbox
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.outbox import OutboxStatement

log = logging.getLogger("lrs_bridge.deliver")

LEASE = timedelta(minutes=2)
BATCH = 100


@dataclass(frozen=True)
class Delivery:
    """What one round did: `claimed` = `arrived` + `postponed` + `dead`."""

    claimed: int = 0
    arrived: int = 0
    postponed: int = 0
    dead: int = 0


def deliver(
    sessions: Sessions, store: RecordStore, tenant_id: str, now: datetime, chance: float, limit: int = BATCH
) -> Delivery:
    """Deliver what is due. A stop at any line leaves leases that run out; then the same ids are sent again."""
    with sessions.write() as session:
        rows = outbox.claim(session, tenant_id, now, limit, LEASE)
    if not rows:
        return Delivery()
    try:
        answers = store.write([row.body for row in rows if row.body is not None])
    except (Unavailable, Refused) as problem:
        _postpone(sessions, rows, problem, now, chance)
        return Delivery(claimed=len(rows), postponed=len(rows))
    return _settle(sessions, answers, now)


def _postpone(
    sessions: Sessions, rows: Sequence[OutboxStatement], problem: Unavailable | Refused, now: datetime, chance: float
) -> None:
    """A store that refuses us altogether (a wrong key) may let us in later: the statements are good."""
    attempts = max(row.attempts for row in rows)
    at = next_attempt(now, attempts, chance, getattr(problem, "retry_after", None))
    with sessions.write() as session:
        outbox.postpone(session, [row.statement_id for row in rows], problem.reason, at)
    log.warning("%d statements wait: %s; next attempt at %s", len(rows), problem.reason, at.isoformat())


def _settle(sessions: Sessions, answers: Sequence[Delivered], now: datetime) -> Delivery:
    arrived = [answer.statement_id for answer in answers if answer.reason is None]
    dead = [answer for answer in answers if answer.reason is not None]
    with sessions.write() as session:
        outbox.delivered(session, arrived, now)
        for answer in dead:
            outbox.bury(session, answer.statement_id, answer.reason or "")
            log.error("statement %s was given up: %s", answer.statement_id, answer.reason)
    return Delivery(claimed=len(answers), arrived=len(arrived), dead=len(dead))
