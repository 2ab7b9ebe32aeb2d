"""Switching and setting listeners of a tenant: once, with a line in the log of who did it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lrs_bridge.domain.listeners import Listener
from lrs_bridge.flows import tell
from lrs_bridge.store import listener_changes, listeners, tenants
from lrs_bridge.store.listener_changes import Did, ListenerChange
from lrs_bridge.store.listeners import ListenerRow
from lrs_bridge.store.plugin_changes import Who
from lrs_bridge.store.sealed import Seal, SealBrokenError

COMMAND_LINE = Who("Command line", "")


class Meanwhile(Exception):
    """Others changed this listener since the form was drawn; `changes` says what, oldest first."""

    def __init__(self, changes: Sequence[ListenerChange]) -> None:
        super().__init__(f"changed meanwhile: {len(changes)}")
        self.changes = changes


def given_of(seal: Seal, row: ListenerRow | None) -> dict[str, Any]:
    """The settings as they were given; nothing where it is off, or where another key sealed them."""
    if row is None:
        return {}
    try:
        return dict(json.loads(seal.open(row.sealed)))
    except SealBrokenError:
        return {}


def switch_on(
    session: Session,
    seal: Seal,
    tenant_id: str,
    listener: Listener,
    settings: Mapping[str, Any],
    *,
    act: str,
    who: Who,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Have it called from now on, or change its settings; what waits for it is told at once.

    `seen` is the number of its last change when the form was drawn, None where there was no form. The same `act` a
    second time changes nothing. Raises Meanwhile, SettingsError.
    """
    if not _is_new(session, tenant_id, listener.key, act, seen):
        return
    row = listeners.find(session, tenant_id, listener.key)
    before = given_of(seal, row)
    changed = sorted(name for name in {*before, *settings} if before.get(name) != settings.get(name))
    tell.switch_on(session, seal, tenant_id, listener, settings, now)
    did = Did.ON if row is None else Did.SET
    listener_changes.note(session, tenant_id, act, who, listener.key, did, changed, now)


def switch_off(
    session: Session, tenant_id: str, key: str, *, act: str, who: Who, now: datetime, seen: int | None = None
) -> bool:
    """Stop calling it, and forget its settings and what it was not told; False where it was off. Raises Meanwhile."""
    if not _is_new(session, tenant_id, key, act, seen):
        return True
    known = listeners.remove(session, tenant_id, key)
    if known:
        listener_changes.note(session, tenant_id, act, who, key, Did.OFF, (), now)
    return known


def _is_new(session: Session, tenant_id: str, key: str, act: str, seen: int | None) -> bool:
    tenants.lock(session, tenant_id)  # so that of two at once one sees the other's
    if listener_changes.made_by(session, tenant_id, act):
        return False
    meanwhile = listener_changes.since(session, tenant_id, key, seen) if seen is not None else []
    if meanwhile:
        raise Meanwhile(meanwhile)
    return True
