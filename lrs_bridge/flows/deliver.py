"""From the outbox into the record store: leased, sent without a transaction, settled; the same ids again.

None of the transactions here waits for the disk: what a power cut takes back is a lease, or the news of a delivery,
and then the same ids are sent once more, which changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lrs_bridge.domain.delivery import Delivered, Refused, Unavailable
from lrs_bridge.domain.retry import next_attempt
from lrs_bridge.flows.news import note_statements
from lrs_bridge.flows.ports import RecordStore
from lrs_bridge.store import outbox, record_pauses
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.outbox import Claimed

log = logging.getLogger("lrs_bridge.deliver")

LEASE = timedelta(minutes=2)
BATCH = 500
BATCHES_AT_ONCE = 40
LONGEST_PAUSE = 300.0
"""Seconds. A store that is back is found soon after, since every statement waits for that."""

_HALVINGS = BATCH.bit_length()
_OUR_FAULT = "Something went wrong on our side; the log says what."


@dataclass(frozen=True)
class Delivery:
    """What was done: `claimed` = `arrived` + `postponed` + `dead`."""

    claimed: int = 0
    arrived: int = 0
    postponed: int = 0
    dead: int = 0

    def __add__(self, other: Delivery) -> Delivery:
        return Delivery(
            self.claimed + other.claimed,
            self.arrived + other.arrived,
            self.postponed + other.postponed,
            self.dead + other.dead,
        )


def deliver_due(
    sessions: Sessions,
    store: RecordStore,
    tenant_id: str,
    clock: Callable[[], datetime],
    chance: Callable[[], float],
) -> Delivery:
    """Deliver batch after batch while there are any, so many at the most: others want their turn."""
    done = Delivery()
    for _ in range(BATCHES_AT_ONCE):
        one = deliver(sessions, store, tenant_id, clock(), chance())
        done += one
        if not one.arrived and not one.dead:
            break
    return done


def deliver(
    sessions: Sessions, store: RecordStore, tenant_id: str, now: datetime, chance: float, limit: int = BATCH
) -> Delivery:
    """Deliver one batch of what is due. A stop at any line leaves leases that run out; then the same ids are sent
    again. A store that was found down is left alone until its pause is over, and then gets little at first."""
    with sessions.jot() as session:
        rows = _claim(session, tenant_id, now, limit)
    if not rows:
        return Delivery()
    answers = _ask(store, rows)
    with sessions.jot() as session:
        return _settle(session, tenant_id, rows, answers, now, chance)


def _claim(session: Session, tenant_id: str, now: datetime, limit: int) -> list[Claimed]:
    paused = record_pauses.pause_of(session, tenant_id)
    if paused is not None and paused.until > now:
        return []
    failures = 0 if paused is None else min(paused.failures, _HALVINGS)
    return outbox.claim(session, tenant_id, now, max(1, limit >> failures), LEASE)


def _ask(store: RecordStore, rows: Sequence[Claimed]) -> Sequence[Delivered]:
    """A store that refuses us altogether (a wrong key) may let us in later: the statements are good."""
    try:
        return store.write([row.body for row in rows])
    except Unavailable as problem:
        unavailable = problem
    except Refused as problem:
        unavailable = Unavailable(problem.reason)
    except Exception:
        log.exception("delivering %d statements failed", len(rows))
        unavailable = Unavailable(_OUR_FAULT)
    return [Delivered(row.statement_id, later=unavailable) for row in rows]


def _settle(
    session: Session,
    tenant_id: str,
    rows: Sequence[Claimed],
    answers: Sequence[Delivered],
    now: datetime,
    chance: float,
) -> Delivery:
    attempts = {row.statement_id: row.attempts for row in rows}
    bodies = {row.statement_id: row.body for row in rows}
    arrived = [answer.statement_id for answer in answers if answer.arrived]
    dead = [answer for answer in answers if answer.reason is not None]
    down = _down(answers)
    outbox.delivered(session, arrived, now)
    note_statements(session, tenant_id, [bodies[id_] for id_ in arrived], now)
    for answer in dead:
        outbox.bury(session, answer.statement_id, answer.reason or "")
        log.error("statement %s was given up: %s", answer.statement_id, answer.reason)
    if down is not None:
        until = _pause(session, tenant_id, down, now, chance)
        waiting = [answer.statement_id for answer in answers if answer.later and not answer.later.alone]
        outbox.postpone(session, waiting, down.reason, until)
        log.warning("%d statements wait: %s; next attempt at %s", len(waiting), down.reason, until.isoformat())
    elif arrived or dead:
        record_pauses.ease(session, tenant_id, _HALVINGS)
    for answer in answers:
        if answer.later and answer.later.alone:
            _postpone(session, answer.statement_id, answer.later, attempts[answer.statement_id], now, chance)
    return Delivery(len(answers), len(arrived), len(answers) - len(arrived) - len(dead), len(dead))


def _down(answers: Sequence[Delivered]) -> Unavailable | None:
    """What is in the way of everything, if there is such a thing."""
    return next((answer.later for answer in answers if answer.later and not answer.later.alone), None)


def _pause(session: Session, tenant_id: str, problem: Unavailable, now: datetime, chance: float) -> datetime:
    known = record_pauses.pause_of(session, tenant_id)
    failures = known.failures if known else 0
    until = next_attempt(now, failures, chance, problem.retry_after, LONGEST_PAUSE)
    record_pauses.pause(session, tenant_id, problem.reason, now, until)
    return until


def _postpone(
    session: Session, statement_id: str, problem: Unavailable, attempts: int, now: datetime, chance: float
) -> None:
    """One that the store stumbles over waits by itself, the longer the more often."""
    at = next_attempt(now, attempts, chance, problem.retry_after)
    outbox.postpone(session, [statement_id], problem.reason, at)
    log.warning("statement %s waits: %s; next attempt at %s", statement_id, problem.reason, at.isoformat())
