"""The outbox in people's hands: sent again at their word, and handed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.store import outbox, record_pauses
from lrs_bridge.store.outbox import OutboxState, OutboxStatement
from lrs_bridge.xapi.content import holds_content


def replay_now(session: Session, tenant_id: str, now: datetime, statement_ids: Sequence[str] | None = None) -> int:
    """Have these (or all) sent again; answers how many. Whoever says so holds the store for worth asking."""
    done = outbox.replay(session, tenant_id, now, statement_ids)
    if done:
        record_pauses.end(session, tenant_id)
    return done


def as_dict(row: OutboxStatement, content: bool = True) -> dict[str, Any]:
    """A statement that has not arrived, as it is exported; `next_at` is null where nobody will try by themselves.

    Without `content`, statements with answers, ratings, assessments or routes are left out, and null stands there.
    """
    waits = row.state == OutboxState.WAITING
    return {
        "id": row.statement_id,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "created": row.created.isoformat(),
        "next_at": row.next_at.isoformat() if waits else None,
        "statement": row.body if content or (row.body and not holds_content(row.body)) else None,
    }
