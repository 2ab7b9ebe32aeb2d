"""All tables in one metadata: importing this module imports every noun that has one."""

from __future__ import annotations

from lrs_bridge.store import (
    admins,
    cursors,
    deep_linking,
    enrolments,
    events,
    facts,
    gradebook_pauses,
    journeys,
    keys,
    logins,
    lrs_keys,
    notes,
    outbox,
    people,
    platforms,
    plugin_settings,
    results,
    rosters,
    runs,
    scores,
    sessions,
    statements,
    tenants,
)
from lrs_bridge.store.base import Base

NOUNS = (
    admins,
    cursors,
    deep_linking,
    enrolments,
    events,
    facts,
    gradebook_pauses,
    journeys,
    keys,
    logins,
    lrs_keys,
    notes,
    outbox,
    people,
    platforms,
    plugin_settings,
    results,
    rosters,
    runs,
    scores,
    sessions,
    statements,
    tenants,
)
METADATA = Base.metadata
