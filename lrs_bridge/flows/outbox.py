"""The outbox in people's hands: sent again at their word, set aside, and handed out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.store import outbox, record_pauses
from lrs_bridge.store.outbox import OutboxState, OutboxStatement
from lrs_bridge.xapi.content import holds_content

log = logging.getLogger("lrs_bridge.deliver")


def replay_now(session: Session, tenant_id: str, now: datetime, statement_ids: Sequence[str] | None = None) -> int:
    """Have these (or all) sent again; answers how many. Whoever says so holds the store for worth asking."""
    done = outbox.replay(session, tenant_id, now, statement_ids)
    if done:
        record_pauses.end(session, tenant_id)
    return done


def set_aside(session: Session, tenant_id: str, statement_ids: Sequence[str], by: str, why: str, now: datetime) -> int:
    """Have these dead letters left for good, or until they are sent again; answers how many. Raises ValueError without
    a reason."""
    why = " ".join(why.split())
    if not why:
        raise ValueError("Say why it is set aside.")
    done = outbox.set_aside(session, tenant_id, statement_ids, by, why, now)
    if done:
        log.warning("%s set aside %d statements of tenant %s: %s", by, done, tenant_id, ", ".join(statement_ids))
    return done


def as_dict(row: OutboxStatement, content: bool = True) -> dict[str, Any]:
    """A statement that has not arrived, as it is exported; `next_at` is null where nobody will try by themselves.

    `set_aside`: by whom, why and when, or null. Without `content`, statements with answers, ratings, assessments or
    routes are left out, and null stands there.
    """
    waits = row.state == OutboxState.WAITING
    return {
        "id": row.statement_id,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "created": row.created.isoformat(),
        "next_at": row.next_at.isoformat() if waits else None,
        "set_aside": _aside(row),
        "statement": row.body if content or (row.body and not holds_content(row.body)) else None,
    }


def _aside(row: OutboxStatement) -> dict[str, Any] | None:
    if row.state != OutboxState.ASIDE or row.aside_at is None:
        return None
    return {"by": row.aside_by, "why": row.aside_for, "at": row.aside_at.isoformat()}
