"""Statements that could not be read, once more: after an update, or when an admin says so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.flows.receive import Check, take_apart
from lrs_bridge.flows.taking_in import read_page, take_page
from lrs_bridge.store import cursors, ingest_keys, unreadable
from lrs_bridge.store.engine import Sessions
from lrs_bridge.store.faults import is_about_content
from lrs_bridge.store.ingest_keys import IngestKey
from lrs_bridge.store.tenants import Tenant
from lrs_bridge.store.unreadable import UnreadableStatement

log = logging.getLogger("lrs_bridge.ingest")

_AT_ONCE = 100


@dataclass(frozen=True)
class ReadAgain:
    """How many of the list could be read, and how many are left on it."""

    read: int = 0
    left: int = 0

    def __add__(self, other: ReadAgain) -> ReadAgain:
        return ReadAgain(self.read + other.read, self.left + other.left)


def read_again(
    sessions: Sessions, tenant: Tenant, check: Check, now: datetime, failed_before: bool = False
) -> ReadAgain:
    """Try all of the list, a part in each transaction; a stop in between leaves the rest on it.

    `failed_before`: only what an earlier version of this tool could not read.
    """
    done, last = ReadAgain(), ""
    while True:
        with sessions.write() as session:
            cursors.lock(session, tenant.id)
            rows = unreadable.after(session, tenant.id, last, _AT_ONCE, failed_before)
            for row in rows:
                done += _try(session, tenant, row, check, now)
        if not rows:
            break
        last = rows[-1].id
    if done.read:
        log.info("ingest: %d statements that could not be read before were read, %d are left", done.read, done.left)
    return done


def _try(session: Session, tenant: Tenant, row: UnreadableStatement, check: Check, now: datetime) -> ReadAgain:
    """One by one, by the door it came in: from a store, or from a forwarder."""
    key = _key(session, tenant, row)
    wrong: Sequence[tuple[Any, str]]
    if key is not None:
        wrong = take_apart(session, tenant, key, row.body, check, now).wrong
    else:
        wrong = _read(session, tenant, row, now)
    if wrong:
        unreadable.still(row, wrong[0][1])
        return ReadAgain(left=1)
    unreadable.forget(session, tenant.id, [row.id])
    return ReadAgain(read=1)


def _read(session: Session, tenant: Tenant, row: UnreadableStatement, now: datetime) -> Sequence[tuple[Any, str]]:
    page = read_page([row.body], tenant.iri_base)
    try:
        with session.begin_nested():
            take_page(session, tenant, row.source, page, now, lambda _: True)
    except Exception as problem:
        if not is_about_content(problem):
            raise
        return [(row.body, f"could not be kept: {type(problem).__name__}")]
    return page.wrong


def _key(session: Session, tenant: Tenant, row: UnreadableStatement) -> IngestKey | None:
    known = {key.source: key for key in ingest_keys.keys_of(session, tenant.id)}
    return known.get(row.source)
