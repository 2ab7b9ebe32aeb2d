"""Into the record: what is new is appended whole, what is there already is compared, what differs is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import orjson
from sqlalchemy.orm import Session

from lrs_bridge.lrs.comparison import same_statement
from lrs_bridge.lrs.definitions import merge
from lrs_bridge.lrs.problems import Conflict
from lrs_bridge.store import activities, attachments
from lrs_bridge.store import statements as table
from lrs_bridge.store.engine import Sessions

Clock = Callable[[], datetime]


class Data(Protocol):
    """The data of attachments that came along, by hash."""

    def __contains__(self, sha2: str) -> bool: ...

    def read(self, sha2: str) -> Iterable[bytes]: ...


def write(
    sessions: Sessions, tenant_id: str, batch: Sequence[table.NewStatement], clock: Clock, data: Data | None = None
) -> datetime | None:
    """Append those that are not there yet, in one transaction; answers the last `stored`, None where all were there.

    The data of their attachments is kept with them. Raises Conflict and then writes none.
    """
    with suppress(table.AlreadyKept):
        return _last(_write_new(sessions, tenant_id, batch, clock, data))
    with sessions.write() as session:
        table.lock(session)
        kept = table.bodies(session, tenant_id, (new.id for new in batch))
        for new in batch:
            if _differs(new, kept):
                raise Conflict(new.id)
        places = _append(session, tenant_id, [new for new in batch if new.id not in kept], clock, data)
    return _last(places)


def write_each(
    sessions: Sessions, tenant_id: str, batch: Sequence[table.NewStatement], clock: Clock
) -> list[table.NewStatement]:
    """Append those that are not there yet, in one transaction; answers those that differ from what is kept."""
    with suppress(table.AlreadyKept):
        _write_new(sessions, tenant_id, batch, clock)
        return []
    with sessions.write() as session:
        table.lock(session)
        kept = table.bodies(session, tenant_id, (new.id for new in batch))
        fresh: dict[str, table.NewStatement] = {}
        differing = []
        for new in batch:
            if _differs(new, kept):
                differing.append(new)
            elif new.id not in kept:
                fresh[new.id] = new
                kept[new.id] = new.body
        _append(session, tenant_id, list(fresh.values()), clock)
    return differing


def _write_new(
    sessions: Sessions, tenant_id: str, batch: Sequence[table.NewStatement], clock: Clock, data: Data | None = None
) -> list[int]:
    """Nearly always all are new, and the index tells for nothing if one is not. Raises AlreadyKept."""
    with sessions.write() as session:
        table.lock(session)
        return _append(session, tenant_id, batch, clock, data)


def _append(
    session: Session, tenant_id: str, fresh: Sequence[table.NewStatement], clock: Clock, data: Data | None = None
) -> list[int]:
    began = clock()
    places = table.append(session, tenant_id, fresh, began)
    _define(session, tenant_id, fresh, began)
    _attach(session, tenant_id, fresh, data)
    table.check_duration(began, clock())
    return places


def _define(session: Session, tenant_id: str, fresh: Sequence[table.NewStatement], now: datetime) -> None:
    """Merge what the statements say about activities into what is known of them."""
    said = [pair for new in fresh for pair in new.definitions]
    known = activities.definitions(session, tenant_id, {id_ for id_, _ in said})
    changed: dict[str, Mapping[str, Any]] = {}
    for id_, definition in said:
        before = known.get(id_, {})
        if definition == before or definition.items() <= before.items():
            continue
        merged = merge(before, definition)
        if merged != before:
            changed[id_] = known[id_] = merged
    activities.define(session, tenant_id, changed, now)


def _attach(session: Session, tenant_id: str, fresh: Sequence[table.NewStatement], data: Data | None) -> None:
    for sha2 in dict.fromkeys(sha2 for new in fresh for sha2 in new.attached):
        if data is not None and sha2 in data:
            attachments.keep(session, tenant_id, sha2, attachments.in_pieces(data.read(sha2)))


def _differs(new: table.NewStatement, kept: Mapping[str, str]) -> bool:
    return new.id in kept and not same_statement(orjson.loads(new.body), orjson.loads(kept[new.id]))


def _last(places: Sequence[int]) -> datetime | None:
    return table.moment_of(places[-1]) if places else None
